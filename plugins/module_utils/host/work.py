# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of an install, under the lock: deliver, verify, build, prove, receipt, switch, prune."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import NamedTuple, Protocol

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.beside import check_release, settle
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import DANGLING, INCOMING_PREFIX
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.index import write_index
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import INSTALL, noted
from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import record_kept
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.proving import prove_unchanged
from ansible_collections.netdevops.python.plugins.module_utils.host.pruning import prune_due
from ansible_collections.netdevops.python.plugins.module_utils.host.release import build, finish, hand_over
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Pruned
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import sweep, take_away
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree


class Done(NamedTuple):
    """What an install did.

    Attributes:
        name: The release that the environment points to now.
        kept: Where an ordinary folder that stood there is kept; '' without one.
        wheels: How many wheels were unpacked.
        size: Their size in bytes.
        pruned: What retention let go afterwards.
    """

    name: str
    kept: str = ""
    wheels: int = 0
    size: int = 0
    pruned: Pruned = Pruned()


class Content(Protocol):
    """What a release is filled with: the wheels of a bundle, say.

    Attributes:
        count: How many wheels were unpacked.
        size: Their size in bytes.
    """

    count: int
    size: int

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Have all at hand before a release is begun; ``incoming`` is a folder that may be made for it, which goes afterwards."""

    def fill(self, tree: Tree) -> None:
        """Put it into the empty environment of a release."""


class Work:
    """One install; the caller holds the lock.

    Args:
        run: Starts programs.
        goal: What is to be reached.
        seen: The environment, looked at under the lock.
        stages: Where seconds are noted.
        lock: The descriptor of the lock, for programs that write into a release: they may outlive this run, and not its lock.
    """

    def __init__(self, run: Runner, goal: Goal, seen: Survey, stages: Stages, lock: int) -> None:
        self._run = run
        self._build_run: Runner = functools.partial(run, hold=lock)
        self._goal = goal
        self._options = goal.options
        self._environment = goal.options.environment
        self._seen = seen
        self._stages, self._stage = stages, stages.stage
        self._incoming = self._environment.release(f"{INCOMING_PREFIX}{os.getpid()}")

    def reuse(self, name: str) -> Done:
        """Point the environment at a release that is there and intact, once it has been proven again."""
        with self._stage("deliver", self._environment.releases):
            sweep(self._environment)
        self._prove(name)
        kept = self._switch(name)
        return Done(name, kept, pruned=self._tidy(name, kept))

    def build(self, name: str, content: Content) -> Done:
        """Build the release ``name``, and point the environment at it.

        Whatever fails until the environment points there, what this run made is removed.
        """
        try:
            with self._stage("deliver", self._environment.releases):
                sweep(self._environment)
            content.collect(self._seen, self._incoming, self._stages)
            self._make(name, content)
            kept = self._switch(name)
        except BaseException:
            with contextlib.suppress(OSError):  # The first error is the one to tell; the next run sweeps.
                self._clean(*(() if self._points_at(name) else (name,)))
            raise
        pruned = self._tidy(name, kept)
        return Done(name, kept, content.count, content.size, pruned)

    def _make(self, name: str, content: Content) -> None:
        root = self._environment.release(name)
        with self._stage("build", root):
            tree = build(self._build_run, root, self._options, self._goal.interpreter, content.fill)
            hand_over(tree, self._options.owner_ids())
        self._prove(name)
        with self._stage("receipt", root):
            finish(tree, self._goal)

    def _prove(self, name: str) -> None:
        root, interpreter = self._environment.release(name), self._goal.interpreter.path
        check_release(self._options, root)
        with self._stage("prove", root):
            owner, timeout = self._options.owner_ids(), self._options.prove_timeout
            prove_unchanged(self._run, root, interpreter, self._options.proofs, timeout, owner)

    def _switch(self, name: str) -> str:
        with self._stage("switch", self._environment.venv), noted(self._environment, name, INSTALL):
            return switch(self._environment, name, functools.partial(record_kept, self._environment))

    def _points_at(self, name: str) -> bool:
        venv = self._environment.venv
        return os.path.islink(venv) and os.readlink(venv) == self._environment.link_target(name)

    def _tidy(self, name: str, kept: str) -> Pruned:
        settle(self._options, self._stages, kept)
        with self._stage("prune", self._environment.releases):
            self._clean()
            if self._seen.found.state == DANGLING:
                from ansible_collections.netdevops.python.plugins.module_utils.host.damaged import discard_damaged

                discard_damaged(self._environment, self._seen.found.name)  # few runs need it
            pruned = prune_surplus(self._options)
        # Last, since removing a release changes the ctime of the files that it shares with this one. It is a
        # cache: without it the next run reads more, and a disk that is full by now fails nothing.
        with contextlib.suppress(OSError):
            write_index(self._environment.release(name), self._goal.interpreter.path, self._options.mode & 0o666)
        return pruned

    def _clean(self, *names: str) -> None:
        here = self._environment
        there = [one for one in (os.path.basename(self._incoming), *names) if os.path.lexists(here.release(one))]
        if there:
            take_away(here, there)


def prune_surplus(options: Options) -> Pruned:
    """Remove the releases beyond those that are kept."""
    current = os.path.basename(os.readlink(options.environment.venv))
    return prune_due(options.environment, current, options.retention)
