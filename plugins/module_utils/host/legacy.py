# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ordinary virtual environment that a release takes the place of: what is in it, where it is kept, and when it may go."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.day import is_over, today
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import KEPT_RECORD, Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.kept import (
    Kept,
    is_there,
    kept_folders,
    recorded,
    told,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options

if TYPE_CHECKING:
    from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Use

# A process is started a moment before it is seen, and clocks are read one after the other.
SLACK = 2

_SEPARATORS = re.compile(r"[-_.]+")
_LIBRARIES = ("lib", "lib64")
_MOST_BYTES = 16384  # Name and version stand among the first lines; a description can be long.


class Legacy(NamedTuple):
    """What is kept beside an environment.

    Attributes:
        kept: The folders that are there, the oldest first.
        until: The day from which on they may go; '' for never.
        due: Paths of those that go in this run.
        spared: For each that is due and stays, a sentence that says why.
    """

    kept: tuple[Kept, ...] = ()
    until: str = ""
    due: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()

    def actions(self) -> tuple[Action, ...]:
        """Return the steps that remove what is due."""
        return tuple(Action("remove", folder, f"kept until {self.until}") for folder in self.due)

    def result(self) -> dict[str, str]:
        """Return what a result says of the folders that stay; nothing where there are none."""
        return told([one.folder for one in self.kept if one.folder not in self.due], self.until)


def packages_of(folder: str) -> dict[str, str]:
    """Return name and version of each package in an ordinary virtual environment, as its metadata says.

    Names are normalized as in a bundle (PEP 503). Of a package that is there twice, the folder that sorts last counts.
    """
    found = {}
    for site in _site_folders(folder):
        for entry in sorted(os.listdir(site)):
            name, version = _identity(os.path.join(site, entry))
            if name:
                found[_SEPARATORS.sub("-", name).lower()] = version
    return dict(sorted(found.items()))


def sees_system(folder: str) -> bool:
    """Whether an ordinary virtual environment also imports the packages of the interpreter that it was made from."""
    text = _text(os.path.join(folder, "pyvenv.cfg"))
    pairs = (line.partition("=") for line in text.lower().splitlines())
    return any(key.strip() == "include-system-site-packages" and value.strip() == "true" for key, _is, value in pairs)


def look_at_kept(options: Options) -> Legacy:
    """Return what is kept beside an environment, and what of it is to go now; writes nothing."""
    kept = kept_folders(options.environment)
    until = options.legacy_until
    if not kept or not is_over(until):
        return Legacy(kept, until)
    reasons = _reasons(options.environment, kept)
    spared = tuple(f"{folder} was kept until {until} and stays: {why}." for folder, why in reasons.items() if why)
    return Legacy(kept, until, tuple(one.folder for one in kept if not reasons[one.folder]), spared)


def _reasons(environment: Environment, kept: Sequence[Kept]) -> dict[str, str]:
    """Return why each kept folder must stay; '' where it need not.

    A program of pure Python names the stable path alone, in its command line. One that started before the folder made
    room is of that folder, and loads from it what it has opened.
    """
    from ansible_collections.netdevops.python.plugins.module_utils.host import usage
    from ansible_collections.netdevops.python.plugins.module_utils.host.mounts import mounted_in

    users = usage.find_users([*(one.folder for one in kept), environment.venv])
    programs = [
        (use, usage.started_at(use.pid)) for use in users.pop(environment.venv, []) if _is_program(environment, use)
    ]
    reasons = {}
    for one in kept:
        before = [use for use, start in programs if start and start - SLACK <= one.moved_at()]
        mounted = mounted_in(one.folder)
        used = usage.explain(users[one.folder])
        older = f"{usage.explain(before)}, which started before it made room" if before else ""
        why = used or older
        reasons[one.folder] = f"{mounted} is mounted in it" if mounted else f"it is {why}" if why else ""
    return reasons


def _is_program(environment: Environment, use: Use) -> bool:
    """Whether a process was started through the link, as retention sees it."""
    from ansible_collections.netdevops.python.plugins.module_utils.host.usage import COMMAND_LINE, SEARCH_PATH

    program = f"/{os.path.basename(environment.venv)}/bin/"
    return use.what == SEARCH_PATH or (use.what == COMMAND_LINE and program in use.detail)


def due(options: Options) -> tuple[str, ...]:
    """Return the kept folders that may go: recorded, past their day, and used by no process."""
    return look_at_kept(options).due


def record_kept(environment: Environment, folder: str) -> None:
    """Record that what stands at the environment's path is about to be kept at ``folder``.

    This comes before it is moved, so that a run that is killed leaves no folder that nobody knows of. It is the inode that
    says whether the move took place. Links that earlier runs were about to exchange for it are removed.
    """
    known = recorded(environment)
    for one in known:
        if _leads_to_release(environment, one.folder):
            os.unlink(one.folder)
    venv = environment.venv
    new = Kept(folder, today(), len(packages_of(venv)), os.stat(venv).st_ino)
    _write(environment, [*(one for one in known if is_there(one)), new])


def remove_due(options: Options, fresh: str = "") -> None:
    """Remove the kept folders that are due, but for the one that this very run has kept at ``fresh``.

    The caller holds the lock. One that is removed by half, when a run is killed, is still known.
    """
    from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import remove

    folders = [folder for folder in due(options) if folder != fresh]
    for folder in folders:
        remove(folder)
    if folders:
        _write(options.environment, kept_folders(options.environment))


def _leads_to_release(environment: Environment, path: str) -> bool:
    releases = os.path.basename(environment.releases)
    return os.path.islink(path) and os.path.dirname(os.readlink(path)) == releases


def _write(environment: Environment, kept: Sequence[Kept]) -> None:
    path = environment.release(KEPT_RECORD)
    if kept:
        data = json.dumps([one._asdict() for one in kept], indent=1, sort_keys=True).encode() + b"\n"
        write_atomic(path, data, owner=owner_of(environment.releases))
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _site_folders(folder: str) -> Iterator[str]:
    """Yield each folder of packages once: ``lib64`` mostly is a link to ``lib``."""
    seen = set()
    for library in (os.path.join(folder, name) for name in _LIBRARIES):
        for name in sorted(os.listdir(library)) if os.path.isdir(library) else ():
            site = os.path.join(library, name, "site-packages")
            real = os.path.realpath(site)
            if os.path.isdir(site) and real not in seen:
                seen.add(real)
                yield site


def _identity(path: str) -> tuple[str, str]:
    """Return name and version of the package whose metadata ``path`` is; ('', '') where it is none."""
    stem, kind = os.path.splitext(os.path.basename(path))
    if kind == ".egg-link":  # of `setup.py develop`: its first line says where the package is
        return _developed(_text(path).partition("\n")[0]) or (stem, "")
    metadata = {".dist-info": "METADATA", ".egg-info": "PKG-INFO", ".egg": "EGG-INFO/PKG-INFO"}.get(kind)
    if metadata is None or stem.startswith("~"):  # pip names so what it is about to remove
        return "", ""
    name, version = _headers(_text(os.path.join(path, metadata) if os.path.isdir(path) else path))
    guess = stem.split("-")
    return name or guess[0], version or "".join(guess[1:2])


def _developed(folder: str) -> tuple[str, str] | None:
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return next((_identity(os.path.join(folder, name)) for name in names if name.endswith(".egg-info")), None)


def _headers(text: str) -> tuple[str, str]:
    """Return the name and the version that core metadata begins with."""
    pairs = [line.partition(":") for line in text.partition("\n\n")[0].splitlines()]
    found = {key.lower(): value.strip() for key, _colon, value in reversed(pairs)}
    return found.get("name", ""), found.get("version", "")


def _text(path: str) -> str:
    """Return the beginning of a file; '' of what is none, or cannot be read."""
    try:
        read = read_regular(path, _MOST_BYTES)
    except OSError:
        return ""
    return read[0].decode("utf-8", "replace") if read else ""
