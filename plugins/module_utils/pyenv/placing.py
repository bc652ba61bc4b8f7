# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One prebuilt archive, unpacked and proven beside its place, and then moved there whole."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    rename_exchange,
    sync_file_system,
    sync_folder,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import settle
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.build import sweep
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, unpack
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Origin, new_receipt, write_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import prove
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree


class Parcel(NamedTuple):
    """An archive that fits; its path is '' while it is on the controller."""

    wanted: Wanted
    tree: Tree
    prebuilt: Prebuilt


def place(parcel: Parcel, unfinished: bool, run: Runner) -> None:
    """Install the interpreter from its archive; to be called under the lock.

    The final path is touched once, by a rename of a whole and proven interpreter, so that a run that is killed at any
    moment leaves the old one or the new one there. There is no work folder: that would mark the old one as unfinished.

    Args:
        parcel: The archive and its place.
        unfinished: Whether the folder at the final path is the rest of a build, which nobody wants back.
        run: Runs the interpreter that was unpacked.

    Raises:
        Refused: when the archive is not what its description says, or what is in it does not prove itself.
        OSError: when the disk is full, for example.
    """
    tree = parcel.tree
    if unfinished:
        trees.discard(tree)
    trees.end_work(tree)
    try:
        staged = _staging(tree)
        _stage(parcel, staged, run)
        _move_in(staged, tree)
    except BaseException:
        trees.put_back(tree)
        sweep(tree)
        raise
    sweep(tree)


def _staging(tree: Tree) -> str:
    """Return an absent path to unpack to, from which one rename leads to the final path."""
    # Under this name it is rubbish for everybody else; and after an exchange, the old interpreter is.
    name = tree.free_name(trees.GONE)
    beside, within = (os.path.join(folder, name) for folder in (tree.builds, tree.versions))
    os.mkdir(beside)
    try:
        # Only a rename tells: `versions` may be mounted from the same file system, and has its number then.
        os.rename(beside, within)
    except OSError as error:
        os.rmdir(beside)
        if error.errno != errno.EXDEV:
            raise
        return within
    os.rmdir(within)
    return beside


def _stage(parcel: Parcel, staged: str, run: Runner) -> None:
    """Fill the folder ``staged`` with everything that the version's folder is to hold, down to the disk."""
    wanted, said = parcel.wanted, parcel.prebuilt.description
    unpack(parcel.prebuilt, staged, parcel.tree.folder)
    proven = _proven(run, staged, parcel)
    settle(staged, wanted.owner, wanted.mode)
    sync_file_system(staged)
    origin = Origin("archive", said.file, said.sha256)
    receipt = new_receipt(staged, proven, origin, said.configure_opts, said.patches, wanted.modules)
    write_receipt(staged, receipt)


def _proven(run: Runner, staged: str, parcel: Parcel) -> Interpreter:
    proven, reason = prove(run, staged, parcel.tree.version, parcel.wanted.modules)
    if proven is None:
        refuse(
            parcel.prebuilt.description.file,
            f"was unpacked and does not prove itself: {reason}.",
            "Use another archive, or correct `modules`.",
        )
    return proven


def _move_in(staged: str, tree: Tree) -> None:
    if not os.path.lexists(tree.folder):
        os.rename(staged, tree.folder)
    elif not rename_exchange(staged, tree.folder):
        trees.set_aside(tree)
        os.rename(staged, tree.folder)
    sync_folder(tree.versions)
