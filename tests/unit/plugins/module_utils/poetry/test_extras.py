# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import py_compile
import shutil
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, Found, look
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.options import parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import survey
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import shebang
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.poetry.carrying import Carrying
from ansible_collections.netdevops.python.plugins.module_utils.poetry.extras import (
    LOOKS,
    NOTHING,
    Additions,
    added_by_hand,
    find_additions,
    judge,
)
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, Host

TAG = "cpython-311"


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    made = Host(tmp_path)
    made.seal(made.wheel("spam"))
    made.converge()
    return made


def add(host: Host, name: str = "ipdb", version: str = "0.13", files: Mapping[str, str] | None = None) -> None:
    """Add a distribution to the current release as pip does it: under any umask, with bytecode and a script."""
    given = files if files is not None else {f"{name}/__init__.py": "X = 1\n", f"../../../bin/{name}": script(host)}
    info = f"{name}-{version}.dist-info"
    content = {**given, f"{info}/METADATA": f"Name: {name}\n", f"{info}/INSTALLER": "pip\n"}
    rows = []
    for path, text in content.items():
        place = host.site / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o700 if "bin/" in path else 0o600)
        os.utime(place, (10**9, 10**9))
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(text)}")
        if path.endswith(".py"):
            cache = place.parent / f"__pycache__/{place.stem}.{TAG}.pyc"
            py_compile.compile(str(place), str(cache))
            rows.append(f"{os.path.dirname(path)}/__pycache__/{cache.name},,".lstrip("/"))
    (host.site / info / "RECORD").write_text("".join(f"{row}\n" for row in rows) + f"{info}/RECORD,,\n")


def script(host: Host, python: str = "python3.11") -> str:
    return f"#!{host.release}/bin/{python}\nprint('hello')\n"


def receipt_of(host: Host) -> Receipt:
    found = read_receipt(str(host.release))
    assert found
    return found


def drift(host: Host, verify: str = "stat") -> list[str]:
    return [f"{item.what} {item.path}" for item in judge(str(host.release), receipt_of(host), verify).drift]


def found_in(host: Host, planned: Mapping[str, str] | None = None, interpreter: Interpreter | None = None) -> Additions:
    environment = Environment(str(host.venv))
    return find_additions(environment, look(environment), planned or {"spam": "1.0"}, interpreter)


# What is added by hand


def test_what_pip_puts_there_is_no_drift(host: Host) -> None:
    add(host)
    add(host, "six", "1.16", {"six.py": "Y = 2\n"})
    found = added_by_hand(str(host.release), receipt_of(host))
    assert [str(one) for one in found] == ["ipdb 0.13", "six 1.16"]
    assert f"{SITE}/ipdb/__init__.py" in found[0].files
    assert found_in(host).result() == {"added_by_hand": ["ipdb 0.13", "six 1.16"]}
    assert drift(host) == drift(host, "content") == []
    assert judge(str(host.release), receipt_of(host), "stat").stale


def test_bytecode_that_no_record_lists_is_none_either(host: Host) -> None:
    add(host)
    cache = host.site / "ipdb/__pycache__"
    (cache / "__init__.cpython-311.opt-1.pyc").write_bytes(b"compiled otherwise")
    assert not drift(host)
    (cache / "other.cpython-311.pyc").write_bytes(b"of no source")
    assert drift(host) == [f"added {SITE}/ipdb/__pycache__/other.cpython-311.pyc"]


@pytest.mark.parametrize("name", ["loose.py", "ipdb/loose.py", "evil.pth"])
def test_what_no_record_lists_is_drift(host: Host, name: str) -> None:
    add(host)
    (host.site / name).write_text("import os\n")
    assert drift(host) == [f"added {SITE}/{name}"]


def test_what_was_changed_stays_drift(host: Host) -> None:
    add(host, files={"spam/__init__.py": "taken over\n", "ipdb.py": ""})
    (host.release / "bin/activate").unlink()
    assert sorted(drift(host)) == [
        "deleted bin/activate",
        f"edited {SITE}/spam/__init__.py",
        f"mode {SITE}/spam/__init__.py",
    ]


