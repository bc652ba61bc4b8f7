# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials of a bundle; without a time or a serial number, so that it is the same each time."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.cyclonedx import bill, interpreter, package
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Carried, Manifest, Wheel

FILE = "sbom.cdx.json"


def sbom_text(manifest: Manifest) -> str:
    """Return the bill of materials: a component per wheel and interpreter, with its digest and the targets that get it."""
    project = manifest.project
    about = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "bundle"}
    plain = bill(about, _components(manifest) + _platforms(manifest))
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _components(manifest: Manifest) -> list[dict[str, Any]]:
    targets: dict[Wheel, list[str]] = {}
    for target in sorted(manifest.targets):
        for wheel in manifest.targets[target]:
            targets.setdefault(wheel, []).append(target)
    return [_component(wheel, targets[wheel]) for wheel in sorted(targets)]


def _platforms(manifest: Manifest) -> list[dict[str, Any]]:
    found = sorted(set(manifest.interpreters.values()))
    return [_platform(manifest, carried) for carried in found]


def _platform(manifest: Manifest, carried: Carried) -> dict[str, Any]:
    targets = sorted(name for name, one in manifest.interpreters.items() if one == carried)
    more = [("file", carried.file), *(("target", target) for target in targets)]
    return interpreter(manifest.pin, carried.sha256, more, carried.file)


def _component(wheel: Wheel, targets: list[str]) -> dict[str, Any]:
    more = [
        ("file", wheel.file),
        *(("group", group) for group in wheel.groups),
        *(("target", target) for target in targets),
        *((f"origin:{key}", value) for key, value in wheel.origin),
    ]
    return package(wheel.name, wheel.version, wheel.sha256, more, wheel.file)
