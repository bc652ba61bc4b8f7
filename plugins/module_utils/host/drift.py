# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift: every difference between a release and its receipt."""

from __future__ import annotations

import os
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt


class Drift(NamedTuple):
    """One difference.

    Attributes:
        path: Relative to the release, or the absolute path of the interpreter; of a link that points elsewhere, the link
            and what it says.
        what: ``edited``, ``deleted``, ``added``, ``kind``, ``mode``, ``owner``, ``replaced`` or ``elsewhere``.
        wheel: As :class:`Installed` has it.
    """

    path: str
    what: str
    wheel: str = ""


class Verdict(NamedTuple):
    """What a look at a release found: its drift, and whether its index is stale though the content is right."""

    drift: tuple[Drift, ...]
    stale: bool = False


# How a release compares with its receipt, as :func:`examine` says it.
Judge = Callable[[str, Receipt, str], Verdict]


def examine(release: str, receipt: Receipt, verify: str) -> Verdict:
    """Compare a release with its receipt.

    Args:
        release: Its folder.
        receipt: What :func:`read_receipt` returned for it.
        verify: ``receipt`` looks at no file; ``stat`` takes a file whose stat is unchanged as unchanged and
            reads every other; ``content`` reads them all.
    """
    interpreter = receipt.interpreter["path"]
    if verify == "receipt":
        return Verdict(() if os.path.exists(interpreter) else (Drift(interpreter, "deleted"),))
    from ansible_collections.netdevops.python.plugins.module_utils.host.walk import walk

    seen = walk(release, interpreter)
    as_indexed = seen.is_indexed(release)
    if verify == "stat" and as_indexed:
        return Verdict(())
    from ansible_collections.netdevops.python.plugins.module_utils.host.comparison import compare  # few runs need it

    drift = tuple(compare(release, receipt, seen, trust_index=verify == "stat"))
    return Verdict(drift, stale=not drift and not as_indexed)
