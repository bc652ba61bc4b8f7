# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this collection says no: every refusal names its subject, what was found and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn


class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes:
        subject: The file, option or host fact that is wrong, as the user knows it.
        message: What was expected and what was found.
        next_step: What the user can do about it.
    """

    subject: str
    message: str
    next_step: str = ""

    def __str__(self) -> str:
        text = f"{self.subject}: {self.message}"
        return f"{text} {self.next_step}" if self.next_step else text


class Refused(Exception):
    """Raised when the work cannot go on safely; holds all problems of one kind.

    Args:
        problems: At least one problem.

    Attributes:
        warnings: What there is to say beside; added later.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("a refusal needs at least one problem")
        super().__init__(problems)
        self.problems = tuple(problems)
        self.warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = [f"{len(self.problems)} problems:"]
        return "\n".join(lines + [f"- {problem}" for problem in self.problems])

    def result(self) -> dict[str, object]:
        """Return what a module hands to ``fail_json``: ``msg`` and ``problems``, and ``warnings`` where there are some."""
        plain: dict[str, object] = {"msg": str(self), "problems": [problem._asdict() for problem in self.problems]}
        return {**plain, "warnings": list(self.warnings)} if self.warnings else plain


def refuse(subject: str, message: str, next_step: str = "") -> NoReturn:
    """Raise a :class:`Refused` of one problem."""
    raise Refused([Problem(subject, message, next_step)])


def refuse_all(problems: Sequence[Problem]) -> None:
    """Raise a :class:`Refused` of all ``problems``; return when there are none."""
    if problems:
        raise Refused(problems)