def test_a_package_of_the_receipt_is_not_added(host: Host) -> None:
    shutil.rmtree(host.site / "spam-1.0.dist-info")
    add(host, "Spam", "2.0", {"spam/new.py": ""})
    assert not added_by_hand(str(host.release), receipt_of(host))
    assert f"added {SITE}/spam/new.py" in drift(host)


@pytest.mark.parametrize("record", [None, b"", b"\xff\n", b"/etc/passwd,,\n../../../../../other,,\n../../../..,,\n"])
def test_without_a_record_it_is_drift(host: Host, record: bytes | None) -> None:
    add(host)
    path = host.site / "ipdb-0.13.dist-info/RECORD"
    if record is None:
        path.unlink()
    else:
        path.write_bytes(record)
    assert not added_by_hand(str(host.release), receipt_of(host))
    assert f"added {SITE}/ipdb" in drift(host)


def test_what_was_removed_again_is_none(host: Host) -> None:
    add(host)
    for path in ("ipdb", "ipdb-0.13.dist-info"):
        shutil.rmtree(host.site / path)
    (host.release / "bin/ipdb").unlink()
    assert (found_in(host).kept, drift(host)) == ((), [])


# Whether it can go on


def interpreter(tag: str, version: str) -> Interpreter:
    return Interpreter("/opt/python", version, "cpython", parse_target(tag), "/opt", "/opt", "", {}, (), "")


def test_another_feature_version_is_refused_for_all_of_them(host: Host) -> None:
    add(host)
    add(host, "six", "1.16")
    with pytest.raises(Refused) as refused:
        found_in(host, interpreter=interpreter("cp312-manylinux_2_36_x86_64", "3.12.1"))
    assert [str(problem) for problem in refused.value.problems] == [
        f"{name}: was added by hand for Python 3.11.7, and cannot be carried on to 3.12.1. "
        "Remove it, or run once with `sync: true`; add it again afterwards."
        for name in ("ipdb 0.13", "six 1.16")
    ]
    same = interpreter("cp311-manylinux_2_31_x86_64", "3.11.9")
    assert len(found_in(host, interpreter=same).kept) == 2


def test_the_lock_has_it_by_now(host: Host) -> None:
    add(host)
    found = found_in(host, {"ipdb": "0.14"}, interpreter("cp312-manylinux_2_36_x86_64", "3.12.1"))
    assert not found.kept
    assert found.warnings == ("ipdb 0.13 was added by hand; the lock has ipdb 0.14 by now, which takes its place.",)


def test_no_release_has_nothing(tmp_path: pathlib.Path) -> None:
    assert find_additions(Environment(str(tmp_path)), Found("absent"), {}) == NOTHING


# Carried on


