# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import signal

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import history as module
from ansible_collections.netdevops.python.plugins.module_utils.host.history import History, recorded
from ansible_collections.netdevops.python.plugins.module_utils.host.history_file import MOST_BYTES
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history

VENV = "/opt/app/.venv"
OLD, NEW = {"release": "r1", "bundle": "b1"}, {"release": "r2", "bundle": "b2"}


@pytest.fixture
def history(tmp_path: pathlib.Path) -> History:
    return History(str(tmp_path / "log/history.jsonl"), {})


def test_who_is_killed_is_known_to_have_started(history: History) -> None:
    child = os.fork()
    if not child:
        with recorded(history, "rollback", VENV, NEW, OLD):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    [entry] = read_history(history.path)
    assert (entry["outcome"], entry["what"], entry["to"]) == ("interrupted", "rollback", OLD)


def test_who_is_at_work_is_not_interrupted(history: History) -> None:
    with recorded(history, "rollback", VENV, NEW, OLD):
        [entry] = read_history(history.path)
        assert entry["outcome"] == "started"
    [entry] = read_history(history.path)
    assert entry["outcome"] == "done" and "process" not in entry


def test_a_later_process_of_the_same_number_is_another_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.process_name
    monkeypatch.setattr(module, "process_name", lambda pid: f"{pid}.1")
    record = module.Record(history, "install", VENV, OLD, NEW)
    record.write("started")
    monkeypatch.setattr(module, "process_name", real)
    assert read_history(history.path)[0]["outcome"] == "interrupted"


def test_reading_takes_what_is_asked_for_and_passes_over_what_is_no_entry(history: History) -> None:
    for venv in (VENV, "/opt/other/.venv"):
        with recorded(history, "install", venv, {}, NEW):
            pass
    with open(history.path, "ab") as stream:
        stream.write(b'\n{"id": "x\n[1]\n7\nnull\n\xff\n{"venv": 1}\n')
    assert [entry["venv"] for entry in read_history(history.path)] == [VENV, "/opt/other/.venv"]
    assert [entry["venv"] for entry in read_history(history.path, VENV)] == [VENV]
    assert read_history(history.path + ".nowhere") == []


def test_the_time_is_that_of_the_start_and_all_else_that_of_the_end(history: History) -> None:
    pathlib.Path(history.path).parent.mkdir()
    with open(history.path, "w") as stream:
        stream.write('{"id": "x", "venv": "/v", "at": "1", "outcome": "started", "process": "1.1"}\n')
        stream.write('{"id": "y", "venv": "/v", "at": "2", "outcome": "done"}\n')
        stream.write('{"id": "x", "venv": "/v", "at": "3", "outcome": "incomplete", "current": "r2"}\n')
    assert read_history(history.path) == [
        {"id": "x", "venv": "/v", "at": "1", "outcome": "incomplete", "current": "r2"},
        {"id": "y", "venv": "/v", "at": "2", "outcome": "done"},
    ]


def test_what_was_put_aside_comes_first(history: History) -> None:
    with recorded(history, "install", VENV, {}, OLD):
        pass
    with open(history.path, "ab") as stream:
        stream.write(b" " * MOST_BYTES + b"\n")
    for after in (OLD, NEW):
        with recorded(history, "install", VENV, {}, after):
            pass
    assert os.path.exists(f"{history.path}.1")
    assert [entry["to"] for entry in read_history(history.path)] == [OLD, OLD, NEW]


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"venv": ' * 100_000, '{"id": {}, "venv": "/v", "at": "1"}', '{"id": "x"}']
)
def test_what_nobody_writes_is_passed_over(history: History, line: str) -> None:
    with recorded(history, "install", VENV, {}, NEW):
        pass
    with open(history.path, "a") as stream:
        stream.write(line + "\n")
    assert [entry["to"] for entry in read_history(history.path)] == [NEW]
