# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``pylock.toml`` (PEP 751) of a bundle: the lock's markers, and only files that lie beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build.project import normalized
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import MAIN
from ansible_collections.netdevops.python.plugins.module_utils.build.toml_text import toml_pairs
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import WHEELS_FOLDER, Manifest, Wheel

FILE = "pylock.toml"


def pylock_text(manifest: Manifest, lock: Any) -> str:
    """Return the lock of the bundle.

    Args:
        manifest: What the bundle holds.
        lock: The ``packaging.pylock.Pylock`` that it was compiled from.
    """
    head = {
        "lock-version": "1.0",
        "created-by": "netdevops.python",
        **({"requires-python": f"=={manifest.pin}"} if manifest.pin else {}),
        "extras": list(manifest.extras),
        "dependency-groups": list(manifest.groups),
        "default-groups": list(manifest.groups),
    }
    lines = toml_pairs(head)
    for package in _packages(manifest, lock):
        lines += ["", "[[packages]]", *toml_pairs(package)]
    return "\n".join(lines) + "\n"


def _packages(manifest: Manifest, lock: Any) -> list[dict[str, Any]]:
    held: dict[tuple[str, str], dict[str, Wheel]] = {}
    for wheels in manifest.targets.values():
        for wheel in wheels:
            held.setdefault((wheel.name, wheel.version), {})[wheel.file] = wheel
    markers = {(package.name, str(package.version)): package.marker for package in lock.packages}
    return [_package(key, files, markers.get(key)) for key, files in sorted(held.items())]


def _package(key: tuple[str, str], files: Mapping[str, Wheel], marker: Any) -> dict[str, Any]:
    name, version = key
    return {
        "name": normalized(name),
        "version": version,
        "marker": str(marker) if marker else f'"{MAIN}" in dependency_groups',
        "wheels": [_file(wheel) for _name, wheel in sorted(files.items())],
    }


def _file(wheel: Wheel) -> dict[str, Any]:
    # pip follows a `url` to the network even with --no-index: there is only a path.
    return {"path": f"{WHEELS_FOLDER}/{wheel.file}", "size": wheel.size, "hashes": {"sha256": wheel.sha256}}
