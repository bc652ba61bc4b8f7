# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Poetry says that it would do, taken at its word or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.poetry.versions import normal_version

_HEAD = re.compile(r"Package operations: (\d+) installs?, (\d+) updates?, (\d+) removals?(?:, (\d+) skipped)?")
_INSTALL = re.compile(r"  [-•] Installing ([A-Za-z0-9][A-Za-z0-9._-]*) \(([^\s()]+)(?: (.+))?\)")
_SKIPPED = re.compile(r"  [-•] Installing \S+ \(.*\): Skipped for the following reason: .*")
_ROOT = re.compile(r"Installing the current project: (\S+) \((\S+)\)")

# A path to one of these is locked with a digest, as a file of an index is.
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.\w+|tgz)$")


class Planned(NamedTuple):
    """What Poetry would put into an empty environment.

    Attributes:
        packages: Normalized name and version of each, sorted.
        root: Normalized name and version of the project itself; None where it is not installed.
        warnings: What there is to say beside.
        origins: Name and what Poetry says behind the version, for each package that comes from no index, sorted: the commit, path
            or URL.
    """

    packages: tuple[tuple[str, str], ...]
    root: tuple[str, str] | None
    warnings: tuple[str, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()

    def unwatched(self) -> list[str]:
        """Return what there is to say of packages whose content the lock does not decide: those of a folder."""
        text = "is made from {}, as it is there now. The lock has no digest of it: a change there alone is not noticed."
        folders = [(name, origin) for name, origin in self.origins if origin[:1] == "/" and not _ARCHIVE.search(origin)]
        return [f"{name} {text.format(origin)}" for name, origin in folders]


def parse_planned(said: str, subject: str) -> Planned:
    """Return what the output of ``poetry install --dry-run`` in an empty environment says.

    Args:
        said: Its standard output.
        subject: Whom messages name.

    Raises:
        Refused: when a line is not understood, or the numbers do not agree with the lines.
    """
    packages: dict[str, str] = {}
    origins: dict[str, str] = {}
    skipped = 0
    for line in _operations(said):
        found = _INSTALL.fullmatch(line)
        if _SKIPPED.fullmatch(line):
            skipped += 1
        elif found:
            name = normal_name(found.group(1))
            packages[name] = normal_version(found.group(2))
            origins.update({name: found.group(3)} if found.group(3) else {})
        else:
            _misunderstood(subject, f"expected installations alone, found {line.strip()!r}")
    _check_numbers(said, (len(packages), 0, 0, skipped), subject)
    return Planned(tuple(sorted(packages.items())), _root(said, subject), (), tuple(sorted(origins.items())))


def normal_name(name: str) -> str:
    """Return a project's name in the form in which all are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _operations(said: str) -> Iterator[str]:
    return (line.rstrip() for line in said.splitlines() if line.lstrip().startswith(("-", "•")))


def _check_numbers(said: str, counted: tuple[int, int, int, int], subject: str) -> None:
    heads = [_HEAD.fullmatch(line.rstrip()) for line in said.splitlines() if line.startswith("Package operations")]
    # Where there is nothing to do, not even to skip, it gives no numbers.
    found = [tuple(int(number or 0) for number in head.groups()) for head in heads if head]
    if len(found) != len(heads) or (found or [(0, 0, 0, 0)]) != [counted]:
        numbers = "{} installs, {} updates, {} removals and {} skipped".format(*(found or [(0, 0, 0, 0)])[0])
        _misunderstood(subject, f"expected lines for {numbers}, found {counted[0]} and {counted[3]} skipped")


def _root(said: str, subject: str) -> tuple[str, str] | None:
    lines = [line.strip() for line in said.splitlines() if line.startswith("Installing the current project")]
    if not lines:
        return None
    found = _ROOT.fullmatch(lines[0])
    if not found or len(lines) > 1:
        _misunderstood(subject, f"expected one project, found {lines[0]!r}")
    return normal_name(found.group(1)), normal_version(found.group(2))


def _misunderstood(subject: str, message: str) -> NoReturn:
    step = "This Poetry speaks otherwise than 1.8 to 2.5 do: name another one in `poetry`."
    refuse(subject, f"its plan is not understood: {message}.", step)
