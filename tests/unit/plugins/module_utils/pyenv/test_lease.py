# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import fcntl
import os
import pathlib
import stat

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import lease as leases
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import (
    Lease,
    always,
    is_alive,
    lease_file,
    leased,
    renew,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lock(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "3.11.2.lock")


def stamp(lock: str, seconds: float) -> None:
    """Renew as a clock would that stands at ``seconds``."""
    os.utime(lease_file(lock), (seconds, seconds))


def test_a_lease_lies_beside_the_lock(lock: str) -> None:
    assert lease_file(lock) == lock.replace(".lock", ".lease")


def test_a_lease_that_is_renewed_goes_on_and_one_that_is_not_ends(lock: str) -> None:
    pathlib.Path(lease_file(lock)).touch()
    clock = Clock()
    lease = Lease(lease_file(lock), 10, clock)
    clock.now += 10
    assert lease.still_wanted()
    stamp(lock, 5_000)
    assert lease.still_wanted()
    clock.now += 10
    assert lease.still_wanted(), "the time counts from when the renewal was seen"
    clock.now += 0.1
    assert not lease.still_wanted()


def test_a_clock_that_is_set_back_does_not_end_a_build(lock: str) -> None:
    pathlib.Path(lease_file(lock)).touch()
    clock = Clock()
    lease = Lease(lease_file(lock), 10, clock)
    clock.now += 9
    stamp(lock, 1)
    assert lease.still_wanted()
    clock.now += 9
    assert lease.still_wanted()


def test_a_lease_whose_file_was_deleted_ends(lock: str) -> None:
    pathlib.Path(lease_file(lock)).touch()
    clock = Clock()
    lease = Lease(lease_file(lock), 10, clock)
    os.unlink(lease_file(lock))
    clock.now += 9
    assert lease.still_wanted()
    clock.now += 2
    assert not lease.still_wanted()


def test_without_a_lease_work_is_always_wanted_and_leaves_no_file(lock: str) -> None:
    with leased(lock, 0) as still_wanted:
        assert still_wanted is always and still_wanted()
    assert not os.path.exists(lease_file(lock))


def test_a_lease_is_private_and_starts_anew_each_time(lock: str) -> None:
    with leased(lock, 60) as still_wanted:
        assert still_wanted()
        assert stat.S_IMODE(os.stat(lease_file(lock)).st_mode) == 0o600
    stamp(lock, 1)
    with leased(lock, 60):
        assert os.stat(lease_file(lock)).st_mtime > 1_000_000


def test_renewing_makes_no_lease_where_there_is_none(lock: str) -> None:
    assert renew(lock) is False
    assert not os.path.exists(lease_file(lock))


def test_renewing_is_seen(lock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(leases.Lease.__init__, "__defaults__", (clock,))
    with leased(lock, 60) as still_wanted:
        clock.now += 61
        assert not still_wanted()
        stamp(lock, 1)
        assert renew(lock) is True
        assert still_wanted()


def test_whoever_works_or_waits_is_alive(lock: str) -> None:
    assert not is_alive(lock)
    with locked(lock, 1):
        assert is_alive(lock)
    assert not is_alive(lock)
    with leased(lock, 60), leased(lock, 60):
        assert is_alive(lock)
    assert not is_alive(lock)


def test_asking_who_is_alive_takes_nothing_away(lock: str) -> None:
    with leased(lock, 60):
        assert is_alive(lock) and is_alive(lock)
    with locked(lock, 0.1) as descriptor:
        assert is_alive(lock)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_lease_is_never_taken_through_a_link(lock: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "precious").write_text("precious")
    os.symlink(tmp_path / "precious", lease_file(lock))
    with pytest.raises(OSError, match="symbolic links"), leased(lock, 60):
        pass
    with pytest.raises(OSError, match="symbolic links"):
        renew(lock)


def test_who_is_no_longer_wanted_does_not_wait_for_the_lock(lock: str) -> None:
    with (
        locked(lock, 1),
        pytest.raises(Refused, match="the run that wants it is gone"),
        locked(lock, 60, lambda: False),
    ):
        pass
