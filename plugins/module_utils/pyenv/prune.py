# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which other versions of a tree nobody needs any more, and what is left of such."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import places
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.dependents import (
    dependents_of,
    find_environments,
    unseen_processes,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Parked, Tree


def unused_versions(wanted: Wanted, gone: Collection[str] = (), unreadable: list[str] | None = None) -> tuple[str, ...]:
    """Return the versions beside the one that is asked for that are ours, whole, and that nothing stands on.

    ``gone`` are paths of environments that do not count. ``unreadable`` gets the folders that this user may not look into.
    """
    candidates = [tree for tree in _others(wanted) if _is_ours(tree)]
    if not candidates:
        return ()
    found = find_environments((*wanted.search, wanted.root), unreadable)
    environments = [one for one in found if one.path not in gone]
    return tuple(
        tree.version
        for tree in candidates
        if not [
            one
            for one in dependents_of(tree.folder, environments)
            # A pin that this very run moves does not keep its old version.
            if not (one.kind == "global" and wanted.pin_global)
        ]
    )


def out_of_sight(unreadable: Sequence[str]) -> str:
    """Return what this user cannot see that may stand on an interpreter, as the rest of a sentence; '' where it sees all."""
    unseen = unseen_processes()
    folders = f"{len(unreadable)} folders, such as {unreadable[0]}" if unreadable else ""
    processes = f"{unseen} processes of others" if unseen else ""
    return " and ".join(part for part in (folders, processes) if part)


def remove_versions(wanted: Wanted, versions: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Remove what :func:`unused_versions` named; return which were removed, and why each of the others stays.

    A build lies between: what came into use meanwhile stays. One look at all environments, which can take minutes,
    serves all of them; it is taken while no other run can work on any.

    Raises:
        OSError: when one cannot be removed.
    """
    removed: list[str] = []
    named = [Tree(wanted.root, version) for version in versions]
    stays = {tree.version: "another run is at work on it" for tree in named}
    with _held(named) as held:
        unused = unused_versions(wanted)
        for tree in held:
            stays[tree.version] = "it came into use, or was changed, during this run"
            if tree.version in unused:
                trees.discard(tree)
                removed.append(tree.version)
    # What another run removed before this one could is neither.
    return removed, {tree.version: stays[tree.version] for tree in named if os.path.lexists(tree.folder)}


def strays(wanted: Wanted) -> tuple[Parked, ...]:
    """Return what a killed removal of another version left: no run that asks for that version may ever come."""
    return tuple(
        one
        for one in trees.parked(wanted.root)
        if one.prefix == trees.GONE and one.version != wanted.version and _may_delete(one.path)
    )


def sweep_strays(root: str, found: Iterable[Parked]) -> list[str]:
    """Delete what :func:`strays` found, but for that of versions that another run works on; return what was deleted.

    Raises:
        OSError: when something of it cannot be deleted.
    """
    swept = []
    with _held(dict.fromkeys(Tree(root, one.version) for one in found)) as held:
        for one in found:
            if Tree(root, one.version) in held and os.path.lexists(one.path):
                trees.delete(one.path)
                swept.append(one.path)
    return swept


@contextlib.contextmanager
def _held(named: Iterable[Tree]) -> Iterator[list[Tree]]:
    """Hold the locks of those that no other run works on, and yield these."""
    held = []
    with contextlib.ExitStack() as locks:
        for tree in named:
            with contextlib.suppress(Refused):
                locks.enter_context(locked(tree.lock, 0))
                held.append(tree)
        yield held


def _others(wanted: Wanted) -> Iterator[Tree]:
    versions = os.path.join(wanted.root, "versions")
    names = sorted(os.listdir(versions)) if os.path.isdir(versions) else []
    paths = [os.path.join(versions, name) for name in names]
    targets = {os.path.realpath(path) for path in paths if os.path.islink(path)}
    for name, path in zip(names, paths):
        is_spared = name in (wanted.version, *wanted.keep) or os.path.realpath(path) in targets
        if EXACT_VERSION.fullmatch(name) and not is_spared and os.path.isdir(path) and not os.path.islink(path):
            yield Tree(wanted.root, name)


def _may_delete(path: str) -> bool:
    try:
        return os.geteuid() in (0, os.lstat(path).st_uid)
    except FileNotFoundError:
        return False  # its own run is just deleting it


def _is_ours(tree: Tree) -> bool:
    """Whether it has a receipt that nobody else can have written, no run is at work on it, and this one does not stand on it."""
    receipt = read_receipt(tree.folder)
    owners = {found.st_uid for found in places(tree.folder, tree.version).values()}
    runs_here = os.path.realpath(sys.base_prefix) == os.path.realpath(tree.folder)
    is_trusted = owners <= {0, os.geteuid()} or os.geteuid() == 0
    return bool(receipt and receipt.version == tree.version) and is_trusted and not runs_here
