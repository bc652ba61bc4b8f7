# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that Poetry downloads: each must be one that the lock names, and such are kept for the next run.

Poetry keeps each below ``artifacts`` in a folder that is named by the digest of its link, and beside it the wheel that it built of it.
1.8 looks at the digest of a file only where the lock knows the file's name, and no version looks at those of wheels that it built.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground
from ansible_collections.netdevops.python.plugins.module_utils.poetry.lock_file import Locked, normalized
from ansible_collections.netdevops.python.plugins.module_utils.poetry.versions import is_same_version

STORE = ".cache/netdevops-python/poetry"
STRONG = ("sha256", "sha384", "sha512")
CHUNK = 1 << 20
# Of these the lock has no file: they are built of what its owner checked out, or of a commit.
_BUILT = ("git", "directory", "file")
# What Poetry can install out of such a folder (utils/cache.py); the forms of their names are those that it goes by (utils/patterns.py).
_ARCHIVE = re.compile(r".*\.(?:whl|zip|tgz|tar|gz|bz2|xz|Z)")
_FOLDER = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]+")
_NAMES = (
    re.compile(r"(?P<name>.+?)-(?P<version>\d.*?)(?:-\d.*?)?-.+?-.+?-.+?\.whl"),
    re.compile(r"(?P<name>.+?)-(?P<version>\d.*?)(?:\.sdist)?\.(?:zip|tgz|tar(?:\.(?:gz|bz2|Z|xz))?)"),
)

Package = Sequence[str]  # normalized name and version


class Originals:
    """The files of one run.

    Args:
        locked: The packages of the lock.
        planned: Those that are to be installed.
        store: The folder in which such files are kept; '' for none.
    """

    def __init__(self, locked: Sequence[Locked], planned: Sequence[Package], store: str) -> None:
        self._store = store
        self._hashes: dict[str, set[str]] = {}
        self._entries: dict[str, list[Locked]] = {}
        for entry in locked:
            self._entries.setdefault(entry.name, []).append(entry)
            for file, digest in entry.files:
                self._hashes.setdefault(file, set()).add(digest)
        self._planned = {normalized(name): version for name, version in planned}

    def seed(self, artifacts: str) -> None:
        """Put what the store has of the lock into the folder of a run, where Poetry finds it by its link.

        Raises:
            OSError: when it cannot be written there.
        """
        for place, file in _files(self._store) if self._store else ():
            source = f"{self._store}/{place}/{file}"
            if _FOLDER.fullmatch(place) and self._is_locked(source):
                os.makedirs(f"{artifacts}/{place}", mode=0o700, exist_ok=True)
                _copy(source, f"{artifacts}/{place}/{file}")

    def keep(self, artifacts: str) -> None:
        """Take into the store what is in the folder of a run and named by the lock, as far as that can be done."""
        with contextlib.suppress(OSError):
            for place, file in _files(artifacts) if self._store else ():
                source, target = f"{artifacts}/{place}/{file}", f"{self._store}/{place}/{file}"
                if self._is_locked(source) and not self._is_locked(target):
                    _make(os.path.dirname(target))
                    beside = f"{target}.{os.getpid()}"
                    try:
                        _copy(source, beside)
                        os.replace(beside, target)
                    except OSError:
                        with contextlib.suppress(OSError):
                            os.unlink(beside)
                        raise

    def check(self, artifacts: str) -> None:
        """Check that what Poetry installed from is what the lock names, by name and digest.

        Raises:
            Refused: naming each file that is another one, and each package that came from nowhere.
        """
        problems, there = [], set()
        files = [(place, file) for place, file in _files(artifacts) if _ARCHIVE.fullmatch(file)]
        sources = {place for place, file in files if not file.endswith(".whl")}
        for place, file in files:
            if self._is_locked(f"{artifacts}/{place}/{file}"):
                there.add(file)
            elif not (file.endswith(".whl") and place in sources):  # else it was built of what lies beside it
                problems += self._flaws(file)
        refuse_all(problems or self._lacking(there))

    def _flaws(self, file: str) -> list[Problem]:
        """Return what is to be said of a file that is not the lock's: what a build needs may lie there too."""
        step = "Find out who changed it before you lock again: the index, or a proxy on the way. The environment still is what it was."
        if file in self._hashes:
            return [Problem(file, "expected a file of one of the digests in poetry.lock, found another.", step)]
        of = _package_of(file)
        if of is None or self._is_planned(*of):
            return [Problem(file, "was fetched for the environment, and is no file that poetry.lock names.", step)]
        return []

    def _lacking(self, there: set[str]) -> list[Problem]:
        """Return a problem for each package that was installed, and not from a file of the lock."""
        problems = []
        for name, version in sorted(self._planned.items()):
            entries = self._entries_of(name, version)
            if any(entry.source in _BUILT or there.intersection(dict(entry.files)) for entry in entries):
                continue
            message = "was installed, and no file of it was fetched that poetry.lock names with a SHA-256."
            problems.append(Problem(f"{name} {version}", message, "Lock again with the Poetry that is used here."))
        return problems

    def _is_planned(self, name: str, version: str) -> bool:
        """Whether a package of an index or a URL is to be installed."""
        is_it = name in self._planned and is_same_version(version, self._planned[name])
        return is_it and any(entry.source not in _BUILT for entry in self._entries_of(name, version))

    def _entries_of(self, name: str, version: str) -> list[Locked]:
        return [entry for entry in self._entries.get(name, ()) if is_same_version(entry.version, version)]

    def _is_locked(self, path: str) -> bool:
        known = self._hashes.get(os.path.basename(path), set())
        kinds = {digest.partition(":")[0] for digest in known} & {*STRONG}
        return any(f"{kind}:{_digest(path, kind)}" in known for kind in kinds)


