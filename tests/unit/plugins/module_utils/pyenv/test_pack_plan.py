# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for an archive as it is asked for: whether the interpreter is fit for it, the plan, and its application."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.elf import read_elf
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import pack_plan
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import Description, parse_description
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import Machine
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import WITHOUT, Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_plan import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import choose, find, unpack
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Receipt, core_digests, write_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.survey import OPTIONAL
from ansible_collections.netdevops.python.tests.unit.support.elves import make_elf
from ansible_collections.netdevops.python.tests.unit.support.installations import (
    DYNLOAD,
    MTIME,
    VERSION,
    Says,
    install,
    make_install_only,
)

NAME = "cpython-3.11.7-cp311-manylinux_2_34_x86_64.tar.gz"


class Box:
    """A build box with one interpreter and an empty folder for archives."""

    def __init__(self, folder: pathlib.Path, **said: Any) -> None:
        self.root, self.dest = folder / "root", folder / "archives"
        self.folder = install(self.root)
        self.run = Says(self.folder, **said)
        self.wanted = Wanted(VERSION, str(self.root), str(self.dest), WITHOUT, OPTIONAL, "", "")

    def pack(self, check_mode: bool = False, **changes: Any) -> dict[str, Any]:
        return ensure(self.wanted._replace(**changes), check_mode, self.run)

    def described(self, name: str = NAME) -> Description:
        return parse_description((self.dest / f"{name}.json").read_bytes(), name)

    def refusal(self, **changes: Any) -> str:
        with pytest.raises(Refused) as caught:
            self.pack(**changes)
        return "\n".join(problem.message for problem in caught.value.problems)


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Box:
    return Box(tmp_path)


def test_an_archive_and_its_description(box: Box) -> None:
    result = box.pack()
    described = box.described()
    assert described._asdict() == {
        "version": VERSION,
        "implementation": "cpython",
        "target": "cp311-manylinux_2_34_x86_64",
        "arch": "x86_64",
        "libc": "glibc",
        "libc_version": "2.34",
        "libraries": ("libssl.so.3",),
        "optional": ("libtk8.6.so",),
        "prefix": str(box.folder),
        "configure_opts": ("--enable-shared",),
        "relocate": (
            "bin/idle3.11",
            "bin/pip3.11",
            "lib/pkgconfig/python-3.11.pc",
            "lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py",
            "lib/python3.11/config-3.11-x86_64-linux-gnu/Makefile",
        ),
        "kind": "pyenv",
        "without": WITHOUT,
        "tree": described.tree,
        "file": NAME,
        "sha256": digest_file(str(box.dest / NAME)),
        "size": os.stat(box.dest / NAME).st_size,
        "unpacked": described.unpacked,
        "patches": (),
    }
    assert (result["changed"], result["archive"]) == (True, str(box.dest / NAME))
    assert (result["sha256"], result["size"]) == (described.sha256, described.size)
    assert result["actions"] == [{"verb": "pack", "subject": str(box.dest / NAME), "reason": "none there"}]
    assert sorted(os.listdir(box.dest)) == [NAME, f"{NAME}.json"]
    assert {os.stat(box.dest / name).st_mode & 0o777 for name in os.listdir(box.dest)} == {0o644}


def test_a_second_run_packs_nothing(box: Box) -> None:
    first = box.pack()
    before = os.stat(box.dest / NAME).st_mtime_ns
    (box.folder / "bin/python3.11").chmod(0o711)  # unreadable or not: the files are not read
    second = box.pack()
    assert (second["changed"], second["actions"]) == (False, [])
    assert second["before"] == second["after"] == first["after"]
    assert os.stat(box.dest / NAME).st_mtime_ns == before


def test_looking_leaves_no_bytecode(box: Box) -> None:
    """It would be packed, with the time of the look."""
    box.pack()
    assert [argv[:2] for argv in box.run.ran] == [[f"{box.folder}/bin/python", "-B"]]


def test_check_mode_writes_nothing_and_knows_the_name(box: Box) -> None:
    result = box.pack(check_mode=True)
    assert (result["changed"], result["archive"], result["sha256"], result["size"]) == (
        True,
        str(box.dest / NAME),
        "",
        0,
    )
    assert not box.dest.exists()
    assert "sha256" not in result["after"]
    assert json.loads(result["diff"]["after"])["target"] == "cp311-manylinux_2_34_x86_64"


