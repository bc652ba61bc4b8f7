# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bill of materials (CycloneDX 1.6, ECMA-424) of a bundle; without a time or a serial number, so that it is the same each time."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Carried, Manifest, Wheel

FILE = "sbom.cdx.json"


def sbom_text(manifest: Manifest) -> str:
    """Return the bill of materials: a component per wheel and interpreter, with its digest and the targets that get it."""
    project = manifest.project
    about = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "bundle"}
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {key: value for key, value in about.items() if value}},
        "components": _components(manifest) + _platforms(manifest),
    }
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"


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
    properties = [("file", carried.file), *(("target", target) for target in targets)]
    return _described("platform", "generic", "cpython", manifest.pin, carried.file, carried.sha256, properties)


def _component(wheel: Wheel, targets: list[str]) -> dict[str, Any]:
    properties = [
        ("file", wheel.file),
        *(("group", group) for group in wheel.groups),
        *(("target", target) for target in targets),
    ]
    properties += [(f"origin:{key}", value) for key, value in wheel.origin]
    return _described("library", "pypi", wheel.name, wheel.version, wheel.file, wheel.sha256, properties)


def _described(
    kind: str, registry: str, name: str, version: str, file: str, sha256: str, properties: list[tuple[str, str]]
) -> dict[str, Any]:
    purl = f"pkg:{registry}/{name}@{quote(version, safe='')}?file_name={quote(file, safe='')}"
    return {
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
        "properties": [{"name": f"netdevops.python:{key}", "value": value} for key, value in properties],
    }
