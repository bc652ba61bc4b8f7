# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs a task, for the history of its host: what the controller knows of itself, and nothing secret."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from typing import Any

# AWX hands them to each job as extra variables; before it had that name, they began with tower_.
OF_THE_JOB = ("job_id", "user_name", "project_revision", "job_template_name")
PREFIXES = ("awx_", "tower_")
MOST_TEXT = 200


def who(variables: Mapping[str, Any], login: str | None) -> dict[str, str]:
    """Return who runs a task.

    Args:
        variables: The variables of the task.
        login: The user that the connection logs in as; empty where that is the controller's own.
    """
    said: dict[str, str | None] = {"login": login, "controller_user": _controller_user()}
    for name in OF_THE_JOB:
        said[f"{PREFIXES[0]}{name}"] = next((found for p in PREFIXES if (found := _text(variables.get(p + name)))), "")
    return {key: _text(value) for key, value in said.items() if _text(value)}


def _text(value: Any) -> str:
    """Return a plain value as text. One that is a template, or holds others, is nobody's name."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    return "" if "{{" in text or "{%" in text else text.strip()[:MOST_TEXT]


def _controller_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # A container whose user has no account.
        return f"user id {os.geteuid()}"
