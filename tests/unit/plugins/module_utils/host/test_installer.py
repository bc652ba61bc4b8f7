# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import csv
import hashlib
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import tree as tree_module
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive
from ansible_collections.netdevops.python.plugins.module_utils.host.installer import carry, install
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import (
    BYTECODE,
    FILE,
    FOLDER,
    LINK,
    RECORD,
    SCRIPT,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree, write_all
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE
from ansible_collections.netdevops.python.tests.unit.support.wheels import WHEEL_TEXT, make_wheel, row

INFO = f"{SITE}/spam-1.0.dist-info"
FULL: dict[str, Any] = {
    "files": {
        "spam/__init__.py": b"",
        "spam/tool": b"#!/bin/sh\n",
        "{data}/purelib/pure.py": b"",
        "{data}/platlib/plat.so": b"\x7fELF",
        "{data}/headers/spam.h": b"int spam;\n",
        "{data}/data/share/doc/spam.txt": b"read me",
        "{data}/scripts/run": b"#!python\nprint()\n",
        "{data}/scripts/shell": b"#!/bin/sh\n",
    },
    "entry_points": "[console_scripts]\nspam = spam:main\n",
    "executable": ["spam/tool"],
}


class Yard:
    """A place for wheels and trees."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root

    def tree(self, name: str = "release", mode: int = 0o755) -> Tree:
        folder = self.root / name
        (folder / SITE).mkdir(parents=True)
        (folder / "bin").mkdir()
        return Tree(str(folder), "lib/python3.11", mode)

    def archive(self, name: str = "spam", version: str = "1.0", **options: Any) -> WheelArchive:
        wheel = make_wheel(self.root / "wheels", name, version, **options)
        return WheelArchive(str(self.root / "wheels" / wheel.file), wheel)

    def installed(self, name: str = "release", **options: Any) -> Tree:
        tree = self.tree(name)
        install(self.archive(**options), tree)
        return tree


@pytest.fixture
def yard(tmp_path: pathlib.Path) -> Yard:
    return Yard(tmp_path)


def rows(tree: Tree) -> dict[str, tuple[str, str]]:
    with open(tree.path(f"{INFO}/RECORD"), newline="", encoding="utf-8") as stream:
        return {path: (digest, size) for path, digest, size in csv.reader(stream)}


def test_every_scheme_has_its_place(yard: Yard) -> None:
    tree = yard.installed(**FULL)
    assert sorted(tree.files) == sorted(
        [
            f"{SITE}/spam/__init__.py",
            f"{SITE}/spam/tool",
            f"{SITE}/pure.py",
            f"{SITE}/plat.so",
            "include/site/python3.11/spam/spam.h",
            "share/doc/spam.txt",
            "bin/run",
            "bin/shell",
            "bin/spam",
            f"{INFO}/METADATA",
            f"{INFO}/WHEEL",
            f"{INFO}/entry_points.txt",
            f"{INFO}/INSTALLER",
            f"{INFO}/RECORD",
        ]
    )


def test_the_tree_knows_exactly_what_is_on_the_disk(yard: Yard) -> None:
    tree = yard.installed(**FULL)
    for path, file in tree.files.items():
        data = pathlib.Path(tree.path(path)).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)
        assert os.stat(tree.path(path)).st_mode & 0o7777 == file.mode
    found = {
        os.path.relpath(os.path.join(folder, name), tree.root)
        for folder, _unused, names in os.walk(tree.root)
        for name in names
    }
    assert found == set(tree.files)


def test_kinds_say_what_changes_when_a_release_moves(yard: Yard) -> None:
    tree = yard.installed(**FULL)
    kinds = {path: file.kind for path, file in tree.files.items() if file.kind != FILE}
    assert kinds == {"bin/run": SCRIPT, "bin/spam": SCRIPT, f"{INFO}/RECORD": RECORD}


def test_a_wheel_without_scripts_has_a_record_that_may_be_shared(yard: Yard) -> None:
    assert {file.kind for file in yard.installed().files.values()} == {FILE}


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o755, (0o755, 0o644)), (0o750, (0o750, 0o640)), (0o700, (0o700, 0o600))]
)
def test_modes_are_declared_and_executables_are_those_of_the_archive(
    yard: Yard, mode: int, expected: tuple[int, int]
) -> None:
    tree = yard.tree(mode=mode)
    umask = os.umask(0)
    try:
        install(yard.archive(**FULL), tree)
    finally:
        os.umask(umask)
    run, read = expected
    executable = {path for path, file in tree.files.items() if file.mode == run}
    assert executable == {"bin/run", "bin/shell", "bin/spam", f"{SITE}/spam/tool"}
    assert {file.mode for path, file in tree.files.items() if path not in executable} == {read}
    for path, file in tree.files.items():
        assert os.stat(tree.path(path)).st_mode & 0o777 == file.mode
    assert os.stat(tree.path(f"{SITE}/spam")).st_mode & 0o777 == mode


def test_the_record_lists_what_was_installed(yard: Yard) -> None:
    tree = yard.installed(**FULL)
    found = rows(tree)
    assert set(found) == {os.path.relpath(path, SITE) for path in tree.files}
    assert found["spam-1.0.dist-info/RECORD"] == ("", "")
    assert found["../../../bin/spam"][0].startswith("sha256=")
    script = pathlib.Path(tree.path("bin/run")).read_bytes()
    assert ",".join(["x", *found["../../../bin/run"]]) == row("x", script)


def test_scripts_name_the_interpreter_of_their_release(yard: Yard) -> None:
    tree = yard.installed(**FULL)
    first = f"#!{tree.root}/bin/python"
    assert pathlib.Path(tree.path("bin/run")).read_text() == f"{first}\nprint()\n"
    assert pathlib.Path(tree.path("bin/spam")).read_text().splitlines()[0] == first
    assert pathlib.Path(tree.path("bin/shell")).read_text() == "#!/bin/sh\n"


@pytest.mark.parametrize("text", [None, "", "Wheel-Version: 2.0\n", "Root-Is-Purelib: true\n"])
def test_a_wheel_of_another_format_is_refused(yard: Yard, text: Any) -> None:
    with pytest.raises(Refused, match=r"expected Wheel-Version 1.x"):
        yard.installed(wheel_text=text)


def test_a_later_minor_version_is_taken(yard: Yard) -> None:
    assert yard.installed(wheel_text=WHEEL_TEXT.replace("1.0", "1.9")).files


@pytest.mark.parametrize("name", ["{data}/evil/x", "{data}/data", "{data}/x"])
def test_an_unknown_scheme_is_refused(yard: Yard, name: str) -> None:
    with pytest.raises(Refused, match="is of no scheme that wheels have"):
        yard.installed(files={name: b""})


@pytest.mark.parametrize("name", ["receipt.json", "receipt.files", "receipt.index"])
def test_no_wheel_brings_its_own_receipt(yard: Yard, name: str) -> None:
    with pytest.raises(Refused, match="would overwrite the receipt of the release"):
        yard.installed(files={f"{{data}}/data/{name}": b"{}"})


@pytest.mark.parametrize("name", ["{data}/data/bin/python", "{data}/scripts/python", "{data}/data/pyvenv.cfg"])
def test_no_wheel_replaces_what_the_environment_consists_of(yard: Yard, name: str) -> None:
    tree = yard.tree()
    os.symlink("/usr/bin/python3", tree.path("bin/python"))
    pathlib.Path(tree.path("pyvenv.cfg")).write_text("home = /usr/bin\n")
    tree.adopt(["bin/python", "pyvenv.cfg"])
    with pytest.raises(Refused, match="would overwrite the file of the environment itself"):
        install(yard.archive(files={name: b"evil"}), tree)
    assert os.readlink(tree.path("bin/python")) == "/usr/bin/python3"


def test_nothing_is_written_through_a_link(yard: Yard, tmp_path: pathlib.Path) -> None:
    (tmp_path / "outside").mkdir()
    tree = yard.tree()
    os.symlink(tmp_path / "outside", tree.path("lib64"))
    os.symlink(tmp_path / "outside" / "file", tree.path("bin/run"))
    tree.adopt(["lib64", "bin/run"])
    for name in ("{data}/data/lib64/evil.py", "{data}/scripts/run"):
        with pytest.raises(Refused):
            install(yard.archive(files={name: b"evil"}), tree)
    assert os.listdir(tmp_path / "outside") == []


def test_one_wheel_that_uses_a_name_for_file_and_folder_is_refused(yard: Yard) -> None:
    with pytest.raises(Refused, match="is a folder of one wheel, and a file of another"):
        yard.installed(files={"spam": b"", "spam/x": b""})
    with pytest.raises(Refused, match="spam: wheel"):
        yard.installed("other", files={"spam/x": b"", "spam": b""})


def test_the_same_file_of_two_wheels_belongs_to_both(yard: Yard) -> None:
    tree = yard.tree()
    one, two = (yard.archive(name, files={"common/x.py": b"same"}) for name in ("one", "two"))
    install(one, tree)
    install(two, tree)
    assert tree.files[f"{SITE}/common/x.py"].wheels() == [one.wheel.sha256, two.wheel.sha256]


def test_a_different_file_of_a_second_wheel_is_refused_and_the_first_stays(yard: Yard) -> None:
    tree = yard.tree()
    one = yard.archive("one", files={"common/x.py": b"1"})
    install(one, tree)
    with pytest.raises(Refused, match=f"would overwrite the file of {one.wheel.sha256[:16]}"):
        install(yard.archive("two", files={"common/x.py": b"2"}), tree)
    assert pathlib.Path(tree.path(f"{SITE}/common/x.py")).read_bytes() == b"1"


def test_a_command_that_two_packages_bring_is_refused(yard: Yard) -> None:
    tree = yard.tree()
    install(yard.archive("one", entry_points="[console_scripts]\nrun = one:main\n"), tree)
    with pytest.raises(Refused, match="bin/run: wheel"):
        install(yard.archive("two", entry_points="[console_scripts]\nrun = two:main\n"), tree)


def test_entry_points_that_are_no_text_are_refused(yard: Yard) -> None:
    with pytest.raises(Refused, match="is no UTF-8 text"):
        yard.installed(files={"spam-1.0.dist-info/entry_points.txt": b"\xff"})


class TestCarry:
    """Files of an earlier release in the next one."""

    def carried(self, yard: Yard, *, link: bool = True, bytecode: bool = True, **options: Any) -> tuple[Tree, Tree]:
        old = yard.installed("old", **(options or FULL))
        cache = f"{SITE}/spam/__pycache__/__init__.cpython-311.pyc"
        wheel = old.files[f"{INFO}/METADATA"].wheel
        old.write(cache, b"code", "0" * 64, wheel, BYTECODE)
        new = yard.tree("new")
        carry(list(old.files.values()), old.root, new, bytecode=bytecode, link=link)
        return old, new

    def test_the_new_tree_is_what_an_install_would_have_made(self, yard: Yard) -> None:
        _unused, new = self.carried(yard, bytecode=False)
        fresh = yard.installed("fresh", **FULL)
        assert sorted(new.files) == sorted(fresh.files)
        for path, file in fresh.files.items():
            if file.kind == FILE:
                assert new.files[path] == file
            data, expected = (pathlib.Path(tree.path(path)).read_bytes() for tree in (new, fresh))
            assert data.replace(new.root.encode(), fresh.root.encode()) == expected or path.endswith("RECORD")
        assert {path: size for path, (_unused, size) in rows(new).items() if not path.startswith("..")} == {
            path: size for path, (_unused, size) in rows(fresh).items() if not path.startswith("..")
        }

    def test_what_does_not_change_is_the_same_file(self, yard: Yard) -> None:
        old, new = self.carried(yard)
        same = {path for path in new.files if os.path.samefile(old.path(path), new.path(path))}
        assert set(new.files) - same == {"bin/run", "bin/spam", f"{INFO}/RECORD"}

    def test_copies_are_other_files_with_the_same_content(self, yard: Yard) -> None:
        old, new = self.carried(yard, link=False)
        for path, file in new.files.items():
            assert not os.path.samefile(old.path(path), new.path(path))
            assert file.kind != FILE or file == old.files[path]

    def test_scripts_and_their_rows_name_the_new_release(self, yard: Yard) -> None:
        _unused, new = self.carried(yard)
        for name in ("bin/run", "bin/spam"):
            data = pathlib.Path(new.path(name)).read_bytes()
            assert data.startswith(f"#!{new.root}/bin/python\n".encode())
            assert ",".join(["x", *rows(new)[f"../../../{name}"]]) == row("x", data)

    def test_bytecode_comes_along_where_it_is_wanted(self, yard: Yard) -> None:
        assert [file.path for file in self.carried(yard)[1].files.values() if file.kind == BYTECODE]
        other = Yard(yard.root / "other")
        assert not [file for file in self.carried(other, bytecode=False)[1].files.values() if file.kind == BYTECODE]

    def test_a_file_that_another_wheel_brought_already_is_compared(self, yard: Yard) -> None:
        old = yard.installed("old", files={"common/x.py": b"1"})
        new = yard.tree("new")
        install(yard.archive("two", files={"common/x.py": b"2"}), new)
        with pytest.raises(Refused, match="would overwrite"):
            carry(list(old.files.values()), old.root, new, bytecode=False, link=True)

    @pytest.mark.parametrize(("number", "shared"), [(18, True), (31, True), (1, True)])
    def test_where_links_are_not_possible_it_copies(
        self, yard: Yard, monkeypatch: pytest.MonkeyPatch, number: int, shared: bool
    ) -> None:
        def link(*_: Any, **__: Any) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(tree_module.os, "link", link)
        old, new = self.carried(yard)
        assert not os.path.samefile(old.path(f"{SITE}/pure.py"), new.path(f"{SITE}/pure.py"))

    @pytest.mark.parametrize("number", [28, 122])
    def test_a_full_disk_is_no_reason_to_copy(self, yard: Yard, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        def link(*_: Any, **__: Any) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(tree_module.os, "link", link)
        with pytest.raises(OSError, match=os.strerror(number)):
            self.carried(yard)


def test_a_tree_adopts_what_another_program_made(yard: Yard) -> None:
    tree = yard.tree(mode=0o750)
    root = pathlib.Path(tree.root)
    (root / "include").mkdir(mode=0o700)
    (root / "pyvenv.cfg").write_text("x")
    (root / "bin" / "tool").write_text("y")
    (root / "bin" / "tool").chmod(0o700)
    os.symlink("lib", root / "lib64")
    tree.adopt(["bin", "bin/tool", "include", "lib64", "pyvenv.cfg"])
    found = {path: (file.kind, file.mode) for path, file in tree.files.items()}
    assert found == {
        "bin/tool": (FILE, 0o750),
        "include": (FOLDER, 0o750),
        "lib64": (LINK, 0o777),
        "pyvenv.cfg": (FILE, 0o640),
    }
    assert tree.files["lib64"].sha256 == "lib"
    for path in ("bin", "bin/tool", "include"):
        assert os.stat(root / path).st_mode & 0o777 == 0o750


def test_a_file_of_the_environment_that_a_wheel_brings_too_stays_the_environments(yard: Yard) -> None:
    tree = yard.tree()
    pathlib.Path(tree.path("bin/x")).write_bytes(b"same")
    tree.adopt(["bin/x"])
    tree.clash("bin/x", tree.files["bin/x"].sha256, "a" * 64)
    assert tree.files["bin/x"].wheel == ""


def test_a_write_that_takes_only_a_part_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write(descriptor: int, data: memoryview) -> int:
        written.append(bytes(data[:3]))
        return len(data[:3])

    monkeypatch.setattr(tree_module.os, "write", write)
    write_all(7, b"0123456789")
    assert written == [b"012", b"345", b"678", b"9"]


def test_a_failed_write_closes_its_file(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    tree = yard.tree()
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(tree_module.os, "write", write)
    with pytest.raises(OSError, match="No space"):
        tree.write("x", b"data", "0" * 64, "w")
    assert len(os.listdir("/proc/self/fd")) == before
    assert "x" not in tree.files
