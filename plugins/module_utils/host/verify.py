# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can be known to be wrong before a byte is unpacked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import REBUILD, Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.tags import fits
from ansible_collections.netdevops.python.plugins.module_utils.common.target import best_target
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive

# Bytecode of these packages is 0.4 of their unpacked size; small files fill a block of 4 KiB each.
BYTECODE_SHARE = 0.5
BLOCK = 4096
RESERVE = 16 << 20


class Holder(Protocol):
    """Where wheels lie: a bundle that was opened, say."""

    def wheel_path(self, file: str) -> str:
        """Return the path of one of them."""


class Selection(NamedTuple):
    """What a bundle holds for this host: the wheels, and the target that they are of."""

    target: str
    wheels: tuple[Wheel, ...]

    def packages(self) -> list[list[str]]:
        """Return name, version and digest per wheel, as a receipt has them."""
        return sorted([wheel.name, wheel.version, wheel.sha256] for wheel in self.wheels)

    def versions(self) -> dict[str, str]:
        """Return the version by name."""
        return {wheel.name: wheel.version for wheel in self.wheels}


def select(manifest: Manifest, interpreter: Interpreter, groups: Sequence[str] | None) -> Selection:
    """Return the wheels of the manifest that this host and these groups want.

    Raises:
        Refused: for an interpreter that is not the pin, a host that the bundle was not built for, an unknown
            group, or wheels that are made for another Python, libc or architecture.
    """
    if manifest.pin and interpreter.version != manifest.pin:
        refuse(
            interpreter.path,
            f"expected Python {manifest.pin}, the pin of the bundle, found {interpreter.version}.",
            "Install that version (netdevops.python.pyenv_install) or name its path in `python`.",
        )
    target = best_target(manifest.targets, interpreter.target)
    wheels = manifest.wheels(target, groups)
    refuse_all(
        [
            Problem(wheel.file, f"is not made for this host, which is {interpreter.target.name}.", REBUILD)
            for wheel in wheels
            if not fits(wheel.file, interpreter.target)
        ]
    )
    return Selection(target, wheels)


def open_wheels(holder: Holder, wheels: Sequence[Wheel]) -> list[WheelArchive]:
    """Open and check the wheels; every bad one is reported, not only the first.

    Raises:
        Refused: with a problem for each bad wheel.
    """
    archives: list[WheelArchive] = []
    problems: list[Problem] = []
    for wheel in wheels:
        try:
            archives.append(WheelArchive(holder.wheel_path(wheel.file), wheel))
        except Refused as refused:
            problems.extend(refused.problems)
    refuse_all(problems)
    return archives


def check_room(folder: str, archives: Sequence[WheelArchive], bytecode: bool) -> None:
    """Refuse when the disk below ``folder`` cannot hold what the wheels unpack to."""
    size = sum(archive.unpacked_size + BLOCK * len(archive.names) for archive in archives)
    needed = int(size * (1 + (BYTECODE_SHARE if bytecode else 0))) + (RESERVE if archives else 0)
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        refuse(
            folder,
            f"No space left on device: needs {needed >> 20} MiB, has {free >> 20} MiB.",
            "Make room there; nothing was changed.",
        )
