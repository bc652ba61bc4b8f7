# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing something with the rights of a person, and with no others.

A home is its person's: between a look and a write, every folder in it can become a link to somewhere else. So root never
works there. A process is split off that gives up all that is root's for good, works, and hands its result back.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import time
from typing import Any, Callable, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.carried import load_the_rest

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_BYTES = 4 << 20
_GRACE = 1.0  # seconds after the process's own alarm


def with_rights(person: Person, work: Callable[[], Any], timeout: float, subject: str = "") -> Any:
    """Run ``work`` in a process of its own with the rights of ``person``; return what it returned, as JSON gives it back.

    Args:
        person: Whose rights it has; root can be anybody, everybody else only themselves.
        work: What is done. Umask is 022, the environment a clean one with the person's ``HOME``, the folder ``/``.
        timeout: Seconds after which it is ended.
        subject: What is worked on, for a problem that names nothing else; the home where it is not given.

    Raises:
        Refused: what ``work`` refused or failed at, or that it did not end in time.
    """
    subject = subject or person.home
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(functools.partial(_answer, person, work, subject), write_end, timeout)
    os.close(write_end)
    try:
        data = _read_all(read_end, timeout + _GRACE)
    finally:
        os.close(read_end)
        _end(child)
    return _unwrap(person, data, timeout, subject)


def _be_child(answer: Callable[[], dict[str, Any]], write_end: int, timeout: float) -> NoReturn:
    try:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        _let_go_of_files(write_end)
        data = json.dumps(answer()).encode()
        while data:
            data = data[os.write(write_end, data) :]
    finally:
        os._exit(0)


def _let_go_of_files(kept: int) -> None:
    """Close all that this process inherited: what is open here was opened with root's rights."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _become(person: Person) -> None:
    if os.geteuid() == 0:
        os.initgroups(person.name, person.gid)
        os.setresgid(person.gid, person.gid, person.gid)
        os.setresuid(person.uid, person.uid, person.uid)
    if os.getresuid() != (person.uid,) * 3 or 0 in os.getresuid():
        raise PermissionError("the rights of this process are not the person's alone")
    os.umask(0o022)
    os.chdir("/")
    os.environ.clear()
    os.environ.update(PATH=PATH, HOME=person.home, USER=person.name, LOGNAME=person.name, LC_ALL="C.UTF-8")


def _answer(person: Person, work: Callable[[], Any], subject: str) -> dict[str, Any]:
    try:
        load_the_rest()
        _become(person)
        return {"done": work()}
    except Refused as refused:
        return {"problems": [problem._asdict() for problem in refused.problems], "warnings": list(refused.warnings)}
    except OSError as error:
        named = os.fsdecode(error.filename) if error.filename else subject
        problem = Problem(
            named, f"{error.strerror or error}.", "Correct the permissions, or free space; then run it again."
        )
        return {"problems": [problem._asdict()]}
    except Exception as error:  # noqa: BLE001  # It would end in this process, and nobody would hear of it.
        message = f"failed: {type(error).__name__}: {error}."
        next_step = "This is a mistake of the program: report it, with how it was called."
        return {"problems": [Problem(subject, message, next_step)._asdict()]}


def _read_all(read_end: int, timeout: float) -> bytes:
    end = time.monotonic() + timeout
    data = b""
    while len(data) <= _MOST_BYTES:
        ready, _unused, _unused = select.select([read_end], [], [], max(0.0, end - time.monotonic()))
        more = os.read(read_end, 1 << 16) if ready else b""
        if not more:
            break
        data += more
    return data


def _end(child: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not have its own group yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _unwrap(person: Person, data: bytes, timeout: float, subject: str) -> Any:
    try:
        answer = json.loads(data)
        if "done" in answer:
            return answer["done"]
        problems = [Problem(**problem) for problem in answer["problems"]]
        warnings = tuple(str(text) for text in answer.get("warnings", ()))
    except (ValueError, TypeError, KeyError):
        refuse(
            f"user {person.name!r}",
            f"the work in {subject} was ended, or did not end within {timeout:g} seconds.",
            "Run it again; raise `timeout` where that is slow.",
        )
    refused = Refused(problems)
    refused.warnings = warnings
    raise refused
