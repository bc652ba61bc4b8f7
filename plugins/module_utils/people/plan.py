# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to one person's tree."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.people.shared import Shared, programs_in
from ansible_collections.netdevops.python.plugins.module_utils.people.shims import left_by_rehash, stale, starts
from ansible_collections.netdevops.python.plugins.module_utils.people.tree import Found, Tree

CREATE, LINK, UNLINK, PIN, REHASH, REMOVE, RMDIR = (
    "create",
    "link",
    "unlink",
    "pin",
    "rehash",
    "remove",
    "remove folder",
)
# What is told of one tree.
MOST_NAMES = 20
LONGEST_NAME = 60


class Wish(NamedTuple):
    """What one person is to have.

    Attributes:
        shared: The shared tree.
        versions: The versions to link to; with ``state: absent`` those whose links go, None for all.
        pin: The global version, or ''.
        replace_pin: Whether another one gives way to it.
        rehash: Whether shims are made.
    """

    shared: Shared
    versions: tuple[str, ...] | None
    pin: str
    replace_pin: bool
    rehash: bool


def plan_present(tree: Tree, found: Found, wish: Wish) -> Plan:
    """Return the steps that bring a tree to what is wished."""
    versions = wish.versions or ()
    linked = [name for name in versions if name not in found.links and name not in found.own]
    gone = [name for name, leads in found.links.items() if not leads and name not in versions]
    pin = _pin(found, wish)
    reason = _rehash_reason(tree, found, wish, bool(gone)) if wish.rehash else ""
    actions = [Action(CREATE, path) for path in (tree.root, tree.versions) if not os.path.isdir(path)]
    actions += [Action(LINK, tree.version(name), f"to {wish.shared.target(name)}") for name in linked]
    actions += [Action(UNLINK, tree.version(name), "what it led to is gone") for name in gone]
    actions += [Action(PIN, tree.pin, f"the global version is {pin}")] if pin else []
    actions += [Action(REHASH, tree.shims, reason)] if reason else []
    shims = "current" if wish.rehash else "not looked at"
    left = {*found.links, *linked} - set(gone)
    after = {**_told(left, found.own, (pin,) if pin else found.pin), "shims": shims}
    before = {**_told(found.links, found.own, found.pin), "shims": reason or shims}
    return Plan(before, after, tuple(actions))


def plan_absent(tree: Tree, found: Found, wish: Wish) -> Plan:
    """Return the steps that take away what this collection made, and nothing else."""
    gone = [name for name in found.links if wish.versions is None or name in wish.versions]
    stay = [name for name in (*found.links, *found.own) if name not in gone]
    left = {name for version in stay for name in _programs(tree.version(version))}
    dead = sorted(name for name in found.shims - left if _is_ours(os.path.join(tree.shims, name), wish.shared))
    dead += [] if found.shims.difference(dead) else left_by_rehash(tree.shims)
    # It would name what is no longer there, and every shim would fail.
    unpin = bool(found.pin) and set(found.pin or ()) <= set(gone)
    actions = [Action(UNLINK, tree.version(name)) for name in gone]
    actions += [Action(REMOVE, tree.pin, "it names only what goes")] if unpin else []
    actions += [Action(REMOVE, os.path.join(tree.shims, name)) for name in dead]
    removed = {action.subject for action in actions}
    actions += [Action(RMDIR, path, "it is empty") for path in _emptied(tree, removed)] if removed else []
    after = _told(set(found.links) - set(gone), found.own, None if unpin else found.pin)
    before = {**_told(found.links, found.own, found.pin), "shims": len(found.shims)}
    return Plan(before, {**after, "shims": len(found.shims.difference(dead))}, tuple(actions))


def _told(linked: Iterable[str], own: Iterable[str], pin: Iterable[str] | None) -> dict[str, Any]:
    """Return what a result tells of a tree. A person decides how much there is, and it must not displace everybody's result."""
    told = {**_few("linked", sorted(linked)), **_few("own", sorted(own))}
    return {**told, "global": None} if pin is None else {**told, **_few("global", list(pin))}


def _few(key: str, names: Sequence[str]) -> dict[str, Any]:
    more = len(names) - MOST_NAMES
    return {key: [cut(name) for name in names[:MOST_NAMES]], **({f"{key}_more": more} if more > 0 else {})}


def cut(text: str, most: int = LONGEST_NAME) -> str:
    """Return ``text``, or its beginning."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _pin(found: Found, wish: Wish) -> str:
    """Return the global version that is to be written, '' when nothing is."""
    if not wish.pin or found.pin == (wish.pin,):
        return ""
    return wish.pin if found.pin is None or wish.replace_pin else ""


def _rehash_reason(tree: Tree, found: Found, wish: Wish, some_gone: bool) -> str:
    ours = [name for name in wish.versions or () if name not in found.own]
    reason = stale(tree.shims, wish.shared.programs(ours))
    return reason or ("a version is gone" if some_gone and found.shims else "")


def _programs(version: str) -> set[str]:
    environments = os.path.join(version, "envs")
    names = os.listdir(environments) if os.path.isdir(environments) else []
    folders = [version, *(os.path.join(environments, name) for name in names)]
    return {program for folder in folders for program in programs_in(folder)}


def _is_ours(shim: str, shared: Shared) -> bool:
    return starts(shim).startswith(shared.root + "/")


def _emptied(tree: Tree, removed: Collection[str]) -> list[str]:
    """Return the folders of the tree that nothing is left in, the lowest first."""
    empty: list[str] = []
    for folder in (tree.shims, tree.versions, tree.root):
        if os.path.isdir(folder) and not os.path.islink(folder):
            left = {os.path.join(folder, name) for name in os.listdir(folder)} - set(removed) - set(empty)
            empty += [] if left else [folder]
    return empty
