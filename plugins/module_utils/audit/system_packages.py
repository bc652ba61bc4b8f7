# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that came into a system Python past the package manager of the distribution (PEP 668)."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

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
MODULE = re.compile(r"(?P<name>[^\W\d]\w*)(?P<ending>\.pyc?|(\.[\w-]+)?\.so)?")
AT_THE_START = frozenset(("sitecustomize", "usercustomize"))


def check_system_packages(reader: Reader, owners: Owners, sites: Sequence[SiteFolder]) -> Iterator[Finding]:
    """Yield a finding per folder with packages of nobody, and one per marker that was removed.

    Args:
        reader: Reads the host.
        owners: The package manager.
        sites: The folders of packages of the system's Pythons.
    """
    suspects = {site.path: [f"{site.path}/{name}" for name in _suspects(reader, site.path)] for site in sites}
    markers = [f"{folder}/{MARKER}" for folder in _libraries(reader) if not reader.exists(f"{folder}/{MARKER}")]
    every = [path for paths in suspects.values() for path in paths]
    owned = owners.owned([*every, *markers])
    strangers = _strangers(reader, owners, [path for path in every if path not in owned])
    for folder, paths in suspects.items():
        evidence = tuple(os.path.basename(path) for path in paths if path in strangers)
        if evidence:
            yield Finding("system-package-foreign", folder, evidence)
    yield from _markers(markers, owned, owners)


def _suspects(reader: Reader, folder: str) -> list[str]:
    names = contents_of(reader, folder)
    # Below /usr/local nothing is the distribution's. In its own folders, what can be imported counts, and metadata.
    if folder.startswith(LOCAL):
        return names
    metadata = packages_in(reader, folder)
    return sorted({*metadata, *(name for name in names if _can_be_imported(reader, folder, name))})


def _can_be_imported(reader: Reader, folder: str, name: str) -> bool:
    module = MODULE.fullmatch(name)
    # What runs at the start of Python has findings of its own.
    if not module or module.group("name") in AT_THE_START:
        return False
    return bool(module.group("ending")) or reader.is_folder(f"{folder}/{name}")


def _strangers(reader: Reader, owners: Owners, paths: Sequence[str]) -> set[str]:
    """Return those of some paths, which are in no list, that hold nothing of a package: rpm may own the files alone."""
    inside = {path: list(_inside(reader, path)) for path in paths if reader.is_folder(path)}
    owned = owners.owned([name for names in inside.values() for name in names])
    return {path for path in paths if owned.isdisjoint(inside.get(path, ())) and not _is_left(path, inside.get(path))}


def _is_left(path: str, inside: Collection[str] | None) -> bool:
    """Whether it is a folder with nothing in it, as the removal of a package of the distribution leaves some."""
    return inside is not None and not inside and "." not in os.path.basename(path) and not path.startswith(LOCAL)


def _inside(reader: Reader, folder: str) -> Iterator[str]:
    """Yield what is in a folder and in the folders below it: several packages may share a namespace that none owns."""
    for name in contents_of(reader, folder):
        path = f"{folder}/{name}"
        yield path
        if reader.is_folder(path):
            yield from (f"{path}/{one}" for one in contents_of(reader, path))


def _libraries(reader: Reader) -> Iterable[str]:
    return [folder for prefix in SYSTEM for folder in library_folders(reader, prefix)]


def _markers(markers: Sequence[str], owned: set[str], owners: Owners) -> Iterator[Finding]:
    for path in markers:
        if path in owned:
            yield Finding("externally-managed-removed", path, (f"{owners.name} ships it, and it is not there",))
