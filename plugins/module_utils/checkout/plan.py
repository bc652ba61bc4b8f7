# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to a pyenv: computed from what is there, before anything is written."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARCHIVE, Asked
from ansible_collections.netdevops.python.plugins.module_utils.checkout.places import CURRENT, KEPT, PARTS, Places
from ansible_collections.netdevops.python.plugins.module_utils.checkout.state import Found, flaw, look
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground


class Drawn(NamedTuple):
    """A plan and what it rests on.

    Attributes:
        plan: The plan.
        found: What is there.
        build: Whether the checkout has to be made.
        surplus: Checkouts that go when it is done.
    """

    plan: Plan
    found: Found
    build: bool = False
    surplus: tuple[str, ...] = ()


def draw(asked: Asked, places: Places, owner: tuple[int, int]) -> Drawn:
    """Return what a run would do; writes nothing.

    Raises:
        Refused: when somebody's own files are in the way, or somebody else could change what is put there.
        OSError: when something cannot be read.
    """
    check_ground(places.root)
    found = look(places)
    if not asked.digest:
        return Drawn(Plan(_before(found), {"state": "absent"}, _removal(places, found)), found)
    refuse_all([] if asked.takeover else _in_the_way(places, found))
    reason = flaw(places, asked.checkout, found.receipts.get(asked.checkout), owner)
    surplus = _surplus(found, asked.checkout)
    actions = (
        *([_making(asked, places, reason)] if reason else []),
        *_moves(places, found),
        *_links(asked, places, found, bool(reason)),
        *(Action("remove", places.checkout(name), "left by an interrupted run") for name in found.leftovers),
        *(Action("remove", places.checkout(name), "neither used nor the one before") for name in surplus),
    )
    before = {**_before(found), **({"reason": reason} if reason and asked.checkout == found.current else {})}
    return Drawn(Plan(before, {"state": "present", "checkout": asked.checkout}, actions), found, bool(reason), surplus)


def has_part(places: Places, checkout: str, part: str) -> bool:
    """Whether a checkout has the part."""
    return os.path.lexists(os.path.join(places.checkout(checkout), part))


def _before(found: Found) -> dict[str, str]:
    return {"state": "present", "checkout": found.current} if found.current else {"state": "absent"}


def _in_the_way(places: Places, found: Found) -> list[Problem]:
    next_step = "Choose another root, move them away, or set takeover: true, which keeps them in a folder beside."
    if not found.foreign:
        return []
    names = ", ".join(found.foreign)
    return [Problem(places.root, f"holds a pyenv that this module did not put there: {names}.", next_step)]


def _making(asked: Asked, places: Places, reason: str) -> Action:
    verb = "unpack" if asked.kind == ARCHIVE else "fetch"
    return Action(verb, places.checkout(asked.checkout), f"from {asked.place}; {reason}")


def _moves(places: Places, found: Found) -> tuple[Action, ...]:
    reason = f"somebody's own; kept below {places.part(KEPT)}*"
    return tuple(Action("move aside", places.part(name), reason) for name in found.foreign)


def _links(asked: Asked, places: Places, found: Found, unknown: bool) -> tuple[Action, ...]:
    """Return the switch and the links; what the checkout has is ``unknown`` until it is there."""
    actions = []
    if found.current != asked.checkout:
        actions.append(Action("switch", places.current, f"from {found.current or 'nothing'} to {asked.checkout}"))
    for part in PARTS:
        wanted = has_part(places, asked.checkout, part)
        if part not in found.parts and (wanted or (unknown and not found.current)):
            actions.append(Action("link", places.part(part), f"to its place in {CURRENT}"))
        elif part in found.parts and not wanted and not unknown:
            actions.append(Action("unlink", places.part(part), "this pyenv has no such part"))
    return tuple(actions)


def _surplus(found: Found, checkout: str) -> tuple[str, ...]:
    """Return all checkouts but the one asked for and the one before it, which whoever just runs it still needs."""
    others = sorted(
        (name for name in found.receipts if name != checkout), key=lambda name: found.receipts[name].installed_at
    )
    before = found.current if found.current in others else (others or [""])[-1]
    return tuple(name for name in others if name != before)


def _removal(places: Places, found: Found) -> tuple[Action, ...]:
    links = [places.part(part) for part in found.parts]
    if os.path.islink(places.current) and CURRENT not in found.foreign:
        links.append(places.current)
    actions = [Action("unlink", path) for path in links]
    if os.path.isdir(places.checkouts):
        actions.append(Action("remove", places.checkouts))
    return tuple(actions)
