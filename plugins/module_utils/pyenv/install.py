# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter as it is asked for: the plan, and its application under the lock."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes, sync_file_system
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import settle
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.build import Job, rebuild, sweep
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.configured import words_of
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.edges import HERE, Edges
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import leased
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pins import write_pin
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.placing import Parcel, place
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.plan import Drawn, draw, spare
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prune import remove_versions, sweep_strays
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import (
    Origin,
    new_receipt,
    read_receipt,
    write_receipt,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.shims import rehash
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree


def ensure(wanted: Wanted, check_mode: bool, edges: Edges = HERE) -> dict[str, Any]:
    """Make the interpreter what ``wanted`` says, or only tell what that would take; return the module's result.

    Raises:
        Refused: when it cannot be done; what was there before is then there again.
    """
    started = time.monotonic()
    tree = Tree(wanted.root, wanted.version)
    try:
        drawn = draw(wanted, tree, edges)
        if drawn.plan.changed and not check_mode and not _needs(wanted, drawn):
            drawn = _apply(wanted, tree, edges, drawn)
    except OSError as error:
        subject = str(error.filename or wanted.root)
        step = "Free space, or correct the permissions; then run it again."
        raise Refused([Problem(subject, f"{error.strerror or error}.", step)]) from error
    needs = {} if check_mode else _needs(wanted, drawn)
    result = _result(wanted, tree, drawn, time.monotonic() - started)
    return {**result, "changed": False, "needs": needs} if needs else result


def _needs(wanted: Wanted, drawn: Drawn) -> dict[str, str]:
    """Return what has to be done first by the one who asks: deliver an archive, or have it built."""
    if not wanted.ask:
        return {}
    if isinstance(drawn.origin, Job):
        return {"build": drawn.origin.tree.work}
    if isinstance(drawn.origin, Parcel) and not drawn.origin.prebuilt.path:
        return {"archive": drawn.origin.prebuilt.description.file}
    return {}


def _apply(wanted: Wanted, tree: Tree, edges: Edges, drawn: Drawn) -> Drawn:
    with declared_modes():
        if drawn.writes_root:
            return _apply_locked(wanted, tree, edges)
        return _finish(wanted, tree, drawn, edges)


def _apply_locked(wanted: Wanted, tree: Tree, edges: Edges) -> Drawn:
    trees.prepare(tree)
    # A lease, where one is asked for, ends the waiting and the build when nobody asks about them any more.
    with leased(tree.lock, wanted.lease) as still_wanted, locked(tree.lock, wanted.timeout, still_wanted) as lock:
        # Whoever held the lock may have installed it meanwhile: what counts is what is there now.
        drawn = draw(wanted, tree, edges)
        if drawn.plan.changed and not _needs(wanted, drawn):
            _change(wanted, tree, drawn, edges, edges.tether(lock, still_wanted))
            drawn = _finish(wanted, tree, drawn, edges)
    return drawn


def _change(wanted: Wanted, tree: Tree, drawn: Drawn, edges: Edges, build_run: Runner) -> None:
    """Do to the version itself what is planned; ``build_run`` runs what dies with this process."""
    found = drawn.found
    if isinstance(drawn.origin, Job):
        rebuild(drawn.origin, found.unfinished, build_run, edges.run, edges.open_url, edges.environ)
    elif isinstance(drawn.origin, Parcel):
        _refuse_undelivered(drawn.origin)
        place(drawn.origin, found.unfinished, edges.run)
    elif wanted.state == "absent":
        trees.discard(tree)
        trees.end_work(tree)
    else:
        _take_care(wanted, tree, drawn)
    sweep(tree)


def _take_care(wanted: Wanted, tree: Tree, drawn: Drawn) -> None:
    found = drawn.found
    if found.repairs:
        settle(tree.folder, wanted.owner, wanted.mode)
    if found.state == "foreign" and found.said:
        sync_file_system(tree.folder)
        words = words_of(found.said.config_args)
        write_receipt(tree.folder, new_receipt(tree.folder, found.said, Origin("adopted"), words, (), wanted.modules))
    if tree.work in found.leftovers:
        trees.end_work(tree)


def _refuse_undelivered(parcel: Parcel) -> None:
    if not parcel.prebuilt.path:
        refuse(
            parcel.prebuilt.description.file,
            "is on the controller, and was not delivered.",
            "Let the action plugin of this module run.",
        )


def _finish(wanted: Wanted, tree: Tree, drawn: Drawn, edges: Edges) -> Drawn:
    """Do what does not concern the version itself: pins, shims, other versions; return what was done of the plan."""
    for pin in drawn.pins:
        write_pin(pin, wanted.version)
    if drawn.pyenv:
        rehash(drawn.pyenv, tree.root, edges.run, edges.environ)
    if not drawn.unused and not drawn.strays:
        return drawn
    # Last, so that no pin and no shim leads to what is gone, wherever this run ends.
    removed, stays = remove_versions(wanted, drawn.unused)
    if drawn.pyenv and removed:
        rehash(drawn.pyenv, tree.root, edges.run, edges.environ)
    return spare(drawn, tree, [*removed, *sweep_strays(tree.root, drawn.strays)], stays)


def _result(wanted: Wanted, tree: Tree, drawn: Drawn, seconds: float) -> dict[str, Any]:
    plan = drawn.plan
    result: dict[str, Any] = {
        "changed": plan.changed,
        "version": tree.version,
        "executable": tree.executable if wanted.state == "present" else "",
        "before": plan.before,
        "after": plan.after if plan.changed else plan.before,
        "actions": plan.summary(),
        "diff": plan.diff(f"Python {tree.version} in {tree.root}"),
        "source": _source(wanted, drawn),
        "pruned": list(drawn.unused),
        "seconds": round(seconds, 1),
    }
    if drawn.warnings:
        result["warnings"] = list(drawn.warnings)
    receipt = read_receipt(tree.folder) if wanted.state == "present" else None
    if receipt:
        result["origin"] = {**receipt.origin, "installed_at": receipt.installed_at}
    if drawn.origin:
        result["archive" if isinstance(drawn.origin, Parcel) else "source_archive"] = _archive(drawn.origin)
    return result


def _source(wanted: Wanted, drawn: Drawn) -> str:
    if wanted.state == "absent":
        return ""
    if isinstance(drawn.origin, Job):
        return drawn.origin.source.kind
    if isinstance(drawn.origin, Parcel):
        return "archive"
    return "adopted" if drawn.found.state == "foreign" else "present"


def _archive(origin: Job | Parcel) -> dict[str, str]:
    if isinstance(origin, Parcel):
        said = origin.prebuilt.description
        return {"place": origin.wanted.archive or origin.prebuilt.path, "file": said.file, "sha256": said.sha256}
    source = origin.source
    return {"place": source.place, "file": source.archive.file, "sha256": source.archive.sha256}
