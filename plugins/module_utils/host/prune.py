# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of ``wheelhouse_prune``: releases first, then the interpreters that nothing stands on any more."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES
from ansible_collections.netdevops.python.plugins.module_utils.host.clearance import asked_of, clear, told
from ansible_collections.netdevops.python.plugins.module_utils.host.history import PRUNE, History, Record, recorded

if TYPE_CHECKING:
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.collect import Collected, Noted


def prune(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Remove what nothing needs, and return the module's result; it holds ``problems`` where a part of the work failed.

    Raises:
        Refused: when nothing can be done.
    """
    asked = asked_of(params)
    try:
        outcome = clear(asked, check_mode)
        result = told(outcome)
        problems = list(outcome.problems)
        if params.get("interpreter_root"):
            try:
                gone = result["pruned"] if check_mode else []
                # Wherever releases are looked for: what stands on an interpreter can be anywhere.
                known = sorted(os.path.dirname(venv) for venv in (*asked.leave, asked.venv) if venv)
                search = tuple(dict.fromkeys((*PLACES, *asked.search, *known)))
                records: list[Record] = []
                noted = _noted(asked.history, records)
                _add(result, _interpreters(params, search, gone, check_mode, noted), params["interpreter_root"])
                for record in records:
                    result = record.told(result)
            except Refused as refused:
                problems += refused.problems
    except OSError as error:
        refuse(str(error.filename or asked.venv or "search"), f"{error.strerror or error}.", "Use become.")
    return {**result, **(Refused(problems).result() if problems else {})}


def _interpreters(
    params: Mapping[str, Any], search: Sequence[str], gone: Sequence[str], check_mode: bool, noted: Noted
) -> Collected:
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.collect import collect  # few runs need it

    keep = [version for version in params.get("keep_interpreters") or () if version]
    return collect(params["interpreter_root"], keep, search, gone, check_mode, noted)


def _noted(place: History, records: list[Record]) -> Noted:
    """Return what writes down that an interpreter goes, under its folder."""

    @contextlib.contextmanager
    def noted(folder: str) -> Iterator[Record]:
        with contextlib.ExitStack() as stack:
            records.append(stack.enter_context(recorded(place, PRUNE, folder, {}, {})))
            yield records[-1]

    return noted


def _add(result: dict[str, Any], collected: Collected, root: str) -> None:
    """Add to the result what was done about interpreters."""
    steps = [
        ("prune", os.path.join(root, "versions", version), "nothing stands on it") for version in collected.versions
    ]
    steps += [("sweep", path, "left by a killed removal") for path in collected.swept]
    result["interpreters"] = list(collected.versions)
    result["actions"] += [dict(zip(("verb", "subject", "reason"), step)) for step in steps]
    result["changed"] = bool(result["actions"])
    result["freed_bytes"] += collected.freed
    if collected.stays:
        result["warnings"] = [*result.get("warnings", []), *collected.stays]
