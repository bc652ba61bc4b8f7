# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A glance at a project's environment: is it all that is asked? Nothing is started for it, and Poetry least of all."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import IGNORE_FILE, RELEASES_SUFFIX
from ansible_collections.netdevops.python.plugins.module_utils.host.glance import glance as glance_at
from ansible_collections.netdevops.python.plugins.module_utils.poetry.options import Asked, parse_asked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.owner import as_owner
from ansible_collections.netdevops.python.plugins.module_utils.poetry.project import Project, read_project

SECONDS = 60
# What the results of releases say of bundles, which this environment has none of.
_OF_BUNDLES = ("bundle_id", "target", "delivered")
# Why a release is built, in words for what the source of a project is.
_SOURCE, _LOCK = "another source", "another lock or selection"


def glance(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the result of ``poetry_venv`` for an environment of which certainly nothing is to be done.

    Returns:
        The result; None where something may be to be done, or refused: who does it, or refuses it, looks for himself.
    """
    try:
        asked = parse_asked(params)
        found: dict[str, Any] | None = as_owner(asked.owner, functools.partial(_look, asked), SECONDS, asked.project)
    except (Refused, OSError):
        return None
    return found


def _look(asked: Asked) -> dict[str, Any] | None:
    if not asked.sync:  # What was added by hand is to be told, and that takes more than a glance.
        return None
    project = read_project(asked.project)
    python, source = asked.python or project.placed(asked.interpreter_root), source_of(asked, project)
    found = glance_at(wanted(asked, python), source)
    if not os.path.lexists(f"{asked.venv}{RELEASES_SUFFIX}/{IGNORE_FILE}"):
        return None
    return told(found, python) if found else None


def source_of(asked: Asked, project: Project) -> str:
    """Return what a receipt is to name as that which the environment is made from."""
    return project.source(asked.selection.as_dict(), asked.sync)


def wanted(asked: Asked, python: str) -> dict[str, Any]:
    """Return the parameters of the environment as those of releases have them; ``python`` is its interpreter."""
    return {**asked.environment, "venv": asked.venv, "python": python}


def told(result: Mapping[str, Any], python: str) -> dict[str, Any]:
    """Return the result of a release as that of a project's environment."""
    plain = {key: value for key, value in result.items() if key not in _OF_BUNDLES}
    steps = [{**step, "reason": step["reason"].replace(_SOURCE, _LOCK)} for step in result["actions"]]
    return {**plain, "actions": steps, "python": python}
