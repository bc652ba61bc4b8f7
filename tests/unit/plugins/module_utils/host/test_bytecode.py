# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import pathlib
import platform
import struct
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.host import bytecode
from ansible_collections.netdevops.python.plugins.module_utils.host.bytecode import compile_all
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import BYTECODE, FILE, Installed
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

TAG = str(sys.implementation.cache_tag)
SITE = f"lib/python3.{sys.version_info[1]}/site-packages"
SELF = Interpreter(
    sys.executable,
    platform.python_version(),
    "cpython",
    parse_target("cp311-manylinux_2_17_x86_64"),
    sys.prefix,
    sys.base_prefix,
    TAG,
    {},
)


def made(root: pathlib.Path, files: dict[str, bytes], mode: int = 0o755) -> Tree:
    tree = Tree(str(root), f"lib/python3.{sys.version_info[1]}", mode)
    for path, data in files.items():
        tree.write(path, data, "0" * 64, "a" * 64)
    return tree


def compiled(tree: Tree) -> list[str]:
    return sorted(path for path, file in tree.files.items() if file.kind == BYTECODE)


def test_what_is_compiled_is_what_a_fresh_compile_gives(tmp_path: pathlib.Path) -> None:
    source = b'"""doc"""\nimport os\ndef f(x: int = 1) -> "str":\n    assert x, "kept"\n    return f"{x!r}"\n'
    tree = made(tmp_path, {f"{SITE}/spam/a.py": source})
    compile_all(run_process, SELF, tree)
    cache = f"{SITE}/spam/__pycache__/a.{TAG}.pyc"
    data = (tmp_path / cache).read_bytes()
    found = os.stat(tmp_path / SITE / "spam" / "a.py")
    assert data[:4] == importlib.util.MAGIC_NUMBER
    assert struct.unpack("<III", data[4:16]) == (0, int(found.st_mtime), len(source))
    assert marshal.loads(data[16:]) == compile(source, f"{SITE}/spam/a.py", "exec", dont_inherit=True, optimize=0)
    assert tree.files[cache] == Installed(cache, BYTECODE, 0o644, len(data), hashlib.sha256(data).hexdigest(), "a" * 64)


