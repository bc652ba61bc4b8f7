# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's environment without a network: Poetry says what is to be in it, and our own installer takes the wheels.

They come from a bundle of the same lock, or from a folder of wheels, where they are found by the names and digests that
``poetry.lock`` gives. Nothing else in either is looked at.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import read_manifest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    MANIFEST_FILE,
    REBUILD,
    WHEEL_FILE,
    Manifest,
    Wheel,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.tags import file_tags, fits
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import Holder, Selection, select
from ansible_collections.netdevops.python.plugins.module_utils.host.wheels import Wheels
from ansible_collections.netdevops.python.plugins.module_utils.poetry.lock_file import Locked, read_locked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.versions import normal_version

BUILD = "Build a bundle of the project (netdevops.python.wheelhouse_build), which makes wheels of such, and name that."
PUBLISH = "Publish it to an index that the project names, and lock that."
COPY = "Copy the wheel that the lock names into the folder, or build a bundle (netdevops.python.wheelhouse_build)."
FILES_SHOWN = 3

# In [tool.poetry]: build = "build.py", or a table of that name, in whatever way it is written.
_BUILD_KEY = re.compile(r"tool\.poetry\.build(?:=[^{]|(?:\.|=\{(?:.*,)?)script=)|tool(?:\.poetry)?=\{.*build")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
_DIRECT = {"git": "a git repository", "url": "a URL", "directory": "a folder", "file": "a file"}

Planned = Iterable[Sequence[str]]  # normalized name and version of each package


class Offline(NamedTuple):
    """The wheels of an environment, found and not opened yet.

    Attributes:
        selection: The wheels; ``selection.packages()`` is what a goal and a receipt have.
        path: The bundle or the folder of wheels.
        bundle: The id of the bundle; '' for a folder of wheels.
    """

    selection: Selection
    path: str
    bundle: str


class Folder(NamedTuple):
    """A folder of wheels."""

    folder: str

    def wheel_path(self, file: str) -> str:
        """Return the path of one of its wheels."""
        return os.path.join(self.folder, file)


def find_wheels(wheelhouse: str, planned: Planned, interpreter: Interpreter, lock: bytes, lock_path: str) -> Offline:
    """Return the wheels of what Poetry plans, without the project itself.

    Args:
        wheelhouse: Absolute path of a bundle, a folder or a tar, or of a folder of wheels.
        planned: What Poetry would install.
        interpreter: What it is for.
        lock: The bytes of the project's lock.
        lock_path: Its path, as messages name it.

    Raises:
        Refused: with everything that is missing, or when there is nothing that can be believed.
    """
    if is_bundle(wheelhouse):
        data = read_manifest_bytes(wheelhouse)
        manifest = parse_manifest(data, os.path.join(wheelhouse, MANIFEST_FILE))
        _check_lock(wheelhouse, manifest, lock, lock_path)
        selection = select(manifest, interpreter, None)
        return Offline(_of_bundle(manifest, selection, planned), wheelhouse, manifest.id)
    wheels = _of_folder(wheelhouse, planned, interpreter.target, read_locked(lock, lock_path), lock_path)
    return Offline(Selection(interpreter.target.name, wheels), wheelhouse, "")


def check_build(pyproject: bytes, path: str) -> None:
    """Check that a project can be installed without a network: Poetry fetches what a build script needs, and without digests.

    Args:
        pyproject: The bytes of its pyproject.toml.
        path: Its path, as messages name it.

    Raises:
        Refused: when it has a build script.
    """
    table = ""
    for line in pyproject.decode("utf-8", "replace").split("\n"):
        plain = re.sub(r"[\s\"']", "", line.partition("#")[0])
        if plain.startswith("["):
            table = plain.strip("[]")
        elif _BUILD_KEY.match(f"{table}.{plain}" if table else plain):
            message = "has a build script of its own, whose needs Poetry fetches from a network, without digests."
            step = "Leave `wheelhouse` out, or set root: false where the dependencies are all that is wanted."
            refuse(path, message, step)


def is_bundle(wheelhouse: str) -> bool:
    """Whether a path is one of a bundle, and not of a folder of wheels.

    Raises:
        Refused: when nothing is there, or it cannot be read.
    """
    try:
        return not stat.S_ISDIR(os.stat(wheelhouse).st_mode) or MANIFEST_FILE in os.listdir(wheelhouse)
    except OSError as error:
        step = "Name a bundle or a folder of wheels that the owner of the project can read."
        refuse(f"wheelhouse {wheelhouse}", f"cannot be read: {error.strerror}.", step)


def _check_lock(wheelhouse: str, manifest: Manifest, lock: bytes, lock_path: str) -> None:
    wanted, found = digest_bytes(lock), manifest.lock.get("sha256", "")
    if found != wanted:
        refuse(
            wheelhouse,
            f"expected a bundle of the lock {wanted[:16]} ({lock_path}), found one of {found[:16] or 'no lock'}.",
            "Build it from this lock, or check out the revision that it was built from.",
        )


def _of_bundle(manifest: Manifest, selection: Selection, planned: Planned) -> Selection:
    there = {wheel.name: wheel for wheel in selection.wheels}
    wheels, problems = [], []
    for name, version in planned:
        wheel = there.get(name)
        if wheel is not None and normal_version(wheel.version) == normal_version(version):
            wheels.append(wheel)
        else:
            problems.append(_not_in_bundle(f"{name} {version}", wheel, manifest, selection.target))
    refuse_all(problems)
    return Selection(selection.target, tuple(sorted(wheels)))


