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
# Keys whose value names a file or a folder, or that a folder is named after.
_MENTION = re.compile(
    r"""(?<![\w.-])(name|include|from|path|reference|script|build)["']?[ \t]*=[ \t]*(?:"([^"\\\n]+)"|'([^'\n]+)')"""
)


def deciding(text: str) -> str:
    """Return the lines of a ``pyproject.toml`` that may decide, without comments.

    Where that is not certain it is all of it, and a text of several lines makes it uncertain.
    """
    if any(mark in text for mark in _MANY_LINES):
        return text
    kept: list[str] = []
    depth, is_kept = 0, True
    for line in text.split("\n"):  # TOML knows no other end of a line; splitlines() does.
        bare = _TEXT.sub("", line).strip()
        if '"' in bare or "'" in bare:  # A text that does not end on its line.
            return text
        if depth == 0 and bare.startswith("["):
            is_kept = not _OTHER_TOOL.fullmatch(line.strip())
        depth += sum(bare.count(mark) for mark in _OPEN) - sum(bare.count(mark) for mark in _CLOSED)
        said = _TEXT.sub(_without_comment, line).rstrip()
        if is_kept and said.strip():
            kept.append(said)
    return text if depth else "\n".join(kept)


def mentioned(text: str) -> dict[str, list[str]]:
    """Return what a ``pyproject.toml`` says for each key that may name a file or a folder of the project.

    Some of it names none, since tables are not told apart.
    """
    found: dict[str, list[str]] = {}
    for key, one, other in _MENTION.findall(text):
        found.setdefault(key, []).append(one or other)
    return found


def _without_comment(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else found[0]
