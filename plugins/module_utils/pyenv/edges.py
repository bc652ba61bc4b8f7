# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What touches the world outside; handed in, so that the rules are tested without it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.download import OpenUrl, open_http
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import Machine, this_machine
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.memory import free_memory
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tether import tethered


class Edges(NamedTuple):
    """What a run needs of its host.

    Attributes:
        run: Runs short programs: the probe, the compiler's preprocessor, pyenv's rehash.
        tether: Gives the runner of the build, which holds the lock's descriptor and ends when it is no longer wanted.
        open_url: Opens a URL.
        environ: The environment of this process.
        machine: Tells what this host offers to a prebuilt interpreter.
        memory: Tells how many bytes of memory a build can have.
    """

    run: Runner = run_process
    tether: Callable[[int, Callable[[], bool]], Runner] = tethered
    open_url: OpenUrl = open_http
    environ: Mapping[str, str] = os.environ
    machine: Callable[[Runner], Machine] = this_machine
    memory: Callable[[], int] = free_memory


HERE = Edges()
