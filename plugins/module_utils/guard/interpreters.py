# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The standard libraries that a marker goes into. Nothing is started: an interpreter can be anybody's program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import steps

MARKER = "EXTERNALLY-MANAGED"
# pip looks at a marker from here on.
HONOURED_SINCE = 23
_FEATURE = re.compile(r"(?:python|pypy)[23]\.[0-9]+t?")
_PIP = re.compile(r"pip-(?P<version>(?P<major>[0-9]+)[0-9a-z.]*?)(-py[0-9.]+)?\.(dist|egg)-info")
_CONFIG = "pyvenv.cfg"


class Library(NamedTuple):
    """A standard library.

    Attributes:
        folder: Where it is, links resolved.
        pip: The version of the oldest pip beside it, or ''.
    """

    folder: str
    pip: str

    @property
    def marker(self) -> str:
        """The path of its marker."""
        return os.path.join(self.folder, MARKER)

    @property
    def is_deaf(self) -> bool:
        """Whether its pip does not look at a marker."""
        return bool(self.pip) and int(self.pip.split(".")[0]) < HONOURED_SINCE


class Seen(NamedTuple):
    """What was found.

    Attributes:
        libraries: Standard libraries, each once.
        notes: What was passed over, as sentences.
        lacking: Roots that are not there, and have nothing.
        missing: Executables that are not there.
        problems: What else is wrong.
    """

    libraries: tuple[Library, ...]
    notes: tuple[str, ...]
    lacking: tuple[str, ...]
    missing: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def see(roots: Sequence[str], executables: Sequence[str]) -> Seen:
    """Return the standard libraries below ``roots`` and of ``executables``.

    A version that is a link out of its root is passed over: what it leads to is somebody else's matter.

    Raises:
        OSError: when a folder cannot be read.
    """
    folders: dict[str, None] = {}
    notes: list[str] = []
    missing: list[Problem] = []
    problems: list[Problem] = []
    for root in roots:
        folders.update(dict.fromkeys(_in_root(root, notes)))
    for path in executables:
        if os.path.isfile(path):
            folders.update(dict.fromkeys(_of_executable(path, problems)))
        else:
            missing.append(Problem(path, "expected an interpreter, found nothing.", "Install it, or leave it out."))
    return Seen(
        tuple(Library(folder, _pip(folder)) for folder in folders),
        tuple(notes),
        tuple(root for root in roots if not os.path.isdir(_versions(root))),
        tuple(missing),
        tuple(problems),
    )


def _versions(root: str) -> str:
    return os.path.join(root, "versions")


def _in_root(root: str, notes: list[str]) -> Iterator[str]:
    versions = _versions(root)
    if not os.path.isdir(versions):
        return
    home = os.path.realpath(versions)
    for name in sorted(os.listdir(versions)):
        path = os.path.join(versions, name)
        # What begins with a dot is a removal under way.
        if name.startswith(".") or not os.path.isdir(path):
            continue
        for folder in _libraries(path):
            if folder.startswith(home + "/"):
                yield folder
            else:
                notes.append(
                    f"{path} leads out of {root}, to {folder}: name it in `interpreters` if it is to be guarded."
                )


def _libraries(prefix: str) -> list[str]:
    """Return the standard libraries of an installation, links resolved; none for an environment."""
    found: dict[str, None] = {}
    if os.path.lexists(os.path.join(prefix, _CONFIG)):
        return []
    for library in ("lib", "lib64"):
        place = os.path.join(prefix, library)
        for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
            folder = os.path.join(place, name)
            # What sysconfig calls `stdlib` is where Python found os.py.
            if _FEATURE.fullmatch(name) and os.path.isfile(os.path.join(folder, "os.py")):
                found[os.path.realpath(folder)] = None
    return list(found)


def _of_executable(path: str, problems: list[Problem]) -> list[str]:
    if _is_of_environment(path):
        problems.append(
            Problem(
                path, "is of an environment, in which people may install.", "Name the interpreter that it is made of."
            )
        )
        return []
    real = os.path.realpath(path)
    found = _libraries(os.path.dirname(os.path.dirname(real)))
    # /usr can hold several. A program without its version in its name belongs to the only one.
    mine = [folder for folder in found if os.path.basename(folder) == os.path.basename(real)]
    if not mine and len(found) != 1:
        problems.append(
            Problem(
                path, "has no standard library of its own beside it.", "Name the program itself: no shim, no script."
            )
        )
    return mine or (found if len(found) == 1 else [])


def _is_of_environment(path: str) -> bool:
    """Whether a path, or what it leads to by links, is in an environment: behind its last link is what that is made of."""
    programs = [step for step in steps(path) if not os.path.isdir(step)]
    return any(os.path.lexists(os.path.join(os.path.dirname(os.path.dirname(one)), _CONFIG)) for one in programs)


def _pip(folder: str) -> str:
    """Return the version of the oldest pip that the interpreter of a standard library has; '' for none."""
    library, feature = os.path.split(folder)
    prefix = os.path.dirname(library)
    sites = [f"{folder}/site-packages", f"{library}/python3/dist-packages"]
    sites += [f"{prefix}/local/lib/{feature}/dist-packages"] if prefix == "/usr" else []
    names = [name for site in sites if os.path.isdir(site) for name in os.listdir(site)]
    found = [match for match in map(_PIP.fullmatch, names) if match]
    return min(found, key=lambda match: int(match["major"]))["version"] if found else ""
