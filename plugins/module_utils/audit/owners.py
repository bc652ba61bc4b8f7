# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files belong to a package of the distribution: dpkg, rpm or apk says it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner

DPKG, APK = "/var/lib/dpkg/info", "/lib/apk/db/installed"
RPM = "/usr/bin/rpm"
RPM_DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")
STATUS = "/var/lib/dpkg/status"
LARGEST = 64 << 20
SECONDS = 120
MOST = 2000  # paths of one call, so that no command line is too long
# As in `S.5....T.  c /etc/python3.9/sitecustomize.py`.
_VERIFIED = re.compile(r"..5......\s+(?:[a-z]\s+)?(?P<path>/.*)")
_CONFFILE = re.compile(r"^ (/\S+) ([0-9a-f]{32})\b", re.MULTILINE)
_UNOWNED = re.compile(
    r"file (?P<one>/.*) is not owned by any package|no package provides (?P<two>/.*)|error: file (?P<three>/[^:]*):.*"
)


class Owners(Protocol):
    """Says which paths belong to packages, also paths of files that were removed since."""

    name: str

    def owned(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` that belong to a package."""

    def edited(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` that are not as their package brought them, as far as the package manager can tell."""


def find_owners(reader: Reader, run: Runner) -> Owners | None:
    """Return the package manager of a host; None where it has none that is known here."""
    if any(name.endswith(".list") for name in reader.names(DPKG)):
        return Dpkg(reader)
    if reader.exists(RPM) and any(reader.names(folder) for folder in RPM_DATABASES):
        return Rpm(run)
    return Apk(reader) if reader.exists(APK) else None


class Dpkg:
    """Debian and its relatives: a list of paths per package. Nothing is started."""

    name = "dpkg"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def owned(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` that belong to a package."""
        wanted = {os.fsencode(name) for path in paths for name in _both_names(path)}
        found: set[bytes] = set()
        for name in self._reader.names(DPKG) if wanted else ():
            # Most packages have nothing to do with Python: their lists are not taken apart.
            data = self._reader.data(f"{DPKG}/{name}", LARGEST) if name.endswith(".list") else None
            if data and b"python" in data:
                found |= wanted.intersection(data.split(b"\n"))
        return {path for path in paths if not found.isdisjoint(map(os.fsencode, _both_names(path)))}

    def edited(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` whose digest is another one than their package's, also of files of settings."""
        known = self._digests(paths) if paths else {}
        return {path for path in paths if path in known and self._digest(path) not in known[path]}

    def _digests(self, paths: Collection[str]) -> dict[str, set[str]]:
        """Return the digests that packages name for some paths: in ``*.md5sums``, and in the status for conffiles."""
        known: dict[str, set[str]] = {}
        wanted = {name: path for path in paths for name in _both_names(path)}
        for name in self._reader.names(DPKG):
            data = self._reader.data(f"{DPKG}/{name}", LARGEST) if name.endswith(".md5sums") else None
            for line in (
                (data or b"").decode("utf-8", "surrogateescape").splitlines() if data and b"python" in data else ()
            ):
                digest, _space, rest = line.partition("  ")
                if f"/{rest}" in wanted:
                    known.setdefault(wanted[f"/{rest}"], set()).add(digest)
        status = (self._reader.data(STATUS, LARGEST) or b"").decode("utf-8", "surrogateescape")
        for path, digest in _CONFFILE.findall(status):
            if path in wanted:
                known.setdefault(wanted[path], set()).add(digest)
        return known

    def _digest(self, path: str) -> str:
        # MD5 is what packages name. It tells an edit by hand; whoever forges one is root, and can change the list.
        return hashlib.new("md5", self._reader.data(path) or b"", usedforsecurity=False).hexdigest()


class Apk:
    """Alpine: one file, with the folders (``F:``) and files (``R:``) of each package."""

    name = "apk"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def owned(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` that belong to a package."""
        known, folder = set(), ""
        for line in (self._reader.data(APK, LARGEST) or b"").decode("utf-8", "surrogateescape").splitlines():
            if line.startswith("F:"):
                folder = "/" + line[2:]
                known.add(folder)
            elif line.startswith("R:"):
                known.add(f"{folder}/{line[2:]}")
        return {path for path in paths if not known.isdisjoint(_both_names(path))}

    def edited(self, paths: Collection[str]) -> set[str]:
        """Return nothing: what is edited is not looked for here."""
        return set()


class Rpm:
    """Red Hat, SUSE and their relatives: rpm itself is asked, in one call."""

    name = "rpm"
    # The answer is read, so it must be in English; HOME keeps it from somebody's .rpmmacros.
    ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "HOME": "/"}

    def __init__(self, run: Runner) -> None:
        self._run = run

    def owned(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` that belong to a package; raises Refused where rpm cannot tell."""
        # Its answer is read by the line.
        asked = sorted(path for path in paths if path.isprintable())
        return {path for begin in range(0, len(asked), MOST) for path in self._owned(asked[begin : begin + MOST])}

    def _owned(self, paths: Sequence[str]) -> set[str]:
        argv = [RPM, "-q", "--whatprovides", "--queryformat", "owned\\n", *paths]
        said = self._run(argv, env=self.ENVIRONMENT, timeout=SECONDS)
        matches = [_UNOWNED.fullmatch(line.strip()) for line in (said.stdout + said.stderr).splitlines()]
        unowned = {match.group(match.lastgroup or 0) for match in matches if match}
        # What it did not name at all it said nothing about, as when its database is damaged.
        if "owned" not in said.stdout.split() and not unowned:
            refuse(
                RPM, f"does not say whose files are whose: {said.tail()[:200]}", "See why its database cannot be read."
            )
        return set(paths) - unowned

    def edited(self, paths: Collection[str]) -> set[str]:
        """Return those of ``paths`` whose digest is another one than their package's; ``rpm -V`` marks them with a 5."""
        if not paths:
            return set()
        argv = [RPM, "-V", "-f", "--nodeps", "--noscripts", *sorted(paths)]
        said = self._run(argv, env=self.ENVIRONMENT, timeout=SECONDS)
        marked = {match.group("path") for match in map(_VERIFIED.fullmatch, said.stdout.splitlines()) if match}
        return marked.intersection(paths)


def _both_names(path: str) -> tuple[str, ...]:
    """Return the names of a file on a host whose /lib is /usr/lib: packages of before name the short one."""
    return (path, path[4:]) if path.startswith(("/usr/lib", "/usr/bin")) else (path,)
