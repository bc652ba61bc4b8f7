# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a run: how long each took, and a sentence for what goes wrong in one."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

_NEXT_STEPS = {
    errno.ENOSPC: "Make room there and run again; the environment still is what it was.",
    errno.EDQUOT: "Raise the quota and run again; the environment still is what it was.",
    errno.EROFS: "Choose a path that is not mounted read-only.",
    errno.EACCES: "Use become, or choose a path that this user can write.",
    errno.EPERM: "Use become, or choose a path that this user can write.",
}
_AFTER = {
    "prune": "The environment is what was asked for; run again to remove what is left beside it.",
    "settle": "The environment is what was asked for; run again for its commands and what is kept beside it.",
}


class Stages:
    """Seconds by stage, in the order in which they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str, subject: str) -> Iterator[None]:
        """Time a stage, and turn an error of the operating system into a refusal that names the stage.

        Args:
            name: The stage: deliver, verify, build, prove, receipt, switch or prune.
            subject: What is worked on, for errors without a file name.
        """
        start = time.monotonic()
        try:
            yield
        except OSError as error:
            next_step = _AFTER.get(name) or _NEXT_STEPS.get(error.errno or 0, "The environment still is what it was.")
            refuse(str(error.filename or subject), f"{error.strerror or error}, in stage {name}.", next_step)
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - start, 3)
