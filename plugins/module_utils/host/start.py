# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of a release: its interpreter runs, and says that it is in it. It writes nothing."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner

# On a line of its own: what starts with the interpreter may have said something.
PREFIX = "import sys; sys.stdout.write('\\n' + sys.prefix)"


def start(run: Runner, release: str, timeout: float, owner: tuple[int, int], next_step: str) -> None:
    """Start the interpreter of a release, without any import: a few milliseconds.

    Args:
        run: Starts programs.
        release: The folder of the release.
        timeout: Seconds that it may take.
        owner: User and group id of the release. Root starts it as those.
        next_step: What to do when it does not work.

    Raises:
        Refused: when it fails, or is somewhere else.
    """
    python = f"{release}/bin/python"
    user = owner if os.geteuid() == 0 and owner[0] != 0 else None
    env = clean_environment(os.environ)
    done = run([python, "-I", "-B", "-c", PREFIX], env=env, cwd="/", timeout=timeout, user=user)
    if done.rc != 0:
        code = f"exit {done.rc}" if done.rc > 0 else f"signal {-done.rc}"
        said = (done.tail() or "it said nothing").rstrip(".")
        refuse(python, f"does not work ({code}): {said}.", next_step)
    prefix = done.stdout.rpartition("\n")[2]
    if os.path.realpath(prefix) != os.path.realpath(release):
        refuse(python, f"expected to run in {release}, it runs in {prefix or 'no release'}.", next_step)
