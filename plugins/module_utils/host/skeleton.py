# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The empty virtual environment that a release starts as."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

VENV_SECONDS = 60


def create(run: Runner, interpreter: Interpreter, tree: Tree) -> None:
    """Let the interpreter's own ``venv`` module lay out the release, without pip.

    ``ensurepip`` is four of the five seconds of a plain ``python -m venv``, and Debian's interpreters lack it.

    Raises:
        Refused: when it fails.
    """
    make_venv(run, interpreter, tree.root)
    tree.adopt(sorted(everything(tree.root)))


def make_venv(run: Runner, interpreter: Interpreter, root: str) -> None:
    """Make an empty virtual environment in the folder ``root``.

    Raises:
        Refused: when that fails.
    """
    argv = [interpreter.path, "-I", "-S", "-m", "venv", "--without-pip", "--symlinks", root]
    done = run(argv, env=clean_environment(os.environ), timeout=VENV_SECONDS)
    if done.rc != 0:
        refuse(
            interpreter.path,
            f"cannot make a virtual environment: {done.tail()}.",
            "Install the interpreter again, with its venv module.",
        )


def everything(root: str) -> Iterator[str]:
    """Yield the path of each file, link and folder below ``root``, relative to it."""
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            yield os.path.relpath(os.path.join(folder, name), root)
