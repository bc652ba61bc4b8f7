# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that build sdists, pinned by hash: pip itself never checks the hash of a build dependency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.build.index import File, project_files
from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_file import Pinned, parse_requirements
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import (
    Choice,
    environment,
    supported_tags,
)
from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Opener, Unavailable
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter


def build_tools(opener: Opener, index: str, text: str, subject: str, python: Interpreter) -> list[Choice]:
    """Return the wheels that ``text`` pins for building with ``python``, as ``index`` names them.

    Args:
        opener: Fetches the index pages.
        index: The simple index, with a final slash.
        text: A requirements file with hashes.
        subject: Its path, as messages name it.
        python: The interpreter that builds.

    Raises:
        Refused: with all lines that are wrong, or all tools for which the index has no pinned wheel.
    """
    where = environment(python.target, python.version)
    pinned = [
        found
        for found in parse_requirements(text, subject)
        if found.marker is None or found.marker.evaluate({**where, "extra": ""})
    ]
    best_first = _packaging.tags.create_compatible_tags_selector(supported_tags(python.target))
    outcomes = [_tool(opener, index, found, f"{subject}, line {found.line}", best_first) for found in pinned]
    refuse_all([outcome for outcome in outcomes if isinstance(outcome, Problem)])
    return [outcome for outcome in outcomes if isinstance(outcome, Choice)]


def _tool(opener: Opener, index: str, pinned: Pinned, subject: str, best_first: Any) -> Choice | Problem:
    try:
        page = project_files(opener, index, pinned.name)
    except Unavailable as error:
        return Problem(subject, f"{error}.", "See that the build box reaches the index.")
    for file in best_first(_wheels(page, pinned)):
        return Choice(pinned.name, pinned.version, file, page[file].sha256, index, ())
    return Problem(
        subject,
        f"the index has no wheel of {pinned.name} {pinned.version} with one of its hashes.",
        "Pin one that it has.",
    )


def _wheels(page: Mapping[str, File], pinned: Pinned) -> Sequence[tuple[str, Any]]:
    found = []
    for name, file in page.items():
        if name.endswith(".whl") and file.sha256 in pinned.sha256:
            found.append((name, _packaging.utils.parse_wheel_filename(name)[3]))
    return found
