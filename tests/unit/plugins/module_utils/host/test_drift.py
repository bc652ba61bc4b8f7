# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import sys
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import comparison
from ansible_collections.netdevops.python.plugins.module_utils.host.comparison import (
    LARGEST_FILE,
    LARGEST_INTERPRETER,
    digest_bounded,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Verdict, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.index import read_index, write_index
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import read_digest, walk
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, Host

MODULE = f"{SITE}/spam/__init__.py"
CACHE = f"{SITE}/spam/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
FILES = {"spam/__init__.py": b"VERSION = 1\n", "spam/data.txt": b"data\n", "{data}/scripts/tool": b"#!python\n"}


@pytest.fixture
def spam(host: Host) -> Host:
    """A host with one release of one package."""
    host.seal(host.wheel(files=FILES))
    host.converge(compile=True)
    return host


def look(host: Host, verify: str = "stat") -> Verdict:
    receipt = read_receipt(str(host.release))
    assert receipt
    return examine(str(host.release), receipt, verify)


def drift(host: Host, verify: str = "stat") -> list[tuple[str, str]]:
    return sorted((item.what, item.path) for item in look(host, verify).drift)


def edit_and_put_times_back(path: pathlib.Path) -> None:
    """Change one byte, as somebody would who wants nobody to see it: size and mtime are what they were."""
    before = path.stat()
    data = path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def replace_link(path: pathlib.Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def make_folder(path: pathlib.Path) -> None:
    path.unlink()
    path.mkdir()


def edit_json(path: pathlib.Path, **changes: Any) -> None:
    plain = json.loads(path.read_bytes())
    path.write_text(json.dumps({**plain, **changes}, sort_keys=True))


@pytest.mark.parametrize("verify", ["stat", "content", "receipt"])
def test_a_fresh_release_has_no_drift_and_no_stale_index(spam: Host, verify: str) -> None:
    assert look(spam, verify) == Verdict(())


KINDS: list[tuple[str, Callable[[pathlib.Path], Any], list[tuple[str, str]]]] = [
    ("edited", lambda r: (r / MODULE).write_text("evil"), [("edited", MODULE)]),
    ("edited, size and mtime as before", lambda r: edit_and_put_times_back(r / MODULE), [("edited", MODULE)]),
    ("script edited", lambda r: (r / "bin/tool").write_text("#!/bin/sh\n"), [("edited", "bin/tool")]),
    (
        "bytecode edited",
        lambda r: edit_and_put_times_back(r / CACHE),
        [("edited", CACHE)],
    ),
    ("deleted", lambda r: (r / MODULE).unlink(), [("deleted", MODULE)]),
    (
        "bytecode deleted",
        lambda r: (r / CACHE).unlink(),
        [("deleted", CACHE)],
    ),
    ("file added", lambda r: (r / SITE / "evil.pth").write_text("import evil"), [("added", f"{SITE}/evil.pth")]),
    ("file added at the root", lambda r: (r / "evil").write_text(""), [("added", "evil")]),
    ("folder added", lambda r: (r / SITE / "evil").mkdir(), [("added", f"{SITE}/evil")]),
    ("link added", lambda r: (r / SITE / "evil").symlink_to("/"), [("added", f"{SITE}/evil")]),
    (
        "file added where a folder was empty",
        lambda r: (r / "include/python3.11/evil.h").write_text(""),
        [("added", "include/python3.11/evil.h")],
    ),
    ("mode of a file", lambda r: (r / MODULE).chmod(0o666), [("mode", MODULE)]),
    ("setuid", lambda r: (r / "bin/tool").chmod(0o4755), [("mode", "bin/tool")]),
    ("mode of a folder", lambda r: (r / SITE / "spam").chmod(0o777), [("mode", f"{SITE}/spam")]),
    ("mode of an empty folder", lambda r: (r / "include/python3.11").chmod(0o700), [("mode", "include/python3.11")]),
    ("link retargeted", lambda r: replace_link(r / "lib64", "/evil"), [("edited", "lib64")]),
    ("interpreter link retargeted", lambda r: replace_link(r / "bin/python", "/bin/sh"), [("edited", "bin/python")]),
    ("link became a file", lambda r: ((r / "lib64").unlink(), (r / "lib64").write_text("lib")), [("kind", "lib64")]),
    (
        "file became a link to its like",
        lambda r: ((r / MODULE).rename(r / "x"), (r / MODULE).symlink_to(r / "x")),
        [("added", "x"), ("kind", MODULE)],
    ),
    ("file became a folder", lambda r: make_folder(r / MODULE), [("edited", MODULE), ("mode", MODULE)]),
    ("empty folder gone", lambda r: (r / "include/python3.11").rmdir(), [("deleted", "include/python3.11")]),
    (
        "empty folder became a file",
        lambda r: ((r / "include/python3.11").rmdir(), (r / "include/python3.11").write_text("")),
        [("deleted", "include/python3.11")],
    ),
    ("receipt edited", lambda r: edit_json(r / "receipt.json", bundle="b" * 64), [("edited", "receipt.json")]),
    ("list edited", lambda r: (r / "receipt.files").write_text(""), [("edited", "receipt.files")]),
    ("list deleted", lambda r: (r / "receipt.files").unlink(), [("deleted", "receipt.files")]),
]


@pytest.mark.parametrize(("change", "expected"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
@pytest.mark.parametrize("verify", ["stat", "content"])
def test_every_kind_of_drift_is_seen_and_named(
    spam: Host, verify: str, change: Callable[[pathlib.Path], Any], expected: list[tuple[str, str]]
) -> None:
    change(spam.release)
    assert drift(spam, verify) == expected


@pytest.mark.parametrize(("change", "expected"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_every_kind_of_drift_is_repaired_beside_the_damaged_release(
    spam: Host, change: Callable[[pathlib.Path], Any], expected: list[tuple[str, str]]
) -> None:
    damaged = spam.release
    change(damaged)
    planned = spam.converge(check=True, compile=True)
    done = spam.converge(compile=True)
    assert planned["changed"] is done["changed"] is True
    assert planned["drift"] == done["drift"] and len(done["drift"]) == len(expected)
    assert spam.release != damaged and damaged.exists()
    assert look(spam, "content").drift == ()
    assert spam.converge(compile=True)["changed"] is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_owners_are_looked_at(spam: Host) -> None:
    os.chown(spam.release / MODULE, 4242, 4242)
    os.chown(spam.release / SITE / "spam", 4242, -1)
    os.lchown(spam.release / "lib64", -1, 4242)
    assert drift(spam) == sorted([("owner", MODULE), ("owner", f"{SITE}/spam"), ("owner", "lib64")])


def test_a_replaced_interpreter_is_drift(spam: Host) -> None:
    spam.python.write_bytes(b"another one")
    assert drift(spam) == [("replaced", str(spam.python))]


@pytest.mark.parametrize("verify", ["stat", "content"])
@pytest.mark.parametrize(("name", "said"), [("receipt.files", [("edited", "receipt.files")]), ("receipt.index", [])])
def test_a_pipe_in_place_of_a_file_of_ours_is_not_waited_for(
    spam: Host, name: str, said: list[tuple[str, str]], verify: str
) -> None:
    (spam.release / name).unlink()
    os.mkfifo(spam.release / name)
    assert drift(spam, verify) == said


def test_an_interpreter_that_is_no_file_is_not_waited_for(spam: Host) -> None:
    spam.python.unlink()
    os.mkfifo(spam.python)
    assert drift(spam) == [("replaced", str(spam.python))]
    spam.python.unlink()
    assert drift(spam) == [("deleted", str(spam.python))]
    assert drift(spam, "receipt") == [("deleted", str(spam.python))]


def test_an_interpreter_that_was_only_touched_is_none(spam: Host) -> None:
    os.utime(spam.python)
    assert look(spam) == Verdict((), stale=True)


def test_verify_receipt_looks_at_no_file(spam: Host) -> None:
    (spam.release / MODULE).write_text("evil")
    shutil.rmtree(spam.release / SITE / "spam")
    assert look(spam, "receipt").drift == ()
    assert spam.converge(verify="receipt", compile=True)["changed"] is False


def test_only_content_sees_what_stat_cannot(spam: Host) -> None:
    """As a disk that rots: the stats are those that the index has, and the content is another."""
    edit_and_put_times_back(spam.release / MODULE)
    write_index(str(spam.release), str(spam.python), 0o644)
    assert drift(spam, "stat") == []
    assert drift(spam, "content") == [("edited", MODULE)]
    done = spam.converge(compile=True, verify="content")
    assert done["changed"] is True and done["actions"][0]["verb"] == "build"
    assert look(spam, "content").drift == ()


def test_bytecode_that_python_writes_for_an_installed_source_is_no_drift(spam: Host) -> None:
    cache = spam.release / SITE / "spam" / "__pycache__"
    (cache / "__init__.cpython-399.pyc").write_bytes(b"x")
    (cache / "__init__.cpython-311.opt-1.pyc").write_bytes(b"x")
    assert look(spam) == Verdict((), stale=True)
    assert spam.converge(compile=True)["changed"] is False
    assert look(spam) == Verdict(())


def bytecode(source: pathlib.Path, flags: int = 0) -> bytes:
    """Return what an import writes before the code (PEP 552)."""
    found = source.stat()
    return b"".join(number.to_bytes(4, "little") for number in (3495, flags, int(found.st_mtime), found.st_size))


def test_bytecode_is_read_where_all_files_are(spam: Host) -> None:
    source = spam.release / MODULE
    planted = spam.release / f"{SITE}/spam/__pycache__/__init__.cpython-399.pyc"
    path = str(planted.relative_to(spam.release))
    planted.write_bytes(bytecode(source) + b"code")
    assert drift(spam, "content") == []
    for content in (b"x", b"", bytecode(source, 1), bytecode(source)[:-1] + b"\xff"):
        planted.write_bytes(content)
        assert drift(spam, "content") == [("added", path)]
        assert drift(spam) == []


@pytest.mark.parametrize(
    ("folder", "file", "said"),
    [
        (0o755, 0o644, []),
        (0o777, 0o644, [""]),
        (0o1777, 0o644, [""]),
        (0o755, 0o666, ["/__init__.cpython-399.pyc"]),
        (0o777, 0o666, ["", "/__init__.cpython-399.pyc"]),
    ],
)
def test_bytecode_that_others_may_write_is_drift(host: Host, folder: int, file: int, said: list[str]) -> None:
    host.seal(host.wheel(files=FILES))
    host.converge()
    cache = host.release / SITE / "spam/__pycache__"
    cache.mkdir()
    planted = cache / "__init__.cpython-399.pyc"
    planted.write_bytes(b"x")
    planted.chmod(file)
    cache.chmod(folder)
    assert sorted(drift(host)) == [("added", f"{SITE}/spam/__pycache__{name}") for name in said]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
@pytest.mark.parametrize(
    ("user", "group", "mode", "fine"),
    [
        (4242, 0, 0o644, False),
        (0, 0, 0o664, True),
        (0, 4242, 0o664, False),
        (0, 4242, 0o644, True),
        (4343, 4343, 0o664, True),
        (4343, 4242, 0o664, False),
    ],
)
def test_whose_bytecode_is_none_of_python(spam: Host, user: int, group: int, mode: int, fine: bool) -> None:
    planted = spam.release / f"{SITE}/spam/__pycache__/__init__.cpython-399.pyc"
    planted.write_bytes(b"x")
    os.chown(planted, user, group)
    planted.chmod(mode)
    receipt = read_receipt(str(spam.release))
    assert receipt
    found = examine(str(spam.release), receipt._replace(owner=[4343, 4343]), "stat").drift
    assert (planted.name in {os.path.basename(one.path) for one in found if one.what == "added"}) is not fine


def test_other_files_in_a_cache_folder_are_drift(spam: Host) -> None:
    cache = spam.release / SITE / "spam" / "__pycache__"
    (cache / "evil.cpython-311.pyc").write_bytes(b"no source has that name")
    (cache / "__init__.py").write_bytes(b"no bytecode")
    (cache / "__init__.cpython-311.opt-1.pyc").symlink_to("/evil")
    (spam.release / SITE / "spam" / "__init__.pyc").write_bytes(b"a module without a source")
    assert [what for what, path in drift(spam)] == ["added"] * 4


def test_only_our_own_cache_folders_are_expected_to_be_folders(spam: Host) -> None:
    (spam.release / "bin" / "__pycache__").write_text("a file")
    assert drift(spam) == [("added", "bin/__pycache__")]


def test_a_stale_index_is_refreshed_once(spam: Host) -> None:
    os.utime(spam.release / MODULE)
    assert look(spam) == Verdict((), stale=True)
    old = read_digest(str(spam.release))
    assert spam.converge(check=True, compile=True)["changed"] is False
    assert read_digest(str(spam.release)) == old
    assert spam.converge(compile=True)["changed"] is False
    assert read_digest(str(spam.release)) != old
    assert look(spam) == Verdict(())


def test_an_index_that_cannot_be_written_is_no_failure(spam: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import index

    os.utime(spam.release / MODULE)

    def fail(*_: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(index, "write_atomic", fail)
    assert spam.converge(compile=True)["changed"] is False


@pytest.mark.parametrize("data", [None, b"", b"x\n", b"\xff" * 50, b"a\nb\n1 x\tfile\n"])
def test_an_index_that_is_lost_or_damaged_costs_a_reading_and_nothing_else(spam: Host, data: bytes | None) -> None:
    path = spam.release / "receipt.index"
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    assert look(spam) == Verdict((), stale=True)
    assert spam.converge(compile=True)["changed"] is False
    assert look(spam) == Verdict(())


def test_a_hard_link_is_no_drift(spam: Host, tmp_path: pathlib.Path) -> None:
    """The next release shares files by link, which changes the ctime of the ones that are there."""
    os.link(spam.release / MODULE, tmp_path / "other")
    assert look(spam) == Verdict((), stale=True)


def test_a_copy_in_place_of_the_file_is_no_drift(spam: Host) -> None:
    path = spam.release / MODULE
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o644)
    assert look(spam) == Verdict((), stale=True)


def test_many_differences_make_a_short_result(spam: Host) -> None:
    for number in range(30):
        (spam.release / f"evil{number:02}").write_text("")
    result = spam.converge(check=True, compile=True)
    assert len(result["drift"]) == 21 and result["drift"][-1] == "and 10 more"
    assert "30 files drifted" in result["actions"][0]["reason"]


def test_a_digest_of_a_walk_changes_with_every_name_and_stat(spam: Host) -> None:
    release, python = str(spam.release), str(spam.python)
    seen = {walk(release, python).digest}
    for change in (
        lambda: (spam.release / "a").write_text(""),
        lambda: (spam.release / "a").rename(spam.release / "b"),
        lambda: (spam.release / "b").write_text("x"),
        lambda: (spam.release / "b").chmod(0o600),
        lambda: os.utime(spam.release / "b", (1, 1)),
        (spam.release / "b").unlink,
        (spam.release / "b").mkdir,
        (spam.release / "b").rmdir,
        lambda: os.utime(python, (1, 1)),
        lambda: spam.release.chmod(0o700),
    ):
        change()
        seen.add(walk(release, python).digest)
    assert len(seen) == 9  # What came and went leaves no trace.
    assert walk(release, python).digest == walk(release, python).digest


def test_names_that_are_no_text_are_walked_and_kept(spam: Host) -> None:
    name = b"evil\xff"
    with open(os.path.join(os.fsencode(spam.release), name), "wb"):
        pass
    assert drift(spam) == [("added", "evil\udcff")]
    write_index(str(spam.release), str(spam.python), 0o644)
    assert "evil\udcff" in read_index(str(spam.release)).stats


def test_a_release_that_is_a_link_is_not_walked(spam: Host, tmp_path: pathlib.Path) -> None:
    (tmp_path / "link").symlink_to(spam.release)
    with pytest.raises(OSError, match=r"symbolic link|Not a directory"):
        walk(str(tmp_path / "link"), str(spam.python))


def test_a_receipt_that_says_less_than_the_index_knows_is_edited(spam: Host) -> None:
    receipt = read_receipt(str(spam.release))
    assert receipt
    (spam.release / "receipt.json").write_bytes(Receipt(**{**receipt._asdict(), "bundle": "0" * 64}).encode())
    assert ("edited", "receipt.json") in drift(spam)


@pytest.mark.parametrize("verify", ["stat", "content"])
def test_a_folder_in_the_place_of_the_index_hides_nothing(host: Host, verify: str) -> None:
    host.seal(host.wheel())
    host.converge()
    index = host.release / "receipt.index"
    index.unlink()
    index.mkdir()
    (index / "module.py").touch()
    result = host.converge(verify=verify)
    assert result["changed"] and result["drift"] == ["added: receipt.index/module.py"]
    assert not host.converge(verify=verify)["changed"]


@pytest.mark.parametrize("size", [1 << 40, (1 << 28) + 1])
def test_a_forged_receipt_keeps_nobody_reading(host: Host, tmp_path: pathlib.Path, size: int) -> None:
    """Whoever owns a release may name any file as its interpreter."""
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(size)
    assert digest_bounded(str(tmp_path / "huge"), LARGEST_INTERPRETER) == ""
    assert digest_bounded("/proc/self/status", LARGEST_INTERPRETER) == hashlib.sha256(b"").hexdigest()
    assert digest_bounded("/dev/zero", LARGEST_INTERPRETER) == ""


def test_a_file_over_the_limit_is_not_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10)
    assert digest_bounded(str(tmp_path / "file"), 10) == hashlib.sha256(b"x" * 10).hexdigest()
    monkeypatch.setattr(os, "read", lambda descriptor, count: pytest.fail("nothing is read"))
    assert digest_bounded(str(tmp_path / "file"), 9) == ""


def test_a_file_of_holes_is_not_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "holes").open("wb") as stream:
        stream.truncate(1 << 32)
    (tmp_path / "full").write_bytes(b"x" * 4096)
    monkeypatch.setattr(comparison, "DENSE_FROM", 1024)
    assert digest_bounded(str(tmp_path / "holes"), LARGEST_FILE) == ""
    assert digest_bounded(str(tmp_path / "full"), LARGEST_FILE) == hashlib.sha256(b"x" * 4096).hexdigest()


def test_a_file_that_grows_is_read_as_far_as_it_went(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "grows"
    path.write_bytes(b"x" * 10)
    real = os.read
    reads = []

    def grown(descriptor: int, count: int) -> bytes:
        reads.append(count)
        with path.open("ab") as stream:
            stream.write(b"y" * 10)
        return real(descriptor, count)

    monkeypatch.setattr(os, "read", grown)
    assert digest_bounded(str(path), LARGEST_FILE) == hashlib.sha256(b"x" * 10).hexdigest()
    assert reads == [10]


def test_a_huge_interpreter_is_a_replaced_one(spam: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "LARGEST_INTERPRETER", 1)
    assert drift(spam, "content") == [("replaced", str(spam.python))]


def test_a_link_that_goes_meanwhile_is_an_edited_one(spam: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    real, release = os.readlink, str(spam.release)

    def gone(path: str, **options: Any) -> str:
        if str(path).startswith(release + "/"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return real(path, **options)

    monkeypatch.setattr(os, "readlink", gone)
    found = drift(spam, "content")
    assert found and {what for what, _path in found} == {"edited"}
