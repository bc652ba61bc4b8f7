# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where pyenv itself lives below a root, beside the interpreters that it builds."""

from __future__ import annotations

import os
from typing import NamedTuple

CHECKOUTS = ".pyenv.checkouts"
CURRENT = ".pyenv"
KEPT = ".pyenv.kept-"
NEW = ".new-"
GONE = ".gone-"
ID_LENGTH = 16

# What of a pyenv is used through its root. python-build, people's PATH and pyenv itself look for them there.
PARTS = ("bin", "completions", "libexec", "man", "plugins", "pyenv.d", "src")
# An ordinary clone's own: with it, a git pull there would write through our links.
GIT = ".git"


class Places(NamedTuple):
    """The places below one root."""

    root: str

    @property
    def checkouts(self) -> str:
        """The folder of all checkouts of pyenv."""
        return os.path.join(self.root, CHECKOUTS)

    @property
    def current(self) -> str:
        """The link to the checkout that is used."""
        return os.path.join(self.root, CURRENT)

    @property
    def lock(self) -> str:
        """The lock file, among those of the interpreters; it is never deleted."""
        return os.path.join(self.root, ".locks", "pyenv.lock")

    def checkout(self, name: str) -> str:
        """Return the path of a checkout."""
        return os.path.join(self.checkouts, name)

    def part(self, name: str) -> str:
        """Return the path of one of ``PARTS``."""
        return os.path.join(self.root, name)


def current_target(name: str) -> str:
    """Return what the link to the checkout ``name`` says."""
    return f"{CHECKOUTS}/{name}"


def part_target(part: str) -> str:
    """Return what the link of a part says."""
    return f"{CURRENT}/{part}"
