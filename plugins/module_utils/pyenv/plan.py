# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do, drawn from what is there and what is asked; nothing here writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.search import RELEASES
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import is_lent
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.build import Job
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.dependents import find_dependents
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.edges import Edges
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.origin import choose_origin
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pins import Pin, wrong_pins
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.placing import Parcel
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prune import out_of_sight, strays, unused_versions
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import core_files
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.shims import find_pyenv, missing_shims
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import Found, describe, inspect
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Parked, Tree

LEFT = "left by an interrupted run"
# Each is told twice in a result, and AWX loses one of more than 700 kB.
MOST = 50


class Drawn(NamedTuple):
    """A plan, and what it is carried out with.

    Attributes:
        plan: What is there, what will be, and the steps between.
        found: What is there of the version.
        origin: The build or the archive that it is installed from, or None.
        pins: The pins that are written.
        unused: The other versions that are removed.
        strays: What a killed removal of another version left.
        pyenv: The pyenv that makes the shims again, or ''.
        warnings: What was planned and not done, and why; and what was planned without seeing everything.
    """

    plan: Plan
    found: Found
    origin: Job | Parcel | None = None
    pins: tuple[Pin, ...] = ()
    unused: tuple[str, ...] = ()
    strays: tuple[Parked, ...] = ()
    pyenv: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def writes_root(self) -> bool:
        """Whether anything below the root changes, and not a project's pin alone."""
        return any(
            action.subject not in [pin.path for pin in self.pins if pin.name == "local"] for action in self.plan.actions
        )


def draw(wanted: Wanted, tree: Tree, edges: Edges) -> Drawn:
    """Return what a run would do; writes nothing.

    Raises:
        Refused: when it could not be done.
    """
    trees.check_root(tree.root, must_write=False)
    found = inspect(edges.run, tree, wanted)
    origin = None
    if wanted.state == "absent":
        _refuse_under_others(wanted, tree, found)
        actions = _removal(tree, found)
    else:
        _refuse_foreign(wanted, tree, found)
        origin = _origin(wanted, tree, found, edges)
        actions = _installation(tree, found, origin) if origin else _care(tree, found)
    drawn = _with_company(wanted, tree, found, origin, (*actions, *_sweeping(found)))
    if drawn.writes_root:
        trees.check_root(tree.root, must_write=True)
    return drawn


def _with_company(
    wanted: Wanted, tree: Tree, found: Found, origin: Job | Parcel | None, actions: tuple[Action, ...]
) -> Drawn:
    """Return the plan with pins, other versions and shims added to what happens to the version itself."""
    pins = wrong_pins(wanted)
    unreadable: list[str] = []
    unused, left = (unused_versions(wanted, (), unreadable), strays(wanted)) if wanted.prune else ((), ())
    actions += tuple(Action("pin", pin.path, f"from {pin.before or 'nothing'} to {wanted.version}") for pin in pins)
    comes_or_goes = bool(origin or unused or (wanted.state == "absent" and found.state != "absent"))
    missing = missing_shims(tree.root) if wanted.rehash else []
    pyenv = find_pyenv(wanted) if wanted.rehash and (comes_or_goes or missing) else ""
    if pyenv:
        reason = f"{len(missing)} shims are missing" if missing else "the versions change"
        actions += (Action("rehash", os.path.join(tree.root, "shims"), reason),)
    actions += tuple(Action("remove", Tree(tree.root, one).folder, "nothing stands on it") for one in unused)
    actions += tuple(Action("remove", one.path, LEFT) for one in left)
    before: dict[str, Any] = {**describe(tree, found), **{pin.name: pin.before for pin in pins}}
    after: dict[str, Any] = {
        **describe(tree, Found(wanted.state)),
        **{pin.name: wanted.version for pin in pins},
    }
    if unused:
        before["unused"], after["unused"] = list(unused), []
    if left:
        before["leftovers"] = [*found.leftovers, *(one.path for one in left)]
    unseen = out_of_sight(unreadable) if unused else ""
    warnings = (f"{', '.join(unused)} may be needed all the same: this user does not see {unseen}.",) if unseen else ()
    return Drawn(Plan(before, after, actions), found, origin, pins, unused, left, pyenv, warnings)


def spare(drawn: Drawn, tree: Tree, removed: Sequence[str], stays: Mapping[str, str]) -> Drawn:
    """Return the plan as it was carried out.

    Args:
        drawn: What was planned.
        tree: The version that was asked for.
        removed: The other versions, and the paths of strays, that were removed; nothing else of them was.
        stays: The other versions that are still there, and why.
    """
    folders = {Tree(tree.root, version).folder: version for version in drawn.unused}
    named = {**folders, **{one.path: one.path for one in drawn.strays}}
    actions = tuple(one for one in drawn.plan.actions if named.get(one.subject) in (None, *removed))
    left = [one.path for one in drawn.strays if one.path not in removed and os.path.lexists(one.path)]
    after = {"unused": list(stays)} if drawn.unused else {}
    after.update({"leftovers": left} if left else {})
    return drawn._replace(
        plan=drawn.plan._replace(after={**drawn.plan.after, **after}, actions=actions),
        unused=tuple(version for version in drawn.unused if version in removed),
        warnings=(
            *drawn.warnings,
            *(f"{Tree(tree.root, one).folder} is not removed: {why}." for one, why in stays.items()),
        ),
    )


