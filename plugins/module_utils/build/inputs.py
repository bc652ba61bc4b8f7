# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a build is asked for, read and checked: project, lock, pin, groups and targets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.built import wheel_version
from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python, this_target
from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked, Known, active
from ansible_collections.netdevops.python.plugins.module_utils.build.poetry_lock import (
    LOCK_FILE,
    Lock,
    read_poetry_lock,
)
from ansible_collections.netdevops.python.plugins.module_utils.build.poetry_tool import Poetry, find_poetry
from ansible_collections.netdevops.python.plugins.module_utils.build.project import (
    PYPROJECT,
    Project,
    normalized,
    read_project,
)
from ansible_collections.netdevops.python.plugins.module_utils.build.python_range import allows
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import MAIN, Wanted
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_version, read_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target, parse_target

ONE_OF = "Correct one of them."

Stage = Callable[[str], AbstractContextManager[None]]


class Request(NamedTuple):
    """The options of the module; '' and () stand for "not given".

    Attributes:
        project: Folder of the project, or ''.
        lock: Path of a lock, when there is no project.
        dest: Folder of the bundle.
        pin: Exact interpreter version.
        targets: Names of targets.
        asked: Groups and extras.
        root: Whether the project's own wheel belongs to the bundle.
        index_url: The default index.
        cache: Folder of the cache.
        poetry: Path or name of Poetry.
        python: Path of the interpreter that builds.
        jobs: Downloads at a time.
        build_constraints: Requirements file of the build backends.
        timeout: Seconds that one command may take.
        interpreters: Archives of interpreters, or folders of them, that the bundle is to carry.
        sign_key: Path of the key that signs the manifest.
    """

    project: str
    lock: str
    dest: str
    pin: str
    targets: tuple[str, ...]
    asked: Asked
    root: bool
    index_url: str
    cache: str
    poetry: str
    python: str
    jobs: int
    build_constraints: str
    timeout: float
    interpreters: tuple[str, ...] = ()
    sign_key: str = ""


class Inputs(NamedTuple):
    """What was asked for, as it was found.

    Attributes:
        folder: The folder of the lock.
        project: What its pyproject.toml says, or None where there is none.
        poetry: Poetry for that folder, or None where there is no project.
        lock: The lock.
        python: The interpreter of the pin, or None.
        targets: At least one.
        wanted: Pin, groups and extras.
        with_root: Whether the project's own wheel belongs to the bundle.
    """

    folder: str
    project: Project | None
    poetry: Poetry | None
    lock: Lock
    python: Interpreter | None
    targets: tuple[Target, ...]
    wanted: Wanted
    with_root: bool

    @property
    def name(self) -> str:
        """The project's name; for a lock alone, that of its folder."""
        return (self.project.name if self.project else "") or normalized(os.path.basename(self.folder))

    def version(self, own: Sequence[str]) -> str:
        """Return the project's version: the one it declares, else that of its own wheel, if any; '' for a lock alone."""
        declared = self.project.version if self.project else ""
        return declared or (wheel_version(own[0]) if own else "")


def read_inputs(request: Request, run: Runner, environ: Mapping[str, str], private: str, stage: Stage) -> Inputs:
    """Return what ``request`` names, checked; nothing is written outside of ``private``.

    Raises:
        Refused: when a part is missing, malformed, stale, or does not go with another.
    """
    _check_options(request)
    folder, file = _places(request)
    project = _project(folder, file, request)
    pin = parse_version(request.pin, "pin") if request.pin else read_pin(folder)
    poetry = None
    if project:
        with stage("poetry"):
            poetry = Poetry(run, find_poetry(request.poetry, environ), environ, folder, private, request.timeout)
            poetry.check_lock()
    with stage("lock"):
        lock = read_poetry_lock(file)
        _check_pin(pin, lock, project)
        groups, extras = active(request.asked, _known(lock, project), file)
    with stage("interpreter"):
        python = find_python(run, pin, request.python, environ)
        targets = _targets(request.targets, pin) or (this_target(run, pin, python),)
    with_root = bool(request.project and request.root and project and project.is_package and MAIN in groups)
    return Inputs(folder, project, poetry, lock, python, targets, Wanted(pin, groups, extras), with_root)


def _check_options(request: Request) -> None:
    # Not the argument spec's work: it takes '' for a value, and that is what an unanswered survey question gives.
    asked = request.asked
    problems = []
    if bool(request.project) == bool(request.lock):
        problems.append(
            Problem("project, lock", "expected exactly one of them.", "Name the project's folder, or a lock alone.")
        )
    if asked.only and (asked.with_ or asked.without):
        problems.append(
            Problem("only", "expected it alone, found `with` or `without` too.", "Keep `only`, or the other two.")
        )
    if request.jobs < 1:
        problems.append(Problem("jobs", f"expected at least 1, found {request.jobs}.", "Correct it."))
    refuse_all(problems)


def _places(request: Request) -> tuple[str, str]:
    """Return the folder and the lock's file, both with links resolved."""
    given = request.project or request.lock
    if not os.path.isabs(given):
        refuse(
            f"{'project' if request.project else 'lock'} {given!r}", "expected an absolute path.", "Write it in full."
        )
    path = os.path.realpath(given)
    if not request.project:
        return os.path.dirname(path), path
    if not os.path.isdir(path):
        refuse(given, "expected the folder of a project.", "Name the folder that holds pyproject.toml in `project`.")
    return path, os.path.join(path, LOCK_FILE)


def _project(folder: str, lock: str, request: Request) -> Project | None:
    # Poetry checks poetry.lock and no other: a lock of another name stands alone.
    beside = os.path.basename(lock) == LOCK_FILE and os.path.exists(os.path.join(folder, PYPROJECT))
    return read_project(folder) if request.project or beside else None


def _check_pin(pin: str, lock: Lock, project: Project | None) -> None:
    ranges = [(lock.file, "python-versions", lock.python)]
    if project and project.requires_python:
        ranges.append((project.file, "requires-python", project.requires_python))
    refuse_all(
        [
            Problem(
                f"pin {pin}",
                f"{file} allows {range_} ({key}).",
                "Change the pin, or the range and then run: poetry lock.",
            )
            for file, key, range_ in ranges
            if not allows(range_, pin, file)
        ]
    )


def _known(lock: Lock, project: Project | None) -> Known:
    if project is None:
        # The lock does not say which groups are optional: only what is surely wanted is taken unasked.
        return Known(lock.groups, frozenset([MAIN]), lock.extras)
    groups = lock.groups | project.groups
    return Known(groups, groups - project.optional, lock.extras | project.extras)


def _targets(names: Sequence[str], pin: str) -> tuple[Target, ...]:
    problems: list[Problem] = []
    targets: list[Target] = []
    for name in names:
        try:
            targets.append(parse_target(name))
        except Refused as refused:
            problems.extend(refused.problems)
    feature = tuple(int(number) for number in pin.split(".")[:2])
    problems += [
        Problem(
            f"target {target.name}", f"is for Python {target.python[0]}.{target.python[1]}, the pin is {pin}.", ONE_OF
        )
        for target in targets
        if target.python != feature
    ]
    refuse_all(problems)
    return tuple(dict.fromkeys(targets))
