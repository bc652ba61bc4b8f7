# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a release at its final path, from verified wheels and what an earlier release shares."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host import bytecode, installer, skeleton
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import (
    RECEIPT_FILE,
    Installed,
    Receipt,
    read_files,
    release_id,
    write_files,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

PRIVATE = 0o700


class Earlier(NamedTuple):
    """A release whose files may be shared: its folder, receipt, and files by the SHA-256 of their wheel."""

    root: str
    receipt: Receipt
    files: Mapping[str, Sequence[Installed]]


def open_earlier(root: str, receipt: Receipt | None, wheels: Sequence[str]) -> Earlier | None:
    """Return what the release at ``root`` can share of ``wheels``; None where that is nothing."""
    files = read_files(root, receipt) if receipt else None
    if receipt is None or files is None:
        return None
    by_wheel: dict[str, list[Installed]] = {wheel: [] for wheel in wheels}
    for file in files:
        if file.wheel in by_wheel:
            by_wheel[file.wheel].append(file)
    return Earlier(root, receipt, by_wheel)


def build(
    run: Runner,
    root: str,
    options: Options,
    interpreter: Interpreter,
    archives: Sequence[WheelArchive],
    earlier: Earlier | None,
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
    os.chmod(root, PRIVATE)
    if earlier:
        _share(earlier, tree, options, interpreter)
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


def finish(
    tree: Tree, options: Options, interpreter: Interpreter, target: str, packages: Sequence[Sequence[str]], bundle: str
) -> Receipt:
    """Write the receipt, last, after everything that it speaks of is on the disk."""
    asked = options.asked()
    receipt = Receipt(
        release=release_id(asked, interpreter.version, target, packages),
        asked=asked,
        bundle=bundle,
        interpreter={
            "path": interpreter.path,
            "version": interpreter.version,
            "target": target,
            "sha256": digest_file(interpreter.path),
        },
        packages=packages,
        owner=options.owner_ids(),
        files=write_files(tree.root, list(tree.files.values()), tree.file_mode(False)),
    )
    sync_file_system(tree.root)
    path = os.path.join(tree.root, RECEIPT_FILE)
    write_atomic(path, receipt.encode(), tree.file_mode(False))
    return receipt


def sync_file_system(path: str) -> None:
    """Flush the file system that holds ``path``; all of them where the C library has no syncfs."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if syncfs is None or syncfs(descriptor) != 0:
            os.sync()
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def open_umask() -> Iterator[None]:
    """Let modes be what they are declared to be, whatever the umask of the login is."""
    old = os.umask(0)
    try:
        yield
    finally:
        os.umask(old)
