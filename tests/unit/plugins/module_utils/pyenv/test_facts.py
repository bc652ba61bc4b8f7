# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fact file: what receipts say, the same bytes for the same receipts, and nothing that nobody vouches for."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.facts import gather, tell
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import RECEIPT, Receipt, write_receipt

ORIGIN = {"kind": "archive", "place": "cpython-3.11.2-cp311-manylinux_2_34_x86_64.tar.gz", "sha256": "a" * 64}


class Place:
    """A root with versions, and a fact file in a folder that is not there."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.root = folder / "pyenv"
        self.file = folder / "etc/facts.d/netdevops_python.fact"

    def folder(self, version: str) -> pathlib.Path:
        path = self.root / "versions" / version
        path.mkdir(parents=True, exist_ok=True)
        return path

    def install(self, version: str, said: str = "", **origin: str) -> pathlib.Path:
        folder = self.folder(version)
        receipt = Receipt(
            version=said or version,
            target="cp311-manylinux_2_36_x86_64",
            origin={**ORIGIN, **origin},
            configure_opts=("--enable-shared",),
            core={"bin/python3.11": "b" * 64},
            installed_at="2026-03-01T09:30:00Z",
            patches=("c" * 64,),
        )
        write_receipt(str(folder), receipt)
        return folder

    def tell(self, check: bool = False, state: str = "present", path: str | None = None) -> dict[str, Any]:
        return tell([str(self.root)], str(self.file) if path is None else path, state, check)

    def without(self) -> dict[str, str]:
        told: list[dict[str, str]] = self.tell(path="")["without_receipt"]
        return {os.path.basename(entry["path"]): entry["reason"] for entry in told}


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


def test_a_fact_is_what_the_receipt_says(place: Place) -> None:
    folder = place.install("3.11.2")
    result = place.tell()
    assert result["interpreters"] == [
        {
            "version": "3.11.2",
            "root": str(place.root),
            "executable": f"{folder}/bin/python",
            "target": "cp311-manylinux_2_36_x86_64",
            "origin": ORIGIN,
            "configure_opts": ["--enable-shared"],
            "patches": ["c" * 64],
            "installed_at": "2026-03-01T09:30:00Z",
        }
    ]
    assert result["without_receipt"] == []
    assert result["ansible_facts"]["ansible_local"]["netdevops_python"] == json.loads(place.file.read_text())


def test_the_same_receipts_change_nothing(place: Place) -> None:
    place.install("3.11.2")
    assert place.tell()["changed"]
    before = os.stat(place.file)
    again = place.tell()
    assert (again["changed"], again["actions"]) == (False, [])
    assert os.stat(place.file).st_ino == before.st_ino
    place.install("3.11.2", kind="adopted")
    assert place.tell()["changed"]


def test_everybody_reads_the_file_and_nobody_runs_it(place: Place) -> None:
    inherited = os.umask(0o077)
    try:
        place.tell()
    finally:
        os.umask(inherited)
    modes = [oct(path.stat().st_mode & 0o7777) for path in (place.file, place.file.parent, place.file.parent.parent)]
    assert modes == ["0o644", "0o755", "0o755"]
    place.file.chmod(0o755)
    assert place.tell()["changed"], "setup would run it"
    assert not place.tell()["changed"]


def test_check_mode_tells_and_writes_nothing(place: Place) -> None:
    place.install("3.11.2")
    foretold = place.tell(check=True)
    assert not place.file.parent.exists()
    done = place.tell()
    assert foretold == done
    assert '"version": "3.11.2"' in done["diff"]["after"] and done["diff"]["before"] == "{}\n"


def test_versions_come_in_their_own_order(place: Place) -> None:
    for version in ("3.13.0", "3.9.18", "3.11.2", "3.13.0rc1", "3.11.10"):
        place.install(version)
    told = [fact["version"] for fact in place.tell()["interpreters"]]
    assert told == ["3.9.18", "3.11.2", "3.11.10", "3.13.0rc1", "3.13.0"]


def test_several_roots_are_one_list(place: Place, tmp_path: pathlib.Path) -> None:
    place.install("3.11.2")
    other = Place(tmp_path / "other")
    other.install("3.11.2")
    told = gather([str(place.root), str(other.root), str(other.root) + "/", "/no/such/root", ""])
    assert [fact["root"] for fact in told["interpreters"]] == sorted([str(other.root), str(place.root)])


def test_what_has_no_receipt_is_named_and_not_told(place: Place) -> None:
    place.install("3.11.2")
    place.folder("3.9.18")
    (place.folder("3.9.19") / RECEIPT).write_text('{"half')
    place.folder("3.9.20")
    (place.root / ".builds/3.9.20").mkdir(parents=True)
    place.install("3.9.21", said="3.11.2")
    without = place.without()
    assert {without[version] for version in ("3.9.18", "3.9.20", "3.9.21")} == {
        "holds no receipt",
        "its build is not finished",
        "its receipt is of 3.11.2",
    }
    assert "3.9.19" in without
    assert [fact["version"] for fact in place.tell()["interpreters"]] == ["3.11.2"]


def test_names_that_are_no_versions_are_nobodys_business(place: Place) -> None:
    for name in (".gone-3.11.2-1", "my-project", "3.11", "pypy3.10-7.3.16"):
        place.folder(name)
    assert place.without() == {}


def test_the_word_of_another_user_does_not_count(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.install("3.11.2")
    if os.geteuid() == 0:
        os.chown(folder, 4343, 4343)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert "belongs to user" in place.without()["3.11.2"]


def test_a_link_to_a_shared_version_tells_what_it_links_to(place: Place, tmp_path: pathlib.Path) -> None:
    shared = Place(tmp_path / "shared").install("3.11.2")
    (place.root / "versions").mkdir(parents=True)
    (place.root / "versions/3.11.2").symlink_to(shared)
    (place.root / "versions/3.9.18").symlink_to(tmp_path / "gone")
    assert place.tell()["interpreters"][0]["executable"] == str(place.root / "versions/3.11.2/bin/python")
    assert place.without() == {"3.9.18": "cannot be read: No such file or directory"}


def test_absent_takes_the_file_away_and_tells_all_the_same(place: Place) -> None:
    place.install("3.11.2")
    place.tell()
    assert place.tell(check=True, state="absent")["changed"] and place.file.exists()
    gone = place.tell(state="absent")
    assert gone["changed"] and not place.file.exists()
    assert gone["actions"][0]["verb"] == "remove"
    assert len(gone["interpreters"]) == 1
    assert not place.tell(state="absent")["changed"]


def test_without_a_path_nothing_is_written(place: Place, tmp_path: pathlib.Path) -> None:
    place.install("3.11.2")
    before = sorted(tmp_path.rglob("*"))
    result = place.tell(path="")
    assert not result["changed"] and len(result["interpreters"]) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_somebody_edited_is_put_right(place: Place) -> None:
    place.tell()
    place.file.write_bytes(b"\xff not json")
    result = place.tell()
    assert result["changed"] and "not json" in result["diff"]["before"]
    assert json.loads(place.file.read_text()) == {"interpreters": [], "without_receipt": []}


@pytest.mark.parametrize(
    ("roots", "path", "message"),
    [
        (["pyenv"], "/etc/x.fact", "roots: expected absolute paths on the host, found 'pyenv'"),
        (["/opt/pyenv"], "facts.d/x.fact", "path: expected an absolute path that ends in .fact"),
        (["/opt/pyenv"], "/etc/passwd", "path: expected an absolute path that ends in .fact"),
    ],
)
def test_bad_options_are_refused(roots: list[str], path: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        tell(roots, path, "present", check_mode=False)
    assert message in str(refused.value)


def test_a_folder_in_the_files_place_is_refused(place: Place) -> None:
    place.file.mkdir(parents=True)
    with pytest.raises(Refused, match="expected a file, found a folder"):
        place.tell()


def test_a_folder_of_another_user_is_no_place_for_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.file.parent.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(place.file.parent, 4343, 4343)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match="who could put something else there"):
        place.tell()


def test_what_cannot_be_written_is_told_in_words(place: Place) -> None:
    place.file.parent.parent.mkdir(parents=True)
    place.file.parent.write_text("a file where the folder should be")
    with pytest.raises(Refused) as refused:
        place.tell()
    assert str(place.file) in str(refused.value) and refused.value.problems[0].next_step
