# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import json
import os
import pathlib
import time
from collections.abc import Iterable
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import surplus as surplus_module
from ansible_collections.netdevops.python.plugins.module_utils.host import usage, work
from ansible_collections.netdevops.python.plugins.module_utils.host.due import find_due
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.held import read_held
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import INSTALL, ROLLBACK, noted, pointed
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.pruning import prune_due, write_held
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, release_id
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import (
    Due,
    Pruned,
    Retention,
    parse_retention,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.surplus import DAY, Edges, judge
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Look, Use
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

pytestmark = pytest.mark.usefixtures("short_names")

ASKED = {"source": "bundle:x", "mode": "0755"}
INTERPRETER = {"path": "/p", "version": "3.11.7", "target": "t", "sha256": "0"}
RECEIPT = Receipt(release_id(ASKED, "3.11.7", "t", []), ASKED, "b", INTERPRETER, [], [0, 0], "0")
NOW = 1_800_000_000.0
BACK = "a rollback goes back to it"


class Lab:
    """An environment whose releases a1 to a6 were current one after the other, a day each; a6 is current."""

    def __init__(self, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.environment = Environment(str(root / ".venv"))
        self.names = [f"a{number}" for number in range(1, 7)]
        self.times = {name: NOW - (6 - number) * DAY for number, name in enumerate(self.names, start=1)}
        for name in self.names:
            os.makedirs(self.environment.release(f"{name}/lib"))
            pathlib.Path(self.environment.release(name), "receipt.json").write_text("{}")
        os.symlink(self.environment.link_target("a6"), self.environment.venv)
        self.users: dict[str, list[Use]] = {}
        self.starts: dict[int, float] = {}
        self.unseen = 0
        self.looks = 0
        monkeypatch.setattr(time, "time", lambda: NOW)
        self.write_journal()
        self._patch = monkeypatch

    def write_journal(self) -> None:
        lines = [
            {"from": old, "to": new, "kind": INSTALL, "at": self.times[old]}
            for old, new in zip(self.names, self.names[1:])
        ]
        journal = [{"stack": self.names[:1], "left": {}}, *lines]
        text = "".join(json.dumps(line) + "\n" for line in journal)
        pathlib.Path(self.environment.release(".journal")).write_text(text)

    def pretend(self) -> None:
        """Have :attr:`times` say when each was current last, whatever the journal says."""
        self._patch.setattr(surplus_module, "last_current", lambda _environment: dict(self.times))

    def switch(self, name: str, kind: str) -> None:
        with noted(self.environment, name, kind):
            os.unlink(self.environment.venv)
            os.symlink(self.environment.link_target(name), self.environment.venv)

    def look(self, folders: Iterable[str]) -> Look:
        self.looks += 1
        return Look({folder: self.users.get(os.path.basename(folder), []) for folder in folders}, self.unseen)

    def due(self, keep: int, days: int = 0, hold: tuple[str, ...] | None = None) -> Due:
        edges = Edges(self.look, lambda pid: self.starts.get(pid, 0.0), lambda: NOW)
        return judge(self.environment, pointed(self.environment), Retention(keep, days, hold), edges)


@pytest.fixture
def lab(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(tmp_path, monkeypatch)


def test_the_newest_stay_by_when_they_were_current_last(lab: Lab) -> None:
    assert lab.due(3) == Due(("a3", "a2", "a1"))
    lab.pretend()
    lab.times["a1"] = NOW - 10  # a rollback went there, and forward again
    assert lab.due(3).go == ("a4", "a3", "a2")
    assert lab.due(6) == lab.due(9) == Due()


def test_the_one_that_a_rollback_goes_back_to_stays_whatever_keep_says(lab: Lab) -> None:
    assert lab.due(1) == Due(("a4", "a3", "a2", "a1"), {"a5": BACK})
    lab.pretend()
    lab.times["a5"] = NOW - 100 * DAY
    assert lab.due(2) == Due(("a3", "a2", "a1"), {"a5": BACK})


class TestRepaired:
    """Of the releases of one id, the one that was current last is one of those that are kept; the others go first."""

    def rename(self, lab: Lab, **names: str) -> None:
        lab.pretend()
        for old, new in names.items():
            os.rename(lab.environment.release(old), lab.environment.release(new))
            lab.times[new] = lab.times.pop(old)
        for name in lab.times:
            pathlib.Path(lab.environment.release(name), "receipt.json").write_bytes(RECEIPT.encode())

    def test_those_of_the_current_one_go_before_any_other(self, lab: Lab) -> None:
        self.rename(lab, a3="a6-2", a4="a6-3")
        assert lab.due(4).go == ("a6-3", "a6-2")
        assert lab.due(3).go == ("a1", "a6-3", "a6-2")
        assert lab.due(6) == Due()
        lab.users["a6-3"] = [Use(7, "executable", "/x")]
        assert lab.due(4) == Due(("a6-2",), {"a6-3": "in use by process 7 (executable: /x)"})
        assert lab.due(4, hold=("a6-2", "a6-3")).go == ()

    def test_those_of_an_earlier_one_go_before_any_other(self, lab: Lab) -> None:
        self.rename(lab, a4="b", a3="b-2")
        assert lab.due(4).go == ("a1", "b-2")
        assert lab.due(5).go == ("b-2",)

    def test_one_whose_receipt_nobody_believes_goes_first(self, lab: Lab) -> None:
        self.rename(lab)
        pathlib.Path(lab.environment.release("a4"), "receipt.json").write_text("{}")
        assert lab.due(4).go == ("a1", "a4") and lab.due(5).go == ("a4",)


def test_those_of_the_last_days_stay(lab: Lab) -> None:
    assert lab.due(2, days=3) == Due(("a3", "a2", "a1"), {"a4": "was current 2 days ago, and keep_days is 3"})
    lab.pretend()
    lab.times["a1"] = NOW - DAY / 2
    lab.times["a2"] = NOW - DAY * 1.5
    assert lab.due(1, days=2) == Due(
        ("a4", "a3"),
        {
            "a1": "was current less than a day ago, and keep_days is 2",
            "a2": "was current 1 day ago, and keep_days is 2",
            "a5": BACK,
        },
    )
    assert lab.due(1, days=100).go == ()


def test_after_a_rollback_what_was_left_is_the_latest(lab: Lab) -> None:
    lab.switch("a2", ROLLBACK)
    assert lab.due(1) == Due(("a6", "a5", "a4", "a3"), {"a1": BACK})
    assert lab.due(3).go == ("a4", "a3") and lab.due(3).spared == {"a1": BACK}


def test_a_repair_that_was_just_made(lab: Lab) -> None:
    os.makedirs(lab.environment.release("a6-2"))
    pathlib.Path(lab.environment.release("a6-2"), "receipt.json").write_text("{}")
    for name in lab.names:
        pathlib.Path(lab.environment.release(name), "receipt.json").write_bytes(RECEIPT.encode())
    lab.switch("a6-2", INSTALL)
    assert lab.due(2) == Due(("a4", "a3", "a2", "a1", "a6"))
    assert lab.due(1) == Due(("a4", "a3", "a2", "a1", "a6"), {"a5": BACK})


@pytest.mark.parametrize(
    "content", [b"garbage\n", b"\0" * 99, b'{"from": "a5", "to": "a6", "kind": "install", "at": 1}']
)
def test_a_damaged_journal_costs_nobody_the_release_before(lab: Lab, content: bytes) -> None:
    for name in lab.names:
        os.utime(lab.environment.release(f"{name}/receipt.json"), (lab.times[name], lab.times[name]))
    pathlib.Path(lab.environment.release(".journal")).write_bytes(content)
    due = lab.due(1)
    assert sorted(due.go) == ["a1", "a2", "a3", "a4"] and due.spared == {"a5": BACK}


def test_held_ones_stay_until_they_are_no_longer_named(lab: Lab) -> None:
    due = lab.due(3, hold=("a1", "a2"))
    assert due == Due(("a3",), {"a1": "is held", "a2": "is held"}, held=("a1", "a2"))
    write_held(lab.environment, due.held or ())
    assert lab.due(3) == due._replace(held=None) == lab.due(3, hold=("a1", "a2"))
    assert lab.due(3, hold=("a2",)).held == ("a2",)
    assert lab.due(3, hold=()) == Due(("a3", "a2", "a1"), held=())
    # That others are held is said also where none is surplus.
    assert lab.due(9, hold=("a1",)) == Due(held=("a1",))


def test_one_that_a_process_uses_stays_and_its_user_is_told(lab: Lab) -> None:
    lab.users["a2"] = [Use(7, "mapped", "/x.so"), Use(8, "executable", "/bin/x")]
    lab.unseen = 4
    assert lab.due(3) == Due(("a3", "a1"), {"a2": "in use by process 7 (mapped: /x.so) and 1 more"}, 4)
    lab.users["a3"] = lab.users["a1"] = lab.users["a2"]
    assert lab.due(3).go == ()


def test_processes_are_looked_at_only_where_something_would_go(lab: Lab) -> None:
    lab.due(6)
    lab.due(5, days=100)
    lab.due(5, hold=("a1",))
    assert lab.looks == 0
    lab.due(5)
    assert lab.looks == 1


class TestThroughTheLink:
    """``.venv/bin/python -m app`` of pure Python names no release; it uses one that was current when it started."""

    def test_it_counts_for_the_one_that_was_current_when_it_started(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "command line", "/opt/.venv/bin/python")]
        lab.starts[7] = NOW - 3.5 * DAY  # a3 was current then
        due = lab.due(1)
        assert due.go == ("a4", "a2", "a1") and sorted(due.spared) == ["a3", "a5"]
        assert due.spared["a3"] == (
            "in use by process 7 (command line: /opt/.venv/bin/python), which started while it was current"
        )

    def test_so_does_one_whose_python_was_found_by_its_search_path(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "search path", "/opt/.venv/bin")]
        lab.starts[7] = NOW - 3.5 * DAY
        assert lab.due(1).go == ("a4", "a2", "a1")

    def test_it_does_not_where_the_process_names_its_release(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "command line", "/opt/.venv/bin/app")]
        lab.users["a6"] = [Use(7, "command line", "/opt/.venv.releases/a6/bin/python")]
        lab.starts[7] = NOW - 100 * DAY
        assert lab.due(3).go == ("a3", "a2", "a1")

    def test_other_signs_of_the_link_are_no_use_of_a_release(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "environment", "/opt/.venv")]
        lab.starts[7] = NOW - 100 * DAY
        assert lab.due(3).go == ("a3", "a2", "a1")

    def test_who_only_names_the_environment_runs_nothing_of_it(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "command line", "/opt/.venv"), Use(8, "command line", "/opt/.venv/pyvenv.cfg")]
        lab.starts[7] = lab.starts[8] = NOW - 100 * DAY
        assert lab.due(3).go == ("a3", "a2", "a1")

    def test_one_that_has_ended_meanwhile_uses_nothing(self, lab: Lab) -> None:
        lab.users[".venv"] = [Use(7, "command line", "/opt/.venv/bin/python")]
        assert lab.due(3).go == ("a3", "a2", "a1")


