# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a release at its final path, from verified wheels and what an earlier release shares."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    owner_of,
    sync_file_system,
    write_atomic,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host import bytecode, installer, skeleton
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import write_files
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import RECEIPT_FILE, Receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.sharing import Earlier
from ansible_collections.netdevops.python.plugins.module_utils.host.staying import write_startup
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

PRIVATE = 0o700


def build(
    run: Runner,
    root: str,
    options: Options,
    interpreter: Interpreter,
    archives: Sequence[WheelArchive],
    earlier: Sequence[Earlier],
) -> Tree:
    """Create the release in the new folder ``root``, which nobody else can enter yet.

    Raises:
        Refused: when a wheel is not what it says, or the interpreter fails.
        OSError: when the disk does.
    """
    os.mkdir(root, PRIVATE)
    major, minor = interpreter.target.python
    tree = Tree(root, f"lib/python{major}.{minor}", options.mode)
    skeleton.create(run, interpreter, tree)
    write_startup(tree)
    os.chmod(root, PRIVATE)
    for release in earlier:
        _share(release, tree, options, interpreter)
    for archive in archives:
        installer.install(archive, tree)
    if options.compile:
        bytecode.compile_all(run, interpreter, tree)
    return tree


def _share(earlier: Earlier, tree: Tree, options: Options, interpreter: Interpreter) -> None:
    receipt = earlier.receipt
    same_bytecode = options.compile and receipt.interpreter["version"] == interpreter.version
    # A link shares its owner and mode with the earlier release; where these are to change, it has to be a copy.
    linkable = receipt.asked["mode"] == f"{options.mode:04o}" and tuple(receipt.owner) == options.owner_ids()
    for files in earlier.files.values():
        installer.carry(files, earlier.root, tree, bytecode=same_bytecode, link=linkable)


def hand_over(tree: Tree, owner: tuple[int, int]) -> None:
    """Give the finished tree to its owner and open it."""
    if owner != (os.geteuid(), os.getegid()):
        for folder, folders, files in os.walk(tree.root):
            for name in folders + files:
                os.lchown(os.path.join(folder, name), *owner)
        os.lchown(tree.root, *owner)
    os.chmod(tree.root, tree.mode)


def finish(tree: Tree, goal: Goal) -> Receipt:
    """Write the receipt, last, after everything that it speaks of is on the disk."""
    interpreter = goal.interpreter
    mode = tree.file_mode(False)
    receipt = Receipt(
        release=goal.release,
        asked=goal.options.asked(),
        bundle=goal.manifest.id,
        interpreter={
            "path": interpreter.path,
            "version": interpreter.version,
            "target": goal.selection.target,
            "sha256": digest_file(interpreter.path),
        },
        packages=goal.selection.packages(),
        owner=goal.options.owner_ids(),
        files=write_files(tree.root, list(tree.files.values()), mode),
        lock=goal.manifest.lock.get("sha256", ""),
    )
    sync_file_system(tree.root)
    write_atomic(os.path.join(tree.root, RECEIPT_FILE), receipt.encode(), mode, owner=owner_of(tree.root))
    return receipt


@contextlib.contextmanager
def open_umask() -> Iterator[None]:
    """Let modes be what they are declared to be, whatever the umask of the login is."""
    old = os.umask(0)
    try:
        yield
    finally:
        os.umask(old)
