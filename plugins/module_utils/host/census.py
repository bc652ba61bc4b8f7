# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environments of a host: what stands where, in one walk, reading receipts and nothing else. It writes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.search import (
    CONFIG,
    PLACES,
    Finds,
    find,
    home_of,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    RELEASES_SUFFIX,
    Environment,
    is_release_name,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.kept import kept_folders
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, read_receipt

MANAGED, DANGLING, ELSEWHERE, ORPHANED = "managed", "dangling", "elsewhere", "orphaned"
ORDINARY, KEPT, UNREADABLE = "ordinary", "kept", "unreadable"
MOST_NAMES = 5

_KEPT = re.compile(r"(.+)\.kept-[0-9]{8}T[0-9]{6}[^/]*")


class Standing(NamedTuple):
    """One environment, or what is left of one.

    Attributes:
        path: Its stable path; of a kept folder, the folder.
        kind: ``managed`` (a link to a release with a receipt), ``dangling`` (a link to a release that is gone or has no
            receipt that can be believed), ``elsewhere`` (a link to something that is none of the releases beside it),
            ``orphaned`` (releases with no link, one of which has a receipt that can be believed), ``ordinary`` (a virtual
            environment that is no release), ``kept`` (one that a release took the place of, as the record beside that
            release says) or ``unreadable`` (this user may not see what it is).
        release: Name of the release that its link names; '' without one.
        receipt: Of that release; never None where it is ``managed``, always None elsewhere.
        releases: Names of all releases beside it, those with a receipt of any kind, the newest first.
        detail: What is to be said of it in one sentence; '' of a managed one.
        home: The ``bin`` folder of the interpreter that an ordinary or a kept one was made from; '' elsewhere.
        broken: Those of ``releases`` whose receipt cannot be believed.
        leftovers: Names of what interrupted runs left among the releases, or what runs are at work on just now.
        strangers: Names of what lies among the releases of an orphaned one and is none of ours.
    """

    path: str
    kind: str
    release: str = ""
    receipt: Receipt | None = None
    releases: tuple[str, ...] = ()
    detail: str = ""
    home: str = ""
    broken: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()


def census(search: Sequence[str] = PLACES, unreadable: list[str] | None = None) -> list[Standing]:
    """Return every environment in the folders ``search``, sorted by path.

    Args:
        search: Where to look. Other machines' file systems and the disks of containers are left out where they are
            below one of these, and not where they are named.
        unreadable: Gets the folders that this user may not look into.
    """
    finds = find(search)
    if unreadable is not None:
        unreadable.extend(sorted(set(finds.unreadable)))
    return take(finds)


def take(finds: Finds) -> list[Standing]:
    """Return every environment that a walk came across, sorted by path."""
    stable = {path[: -len(RELEASES_SUFFIX)] for path in finds.releases} | set(finds.links)
    ours = {path: standing for path in stable for standing in [_told(_of_ours, path)] if standing}
    others = {
        path: standing
        for path in finds.environments
        if not _belongs(path, ours)
        for standing in [_told(_of_others, path)]
        if standing
    }
    return sorted({**others, **ours}.values())


def _told(look: Callable[[str], Standing | None], path: str) -> Standing | None:
    """Return what ``look`` says of a path; what nobody thought of makes one environment unreadable, and loses no other."""
    try:
        return look(path)
    except Exception as error:  # noqa: BLE001 - what it is decides nothing
        return Standing(path, UNREADABLE, detail=f"cannot be told: {type(error).__name__}")


def standing_at(venv: str) -> Standing | None:
    """Return what stands at one stable path; None for nothing that has to do with environments."""
    standing = _of_ours(venv)
    if standing:
        return standing
    try:
        os.stat(os.path.join(venv, CONFIG))
    except PermissionError:
        return Standing(venv, UNREADABLE, detail="may not be looked into")
    except OSError:
        return None
    return _of_others(venv)


def _belongs(path: str, ours: dict[str, Standing]) -> bool:
    """Whether an environment is a release of one of ours."""
    folder = os.path.dirname(path)
    return folder.endswith(RELEASES_SUFFIX) and folder[: -len(RELEASES_SUFFIX)] in ours


def _of_others(path: str) -> Standing:
    place = _taken_place(path)
    if place:
        return Standing(path, KEPT, detail=f"a release took its place at {place}", home=home_of(path))
    return Standing(path, ORDINARY, detail="a virtual environment that is no release", home=home_of(path))


def _taken_place(path: str) -> str:
    """Return the managed environment that a folder is kept beside; '' for any other.

    A name alone says nothing: anybody may choose it, and nobody looks at what counts as kept.
    """
    named = _KEPT.fullmatch(path)
    if not named:
        return ""
    environment = Environment(named.group(1))
    name = _linked(environment)
    is_managed = name and read_receipt(environment.release(name))
    is_recorded = is_managed and any(one.folder == path for one in kept_folders(environment))
    return environment.venv if is_recorded else ""


def _of_ours(path: str) -> Standing | None:
    """Return what has a link of ours or releases of ours; None where there is neither."""
    environment = Environment(path)
    name = _linked(environment)
    try:
        names = tuple(environment.names())
        leftovers = tuple(one for one in environment.leftovers() if _may_enter(environment.release(one)))
    except PermissionError:
        # Others than its owner may not see what it is; a folder of that name alone says nothing.
        reason = f"{environment.releases} may not be looked into"
        return Standing(path, UNREADABLE, name, detail=reason) if name else None
    broken = tuple(one for one in names if read_receipt(environment.release(one)) is None)
    # Others name folders so as well, and have locks and receipts of their own. One that can be believed says whose it is.
    if not name and not any(is_release_name(one) for one in names if one not in broken):
        return None
    kind, detail, receipt = _judge(environment, name, names)
    home = home_of(path) if kind == ORDINARY else ""
    strangers = tuple(environment.strangers()) if kind == ORPHANED else ()
    if strangers:
        detail = f"{detail}; {environment.releases} also holds {_some(strangers)}, which is none of ours"
    return Standing(path, kind, name, receipt, names, detail, home, broken, leftovers, strangers)


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _may_enter(folder: str) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _linked(environment: Environment) -> str:
    """Return the name of the release that the link names; '' where there is no link of ours."""
    try:
        target = os.readlink(environment.venv)
    except OSError:
        return ""
    name = os.path.basename(target)
    return name if name and target == environment.link_target(name) else ""


def _judge(environment: Environment, name: str, names: Sequence[str]) -> tuple[str, str, Receipt | None]:
    """Return kind, detail and receipt."""
    if name:
        return _behind(environment, name)
    venv, beside = environment.venv, _count(names)
    if os.path.islink(venv):
        return ELSEWHERE, f"a link to {os.readlink(venv)}, which is none of its releases", None
    if os.path.exists(os.path.join(venv, CONFIG)):
        return ORDINARY, f"a virtual environment that is no release, beside {beside}", None
    if os.path.lexists(venv):
        return ORPHANED, f"something that is no environment stands there, beside {beside}", None
    return ORPHANED, f"{beside}, and no link to one", None


def _behind(environment: Environment, name: str) -> tuple[str, str, Receipt | None]:
    folder = environment.release(name)
    receipt = read_receipt(folder)
    if receipt:
        return MANAGED, "", receipt
    if not os.path.lexists(folder):
        return DANGLING, f"its release {name} is gone", None
    if not _may_enter(folder):
        return UNREADABLE, f"its release {name} may not be looked into", None
    return DANGLING, f"its release {name} has no receipt that can be believed", None


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} release{'' if len(names) == 1 else 's'}"
