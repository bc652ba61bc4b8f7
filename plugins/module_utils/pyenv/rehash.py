# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyenv rehash``, also after one that was killed; only pyenv itself makes shims."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner

# pyenv's lock, and its first shim. A rehash that was killed leaves it, and every later one waits for it and fails.
PROTOTYPE = ".pyenv-shim"
OLD = 15.0  # seconds; a rehash takes less than one
POLL = 0.1


def run_rehash(run: Runner, pyenv: str, root: str, environ: Mapping[str, str], timeout: float) -> Completed:
    """Have ``pyenv`` make the shims of the versions below ``root``; return what it says.

    Args:
        run: Runs it.
        pyenv: The program.
        root: The tree.
        environ: What it sees beside the root. A PYENV_ROOT of somebody's would lead it elsewhere.
        timeout: Seconds. It, and this process before it, waits at most half of it for another rehash.

    Raises:
        Refused: when it cannot be started, or does not end in time.
    """
    patience = timeout / 2
    _break_lock(os.path.join(root, "shims", PROTOTYPE), patience)
    env = {**environ, "PYENV_ROOT": root, "PYENV_REHASH_TIMEOUT": str(max(1, int(patience)))}
    return run([pyenv, "rehash"], env=env, cwd="/", timeout=timeout)


def _break_lock(path: str, patience: float) -> None:
    """Wait until another rehash has let go of the lock at ``path``; one that is too old for that is taken away."""
    give_up = time.monotonic() + patience
    with contextlib.suppress(OSError):
        while abs(time.time() - os.lstat(path).st_mtime) < OLD:
            if time.monotonic() > give_up:
                return
            time.sleep(POLL)
        os.unlink(path)
