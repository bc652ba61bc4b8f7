# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters that nothing stands on, for those who ask for no version themselves."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Callable, NamedTuple, Protocol

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import measure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prune import (
    out_of_sight,
    remove_versions,
    strays,
    sweep_strays,
    unused_versions,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Parked, Tree


class Note(Protocol):
    """What is written down of one removal."""

    message: str


Noted = Callable[[str], contextlib.AbstractContextManager[Note]]


class Collected(NamedTuple):
    """What was removed, or would be.

    Attributes:
        versions: The versions.
        swept: What killed removals had left, as paths.
        freed: Bytes of the disk.
        stays: Versions that nothing is known to stand on and that stay all the same, and why.
    """

    versions: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    freed: int = 0
    stays: tuple[str, ...] = ()


def collect(
    root: str, keep: Sequence[str], search: Sequence[str], gone: Collection[str], check_mode: bool, noted: Noted
) -> Collected:
    """Remove the versions below ``root`` that are ours and that nothing stands on.

    Args:
        root: The folder that holds ``versions/``.
        keep: Versions that stay all the same.
        search: Folders in which environments are looked for; ``root`` is always one of them.
        gone: Environments that count as gone: in check mode, releases that would be removed before.
        check_mode: Write nothing.
        noted: Entered with the folder of each version before it goes, and left when it is gone.

    Raises:
        Refused: for a root that is none, or that this user must not write to.
    """
    wanted = _wanted(root, keep, search)
    unreadable: list[str] = []
    unused, left = unused_versions(wanted, frozenset(map(os.path.realpath, gone)), unreadable), strays(wanted)
    unseen = out_of_sight(unreadable) if unused else ""
    if not unseen:
        return _collect(wanted, unused, left, check_mode, noted)
    # What this user sees is no reason to take an interpreter away from others.
    stays = tuple(f"{one}: stays, since something in {unseen} may stand on it. Use become." for one in unused)
    return _collect(wanted, (), left, check_mode, noted)._replace(stays=stays)


def _collect(
    wanted: Wanted, unused: tuple[str, ...], left: Sequence[Parked], check_mode: bool, noted: Noted
) -> Collected:
    if not unused and not left:
        return Collected()
    folders = [Tree(wanted.root, version).folder for version in unused]
    size = {path: measure([path]) for path in (*folders, *(one.path for one in left))}
    if check_mode:
        return Collected(unused, tuple(one.path for one in left), sum(size.values()))
    trees.check_root(wanted.root, must_write=True)
    with declared_modes():
        for version in {*unused, *(one.version for one in left)}:
            trees.prepare(Tree(wanted.root, version))
    with contextlib.ExitStack() as notes:
        records = {version: notes.enter_context(noted(Tree(wanted.root, version).folder)) for version in unused}
        removed, stays = remove_versions(wanted, unused)
        for version, record in records.items():
            record.message = _message(version, stays, size[Tree(wanted.root, version).folder])
    swept = sweep_strays(wanted.root, left)
    freed = sum(size[path] for path in (*(Tree(wanted.root, version).folder for version in removed), *swept))
    return Collected(tuple(removed), tuple(swept), freed, tuple(f"{one}: {why}" for one, why in stays.items()))


def _message(version: str, stays: Mapping[str, str], freed: int) -> str:
    return f"it stays: {stays[version]}" if version in stays else f"interpreter removed, {freed} bytes freed"


def _wanted(root: str, keep: Sequence[str], search: Sequence[str]) -> Wanted:
    path = os.path.normpath(root)
    if not os.path.isabs(path) or not path.strip("/") or re.search(r"[\x00-\x1f]", path):
        message = f"expected an absolute path to a folder of its own, found {root!r}."
        raise Refused([Problem("interpreter_root", message, "Name one, such as /opt/pyenv.")])
    return Wanted(
        version="",
        state="present",
        root=path,
        pyenv=(),
        cache="",
        mirror="",
        sha256="",
        offline=True,
        jobs=0,
        configure_opts=(),
        make_opts=(),
        modules=(),
        timeout=0,
        search=tuple(search),
        prune=True,
        keep=tuple(keep),
    )
