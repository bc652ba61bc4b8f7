# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pathlib
import re
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.clearance import asked_of
from ansible_collections.netdevops.python.plugins.module_utils.host.history import (
    History,
    history_of,
    recorded,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history

VENV = "/opt/app/.venv"
OLD, NEW = {"release": "r1", "bundle": "b1"}, {"release": "r2", "bundle": "b2"}


@pytest.fixture
def history(tmp_path: pathlib.Path) -> History:
    return history_of(
        {"history": str(tmp_path / "log/history.jsonl"), "by": {"login": "ansible"}, "reason": "change 7"}
    )


def lines(history: History) -> list[dict[str, Any]]:
    return [json.loads(line) for line in pathlib.Path(history.path).read_text().splitlines()]


def test_a_line_when_work_starts_and_one_when_it_ends(history: History) -> None:
    with recorded(history, "install", VENV, OLD, NEW) as record:
        [start] = lines(history)
        record.message = "1 file"
    start, end = lines(history)
    assert start["id"] == end["id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", start["at"])
    same = {"what": "install", "venv": VENV, "from": OLD, "to": NEW, "by": {"login": "ansible"}, "reason": "change 7"}
    assert {key: start[key] for key in same} == {key: end[key] for key in same} == same
    assert (start["outcome"], end["outcome"]) == ("started", "done")
    assert end["current"] == "" and "current" not in start
    assert end["seconds"] >= 0 and end["message"] == "1 file" and "message" not in start
    assert record.warnings == []


def test_where_it_leads_may_be_known_late(history: History) -> None:
    with recorded(history, "prune", VENV, OLD, {}) as record:
        record.after, record.outcome = NEW, "nothing"
    start, end = lines(history)
    assert (start["to"], end["to"], end["outcome"]) == ({"release": "", "bundle": ""}, NEW, "nothing")


def fail(history: History, error: BaseException) -> str:
    with pytest.raises(type(error)), recorded(history, "install", VENV, OLD, NEW):
        raise error
    [entry] = read_history(history.path)
    assert entry["outcome"] == "failed"
    return str(entry["message"])


def test_a_failure_says_why(history: History) -> None:
    problems = [Problem("alpha.whl", "is\ndamaged.", "Copy it."), Problem("beta.whl", "is too.")]
    assert fail(history, Refused(problems)) == "alpha.whl: is damaged. (and 1 more)"


@pytest.mark.parametrize(("to", "outcome"), [("r2", "incomplete"), ("r1", "failed"), ("r3", "failed"), ("", "failed")])
def test_what_fails_after_the_switch_is_incomplete(tmp_path: pathlib.Path, to: str, outcome: str) -> None:
    venv, history = tmp_path / ".venv", History(str(tmp_path / "log"), {})
    venv.symlink_to(".venv.releases/r1")

    def work() -> None:
        with recorded(history, "install", str(venv), OLD, NEW):
            if to:
                (tmp_path / "new").symlink_to(f".venv.releases/{to}")
                (tmp_path / "new").rename(venv)
            raise Refused([Problem("r0", "cannot be removed.")])

    with pytest.raises(Refused):
        work()
    [entry] = read_history(history.path)
    assert (entry["outcome"], entry["current"]) == (outcome, to or "r1")
    assert entry["message"] == "r0: cannot be removed."


def test_what_fails_where_the_link_said_so_before_has_failed(tmp_path: pathlib.Path) -> None:
    venv, history = tmp_path / ".venv", History(str(tmp_path / "log"), {})
    venv.symlink_to(".venv.releases/r2")
    with pytest.raises(ZeroDivisionError), recorded(history, "install", str(venv), NEW, NEW):
        raise ZeroDivisionError
    assert [entry["outcome"] for entry in read_history(history.path)] == ["failed"]


def test_a_refusal_tells_that_it_could_not_be_written(tmp_path: pathlib.Path) -> None:
    (tmp_path / "log").write_text("no folder")
    history = History(str(tmp_path / "log/history.jsonl"), {})
    with pytest.raises(Refused) as caught, recorded(history, "install", VENV, OLD, NEW):
        raise Refused([Problem("x", "is damaged.")])
    assert caught.value.result()["warnings"] == [f"{history.path}: the history cannot be written: Not a directory."]


@pytest.mark.parametrize("path", ["log/history.jsonl", "./x", "~nobody-here/x"])
def test_a_path_that_is_not_absolute_is_refused(path: str) -> None:
    with pytest.raises(Refused, match=r"history .*: expected an absolute path"):
        history_of({"history": path})


def test_so_it_is_by_a_prune() -> None:
    with pytest.raises(Refused, match=r"history 'x': expected an absolute path"):
        asked_of({"venv": VENV, "keep": 3, "lock_timeout": 1, "history": "x"})


def test_an_end_that_nobody_foresaw_has_its_name(history: History) -> None:
    assert fail(history, KeyboardInterrupt()) == "KeyboardInterrupt"


@pytest.mark.parametrize(
    "text",
    [
        "failed in the new release (exit 1): password=hunter2.",
        "failed in the new release (signal 9): line\nhunter2\n.",
        "https://user:hunter2@mirror/simple answered 403.",
        "https://hunter2@mirror/simple answered 403.",
        "x" * 500 + "hunter2",
    ],
)
def test_a_failure_holds_nothing_that_a_program_said(history: History, text: str) -> None:
    message = fail(history, Refused([Problem("login --check", text)]))
    assert "hunter2" not in message and len(message) <= 300 and message.startswith("login --check")


def test_who_is_what_is_known_and_short() -> None:
    by = {"login": "ansible", "awx_job_id": 7, "awx_user_name": "a\nb", "token": "hunter2", "controller_user": ""}
    found = history_of({"by": by, "reason": "a  \n b" + "c" * 400})
    assert found.by == {"login": "ansible", "awx_job_id": "7", "awx_user_name": "a b"}
    assert found.reason.startswith("a b") and len(found.reason) == 300


def test_where_it_is_when_nobody_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert history_of({}).path == "/var/log/netdevops-python/history.jsonl"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert history_of({"history": "", "by": None, "reason": None}) == History(
        "/home/someone/.local/state/netdevops-python/history.jsonl", {}
    )


def test_one_that_cannot_be_written_fails_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "log").write_text("no folder")
    history = History(str(tmp_path / "log/history.jsonl"), {})
    with recorded(history, "install", VENV, OLD, NEW) as record:
        pass
    assert record.warnings == [f"{history.path}: the history cannot be written: Not a directory."]
