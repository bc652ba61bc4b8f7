# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Pythons look for packages: those of the system, of accounts, of interpreters and of environments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

LIBRARIES = ("lib", "lib64")
SITES = ("dist-packages", "site-packages")
# Debian's dist-packages is in /usr/lib/python3, without a minor version.
FEATURE = re.compile(r"(python|pypy)3(\.[0-9]+)?t?")
SYSTEM = ("/usr", "/usr/local")


class SiteFolder(NamedTuple):
    """A folder that Python imports from.

    Attributes:
        path: The folder.
        kind: ``system``, ``user``, ``interpreter`` or ``environment``.
        prefix: What it belongs to: ``/usr``, a home, the interpreter's folder, the environment.
    """

    path: str
    kind: str
    prefix: str


def library_folders(reader: Reader, prefix: str) -> list[str]:
    """Return ``<prefix>/lib*/python3*``: the standard library, and above the packages."""
    found = []
    for library in LIBRARIES:
        folder = f"{prefix}/{library}"
        # Where lib64 is a link to lib, everything would be found twice.
        if not reader.is_link(folder):
            found += [f"{folder}/{name}" for name in reader.names(folder) if FEATURE.fullmatch(name)]
    return [folder for folder in found if reader.is_folder(folder)]


def site_folders(reader: Reader, prefix: str, kind: str, owner: str = "") -> Iterator[SiteFolder]:
    """Yield the folders of packages below a prefix; ``owner`` is what they belong to where it is not the prefix."""
    for library in library_folders(reader, prefix):
        for site in SITES:
            if reader.is_folder(f"{library}/{site}"):
                yield SiteFolder(f"{library}/{site}", kind, owner or prefix)


def system_sites(reader: Reader) -> list[SiteFolder]:
    """Return the folders of packages of the Pythons in ``/usr`` and ``/usr/local``."""
    return [site for prefix in SYSTEM for site in site_folders(reader, prefix, "system")]


def user_sites(reader: Reader, homes: Sequence[str]) -> list[SiteFolder]:
    """Return the user site-packages of each home (PEP 370)."""
    return [site for home in homes for site in site_folders(reader, f"{home}/.local", "user", home)]


def packages_in(reader: Reader, folder: str) -> list[str]:
    """Return the entries that installed packages leave: ``name-version.dist-info`` and the older forms."""
    endings = (".dist-info", ".egg-info", ".egg", ".egg-link")
    return [name for name in reader.names(folder) if name.endswith(endings)]


def contents_of(reader: Reader, folder: str) -> list[str]:
    """Return all entries but caches, notes and hidden ones."""
    names = reader.names(folder)
    return [name for name in names if name not in ("__pycache__", "README", "README.txt") and not name.startswith(".")]
