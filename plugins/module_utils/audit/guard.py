# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody thought of takes away what is known of one thing, and not of a whole host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Callable, TypeVar

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

T = TypeVar("T")


def guarded(reader: Reader, subject: str, default: T, look: Callable[[], T]) -> T:
    """Return what ``look`` returns; where it fails, ``default``, and ``subject`` is remembered as what could not be read."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - what it is decides nothing
        _remember(reader, subject, error)
        return default


def judged(reader: Reader, subject: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings of a check; where it fails, those that it had, and ``subject`` is remembered."""
    try:
        yield from findings
    except Exception as error:  # noqa: BLE001 - what it is decides nothing
        _remember(reader, subject, error)


def _remember(reader: Reader, subject: str, error: Exception) -> None:
    # Its text may hold what a file holds, so it is not told.
    reader.unreadable[subject] = f"cannot be judged: {type(error).__name__}"
