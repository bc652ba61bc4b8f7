# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one edge where this collection starts other programs."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse

TAIL_LINES = 20
# What stands in the way of a program for good (execve(2)). Anything else, such as too little memory, passes.
_LASTING = (
    *(errno.ENOENT, errno.ENOTDIR, errno.ENOEXEC, errno.EACCES, errno.ELOOP, errno.EISDIR),
    *(errno.ELIBBAD, errno.EINVAL, errno.ENAMETOOLONG),
)


class Unheard(Refused):
    """Raised when a program said nothing, and that says nothing of the program: it had no time, or the host no room for it."""


class Completed(NamedTuple):
    """A program that has ended: its arguments, return code and decoded output."""

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str

    def tail(self) -> str:
        """Return the last lines of what it said, standard error first choice."""
        text = self.stderr.strip() or self.stdout.strip()
        return "\n".join(text.splitlines()[-TAIL_LINES:])


class Runner(Protocol):
    """Runs ``argv`` with exactly ``env``; ``timeout`` is in seconds, ``user`` a user and a group id.

    ``hold`` is a descriptor that the program gets as well: a lock that it holds is held until it has ended too.
    """

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | None = None,
        timeout: float | None = None,
        stdin: str | None = None,
        user: tuple[int, int] | None = None,
        hold: int | None = None,
    ) -> Completed:
        """Run it to its end."""


def run_process(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    timeout: float | None = None,
    stdin: str | None = None,
    user: tuple[int, int] | None = None,
    hold: int | None = None,
) -> Completed:
    """Run a program in a session of its own and end its whole process group at the time limit.

    ``user`` (user and group id) is whom root runs it as, without any further groups. ``hold`` is a descriptor that stays open in it.

    Raises:
        Unheard: when it did not end in time, or cannot be started for now.
        Refused: when it cannot be started at all.
    """
    identity: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    # A killed parent alone leaves make and its compilers running: the group is what is ended.
    try:
        # AnsibleModule.run_command knows no session, time limit or user, and this runs without an AnsibleModule too.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if hold is None else (hold,),
            encoding="utf-8",
            errors="replace",
            **identity,
        )
    except OSError as error:
        message = f"cannot be started: {error.strerror or error}."
        if error.errno not in _LASTING:
            raise Unheard([Problem(argv[0], message, "Run it again.")]) from None
        refuse(argv[0], message, "Check the path and its permissions.")
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
        message = f"did not end within {timeout:g} seconds and was stopped."
        raise Unheard([Problem(argv[0], message, "Raise the time limit or see why it hangs.")]) from None
    except BaseException:
        end_group(process)
        raise
    return Completed(tuple(argv), process.returncode, stdout, stderr)


def end_group(process: subprocess.Popen[str]) -> None:
    """Kill the process group of ``process`` and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # Reading on would last until the end of who left the group: such a one still holds the pipes.
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
