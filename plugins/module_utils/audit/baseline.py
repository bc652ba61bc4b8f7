# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The baseline: which interpreters and which bundles are approved for which environments."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

SHOWN = 12
SHORTEST_ID = 8


class Approved(NamedTuple):
    """What is approved for the environments that a pattern fits.

    Attributes:
        venv: The pattern of their paths; ``*`` stands for anything, slashes as well.
        versions: Exact versions of interpreters, or patterns such as ``3.11.*``; none checks none.
        bundles: Ids of bundles, or their first digits; none checks none.
    """

    venv: str
    versions: tuple[str, ...]
    bundles: tuple[str, ...]


def parse_baseline(entries: Sequence[Mapping[str, Any]]) -> tuple[Approved, ...]:
    """Return the baseline.

    Raises:
        Refused: for entries that approve nothing, and for beginnings of ids that say too little.
    """
    parsed = [_parse(entry) for entry in entries]
    refuse_all(
        [problem for number, one in enumerate(parsed, 1) for problem in _problems(f"baseline, entry {number}", one)]
    )
    return tuple(parsed)


def _parse(entry: Mapping[str, Any]) -> Approved:
    versions, bundles = entry.get("versions") or (), entry.get("bundles") or ()
    return Approved(entry.get("venv") or "*", tuple(map(str, versions)), tuple(str(one).lower() for one in bundles))


def _problems(subject: str, entry: Approved) -> Iterator[Problem]:
    if not entry.versions and not entry.bundles:
        yield Problem(
            subject, "expected versions, bundles or both, found neither.", "Name what is approved, or leave it out."
        )
    for one in entry.bundles:
        if len(one) < SHORTEST_ID or one.strip("0123456789abcdef"):
            yield Problem(
                subject,
                f"expected the id of a bundle, or at least {SHORTEST_ID} digits of it, found {one!r}.",
                "Take it from the build.",
            )


def check_baseline(venv: str, version: str, bundle: str, baseline: Sequence[Approved]) -> Iterator[Finding]:
    """Yield what one environment has that the first entry that fits it does not approve.

    Args:
        venv: Its path.
        version: That of its interpreter; '' where nothing says it.
        bundle: The id of its bundle; '' for an environment that has none.
        baseline: What is approved. An environment that no entry fits is not checked.
    """
    entry = next((one for one in baseline if fnmatch.fnmatchcase(venv, one.venv)), None)
    if entry is None:
        return
    if entry.versions and not any(fnmatch.fnmatchcase(version, one) for one in entry.versions):
        found = f"expected {' or '.join(entry.versions)}, found {version or 'no version'}"
        yield Finding("interpreter-not-approved", venv, (found,), venv)
    if entry.bundles and not any(bundle.startswith(one) for one in entry.bundles):
        expected = " or ".join(one[:SHOWN] for one in entry.bundles)
        yield Finding(
            "bundle-not-approved", venv, (f"expected {expected}, found {bundle[:SHOWN] or 'no bundle'}",), venv
        )