def test_python_takes_it_and_writes_none_of_its_own(tmp_path: pathlib.Path) -> None:
    tree = made(tmp_path, {f"{SITE}/spam.py": b"def f():\n    raise KeyError\n"})
    compile_all(run_process, SELF, tree)
    cache = tmp_path / SITE / "__pycache__" / f"spam.{TAG}.pyc"
    before = cache.stat()
    script = f"import sys; sys.path.insert(0, {str(tmp_path / SITE)!r}); import spam; print(spam.__cached__); spam.f()"
    done = run_process([sys.executable, "-I", "-c", script], env={})
    assert done.stdout.strip() == str(cache)
    assert str(tmp_path / SITE / "spam.py") in done.stderr  # A traceback names the real place.
    assert (cache.stat().st_mtime_ns, cache.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_only_installed_modules_are_compiled(tmp_path: pathlib.Path) -> None:
    files = {
        f"{SITE}/spam/a.py": b"",
        f"{SITE}/spam/data.txt": b"",
        f"{SITE}/spam/tests/test_a.py": b"",
        f"{SITE}/test/x.py": b"",
        f"{SITE}/tests.py": b"",
        "bin/tool.py": b"",
        "share/example.py": b"",
    }
    tree = made(tmp_path, files)
    compile_all(run_process, SELF, tree)
    assert compiled(tree) == sorted([f"{SITE}/__pycache__/tests.{TAG}.pyc", f"{SITE}/spam/__pycache__/a.{TAG}.pyc"])


def test_what_does_not_compile_is_left_alone(tmp_path: pathlib.Path) -> None:
    files = {
        f"{SITE}/{name}.py": data
        for name, data in {
            "good": b"",
            "py2": b"print 'x'",
            "nul": b"\0",
            "bytes": b"# \xff\n",
            "deep": b"-" * 50_000 + b"1",
        }.items()
    }
    tree = made(tmp_path, files)
    compile_all(run_process, SELF, tree)
    assert f"{SITE}/__pycache__/good.{TAG}.pyc" in compiled(tree)
    assert f"{SITE}/__pycache__/py2.{TAG}.pyc" not in compiled(tree)
    assert sorted(os.listdir(tmp_path / SITE / "__pycache__")) == [os.path.basename(path) for path in compiled(tree)]


def test_what_is_compiled_already_is_not_compiled_again(tmp_path: pathlib.Path) -> None:
    tree = made(tmp_path, {f"{SITE}/a.py": b"", f"{SITE}/__pycache__/a.{TAG}.pyc": b"shared"})

    def run(argv: Any, **options: Any) -> Completed:
        raise AssertionError("nothing to compile")

    compile_all(run, SELF, tree)
    assert (tmp_path / SITE / "__pycache__" / f"a.{TAG}.pyc").read_bytes() == b"shared"


@pytest.mark.parametrize(("mode", "file"), [(0o755, 0o644), (0o750, 0o640)])
def test_modes_are_declared(tmp_path: pathlib.Path, mode: int, file: int) -> None:
    tree = made(tmp_path, {f"{SITE}/a.py": b""}, mode)
    umask = os.umask(0o077)
    try:
        compile_all(run_process, SELF, tree)
    finally:
        os.umask(umask)
    cache = tmp_path / SITE / "__pycache__"
    assert os.stat(cache).st_mode & 0o777 == mode
    assert os.stat(cache / f"a.{TAG}.pyc").st_mode & 0o777 == file == tree.files[f"{SITE}/__pycache__/a.{TAG}.pyc"].mode


def test_many_files_are_shared_among_workers(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(5)))
    tree = made(tmp_path, {f"{SITE}/p{number}/m.py": b"x = 1\n" for number in range(83)})
    calls = []

    def run(argv: Any, **options: Any) -> Completed:
        calls.append(argv)
        return run_process(argv, **options)

    compile_all(run, SELF, tree)
    assert len(compiled(tree)) == 83
    assert calls[0][7] == "5" and calls[0][1:4] == ["-I", "-S", "-c"]


def test_the_same_source_gives_the_same_bytes_in_any_release(tmp_path: pathlib.Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        tree = made(tmp_path / name, {f"{SITE}/a.py": b"def f(): pass\n"})
        os.utime(tmp_path / name / SITE / "a.py", (1_700_000_000, 1_700_000_000))
        compile_all(run_process, SELF, tree)
        found.append((tmp_path / name / SITE / "__pycache__" / f"a.{TAG}.pyc").read_bytes())
    assert found[0] == found[1]


def test_a_failure_of_the_compiler_is_told(tmp_path: pathlib.Path) -> None:
    tree = made(tmp_path, {f"{SITE}/a.py": b""})
    (tmp_path / SITE / "__pycache__").write_text("in the way")
    with pytest.raises(Refused, match=r"its bytecode could not be compiled: .*Not a directory"):
        compile_all(run_process, SELF, tree)


def test_a_link_that_waits_for_the_bytecode_is_not_followed(tmp_path: pathlib.Path) -> None:
    tree = made(tmp_path, {f"{SITE}/a.py": b""})
    (tmp_path / SITE / "__pycache__").mkdir()
    (tmp_path / SITE / "__pycache__" / f"a.{TAG}.pyc").symlink_to(tmp_path / "victim")
    with pytest.raises(Refused, match="File exists"):
        compile_all(run_process, SELF, tree)
    assert not (tmp_path / "victim").exists()


def test_names_with_odd_separators_are_registered(tmp_path: pathlib.Path) -> None:
    name = f"{SITE}/odd\u2028\x85name.py"
    tree = made(tmp_path, {name: b""})
    compile_all(run_process, SELF, tree)
    assert len(compiled(tree)) == 1 and tree.files[compiled(tree)[0]].kind != FILE


def test_there_is_a_limit_in_time(tmp_path: pathlib.Path) -> None:
    def run(argv: Any, **options: Any) -> Completed:
        assert options["timeout"] == bytecode.COMPILE_SECONDS
        return Completed(tuple(argv), 0, "", "")

    compile_all(run, SELF, made(tmp_path, {f"{SITE}/a.py": b""}))
