# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs at the start of a Python before any program: ``.pth`` files, ``sitecustomize``, ``usercustomize`` (module site)."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import SiteFolder, library_folders

# Files that setuptools and virtualenv put into every environment that they are in, by what they hold: under the same
# name with other content, each is a finding.
HARMLESS = frozenset(
    (
        # The older and the newer distutils-precedence.pth of setuptools.
        "7ea7ffef3fe2a117ee12c68ed6553617f0d7fd2f0590257c25c484959a3b7373",
        "2638ce9e2500e572a5e0de7faed6661eb569d1b696fcba07b0dd223da5f5d224",
        # The _virtualenv.pth of virtualenv.
        "69ac3d8f27e679c81b94ab30b3b56e9cd138219b1ba94a1fa3606d5a76a1433d",
    )
)
MODULE = re.compile(r"(sitecustomize|usercustomize)(\.py|\.pyc|\.[A-Za-z0-9_-]*\.?so)?")

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
    """Return the standard libraries below a prefix: a ``sitecustomize`` there is found before any other."""
    return [SiteFolder(folder, kind, prefix) for folder in library_folders(reader, prefix)]


def _in_folder(reader: Reader, site: SiteFolder) -> Iterator[Finding]:
    venv = site.prefix if site.kind == "environment" else ""
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
    if data is None or hashlib.sha256(data).hexdigest() in HARMLESS:
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
