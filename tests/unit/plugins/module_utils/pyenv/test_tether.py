# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tethered program, with real processes: they are what it is about."""

from __future__ import annotations

import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tether import tethered

# Holds the lock, starts a tethered program that starts another one, and is killed by the test.
HOLDER = """
import fcntl, os, sys
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tether import tethered
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
tethered(lock)(["/bin/sh", "-c", "echo $$ > " + sys.argv[2] + "; sleep 1000; true"], env=dict(os.environ))
"""


@pytest.fixture
def lock(tmp_path: pathlib.Path) -> int:
    return os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)


def test_tells_what_it_said_and_how_it_ended(lock: int) -> None:
    done = tethered(lock)(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], env={})
    assert (done.argv[0], done.rc, done.stdout, done.stderr) == ("/bin/sh", 3, "out\n", "err\n")


def test_a_program_that_dies_of_a_signal_has_failed(lock: int) -> None:
    assert tethered(lock)(["/bin/sh", "-c", "kill -9 $$"], env={}).rc == 137


def test_the_time_limit_ends_the_group(lock: int, tmp_path: pathlib.Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(Refused, match="did not end within 1 seconds"):
        tethered(lock)(
            ["/bin/sh", "-c", f"(sleep 3; touch {mark}) & sleep 1000"], env={"PATH": "/usr/bin:/bin"}, timeout=1
        )
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    time.sleep(2.5)
    assert not mark.exists()


def test_who_is_no_longer_wanted_ends_with_all_that_it_started(lock: int, tmp_path: pathlib.Path) -> None:
    pid, asked = tmp_path / "pid", iter([True, False])
    with pytest.raises(Refused, match="the run that wants it is gone"):
        tethered(lock, lambda: next(asked))(
            ["/bin/sh", "-c", f"echo $$ > {pid}; sleep 1000 & sleep 1000; true"], env={"PATH": "/usr/bin:/bin"}
        )
    _until(lambda: not pathlib.Path(f"/proc/{pid.read_text().strip()}").exists())
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_it_says_meanwhile_is_not_lost(lock: int) -> None:
    said = "for n in 1 2 3; do echo $n; head -c 100000 /dev/zero; sleep 0.6; done"
    done = tethered(lock)(["/bin/sh", "-c", said], env={"PATH": "/usr/bin:/bin"}, timeout=30)
    assert (done.rc, len(done.stdout)) == (0, 300_006)


def test_takes_neither_input_nor_user(lock: int) -> None:
    with pytest.raises(ValueError, match="no standard input"):
        tethered(lock)(["/bin/true"], env={}, stdin="text")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_everything_dies_with_the_run_and_the_lock_is_free_then(tmp_path: pathlib.Path, how: signal.Signals) -> None:
    path, pid = tmp_path / "lock", tmp_path / "pid"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), str(pid)], env=environ)
    _until(lambda: pid.exists() and pid.read_text().strip() != "")
    holder.send_signal(how)
    holder.wait(timeout=10)
    group = int(pid.read_text())
    _until(lambda: not pathlib.Path(f"/proc/{group}").exists())
    descriptor = os.open(path, os.O_RDWR)
    _until(lambda: _free(descriptor))
    os.close(descriptor)


def _free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(happened: object) -> None:
    give_up = time.monotonic() + 15
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < give_up
        time.sleep(0.05)
