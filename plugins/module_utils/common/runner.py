# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one edge where this collection starts other programs."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, NamedTuple, Protocol

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse

TAIL_LINES, TAIL_WIDTH = 20, 200
# Of each stream. The longest that anybody reads is a line per file of a release or of a system's packages.
MOST_BYTES = 32 << 20
CHUNK = 1 << 16
# Of each program. Our own may be 0, where modes are declared; what a program writes of its own, such as a cache in a home,
# nobody declares.
UMASK = 0o022
# What stands in the way of a program for good (execve(2)). Anything else, such as too little memory, passes.
_LASTING = (
    *(errno.ENOENT, errno.ENOTDIR, errno.ENOEXEC, errno.EACCES, errno.ELOOP, errno.EISDIR),
    *(errno.ELIBBAD, errno.EINVAL, errno.ENAMETOOLONG),
)


class Unheard(Refused):
    """Raised when a program said nothing, and that says nothing of the program: it had no time, or the host no room for it."""


class _TooMuch(Exception):
    """Raised with the start of what a program says without an end."""


class Completed(NamedTuple):
    """A program that has ended: its arguments, return code and decoded output."""

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str

    def tail(self) -> str:
        """Return the last lines of what it said, standard error first choice."""
        most = TAIL_LINES * TAIL_WIDTH
        text = self.stderr[-most:].strip() or self.stdout[-most:].strip()
        return "\n".join(line[:TAIL_WIDTH] for line in text.splitlines()[-TAIL_LINES:])


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
    Its umask is ``UMASK``, whatever that of this process is.

    Raises:
        Unheard: when it did not end in time, or cannot be started for now.
        Refused: when it cannot be started at all, or says more than anybody reads; it is ended then.
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
            umask=UMASK,
            **identity,
        )
    except OSError as error:
        message = f"cannot be started: {error.strerror or error}."
        if error.errno not in _LASTING:
            raise Unheard([Problem(argv[0], message, "Run it again.")]) from None
        refuse(argv[0], message, "Check the path and its permissions.")
    try:
        stdout, stderr = _hear(process, (stdin or "").encode("utf-8", "replace"), timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
        message = f"did not end within {timeout:g} seconds and was stopped."
        raise Unheard([Problem(argv[0], message, "Raise the time limit or see why it hangs.")]) from None
    except _TooMuch as much:
        end_group(process)
        message = f"said more than {MOST_BYTES >> 20} MB and was stopped; it starts with {str(much)!r}."
        refuse(argv[0], message, "See what it is: no program that is asked here says that much.")
    except BaseException:
        end_group(process)
        raise
    return Completed(tuple(argv), process.returncode, stdout, stderr)


def _hear(process: subprocess.Popen[bytes], text: bytes, timeout: float | None) -> tuple[str, str]:
    """Return what a program says until it ends: what ``communicate`` does, but with a bound to what is kept.

    Raises:
        subprocess.TimeoutExpired: when it did not end in time.
        _TooMuch: when it says more than anybody reads.
    """
    end = None if timeout is None else time.monotonic() + timeout
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        _ask(selector, process.stdout, out)
        _ask(selector, process.stderr, err)
        if process.stdin:
            selector.register(process.stdin, selectors.EVENT_WRITE, memoryview(text))
        while selector.get_map():
            for key, _unused in selector.select(_left(process, end, timeout)):
                if isinstance(key.data, bytearray):
                    _read(selector, key)
                else:
                    _write(selector, key)
    process.wait(_left(process, end, timeout))
    return _decoded(out), _decoded(err)


def _ask(selector: selectors.BaseSelector, stream: IO[bytes] | None, said: bytearray) -> None:
    if stream:
        selector.register(stream, selectors.EVENT_READ, said)


def _left(process: subprocess.Popen[bytes], end: float | None, timeout: float | None) -> float | None:
    left = None if end is None else end - time.monotonic()
    if left is not None and left < 0:
        raise subprocess.TimeoutExpired(process.args, timeout or 0)
    return left


def _read(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    data = os.read(key.fd, CHUNK)
    if not data:
        _close(selector, key)
    key.data.extend(data)
    if len(key.data) > MOST_BYTES:
        raise _TooMuch(_decoded(key.data[:TAIL_WIDTH]))


def _write(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    try:
        written = os.write(key.fd, key.data[: select.PIPE_BUF]) if key.data else 0
    except BrokenPipeError:  # It reads no more of it.
        written = len(key.data)
    rest = key.data[written:]
    if rest:
        selector.modify(key.fileobj, selectors.EVENT_WRITE, rest)
    else:
        _close(selector, key)


def _close(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    selector.unregister(key.fileobj)
    with contextlib.suppress(OSError):
        key.fileobj.close()  # type: ignore[union-attr]


def _decoded(said: bytes | bytearray) -> str:
    return said.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def end_group(process: subprocess.Popen[Any]) -> None:
    """Kill the process group of ``process`` and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # Reading on would last until the end of who left the group: such a one still holds the pipes.
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
