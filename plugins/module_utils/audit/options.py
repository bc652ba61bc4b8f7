# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an audit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.baseline import Approved, parse_baseline
from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import Lifetime, parse_lifetimes
from ansible_collections.netdevops.python.plugins.module_utils.audit.indexes import approved_hosts
from ansible_collections.netdevops.python.plugins.module_utils.audit.suppressions import Suppression, parse_suppressions
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES

ENTRIES = {"type": "list", "elements": "dict", "default": []}
WORDS = {"type": "list", "elements": "str"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "search": {"type": "list", "elements": "path", "default": list(PLACES)},
    "roots": {"type": "list", "elements": "path", "default": ["/opt/pyenv"]},
    "verify": {"type": "str", "choices": ["stat", "content"], "default": "content"},
    "baseline": {**ENTRIES, "options": {"venv": {"type": "str", "default": "*"}, "versions": WORDS, "bundles": WORDS}},
    "end_of_life": {"type": "dict", "default": {}},
    "eol_warning_days": {"type": "int", "default": 180},
    "distribution": {"type": "bool", "default": False},
    "approved_indexes": {**WORDS, "default": []},
    "suppressions": {
        **ENTRIES,
        "options": {
            "code": {"type": "str", "required": True},
            "subject": {"type": "str", "required": True},
            "evidence": WORDS,
            "host": {"type": "str"},
            "reason": {"type": "str", "required": True},
            "until": {"type": "str", "required": True},
        },
    },
    "host": {"type": "str", "default": ""},
}


class Options(NamedTuple):
    """The options of an audit, parsed.

    Attributes:
        search: Where environments are looked for.
        roots: The folders that hold ``versions/``.
        verify: ``stat`` or ``content``.
        baseline: What is approved.
        lifetimes: The end of life by feature version.
        warning_days: How long before it is told.
        distribution: Whether the distribution's own interpreters have an end of life as well.
        approved: Hosts of approved indexes, some with a port.
        suppressions: What is known of and all right.
        host: What suppressions call this host.
    """

    search: tuple[str, ...]
    roots: tuple[str, ...]
    verify: str
    baseline: tuple[Approved, ...]
    lifetimes: Mapping[str, Lifetime]
    warning_days: int
    distribution: bool
    approved: tuple[str, ...]
    suppressions: tuple[Suppression, ...]
    host: str


def parse_options(params: Mapping[str, Any]) -> Options:
    """Return the options that a module's parameters say.

    Raises:
        Refused: naming everything that is wrong with them, so that a bad suppression never suppresses quietly.
    """
    params = {**params, **{name: _lines(params[name]) for name in ("search", "roots", "approved_indexes")}}
    problems = _path_problems(params)
    parsed = {}
    readers: dict[str, Callable[[Any], Any]] = {
        "baseline": parse_baseline,
        "suppressions": parse_suppressions,
        "end_of_life": parse_lifetimes,
        "approved_indexes": approved_hosts,
    }
    for name, read in readers.items():
        try:
            parsed[name] = read(params[name])
        except Refused as refused:
            problems += refused.problems
    refuse_all(problems)
    return Options(
        search=tuple(os.path.normpath(path) for path in params["search"]),
        roots=tuple(os.path.normpath(path) for path in params["roots"]),
        verify=params["verify"],
        baseline=parsed["baseline"],
        lifetimes=parsed["end_of_life"],
        warning_days=params["eol_warning_days"],
        distribution=params["distribution"],
        approved=parsed["approved_indexes"],
        suppressions=parsed["suppressions"],
        host=params["host"] or "",
    )


def _lines(values: Sequence[str]) -> list[str]:
    """Return the lines of all values: a text of several lines, as AWX's surveys have it, arrives as one value."""
    return [line for value in values for line in re.split(r"\s*[\r\n]+\s*", value.strip())]


def _path_problems(params: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(name, f"expected absolute paths on the host, found {path!r}.", "Write the whole path.")
        for name in ("search", "roots")
        for path in params[name]
        if not os.path.isabs(path)
    ]
