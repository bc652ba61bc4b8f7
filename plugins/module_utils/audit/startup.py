# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs at the start of a Python before any program: ``.pth`` files, ``sitecustomize``, ``usercustomize`` (module site)."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import SiteFolder, library_folders
from ansible_collections.netdevops.python.plugins.module_utils.audit.well_known import is_well_known

MODULE = re.compile(r"(sitecustomize|usercustomize)(\.py|\.pyc|\.[A-Za-z0-9_-]*\.?so)?")
# Looked in before the standard library, whether it is an archive or a folder: whatever it holds is imported first.
ARCHIVE = re.compile(r"python3[0-9]+t?\.zip")

Trusted = Callable[[Collection[str]], Collection[str]]


def check_startup(reader: Reader, sites: Sequence[SiteFolder], trusted: Trusted) -> Iterator[Finding]:
    """Yield a finding per file that runs code or leads elsewhere.

    Args:
        reader: Reads the host.
        sites: The folders that Pythons import from.
        trusted: Returns those of some paths that are all right: a package of the distribution or a receipt names them.
    """
    found = [finding for site in sites for finding in _in_folder(reader, site)]
    fine = trusted([finding.subject for finding in found]) if found else ()
    yield from (finding for finding in found if finding.subject not in fine)


def library_sites(reader: Reader, prefix: str, kind: str) -> list[SiteFolder]:
    """Return what Pythons below a prefix look through before packages: a ``sitecustomize`` there is found before any other.

    That are the archive ``python3*.zip``, where there is one, the standard library and its ``lib-dynload``.
    """
    libraries = library_folders(reader, prefix)
    places = dict.fromkeys(os.path.dirname(folder) for folder in libraries)
    archives = [f"{place}/{name}" for place in places for name in reader.names(place) if ARCHIVE.fullmatch(name)]
    folders = [folder for library in libraries for folder in (library, f"{library}/lib-dynload")]
    return [SiteFolder(path, kind, prefix) for path in (*archives, *folders)]


def _in_folder(reader: Reader, site: SiteFolder) -> Iterator[Finding]:
    venv = site.prefix if site.kind == "environment" else ""
    if ARCHIVE.fullmatch(os.path.basename(site.path)):
        yield Finding("startup-module", site.path, (f"comes before the standard library of {_whose(site)}",), venv)
        return
    for name in reader.names(site.path):
        path = f"{site.path}/{name}"
        if MODULE.fullmatch(name):
            yield Finding("startup-module", path, (f"{name} in {_whose(site)}",), venv)
        # Python skips hidden ones since 3.13 and its security releases of before, and reads them in older versions.
        elif name.endswith(".pth"):
            yield from _path_file(reader, site, path, venv)


def _whose(site: SiteFolder) -> str:
    return f"the {site.kind} {site.prefix}" if site.kind != "system" else f"a Python of the system in {site.prefix}"


def _path_file(reader: Reader, site: SiteFolder, path: str, venv: str) -> Iterator[Finding]:
    data = reader.data(path)
    # In a Python of the system, what is all right belongs to a package of the distribution.
    if data is None or (site.kind != "system" and is_well_known(reader, path, data)):
        return
    code, foreign = [], []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        if line.startswith(("import ", "import\t")):
            code.append(f"line {number} runs code")
        elif line.strip() and not line.startswith("#") and _is_foreign(site, line.strip()):
            # Never the line itself: the file may be a link to one of secrets.
            foreign.append(f"line {number} leads elsewhere")
    if code:
        yield Finding("path-file-code", path, tuple(code), venv)
    if foreign:
        yield Finding("path-file-foreign", path, tuple(foreign), venv)


def _is_foreign(site: SiteFolder, line: str) -> bool:
    folder = os.path.normpath(os.path.join(site.path, line))
    return folder != site.path and not folder.startswith(site.path + "/")
