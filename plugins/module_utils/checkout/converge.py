# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pyenv as it is asked for: the plan, and its application under the lock."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.checkout.git import missing_git
from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARCHIVE, GIT, Asked
from ansible_collections.netdevops.python.plugins.module_utils.checkout.places import Places
from ansible_collections.netdevops.python.plugins.module_utils.checkout.plan import Drawn, draw
from ansible_collections.netdevops.python.plugins.module_utils.checkout.proof import BUILD, PYENV, missing_shell
from ansible_collections.netdevops.python.plugins.module_utils.checkout.state import look
from ansible_collections.netdevops.python.plugins.module_utils.checkout.work import (
    Bench,
    check_archive,
    install,
    uninstall,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.owner import find_owner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import host_environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked


class Edges(NamedTuple):
    """What touches the world outside.

    Attributes:
        run: Runs git and pyenv.
        environ: The environment of this process.
    """

    run: Runner = run_process
    environ: Mapping[str, str] = os.environ


HERE = Edges()


def ensure(asked: Asked, check_mode: bool, edges: Edges = HERE) -> dict[str, Any]:
    """Make the pyenv what ``asked`` says, or only tell what that would take; return the module's result.

    Raises:
        Refused: when it cannot be done; what was there before is then there still.
    """
    started = time.monotonic()
    places = Places(asked.root)
    try:
        bench = Bench(
            asked, places, find_owner(asked.owner, asked.group), edges.run, host_environment(edges.environ)["PATH"]
        )
        drawn, kept = _prepared(bench), ""
        if asked.ask and not check_mode and _needs(asked, drawn):
            return {"changed": False, **_needs(asked, drawn)}
        if drawn.plan.changed and not check_mode:
            drawn, kept = _apply(bench)
        return {**_result(asked, places, drawn, kept), "seconds": round(time.monotonic() - started, 1)}
    except OSError as error:
        subject, reason = str(error.filename or asked.root), error.strerror or error
        next_step = "Free space, or correct the permissions; then run it again."
        raise Refused([Problem(subject, f"{reason}.", next_step)]) from error


def _prepared(bench: Bench) -> Drawn:
    """Return the plan, and refuse what would stop it later."""
    drawn = draw(bench.asked, bench.places, bench.owner)
    if drawn.plan.changed:
        _check_writable(bench.places.root)
    if drawn.build:
        problems = missing_shell(bench.path) + (missing_git(bench.path) if bench.asked.kind == GIT else [])
        refuse_all(problems)
        if bench.asked.kind == ARCHIVE and bench.asked.path:
            check_archive(bench.asked)
        elif bench.asked.kind == ARCHIVE and not bench.asked.ask:
            refuse(
                bench.asked.place,
                "did not come to this host.",
                "Run the task as netdevops.python.pyenv_checkout, or set remote_src.",
            )
    return drawn


def _check_writable(root: str) -> None:
    there = root
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        refuse(there, "expected a folder, found something else.", "Choose another root, or move it away.")
    if not os.access(there, os.W_OK | os.X_OK):
        refuse(there, "cannot be written by the user that the task runs as.", "Use become, or choose another root.")


def _needs(asked: Asked, drawn: Drawn) -> dict[str, Any]:
    """Return what has to be delivered first."""
    if asked.kind == ARCHIVE and drawn.build and not asked.path:
        return {"needs": {"archive": os.path.basename(asked.place)}}
    return {}


def _apply(bench: Bench) -> tuple[Drawn, str]:
    places = bench.places
    with declared_modes():
        os.makedirs(os.path.dirname(places.lock), mode=0o755, exist_ok=True)
        with locked(places.lock, bench.asked.timeout):
            # Whoever held the lock may have done it meanwhile.
            drawn = draw(bench.asked, places, bench.owner)
            if not drawn.plan.changed:
                return drawn, ""
            if bench.asked.digest:
                return drawn, install(bench, drawn)
            uninstall(places, drawn)
            return drawn, ""


def _result(asked: Asked, places: Places, drawn: Drawn, kept: str) -> dict[str, Any]:
    plan, present = drawn.plan, bool(asked.digest)
    return {
        "changed": plan.changed,
        "root": asked.root,
        "checkout": asked.checkout if present else "",
        "previous": drawn.found.current,
        "version": look(places).version if present else "",
        "origin": asked.origin if present else {},
        "executable": os.path.join(asked.root, PYENV) if present else "",
        "python_build": os.path.join(asked.root, BUILD) if present else "",
        "before": plan.before,
        "after": plan.after if plan.changed else plan.before,
        "actions": plan.summary(),
        "diff": plan.diff(f"pyenv in {asked.root}"),
        "kept": kept,
        **_needs(asked, drawn),
    }
