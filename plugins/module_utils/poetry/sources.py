# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks a private index: its name in pyproject.toml, a user and a password."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Source(NamedTuple):
    """A user and a password for a source of pyproject.toml; shows the password to nobody."""

    name: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {self.user!r})"


def parse_sources(given: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Return the option ``sources`` in order.

    Raises:
        Refused: with every name or password that is missing, and every two names that Poetry takes for one.
    """
    raise NotImplementedError


def environment(sources: Iterable[Source]) -> dict[str, str]:
    """Return the variables that hand the passwords to Poetry."""
    raise NotImplementedError
