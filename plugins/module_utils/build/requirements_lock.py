# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain form that people have today: a hash-pinned requirements file and a folder of wheels."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_file import Pinned, parse_requirements
from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_inputs import inputs_digest
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import (
    MAIN,
    Choice,
    Wanted,
    environment,
    select,
    supported_tags,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes, digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

__all__ = ["compile_requirements", "inputs_digest"]

SDISTS = (".tar.gz", ".zip")


class _Fit(NamedTuple):
    file: str
    sha256: str


def compile_requirements(
    text: str, subject: str, wheels_folder: str, target: Target, python_full_version: str
) -> Manifest:
    """Return the manifest of what ``text`` asks for on a host of ``target``, from the wheels in a folder.

    Only the files that the requirements name are looked at; whatever else lies in the folder is ignored,
    also when its tags would be better. The digest of each chosen wheel is checked.

    Args:
        text: The requirements, each pinned to a version and to SHA-256 digests.
        subject: Their file, as messages name it.
        wheels_folder: A folder on this machine.
        target: The kind of host.
        python_full_version: The exact version of the host's interpreter, for the markers.

    Raises:
        Refused: with all lines that are wrong, or else with all wheels that are missing, unfit or changed.
    """
    _packaging.need_packaging("the controller")
    requirements = _applying(parse_requirements(text, subject), environment(target, python_full_version))
    lock = _lock(requirements, subject, wheels_folder, target)
    chosen = select(lock, subject, [target], Wanted(python_full_version))[target.name]
    return Manifest(
        project={"name": _stem(subject), "version": ""},
        pin="",
        lock={"format": "requirements.txt", "sha256": digest_bytes(text.encode("utf-8"))},
        groups=(MAIN,),
        extras=(),
        targets={target.name: tuple(_wheel(choice, wheels_folder) for choice in chosen)},
    )


def _applying(requirements: Sequence[Pinned], where: Mapping[str, str]) -> list[Pinned]:
    return [found for found in requirements if found.marker is None or found.marker.evaluate({**where, "extra": ""})]


def _stem(subject: str) -> str:
    folder, file = os.path.split(subject)
    return os.path.basename(folder) or os.path.splitext(file)[0]


def _lock(requirements: Sequence[Pinned], subject: str, folder: str, target: Target) -> Any:
    """Return the requirements as PEP 751, each with the one wheel that fits and has an allowed digest."""
    wheelhouse = _Wheelhouse(folder, target)
    problems = _twice(requirements, subject)
    packages = []
    for pinned in requirements:
        found = wheelhouse.find(pinned, f"{subject}, line {pinned.line}")
        if isinstance(found, Problem):
            problems.append(found)
        else:
            packages.append(_package(pinned, found))
    refuse_all(problems)
    return _packaging.pylock.Pylock.from_dict(
        {"lock-version": "1.0", "created-by": "netdevops.python", "packages": packages}
    )


def _twice(requirements: Sequence[Pinned], subject: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for pinned in requirements:
        line = first.setdefault(pinned.name, pinned.line)
        if line != pinned.line:
            where = f"{subject}, line {pinned.line}"
            problems.append(
                Problem(
                    where, f"names {pinned.name} again, after line {line}.", "Keep one line that applies to this host."
                )
            )
    return problems


def _package(pinned: Pinned, fit: _Fit) -> dict[str, Any]:
    wheel = {"path": fit.file, "hashes": {"sha256": fit.sha256}}
    return {"name": pinned.name, "version": pinned.version, "wheels": [wheel]}


def _wheel(choice: Choice, folder: str) -> Wheel:
    size = os.stat(os.path.join(folder, choice.file)).st_size
    return Wheel(choice.name, choice.version, choice.file, choice.sha256, size, choice.groups)


class _Wheelhouse:
    """The wheels of a folder, found by name and version."""

    def __init__(self, folder: str, target: Target) -> None:
        self._folder = folder
        self._target = target
        self._best_first = _packaging.tags.create_compatible_tags_selector(supported_tags(target))
        self._wheels: dict[tuple[str, Any], list[tuple[str, Any]]] = {}
        self._sdists: dict[tuple[str, Any], str] = {}
        for file in _listed(folder):
            self._add(file)

    def _add(self, file: str) -> None:
        utils = _packaging.utils
        try:
            if file.endswith(".whl"):
                name, version, _build, tags = utils.parse_wheel_filename(file)
                self._wheels.setdefault((name, version), []).append((file, tags))
            elif file.endswith(SDISTS):
                self._sdists[utils.parse_sdist_filename(file)] = file
        except (utils.InvalidWheelFilename, utils.InvalidSdistFilename):
            return  # a stray file, which no requirement can name

    def find(self, pinned: Pinned, subject: str) -> _Fit | Problem:
        """Return the best wheel that has an allowed digest, or what is wrong."""
        key = (pinned.name, _packaging.version.Version(pinned.version))
        there = self._wheels.get(key, [])
        digests = {}
        for file in self._best_first(there):
            digests[file] = digest_file(os.path.join(self._folder, file))
            if digests[file] in pinned.sha256:
                return _Fit(file, digests[file])
        return self._missing(pinned, subject, [file for file, _tags in there], digests)

    def _missing(self, pinned: Pinned, subject: str, there: Sequence[str], digests: Mapping[str, str]) -> Problem:
        what = f"{pinned.name}=={pinned.version}"
        if digests:
            found = ", ".join(f"{file} with {digest}" for file, digest in digests.items())
            return Problem(
                subject,
                f"{what}: expected a file with one of its hashes, found {found}.",
                "Copy the wheel again, or lock the one that is meant.",
            )
        if there:
            step = f"Add the wheel for {self._target.name} to {self._folder}."
            return Problem(
                subject, f"{what}: no wheel fits {self._target.name}: found {', '.join(sorted(there))}.", step
            )
        sdist = self._sdists.get((pinned.name, _packaging.version.Version(pinned.version)))
        if sdist:
            return Problem(
                subject,
                f"{what}: found only the sdist {sdist}; hosts take wheels only.",
                "Build it into a wheel: pip wheel --no-deps, and pin the wheel's hash.",
            )
        return Problem(subject, f"{what}: found no wheel in {self._folder}.", "Add it to the wheelhouse.")


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        refuse(folder, f"expected a folder of wheels: {error.strerror}.", "Name the folder in `wheelhouse`.")
