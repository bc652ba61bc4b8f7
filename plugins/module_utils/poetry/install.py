# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a project's environment to its lock: Poetry says what is to be in it, and a release beside the current one gets that."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    IGNORE_FILE,
    Environment,
    Found,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.install import OWN_LOOKS, Looks, reach
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import release_id
from ansible_collections.netdevops.python.plugins.module_utils.host.skeleton import make_venv
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.takeover import check_takeover
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.host.work import Content
from ansible_collections.netdevops.python.plugins.module_utils.poetry.carrying import Carrying
from ansible_collections.netdevops.python.plugins.module_utils.poetry.content import Fetched, private_folder, take_in
from ansible_collections.netdevops.python.plugins.module_utils.poetry.extras import NOTHING, Additions, find_additions
from ansible_collections.netdevops.python.plugins.module_utils.poetry.finding import check_program, shim_of
from ansible_collections.netdevops.python.plugins.module_utils.poetry.lock_file import Locked, read_locked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.offline import (
    Offline,
    OfflineContent,
    check_build,
    find_wheels,
)
from ansible_collections.netdevops.python.plugins.module_utils.poetry.options import Asked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.originals import (
    Originals,
    check_store,
    find_store,
)
from ansible_collections.netdevops.python.plugins.module_utils.poetry.project import (
    LOCK,
    PYPROJECT,
    Project,
    read_file,
    read_project,
)
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import parse_sources
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tool import (
    Place,
    Planned,
    Poetry,
    find_poetry,
)
from ansible_collections.netdevops.python.plugins.module_utils.poetry.trust import check_tree

IGNORE_ALL = b"# Written by netdevops.python: releases are no part of a repository.\n*\n"


class Job(NamedTuple):
    """What is asked of one project, and what was found of it before any program was started.

    Attributes:
        asked: What is asked.
        project: The project.
        options: What is asked of its environment.
        looks: How it is looked at that.
    """

    asked: Asked
    project: Project
    options: Options
    looks: Looks = OWN_LOOKS


class Plan(NamedTuple):
    """What Poetry says that is to be done.

    Attributes:
        goal: What is to be reached.
        planned: The packages, in its words.
        offline: The wheels for them; None where Poetry fetches them.
        locked: The packages of the lock, where Poetry fetches them.
    """

    goal: Goal
    planned: Planned
    offline: Offline | None
    locked: Sequence[Locked]


def install(run: Runner, job: Job, seen: Survey, check_mode: bool) -> dict[str, Any]:
    """Bring the environment to the lock.

    Args:
        run: Starts programs.
        job: What is asked.
        seen: What was found. It may be without drift, unless it is for check mode.
        check_mode: Write nothing.

    Returns:
        The module's result.

    Raises:
        Refused: when anything is not as it must be; the environment is then what it was.
    """
    asked = job.asked
    check_takeover(job.options, seen.found)
    _check_place(asked, job.options)
    held = _Held(run)
    with _private_folder() as private:
        poetry = Poetry(
            held,
            find_poetry(asked.poetry, os.path.expanduser("~")),
            Place(asked.project, f"{private}/poetry"),
            environ=os.environ,
            sources=parse_sources(asked.sources),
            timeout=asked.timeout,
        )
        interpreter = probe(run, job.options.python)
        job.project.check_version(interpreter.version, job.options.python)
        plan = _plan(run, job, poetry, interpreter, f"{private}/venv")
        filler = _Filler(held, job, poetry, plan)
        additions = filler.additions(seen.found)
    # What is fetched, with passwords, is kept below the releases meanwhile: the next run sweeps there.
    looks = job.looks._replace(check=filler.check)
    result = reach(run, plan.goal, seen, filler.content, check_mode, looks)
    said = {} if asked.sync else additions.result()
    return _told({**result, **said}, poetry, plan, (*additions.warnings, *filler.warnings()))


def _check_place(asked: Asked, options: Options) -> None:
    """Refuse an interpreter that is the environment's own or a shim, and a place that others could change under root."""
    environment = options.environment
    manager = shim_of(options.python)
    if manager:
        message = f"is a shim of {manager}: which Python it starts depends on folder and person."
        refuse(
            f"python {options.python!r}",
            message,
            "Name the interpreter itself, such as /opt/pyenv/versions/3.11.7/bin/python.",
        )
    python = os.path.normpath(options.python)
    named = (python, f"{os.path.realpath(os.path.dirname(options.python))}/")
    places = (environment.venv, environment.releases, *map(os.path.realpath, (environment.venv, environment.releases)))
    if any(one.startswith(f"{place}/") for one in named for place in places):
        step = "Name the one that the environment is made from, such as /opt/pyenv/versions/3.11.7/bin/python."
        refuse(f"python {options.python!r}", "is the interpreter of the environment itself.", step)
    check_program(options.python)
    if asked.cache:
        check_store(asked.cache)
    if os.geteuid() == 0:  # What is in the project decides which programs run.
        check_tree(asked.project)


