# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreters that the environments of a host stand on, and what else would stop to work without each of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.search import read_config
from ansible_collections.netdevops.python.plugins.module_utils.host.census import KEPT, ORDINARY, Standing
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import dependents

MOST_DEPENDENTS = 20
VERSIONS = "versions"


def interpreters_of(standings: Sequence[Standing], found: Sequence[str], proc: str) -> list[dict[str, Any]]:
    """Return the interpreters that ``standings`` stand on, sorted by the folder of their program.

    Of a version of pyenv, running processes and the global pin are dependents too. What else of a host runs with its own
    Python is not told.

    Args:
        standings: The environments that are told of.
        found: Further environments and releases, which may stand on the same interpreters.
        proc: Where the kernel tells of processes; '' to leave them out.
    """
    asked = {path for standing in standings for path in _folders(standing)}
    configs = {path: read_config(path) for path in sorted(asked.union(found))}
    homes: dict[str, list[str]] = {}
    for path, config in configs.items():
        if config.get("home"):
            homes.setdefault(os.path.realpath(config["home"]), []).append(path)
    return [_told(paths, configs, proc) for _home, paths in sorted(homes.items()) if asked.intersection(paths)]


def _folders(standing: Standing) -> list[str]:
    if standing.kind in (ORDINARY, KEPT):
        return [standing.path]
    environment = Environment(standing.path)
    return [environment.release(name) for name in standing.releases]


def _told(paths: Sequence[str], configs: Mapping[str, Mapping[str, str]], proc: str) -> dict[str, Any]:
    first = configs[paths[0]]
    version = first.get("version") or first.get("version_info") or ""
    standing = [dependents.Environment(path, configs[path]["home"]) for path in paths]
    found = [one for one in _dependents(first["home"], standing, proc) if not _is_here(one)]
    return {
        "home": first["home"],
        "version": ".".join(version.split(".")[:3]),
        "ok": os.path.exists(os.path.join(first["home"], "python3")),
        "dependents": {"count": len(found), "some": [one._asdict() for one in found[:MOST_DEPENDENTS]]},
    }


def _is_here(one: dependents.Dependent) -> bool:
    return one.kind == "process" and os.path.basename(one.path) == str(os.getpid())


def _dependents(home: str, environments: Sequence[dependents.Environment], proc: str) -> Iterable[dependents.Dependent]:
    folder = os.path.dirname(os.path.normpath(home))
    if os.path.basename(os.path.dirname(folder)) == VERSIONS:
        return dependents.dependents_of(folder, environments, proc)
    return sorted(dependents.named(one) for one in environments)