def _origin(wanted: Wanted, tree: Tree, found: Found, edges: Edges) -> Job | Parcel | None:
    """Return what the interpreter is to be installed from; None when it is there, or only needs some care."""
    if found.state not in ("absent", "broken") and not found.stale:
        return None
    if found.stale:
        _refuse_under_others(wanted, tree, found)
    if found.state != "absent":
        _refuse_own_ground(tree)
    try:
        return choose_origin(wanted, tree, edges)
    except Refused as refused:
        # Where there is nothing to install it from, say first why the interpreter that is there does not do.
        if not found.reason:
            raise
        why = Problem(tree.folder, f"is there and is not accepted: {found.reason}.", "It has to be installed again.")
        raise Refused([why, *refused.problems]) from None


def _refuse_foreign(wanted: Wanted, tree: Tree, found: Found) -> None:
    """Refuse an interpreter of somebody else's, unless it is to be adopted and can be."""
    if found.state != "foreign":
        return
    if not wanted.adopt:
        step = "Set `adopt: true` to take it over as it is, or remove it first."
        refuse(tree.folder, "works and has no receipt: this module did not install it.", step)
    if found.stale:
        step = "Leave these options out, or remove it first."
        refuse(tree.folder, f"cannot be adopted: it {found.stale}.", step)
    if not core_files(tree.folder, tree.version):
        step = "Install it again: remove it first."
        refuse(tree.folder, "cannot be adopted: it has no program of the name that CPython's own install gives.", step)
    if is_lent(tree):
        real = os.path.realpath(tree.folder)
        refuse(tree.folder, f"is a link to {real}, which belongs to another user.", "Adopt it there.")


def _refuse_under_others(wanted: Wanted, tree: Tree, found: Found) -> None:
    """Refuse to take an interpreter away from what stands on it, and from Ansible in any case."""
    if found.state == "absent":
        return
    _refuse_own_ground(tree)
    others = [] if wanted.force else find_dependents(tree.folder, (*wanted.search, tree.root))
    standing = [one for one in others if not _goes(one.path, wanted.going)]
    step = "Move it to another interpreter or remove it first, or set `force: true`."
    problems = [Problem(one.path, f"stands on {tree.folder}: {one.detail}.", step) for one in standing]
    if len(problems) > MOST:
        more = f"carries {len(problems) - MOST} more than the {MOST} that are listed here."
        problems[MOST:] = [Problem(tree.folder, more, step)]
    refuse_all(problems)


def _goes(path: str, going: Sequence[str]) -> bool:
    """Return whether ``path`` is one of ``going``, or a release of one."""
    return path in going or os.path.dirname(path) in [one + RELEASES for one in going]


def _refuse_own_ground(tree: Tree) -> None:
    # Taken away under a running process, its own standard library is gone in the middle of the work.
    if os.path.realpath(sys.base_prefix) == os.path.realpath(tree.folder):
        refuse(
            tree.folder,
            "is the interpreter that Ansible itself runs with on this host.",
            "Set ansible_python_interpreter to another one, such as /usr/bin/python3.",
        )


def _removal(tree: Tree, found: Found) -> tuple[Action, ...]:
    folder = [Action("remove", tree.folder, found.reason)] if found.state != "absent" else []
    work = [Action("remove", tree.work, LEFT)] if found.unfinished else []
    return (*folder, *work)


def _sweeping(found: Found) -> tuple[Action, ...]:
    return tuple(Action("remove", path, LEFT) for path in found.leftovers)


def _care(tree: Tree, found: Found) -> tuple[Action, ...]:
    adopt = (Action("adopt", tree.folder, found.reason),) if found.state == "foreign" else ()
    return (*found.repairs, *adopt)


def _installation(tree: Tree, found: Found, origin: Job | Parcel) -> tuple[Action, ...]:
    aside = (Action("set aside", tree.folder, found.reason),) if found.state != "absent" else ()
    if isinstance(origin, Parcel):
        return (*aside, Action("unpack", tree.folder, f"from archive {origin.prebuilt.description.file}"))
    instead = f"; no archive fits: {origin.instead}" if origin.instead else ""
    return (*aside, Action("build", tree.folder, f"from {origin.source.kind} {origin.source.place}{instead}"))