@pytest.mark.parametrize("change", ["content", "time", "new file", "mode", "options", "damage", "cut", "description"])
def test_what_makes_it_pack_again(box: Box, change: str) -> None:
    box.pack()
    options: dict[str, Any] = {}
    path = box.folder / "lib/python3.11/os.py"
    if change == "content":
        path.write_bytes(b"# os 2\n")
    elif change == "time":
        os.utime(path, (MTIME + 9, MTIME + 9))
    elif change == "new file":
        (box.folder / "lib/python3.11/new.py").touch()
    elif change == "mode":
        path.chmod(0o755)
    elif change == "options":
        options["without"] = ("tests",)
    elif change == "damage":
        data = bytearray((box.dest / NAME).read_bytes())
        data[200] ^= 1
        (box.dest / NAME).write_bytes(data)
    elif change == "cut":
        (box.dest / NAME).write_bytes(b"")
    else:
        (box.dest / f"{NAME}.json").unlink()
    result = box.pack(**options)
    assert [action["verb"] for action in result["actions"]] == ["pack"]
    assert result["sha256"] == digest_file(str(box.dest / NAME)) == box.described().sha256
    assert not box.pack(**options)["changed"]


def test_an_archive_of_another_version_is_left_alone(box: Box) -> None:
    box.pack()
    other = box.dest / NAME.replace("3.11.7", "3.11.8")
    (box.dest / NAME).rename(other)
    (box.dest / f"{NAME}.json").rename(f"{other}.json")
    assert box.pack()["changed"]
    assert other.exists()


def test_what_its_own_paper_says_counts(box: Box) -> None:
    """Options and patches of the receipt come first; a newer receipt makes a newer description."""
    box.pack()
    core = core_digests(str(box.folder), VERSION)
    origin = {"kind": "cache", "place": "Python-3.11.7.tar.xz", "sha256": "a" * 64}
    receipt = Receipt(
        VERSION, "cp311-manylinux_2_36_x86_64", origin, ("--with-lto",), core, "2026-01-01T00:00:00Z", ("b" * 64,)
    )
    write_receipt(str(box.folder), receipt)
    assert box.pack()["changed"]
    assert (box.described().configure_opts, box.described().patches) == (("--with-lto",), ("b" * 64,))
    (box.folder / "bin/python3.11").write_bytes(b"another program")
    assert box.refusal() == "its own binaries are not those that its receipt names."


def test_the_packed_copy_alone_is_made_movable(box: Box, tmp_path: pathlib.Path) -> None:
    box.pack()
    one = choose(find(str(box.dest), VERSION), VERSION, Machine("x86_64", "glibc", (2, 34), lambda _name: True))
    unpack(one, str(tmp_path / "new"), "/srv/py/3.11.7")
    run_paths = {
        name: [path.text for path in read_elf((tmp_path / "new" / name).read_bytes(), name).run_paths]
        for name in ("bin/python3.11", "lib/libpython3.11.so.1.0", f"{DYNLOAD}/_ssl.cpython-311-x86_64-linux-gnu.so")
    }
    assert list(run_paths.values()) == [["$ORIGIN/../lib"], ["$ORIGIN"], ["$ORIGIN/../.."]]
    left = [
        str(path.relative_to(tmp_path / "new"))
        for path in sorted((tmp_path / "new").rglob("*"))
        if path.is_file() and str(box.folder).encode() in path.read_bytes()
    ]
    assert left == ["lib/python3.11/__pycache__/os.cpython-311.pyc"]
    assert (tmp_path / "new/bin/pip").read_text().startswith("#!/srv/py/3.11.7/bin/python3.11\n")
    program = read_elf((box.folder / "bin/python3.11").read_bytes(), "python")
    assert program.run_paths[0].text == f"{box.folder}/lib"


def test_a_program_without_a_way_to_its_library_is_not_packed(box: Box) -> None:
    (box.folder / "bin/python3.11").write_bytes(make_elf(needed=("libpython3.11.so.1.0",), interpreter="/lib64/x"))
    assert box.refusal() == "bin/python3.11 needs libpython3.11.so.1.0 and has no run path that leads there."
    assert not box.dest.exists()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"version": "3.11.8"}, "does not prove itself: it says that it is 3.11.8."),
        ({"base_prefix": "/usr"}, "does not prove itself: it lives in /usr, not in "),
        ({"libpython": ["/usr/lib/libpython3.11.so.1.0"]}, "which is another interpreter's library"),
        ({"implementation": "pypy"}, "expected a 64-bit CPython, found 64-bit pypy"),
    ],
)
def test_an_interpreter_that_does_not_prove_itself_is_not_packed(
    tmp_path: pathlib.Path, said: dict[str, Any], message: str
) -> None:
    assert message in Box(tmp_path, **said).refusal()