def _not_in_bundle(subject: str, wheel: Wheel | None, manifest: Manifest, target: str) -> Problem:
    if wheel is not None:
        return Problem(subject, f"expected it in the bundle, found {wheel.version}.", "Build the bundle for this host.")
    groups, extras = ", ".join(manifest.groups), ", ".join(manifest.extras) or "none"
    return Problem(
        subject,
        f"expected it in the bundle for {target}, found none: it was built for groups {groups} and extras {extras}.",
        "Build it with the groups and extras that are asked for, or ask for fewer.",
    )


def _of_folder(
    folder: str, planned: Planned, target: Target, locked: Sequence[Locked], lock_path: str
) -> tuple[Wheel, ...]:
    wheels: list[Wheel] = []
    problems: list[Problem] = []
    for name, version in planned:
        try:
            entry = _entry(name, version, locked, lock_path)
            wheels.append(_wheel(folder, entry, target))
        except Refused as refused:
            problems.extend(refused.problems)
    refuse_all(problems)
    return tuple(sorted(wheels))


def _entry(name: str, version: str, locked: Sequence[Locked], lock_path: str) -> Locked:
    found = [
        entry for entry in locked if (entry.name, normal_version(entry.version)) == (name, normal_version(version))
    ]
    if len(found) != 1:
        refuse(
            f"{name} {version}",
            f"expected once in {lock_path}, found {len(found)} times: which files are meant is not certain.",
            BUILD,
        )
    return found[0]


def _wheel(folder: str, entry: Locked, target: Target) -> Wheel:
    """Return the best wheel of a package among those that lie in the folder."""
    fitting = _fitting(entry, target)
    for file, digest in fitting:
        match = _SHA256.fullmatch(digest)
        if match is None:
            refuse(_title(entry), f"{file} has no SHA-256 in the lock.", "Lock again: poetry lock --regenerate.")
        try:
            size = os.stat(os.path.join(folder, file)).st_size
        except FileNotFoundError:
            continue
        except OSError as error:
            refuse(file, f"cannot be read in {folder}: {error.strerror}.", "Let the owner of the project read it.")
        return Wheel(entry.name, entry.version, file, match.group(1), size)
    files = _shown([file for file, _digest in fitting], " or ")
    refuse(_title(entry), f"expected {files} in {folder}, found none.", COPY)


def _fitting(entry: Locked, target: Target) -> list[tuple[str, str]]:
    """Return the wheels of a package that fit the host, the best first.

    Raises:
        Refused: when there are none.
    """
    wheels = [found for found in entry.files if _is_wheel_of(found[0], entry)]
    fitting = [found for found in wheels if fits(found[0], target)]
    if fitting:
        return sorted(fitting, key=lambda found: _rank(found[0], target))
    others = [file for file, _digest in entry.files if not file.endswith(".whl")]
    if entry.source and not others:
        where = _DIRECT.get(entry.source, entry.source)
        refuse(_title(entry), f"comes from {where}, and the lock names no wheel of it.", PUBLISH)
    lock_has = _shown([file for file, _digest in wheels] or others, ", ") or "no file at all"
    refuse(
        _title(entry),
        f"expected a wheel for this host, {target.name}, in the lock, found {lock_has}.",
        BUILD if others else "Lock a version that has one.",
    )


def _title(entry: Locked) -> str:
    return f"{entry.name} {entry.version}"


def _shown(files: Sequence[str], joint: str) -> str:
    rest = len(files) - FILES_SHOWN
    return joint.join(files[:FILES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _is_wheel_of(file: str, entry: Locked) -> bool:
    # Up to lock 1.1 the files of all versions of a package are listed together.
    return WHEEL_FILE.fullmatch(file) is not None and normal_version(file.split("-")[1]) == normal_version(
        entry.version
    )


def _rank(file: str, target: Target) -> tuple[int, int, int]:
    """Return how well a wheel that fits suits a host: the smaller the better, in pip's order.

    One that is compiled for this very Python comes first, then the stable ABI of the newest Python, then what is of no
    Python; of equal ones that for the newest C library.
    """
    platforms = target.platforms()
    found = []
    for python, abi, platform in file_tags(file):
        if fits(f"x-0-{python}-{abi}-{platform}.whl", target):
            kind = 0 if abi == target.abi else 1 if abi != "none" else 2 if platform != "any" else 3
            age = target.python[1] - int(python[3:] or 0) if kind else 0
            found.append((kind, age, platforms.index(platform) if platform in platforms else len(platforms)))
    return min(found)


class OfflineContent(Wheels):
    """The wheels of a project's environment, and the project itself.

    Args:
        options: What is asked.
        interpreter: What the release stands on.
        offline: The wheels.
        finish: Puts the project itself into the release, after them, and may make the folder that it is given for what that needs;
            None where it is not wanted.
    """

    def __init__(
        self,
        options: Options,
        interpreter: Interpreter,
        offline: Offline,
        finish: Callable[[Tree, str], None] | None = None,
    ) -> None:
        super().__init__(options, interpreter, offline.selection, offline.path)
        self._is_folder = not offline.bundle
        self._finish = finish
        self._incoming = ""

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Have all wheels at hand, checked, as :meth:`Wheels.collect` says."""
        self._incoming = incoming
        try:
            super().collect(seen, incoming, stages)
        except Refused as refused:
            raise Refused([self._advised(problem) for problem in refused.problems]) from None

    def _advised(self, problem: Problem) -> Problem:
        return problem._replace(next_step=COPY) if self._is_folder and problem.next_step == REBUILD else problem

    def _open(self, incoming: str) -> Holder:
        return Folder(self._bundle) if self._is_folder else super()._open(incoming)

    def fill(self, tree: Tree) -> None:
        """Put the wheels into the empty environment of a release, then the project itself.

        Raises:
            Refused: when a wheel is not what it says, or the project cannot be installed.
            OSError: when the disk fails.
        """
        super().fill(tree)
        if self._finish is not None:
            self._finish(tree, self._incoming)
