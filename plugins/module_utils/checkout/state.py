# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of pyenv below a root: the checkout that is used, its links, and what is somebody else's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.checkout.contents import contents, difference, strangers
from ansible_collections.netdevops.python.plugins.module_utils.checkout.places import (
    CHECKOUTS,
    CURRENT,
    GIT,
    GONE,
    NEW,
    PARTS,
    Places,
    current_target,
    part_target,
)
from ansible_collections.netdevops.python.plugins.module_utils.checkout.receipt import Receipt, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

_SHOWN = 3


class Found(NamedTuple):
    """What is there.

    Attributes:
        current: The checkout that is used; '' when there is none.
        receipts: Every checkout that has a receipt.
        parts: The parts that are links of ours.
        foreign: Names below the root that are somebody's own, where a part of ours would be.
        leftovers: Names among the checkouts that an interrupted run left.
    """

    current: str
    receipts: Mapping[str, Receipt]
    parts: tuple[str, ...]
    foreign: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def version(self) -> str:
        """The version of pyenv that is used; '' when there is none."""
        return self.receipts[self.current].version if self.current in self.receipts else ""


def look(places: Places) -> Found:
    """Return what is there; writes nothing.

    Raises:
        Refused: when the place of the checkouts is no folder.
        OSError: when something cannot be read.
    """
    if os.path.lexists(places.checkouts) and (os.path.islink(places.checkouts) or not os.path.isdir(places.checkouts)):
        refuse(
            places.checkouts,
            "expected a folder of checkouts, found a file or a link.",
            "Move it away, or choose another root.",
        )
    names = sorted(os.listdir(places.checkouts)) if os.path.isdir(places.checkouts) else []
    receipts = {name: read_receipt(places.checkout(name)) for name in names if not name.startswith(".")}
    parts = tuple(part for part in PARTS if _target(places.part(part)) == part_target(part))
    return Found(
        current=_current(places),
        receipts={name: receipt for name, receipt in receipts.items() if receipt},
        parts=parts,
        foreign=_foreign(places, parts),
        leftovers=tuple(name for name in names if name.startswith((NEW, GONE))),
    )


def flaw(places: Places, name: str, receipt: Receipt | None, owner: tuple[int, int]) -> str:
    """Return why the checkout ``name`` does not do; '' when it is as it was made.

    Raises:
        OSError: when something of it cannot be read.
    """
    folder = places.checkout(name)
    if not os.path.lexists(folder):
        return "it is not there"
    if receipt is None:
        return "it has no receipt"
    words = difference(receipt.contents, contents(folder))
    words += [f"{path} belongs to another user or group" for path in strangers(folder, owner)]
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return "; ".join(words[:_SHOWN]) + more


def _current(places: Places) -> str:
    target = _target(places.current)
    name = os.path.basename(target)
    return name if name and target == current_target(name) else ""


def _foreign(places: Places, ours: tuple[str, ...]) -> tuple[str, ...]:
    names = [name for name in (*PARTS, GIT) if name not in ours and os.path.lexists(places.part(name))]
    if os.path.lexists(places.current) and not _target(places.current).startswith(f"{CHECKOUTS}/"):
        names.append(CURRENT)
    return tuple(names)


def _target(path: str) -> str:
    """Return what the link at ``path`` says; '' when it is none."""
    return os.readlink(path) if os.path.islink(path) else ""
