# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an interpreter and everything around it lives below the root, and how it comes and goes there."""

from __future__ import annotations

import errno
import os
import re
import shutil
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground

# What a failed rebuild puts back, and what is only waiting to be deleted. To pyenv, every name in `versions` is a version
# and has shims, a dot name as well: so these stand in `.builds`, as long as that is the same file system.
ASIDE = ".aside"
GONE = ".gone"
_PARKED = re.compile(rf"(?P<prefix>\.aside|\.gone)-(?P<version>{EXACT_VERSION.pattern})-(?P<number>[0-9]+)")


class Parked(NamedTuple):
    """A folder or a link that was moved out of its place: what it was (its prefix), of which version, and in which order."""

    path: str
    prefix: str
    version: str
    number: int


class Tree(NamedTuple):
    """The places of one version below one root."""

    root: str
    version: str

    @property
    def versions(self) -> str:
        """The folder that holds all versions, as pyenv lays it out."""
        return os.path.join(self.root, "versions")

    @property
    def folder(self) -> str:
        """The interpreter's own folder."""
        return os.path.join(self.versions, self.version)

    @property
    def executable(self) -> str:
        """The interpreter; python-build makes this name last, when the installation is complete."""
        return os.path.join(self.folder, "bin", "python")

    @property
    def lock(self) -> str:
        """The lock file of the version; it is never deleted."""
        return os.path.join(self.root, ".locks", f"{self.version}.lock")

    @property
    def work(self) -> str:
        """The build's private folder. While it is there, the version is not finished, whatever a probe says."""
        return os.path.join(self.builds, self.version)

    @property
    def log(self) -> str:
        """Where the log of a failed build is kept."""
        return os.path.join(self.root, ".logs", f"{self.version}.log")

    @property
    def builds(self) -> str:
        """The folder of the builds' private folders, and of what is moved out of its place."""
        return os.path.join(self.root, ".builds")

    def asides(self) -> list[str]:
        """Return the folders that were moved aside for a build, oldest first."""
        return [one.path for one in self._parked() if one.prefix == ASIDE]

    def leftovers(self) -> list[str]:
        """Return what interrupted runs left to be deleted."""
        return [one.path for one in self._parked() if one.prefix == GONE] + self.asides()

    def free_name(self, prefix: str) -> str:
        """Return the next free numbered name with a prefix."""
        taken = [one.number for one in self._parked() if one.prefix == prefix]
        return f"{prefix}-{self.version}-{max(taken, default=0) + 1}"

    def _parked(self) -> list[Parked]:
        return [one for one in parked(self.root) if one.version == self.version]


def parked(root: str) -> list[Parked]:
    """Return what was moved out of its place below ``root``, of all versions, the oldest of each first."""
    found = []
    for folder in (os.path.join(root, ".builds"), os.path.join(root, "versions")):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            match = _PARKED.fullmatch(name)
            if match:
                path = os.path.join(folder, name)
                found.append(Parked(path, match["prefix"], match["version"], int(match["number"])))
    return sorted(found, key=lambda one: (one.number, one.path))


def check_root(root: str, must_write: bool) -> None:
    """Check that the tree at ``root`` is ours: what other people can replace must not be run or built into.

    Raises:
        Refused: when it is a file, another user's, or cannot be written although ``must_write``; when somebody else could
            put another folder in its place.
    """
    for path in (root, os.path.join(root, "versions")):
        if not os.path.lexists(path):
            continue
        if not os.path.isdir(path):
            refuse(path, "expected a folder, found something else.", "Choose another `root`, or move it away.")
        _check_owner(path, must_write)
    check_ground(os.path.join(root, "versions"))


def _check_owner(path: str, must_write: bool) -> None:
    found = os.stat(path)
    if found.st_uid not in (0, os.geteuid()):
        refuse(
            path,
            f"belongs to user {found.st_uid}, the task runs as user {os.geteuid()}.",
            "Become its owner, or choose another `root`.",
        )
    if must_write and not os.access(path, os.W_OK):
        refuse(path, "cannot be written by the user that the task runs as.", "Use become, or choose another `root`.")


def prepare(tree: Tree) -> None:
    """Create the folders that a build or a removal needs.

    Raises:
        OSError: when they cannot be created.
    """
    for path in (tree.versions, *map(os.path.dirname, (tree.lock, tree.work, tree.log))):
        os.makedirs(path, mode=0o755, exist_ok=True)


def _park(tree: Tree, path: str, prefix: str) -> str:
    """Rename ``path`` to where nobody looks for it, and return that; a link itself is moved."""
    name = tree.free_name(prefix)
    target = os.path.join(tree.builds, name)
    try:
        os.rename(path, target)
    except OSError as error:
        # `versions` is a file system of its own. Only within it can the folder go in one step.
        if error.errno != errno.EXDEV:
            raise
        target = os.path.join(os.path.dirname(path), name)
        os.rename(path, target)
    return target


def discard(tree: Tree) -> None:
    """Take the version's folder away in one step, so that nobody meets a half of it, then delete it."""
    if os.path.lexists(tree.folder):
        delete(_park(tree, tree.folder, GONE))


def set_aside(tree: Tree) -> None:
    """Free the final path for a build, and keep what was there until the build is proven."""
    if os.path.lexists(tree.folder):
        _park(tree, tree.folder, ASIDE)


def put_back(tree: Tree) -> None:
    """Undo :func:`set_aside`: the oldest folder that was moved aside returns."""
    asides = tree.asides()
    if asides and not os.path.lexists(tree.folder):
        os.rename(asides[0], tree.folder)


def end_work(tree: Tree) -> None:
    """Declare the build over, in one step, and delete its private folder."""
    if os.path.lexists(tree.work):
        delete(_park(tree, tree.work, GONE))


def delete(path: str) -> None:
    """Delete a folder or a link; what a link points to is not touched.

    Raises:
        OSError: when something of it cannot be deleted.
    """
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
    else:
        shutil.rmtree(path)
