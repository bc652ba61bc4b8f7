# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command costs: wall seconds, and the CPU seconds of its whole process tree."""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Sample(NamedTuple):
    """One run. ``cpu`` is user and system time of the process and of all descendants that it waited for."""

    wall: float
    cpu: float
    output: str


def run(argv: Sequence[str], env: Mapping[str, str]) -> Sample:
    """Run a command to its end with exactly ``env``; raises RuntimeError, with what it said, when it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        begun = time.monotonic()
        process = subprocess.Popen(
            argv, env=dict(env), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, cwd="/"
        )
        # wait4 tells the usage of this child alone; it sees Ansible's modules since local connections wait for them.
        _unused, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}\nended with {process.returncode}:\n{output[-4000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, output)


class Spread(NamedTuple):
    """Median, 95th percentile (nearest rank, so the maximum below 20 values) and maximum."""

    p50: float
    p95: float
    max: float


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of at least one value."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return Spread(middle, ordered[math.ceil(0.95 * len(ordered)) - 1], ordered[-1])
