# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a host: who did what to which environment, when, and with which outcome.

One file per host, a line of JSON when work starts and one when it ends, both with the same ``id``. Lines are only ever added;
a file that has become too long is put aside under a number, and the oldest of those goes.

The outcome of the last line is ``done``; ``failed``, and the environment is what it was; or ``incomplete``: the environment was
switched to what was asked, and something failed that comes after. ``current`` is what the link says then.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.history_file import append
from ansible_collections.netdevops.python.plugins.module_utils.host.history_path import FOR_ROOT, check_history
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import pointed

FOR_USERS = "~/.local/state/netdevops-python/history.jsonl"
INSTALL, ROLLBACK, PRUNE, REMOVE = "install", "rollback", "prune", "remove"
STARTED, DONE, INCOMPLETE, FAILED, INTERRUPTED = "started", "done", "incomplete", "failed", "interrupted"
# What of the controller's words about itself is written down; anything else is dropped.
WHO = (
    *("login", "controller_user"),
    *("awx_job_id", "awx_user_name", "awx_project_revision", "awx_job_template_name"),
)
MOST_TEXT = 300

# What a program printed may hold anything, and stands behind its exit code; an address may hold a password.
_SAID, _LOGIN = r"(?s)(\((?:exit|signal) -?\d+\)).*", r"//[^/@\s]*@"

Side = Mapping[str, str]


class History(NamedTuple):
    """Where it is written, and what is the same in all lines of a run.

    Attributes:
        path: The file.
        by: Who, as the controller says it.
        reason: Why, as the user says it.
    """

    path: str
    by: Mapping[str, str]
    reason: str = ""


class Record:
    """One piece of work, while it is done.

    Attributes:
        after: The release and the bundle that it leads to; may be set later.
        outcome: What the last line will say, when it does not fail.
        message: What that line will add.
        warnings: Why it could not be written, for the result.
    """

    def __init__(self, history: History, what: str, venv: str, before: Side, after: Side) -> None:
        self.after = after
        self.outcome = DONE
        self.message = ""
        self.warnings: list[str] = []
        self._history, self._what, self._venv, self._before = history, what, venv, before
        self._id = os.urandom(8).hex()
        self._environment = Environment(venv)
        self._link = _link(venv)
        self._start = time.monotonic()

    def told(self, result: dict[str, Any]) -> dict[str, Any]:
        """Return the result of the work with what there is to warn of."""
        return {**result, "warnings": [*result.get("warnings", ()), *self.warnings]} if self.warnings else result

    def write(self, outcome: str, message: str = "") -> None:
        """Add a line. It never fails: what is done to an environment does not hang on who can read of it."""
        plain = {
            "id": self._id,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "what": self._what,
            "venv": self._venv,
            "outcome": outcome,
            "from": _side(self._before),
            "to": _side(self.after),
            "by": dict(self._history.by),
            "reason": self._history.reason[:MOST_TEXT],
            **({"process": process_name(os.getpid())} if outcome == STARTED else self._end()),
            **({"message": message[:MOST_TEXT]} if message else {}),
        }
        try:
            append(self._history.path, json.dumps(plain, sort_keys=True).encode("ascii"))
        except OSError as error:
            text = f"{self._history.path}: the history cannot be written: {error.strerror or error}."
            if text not in self.warnings:
                self.warnings.append(text)

    def write_failure(self, error: BaseException) -> None:
        """Add the last line of work that ended with an error. A refusal hands on why it could not be written, too."""
        current = pointed(self._environment)
        has_switched = current and current == self.after.get("release") and _link(self._environment.venv) != self._link
        self.write(INCOMPLETE if has_switched else FAILED, _why(error))
        if isinstance(error, Refused):
            error.warnings = (*error.warnings, *self.warnings)

    def _end(self) -> dict[str, Any]:
        return {"seconds": round(time.monotonic() - self._start, 3), "current": pointed(self._environment)}


def history_of(params: Mapping[str, Any]) -> History:
    """Return the history that a module's parameters ask for: ``history``, ``by`` and ``reason``, each of which may be lacking.

    Raises:
        Refused: for a path that is not absolute. A module's working folder is nobody's choice.
    """
    by = params.get("by") or {}
    path = check_history(params.get("history") or (FOR_ROOT if os.geteuid() == 0 else os.path.expanduser(FOR_USERS)))
    known = {key: _line(str(by[key])) for key in WHO if by.get(key)}
    return History(path, known, _line(params.get("reason") or ""))


@contextlib.contextmanager
def recorded(history: History, what: str, venv: str, before: Side, after: Side) -> Iterator[Record]:
    """Write a line now, and one when the block has ended: ``done``, or ``failed`` or ``incomplete`` with the reason.

    Args:
        history: Where to.
        what: ``install``, ``rollback``, ``prune`` or ``remove``.
        venv: The environment.
        before: ``release`` and ``bundle`` that it comes from, either may be lacking.
        after: Those that it leads to.
    """
    record = Record(history, what, venv, before, after)
    record.write(STARTED)
    try:
        yield record
    except BaseException as error:
        record.write_failure(error)
        raise
    record.write(record.outcome, record.message)


def process_name(pid: object) -> str:
    """Return a name of a process that no later one has: its number, and when it was started (proc(5), field 22)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stream:
            return f"{pid}.{stream.read().rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return f"{pid}.gone"


def _link(venv: str) -> tuple[int, int] | None:
    """Return what tells the link from the one that a switch puts in its place, whatever both say; None without any."""
    try:
        found = os.lstat(venv)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _side(side: Side) -> dict[str, str]:
    return {"release": side.get("release", ""), "bundle": side.get("bundle", "")}


def _why(error: BaseException) -> str:
    if not isinstance(error, Refused):
        return type(error).__name__
    first = error.problems[0]
    more = f" (and {len(error.problems) - 1} more)" if error.problems[1:] else ""
    text = re.sub(_SAID, r"\1", f"{first.subject}: {first.message}")
    return _line(re.sub(_LOGIN, "//", text))[: MOST_TEXT - len(more)] + more


def _line(text: str) -> str:
    return " ".join(text.split())[:MOST_TEXT]
