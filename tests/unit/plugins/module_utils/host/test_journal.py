# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pathlib
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import journal
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import (
    INSTALL,
    ROLLBACK,
    noted,
    pointed,
    previous,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch
from ansible_collections.netdevops.python.plugins.module_utils.host.tenure import (
    current_between,
    current_since,
    last_current,
)

pytestmark = pytest.mark.usefixtures("short_names")

YEAR_2001 = 1_000_000_000


class Place:
    """An environment whose releases are a receipt each."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.environment = Environment(str(folder / ".venv"))
        self.releases = folder / ".venv.releases"
        self.releases.mkdir()
        self.file = self.releases / ".journal"
        self.count = 0
        self.cut: list[object] = []

    def release(self, name: str) -> None:
        (self.releases / name).mkdir()
        receipt = self.releases / name / "receipt.json"
        receipt.write_text("{}")
        self.count += 1
        os.utime(receipt, (YEAR_2001 + self.count, YEAR_2001 + self.count))

    def install(self, name: str) -> None:
        if not (self.releases / name).exists():
            self.release(name)
        with noted(self.environment, name, INSTALL):
            switch(self.environment, name)

    def back(self, name: str = "") -> str:
        name = name or self.previous()
        with noted(self.environment, name, ROLLBACK):
            switch(self.environment, name)
        return name

    def killed(self, name: str, kind: str = INSTALL) -> None:
        """Leave what a run leaves that is killed between entry and link."""
        cut = noted(self.environment, name, kind)
        cut.__enter__()
        self.cut.append(cut)  # One that is forgotten is closed, as if it had failed.

    def previous(self) -> str:
        return previous(self.environment, pointed(self.environment))

    def point(self, target: str) -> None:
        os.unlink(self.environment.venv)
        os.symlink(target, self.environment.venv)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def abc(place: Place) -> Place:
    for name in "abc":
        place.install(name)
    return place


def test_before_the_first_there_is_nothing(place: Place) -> None:
    assert place.previous() == ""
    place.install("a")
    assert place.previous() == ""


def test_each_rollback_goes_back_by_one_more(abc: Place) -> None:
    assert [abc.back(), abc.back(), abc.previous()] == ["b", "a", ""]


def test_forward_again_is_taken_back_like_an_installation(abc: Place) -> None:
    abc.back()
    abc.back("c")
    assert [abc.back(), abc.back(), abc.previous()] == ["b", "a", ""]


def test_a_named_one_that_was_passed_is_uncovered(abc: Place) -> None:
    abc.back("a")
    assert abc.previous() == ""
    abc.install("d")
    assert abc.previous() == "a"


def test_what_is_installed_again_is_current_twice(abc: Place) -> None:
    abc.install("a")
    assert [abc.back(), abc.back(), abc.back(), abc.previous()] == ["c", "b", "a", ""]


def test_what_was_removed_is_passed_over(abc: Place) -> None:
    abc.install("a")
    for name in "bc":
        os.unlink(abc.releases / name / "receipt.json")
    assert abc.previous() == "", "the one that is left is the current one itself"
    abc.install("d")
    assert abc.previous() == "a"


class TestRepair:
    """A release that drifted stays beside the one that repairs it, which has its release id and takes its place."""

    def test_a_rollback_goes_to_what_was_before_the_release_that_was_repaired(self, abc: Place) -> None:
        for name in ("c-2", "c-3"):
            abc.install(name)
            assert abc.previous() == "b"
        abc.install("d")
        assert [abc.back(), abc.back(), abc.back(), abc.previous()] == ["c-3", "b", "a", ""]

    def test_a_repair_that_is_gone_uncovers_nothing_damaged(self, abc: Place) -> None:
        abc.install("c-2")
        abc.install("d")
        os.unlink(abc.releases / "c-2" / "receipt.json")
        assert abc.previous() == "b"

    def test_a_name_that_became_free_is_used_again(self, abc: Place) -> None:
        abc.install("c-2")
        os.unlink(abc.releases / "c" / "receipt.json")
        abc.install("c")
        assert [abc.previous(), abc.back(), abc.back()] == ["b", "b", "a"]

    def test_one_that_was_written_down_as_an_installation_is_none(self, abc: Place) -> None:
        abc.install("c-2")
        abc.file.write_text('{"stack": ["a", "b", "c", "c-2"], "left": {}}\n')
        assert [abc.previous(), abc.back(), abc.previous()] == ["b", "b", "a"]

    def test_without_a_journal(self, abc: Place) -> None:
        abc.install("c-2")
        abc.file.unlink()
        assert [abc.previous(), abc.back(), abc.back()] == ["b", "b", "a"]

    def test_the_damaged_one_by_its_name_and_back_from_it(self, abc: Place) -> None:
        abc.install("c-2")
        assert [abc.back("c"), abc.previous()] == ["c", "b"]


class TestCut:
    """A run that is killed anywhere leaves a truth that can be read."""

    def test_between_entry_and_link_nothing_happened(self, abc: Place) -> None:
        abc.release("d")
        abc.killed("d")
        assert abc.previous() == "b"
        assert last_current(abc.environment)["d"] < YEAR_2001 + 10, "it never was current"
        abc.install("e")
        assert [abc.back(), abc.back()] == ["c", "b"]

    def test_after_the_link_it_happened(self, abc: Place) -> None:
        abc.install("d")
        assert [abc.previous(), pointed(abc.environment)] == ["c", "d"]

    def test_two_attempts_are_one_step(self, abc: Place) -> None:
        abc.release("d")
        abc.killed("d")
        abc.install("d")
        assert [abc.back(), abc.back(), abc.back(), abc.previous()] == ["c", "b", "a", ""]

    def test_an_attempt_and_then_another_release(self, abc: Place) -> None:
        abc.release("d")
        abc.killed("d")
        abc.killed("d")
        abc.back()
        assert [pointed(abc.environment), abc.previous()] == ["b", "a"]

    def test_a_rollback_that_was_cut_short_is_done_again(self, abc: Place) -> None:
        abc.killed("b", ROLLBACK)
        assert abc.previous() == "b"
        assert [abc.back(), abc.back(), abc.previous()] == ["b", "a", ""]

    def test_a_first_installation_that_was_cut_short(self, place: Place) -> None:
        place.release("a")
        place.killed("a")
        assert place.previous() == ""
        place.install("b")
        assert place.previous() == ""

    @pytest.mark.parametrize("had_one", [True, False])
    def test_a_switch_that_fails_is_taken_back(self, abc: Place, had_one: bool) -> None:
        if not had_one:
            abc.file.unlink()
        before = abc.file.read_bytes() if had_one else b""
        with pytest.raises(ZeroDivisionError), noted(abc.environment, "a", ROLLBACK):
            raise ZeroDivisionError
        assert (abc.file.read_bytes() if abc.file.exists() else b"") == before

    def test_one_that_fails_after_the_link_is_not(self, abc: Place) -> None:
        def fail() -> None:
            with noted(abc.environment, "a", INSTALL):
                switch(abc.environment, "a")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert abc.previous() == "c"

    @pytest.mark.parametrize("torn", [b'{"from": "c", "to', b"\xff\xfe", b"[1]", b"7", b'"stack"', b'{"from": "c"}'])
    def test_a_torn_last_line_is_none(self, abc: Place, torn: bytes) -> None:
        with open(abc.file, "ab") as stream:
            stream.write(torn)
        assert abc.previous() == "b"
        abc.install("d")
        assert [abc.back(), abc.back(), abc.back()] == ["c", "b", "a"]

    def test_a_file_that_is_lost_is_made_up_from_the_receipts(self, abc: Place) -> None:
        abc.file.unlink()
        assert abc.previous() == "b"
        assert abc.back() == "b"
        assert [abc.previous(), abc.back(), abc.previous()] == ["a", "a", ""]
        abc.file.unlink()
        assert abc.previous() == "", "nothing is older"
        abc.install("d")
        assert abc.previous() == "a", "what is installed has the newest receipt, and comes after the current one"

    @pytest.mark.parametrize(
        "content",
        [
            b"garbage\n",
            b"\0" * 300 + b'\n{"from": "b", "to": "c", "kind": "install", "at": 1}\n',
            b'{"from": "b", "to": "c", "kind": "install", "at": 1}\n',
            b'{"stack": 7, "left": {}}\n',
            b'{"stack": ["c"]}\n',
            b"\n",
        ],
    )
    def test_one_whose_first_line_is_lost_begins_with_the_receipts(self, abc: Place, content: bytes) -> None:
        abc.file.write_bytes(content)
        assert abc.previous() == "b"
        abc.install("d")
        assert [abc.back(), abc.back(), abc.back(), abc.previous()] == ["c", "b", "a", ""]

    @pytest.mark.parametrize("moment", ["1" + "0" * 400, "Infinity", "-Infinity", "NaN", "-1", "1e10", '"x"', "[]"])
    def test_times_that_are_none(self, abc: Place, moment: str) -> None:
        """Root reads the journals of all users; one that ends its run keeps it from all that come after."""
        abc.file.write_text(f'{{"stack": ["c"], "left": {{"a": {moment}}}}}\n')
        assert abc.previous() == "b" and last_current(abc.environment)["a"] < YEAR_2001 + 10
        with open(abc.file, "a") as stream:
            stream.write(f'{{"from": "a", "to": "c", "kind": "install", "at": {moment}}}\n')
        assert abc.previous() == "b" and current_since(abc.environment) == 0.0
        assert current_between(abc.environment, 1, 2) == {*"abc"}

    @pytest.mark.parametrize("nested", ["[" * 100_000, '{"stack": ' + "[" * 100_000, '{"a": ' * 100_000])
    def test_what_is_nested_without_end(self, abc: Place, nested: str) -> None:
        abc.file.write_text(nested + "\n")
        assert abc.previous() == "b"

    def test_a_file_that_is_no_file_is_lost(self, abc: Place, tmp_path: pathlib.Path) -> None:
        abc.file.unlink()
        os.mkfifo(abc.file)
        assert abc.previous() == "b"
        abc.file.unlink()
        (tmp_path / "theirs").write_text('{"stack": ["c", "a"], "left": {}}\n')
        abc.file.symlink_to(tmp_path / "theirs")
        assert abc.previous() == "b"
        abc.back()
        assert abc.file.is_file() and not abc.file.is_symlink()
        assert "stack" in (tmp_path / "theirs").read_text()


class TestLink:
    """The link says where the environment is, whatever the journal says."""

    def test_one_that_was_moved_by_hand_counts_as_gone_back(self, abc: Place) -> None:
        abc.point(".venv.releases/b")
        assert abc.previous() == "a"
        abc.install("d")
        assert [abc.back(), abc.back()] == ["b", "a"]

    def test_one_that_was_moved_by_two_is_where_it_is(self, abc: Place) -> None:
        abc.point(".venv.releases/a")
        assert abc.previous() == ""

    def test_one_that_was_moved_forward_by_hand_can_be_gone_back_from(self, abc: Place) -> None:
        abc.release("d")
        abc.point(".venv.releases/d")
        assert abc.previous() == "c"

    def test_one_that_dangles_is_left_for_what_was_before(self, abc: Place) -> None:
        os.unlink(abc.releases / "c" / "receipt.json")
        assert abc.previous() == "b"

    @pytest.mark.parametrize("target", ["/usr", "/nowhere", ".venv.releases/../b"])
    def test_one_that_points_elsewhere_is_left_for_what_was_current_last(self, abc: Place, target: str) -> None:
        abc.point(target)
        assert pointed(abc.environment) == "" and abc.previous() == "c"
        assert [abc.back(), abc.back()] == ["c", "b"]

    @pytest.mark.parametrize(
        "words",
        ["{releases}/b", "{releases}/b/", ".venv.releases/b/", "./.venv.releases//b", "{releases}/../.venv.releases/b"],
    )
    def test_one_that_says_it_in_other_words_is_where_it_is(self, abc: Place, words: str) -> None:
        abc.point(words.format(releases=abc.releases))
        assert pointed(abc.environment) == "b" and abc.previous() == "a"
        assert [abc.back(), abc.previous()] == ["a", ""]

    @pytest.mark.parametrize("words", ["{releases}", "{releases}/", "{releases}/b/lib", "/other/.venv.releases/b"])
    def test_one_that_says_something_near_is_elsewhere(self, abc: Place, words: str) -> None:
        abc.point(words.format(releases=abc.releases))
        assert pointed(abc.environment) == ""

    def test_one_that_is_gone_is_put_back(self, abc: Place) -> None:
        os.unlink(abc.environment.venv)
        assert [abc.back(), abc.back()] == ["c", "b"]


def test_when_each_was_current_last(abc: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_900_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    abc.release("never")
    now[0] = 2_000_000_000.0
    abc.install("d")
    now[0] += 5
    assert last_current(abc.environment)["c"] == 2_000_000_000.0
    assert last_current(abc.environment)["d"] == 2_000_000_005.0
    assert last_current(abc.environment)["never"] == YEAR_2001 + 4
    abc.back("a")
    now[0] += 5
    found = last_current(abc.environment)
    assert found["d"] == 2_000_000_005.0 and found["a"] == 2_000_000_010.0
    assert set(found) == {*"abcd", "never"}


def test_it_is_bounded_and_loses_nothing_that_a_rollback_needs(place: Place) -> None:
    for name in "abc":
        place.install(name)
    for _number in range(300):
        place.back("b")
        place.install("c")
    lines = place.file.read_text().splitlines()
    assert len(lines) <= 65
    assert json.loads(lines[0])["stack"] == ["a", "b"]
    assert set(last_current(place.environment)) == {*"abc"}
    assert [place.back(), place.back(), place.previous()] == ["b", "a", ""]


def test_so_many_installations_leave_a_short_file(place: Place) -> None:
    for number in range(200):
        place.install(str(number))
    assert len(place.file.read_text().splitlines()) <= 65
    assert len(json.loads(place.file.read_text().splitlines()[0])["stack"]) <= journal.MOST_DEPTH
    assert [place.back() for _number in range(70)] == [str(number) for number in range(198, 128, -1)]


def test_it_is_readable_whatever_the_umask_and_no_release(abc: Place) -> None:
    old = os.umask(0o077)
    try:
        abc.install("d")
    finally:
        os.umask(old)
    assert abc.file.stat().st_mode & 0o777 == 0o644
    assert sorted(abc.environment.names()) == [*"abcd"] and abc.environment.leftovers() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_it_belongs_to_the_owner_of_the_releases(abc: Place) -> None:
    os.chown(abc.releases, 4242, 4343)
    abc.install("d")
    assert (abc.file.stat().st_uid, abc.file.stat().st_gid) == (4242, 4343)


def test_since_when_the_current_one_is_current(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_since(place.environment) == 0.0
    for moment, name in enumerate(("a", "b"), start=1):
        monkeypatch.setattr(time, "time", lambda moment=moment: float(moment))
        place.install(name)
    assert current_since(place.environment) == 2.0
    monkeypatch.setattr(time, "time", lambda: 3.0)
    place.killed("a", ROLLBACK)
    assert current_since(place.environment) == 2.0, "what did not happen counts"
    monkeypatch.setattr(time, "time", lambda: 4.0)
    place.back("a")
    assert current_since(place.environment) == 4.0
    place.file.unlink()
    assert current_since(place.environment) == 0.0


def test_what_was_current_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for moment, name in ((10, "a"), (20, "b"), (30, "c")):
        monkeypatch.setattr(time, "time", lambda moment=moment: float(moment))
        place.install(name)
    monkeypatch.setattr(time, "time", lambda: 40.0)
    place.back("a")
    spans = {(11, 19): {"a"}, (21, 22): {"b"}, (25, 35): {"b", "c"}, (41, 99): {"a"}, (1, 2): set(), (1, 99): {*"abc"}}
    assert {span: current_between(place.environment, *span) for span in spans} == spans


def test_what_was_current_is_remembered_in_short_when_the_journal_was_shortened(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES", 4)
    for moment, name in enumerate("abcdefgh"):
        monkeypatch.setattr(time, "time", lambda moment=moment: 10.0 * moment)
        place.install(name)
    assert current_between(place.environment, 61, 69) == {"g"}
    assert current_between(place.environment, 71, 79) == {"h"}
    # Of what was before the first entry only the end is known: it, or one of those after it.
    assert current_between(place.environment, 11, 19) >= {"b"}
    assert "a" not in current_between(place.environment, 11, 19)


def test_without_a_journal_each_release_may_have_been_current(abc: Place) -> None:
    abc.file.unlink()
    assert current_between(abc.environment, 1, 2) == {*"abc"}