def test_where_nothing_can_be_surplus_nothing_else_is_looked_at(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_unused: Any) -> Any:
        raise AssertionError("it was asked for more")

    monkeypatch.setattr(surplus_module, "judge", fail)
    assert find_due(lab.environment, "a6", Retention(6)) == Due()
    with pytest.raises(AssertionError):
        find_due(lab.environment, "a6", Retention(5))
    write_held(lab.environment, ("a2",))
    assert find_due(lab.environment, "a6", Retention(6, 0, ("a2",))) == Due()
    for others in ((), ("a1",), ("a1", "a2")):
        with pytest.raises(AssertionError):
            find_due(lab.environment, "a6", Retention(6, 0, others))


@pytest.mark.parametrize(
    ("params", "words"),
    [({"keep": 0}, "expected at least 1"), ({"keep": 3, "keep_days": -1}, "expected 0 or more")],
)
def test_numbers_that_make_no_sense(params: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        parse_retention(params)


def test_what_is_asked() -> None:
    assert parse_retention({"keep": 2, "keep_days": None, "hold": None}) == Retention(2)
    assert parse_retention({"keep": 2, "keep_days": 3, "hold": ["b", "", "a", "b"]}) == Retention(2, 3, ("a", "b"))
    assert parse_retention({"keep": 2, "hold": [""]}) == Retention(2, 0, ())


def test_applying_it_removes_and_says_what_that_freed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = pathlib.Path(lab.environment.release("a1/lib/shared.so"))
    shared.write_bytes(b"x" * 100_000)
    os.link(shared, lab.environment.release("a6/lib/shared.so"))
    pathlib.Path(lab.environment.release("a1/lib/own.so")).write_bytes(b"x" * 100_000)
    monkeypatch.setattr(judge, "__defaults__", (Edges(lab.look),))
    pruned = prune_due(lab.environment, "a6", Retention(5, 0, ("a2",)))
    assert pruned.releases == ("a1",) and 100_000 <= pruned.freed < 150_000
    assert sorted(os.listdir(lab.environment.releases)) == [".held", ".journal", "a2", "a3", "a4", "a5", "a6"]
    assert read_held(lab.environment) == ("a2",)
    assert pruned.result() == {"pruned": ["a1"], "freed_bytes": pruned.freed, "spared": {}}


def test_that_not_all_processes_could_be_looked_into_is_said_where_releases_go() -> None:
    assert "warnings" not in Pruned((), 0, {}, 5).result()
    [warning] = Pruned(("a1",), 0, {}, 5).result()["warnings"]
    assert "of 5, this user sees the command line alone" in warning


class TestOfAnInstall:
    """The same as part of a run of ``wheelhouse_install``."""

    def test_a_release_in_use_is_no_change_and_goes_once_it_is_not(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = []
        for number in range(3):
            host.seal(host.wheel(version=f"{number}.0"))
            names.append(host.converge()["release"])
        used = {str(host.releases / names[0]): [Use(7, "executable", "/x")]}

        def look(folders: Iterable[str], _proc: str = usage.PROC) -> Look:
            return Look({folder: used.get(folder, []) for folder in folders}, 0)

        monkeypatch.setattr(judge, "__defaults__", (Edges(look),))
        said = host.converge(keep=2)
        assert said["changed"] is False and said["pruned"] == []
        assert said["spared"] == {names[0]: "in use by process 7 (executable: /x)"}
        used.clear()
        assert host.converge(keep=2)["pruned"] == [names[0]]
        assert host.converge(keep=2)["changed"] is False

    def test_holding_is_a_change_of_its_own(self, host: Host) -> None:
        host.seal(host.wheel())
        name = host.converge()["release"]
        planned = host.converge(check=True, hold=[name[:4]])
        assert planned["actions"] == [{"verb": "hold", "subject": name, "reason": "others are held than before"}]
        assert not (host.releases / ".held").exists()
        assert host.converge(hold=[name[:4]])["actions"] == planned["actions"]
        assert host.converge(hold=[name])["changed"] is False and host.converge()["changed"] is False
        for number in range(2, 5):
            host.seal(host.wheel(version=f"{number}.0"))
            said = host.converge(keep=2)
        assert (host.releases / name).is_dir() and said["spared"] == {name: "is held"}
        let_go = host.converge(keep=2, hold=[])
        assert [action["verb"] for action in let_go["actions"]] == ["hold", "prune"]
        assert not (host.releases / name).exists()

    def test_what_cannot_be_removed_leaves_an_installation_that_took_effect(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host.seal(host.wheel())
        host.converge()

        def fail(_options: Any) -> Any:
            raise OSError(errno.EIO, os.strerror(errno.EIO), "/opt")

        monkeypatch.setattr(work, "prune_surplus", fail)
        host.seal(host.wheel(version="2.0"))
        with pytest.raises(Refused, match="in stage prune"):
            host.converge(keep=1)
        first, last = read_history(host.params()["history"])
        assert (first["outcome"], first["current"]) == ("done", first["to"]["release"])
        assert (last["outcome"], last["current"]) == ("incomplete", host.release.name)
        assert last["to"]["release"] == host.release.name and "Input/output error" in last["message"]

    def test_one_that_fails_before_the_switch_has_failed(self, host: Host) -> None:
        host.seal(host.wheel())
        name = host.converge()["release"]
        host.run.broken = {"spam": "ImportError: no"}
        host.seal(host.wheel(version="2.0"))
        with pytest.raises(Refused, match="import spam"):
            host.converge(prove={"imports": ["spam"]})
        last = read_history(host.params()["history"])[-1]
        assert (last["outcome"], last["current"]) == ("failed", name)

    def test_a_history_that_cannot_be_written_is_said_also_where_only_old_ones_go(self, host: Host) -> None:
        for number in range(3):
            host.seal(host.wheel(version=f"{number}.0"))
            host.converge(keep=9)
        said = host.converge(keep=1, history="/proc/nowhere/history")
        assert len(said["pruned"]) == 1 and any("the history cannot be written" in text for text in said["warnings"])

    @pytest.mark.parametrize("check", [True, False])
    def test_a_history_that_is_not_absolute_is_refused_also_where_nothing_is_to_be_done(
        self, host: Host, check: bool
    ) -> None:
        host.seal(host.wheel())
        for _unused in range(2):
            with pytest.raises(Refused, match=r"history 'log/x': expected an absolute path"):
                host.converge(check, history="log/x")
            host.converge()

    def test_a_name_that_is_not_there_is_refused_before_anything_is_built(self, host: Host) -> None:
        host.seal(host.wheel())
        with pytest.raises(Refused, match=r"hold 'abc'.*no such release"):
            host.converge(hold=["abc"])
        assert not host.releases.exists()
        host.converge()
        host.seal(host.wheel(version="2.0"))
        before = sorted(os.listdir(host.releases))
        with pytest.raises(Refused, match="hold 'xyz'"):
            host.converge(hold=["xyz"])
        assert sorted(os.listdir(host.releases)) == before
        with pytest.raises(Refused, match="hold 'xyz'"):
            host.converge(hold=["xyz"], check=True)
