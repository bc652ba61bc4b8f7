# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a lock to targets: which file of which package a kind of host gets, and for which group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

MAIN = "main"
FILES_SHOWN = 6


class Choice(NamedTuple):
    """One file that a target gets.

    Attributes:
        name: Normalized project name.
        version: Its version as the lock writes it.
        file: The file's name.
        sha256: Its digest, lower-case hex.
        source: The simple index that the lock names for it, or '' for the default one.
        groups: The groups that want it, sorted.
        native: Whether it is an sdist of a package whose wheels are compiled, so that its own would be too.
    """

    name: str
    version: str
    file: str
    sha256: str
    source: str
    groups: tuple[str, ...]
    native: bool = False

    @property
    def is_wheel(self) -> bool:
        """Whether it can be installed as it is; otherwise it is an sdist."""
        return self.file.endswith(".whl")


class Wanted(NamedTuple):
    """What is asked of a lock.

    Attributes:
        python: The exact interpreter version that markers are evaluated for.
        groups: Dependency groups, ``main`` among them where it is wanted.
        extras: Normalized extras of the project.
    """

    python: str
    groups: tuple[str, ...] = (MAIN,)
    extras: tuple[str, ...] = ()


def environment(target: Target, python: str) -> dict[str, str]:
    """Return the marker environment (PEP 508) of a host of ``target`` that runs ``python``.

    All keys are given, because packaging fills in missing ones from the interpreter that it runs on.
    """
    return {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": target.arch,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": python,
        "python_version": ".".join(str(number) for number in target.python),
        "sys_platform": "linux",
    }


def supported_tags(target: Target) -> list[Any]:
    """Return the wheel tags that a host of ``target`` takes, best first (platform compatibility tags)."""
    interpreter = "cp" + "".join(str(number) for number in target.python)
    platforms = target.platforms()
    # The ABI is named, since packaging otherwise asks the interpreter that it runs on.
    native = _packaging.tags.cpython_tags(target.python, [target.abi], platforms)
    return [*native, *_packaging.tags.compatible_tags(target.python, interpreter, platforms)]


def wheel_fits(file: str, target: Target) -> bool:
    """Whether a host of ``target`` can install the wheel of this file name."""
    try:
        tags = _packaging.utils.parse_wheel_filename(file)[3]
    except _packaging.utils.InvalidWheelFilename:
        return False
    return not tags.isdisjoint(supported_tags(target))


def select(lock: Any, subject: str, targets: Sequence[Target], wanted: Wanted) -> dict[str, tuple[Choice, ...]]:
    """Return, per target name, the files that ``wanted`` needs, sorted by project name.

    Args:
        lock: A valid ``packaging.pylock.Pylock``.
        subject: The lock's file, as messages name it.
        targets: At least one target.
        wanted: Python version, groups and extras.

    Raises:
        Refused: with every package that has no usable file, for all targets together.
    """
    problems: list[Problem] = []
    chosen: dict[str, tuple[Choice, ...]] = {}
    for target in targets:
        view = _View(lock, target, wanted)
        problems.extend(view.problems(subject))
        if not problems:
            chosen[target.name] = view.choices()
    refuse_all(problems)
    return chosen


class _View:
    """One lock as one target sees it."""

    def __init__(self, lock: Any, target: Target, wanted: Wanted) -> None:
        self._lock = lock
        self._target = target
        self._wanted = wanted
        self._environment = environment(target, wanted.python)
        self._tags = supported_tags(target)

    def choices(self) -> tuple[Choice, ...]:
        wanted_by: dict[str, list[str]] = {}
        for group in sorted(self._wanted.groups):
            for package, _file in self._select(self._lock, (group,)):
                wanted_by.setdefault(package.name, []).append(group)
        pairs = self._select(self._lock, self._wanted.groups)
        return tuple(sorted(_choice(package, file, wanted_by[package.name]) for package, file in pairs))

    def problems(self, subject: str) -> list[Problem]:
        """Return what stands in the way; packaging stops at the first, people want all."""
        try:
            pairs = self._select(self._lock, self._wanted.groups)
        except _packaging.pylock.PylockSelectError as error:
            return self._each(self._lock.packages) or [
                Problem(subject, f"target {self._target.name}: {error}.", "Lock again.")
            ]
        return [_direct(package) for package, _file in pairs if package.is_direct]

    def _each(self, packages: Iterable[Any]) -> list[Problem]:
        problems: list[Problem] = []
        for package in packages:
            alone = _packaging.pylock.Pylock(lock_version=self._lock.lock_version, created_by="", packages=[package])
            try:
                problems.extend(
                    _direct(found) for found, _file in self._select(alone, self._wanted.groups) if found.is_direct
                )
            except _packaging.pylock.PylockSelectError:
                problems.append(self._unfit(package))
        return problems

    def _unfit(self, package: Any) -> Problem:
        subject = f"{package.name} {package.version}"
        range_ = package.requires_python
        if range_ is not None and not range_.contains(self._wanted.python, prereleases=True):
            return Problem(
                subject,
                f"needs Python {range_}, the pin is {self._wanted.python}.",
                "Lock a version that supports the pin.",
            )
        files = _shown(sorted(wheel.filename for wheel in package.wheels or ()), self._target)
        step = "Lock a version that has a fitting wheel or an sdist, or drop the target."
        return Problem(subject, f"nothing fits target {self._target.name}: the lock has {files}, and no sdist.", step)

    def _select(self, lock: Any, groups: Sequence[str]) -> list[tuple[Any, Any]]:
        wanted = self._wanted
        return list(
            lock.select(environment=self._environment, tags=self._tags, extras=wanted.extras, dependency_groups=groups)
        )


def _choice(package: Any, file: Any, groups: Sequence[str]) -> Choice:
    name = file.path or file.filename
    compiled = all(not wheel.filename.endswith("-any.whl") for wheel in package.wheels or ())
    native = bool(package.wheels) and compiled and not name.endswith(".whl")
    sha256 = file.hashes["sha256"]
    return Choice(package.name, str(package.version), name, sha256, package.index or "", tuple(groups), native)


def _shown(files: Sequence[str], target: Target) -> str:
    """Name the files, those of the target's platform first, and count the rest."""
    near = [file for file in files if target.arch in file or file.endswith("-any.whl")]
    ordered = near + [file for file in files if file not in near]
    rest = len(ordered) - FILES_SHOWN
    return ", ".join(ordered[:FILES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _direct(package: Any) -> Problem:
    origin = package.vcs or package.archive or package.directory
    kind = "a git repository" if package.vcs else "a URL or file" if package.archive else "a folder"
    where = getattr(origin, "url", None) or origin.path
    step = "Publish it to an index that the project names, and lock that."
    return Problem(
        f"{package.name} {package.version or ''}".strip(),
        f"comes from {kind} ({where}); a bundle takes what an index serves.",
        step,
    )
