# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of a host: one pass that writes nothing, starts nothing that it found, and tells what is wrong."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.absent import check_absent, search_notes
from ansible_collections.netdevops.python.plugins.module_utils.audit.baseline import check_baseline
from ansible_collections.netdevops.python.plugins.module_utils.audit.bounds import listed, shortened
from ansible_collections.netdevops.python.plugins.module_utils.audit.commands import check_commands
from ansible_collections.netdevops.python.plugins.module_utils.audit.environments import (
    Examined,
    check_environment,
    examine_environment,
    row,
    unknown,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import Interpreter, check_lifetimes, end_of
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, counts, order, short_path
from ansible_collections.netdevops.python.plugins.module_utils.audit.guard import guarded, judged
from ansible_collections.netdevops.python.plugins.module_utils.audit.homes import find_homes
from ansible_collections.netdevops.python.plugins.module_utils.audit.installed import check_installed
from ansible_collections.netdevops.python.plugins.module_utils.audit.interpreters import find_interpreters
from ansible_collections.netdevops.python.plugins.module_utils.audit.locks import check_lock, check_pin
from ansible_collections.netdevops.python.plugins.module_utils.audit.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.audit.owners import Owners, find_owners
from ansible_collections.netdevops.python.plugins.module_utils.audit.pip_config import (
    check_pip_configuration,
    check_pip_of,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.processes import ancestors, check_processes
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import (
    SYSTEM,
    site_folders,
    system_sites,
    user_sites,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.startup import check_startup, library_sites
from ansible_collections.netdevops.python.plugins.module_utils.audit.suppressions import suppress
from ansible_collections.netdevops.python.plugins.module_utils.audit.system_packages import check_system_packages
from ansible_collections.netdevops.python.plugins.module_utils.audit.user_site import check_isolation, check_user_sites
from ansible_collections.netdevops.python.plugins.module_utils.audit.variables import check_variables
from ansible_collections.netdevops.python.plugins.module_utils.audit.writable import Ground, check_tree, check_writable
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.legible import legible
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.common.search import mounted_elsewhere
from ansible_collections.netdevops.python.plugins.module_utils.host import census
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment

SCHEMA = 1
DATABASES = "the package database"


class Edges(NamedTuple):
    """What an audit needs of its host.

    Attributes:
        run: Runs rpm, where there is one.
        root: Where settings and system Pythons are read; environments are where they are.
        proc: Where the kernel tells of processes.
        now: The time, in UTC; None for the clock's.
    """

    run: Runner = run_process
    root: str = "/"
    proc: str = "/proc"
    now: dt.datetime | None = None


HERE = Edges()


def audit(options: Options, edges: Edges = HERE) -> dict[str, Any]:
    """Return the report on this host, as plain data.

    Args:
        options: What is asked.
        edges: What touches the world outside.
    """
    begun = time.monotonic()
    now = edges.now or dt.datetime.now(dt.timezone.utc)
    seen = look(options, edges)
    rows = [_row(one, now, seen.reader) for one in seen.environments]
    found = _unique([*_findings(options, edges, seen, now.date()), *_unreadable(seen.reader)])
    findings, notes = suppress(found, options.suppressions, options.host, now.date())
    notes += seen.notes
    shown, unlisted = listed(findings)
    notes += search_notes(options.search)
    if not options.lifetimes:
        notes.append("no dates of end of life were given: no interpreter was judged by its age")
    report = {
        "schema": SCHEMA,
        "audited_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": 0.0,
        "environments": rows,
        "interpreters": [_interpreter(one, options) for one in seen.interpreters],
        "findings": [finding.as_dict() for finding in sorted(shown, key=order)],
        "counts": counts(findings),
        "suppressed": sum(finding.suppressed is not None for finding in findings),
        "notes": [*notes, *unlisted],
    }
    return {**shortened(legible(report)), "seconds": round(time.monotonic() - begun, 3)}


class Seen(NamedTuple):
    """What was found on a host before anything is judged.

    Attributes:
        reader: Reads settings and system Pythons.
        disk: Reads environments and interpreters, which are where they are; both remember in one place what they could not.
        owners: The package manager.
        homes: The homes of people.
        environments: All of them.
        interpreters: Those that count.
        notes: What was not looked at.
    """

    reader: Reader
    disk: Reader
    owners: Owners | None
    homes: list[str]
    environments: list[Examined]
    interpreters: list[Interpreter]
    notes: list[str]


def look(options: Options, edges: Edges) -> Seen:
    """Return what there is to judge."""
    reader, disk = Reader(edges.root), Reader()
    disk.unreadable = reader.unreadable
    hidden: list[str] = []
    notes: list[str] = []
    owners = guarded(reader, DATABASES, None, lambda: find_owners(reader, edges.run))
    standings: list[census.Standing] = guarded(
        reader, "the search for environments", [], lambda: census.census(options.search, hidden)
    )
    reader.unreadable.update(dict.fromkeys(hidden, "may not be looked into"))
    environments = [_examined(disk, one, options.verify) for one in standings]
    interpreters: list[Interpreter] = guarded(
        reader, "the interpreters", [], lambda: find_interpreters(disk, options.roots, environments, owners)
    )
    homes: list[str] = guarded(
        reader, "the homes of accounts", [], lambda: find_homes(reader, notes, mounted_elsewhere())
    )
    return Seen(reader, disk, owners, homes, environments, interpreters, notes)


def _examined(disk: Reader, one: census.Standing, verify: str) -> Examined:
    return guarded(disk, one.path, unknown(one), lambda: examine_environment(disk, one, verify))


def _row(one: Examined, now: dt.datetime, reader: Reader) -> dict[str, Any]:
    return guarded(reader, one.standing.path, row(unknown(one.standing), now), lambda: row(one, now))


def _findings(options: Options, edges: Edges, seen: Seen, today: dt.date) -> Iterator[Finding]:
    reader, in_use = seen.reader, [one for one in seen.environments if not one.is_kept]
    for one in in_use:
        for found in _of_environment(options, seen, one):
            yield from judged(reader, one.standing.path, found)
    for interpreter in seen.interpreters:
        owner = _owner_of(interpreter.folder, in_use)
        yield from judged(reader, interpreter.folder, check_installed(seen.disk, interpreter, options.roots, owner))
    absent = check_absent(seen.disk, options.baseline, {one.standing.path for one in seen.environments})
    yield from judged(reader, "the baseline", absent)
    ages = check_lifetimes(seen.interpreters, options.lifetimes, today, options.warning_days, options.distribution)
    yield from judged(reader, "the ages of interpreters", ages)
    for subject, found in _of_system(options, seen):
        yield from judged(reader, subject, found)
    yield from judged(reader, "what runs at start-up", _startup(seen, in_use))
    yield from judged(reader, "who can write", check_writable(_grounds(seen, in_use), reader.missed))
    yield from judged(reader, "the processes", _of_processes(options, edges, in_use))


def _of_processes(options: Options, edges: Edges, in_use: Sequence[Examined]) -> Iterator[Finding]:
    places = [one.standing.path for one in in_use]
    yield from check_processes(places, options.approved, edges.proc, ancestors(os.getpid(), edges.proc))


def _of_environment(options: Options, seen: Seen, one: Examined) -> Iterator[Iterator[Finding]]:
    reader, standing, venv = seen.disk, one.standing, one.standing.path
    yield check_environment(reader, one)
    yield check_commands(reader, venv, one.owner, one.commands)
    if not (standing.receipt or one.is_ordinary):
        return
    bundle = standing.receipt.bundle if standing.receipt else ""
    yield check_pin(reader, venv, one.version, one.is_ordinary)
    yield check_lock(reader, venv, getattr(standing.receipt, "lock", ""))
    yield check_baseline(venv, one.version, bundle, options.baseline)
    yield check_isolation(reader, venv)
    if one.is_ordinary:
        yield check_tree(venv, one.owner, reader.missed)


def _of_system(options: Options, seen: Seen) -> Iterator[tuple[str, Iterator[Finding]]]:
    reader = seen.reader
    yield DATABASES, _of_packages(seen)
    yield "the user sites", _of_user_sites(seen)
    yield "the variables", check_variables(reader, seen.homes, options.approved)
    yield "the configuration of pip", check_pip_configuration(reader, seen.homes, options.approved)
    folders = [(one.folder, "") for one in seen.interpreters if one.folder not in SYSTEM]
    folders += [(one.standing.path, one.standing.path) for one in seen.environments if not one.is_kept]
    yield "the configuration of pip in environments", check_pip_of(seen.disk, folders, options.approved)


def _of_packages(seen: Seen) -> Iterator[Finding]:
    reader = seen.reader
    if seen.owners is None:
        reader.unreadable.setdefault(
            DATABASES, "neither dpkg, rpm nor apk has one: whose packages the system's Pythons hold is not known"
        )
        return
    try:
        yield from check_system_packages(reader, seen.owners, system_sites(reader))
    except Refused as refused:
        reader.unreadable[DATABASES] = str(refused)


def _of_user_sites(seen: Seen) -> Iterator[Finding]:
    yield from check_user_sites(seen.reader, user_sites(seen.reader, seen.homes))


def _startup(seen: Seen, in_use: Sequence[Examined]) -> Iterator[Finding]:
    reader, disk = seen.reader, seen.disk
    system = [*system_sites(reader), *user_sites(reader, seen.homes)]
    system += [site for prefix in SYSTEM for site in library_sites(reader, prefix, "system")]
    others = []
    for one in seen.interpreters:
        if one.folder not in SYSTEM:
            others += [*site_folders(disk, one.folder, "interpreter"), *library_sites(disk, one.folder, "interpreter")]
    listed: set[str] = set()
    for examined in in_use:
        venv = examined.standing.path
        # What belongs in a release whose receipt cannot be believed nobody knows; the receipt is the finding then.
        if examined.standing.kind != census.DANGLING:
            others += site_folders(disk, venv, "environment")
        listed.update(f"{venv}/{path}" for path in examined.startup)
    yield from check_startup(reader, system, lambda paths: _shipped(seen, paths))
    yield from check_startup(disk, list(dict.fromkeys(others)), listed.intersection)


def _shipped(seen: Seen, paths: Collection[str]) -> set[str]:
    """Return those of ``paths`` that belong to a package of the distribution, and are as it brought them.

    Debian's sitecustomize.py is a link to a file of settings in /etc: whoever edits that one never touches the link.
    """
    targets = {path: seen.reader.target(path) for path in paths if path.startswith("/usr/")}
    every = {*targets, *targets.values()}
    if seen.owners is None or not every:
        return set()
    try:
        fine = seen.owners.owned(every) - seen.owners.edited(every)
    except Refused as refused:
        seen.reader.unreadable[DATABASES] = str(refused)
        return set()
    return {path for path, target in targets.items() if {path, target} <= fine}


def _grounds(seen: Seen, in_use: Sequence[Examined]) -> Iterator[Ground]:
    for one in in_use:
        venv = one.standing.path
        folders = tuple({os.path.dirname(path) for path in one.commands})
        libraries = tuple(site.path for site in site_folders(seen.disk, venv, "environment"))
        releases = (Environment(venv).releases,) if one.standing.releases else ()
        python = (one.python,) if one.python else ()
        yield Ground(venv, one.owner, (venv, *releases, *python, *libraries, *folders))
    for interpreter in seen.interpreters:
        if not interpreter.is_distribution:
            folder = interpreter.folder
            sites = tuple(site.path for site in site_folders(seen.disk, folder, "interpreter"))
            owner = _owner_of(folder, in_use)
            yield Ground("", owner, (f"{folder}/bin/python3", *sites), folder)


def _owner_of(folder: str, in_use: Sequence[Examined]) -> int:
    """Return whose interpreter it may be beside root's: of the one person whose environments stand on it."""
    owners = {one.owner for one in in_use if one.python.startswith(folder + "/")}
    if not owners:
        try:
            return os.stat(folder).st_uid
        except OSError:
            return 0
    return owners.pop() if len(owners) == 1 else 0


def _unreadable(reader: Reader) -> Iterator[Finding]:
    # What is below a folder that cannot be read is told with it.
    told: list[str] = []
    for path in sorted(reader.unreadable):
        if not any(path.startswith(f"{above}/") for above in told):
            told.append(path)
            yield Finding("unreadable", path, (reader.unreadable[path],))


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    """Return one finding per code and subject, with all that was seen."""
    merged: dict[tuple[str, str], Finding] = {}
    for one in findings:
        key = one.code, one.subject
        known = merged.get(key)
        merged[key] = known._replace(evidence=tuple(dict.fromkeys(known.evidence + one.evidence))) if known else one
    return list(merged.values())


def _interpreter(one: Interpreter, options: Options) -> dict[str, str]:
    lifetime = end_of(one.version, options.lifetimes)
    # Nobody shall count the days of what the distribution looks after, unless it was asked for.
    counts_here = lifetime and (options.distribution or not one.is_distribution)
    return {
        "folder": short_path(one.folder),
        "version": short_path(one.version),
        "end_of_life": str(lifetime.end) if lifetime and counts_here else "",
    }
