# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a ``pyproject.toml`` decides what is installed, found without a parser of TOML: hosts have none before Python 3.11."""

from __future__ import annotations

import re

# A text within one line, or a comment (TOML 1.0). Brackets and # in a text mean nothing.
_TEXT = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|#.*""")
_MANY_LINES = ('"""', "'''")
# Tools that check or format, run tests or write notes. Any other table may decide, such as that of a build backend or a plugin
# of Poetry, and so may what stands before the first.
_OTHER_TOOLS = (
    *(
        "bandit",
        "basedpyright",
        "black",
        "codespell",
        "commitizen",
        "coverage",
        "deptry",
        "flake8",
        "interrogate",
        "isort",
    ),
    *("mypy", "nox", "poe", "pydocstyle", "pylint", "pyright", "pytest", "ruff", "taskipy", "towncrier", "tox", "ty"),
    *("vulture", "yapf"),
)
_OTHER_TOOL = re.compile(rf"\[\[?\s*tool\s*\.\s*(?:{'|'.join(_OTHER_TOOLS)})\s*[.\]].*")
_OPEN, _CLOSED = "[{", "]}"


def deciding(text: str) -> str:
    """Return the lines of a ``pyproject.toml`` that may decide, without comments; all of it where that is not certain."""
    if any(mark in text for mark in _MANY_LINES):
        return text
    kept: list[str] = []
    depth, is_kept = 0, True
    for line in text.splitlines():
        bare = _TEXT.sub("", line).strip()
        if '"' in bare or "'" in bare:  # A text that does not end on its line.
            return text
        if depth == 0 and bare.startswith("["):
            is_kept = not _OTHER_TOOL.fullmatch(line.strip())
        depth += sum(bare.count(mark) for mark in _OPEN) - sum(bare.count(mark) for mark in _CLOSED)
        if is_kept and line.strip() and not line.lstrip().startswith("#"):
            kept.append(line.rstrip())
    return text if depth else "\n".join(kept)
