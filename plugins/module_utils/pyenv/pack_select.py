# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of an installed interpreter go into its archive."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.temporary import TEMPORARY_PREFIX
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import is_inner_path
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import RECEIPT
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import FILE, FOLDER, LINK, stays_inside

# Test suites of CPython 3.9 to 3.14, and the compiled modules that only they use.
TEST_FOLDERS = (
    "ctypes/test",
    "distutils/tests",
    "idlelib/idle_test",
    "lib2to3/tests",
    "sqlite3/test",
    "test",
    "tkinter/test",
    "unittest/test",
)
TEST_MODULES = (
    "_ctypes_test",
    "_testbuffer",
    "_testcapi",
    "_testclinic",
    "_testclinic_limited",
    "_testexternalinspection",
    "_testimportmultiple",
    "_testinternalcapi",
    "_testlimitedcapi",
    "_testmultiphase",
    "_testsinglephase",
    "_xxtestfuzz",
)

_LIBRARY = r"lib/python3\.[0-9]+t?"
_RULES: Mapping[str, re.Pattern[str]] = {
    "caches": re.compile(r"(.*/)?__pycache__(/.*)?|.*\.pyc"),
    "optimized_caches": re.compile(r".*/__pycache__/[^/]*\.opt-[0-9]\.pyc"),
    "packages": re.compile(rf"{_LIBRARY}/site-packages/(?!README\.txt).*"),
    "static_library": re.compile(rf"lib/libpython3[^/]*\.a|{_LIBRARY}/config-[^/]*/(libpython3[^/]*\.a|python\.o)"),
    "tests": re.compile(
        rf"{_LIBRARY}/(({'|'.join(TEST_FOLDERS)})(/.*)?|lib-dynload/({'|'.join(TEST_MODULES)})\.[^/]*\.so)"
    ),
}
CHOICES = tuple(sorted(_RULES))
# Whether people may install into an interpreter (PEP 668) is a matter of the host that it is on.
_MARKER = re.compile(rf"{_LIBRARY}/EXTERNALLY-MANAGED")


class Entry(NamedTuple):
    """One thing that goes into an archive.

    Attributes:
        path: Relative to the interpreter's folder.
        kind: ``file``, ``folder`` or ``symbolic link``.
        is_executable: Whether anybody may run it.
        size: Bytes of a file, else 0.
        mtime: When a file was changed, in nanoseconds, else 0.
        target: The text of a symbolic link, else ''.
    """

    path: str
    kind: str
    is_executable: bool
    size: int
    mtime: int
    target: str


def select(folder: str, without: Sequence[str]) -> list[Entry]:
    """Return what of the interpreter in ``folder`` goes into an archive, sorted by path.

    Raises:
        Refused: naming everything that has no place in an archive: a link that leads outside, a device, an odd name.
        OSError: when a folder cannot be read.
    """
    is_left_out = _rule(folder, without)
    problems: list[Problem] = []
    entries = sorted(_entries(folder, "", is_left_out, problems))
    refuse_all(problems)
    kept = {entry.path for entry in entries}
    return [entry for entry in entries if entry.kind != LINK or _leads_to(folder, entry, kept)]


def _rule(folder: str, without: Sequence[str]) -> Callable[[str], bool]:
    rules = [_RULES[name] for name in without]
    scripts = _recorded_scripts(folder) if "packages" in without else frozenset()

    def is_left_out(path: str) -> bool:
        mine = path == RECEIPT or os.path.basename(path).startswith(TEMPORARY_PREFIX)
        return mine or bool(_MARKER.fullmatch(path)) or path in scripts or any(rule.fullmatch(path) for rule in rules)

    return is_left_out


def _recorded_scripts(folder: str) -> frozenset[str]:
    """Return the files outside of site-packages that the packages in it say are theirs (their RECORD)."""
    found: set[str] = set()
    for path in _records(os.path.join(folder, "lib")):
        base = os.path.dirname(os.path.dirname(path))
        with open(path, encoding="utf-8", errors="replace") as stream:
            names = [line.split(",")[0] for line in stream]
        found.update(os.path.relpath(os.path.join(base, name), folder) for name in names if name.startswith("../"))
    return frozenset(found)


def _records(library: str) -> Iterator[str]:
    for feature in sorted(os.listdir(library)) if os.path.isdir(library) else ():
        packages = os.path.join(library, feature, "site-packages")
        for name in sorted(os.listdir(packages)) if os.path.isdir(packages) else ():
            record = os.path.join(packages, name, "RECORD")
            if name.endswith(".dist-info") and os.path.isfile(record):
                yield record


def _entries(folder: str, inner: str, is_left_out: Callable[[str], bool], problems: list[Problem]) -> Iterator[Entry]:
    with os.scandir(os.path.join(folder, inner)) as found:
        listed = list(found)
    for one in listed:
        path = os.path.join(inner, one.name)
        if is_left_out(path):
            continue
        entry = _entry(path, one, problems)
        if entry:
            yield entry
            if entry.kind == FOLDER:
                yield from _entries(folder, path, is_left_out, problems)


def _entry(path: str, found: os.DirEntry[str], problems: list[Problem]) -> Entry | None:
    status = found.stat(follow_symlinks=False)
    runs = bool(status.st_mode & 0o111)
    if not _is_text(path) or not is_inner_path(path):
        problems.append(Problem(repr(path), "has a name that no list of files can hold.", "Rename or remove it."))
    elif stat.S_ISREG(status.st_mode):
        return Entry(path, FILE, runs, status.st_size, status.st_mtime_ns, "")
    elif stat.S_ISDIR(status.st_mode):
        return Entry(path, FOLDER, True, 0, 0, "")
    elif not stat.S_ISLNK(status.st_mode):
        problems.append(Problem(path, "is neither a file nor a folder nor a link.", "Remove it."))
    elif not stays_inside(path, os.readlink(found.path)):
        step = "Pack an installation of its own, not one that links to another."
        problems.append(Problem(path, f"is a link that leads outside: {os.readlink(found.path)}.", step))
    else:
        return Entry(path, LINK, False, 0, 0, os.readlink(found.path))
    return None


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _leads_to(folder: str, entry: Entry, kept: set[str]) -> bool:
    """Whether what a link leads to is packed too: a link to a script that was left out goes with it."""
    end = os.path.realpath(os.path.join(folder, entry.path))
    return os.path.relpath(end, os.path.realpath(folder)) in kept


def check_complete(entries: Sequence[Entry], folder: str) -> None:
    """Refuse what is no interpreter: an archive without ``bin/python`` installs nothing."""
    if not any(entry.path == "bin/python" for entry in entries):
        refuse(folder, "expected bin/python in it, found none.", "Install the version again.")
