# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter as it is asked for: the plan, and its application under the lock."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.build import Job, rebuild, sweep
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import host_environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import (
    Archive,
    Definition,
    choose_script,
    read_definition,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.download import OpenUrl, open_http
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.needs import ALWAYS, missing_needs, usable
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.source import locate
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import Found, describe, inspect
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tether import tethered
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree


class Edges(NamedTuple):
    """What touches the world outside; handed in, so that the rules are tested without it.

    Attributes:
        run: Runs short programs: the probe and the compiler's preprocessor.
        tether: Gives the runner of the build, which holds the lock's descriptor.
        open_url: Opens a URL.
        environ: The environment of this process.
    """

    run: Runner = run_process
    tether: Callable[[int], Runner] = tethered
    open_url: OpenUrl = open_http
    environ: Mapping[str, str] = os.environ


HERE = Edges()


class Drawn(NamedTuple):
    """A plan, with the build that it holds (None when it holds none)."""

    plan: Plan
    found: Found
    job: Job | None = None


def ensure(wanted: Wanted, check_mode: bool, edges: Edges = HERE) -> dict[str, Any]:
    """Make the interpreter what ``wanted`` says, or only tell what that would take; return the module's result.

    Raises:
        Refused: when it cannot be done; what was there before is then there again.
    """
    started = time.monotonic()
    tree = Tree(wanted.root, wanted.version)
    try:
        drawn = draw(wanted, tree, edges)
        if drawn.plan.changed and not check_mode:
            drawn = _apply_locked(wanted, tree, edges)
    except OSError as error:
        subject = str(error.filename or wanted.root)
        raise Refused(
            [
                Problem(
                    subject, f"{error.strerror or error}.", "Free space, or correct the permissions; then run it again."
                )
            ]
        ) from error
    return _result(wanted, tree, drawn, time.monotonic() - started)


def draw(wanted: Wanted, tree: Tree, edges: Edges) -> Drawn:
    """Return what a run would do; writes nothing.

    Raises:
        Refused: when it could not be done.
    """
    trees.check_root(tree.root, must_write=False)
    found = inspect(edges.run, tree, wanted.modules)
    before = describe(tree, found)
    if wanted.state == "absent":
        drawn = Drawn(Plan(before, describe(tree, Found("absent")), _removal(tree, found)), found)
    elif found.state == "present":
        drawn = Drawn(Plan(before, describe(tree, Found("present")), _sweeping(found)), found)
    else:
        job = _job_or_reason(wanted, tree, found, edges)
        drawn = Drawn(Plan(before, describe(tree, Found("present")), _building(job, found)), found, job)
    if drawn.plan.changed:
        trees.check_root(tree.root, must_write=True)
        _refuse_own_ground(tree)
    return drawn


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
    work = [Action("remove", tree.work, "left by an interrupted build")] if found.unfinished else []
    return (*folder, *work, *_sweeping(found))


def _sweeping(found: Found) -> tuple[Action, ...]:
    return tuple(Action("remove", path, "left by an interrupted run") for path in found.leftovers)


def _building(job: Job, found: Found) -> tuple[Action, ...]:
    build = Action("build", job.tree.folder, f"from {job.source.kind} {job.source.place}")
    if found.state == "absent":
        return (build, *_sweeping(found))
    return (Action("set aside", job.tree.folder, found.reason), build, *_sweeping(found))


def _job_or_reason(wanted: Wanted, tree: Tree, found: Found, edges: Edges) -> Job:
    """Return the build; where there can be none, say first why the interpreter that is there does not do."""
    try:
        return _job(wanted, tree, edges)
    except Refused as refused:
        if not found.reason:
            raise
        why = Problem(tree.folder, f"is there and is not accepted: {found.reason}.", "It can only be built again.")
        raise Refused([why, *refused.problems]) from None


def _job(wanted: Wanted, tree: Tree, edges: Edges) -> Job:
    script = choose_script(wanted.pyenv, wanted.version)
    definition = read_definition(script, wanted.version)
    environ = host_environment(edges.environ)
    archives = usable(_expected(wanted, definition), environ)
    source = locate(archives, wanted.cache, wanted.mirror, wanted.offline, edges.open_url)
    tools = ["bash", "make", "tar", source.archive.tool, *(["patch"] if definition.patches else [])]
    refuse_all(missing_needs(edges.run, environ, tools, _compiled(wanted), tree.root))
    return Job(wanted, tree, definition, source)


def _compiled(wanted: Wanted) -> frozenset[str]:
    """Return the modules whose headers the host must have; another OpenSSL brings its own."""
    brought = any(word.startswith("--with-openssl=") for word in wanted.configure_opts)
    return (ALWAYS | frozenset(wanted.modules)) - ({"ssl"} if brought else frozenset())


def _expected(wanted: Wanted, definition: Definition) -> list[Archive]:
    """Return the definition's archives; with a digest of the user's, it counts unless the definition has the same."""
    if not wanted.sha256:
        refuse_all(
            [
                Problem(definition.path, f"names no digest for {archive.file}.", "Name the archive's `sha256`.")
                for archive in definition.archives
                if not archive.sha256
            ]
        )
        return list(definition.archives)
    same = [archive for archive in definition.archives if archive.sha256 == wanted.sha256]
    return same or [archive._replace(sha256=wanted.sha256) for archive in definition.archives]


def _apply_locked(wanted: Wanted, tree: Tree, edges: Edges) -> Drawn:
    with _everybody_reads():
        return _apply(wanted, tree, edges)


@contextlib.contextmanager
def _everybody_reads() -> Iterator[None]:
    # Modes are declared, never inherited: under umask 077 nobody else could use the interpreter.
    inherited = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(inherited)


def _apply(wanted: Wanted, tree: Tree, edges: Edges) -> Drawn:
    trees.prepare(tree)
    with locked(tree.lock, wanted.timeout) as descriptor:
        # Whoever held the lock may have built it meanwhile: what counts is what is there now.
        drawn = draw(wanted, tree, edges)
        if drawn.job:
            rebuild(
                drawn.job, drawn.found.unfinished, edges.tether(descriptor), edges.run, edges.open_url, edges.environ
            )
        elif drawn.plan.changed:
            _clear(tree, wanted.state)
    return drawn


def _clear(tree: Tree, state: str) -> None:
    if state == "absent":
        trees.discard(tree)
        trees.end_work(tree)
    sweep(tree)


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
        "source": "present" if wanted.state == "present" else "",
        "seconds": round(seconds, 1),
    }
    if drawn.job:
        source = drawn.job.source
        result.update(
            source=source.kind,
            archive={"place": source.place, "file": source.archive.file, "sha256": source.archive.sha256},
        )
    return result
