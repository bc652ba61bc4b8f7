# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where pyenv itself lives below a root, beside the interpreters that it builds."""

from __future__ import annotations

import os
from typing import NamedTuple

RELEASES = ".pyenv.releases"
CURRENT = ".pyenv"
KEPT = ".pyenv.kept-"
NEW = ".new-"
GONE = ".gone-"
ID_LENGTH = 16

# What of a pyenv is used through its root. python-build, people's PATH and pyenv itself look for them there.
PARTS = ("bin", "completions", "libexec", "man", "plugins", "pyenv.d", "src")
# An ordinary checkout's own: with it, a git pull there would write through our links.
GIT = ".git"


class Places(NamedTuple):
    """The places below one root."""

    root: str

    @property
    def releases(self) -> str:
        """The folder of all releases of pyenv."""
        return os.path.join(self.root, RELEASES)

    @property
    def current(self) -> str:
        """The link to the release that is used."""
        return os.path.join(self.root, CURRENT)

    @property
    def lock(self) -> str:
        """The lock file, among those of the interpreters; it is never deleted."""
        return os.path.join(self.root, ".locks", "pyenv.lock")

    def release(self, name: str) -> str:
        """Return the path of a release."""
        return os.path.join(self.releases, name)

    def part(self, name: str) -> str:
        """Return the path of one of ``PARTS``."""
        return os.path.join(self.root, name)


def current_target(name: str) -> str:
    """Return what the link to the release ``name`` says."""
    return f"{RELEASES}/{name}"


def part_target(part: str) -> str:
    """Return what the link of a part says."""
    return f"{CURRENT}/{part}"
