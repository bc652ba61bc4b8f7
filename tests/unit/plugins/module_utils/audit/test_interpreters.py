# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interpreters count, and whether those in the folders of versions are as they were installed."""

from __future__ import annotations

import hashlib
import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.environments import Examined
from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.audit.installed import check_installed
from ansible_collections.netdevops.python.plugins.module_utils.audit.interpreters import find_interpreters
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.host.census import ORDINARY, Standing
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Receipt, write_receipt

VERSION = "3.11.7"
ME = os.geteuid()


def environment(folder: pathlib.Path, home: pathlib.Path, version: str, program: str = "") -> Examined:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(home / (program or "python3"))
    return Examined(Standing(str(folder), ORDINARY, home=str(home)), f"{home}/python3", version, ME, (), {})


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder of programs with two versions of Python."""
    folder = tmp_path / "local/bin"
    folder.mkdir(parents=True)
    for name in ("python3.12", "python3.8"):
        (folder / name).touch(0o755)
    (folder / "python3").symlink_to("python3.12")
    return folder


def found(roots: list[str], *environments: Examined) -> list[tuple[str, list[str]]]:
    interpreters = find_interpreters(Reader(), roots, environments, None)
    return [(one.version, [os.path.basename(venv) for venv in one.venvs]) for one in interpreters]


def test_a_folder_holds_one_of_each_version(tmp_path: pathlib.Path, home: pathlib.Path) -> None:
    new = environment(tmp_path / "new", home, "3.12.1")
    old = environment(tmp_path / "old", home, "3.8.10", "python3.8")
    older = environment(tmp_path / "older", home, "3.8.2", "python3.8")
    assert found([], new, old, older) == [("3.12.1", ["new"]), ("3.8.10", ["old", "older"])]


def test_the_program_is_believed_before_what_is_written(tmp_path: pathlib.Path, home: pathlib.Path) -> None:
    assert found([], environment(tmp_path / "a", home, "3.8.10")) == [("3.12", ["a"])]
    assert found([], environment(tmp_path / "b", home, "", "python3.8")) == [("3.8", ["b"])]


def test_one_of_a_folder_of_versions_is_told_once(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "versions" / VERSION
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python3.11").touch(0o755)
    (folder / "bin/python3").symlink_to("python3.11")
    (tmp_path / "link").symlink_to(folder)
    venv = environment(tmp_path / "venv", tmp_path / "link/bin", VERSION)
    assert found([str(tmp_path)], venv) == [(VERSION, ["venv"])]


@pytest.fixture
def installed(tmp_path: pathlib.Path) -> pathlib.Path:
    """An interpreter with a receipt."""
    tmp_path.chmod(0o755)
    folder = tmp_path / "versions" / VERSION
    core = {"bin/python3.11": b"program", "lib/libpython3.11.so.1.0": b"library"}
    for name, content in {**core, "lib/python3.11/site.py": b"site"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for path in folder.rglob("*"):
        path.chmod(0o755)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in core.items()}
    origin = {"kind": "cache", "place": "", "sha256": ""}
    write_receipt(str(folder), Receipt(VERSION, "any", origin, (), digests, "2026-01-01T00:00:00Z"))
    return folder


def said(folder: pathlib.Path) -> list[tuple[str, str, tuple[str, ...]]]:
    root = str(folder.parent.parent)
    reader = Reader()
    findings = list(check_installed(reader, Interpreter(str(folder), VERSION), [root], ME))
    assert not reader.unreadable
    return [(one.code, os.path.relpath(one.subject, root), one.evidence) for one in findings]


def test_one_that_is_as_it_was_installed(installed: pathlib.Path) -> None:
    assert said(installed) == []
    assert not list(check_installed(Reader(), Interpreter(str(installed), VERSION), ["/opt/pyenv"], ME))


def test_programs_that_were_changed(installed: pathlib.Path) -> None:
    (installed / "bin/python3.11").write_bytes(b"another")
    (installed / "lib/libpython3.11.so.1.0").unlink()
    (installed / "lib/libpython3.11d.so").touch(0o755)
    lines = ("edited: bin/python3.11", "deleted: lib/libpython3.11.so.1.0", "added: lib/libpython3.11d.so")
    assert said(installed) == [("interpreter-altered", f"versions/{VERSION}", lines)]
    (installed / "receipt.json").unlink()
    assert said(installed) == []


@pytest.mark.parametrize(
    "path", ["lib/python3.11/site.py", "lib/libpython3.11.so.1.0", "lib/python3.11", "bin/python3.11"]
)
def test_files_that_others_may_write(installed: pathlib.Path, path: str) -> None:
    (installed / path).chmod(0o1777)
    top, _slash, below = path.partition("/")
    evidence = (f"{below} can be written by everybody (mode 1777)",)
    assert said(installed) == [("writable-by-others", f"versions/{VERSION}/{top}", evidence)]


@pytest.mark.skipif(ME == 0, reason="root may read everything")
def test_one_that_cannot_be_read_is_told(installed: pathlib.Path) -> None:
    reader, one = Reader(), Interpreter(str(installed), VERSION)
    (installed / "bin/python3.11").chmod(0)
    assert not list(check_installed(reader, one, [str(installed.parent.parent)], ME))
    (installed / "receipt.json").chmod(0)
    assert not list(check_installed(reader, one, [str(installed.parent.parent)], ME))
    assert sorted(reader.unreadable) == [f"{installed}/bin/python3.11", f"{installed}/receipt.json"]
