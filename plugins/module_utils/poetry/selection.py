# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a project is asked for: groups, extras and the project itself, in Poetry's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem

# PEP 735 and PEP 685. What begins with a hyphen would be another option of Poetry, and a comma parts two names.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


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
        return [*self._no_names(), *self._contradictions()]

    def arguments(self, version: tuple[int, ...]) -> list[str]:
        """Return the arguments of ``poetry install`` for it.

        Args:
            version: Poetry's; 1.8 and 2 take the same ones.
        """
        lists = (("only", self.only), ("with", self.with_), ("without", self.without))
        groups = [f"--{option}={','.join(names)}" for option, names in lists if names]
        extras = ["--all-extras"] if self.all_extras else [f"--extras={extra}" for extra in self.extras]
        return [*groups, *extras, *([] if self.root else ["--no-root"])]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that is the same for the same selection, in whatever order it was named."""
        lists = {"only": self.only, "with": self.with_, "without": self.without, "extras": self.extras}
        named = {name: sorted(set(names)) for name, names in lists.items()}
        return {**named, "all_extras": self.all_extras, "root": self.root}

    def _no_names(self) -> list[Problem]:
        lists = (("only", self.only), ("with", self.with_), ("without", self.without), ("extras", self.extras))
        return [_no_name(option, name) for option, names in lists for name in names if not _NAME.fullmatch(name)]

    def _contradictions(self) -> list[Problem]:
        problems = []
        if self.only and (self.with_ or self.without):
            other = "with" if self.with_ else "without"
            message = f"expected it alone, found `{other}` beside it, which Poetry then passes over."
            problems.append(Problem("only", message, "Name all groups in `only`, or none."))
        both = _both(self.with_, self.without)
        if both:
            message = f"has {both}, which `without` leaves out."
            problems.append(Problem("with", message, "Name it in one of the two."))
        if self.extras and self.all_extras:
            step = "Name extras, or set all_extras."
            problems.append(Problem("extras", "expected none with all_extras, found some.", step))
        return problems


def _no_name(option: str, name: str) -> Problem:
    kind = "an extra" if option == "extras" else "a group"
    step = "Letters, digits, dots, hyphens and underscores make one; give several as a list."
    return Problem(option, f"expected the name of {kind}, found {name!r}.", step)


def _both(one: Sequence[str], other: Sequence[str]) -> str:
    return ", ".join(sorted(set(one) & set(other)))
