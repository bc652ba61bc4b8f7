# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of an environment: which release was current before which, and until when.

A line of JSON is written, and synced, before each switch. Whether that switch happened is never written: it follows from where
the next one started, and for the last from the link itself. So a run may be killed anywhere between.

The first line is what all earlier ones came to. A journal that is lost is made up from the times of the receipts.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment

JOURNAL_FILE = ".journal"
INSTALL, ROLLBACK = "install", "rollback"
# Beyond so many lines the older half becomes part of the first; so far back a rollback can go.
MOST_ENTRIES, MOST_DEPTH, MOST_BYTES = 64, 64, 1 << 20
MODE = 0o644
LAST_MOMENT = 2**33  # in the year 2242; a later one is no time that a switch was written down at


class Entry(NamedTuple):
    """A switch that was about to happen.

    Attributes:
        start: The release that was current; '' where there was none.
        to: The release that was to be.
        kind: ``install`` or ``rollback``.
        at: When, in seconds since the epoch.
    """

    start: str
    to: str
    kind: str
    at: float


class State(NamedTuple):
    """What a journal comes to.

    Attributes:
        stack: Releases in the order in which a rollback takes them back; the current one is the last.
        left: When each release was current last, in seconds since the epoch.
    """

    stack: tuple[str, ...] = ()
    left: Mapping[str, float] = {}


