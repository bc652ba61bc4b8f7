# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a project is asked for: groups, extras and the project itself, in Poetry's words."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem


class Selection(NamedTuple):
    """What is installed of a project.

    Attributes:
        only: These groups and no others; none for the ones that are not optional.
        with_: Optional groups beside them.
        without: Groups that are left out.
        extras: Extras of the project.
        all_extras: All of its extras.
        root: Whether the project itself is installed.
    """

    only: tuple[str, ...] = ()
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    root: bool = True

    def problems(self) -> list[Problem]:
        """Return what contradicts itself in it, and the names that can be none."""
        raise NotImplementedError

    def arguments(self, version: tuple[int, ...]) -> list[str]:
        """Return the arguments of ``poetry install`` for it."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that is the same for the same selection, in whatever order it was named."""
        raise NotImplementedError
