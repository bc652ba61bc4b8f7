# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages in the user site of an account (PEP 370), and environments that look beyond themselves (PEP 405)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import SiteFolder, contents_of
from ansible_collections.netdevops.python.plugins.module_utils.common.search import CONFIG, parse_config

KEY = "include-system-site-packages"


def check_user_sites(reader: Reader, sites: Sequence[SiteFolder]) -> Iterator[Finding]:
    """Yield a finding for each user site that something is in."""
    for site in sites:
        found = contents_of(reader, site.path)
        if found:
            yield Finding("user-site-packages", site.path, tuple(found))


def check_isolation(reader: Reader, venv: str) -> Iterator[Finding]:
    """Yield a finding where an environment sees the packages of its interpreter, and so also user sites."""
    if read_config(reader, venv).get(KEY, "").lower() == "true":
        yield Finding("system-site-packages", f"{venv}/{CONFIG}", (f"{KEY} = true",), venv)


def read_config(reader: Reader, venv: str) -> dict[str, str]:
    """Return what the ``pyvenv.cfg`` of an environment says, with names in lower case; nothing where there is none."""
    return parse_config(reader.text(f"{venv}/{CONFIG}") or "")
