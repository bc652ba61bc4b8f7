# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work whose disk is full, or fails, wherever it is: a clear error, the old release or the new one, and then it converges."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import verify
from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.faults import (
    CRASHED,
    DONE,
    FULL,
    LANES,
    TAKES_ROOM,
    Child,
    End,
    Trial,
    in_lanes,
    inject,
    judge,
    share_of,
    steps_of,
)
from ansible_collections.netdevops.python.tests.system.stands import WORKS, Stand

pytestmark = pytest.mark.system

STRIDE = 1 if FULL else 11
PAGE = 4096
# More than any of the works needs; each ends where it got through.
MOST = {"inodes": 200, "pages": 400}
# Where work is done without room, as many steps in a row that all succeed are its end.
ENOUGH = 3


def told(stand: Stand, fault: str, end: End) -> Trial:
    """Judge a trial; what fails says which stage, and that the disk is full."""
    trial = stand.judge(fault, end)
    if end.code not in (DONE, CRASHED) and "in stage" not in end.said and "No space" not in end.said:
        return trial._replace(wrong=(*trial.wrong, f"it does not say what is wrong: {end.said}"))
    return trial._replace(wrong=(*trial.wrong, f"it crashed: {end.said}")) if end.code == CRASHED else trial


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_at_each_call_that_fails(work: type[Stand], error: str, tmp_path: pathlib.Path) -> None:
    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        stand = work(folder)
        stand.prepare()
        stand.work()
        stand.prepare()
        for step in share_of(steps_of(stand.work, TAKES_ROOM), number, STRIDE):
            stand.prepare()
            yield told(stand, f"{error} at a step", inject(stand.work, step, f"error={error}"))

    judge(in_lanes(tmp_path, lane))


@pytest.mark.parametrize("kind", sorted(MOST))
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_with_so_much_room(work: type[Stand], kind: str, tmp_path: pathlib.Path) -> None:
    """Leave a little more room each time, until it is enough: what can fail for want of it has then failed."""

    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        disk = Disk(folder / "opt")
        try:
            stand = work(folder)
            stand.history, stand.may_tear_history = disk.folder / "history.jsonl", True
            got_through = 0
            for room in range(number * STRIDE, MOST[kind], LANES * STRIDE):
                stand.prepare()
                end = in_room(disk, stand, kind, room)
                yield told(stand, f"so many free {kind}", end)
                got_through = got_through + 1 if end.code == DONE else 0
                if got_through == ENOUGH:
                    break
        finally:
            disk.close()

    judge(in_lanes(tmp_path, lane))


def in_room(disk: Disk, stand: Stand, kind: str, room: int) -> End:
    """Do the work with that many inodes or pages left, and give it room again afterwards."""

    def work() -> None:
        # As if another program took the room that was still there when this one looked.
        verify.RESERVE = verify.BLOCK = 0
        verify.BYTECODE_SHARE = -1.0
        stand.work()

    child = Child(work)
    leave(disk, kind, room)
    child.begin()
    end = child.end()
    disk.leave(inodes=10_000)
    disk.leave(size="64m")
    return end


def leave(disk: Disk, kind: str, room: int) -> None:
    found = os.statvfs(disk.folder)
    if kind == "inodes":
        disk.leave(inodes=room)
    else:
        # A size of 0 would be no limit.
        disk.leave(size=str(max(1, found.f_blocks - found.f_bfree + room) * PAGE))
