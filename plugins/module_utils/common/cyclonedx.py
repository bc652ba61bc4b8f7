# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a bill of materials: CycloneDX 1.6 as JSON (ECMA-424). It holds no time of its own, so the same content is the same text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

PREFIX = "netdevops.python"


def bill(about: dict[str, Any], components: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a bill of ``components``; ``about`` is the component that they make up."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {key: value for key, value in about.items() if value}},
        "components": list(components),
    }


def package(
    name: str, version: str, sha256: str, more: Iterable[tuple[str, str]] = (), file: str = ""
) -> dict[str, Any]:
    """Return the component of a Python package.

    Args:
        name: Its normalized name (PEP 503).
        version: Its version.
        sha256: The digest of its wheel; '' where nobody knows it.
        more: Further properties.
        file: The file name of its wheel; '' where nobody knows it.
    """
    return _component("library", "pypi", name, version, sha256, more, file)


def interpreter(version: str, sha256: str, more: Iterable[tuple[str, str]] = (), file: str = "") -> dict[str, Any]:
    """Return the component of a CPython; the arguments are those of :func:`package`."""
    return _component("platform", "generic", "cpython", version, sha256, more, file)


def properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return properties under names that are ours."""
    return [{"name": f"{PREFIX}:{key}", "value": value} for key, value in pairs if value]


def _component(
    kind: str, registry: str, name: str, version: str, sha256: str, more: Iterable[tuple[str, str]], file: str
) -> dict[str, Any]:
    purl = f"pkg:{registry}/{quote(name, safe='')}"
    purl += f"@{quote(version, safe='')}" if version else ""
    purl += f"?file_name={quote(file, safe='')}" if file else ""
    plain = {
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": sha256}] if sha256 else [],
        "properties": properties(more),
    }
    return {key: value for key, value in plain.items() if value}
