# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that environments put into folders for everybody: there, and as they were written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import MODE, launcher, names_environment


def check_commands(reader: Reader, venv: str, owner: int, commands: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding per command that is gone, or not as it was written.

    Args:
        reader: Reads the host.
        venv: The environment.
        owner: The user id that may own launchers beside root.
        commands: The commands by the paths of their launchers.
    """
    for path, name in commands.items():
        if not reader.exists(path):
            yield from () if path in reader.unreadable else [Finding("command-gone", path, ("nothing is there",), venv)]
            continue
        data = b"" if reader.is_link(path) else reader.data(path)
        if path in reader.unreadable:
            continue
        if not data or not names_environment(data, venv):
            yield Finding("command-gone", path, (f"something else is there than a launcher of {venv}",), venv)
            continue
        try:
            flaws = _flaws(reader.real(path), data, launcher(venv, name), owner)
        except OSError as error:  # Gone meanwhile.
            reader.missed(path, error)
            continue
        if flaws:
            yield Finding("command-edited", path, tuple(flaws), venv)


def _flaws(path: str, data: bytes, expected: bytes, owner: int) -> list[str]:
    found = os.lstat(path)
    mode = stat.S_IMODE(found.st_mode)
    flaws = [] if data == expected else ["its text is not the one that was written"]
    flaws += [] if mode == MODE else [f"mode {mode:04o}, written with {MODE:04o}"]
    return flaws + ([] if found.st_uid in (0, owner) else [f"belongs to user id {found.st_uid}"])
