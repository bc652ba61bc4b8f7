# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials of an environment on a host; the same environment gives the same bill, its serial number included."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common import cyclonedx
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json

ROOT = "environment"
_RUNS = re.compile(r"[-_.]+")


class Content(NamedTuple):
    """What an environment consists of.

    Attributes:
        venv: Its stable path.
        release: The name of its release; '' for an ordinary one.
        bundle: Id of the bundle; '' for an ordinary one.
        lock: Digest of the lock; '' where nobody knows it.
        interpreter: ``path``, ``version``, ``target`` and ``sha256``, as far as they are known.
        packages: Name, version and SHA-256 of the wheel per package; '' where nobody knows it.
        built_at: When it was built, ISO 8601 in UTC; '' where nobody knows it.
    """

    venv: str
    release: str
    bundle: str
    lock: str
    interpreter: Mapping[str, str]
    packages: Sequence[Sequence[str]]
    built_at: str


def bill_of(content: Content) -> dict[str, Any]:
    """Return the bill: a component per package and one for the interpreter, all of which the environment depends on."""
    python = content.interpreter
    more = [("path", python.get("path", "")), ("target", python.get("target", ""))]
    found = [cyclonedx.package(_normalized(name), version, sha256) for name, version, sha256 in content.packages]
    found.append(cyclonedx.interpreter(python.get("version", ""), python.get("sha256", ""), more))
    components = list({component["bom-ref"]: component for component in found}.values())
    bill = cyclonedx.bill(_about(content), components)
    if content.built_at:
        bill["metadata"]["timestamp"] = content.built_at
    # What is not named here has dependencies that nobody said; a host does not evaluate markers.
    bill["dependencies"] = [{"ref": ROOT, "dependsOn": [component["bom-ref"] for component in components]}]
    return {**bill, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, canonical_json(bill).decode())}"}


def _about(content: Content) -> dict[str, Any]:
    more = [("bundle", content.bundle), ("lock", content.lock)]
    return {
        "type": "application",
        "bom-ref": ROOT,
        "name": content.venv,
        "version": content.release,
        "properties": cyclonedx.properties(more),
    }


def _normalized(name: str) -> str:
    """Return the name as registries know it (PEP 503)."""
    return _RUNS.sub("-", name).lower()