class Journal(NamedTuple):
    """The content of the file: what earlier entries came to, and those since."""

    base: State
    entries: tuple[Entry, ...] = ()

    def state(self, current: str) -> State:
        """Return what it comes to while the environment points to ``current``."""
        return _replay(self.base, self.entries, current)

    def with_entry(self, entry: Entry, names: Sequence[str]) -> Journal:
        """Return it with one more entry, and bounded; ``names`` are the releases that there are."""
        if len(self.entries) < MOST_ENTRIES:
            return self._replace(entries=(*self.entries, entry))
        old, new = self.entries[: MOST_ENTRIES // 2], self.entries[MOST_ENTRIES // 2 :]
        folded = _replay(self.base, old, new[0].start)
        stack = [name for name in folded.stack if name in names]
        left = {name: at for name, at in folded.left.items() if name in names}
        return Journal(State(tuple(stack[-MOST_DEPTH:]), left), (*new, entry))


def previous(environment: Environment, current: str) -> str:
    """Return the release that a rollback goes to, '' without one: an install is taken back, as a browser's back button does it.

    Args:
        environment: Where.
        current: The name that the link has; '' where it has none of ours. Then it is the last one that was current.

    Returns:
        One of another release id: what a repair took the place of is the same release, damaged.
    """
    names = environment.names()
    stack = read_journal(environment, names).state(current).stack
    return next((name for name in reversed(stack) if name in names and identity(name) != identity(current)), "")


def identity(name: str) -> str:
    """Return what is the same in the names of all releases of one release id: of one that drifted, and of those that repair it."""
    return name.partition("-")[0]


@contextlib.contextmanager
def noted(environment: Environment, name: str, kind: str) -> Iterator[None]:
    """Write down that the environment is about to point to ``name``, and take that back when it fails to.

    The caller holds the lock.

    Args:
        environment: Where.
        name: The release.
        kind: ``install`` or ``rollback``.

    Raises:
        OSError: when an install cannot be written down. Nothing has changed then.
    """
    path = _path(environment)
    before = _content(path)
    try:
        _write(environment, _with_entry(environment, name, kind))
    except OSError:
        # A rollback is wanted most when a disk is full, and the link alone tells of it as well.
        if kind != ROLLBACK:
            raise
    try:
        yield
    except BaseException:
        if pointed(environment) != name:
            with contextlib.suppress(OSError):  # It stays true: an entry whose switch did not happen is none.
                _write(environment, before)
        raise


def _with_entry(environment: Environment, name: str, kind: str) -> bytes:
    names, current = environment.names(), pointed(environment)
    entry = Entry(current, name, kind, round(time.time(), 3))
    # What is installed now has a receipt already, and never was current.
    earlier = [one for one in names if kind != INSTALL or one != name]
    journal = read_journal(environment, earlier).with_entry(entry, names)
    lines: list[dict[str, Any]] = [{"stack": journal.base.stack, "left": journal.base.left}]
    lines += [{"from": one.start, "to": one.to, "kind": one.kind, "at": one.at} for one in journal.entries]
    return "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines).encode()


def _write(environment: Environment, data: bytes) -> None:
    if data:
        owner = owner_of(environment.releases) if os.geteuid() == 0 else None
        write_atomic(_path(environment), data, MODE, owner=owner)
    else:
        os.unlink(_path(environment))


def pointed(environment: Environment) -> str:
    """Return the name of the release that the link says, whether that is there or not; '' where it says none of ours.

    A link that somebody made by hand says it in other words: absolute, or with a slash at its end.
    """
    try:
        target = os.readlink(environment.venv)
    except OSError:
        return ""
    path = os.path.normpath(os.path.join(os.path.dirname(environment.venv), target))
    name = os.path.basename(path)
    return name if path == environment.release(name) else ""


def _path(environment: Environment) -> str:
    return os.path.join(environment.releases, JOURNAL_FILE)


def read_journal(environment: Environment, names: Sequence[str]) -> Journal:
    """Return the journal; what is lost of its beginning, the times of the receipts of ``names`` say."""
    base: State | None = None
    entries = []
    for line in _content(_path(environment)).splitlines():
        try:
            plain = json.loads(line)
            if "stack" in plain:
                base = State(tuple(map(str, plain["stack"])), {str(n): _moment(at) for n, at in plain["left"].items()})
            else:
                entries.append(Entry(str(plain["from"]), str(plain["to"]), str(plain["kind"]), _moment(plain["at"])))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            continue  # A line that a power cut tore, or that somebody wrote whose environment root looks at.
    return Journal(_made_up(environment, names) if base is None else base, tuple(entries))


def _moment(seconds: Any) -> float:
    moment = float(seconds)
    if not 0 <= moment <= LAST_MOMENT:  # Not so for what is no number either.
        raise ValueError(seconds)
    return moment


def _content(path: str) -> bytes:
    # Its folder may be somebody's who would have root wait for a pipe, or read something else.
    with contextlib.suppress(OSError):
        found = read_regular(path, MOST_BYTES, follow=False)
        return found[0] if found else b""
    return b""


def _made_up(environment: Environment, names: Sequence[str]) -> State:
    """Return the releases up to the current one in the order of their receipts; all of them where none is current."""
    stack = list(reversed(names))
    current = pointed(environment)
    if current in stack:
        stack = stack[: stack.index(current) + 1]
    return State(tuple(stack))


def _replay(base: State, entries: Sequence[Entry], current: str) -> State:
    stack, left = list(base.stack), dict(base.left)
    for number, entry in enumerate(entries):
        _arrive(stack, entry.start, ROLLBACK)
        after = entries[number + 1].start if number + 1 < len(entries) else current
        # One that ended where it started did not happen: killed before its switch, or undone by hand after it.
        if after != entry.start:
            left[entry.start] = entry.at
            _arrive(stack, entry.to, entry.kind)
    _arrive(stack, current, ROLLBACK)
    left.pop("", None)
    return State(tuple(stack), left)


def _arrive(stack: list[str], name: str, kind: str) -> None:
    """Make ``name`` the last of the stack: what an install brings is put there, what is gone back to is uncovered.

    A repair has the release id of what it repairs, and takes its place.
    """
    if not name or (stack and stack[-1] == name):
        return
    if kind != INSTALL and name in stack:
        while stack[-1] != name:
            stack.pop()
        return
    while stack and identity(stack[-1]) == identity(name):
        stack.pop()
    stack.append(name)
