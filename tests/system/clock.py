# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long something takes, for tests that have to meet a moment of it."""

from __future__ import annotations

import time
from typing import Callable


def timed(work: Callable[[], object]) -> float:
    """Do the work and return how many seconds it took."""
    started = time.monotonic()
    work()
    return time.monotonic() - started
