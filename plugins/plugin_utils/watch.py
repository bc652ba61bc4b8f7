# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a build that runs detached on a host: what people see of it, and what happens when the connection drops."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# Polls are a tenth of the lease apart, so that it outlasts nine that get lost, and never further than this: first while it is
# unpacked and configured, then while it compiles. Each costs the host 0.2 CPU seconds, a real build costs it 200.
FIRST_SECONDS, POLL_SECONDS, LATER_POLL_SECONDS = 60.0, 5.0, 10.0
# People see each stage, and compiling in steps of a twentieth: twenty lines for minutes of work.
STEPS = 20
# The job's own state is asked for when nobody works on the version any more, and now and then, since others may.
EVERY = 6
# What a slow host may take to start the module. A host that was started anew answers, and has no such job any more.
START_SECONDS = 180.0

# What ansible.builtin.async_status says of a job of which there is no file.
UNKNOWN_JOB = "could not find job"
RUN_AGAIN = "Run it again: it begins where it has to."

Answer = Mapping[str, Any]


class Edges(NamedTuple):
    """What the watch does on the host and to the people; handed in, so that it is tested without either.

    Attributes:
        progress: Asks how far the build is, and renews its lease.
        outcome: Asks for the job's result; has ``finished``.
        reconnect: Drops what is left of a broken connection.
        say: Shows a line.
        parent: Tells the process id of the run.
        clock: Tells seconds.
        sleep: Waits for seconds.
    """

    progress: Callable[[], Answer]
    outcome: Callable[[], Answer]
    reconnect: Callable[[], None]
    say: Callable[[str], None]
    parent: Callable[[], int] = os.getppid
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Lost(Exception):
    """An answer that is none: something went wrong on the way to it."""


class Watch:
    """Polls a detached build to its end.

    Args:
        subject: What is built, for people.
        lease: Seconds that the build goes on while nobody asks about it.
        edges: See there.
    """

    def __init__(self, subject: str, lease: int, edges: Edges) -> None:
        self._subject, self._lease, self._edges = subject, lease, edges
        self._begun = self._answered = self._alive = edges.clock()
        self._parent = edges.parent()
        self._told: tuple[Any, ...] = ()
        self._lost = False
        self._polls = 0

    def wait(self) -> dict[str, Any]:
        """Return the module's result.

        Raises:
            AnsibleConnectionFailure: when the connection does not come back before the lease runs out.
            Refused: when there is no answer for so long, when the build ended without a result, or when the run is gone.
        """
        while True:
            self._edges.sleep(self._pause())
            # Ansible's workers have a session of their own: one whose run was killed would go on asking for the build.
            if self._edges.parent() != self._parent:
                refuse(
                    self._subject, "the run that watches it was killed, so nobody asks about it any more.", RUN_AGAIN
                )
            try:
                result = self._poll()
            except (AnsibleError, Lost) as error:
                self._bear(error)
                continue
            if result is not None:
                return result

    def _pause(self) -> float:
        early = self._edges.clock() - self._begun < FIRST_SECONDS
        return min(POLL_SECONDS if early else LATER_POLL_SECONDS, self._lease / 10)

    def _poll(self) -> dict[str, Any] | None:
        seen = _answer(self._edges.progress(), "state")
        self._polls += 1
        self._answered = self._edges.clock()
        self._show(seen)
        if seen["state"] in ("building", "busy"):
            self._alive = self._answered
            if self._polls % EVERY:
                return None
        outcome = _answer(self._edges.outcome(), "finished")
        if outcome["finished"] and not self._has_not_begun(outcome):
            return dict(outcome)
        if self._answered - self._alive > START_SECONDS:
            refuse(
                self._subject, "its build ended without a result: the host was restarted, or it was killed.", RUN_AGAIN
            )
        return None

    def _has_not_begun(self, outcome: Answer) -> bool:
        # Ansible waits 2.5 s for a job to write down that it began, and goes on without that on a busy host.
        return self._alive == self._begun and outcome.get("msg") == UNKNOWN_JOB

    def _show(self, seen: Answer) -> None:
        if self._lost:
            self._lost = False
            self._edges.say(f"{self._subject}: connected again")
        if seen["state"] != "building":
            return
        step = seen["done"] * STEPS // seen["total"] if seen["total"] else 0
        if (seen["stage"], step) != self._told:
            self._told = (seen["stage"], step)
            self._edges.say(f"{self._subject}: {seen['text']} ({seen['seconds']} s)")

    def _bear(self, error: Exception) -> None:
        """Take a lost poll for what it is, unless they all were lost for as long as the lease lasts."""
        if self._edges.clock() - self._answered > self._lease:
            self._give_up(error)
        if not self._lost:
            self._lost = True
            self._edges.say(f"{self._subject}: no answer, trying again; the build goes on for {self._lease} s")
        self._edges.reconnect()

    def _give_up(self, error: Exception) -> None:
        why = f"no answer for {self._lease} s, so the host has ended the build: {error}"
        if isinstance(error, AnsibleConnectionFailure):
            raise AnsibleConnectionFailure(f"{self._subject}: {why}. {RUN_AGAIN}") from error
        refuse(self._subject, f"{why}.", RUN_AGAIN)


def _answer(said: Answer, key: str) -> Answer:
    if key not in said:
        raise Lost(str(said.get("msg") or "the host answered nothing"))
    return said
