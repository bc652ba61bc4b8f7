# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a project says of itself in its ``pyproject.toml``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.toml_file import parse_toml, read_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

PYPROJECT = "pyproject.toml"


class Project(NamedTuple):
    """What the build needs to know of a project.

    Attributes:
        file: Its pyproject.toml.
        name: Its normalized name, or '' when it has none.
        version: Its version, or '' when it is computed at build time or absent.
        requires_python: The range of interpreters that it allows, or ''.
        groups: All dependency groups that it declares, normalized.
        optional: Those of them that are wanted only by name.
        extras: Its extras, normalized.
        is_package: Whether it has a wheel of its own (Poetry's package mode).
        sources: Name to URL of the indexes that it declares.
    """

    file: str
    name: str
    version: str
    requires_python: str
    groups: frozenset[str]
    optional: frozenset[str]
    extras: frozenset[str]
    is_package: bool
    sources: Mapping[str, str]


def normalized(name: str) -> str:
    """Return ``name`` as PEP 503 and PEP 685 compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_project(folder: str) -> Project:
    """Return what the pyproject.toml in ``folder`` says.

    Raises:
        Refused: when it is missing, unreadable or of a form that Poetry does not know.
    """
    path = os.path.join(folder, PYPROJECT)
    data = parse_toml(read_bytes(path, "Name the folder of a Poetry project in `project`."), path)
    try:
        return _project(path, data)
    except (AttributeError, TypeError, KeyError) as error:
        refuse(path, f"has a table of the wrong kind: {error}.", "Run: poetry check.")


def _project(path: str, data: Mapping[str, Any]) -> Project:
    standard = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {})
    tables = poetry.get("group", {})
    extras = {**standard.get("optional-dependencies", {}), **poetry.get("extras", {})}
    return Project(
        file=path,
        name=normalized(standard.get("name") or poetry.get("name") or ""),
        version=str(standard.get("version") or poetry.get("version") or ""),
        requires_python=standard.get("requires-python") or _poetry_python(poetry),
        groups=frozenset(normalized(name) for name in {**data.get("dependency-groups", {}), **tables}),
        optional=frozenset(normalized(name) for name, table in tables.items() if table.get("optional")),
        extras=frozenset(normalized(name) for name in extras),
        is_package=bool(poetry.get("package-mode", True)),
        sources={source["name"]: source["url"] for source in poetry.get("source", []) if "url" in source},
    )


def _poetry_python(poetry: Mapping[str, Any]) -> str:
    python = poetry.get("dependencies", {}).get("python", "")
    return str(python["version"] if isinstance(python, dict) else python)
