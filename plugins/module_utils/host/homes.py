# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments that were made from the interpreter of another one, and break when that one goes.

Up to Python 3.10, ``venv`` writes the folder of the interpreter that ran it as ``home``, also where that is an environment itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.search import find, home_of


class Homes:
    """What the environments below some folders name as their ``home``; looked for once, when it is asked for first."""

    def __init__(self, search: Sequence[str]) -> None:
        self._search = search
        self._users: dict[str, str] | None = None

    def user_of(self, release: str) -> str:
        """Return an environment whose ``home`` is in the folder of a release; '' where there is none."""
        if self._users is None:
            self._users = {_folder(home_of(path)): path for path in find(self._search).environments}
        folder = os.path.realpath(release)
        user = self._users.get(folder, "")
        return "" if os.path.realpath(user) == folder else user


def _folder(home: str) -> str:
    return os.path.realpath(os.path.dirname(os.path.normpath(home))) if home else ""
