# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a checkout of pyenv, and pointing a root at it. Killed at any moment, the root has the old one or the new one."""

from __future__ import annotations

import io
import os
import time
from typing import BinaryIO, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.checkout.contents import contents
from ansible_collections.netdevops.python.plugins.module_utils.checkout.git import Repository, fetch
from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARCHIVE, Asked
from ansible_collections.netdevops.python.plugins.module_utils.checkout.places import (
    CURRENT,
    GONE,
    KEPT,
    NEW,
    PARTS,
    Places,
    current_target,
    part_target,
)
from ansible_collections.netdevops.python.plugins.module_utils.checkout.plan import Drawn, has_part
from ansible_collections.netdevops.python.plugins.module_utils.checkout.proof import prove
from ansible_collections.netdevops.python.plugins.module_utils.checkout.receipt import Receipt, write_receipt
from ansible_collections.netdevops.python.plugins.module_utils.checkout.unpack import PROGRAM_MODE, read_archive, unpack
from ansible_collections.netdevops.python.plugins.module_utils.common.files import rename_exchange, sync_folder
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import remove
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import settle


class Bench(NamedTuple):
    """What the work needs.

    Attributes:
        asked: What is asked.
        places: Where.
        owner: User and group id that get the files.
        run: Runs git and the new pyenv.
        path: ``PATH`` of those programs.
    """

    asked: Asked
    places: Places
    owner: tuple[int, int]
    run: Runner
    path: str


def check_archive(asked: Asked) -> None:
    """Check that the archive is here, and is the one that is asked for.

    Raises:
        Refused: when it is not.
    """
    read_archive(asked.path, asked.digest, asked.place)


def install(bench: Bench, drawn: Drawn) -> str:
    """Apply a plan for ``state: present``; return where somebody's own files are kept, '' when there were none.

    Raises:
        Refused: when the archive or the commit is not what it should be, or does not work.
        OSError: when the host cannot hold it.
    """
    os.makedirs(bench.places.checkouts, mode=0o755, exist_ok=True)
    for name in drawn.found.leftovers:
        remove(bench.places.checkout(name))
    if drawn.build:
        _make(bench)
    kept = _switch(bench, drawn)
    for name in drawn.surplus:
        _discard(bench.places, name)
    return kept


def uninstall(places: Places, drawn: Drawn) -> None:
    """Apply a plan for ``state: absent``.

    Raises:
        OSError: when something cannot be removed.
    """
    for action in drawn.plan.actions:
        if action.verb == "unlink":
            os.unlink(action.subject)
    if os.path.isdir(places.checkouts):
        remove(places.checkouts)


def _make(bench: Bench) -> None:
    name, places = bench.asked.checkout, bench.places
    new = places.checkout(f"{NEW}{name}")
    work = places.checkout(f"{NEW}{name}-work")
    os.mkdir(work, 0o700)
    try:
        with _tar(bench, work) as stream:
            unpack(stream, new, bench.asked.place)
        version = prove(bench.run, new, bench.path, bench.asked.timeout)
        write_receipt(new, Receipt(version, bench.asked.origin, _now(), contents(new)))
        # Last: from here on its owner may change what is in it.
        settle(new, bench.owner, PROGRAM_MODE)
        _publish(places, new, name)
    finally:
        for path in (work, new):
            if os.path.lexists(path):
                remove(path)


def _tar(bench: Bench, work: str) -> BinaryIO:
    asked = bench.asked
    if asked.kind == ARCHIVE:
        return io.BytesIO(read_archive(asked.path, asked.digest, asked.place))
    return open(fetch(bench.run, Repository(asked.place, work, bench.path, asked.timeout), asked.digest), "rb")


def _publish(places: Places, new: str, name: str) -> None:
    """Give the new checkout its name; one that was damaged goes away in the same step."""
    checkout = places.checkout(name)
    if os.path.lexists(checkout) and not rename_exchange(new, checkout):
        os.rename(checkout, places.checkout(f"{GONE}{name}"))
    if os.path.lexists(checkout):  # they changed places
        os.rename(new, places.checkout(f"{GONE}{name}"))
    else:
        os.rename(new, checkout)
    sync_folder(places.checkouts)
    if os.path.lexists(places.checkout(f"{GONE}{name}")):
        remove(places.checkout(f"{GONE}{name}"))


def _discard(places: Places, name: str) -> None:
    os.rename(places.checkout(name), places.checkout(f"{GONE}{name}"))
    remove(places.checkout(f"{GONE}{name}"))


def _switch(bench: Bench, drawn: Drawn) -> str:
    """Make the links; the one to the checkout first, so that none of the others ever points to nothing."""
    places, checkout, foreign = bench.places, bench.asked.checkout, drawn.found.foreign
    kept = places.part(KEPT + time.strftime("%Y%m%dT%H%M%S")) if foreign else ""
    if kept:
        os.mkdir(kept, 0o755)
    targets = {CURRENT: current_target(checkout)}
    targets.update({part: part_target(part) for part in PARTS if has_part(places, checkout, part)})
    for name, target in targets.items():
        _link(bench, name, target, os.path.join(kept, name) if name in foreign else "")
    for name in foreign:
        if name not in targets:
            os.rename(places.part(name), os.path.join(kept, name))
    for part in drawn.found.parts:
        if part not in targets:
            os.unlink(places.part(part))
    sync_folder(places.root)
    return kept


def _link(bench: Bench, name: str, target: str, kept: str) -> None:
    path = bench.places.part(name)
    if os.path.islink(path) and os.readlink(path) == target:
        return
    new = kept or bench.places.checkout(f"{NEW}link")
    os.symlink(target, new)
    os.lchown(new, *bench.owner)
    if kept and os.path.lexists(path):
        if rename_exchange(kept, path):
            return
        os.unlink(kept)
        os.rename(path, kept)
        os.symlink(target, path)
        os.lchown(path, *bench.owner)
        return
    os.replace(new, path)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
