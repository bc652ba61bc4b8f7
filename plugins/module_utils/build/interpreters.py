# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prebuilt interpreters that a bundle is to carry: for each target the archive that fits it best."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes, digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Carried
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, find

COPY_AGAIN = "Copy both files again, or make the archive again with netdevops.python.pyenv_archive."


def carried(archive: Prebuilt) -> Carried:
    """Return what a manifest says of an archive."""
    said = archive.description
    return Carried(said.file, said.sha256, said.size, digest_bytes(said.encode()))


def take_interpreters(places: Sequence[str], pin: str, targets: Sequence[Target]) -> dict[str, Prebuilt]:
    """Return the archive by target name; none at all where no place is given.

    Args:
        places: Archives with their description beside them, and folders of such.
        pin: The exact version.
        targets: What the bundle is for.

    Raises:
        Refused: for a place or a description that cannot be read, a target that no archive fits, and an archive
            that is not what its description says; all problems of a kind together.
    """
    if not places:
        return {}
    candidates = _candidates(places, pin)
    chosen = {target.name: _best(candidates, pin, target) for target in targets}
    refuse_all([_missing(target, pin, candidates) for target in targets if not chosen[target.name]])
    found = {name: candidate for name, candidate in chosen.items() if candidate}
    once = {candidate.path: candidate for candidate in found.values()}
    refuse_all(_clashes(once) + [problem for candidate in once.values() for problem in _flaws(candidate)])
    return found


def _candidates(places: Sequence[str], pin: str) -> list[Prebuilt]:
    problems: list[Problem] = []
    candidates: list[Prebuilt] = []
    for place in places:
        try:
            candidates += _found(place, pin)
        except Refused as refused:
            problems += refused.problems
    refuse_all(problems)
    return candidates


def _found(place: str, pin: str) -> list[Prebuilt]:
    if not os.path.isabs(place):
        refuse(f"interpreters {place!r}", "expected an absolute path.", "Write it in full.")
    found = find(place, pin)
    for path, description in found:
        if description.file != os.path.basename(path):
            refuse(path, f"its description is of {description.file}.", "Give it its name again, or copy both again.")
    return found


def _best(candidates: Sequence[Prebuilt], pin: str, target: Target) -> Prebuilt | None:
    fitting = [
        one for one in candidates if one.description.version == pin and one.description.parsed_target.runs_on(target)
    ]
    # The newest C library that the hosts still have; of several, the one that was named first.
    return max(fitting, key=lambda one: one.description.parsed_target.libc_version, default=None)


def _missing(target: Target, pin: str, candidates: Sequence[Prebuilt]) -> Problem:
    there = ", ".join(f"Python {one.description.version} for {one.description.target}" for one in candidates)
    return Problem(
        f"interpreters, target {target.name}",
        f"expected an archive of Python {pin} that runs there, found {there or 'none'}.",
        "Make one on the oldest box of that kind (netdevops.python.pyenv_archive), or leave `interpreters` out.",
    )


def _clashes(chosen: Mapping[str, Prebuilt]) -> list[Problem]:
    by_name: dict[str, Prebuilt] = {}
    for candidate in chosen.values():
        other = by_name.setdefault(candidate.description.file, candidate)
        if other.description != candidate.description:
            return [
                Problem(candidate.path, f"has the name of {other.path}, and is another one.", "Rename one of them.")
            ]
    return []


def _flaws(candidate: Prebuilt) -> list[Problem]:
    """Return what is wrong with an archive: it is read as a whole, since its hosts will trust what is said of it."""
    path, said = candidate.path, candidate.description
    try:
        size, sha256 = os.stat(path).st_size, digest_file(path)
    except OSError as error:
        return [Problem(path, f"cannot be read: {error.strerror}.", COPY_AGAIN)]
    if size != said.size:
        return [Problem(path, f"expected {said.size} bytes, as its description says, found {size}.", COPY_AGAIN)]
    if sha256 != said.sha256:
        return [Problem(path, f"expected SHA-256 {said.sha256}, as its description says, found {sha256}.", COPY_AGAIN)]
    return []