class Filled:
    """What a release is filled with before."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.count, self.size = 3, 99
        self.collected: tuple[Any, ...] = ()

    def collect(self, *given: Any) -> None:
        self.collected = given

    def fill(self, tree: Tree) -> None:
        for path, text in self.files.items():
            tree.write(path, text.encode(), hashlib.sha256(text.encode()).hexdigest(), "w" * 64)


def carried(host: Host, files: Mapping[str, str] | None = None) -> tuple[Tree, Carrying]:
    host.releases.joinpath("new").mkdir()
    tree = Tree(str(host.releases / "new"), "lib/python3.11", 0o755)
    content = Carrying(Filled({f"{SITE}/spam.py": "", **(files or {})}), found_in(host), str(host.venv))
    options = parse_options(host.params(), "poetry:0")
    content.collect(survey(options), "incoming", Stages())
    old = os.umask(0)
    try:
        content.fill(tree)
    finally:
        os.umask(old)
    assert (content.count, content.size) == (3, 99)
    return tree, content


def test_its_files_are_copied_with_declared_modes_and_are_no_files_of_the_receipt(host: Host) -> None:
    add(host)
    tree, content = carried(host)
    new = pathlib.Path(tree.root)
    for path, mode in {"ipdb/__init__.py": 0o644, "ipdb-0.13.dist-info/INSTALLER": 0o644, "ipdb": 0o755}.items():
        assert (new / SITE / path).stat().st_mode & 0o777 == mode
    assert (new / "bin/ipdb").stat().st_mode & 0o777 == 0o755
    source, cache = new / SITE / "ipdb/__init__.py", new / SITE / f"ipdb/__pycache__/__init__.{TAG}.pyc"
    assert int.from_bytes(cache.read_bytes()[8:12], "little") == int(source.stat().st_mtime)
    assert not source.samefile(host.site / "ipdb/__init__.py")
    assert list(tree.files) == [f"{SITE}/spam.py"]
    assert not content.warnings


@pytest.mark.parametrize("root", ["release", "venv"])
@pytest.mark.parametrize("python", ["python", "python3", "python3.11"])
def test_its_scripts_name_the_next_release_and_its_record_knows(host: Host, root: str, python: str) -> None:
    # As installers write it: a path that the kernel cannot take goes by a shell.
    text = shebang(f"{getattr(host, root)}/bin/{python}").decode() + "print('hello')\n"
    add(host, files={"../../../bin/ipdb": text, "../../../bin/shell": "#!/bin/sh\n"})
    tree, _content = carried(host)
    data = pathlib.Path(tree.root, "bin/ipdb").read_bytes()
    assert data == shebang(f"{tree.root}/bin/{python}") + b"print('hello')\n"
    assert pathlib.Path(tree.root, "bin/shell").read_text() == "#!/bin/sh\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    rows = pathlib.Path(tree.root, SITE, "ipdb-0.13.dist-info/RECORD").read_text().splitlines()
    assert f"../../../bin/ipdb,sha256={digest},{len(data)}" in rows
    before = (host.site / "ipdb-0.13.dist-info/RECORD").read_text().splitlines()
    assert len(set(rows) & set(before)) == len(before) - 1


def test_where_the_lock_has_a_file_of_that_name_it_wins(host: Host) -> None:
    files = {"shared/one.py": "mine\n", "shared/same.py": "", "folder/two.py": "", "file": "", "free.py": ""}
    add(host, files=files)
    locks = {"shared/one.py": "the lock's\n", "shared/same.py": "", "folder": "a file", "file/x": "a folder"}
    tree, content = carried(host, {f"{SITE}/{path}": text for path, text in locks.items()})
    site = pathlib.Path(tree.root, SITE)
    assert (site / "shared/one.py").read_text() == "the lock's\n"
    assert (site / "free.py").exists()
    assert sorted(path.name for path in site.rglob("*.pyc")) == [f"free.{TAG}.pyc"]  # the lock's own are compiled later
    assert content.warnings == [
        (
            "ipdb 0.13 was added by hand; of its files, 3 have a name that the lock's packages take, and are left out: "
            f"{SITE}/shared/one.py, {SITE}/folder/two.py, {SITE}/file."
        )
    ]


def test_no_record_leads_out_of_the_release_or_to_its_receipt(host: Host) -> None:
    add(host)
    secret = host.root / "secret"
    secret.write_text("of somebody")
    (host.site / "link.py").symlink_to(secret)
    with (host.site / "ipdb-0.13.dist-info/RECORD").open("a") as record:
        up = os.path.relpath(secret, host.site)
        record.write(f"{up},,\n{secret},,\nlink.py,,\n../../../receipt.json,,\n../../../receipt.index,,\n")
    tree, _content = carried(host)
    there = {path.name for path in pathlib.Path(tree.root).rglob("*")}
    assert not there & {"secret", "link.py", "receipt.json", "receipt.index"}
    assert "of somebody" not in "".join(path.read_text() for path in pathlib.Path(tree.root).rglob("*.py"))


# A release that is there already


def same(host: Host) -> str:
    receipt = receipt_of(host)
    options = parse_options(host.params(), receipt.asked["source"])
    python = interpreter("cp311-manylinux_2_36_x86_64", "3.11.7")
    goal = Goal(options, python, receipt.release, "", receipt.packages, "", "")
    return LOOKS.find_same(goal, LOOKS.survey(options))


def test_a_release_is_gone_back_to_where_the_same_was_added(host: Host) -> None:
    name = host.release.name
    assert same(host) == name
    add(host)
    assert same(host) == name
    first, second = host.release, host.releases / f"{name}-2"
    shutil.copytree(first, second, symlinks=True)
    host.venv.unlink()
    host.venv.symlink_to(f".venv.releases/{second.name}")
    shutil.rmtree(second / SITE / "ipdb-0.13.dist-info")
    assert same(host) != first.name  # There, ipdb was added; here it was not, and what is left of it is drift.
    add(host, version="0.14")
    assert same(host) == second.name
