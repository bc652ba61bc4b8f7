# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that came into a system Python past the package manager of the distribution (PEP 668)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.owners import Owners
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import (
    SYSTEM,
    SiteFolder,
    contents_of,
    library_folders,
    packages_in,
)

MARKER = "EXTERNALLY-MANAGED"
LOCAL = "/usr/local/"


def check_system_packages(reader: Reader, owners: Owners, sites: Sequence[SiteFolder]) -> Iterator[Finding]:
    """Yield a finding per folder with packages of nobody, and one per marker that was removed.

    Args:
        reader: Reads the host.
        owners: The package manager.
        sites: The folders of packages of the system's Pythons.
    """
    suspects = {site.path: [f"{site.path}/{name}" for name in _suspects(reader, site.path)] for site in sites}
    markers = [f"{folder}/{MARKER}" for folder in _libraries(reader) if not reader.exists(f"{folder}/{MARKER}")]
    owned = owners.owned([*(path for paths in suspects.values() for path in paths), *markers])
    for folder, paths in suspects.items():
        strangers = [path for path in paths if path not in owned and not _has_owned_content(reader, owners, path)]
        if strangers:
            yield Finding("system-package-foreign", folder, tuple(map(os.path.basename, strangers)))
    yield from _markers(markers, owned, owners)


def _suspects(reader: Reader, folder: str) -> list[str]:
    # Below /usr/local nothing is the distribution's; in its own folders, packages are told by their metadata.
    return contents_of(reader, folder) if folder.startswith(LOCAL) else packages_in(reader, folder)


def _has_owned_content(reader: Reader, owners: Owners, path: str) -> bool:
    """Whether a folder of metadata that is itself in no list holds files that are: rpm may own the files alone."""
    inside = [f"{path}/{name}" for name in reader.names(path)] if reader.is_folder(path) else []
    return bool(inside) and bool(owners.owned(inside))


def _libraries(reader: Reader) -> Iterable[str]:
    return [folder for prefix in SYSTEM for folder in library_folders(reader, prefix)]


def _markers(markers: Sequence[str], owned: set[str], owners: Owners) -> Iterator[Finding]:
    for path in markers:
        if path in owned:
            yield Finding("externally-managed-removed", path, (f"{owners.name} ships it, and it is not there",))
