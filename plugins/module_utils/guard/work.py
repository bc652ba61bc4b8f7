# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing what a plan says: each file in one step, an original kept under another name first."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    declared_modes,
    sync_folder,
    write_atomic,
)
from ansible_collections.netdevops.python.plugins.module_utils.guard.plan import (
    KEEP,
    MAKE,
    REMOVE,
    RESTORE,
    RMDIR,
    WRITE,
    Step,
    Wish,
)
from ansible_collections.netdevops.python.plugins.module_utils.guard.seal import MODE


def apply(steps: Iterable[tuple[Wish, Step]]) -> None:
    """Do what each step says.

    Raises:
        OSError: when something cannot be written; what came before it is done.
    """
    with declared_modes():
        for wish, one in steps:
            for action in one.actions:
                _do(action.verb, action.subject, wish, one)


def _do(verb: str, path: str, wish: Wish, one: Step) -> None:
    if verb == MAKE:
        os.mkdir(path, 0o755)
    elif verb == KEEP:
        # A second name of the same file: owner, times and attributes stay, and at no moment is there none.
        os.link(wish.path, path, follow_symlinks=False)
        sync_folder(os.path.dirname(path))
    elif verb == WRITE:
        write_atomic(path, one.data, MODE)
    elif verb == RESTORE:
        _restore(wish)
    elif verb == REMOVE:
        os.unlink(path)
    elif verb == RMDIR:
        with contextlib.suppress(OSError):  # somebody else put something there
            os.rmdir(path)


def _restore(wish: Wish) -> None:
    if wish.is_same:
        # To rename one name of a file to another one of it does nothing (rename(2)).
        os.unlink(wish.original)
    else:
        os.replace(wish.original, wish.path)
    sync_folder(os.path.dirname(wish.path))
