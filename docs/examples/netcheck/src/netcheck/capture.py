# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored command output: one folder per device, one file per command."""

import re
from importlib.resources import files
from pathlib import Path

from netcheck.errors import Unreadable

BUNDLED = Path(str(files("netcheck").joinpath("data")))


def file_name(command: str) -> str:
    """Return the file that keeps the output of `command`: ``show version`` is ``show_version.txt``."""
    suffix = "xml" if command.endswith("display xml") else "txt"
    return re.sub(r"[^a-z0-9]+", "_", command.removesuffix("| display xml").strip()) + "." + suffix


class Capture:
    """The captures of one device, in the folder `device` of `root`."""

    def __init__(self, root: Path, device: str) -> None:
        self.device = device
        self._folder = root / device

    def path(self, command: str) -> Path:
        """Return where the output of `command` is. Raises `Unreadable` when it was not captured."""
        path = self._folder / file_name(command)
        if not path.is_file():
            raise Unreadable(f"{path}: no capture of '{command}'. Run netcheck-collect, or copy it there.")
        return path

    def text(self, command: str) -> str:
        """Return the output of `command`."""
        return self.path(command).read_text("utf-8")

    def store(self, command: str, output: str) -> Path:
        """Keep the output of `command` and return the file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / file_name(command)
        path.write_text(output, "utf-8")
        return path