def test_what_is_not_there_or_not_finished_is_not_packed(box: Box) -> None:
    assert box.refusal(version="3.11.8") == "expected an installed interpreter, found none."
    (box.root / ".builds" / VERSION).mkdir(parents=True)
    assert box.refusal() == "its installation was interrupted, or is under way."


def test_a_folder_without_variables_of_a_build_is_not_packed(box: Box) -> None:
    (box.folder / "lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py").unlink()
    assert "holds no variables of its build" in box.refusal()
    (box.folder / "lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(
        "build_time_vars = {'prefix': '/'}"
    )
    assert "name no path that it can move from: '/'" in box.refusal()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_can_change_is_not_packed(box: Box) -> None:
    os.chown(box.folder / "bin", 4711, 4711)
    assert "belongs to user 4711" in box.refusal()
    assert box.run.ran == []


def test_errors_of_the_system_are_sentences(box: Box) -> None:
    (box.root / "file").touch()
    assert box.refusal(dest=str(box.root / "file/below")) == "Not a directory."


def test_folders_are_made_for_everybody(box: Box) -> None:
    old = os.umask(0o077)
    try:
        box.pack(dest=str(box.dest / "a/b"))
    finally:
        os.umask(old)
    assert {os.stat(path).st_mode & 0o777 for path in (box.dest, box.dest / "a", box.dest / "a/b")} == {0o755}


@pytest.mark.parametrize("older", [False, True])
def test_killed_between_the_two_files_it_is_repaired(box: Box, older: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_words: Any) -> None:
        raise KeyboardInterrupt

    if older:
        box.pack(without=())
    monkeypatch.setattr(pack_plan, "write_atomic", killed)
    with pytest.raises(KeyboardInterrupt):
        box.pack()
    assert os.listdir(box.dest) == [NAME]
    assert find(str(box.dest), VERSION) == []
    monkeypatch.undo()
    assert box.pack()["changed"]
    assert not box.pack()["changed"]


THEIRS = "cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"


@pytest.fixture
def theirs(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "downloads").mkdir()
    return make_install_only(tmp_path / "downloads" / THEIRS)


def test_an_archive_of_others_is_copied_and_described(box: Box, theirs: pathlib.Path) -> None:
    given = {"version": "", "src": str(theirs), "src_sha256": digest_file(str(theirs))}
    checked = box.pack(check_mode=True, **given)
    assert (checked["changed"], box.dest.exists()) == (True, False)
    result = box.pack(**given)
    assert [action["verb"] for action in result["actions"]] == ["copy", "describe"]
    assert result["archive"] == str(box.dest / THEIRS)
    assert (box.dest / THEIRS).read_bytes() == theirs.read_bytes()
    assert box.described(THEIRS).kind == "install_only"
    assert [one.path for one in find(str(box.dest), VERSION)] == [str(box.dest / THEIRS)]
    assert not box.pack(**given)["changed"]
    (box.dest / f"{THEIRS}.json").unlink()
    assert [action["verb"] for action in box.pack(**given)["actions"]] == ["describe"]
    (box.dest / THEIRS).write_bytes(b"cut")
    assert [action["verb"] for action in box.pack(**given)["actions"]] == ["copy"]
    assert box.run.ran == []


def test_where_it_lies_it_is_only_described(box: Box, theirs: pathlib.Path) -> None:
    result = box.pack(version="", src=str(theirs), dest=str(theirs.parent))
    assert [action["verb"] for action in result["actions"]] == ["describe"]
    assert sorted(os.listdir(theirs.parent)) == [THEIRS, f"{THEIRS}.json"]


def test_an_archive_of_others_with_another_digest_is_refused(box: Box, theirs: pathlib.Path) -> None:
    assert "expected SHA-256 000" in box.refusal(version="", src=str(theirs), src_sha256="0" * 64)
    assert box.refusal(version="", src=f"{theirs.parent}/none.tar.gz") == "No such file or directory."
    assert not box.dest.exists()
