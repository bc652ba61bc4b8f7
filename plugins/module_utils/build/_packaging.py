# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that imports ``packaging``, which build boxes have and hosts do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

if TYPE_CHECKING:
    from packaging import markers, pylock, requirements, specifiers, tags, utils, version

    FOUND = True
else:
    try:
        from packaging import markers, pylock, requirements, specifiers, tags, utils, version

        FOUND = hasattr(pylock.Pylock, "select")
    except ImportError:
        markers = pylock = requirements = specifiers = tags = utils = version = None
        FOUND = False

__all__ = ["markers", "need_packaging", "pylock", "requirements", "specifiers", "tags", "utils", "version"]


def need_packaging(where: str) -> None:
    """Refuse when ``packaging`` is missing or older than 26.1, the first that selects from a lock.

    Args:
        where: Who needs it, as the user knows it: ``the build box``, ``the controller``.
    """
    if not FOUND:
        refuse(
            where,
            "needs the Python library packaging 26.1 or newer.",
            "Install it beside Ansible's interpreter: pip install 'packaging>=26.1'.",
        )
