# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bundle is to hold, as far as it is known before anything is fetched or built."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.built import Built, unfit, wheel_version
from ansible_collections.netdevops.python.plugins.module_utils.build.bundle_folder import Found
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache
from ansible_collections.netdevops.python.plugins.module_utils.build.inputs import Inputs
from ansible_collections.netdevops.python.plugins.module_utils.build.interpreters import carried
from ansible_collections.netdevops.python.plugins.module_utils.build.sdist import BuiltWheels
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import MAIN, Choice, wheel_fits
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt


class Shelf:
    """Where files already are: the user's cache, and the bundle that is being replaced."""

    def __init__(self, cache: Cache, built: BuiltWheels, found: Found) -> None:
        self._cache = cache
        self._built = built
        self._found = found
        self._paths: dict[str, str] = {}

    def path(self, sha256: str) -> str:
        """Return a whole file of this digest, or ''."""
        if not self._paths.get(sha256):
            self._paths[sha256] = self._found.whole.get(sha256) or self._cache.find(sha256)
        return self._paths[sha256]

    def built(self, choice: Choice, target: Target, inputs: Inputs, constraints: str) -> Built | None:
        """Return the wheel that was built from the sdist ``choice`` before and that serves ``target``."""
        origin = sdist_origin(choice, constraints)
        for wheel in self._found.manifest.targets.get(target.name, ()) if self._found.manifest else ():
            if wheel.origin == origin and wheel.sha256 in self._found.whole and wheel_fits(wheel.file, target):
                return Built(wheel.file, wheel.sha256, wheel.size)
        return self._built.find(choice.sha256, inputs.python, constraints)


class Contents(NamedTuple):
    """What the bundle holds.

    Attributes:
        chosen: Per target name, the locked files that it gets.
        root: File name and bytes of the project's own wheel, or None.
        built: Per target name and digest of an sdist, the wheel that stands for it, where there is one.
        constraints: The digest of the pinned build backends, or ''.
        interpreters: Per target name, the prebuilt interpreter that it carries; for each target, or for none.
    """

    chosen: Mapping[str, tuple[Choice, ...]]
    root: tuple[str, bytes] | None
    built: Mapping[tuple[str, str], Built]
    constraints: str
    interpreters: Mapping[str, Prebuilt] = MappingProxyType({})

    def sdists(self) -> list[Choice]:
        """Return the sdists that must still be built, each once."""
        waiting = {
            choice for name, choice in self._pairs() if not choice.is_wheel and (name, choice.sha256) not in self.built
        }
        # A package may be wanted by other groups on another target; it is still one archive.
        return sorted({choice.sha256: choice for choice in sorted(waiting)}.values())

    def to_fetch(self, shelf: Shelf) -> list[Choice]:
        """Return the locked files that are nowhere on this machine, each once."""
        needed = [choice for _name, choice in self._pairs() if choice.is_wheel] + self.sdists()
        once = {choice.sha256: choice for choice in sorted(needed)}
        return sorted(choice for choice in once.values() if not shelf.path(choice.sha256))

    def _pairs(self) -> list[tuple[str, Choice]]:
        return [(name, choice) for name, choices in self.chosen.items() for choice in choices]


def sdist_origin(choice: Choice, constraints: str) -> tuple[tuple[str, str], ...]:
    """Return what a manifest says of a wheel that was built from ``choice``."""
    pinned = [("build_constraints", constraints)] if constraints else []
    return tuple(sorted([("file", choice.file), ("kind", "sdist"), ("sha256", choice.sha256), *pinned]))


def known_built(
    chosen: Mapping[str, tuple[Choice, ...]], inputs: Inputs, shelf: Shelf, constraints: str
) -> dict[tuple[str, str], Built]:
    """Return the wheels that stand for sdists and are there already."""
    found = {}
    for target in inputs.targets:
        for choice in chosen[target.name]:
            built = None if choice.is_wheel else shelf.built(choice, target, inputs, constraints)
            if built:
                found[target.name, choice.sha256] = built
    return found


def check_fit(contents: Contents, inputs: Inputs) -> None:
    """Refuse built wheels that cannot serve their target, and sdists that nothing here can build; all together."""
    problems = []
    builder = inputs.python.target if inputs.python else None
    for target in inputs.targets:
        named = [(choice, contents.built.get((target.name, choice.sha256))) for choice in contents.chosen[target.name]]
        problems += [
            unfit(built.file, f"{choice.name} {choice.version}", target, builder) for choice, built in named if built
        ]
        if contents.root:
            problems.append(unfit(contents.root[0], inputs.name, target, builder))
    if builder:
        problems += [
            _not_here(choice, target, builder)
            for target in inputs.targets
            for choice in contents.chosen[target.name]
            if choice.native and (target.name, choice.sha256) not in contents.built and not builder.runs_on(target)
        ]
    else:
        problems += [_no_builder(choice, inputs.wanted.python) for choice in contents.sdists()]
    refuse_all([problem for problem in problems if problem])


def _not_here(choice: Choice, target: Target, builder: Target) -> Problem:
    step = "Lock a version that has a fitting wheel, or build on a box of that kind."
    message = (
        f"no wheel fits target {target.name}, and what its sdist compiles to on {builder.name} does not run there."
    )
    return Problem(f"{choice.name} {choice.version}", message, step)


def _no_builder(choice: Choice, pin: str) -> Problem:
    step = "Install it on the build box (netdevops.python.pyenv_install), or name it in `python`."
    return Problem(
        f"{choice.name} {choice.version}",
        f"has only an sdist ({choice.file}), and Python {pin}, which builds it, was not found.",
        step,
    )


def manifest_of(contents: Contents, inputs: Inputs, shelf: Shelf, root: Built | None) -> Manifest | None:
    """Return the manifest, or None while a file is not there yet."""
    if contents.sdists() or contents.to_fetch(shelf):
        return None
    targets = {}
    for target in inputs.targets:
        wheels = [_wheel(choice, target.name, contents, shelf) for choice in contents.chosen[target.name]]
        targets[target.name] = tuple(sorted([*wheels, *_root(inputs, root)]))
    return Manifest(
        project={"name": inputs.name, "version": inputs.version([root.file] if root else [])},
        pin=inputs.wanted.python,
        lock={"format": inputs.lock.format, "sha256": inputs.lock.sha256},
        groups=inputs.wanted.groups,
        extras=inputs.wanted.extras,
        targets=targets,
        interpreters={name: carried(archive) for name, archive in contents.interpreters.items()},
    )


def _wheel(choice: Choice, target: str, contents: Contents, shelf: Shelf) -> Wheel:
    if choice.is_wheel:
        size = os.stat(shelf.path(choice.sha256)).st_size
        return Wheel(choice.name, choice.version, choice.file, choice.sha256, size, choice.groups)
    built = contents.built[target, choice.sha256]
    origin = sdist_origin(choice, contents.constraints)
    return Wheel(choice.name, choice.version, built.file, built.sha256, built.size, choice.groups, origin)


def _root(inputs: Inputs, root: Built | None) -> Sequence[Wheel]:
    if root is None:
        return []
    version = wheel_version(root.file)
    return [Wheel(inputs.name, version, root.file, root.sha256, root.size, (MAIN,), (("kind", "project"),))]