@contextlib.contextmanager
def _private_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="netdevops-poetry-")
    try:
        os.mkdir(f"{folder}/poetry", 0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Held:
    """A runner for Poetry. What it starts holds the lock of the environment too, once there is one: it may outlive this run."""

    def __init__(self, run: Runner) -> None:
        self._run = run
        self.lock: int | None = None

    def __call__(self, argv: Any, **options: Any) -> Completed:
        return self._run(argv, **{"hold": self.lock, **options})


def _plan(run: Runner, job: Job, poetry: Poetry, interpreter: Interpreter, venv: str) -> Plan:
    """Ask Poetry what it would put into an empty environment. It is shown one, so that it makes none of its own in the project."""
    make_venv(run, interpreter, venv)
    planned = poetry.plan(job.asked.selection, venv)
    lock = read_file(job.asked.project, LOCK)
    locked = [] if job.asked.wheelhouse else read_locked(lock, f"{job.asked.project}/{LOCK}")
    offline = _find_wheels(job, planned, interpreter, lock) if job.asked.wheelhouse else None
    target = offline.selection.target if offline else interpreter.target.name
    packages = offline.selection.packages() if offline else [[name, version, ""] for name, version in planned.packages]
    packages += [[*planned.root, ""]] if planned.root else []
    packages.sort()
    release = release_id(job.options.asked(), interpreter.version, target, packages)
    bundle = offline.bundle if offline else ""
    goal = Goal(job.options, interpreter, release, target, packages, bundle, job.project.lock)
    return Plan(goal, planned, offline, locked)


def _find_wheels(job: Job, planned: Planned, interpreter: Interpreter, lock: bytes) -> Offline:
    if planned.root:
        check_build(read_file(job.asked.project, PYPROJECT), f"{job.asked.project}/{PYPROJECT}")
    path = f"{job.asked.project}/{LOCK}"
    return find_wheels(job.asked.wheelhouse, planned.packages, interpreter, lock, path)


class _Filler:
    """Makes what the release is filled with."""

    def __init__(self, run: _Held, job: Job, poetry: Poetry, plan: Plan) -> None:
        self._run, self._job, self._poetry, self._plan = run, job, poetry, plan
        self._fetched: Fetched | None = None
        self._carrying: Carrying | None = None

    def content(self, lock: int) -> Content:
        """Return it, for the descriptor of the lock."""
        self._run.lock = lock
        write_ignore(self._job.options.environment)
        return _Watched(self._content(), self.check)

    def _content(self) -> Content:
        if self._job.asked.sync:
            return self._of_lock()
        environment = self._job.options.environment
        self._carrying = Carrying(self._of_lock(), self.additions(look(environment)), environment.venv)
        return self._carrying

    def _of_lock(self) -> Content:
        plan, job = self._plan, self._job
        if plan.offline is None:
            store = find_store(job.asked.cache, os.path.expanduser("~"))
            originals = Originals(plan.locked, plan.planned.packages, store)
            selection = job.asked.selection._replace(root=bool(plan.planned.root))
            self._fetched = Fetched(self._run, self._poetry, selection, plan.goal, originals, self.check)
            return self._fetched
        return OfflineContent(job.options, plan.goal.interpreter, plan.offline, self._finish)

    def additions(self, found: Found) -> Additions:
        """Return what somebody added by hand to what stands there, as far as that goes on.

        Raises:
            Refused: when it cannot.
        """
        if self._job.asked.sync:
            return NOTHING
        goal = self._plan.goal
        return find_additions(self._job.options.environment, found, goal.versions(), goal.interpreter)

    def warnings(self) -> tuple[str, ...]:
        """Return what there is to say beside."""
        of_poetry = self._fetched.warnings if self._fetched else ()
        return (*self._plan.planned.warnings, *of_poetry, *(self._carrying.warnings if self._carrying else ()))

    def _finish(self, tree: Tree, incoming: str) -> None:
        if self._plan.planned.root:
            self._poetry.at(private_folder(incoming)).install_root(tree.root, closed=True)
        take_in(self._run, tree, self._plan.goal)
        self.check()

    def check(self) -> None:
        """Refuse a project that is another one by now: its receipt would name what is not in the release."""
        # What its own build makes beside its code is no other project; the next run sees that it is there.
        found, asked = (
            one._replace(needs=(), code=()) for one in (read_project(self._job.asked.project), self._job.project)
        )
        if found != asked:
            refuse(
                self._job.asked.project,
                "its lock, its pyproject.toml, its poetry.toml or its pin changed while it was installed.",
                "Run it again; the environment still is what it was.",
            )


class _Watched:
    """Content that is made from a project: where that fails, because the project is another one by now, that is what is said."""

    def __init__(self, content: Content, check: Callable[[], None]) -> None:
        self._content, self._check = content, check
        self.count = self.size = 0

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Have all at hand."""
        self._content.collect(seen, incoming, stages)

    def fill(self, tree: Tree) -> None:
        """Put it into the empty environment of a release."""
        try:
            self._content.fill(tree)
        except Refused:
            self._check()
            raise
        self.count, self.size = self._content.count, self._content.size


def write_ignore(environment: Environment) -> None:
    """See to it that a repository passes over the releases within it."""
    path = environment.release(IGNORE_FILE)
    # A nicety: the repository's own list may name the folder as well.
    with contextlib.suppress(OSError):
        if not os.path.lexists(path) and os.path.isdir(environment.releases):
            write_atomic(path, IGNORE_ALL, 0o644)


def _told(result: dict[str, Any], poetry: Poetry, plan: Plan, warnings: tuple[str, ...]) -> dict[str, Any]:
    root = plan.planned.root
    more = {"poetry": ".".join(map(str, poetry.version)), "root": dict(zip(("name", "version"), root)) if root else {}}
    said = list(dict.fromkeys((*result.get("warnings", ()), *warnings)))  # Poetry says it at each start.
    return {**result, **more, **({"warnings": said} if said else {})}
