# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One build by python-build, from a checked archive to a proven interpreter, or to what was there before."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.files import sync_file_system
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import settle
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import Room
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Definition, with_digest
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.download import OpenUrl
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.needs import header_hint
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.patches import lay_patches, patch_digests
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Origin, new_receipt, write_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.source import Source, obtain
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import prove
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

LOG_LINES = 15
TELLING = ("ERROR", "WARNING", "error:", "python-build:")


class Job(NamedTuple):
    """A build that is possible.

    Attributes:
        wanted: What is asked.
        tree: Its place.
        definition: python-build's.
        source: Where its archive is.
        instead: Why no prebuilt archive is installed instead, or ''.
    """

    wanted: Wanted
    tree: Tree
    definition: Definition
    source: Source
    instead: str = ""

    @property
    def origin(self) -> Origin:
        """What the receipt keeps of where it came from."""
        place = os.path.basename(self.source.place) if self.source.kind == "cache" else self.source.place
        return Origin(self.source.kind, place, self.source.archive.sha256)


def rebuild(
    job: Job, unfinished: bool, run: Runner, probe_run: Runner, open_url: OpenUrl, environ: Mapping[str, str]
) -> None:
    """Build the interpreter at its final path; what was there returns when that fails. To be called under the lock.

    The order of the steps is the point: at each moment at which this process may be killed, either the work
    folder stands (so the next run knows that nothing is proven) or the version's folder does not.

    Args:
        job: What is built.
        unfinished: Whether the folder at the final path is the rest of an earlier build, which nobody wants back.
        run: Runs python-build.
        probe_run: Runs the interpreter that was built.
        open_url: Opens a mirror's URL.
        environ: The environment of this process.

    Raises:
        Refused: when the build fails; the log is then kept.
        OSError: when the disk is full, for example.
    """
    if unfinished:
        trees.discard(job.tree)
    trees.end_work(job.tree)
    trees.set_aside(job.tree)
    try:
        _build(job, run, open_url, environ)
        _seal(job, _prove(job, probe_run))
    except BaseException:
        _undo(job.tree)
        raise
    _finish(job.tree)


def _build(job: Job, run: Runner, open_url: OpenUrl, environ: Mapping[str, str]) -> None:
    room = Room(job.tree.work)
    archive = job.source.archive
    room.furnish(archive)
    obtain(job.source, room.cache, open_url, job.wanted.timeout)
    definition = _definition(job, room)
    argv = [job.definition.script, definition, job.tree.folder]
    try:
        done = run(argv, env=room.environment(environ, job.wanted, archive), cwd=room.tmp, timeout=job.wanted.timeout)
    except Refused as error:
        raise Refused([*error.problems, *_log_problem(job.tree)]) from None
    if done.rc:
        raise Refused([_failure(job.tree, done)])


def _definition(job: Job, room: Room) -> str:
    """Return python-build's own definition, or a private copy of it when the user named another digest or patches."""
    definition, archive, patches = job.definition, job.source.archive, job.wanted.patches
    if archive in definition.archives and not patches:
        return definition.path
    with open(definition.path, encoding="utf-8") as stream:
        text = with_digest(stream.read(), archive)
    name = os.path.basename(definition.path)
    path = os.path.join(room.definitions, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    if definition.patches or patches:
        lay_patches(room.definitions, name, archive.package, definition.patches, patches)
    return path


def _seal(job: Job, said: Interpreter) -> None:
    """Give the proven interpreter its owner, its permissions and, last, its receipt."""
    folder, wanted = job.tree.folder, job.wanted
    settle(folder, wanted.owner, wanted.mode)
    sync_file_system(folder)
    digests = patch_digests(wanted.patches)
    write_receipt(folder, new_receipt(folder, said, job.origin, wanted.configure_opts, digests, wanted.modules))


def _prove(job: Job, run: Runner) -> Interpreter:
    said, reason = prove(run, job.tree.folder, job.tree.version, job.wanted.modules)
    if said is not None:
        return said
    log = _keep_log(job.tree)
    hint = header_hint([name for name in job.wanted.modules if f"{name} (" in reason])
    raise Refused(
        [
            Problem(
                job.tree.executable, f"was built and does not prove itself: {reason}. The build's log is {log}.", hint
            )
        ]
    )


def _failure(tree: Tree, done: Completed) -> Problem:
    log = _keep_log(tree)
    told = [line for line in done.stderr.splitlines() if line.startswith(TELLING)]
    # What `patch` says goes nowhere else.
    told += [line for line in done.stdout.splitlines() if " FAILED " in line]
    text = "\n".join([*told, *_last_lines(log)]) or done.tail()
    return Problem(
        f"Python {tree.version}", f"python-build failed (exit {done.rc}):\n{text}\n", f"The whole log is {log}."
    )


def _log_problem(tree: Tree) -> list[Problem]:
    log = _keep_log(tree)
    lines = "\n".join(_last_lines(log))
    return [Problem(log, f"is the build's log; it ends with:\n{lines}")] if log else []


def _keep_log(tree: Tree) -> str:
    """Move the log of python-build to where it outlives the build; return that path, or '' when there is none."""
    logs = glob.glob(os.path.join(glob.escape(Room(tree.work).tmp), "python-build.*.log"))
    if not logs:
        return ""
    os.replace(max(logs, key=os.path.getmtime), tree.log)
    os.chmod(tree.log, 0o644)
    return tree.log


def _last_lines(log: str) -> list[str]:
    if not log:
        return []
    with open(log, encoding="utf-8", errors="replace") as stream:
        return [line.rstrip() for line in stream][-LOG_LINES:]


def _undo(tree: Tree) -> None:
    # The half-built folder goes before the work folder does, and the old one returns last: see rebuild().
    trees.discard(tree)
    trees.end_work(tree)
    trees.put_back(tree)
    sweep(tree)


def _finish(tree: Tree) -> None:
    trees.end_work(tree)
    if os.path.exists(tree.log):
        os.unlink(tree.log)
    sweep(tree)


def sweep(tree: Tree) -> None:
    """Delete what earlier runs left; to be called under the lock and when nothing is to be put back any more."""
    for path in tree.leftovers():
        trees.delete(path)
