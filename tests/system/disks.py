# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are as small as a test wants them."""

from __future__ import annotations

import os
import pathlib
import subprocess


class Disk:
    """A tmpfs; its inodes run out as its bytes do, with the same error."""

    def __init__(self, folder: pathlib.Path, size: str = "64m") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder))

    def leave(self, *, inodes: int = 0, size: str = "") -> None:
        """Leave that many free inodes, or make the whole that big."""
        disk = os.statvfs(self.folder)
        limit = f"nr_inodes={disk.f_files - disk.f_ffree + inodes}" if not size else f"size={size}"
        _run("mount", "-o", f"remount,{limit}", str(self.folder))

    def close(self) -> None:
        """Take it away with all that is on it."""
        _run("umount", "-l", str(self.folder))


def close_below(folder: pathlib.Path) -> None:
    """Take away every disk below a folder."""
    mounts = pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    for line in mounts:
        where = line.split(" ")[1]
        if where.startswith(f"{folder}/"):
            _run("umount", "-l", where)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
