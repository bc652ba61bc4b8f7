# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted in a folder that is about to be removed: other disks, and other folders of the same one."""

from __future__ import annotations

import os
import re

MOUNTS = "/proc/self/mountinfo"

_OCTAL = re.compile(r"\\([0-7]{3})")


def mounted_in(folder: str, mounts: str = MOUNTS) -> str:
    """Return the first path at or below a folder where something is mounted (proc(5), mountinfo); '' without one.

    Raises:
        OSError: when the kernel does not tell: whoever removes a folder must know.
    """
    real = os.path.realpath(folder)
    with open(mounts, encoding="utf-8", errors="surrogateescape") as stream:
        places = (_OCTAL.sub(lambda code: chr(int(code.group(1), 8)), line.split()[4]) for line in stream)
        return min((place for place in places if place == real or place.startswith(f"{real}/")), default="")
