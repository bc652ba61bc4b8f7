# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hash-pinned requirements file, as ``pip-compile``, ``poetry export`` and ``uv export`` write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

# These say where pip looks or what it prefers; the wheelhouse is the only place looked at here.
HARMLESS = frozenset(
    [
        "-i",
        "--index-url",
        "--extra-index-url",
        "--no-index",
        "-f",
        "--find-links",
        "--trusted-host",
        "--require-hashes",
        "--prefer-binary",
        "--only-binary",
    ]
)
REGENERATE = "Regenerate it with hashes, for example: poetry export, or pip-compile --generate-hashes."
NO_INCLUDES = "Write one complete file, for example with poetry export."

_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[=\s]\s*([a-z0-9]+):([0-9A-Fa-f]+)(?=\s|$)")
_OPTION = re.compile(r"\s(--?[A-Za-z][A-Za-z-]*)")
_ARCHIVE = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


class Pinned(NamedTuple):
    """One requirement: exactly one version and the digests that its files may have.

    Attributes:
        line: Line number in the file, from 1.
        name: Normalized project name.
        version: The version that it names, normalized (PEP 440).
        marker: A ``packaging.markers.Marker`` or None.
        sha256: The allowed digests, lower-case hex.
    """

    line: int
    name: str
    version: str
    marker: Any
    sha256: frozenset[str]


def parse_requirements(text: str, subject: str) -> tuple[Pinned, ...]:
    """Return the requirements in ``text``.

    Raises:
        Refused: with every line that is not a version pin with SHA-256 digests: an editable, a URL, a path,
            an include, an option that changes what is installed, a range, a line without hashes.
    """
    problems: list[Problem] = []
    pinned: list[Pinned] = []
    for number, line in logical_lines(text):
        found = _parse_line(number, line, f"{subject}, line {number}")
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            pinned.append(found)
    refuse_all(problems)
    return tuple(pinned)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number: continued ones joined, comments and empty ones left out.

    A comment line ends a continuation, as pip has it.
    """
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start if parts else number
        line = _COMMENT.sub("", raw)
        if line.rstrip().endswith("\\") and line == raw:
            parts.append(line.rstrip()[:-1])
            continue
        yield from _joined(start, [*parts, line])
        parts = []
    yield from _joined(start, parts)


def _joined(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = " ".join(parts).strip()
    if line:
        yield number, line


def _parse_line(number: int, line: str, subject: str) -> Pinned | Problem | None:
    if line.startswith("-"):
        return _option_line(line, subject)
    wrong = _location(line, subject)
    if wrong:
        return wrong
    hashes = _HASH.findall(line)
    rest = _HASH.sub("", line).strip()
    option = _OPTION.search(rest)
    if option:
        return Problem(subject, f"has the option {option.group(1)}, which changes what is installed.", "Remove it.")
    return _pinned(number, rest, hashes, subject)


def _option_line(line: str, subject: str) -> Problem | None:
    option = re.split(r"[=\s]", line, maxsplit=1)[0]
    if option in HARMLESS or line.startswith(("-ihttp", "-f/")):
        return None
    if option in ("-e", "--editable"):
        return Problem(
            subject,
            "is an editable requirement; a release is made of wheels.",
            "Build it into a wheel and pin that with its hash.",
        )
    if option in ("-r", "--requirement", "-c", "--constraint"):
        return Problem(subject, f"includes another file ({option}).", NO_INCLUDES)
    return Problem(subject, f"has the option {option}, which changes what is installed.", "Remove it.")


def _location(line: str, subject: str) -> Problem | None:
    first = line.split(maxsplit=1)[0]
    if "://" in re.split(r";|\s--hash", line, maxsplit=1)[0] or first.startswith("file:"):
        return Problem(
            subject,
            "is a URL; only files of the wheelhouse are installed.",
            "Put its wheel into the wheelhouse and pin name==version with its hash.",
        )
    if first.startswith((".", "/")) or first.endswith(_ARCHIVE):
        return Problem(
            subject, "is a path; only files of the wheelhouse are installed.", "Pin name==version with its hash."
        )
    return None


def _pinned(number: int, text: str, hashes: list[tuple[str, str]], subject: str) -> Pinned | Problem:
    try:
        requirement = _packaging.requirements.Requirement(text)
    except _packaging.requirements.InvalidRequirement as error:
        return Problem(subject, f"is no requirement: {str(error).splitlines()[0]}.", REGENERATE)
    version = _exact(requirement.specifier)
    if version is None:
        return Problem(subject, f"expected {requirement.name}==VERSION, found {text!r}.", REGENERATE)
    digests = frozenset(value.lower() for kind, value in hashes if kind == "sha256" and len(value) == 64)
    if not digests:
        found = "no hash" if not hashes else "none of SHA-256"
        return Problem(subject, f"{requirement.name}=={version} has {found}.", REGENERATE)
    name = _packaging.utils.canonicalize_name(requirement.name)
    return Pinned(number, name, version, requirement.marker, digests)


def _exact(specifiers: Any) -> str | None:
    only = list(specifiers)
    if len(only) != 1 or only[0].operator not in ("==", "==="):
        return None
    try:
        return str(_packaging.version.Version(only[0].version))
    except _packaging.version.InvalidVersion:
        return None
