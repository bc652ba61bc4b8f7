# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report: which there are, what is in them, and what has to be written."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import Fleet

# By format, the file where the report has no name of its own, and the ending where it has one.
FILES = {"html": ("index.html", ".html"), "json": ("audit.json", ".json"), "junit": ("audit.xml", ".xml")}
FORMATS = tuple(FILES)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def render(fleet: Fleet, formats: Sequence[str], name: str) -> dict[str, bytes]:
    """Return the content of each file by its name.

    Args:
        fleet: What they are about.
        formats: Which are wanted, of ``FORMATS``.
        name: What files are called, so that reports of one folder are apart; '' for the names of ``FILES``.

    Raises:
        Refused: when the name cannot be that of a file.
    """
    if name and not _NAME.fullmatch(name):
        refuse(
            "name",
            f"expected letters, digits, dots and hyphens, found {name}.",
            "Name it after the slice or the site, for example.",
        )
    writers = _writers()
    return {file_name(form, name): writers[form](fleet) for form in FORMATS if form in formats}


def plan(folder: str, files: Mapping[str, bytes], mode: str, found: Mapping[str, Any]) -> Plan:
    """Return which files have to be written.

    Args:
        folder: Where they lie.
        files: Their content by name.
        mode: Their permissions, as in 0644.
        found: By name, what the module ``stat`` says of it.

    Raises:
        Refused: when something other than a file is in the place of one.
    """
    for name in files:
        if found[name].get("exists") and not found[name].get("isreg"):
            refuse(
                os.path.join(folder, name),
                "expected a file, found something else.",
                "Move it away, or name another folder.",
            )
    before = {name: _seen(found[name]) for name in files}
    after = {name: f"{_digest(data)}, mode {mode}" for name, data in files.items()}
    stale = [name for name in files if before[name] != after[name]]
    actions = [
        Action("write", os.path.join(folder, name), "is lacking" if before[name] == "" else "differs") for name in stale
    ]
    return Plan(before, after, tuple(actions))


def _writers() -> dict[str, Callable[[Fleet], bytes]]:
    # Imported here: a report in one format does not need what the others do.
    from ansible_collections.netdevops.python.plugins.plugin_utils.report.junit import render_junit
    from ansible_collections.netdevops.python.plugins.plugin_utils.report.page import render_page
    from ansible_collections.netdevops.python.plugins.plugin_utils.report.plain import render_json

    return {"html": render_page, "json": render_json, "junit": render_junit}


def file_name(form: str, name: str) -> str:
    """Return what the file of a format is called in a report with this name, or with ''."""
    usual, ending = FILES[form]
    return name + ending if name else usual


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _seen(stat: Mapping[str, Any]) -> str:
    if not stat.get("exists"):
        return ""
    return f"{stat.get('checksum', 'no file')}, mode {stat.get('mode', '')}"
