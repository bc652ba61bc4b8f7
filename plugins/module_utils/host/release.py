# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a release at its final path, whatever it is filled with."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Callable, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    owner_of,
    sync_file_system,
    write_atomic,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host import bytecode, skeleton
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import write_files
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import RECEIPT_FILE, Receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.rights import opened
from ansible_collections.netdevops.python.plugins.module_utils.host.staying import write_startup
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

PRIVATE = 0o700


def build(
    run: Runner,
    root: str,
    options: Options,
    interpreter: Interpreter,
    fill: Callable[[Tree], None],
) -> Tree:
    """Create the release in the new folder ``root``, which nobody else can enter yet.

    Args:
        run: Starts programs.
        root: The folder.
        options: What is asked.
        interpreter: What it stands on.
        fill: Puts the packages into the empty environment that it is given.

    Raises:
        Refused: when a wheel is not what it says, or the interpreter fails.
        OSError: when the disk does.
    """
    major, minor = interpreter.target.python
    tree = Tree(root, f"lib/python{major}.{minor}", options.mode)
    tree.made = _make(options.environment, os.path.basename(root))
    with _held(tree) as folder, _reached(tree, folder):
        skeleton.create(run, interpreter, tree)
        write_startup(tree)
        os.fchmod(folder, PRIVATE)
        fill(tree)
        if options.compile:
            bytecode.compile_all(run, interpreter, tree)
    return tree


@contextlib.contextmanager
def _reached(tree: Tree, folder: int) -> Iterator[None]:
    """Let root reach the files of a tree by the folder's descriptor: whoever owns the folder above can put a link in its place."""
    if os.geteuid() == 0:
        tree.here = f"/proc/{os.getpid()}/fd/{folder}"
    try:
        yield
    except OSError as error:
        name = str(error.filename or "")
        if tree.here == tree.root or not name.startswith(tree.here):
            raise
        raise OSError(error.errno, error.strerror, tree.root + name[len(tree.here) :]) from None
    finally:
        tree.here = tree.root


def _make(environment: Environment, name: str) -> os.stat_result:
    with opened(environment) as above:
        os.mkdir(name, PRIVATE, dir_fd=above)
        return os.stat(name, dir_fd=above, follow_symlinks=False)


@contextlib.contextmanager
def _held(tree: Tree) -> Iterator[int]:
    """Open the folder of a release, which must be the one that was made: its name is in a folder that may be somebody's."""
    try:
        descriptor = os.open(tree.root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        _refuse_moved(tree)
    try:
        if tree.made is not None and not os.path.samestat(tree.made, os.fstat(descriptor)):
            _refuse_moved(tree)
        yield descriptor
    finally:
        os.close(descriptor)


def _give(tree: Tree, name: str, above: int, owner: tuple[int, int]) -> None:
    found = os.stat(name, dir_fd=above, follow_symlinks=False)
    if (found.st_uid, found.st_gid) == owner:
        return
    # What is shared with an earlier release is its owner's already. Anything else that has a second name is no file of this run.
    if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
        refuse(
            tree.root,
            f"would share the file {name} with an earlier release, where it is not its owner's.",
            "Give the files of the earlier releases to their owner, or remove those releases.",
        )
    os.chown(name, *owner, dir_fd=above, follow_symlinks=False)


def _refuse_moved(tree: Tree) -> NoReturn:
    refuse(
        tree.root, "expected the folder that this run made, found something else.", "See who moved it, and run again."
    )


def hand_over(tree: Tree, owner: tuple[int, int]) -> None:
    """Give the finished tree to its owner and open it.

    Raises:
        Refused: when another folder, or a link, is in its place.
    """
    with _held(tree) as root:
        # Nobody else can enter it yet, and so cannot move about what is in it.
        if owner != (os.geteuid(), os.getegid()):
            for _path, folders, files, above in os.fwalk(dir_fd=root):
                for name in folders + files:
                    _give(tree, name, above, owner)
            os.fchown(root, *owner)
        os.fchmod(root, tree.mode)


def finish(tree: Tree, goal: Goal) -> Receipt:
    """Write the receipt, last, after everything that it speaks of is on the disk."""
    with _held(tree) as root:
        # It is its owner's by now, who can put a link in its place: what is written goes by its descriptor.
        with _reached(tree, root):
            receipt = _finish(tree, goal)
    with _held(tree):  # The environment's link will name it by its path.
        return receipt


def _finish(tree: Tree, goal: Goal) -> Receipt:
    interpreter = goal.interpreter
    mode = tree.file_mode(False)
    receipt = Receipt(
        release=goal.release,
        asked=goal.options.asked(),
        bundle=goal.bundle,
        interpreter={
            "path": interpreter.path,
            "version": interpreter.version,
            "target": goal.target,
            "sha256": digest_file(interpreter.path),
        },
        packages=goal.packages,
        owner=goal.options.owner_ids(),
        files=write_files(tree.here, list(tree.files.values()), mode),
        lock=goal.lock,
    )
    sync_file_system(tree.here)
    write_atomic(tree.path(RECEIPT_FILE), receipt.encode(), mode, owner=owner_of(tree.here))
    return receipt


@contextlib.contextmanager
def open_umask() -> Iterator[None]:
    """Let modes be what they are declared to be, whatever the umask of the login is."""
    old = os.umask(0)
    try:
        yield
    finally:
        os.umask(old)
