# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="controllers alone watch builds")

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.plugin_utils.watch import Edges, Watch

RUNNING = {"finished": False}
RESULT = {"finished": True, "changed": True}
NONE = {"state": "none", "stage": "", "done": 0, "total": 0, "text": "none", "seconds": 0}
LOST = AnsibleConnectionFailure("Connection refused")


def at(stage: str, done: int = 0, total: int = 0) -> dict[str, Any]:
    text = f"{stage} {done} of {total}" if total else stage
    return {"state": "building", "stage": stage, "done": done, "total": total, "text": text, "seconds": 7}


class Stage:
    """A host that answers what it is told to; time passes in sleeps alone."""

    def __init__(self, lease: int = 300) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.slept: list[float] = []
        self.asked: list[str] = []
        self.reconnects = 0
        self.parent = 100
        self.answers: list[Any] = []
        self.lease = lease

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def answer(self, what: str) -> Mapping[str, Any]:
        self.asked.append(what)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def reconnect(self) -> None:
        self.reconnects += 1

    def wait(self, *answers: Any) -> dict[str, Any]:
        """Wait for the end; the last answer is repeated for ever."""
        self.answers = list(answers)
        edges = Edges(
            progress=lambda: self.answer("progress"),
            outcome=lambda: self.answer("outcome"),
            reconnect=self.reconnect,
            say=self.said.append,
            parent=lambda: self.parent,
            clock=lambda: self.now,
            sleep=self.sleep,
        )
        return Watch("h1: Python 3.11.2", self.lease, edges).wait()


def test_each_change_is_shown_once_and_with_the_hosts_name() -> None:
    stage = Stage()
    seen = [at("configure"), at("configure"), at("compile", 1, 200), at("compile", 2, 200)]
    # Each sixth poll is followed by the question for the outcome.
    assert stage.wait(*seen, at("compile", 11, 200), at("install"), RUNNING, NONE, RESULT) == RESULT
    assert stage.said == [
        "h1: Python 3.11.2: configure (7 s)",
        "h1: Python 3.11.2: compile 1 of 200 (7 s)",
        "h1: Python 3.11.2: compile 11 of 200 (7 s)",
        "h1: Python 3.11.2: install (7 s)",
    ]


def test_a_long_build_is_shown_in_some_twenty_lines() -> None:
    stage = Stage()
    answers: list[Any] = []
    for done in range(1, 266):
        answers += [at("compile", done, 265), *([RUNNING] if done % 6 == 0 else [])]
    stage.wait(*answers, NONE, RESULT)
    assert 20 <= len(stage.said) <= 21


@pytest.mark.parametrize(("lease", "interval"), [(300, 5.0), (3000, 5.0), (10, 1.0)])
def test_polls_are_so_close_that_the_lease_outlasts_nine_lost_ones(lease: int, interval: float) -> None:
    stage = Stage(lease)
    stage.wait(NONE, RESULT)
    assert stage.slept == [interval]


def test_polls_are_further_apart_once_it_compiles() -> None:
    stage = Stage()
    stage.wait(*([*[at("configure")] * 6, RUNNING] * 3), NONE, RESULT)
    assert stage.slept == [5.0] * 12 + [10.0] * 7


def test_the_outcome_is_asked_for_when_nobody_works_any_more_and_now_and_then() -> None:
    stage = Stage()
    stage.wait(*[at("configure")] * 6, RESULT)
    assert stage.asked == ["progress"] * 6 + ["outcome"], "another run may work on the version"
    stage = Stage()
    stage.wait(at("configure"), NONE, RESULT)
    assert stage.asked == ["progress", "progress", "outcome"]


def test_a_failed_build_is_the_result() -> None:
    failed = {"finished": True, "failed": True, "msg": "the compiler is out of paper"}
    assert Stage().wait(NONE, failed) == failed


@pytest.mark.parametrize("lost", [LOST, AnsibleError("ssh died"), {"failed": True, "msg": "MODULE FAILURE"}])
def test_a_dropped_connection_is_told_once_and_tried_again(lost: Any) -> None:
    stage = Stage()
    assert stage.wait(at("configure"), lost, lost, lost, at("configure"), NONE, RESULT) == RESULT
    assert stage.said == [
        "h1: Python 3.11.2: configure (7 s)",
        "h1: Python 3.11.2: no answer, trying again; the build goes on for 300 s",
        "h1: Python 3.11.2: connected again",
    ]
    assert stage.reconnects == 3


def test_an_outage_while_the_result_is_fetched_loses_nothing() -> None:
    assert Stage().wait(NONE, LOST, NONE, RESULT) == RESULT


def test_a_connection_that_stays_away_for_the_lease_fails_as_unreachable() -> None:
    stage = Stage(100)
    with pytest.raises(AnsibleConnectionFailure, match="no answer for 100 s, so the host has ended the build: Conn"):
        stage.wait(at("configure"), LOST)
    assert 100 < stage.now - stage.slept[0] <= 110


def test_each_answer_gives_the_whole_lease_again() -> None:
    stage = Stage(100)
    assert stage.wait(*([LOST] * 9 + [at("configure")]) * 5, NONE, RESULT) == RESULT


def test_a_host_that_answers_nonsense_for_the_lease_fails_and_says_what() -> None:
    with pytest.raises(Refused, match=r"no answer for 100 s.*sudo: a password is required"):
        Stage(100).wait(at("configure"), {"failed": True, "msg": "sudo: a password is required"})


def test_a_host_that_was_restarted_has_no_result() -> None:
    stage = Stage()
    answers = [at("compile", 1, 2)]
    for _poll in range(40):
        answers += [{**NONE, "state": "interrupted"}, RUNNING]
    with pytest.raises(Refused, match="ended without a result: the host was restarted"):
        stage.wait(*answers)
    assert 180 < stage.now <= 200


def test_a_module_may_take_its_time_to_start() -> None:
    answers: list[Any] = [NONE, RUNNING] * 20
    assert Stage().wait(*answers, at("configure"), NONE, RESULT) == RESULT


def test_a_job_that_has_not_written_down_that_it_began_is_waited_for() -> None:
    unknown = {"finished": True, "failed": True, "msg": "could not find job"}
    stage = Stage()
    assert stage.wait(NONE, unknown, NONE, unknown, at("compile"), NONE, RESULT) == RESULT
    assert Stage().wait(at("compile"), NONE, unknown) == unknown, "it was there, and is lost"


def test_a_worker_whose_run_was_killed_asks_no_more() -> None:
    stage = Stage()

    def sleep(seconds: float) -> None:
        stage.parent = 1 if len(stage.asked) == 3 else 100

    stage.sleep = sleep  # type: ignore[method-assign]
    with pytest.raises(Refused, match="the run that watches it was killed"):
        stage.wait(at("configure"))
    assert stage.asked == ["progress"] * 3