def find_store(named: str, home: str) -> str:
    """Return the folder of the store, which is made; '' where there can be none that is this user's alone, and none was named.

    Args:
        named: The one that is asked for; '' for the one in ``home``.
        home: The home of this user.

    Raises:
        Refused: when the one that is named is not this user's alone, or cannot be made.
    """
    folder = named or f"{home}/{STORE}"
    try:
        if not named and not os.path.isdir(home):
            return ""
        check_store(folder)
        _make(folder)
        check_store(folder)
    except Refused:
        if named:
            raise
        return ""
    except OSError as error:
        if named:
            refuse(f"cache {named}", f"cannot be made: {error.strerror}.", "Name another folder, or leave it out.")
        return ""
    return folder


def check_store(folder: str) -> None:
    """Check that a store is this user's alone; what is not there yet is nobody's.

    Raises:
        Refused: when others could change what is there, or read what a private index gave.
    """
    check_ground(folder)
    try:
        found = os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        refuse(f"cache {folder}", f"cannot be looked at: {error.strerror}.", "Name another folder, or leave it out.")
    if not stat.S_ISDIR(found.st_mode):
        refuse(f"cache {folder}", "expected a folder, found something else.", "Name another one, or leave it out.")
    if found.st_uid != os.geteuid():
        message = f"belongs to user id {found.st_uid}, and this run is of {os.geteuid()}."
        refuse(f"cache {folder}", message, "Name a folder of the project's owner, or leave it out.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        message = f"expected a folder of mode 0700, found {stat.S_IMODE(found.st_mode):04o}."
        refuse(f"cache {folder}", message, f"chmod 0700 {folder}, or leave it out.")


def _make(folder: str) -> None:
    """Make a folder and those above it, each this user's alone: no umask is set while a release is built."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(one, 0o700)


def _files(root: str) -> Iterator[tuple[str, str]]:
    """Yield folder and name of each file below ``root``, the folder relative to that."""
    for folder, _folders, files in os.walk(root):
        place = os.path.relpath(folder, root)
        yield from ((place, file) for file in sorted(files))


def _package_of(file: str) -> tuple[str, str] | None:
    """Return of which package an archive is, as Poetry reads its name; None where it reads none."""
    found = next(filter(None, (pattern.fullmatch(file) for pattern in _NAMES)), None)
    return (normalized(found["name"]), found["version"]) if found else None


def _digest(path: str, kind: str) -> str:
    """Return the digest of a regular file; '' where there is none that can be read."""
    digest = hashlib.new(kind)
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return ""
            for data in iter(lambda: stream.read(CHUNK), b""):
                digest.update(data)
    except OSError:
        return ""
    return digest.hexdigest()


def _copy(source: str, target: str) -> None:
    """Have a file at a second place: the same one, or a copy where that is on another file system or not allowed."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        os.unlink(target)
        shutil.copyfile(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)
