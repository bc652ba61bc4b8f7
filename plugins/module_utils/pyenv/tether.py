# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build that cannot outlive the run that started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner, end_group
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import always

LOOK_SECONDS = 1.0

# Leads the build's session. Its standard input is a pipe whose other end only the run holds: whatever
# ends the run, SIGKILL included, ends the pipe, and then the whole group is killed.
GUARD = r"""
import os, signal, subprocess, sys, threading
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, pass_fds=[int(sys.argv[1])])
def watch():
    os.read(0, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
code = child.wait()
sys.stdout.flush()
os._exit(code if code >= 0 else 128 - code)
"""


def tethered(lock: int, still_wanted: Callable[[], bool] = always) -> Runner:
    """Return a runner whose programs hold the descriptor ``lock`` and die with this process.

    They also end, as at their time limit, once ``still_wanted`` says no; it is asked every second.
    """

    def run(
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | None = None,
        timeout: float | None = None,
        stdin: str | None = None,
        user: tuple[int, int] | None = None,
        hold: int | None = None,
    ) -> Completed:
        if stdin is not None or user is not None or hold is not None:
            raise ValueError("a tethered program has no standard input, and runs as whoever started it")
        return _run(argv, env, cwd, timeout, lock, still_wanted)

    return run


def _run(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str | None,
    timeout: float | None,
    lock: int,
    still_wanted: Callable[[], bool],
) -> Completed:
    read_end, write_end = os.pipe()
    try:
        process = _start([sys.executable, "-I", "-c", GUARD, str(lock), *argv], env, cwd, read_end, lock)
        stdout, stderr = _wait(process, argv, timeout, still_wanted)
        return Completed(tuple(argv), process.returncode, stdout, stderr)
    finally:
        os.close(write_end)


def _start(
    argv: Sequence[str], env: Mapping[str, str], cwd: str | None, stdin: int, lock: int
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(  # pylint: disable=ansible-bad-function  # run_command cannot hand on the lock
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[lock],
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
    finally:
        os.close(stdin)


def _wait(
    process: subprocess.Popen[str], argv: Sequence[str], timeout: float | None, still_wanted: Callable[[], bool]
) -> tuple[str, str]:
    give_up = float("inf") if timeout is None else time.monotonic() + timeout
    try:
        while True:
            try:
                return process.communicate(timeout=max(0.0, min(LOOK_SECONDS, give_up - time.monotonic())))
            except subprocess.TimeoutExpired:
                _refuse_to_wait(argv[0], timeout, give_up, still_wanted)
    except BaseException:
        end_group(process)
        raise


def _refuse_to_wait(program: str, timeout: float | None, give_up: float, still_wanted: Callable[[], bool]) -> None:
    if not still_wanted():
        refuse(
            program,
            "it and all that it started was stopped: the run that wants it is gone, nobody asked about it for too long.",
            "Run it again.",
        )
    if time.monotonic() >= give_up:
        refuse(
            program,
            f"did not end within {timeout:g} seconds; it and all that it started was stopped.",
            "Raise `timeout`.",
        )
