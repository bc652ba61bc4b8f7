# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the report of a host small enough for a controller with hundreds of them. What is left out is counted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, order, short_lines

MOST_OF_A_CODE = 40
# A result is to stay under 200 kB; the report is not all of it.
MOST_BYTES = 150_000
LISTS = ("environments", "findings", "interpreters")
MOST_NOTES = 40


def listed(findings: Sequence[Finding]) -> tuple[list[Finding], list[str]]:
    """Return the findings with at most so many of a code, and a note for each code of which there are more.

    What counts comes before what is suppressed. One more finding says which ones that count are not listed.
    """
    kept: list[Finding] = []
    notes: list[str] = []
    by_code: dict[str, list[Finding]] = {}
    for one in sorted(findings, key=lambda one: (one.suppressed is not None, *order(one))):
        by_code.setdefault(one.code, []).append(one)
    for code, those in by_code.items():
        kept += those[:MOST_OF_A_CODE]
        rest = those[MOST_OF_A_CODE:]
        open_ones = [one.subject for one in rest if one.suppressed is None]
        if open_ones:
            kept.append(Finding(code, f"{len(open_ones)} more", tuple(open_ones)))
        if rest:
            hidden = len(rest) - len(open_ones)
            notes.append(f"{len(rest)} findings of {code} are counted and not listed, {hidden} of them suppressed")
    return kept, notes


def shortened(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report of at most ``MOST_BYTES`` bytes as JSON.

    Evidence is cut first, then whole entries go, of whichever list is the longest: the least grave findings, and the
    environments of which there is least to say. A note counts what is gone.
    """
    short = dict(report)
    if _size(short) <= MOST_BYTES:
        return short
    short["findings"] = [{**one, "evidence": one["evidence"][:1]} for one in report["findings"]]
    short["notes"] = [*short_lines(report["notes"], MOST_NOTES), "only the first line of each evidence is told"]
    while _size(_with_notes(short, report)) > MOST_BYTES:
        longest = max(LISTS, key=lambda name: _size(short[name]))
        if not short[longest]:
            break
        short[longest] = _part(longest, short[longest])
    return _with_notes(short, report)


def _with_notes(short: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    gone = {name: len(report[name]) - len(short[name]) for name in LISTS}
    notes = [f"{count} {name} more are not listed: the report is too long" for name, count in gone.items() if count]
    return {**short, "notes": [*short["notes"], *notes]}


def _part(name: str, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return three quarters of the entries of a list; none of one."""
    most = len(entries) * 3 // 4
    if name != "environments":
        return list(entries[:most])
    kept = sorted(entries, key=lambda one: (not one["drift"]["count"], one["kind"] == "kept", one["venv"]))[:most]
    return sorted(kept, key=lambda one: one["venv"])


def _size(value: Any) -> int:
    return len(json.dumps(value))
