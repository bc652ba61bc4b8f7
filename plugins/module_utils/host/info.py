# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has by way of environments, and what stands on what; nothing is written, and no interpreter is started."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.legible import legible
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES, Finds, find
from ansible_collections.netdevops.python.plugins.module_utils.host.bounds import bounded
from ansible_collections.netdevops.python.plugins.module_utils.host.census import (
    UNREADABLE,
    Standing,
    standing_at,
    take,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import check_path
from ansible_collections.netdevops.python.plugins.module_utils.host.footing import interpreters_of
from ansible_collections.netdevops.python.plugins.module_utils.host.history import history_of
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.portrait import Wanted, folders_of, portray
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import PROC, Look, Use, look_at_processes


class Asked(NamedTuple):
    """What is asked of one look.

    Attributes:
        venv: The one environment to tell of; '' for all.
        search: Where to look; nowhere else than at ``venv`` where it is empty.
        wanted: What to tell of each.
        processes: Whether to look at processes.
        history: How many of the last entries of the history to tell.
        history_file: Where the history is.
    """

    venv: str
    search: tuple[str, ...]
    wanted: Wanted
    processes: bool
    history: int
    history_file: str


def tell(params: Mapping[str, Any], now: float | None = None, proc: str = PROC) -> dict[str, Any]:
    """Return the result of ``environment_info`` for these parameters of the module.

    Args:
        params: The parameters.
        now: The time, in seconds since the epoch; the clock's where it is None.
        proc: Where the kernel tells of processes.

    Raises:
        Refused: for parameters that make no sense.
    """
    asked = parse(params)
    finds = find(asked.search)
    standings = _standings(asked, finds)
    look = _look(asked, standings, proc)
    now = time.time() if now is None else now
    lost: list[str] = []
    users = look.users if asked.processes else None
    told = {
        "changed": False,
        "environments": [picture for one in standings for picture in _pictures(one, asked.wanted, users, now, lost)],
        "interpreters": interpreters_of(standings, finds.environments, proc if asked.processes else ""),
        "history": read_history(asked.history_file, asked.venv)[-asked.history :] if asked.history else [],
        "unreadable": sorted({*finds.unreadable, *lost}),
        "processes_unseen": look.unseen,
    }
    return bounded(dict(legible(told)))


def _pictures(
    standing: Standing, wanted: Wanted, users: Mapping[str, Sequence[Use]] | None, now: float, lost: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield what is told of an environment: where nobody thought of what is there, that it is unreadable."""
    try:
        yield portray(standing, wanted, users, now)
    except Exception as error:  # noqa: BLE001 - what it is decides nothing
        lost.append(standing.path)
        bare = Standing(standing.path, UNREADABLE, detail=f"cannot be told: {type(error).__name__}")
        with contextlib.suppress(Exception):
            yield portray(bare, wanted, users, now)


def parse(params: Mapping[str, Any]) -> Asked:
    """Return what is asked.

    Raises:
        Refused: naming every option that is wrong.
    """
    venv = check_path(params["venv"]).venv if params.get("venv") else ""
    search = tuple(path for path in params.get("search") or () if path)
    count, file = params.get("history") or 0, params.get("history_file") or ""
    problems = [
        Problem("search", f"expected absolute paths on the host, found {path!r}.", "Write the whole path.")
        for path in search
        if not os.path.isabs(path)
    ]
    if count < 0:
        problems.append(Problem("history", f"expected 0 or more, found {count}.", "Write 0 for none."))
    if file and not os.path.isabs(file):
        problems.append(Problem("history_file", f"expected an absolute path, found {file!r}.", "Write the whole path."))
    refuse_all(problems)
    wanted = Wanted(params["packages"], params["verify"], params["cyclonedx"], params["disk"])
    return Asked(
        venv, search or (() if venv else PLACES), wanted, params["processes"], count, history_of({"history": file}).path
    )


def _standings(asked: Asked, finds: Finds) -> list[Standing]:
    if not asked.venv:
        return take(finds)
    standing = standing_at(asked.venv)
    return [standing] if standing else []


def _look(asked: Asked, standings: Sequence[Standing], proc: str) -> Look:
    """Look at all processes once, for all folders of all environments."""
    if not asked.processes:
        return Look({}, 0)
    return look_at_processes([folder for one in standings for folder in folders_of(one)], proc)
