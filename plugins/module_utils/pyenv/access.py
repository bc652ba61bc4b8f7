# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an interpreter is and who may write to it: looked at in a few places, and set in all of them."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground, writers
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

OTHERS_WRITE = 0o022
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def places(folder: str, version: str) -> dict[str, os.stat_result]:
    """Return what ``stat`` says of the places whose owner decides what the interpreter is; without those that are missing."""
    feature = "python" + ".".join(version.split(".")[:2])
    found = {}
    for name in ("", "bin", "bin/python", f"bin/{feature}", "lib", f"lib/{feature}"):
        path = os.path.join(folder, name).rstrip("/")
        if os.path.exists(path):
            found[path] = os.stat(path)
    return found


def refuse_strangers(tree: Tree, owner: tuple[int, int] | None) -> None:
    """Refuse an interpreter that another user can change: its program must not be run, and its word does not count.

    Args:
        tree: Where it is.
        owner: User and group id that are asked for, or None.

    Raises:
        Refused: when it belongs to anybody but root, this user and the owner that is asked for, or when anybody else may
            write to it, or put another one where a link to our own leads. That is not repaired silently: what was changed meanwhile would stay.
    """
    if os.path.islink(tree.folder) and not is_lent(tree):
        check_ground(tree.folder)
    trusted = {0, os.geteuid(), *(owner[:1] if owner and os.geteuid() == 0 else ())}
    for path, found in places(tree.folder, tree.version).items():
        if found.st_uid not in trusted:
            refuse(
                path,
                f"belongs to user {found.st_uid}, the task runs as user {os.geteuid()}.",
                "Become its owner, name that one in `owner` if you trust it, or choose another `root`.",
            )
        if is_lent(tree) and found.st_mode & OTHERS_WRITE:
            refuse(path, "is reached through a link, and can be written by others than its owner.", "Correct it there.")
        who = writers(found, trusted, os.path.realpath(path))
        if who:
            refuse(
                path,
                f"can be written by {who}, who could have put another program there.",
                f"Take that permission away if you trust what is there (chmod go-w {path}), or remove it first.",
            )


def runs_as(folder: str, version: str) -> tuple[int, int] | None:
    """Return who root has to run the interpreter as, which somebody else could have changed; None for root itself."""
    if os.geteuid():
        return None
    owners = [(found.st_uid, found.st_gid) for found in places(folder, version).values() if found.st_uid]
    return owners[0] if owners else None


def is_lent(tree: Tree) -> bool:
    """Whether the version is a link to a folder of somebody else's, which is not written to from here."""
    return os.path.islink(tree.folder) and os.path.exists(tree.folder) and os.stat(tree.folder).st_uid != os.geteuid()


def repairs(tree: Tree, owner: tuple[int, int] | None, mode: int) -> tuple[Action, ...]:
    """Return what has to be done about the owner and the permissions; nothing for a version that is only linked to."""
    if is_lent(tree):
        return ()
    home = os.path.realpath(tree.folder)
    # What a link leads to elsewhere is not the interpreter's own, and would never be set.
    found = {
        path: one
        for path, one in places(tree.folder, tree.version).items()
        if f"{os.path.realpath(path)}/".startswith(f"{home}/")
    }
    own = [
        f"{path} belongs to {one.st_uid}:{one.st_gid}"
        for path, one in found.items()
        if owner and (one.st_uid, one.st_gid) != owner
    ]
    wrong = [
        f"{path} has mode {stat.S_IMODE(one.st_mode):04o}"
        for path, one in found.items()
        if stat.S_IMODE(one.st_mode) != mode
    ]
    asked = {"own": "{}:{}".format(*owner) if owner else "", "mode": f"{mode:04o}"}
    return tuple(
        Action(verb, tree.folder, f"{reasons[0]}, asked for is {asked[verb]}")
        for verb, reasons in (("own", own), ("mode", wrong))
        if reasons
    )


def settle(folder: str, owner: tuple[int, int] | None, mode: int) -> None:
    """Give everything in ``folder``, and itself, to ``owner`` and set its permissions; links in it are not followed.

    Args:
        folder: The interpreter's folder, or a link to it; where that leads is nobody else's (:func:`refuse_strangers`).
        owner: User and group id, or None for "as it is".
        mode: Permission bits of folders and programs; other files have them without the bits to execute.

    Raises:
        Refused: when a file of another user has a name outside: root would give that away as well.
        OSError: when it cannot be done.
    """
    home = os.path.realpath(folder)
    _refuse_shared(home)
    for descriptor, name in _entries(home):
        _settle(descriptor, name, owner, mode)
    _settle(None, home, owner, mode)


def _entries(folder: str) -> Iterator[tuple[int, str]]:
    """Yield a folder's descriptor and a name in it, for everything below ``folder``."""
    for _path, folders, files, descriptor in os.fwalk(folder, topdown=False):
        for name in folders + files:
            yield descriptor, name


def _settle(folder: int | None, name: str, owner: tuple[int, int] | None, mode: int) -> None:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if owner and (found.st_uid, found.st_gid) != owner:
        os.chown(name, *owner, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return
    wanted = mode if stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111 else mode & 0o666
    # Giving a file away takes bits off it (chown(2)), so that the mode comes second.
    if stat.S_IMODE(found.st_mode) != wanted:
        descriptor = os.open(name, _OPEN, dir_fd=folder)
        try:
            os.fchmod(descriptor, wanted)
        finally:
            os.close(descriptor)


def _refuse_shared(folder: str) -> None:
    seen: Counter[tuple[int, int]] = Counter()
    links: dict[tuple[int, int], tuple[int, str]] = {}
    for descriptor, name in _entries(folder):
        found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1 and found.st_uid not in (0, os.geteuid()):
            seen[found.st_dev, found.st_ino] += 1
            links[found.st_dev, found.st_ino] = found.st_nlink, name
    for key, (count, name) in links.items():
        if seen[key] < count:
            refuse(
                folder, f"holds {name}, which is a file outside of it as well.", "Install it again: state absent first."
            )
