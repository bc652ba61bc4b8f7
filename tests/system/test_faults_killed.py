# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that is killed, wherever it is: the environment answers as before or as asked, and one more run converges."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.tests.system.faults import (
    DONE,
    FULL,
    KILLED,
    LANES,
    STEPS,
    Trial,
    in_lanes,
    inject,
    judge,
    kill_after,
    moments,
    run_to_the_end,
    share_of,
    steps_of,
)
from ansible_collections.netdevops.python.tests.system.stands import WORKS, Stand

pytestmark = pytest.mark.system

STRIDE = 7
RANDOM = 200 if FULL else 24
WARM_UP = 3  # The first ones find no bytecode, and no old release.


def warmed_up(work: type[Stand], folder: pathlib.Path) -> tuple[Stand, float]:
    """Return a stand, and how long its work takes."""
    stand = work(folder)
    seconds = 0.0
    for _time in range(WARM_UP):
        stand.prepare()
        seconds = run_to_the_end(stand.work)
    return stand, seconds


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_at_each_step(work: type[Stand], tmp_path: pathlib.Path) -> None:
    """Kill it at the first call that changes the disk, at the next one, and so on to the last one."""

    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        stand, _seconds = warmed_up(work, folder)
        stand.prepare()
        for step in share_of(steps_of(stand.work, STEPS), number, STRIDE):
            stand.prepare()
            end = inject(stand.work, step, "signal=SIGKILL")
            # Whose work is smaller than last time did not come to that step.
            assert end.code in (KILLED, DONE), end
            if end.code == KILLED:
                yield stand.judge("killed at a step", end)

    trials = in_lanes(tmp_path, lane)
    judge(trials)
    assert {trial.met for trial in trials} == {"old", "new"}, "hardly any step was met"


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_at_random_moments(work: type[Stand], tmp_path: pathlib.Path) -> None:
    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        stand, seconds = warmed_up(work, folder)
        count = RANDOM // len(WORKS) // LANES
        for part in moments(number):
            stand.prepare()
            end = kill_after(stand.work, part * seconds)
            # How long it takes changes with what else the machine does.
            seconds *= 1.05 if end.code == KILLED else 0.9
            if end.code == KILLED:
                count -= 1
                yield stand.judge("killed at a random moment", end)
            if not count:
                break

    judge(in_lanes(tmp_path, lane))
