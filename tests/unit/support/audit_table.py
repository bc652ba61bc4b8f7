# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of codes in docs/audit.md, as the catalogue has it; started as a program, it writes the table anew."""

from __future__ import annotations

import pathlib

from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import CATALOGUE, SEVERITIES

PAGE = pathlib.Path(__file__).absolute().parents[3] / "docs/audit.md"
BEGIN, END = "<!-- codes: from the catalogue -->\n", "<!-- end of codes -->\n"


def table() -> str:
    """Return the table, the gravest first."""
    rows = sorted(CATALOGUE.items(), key=lambda item: (-SEVERITIES.index(item[1].severity), item[0]))
    lines = ["| code | severity | what is wrong | what it means | what to do | rule |", "|---|---|---|---|---|---|"]
    lines += [f"| `{code}` | {e.severity} | {e.title} | {e.means} | {e.remedy} | {e.source} |" for code, e in rows]
    return "\n".join(lines) + "\n"


def page_with(text: str) -> str:
    """Return the page with the table of today."""
    before, _begin, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + table() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
