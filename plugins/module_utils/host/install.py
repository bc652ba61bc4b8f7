# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of an install: deliver, lock, verify, build, prove, receipt, switch, prune."""

from __future__ import annotations

import functools
import os
import pwd
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    check_bundle_id,
    open_bundle,
    read_manifest_bytes,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, parse_manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import examine
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import FOLDER
from ansible_collections.netdevops.python.plugins.module_utils.host.index import write_index
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import (
    Survey,
    drift_lines,
    install_plan,
    surplus,
    survey,
    usable_wheels,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.proof import prove
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import release_id
from ansible_collections.netdevops.python.plugins.module_utils.host.release import (
    Earlier,
    build,
    finish,
    hand_over,
    open_earlier,
    open_umask,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import INCOMING_PREFIX, prune, remove, sweep
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import (
    Selection,
    check_room,
    open_wheels,
    select,
)


class Done(NamedTuple):
    """What an install did.

    Attributes:
        name: The release that the environment points to now.
        kept: Where an ordinary folder that stood there is kept; '' without one.
        wheels: How many wheels were unpacked.
        size: Their size in bytes.
    """

    name: str
    kept: str
    wheels: int
    size: int


def needs(run: Runner, options: Options, seen: Survey) -> dict[str, Any]:
    """Return what the controller must know to deliver: the kind of host, and the wheels it can do without."""
    check_takeover(options, seen)
    interpreter = probe(run, options.python)
    return {
        "changed": False,
        "needs": {
            "target": interpreter.target.name,
            "python_version": interpreter.version,
            "have": _sharable(options, seen, interpreter),
        },
    }


def install(run: Runner, options: Options, seen: Survey, path: str, check_mode: bool) -> dict[str, Any]:
    """Bring the environment to the bundle at ``path``.

    Raises:
        Refused: when anything is not as it must be; the environment is then what it was.
    """
    check_takeover(options, seen)
    interpreter = probe(run, options.python)
    manifest = parse_manifest(read_manifest_bytes(path), path)
    if options.source.startswith("bundle:"):
        check_bundle_id(path, manifest.id, options.source.partition(":")[2])
    selection = select(manifest, interpreter, options.groups)
    wanted = release_id(options.asked(), interpreter.version, selection.target, selection.packages())
    plan = install_plan(options, seen, options.environment.free_name(wanted), selection.versions())
    if check_mode:
        return _result(options, seen, plan, selection, manifest, None, {})
    stages = Stages()
    with open_umask(), locked(options.environment, options.lock_timeout, options.owner_ids(), stages):
        seen = survey(options)
        if seen.converged:  # Another run was faster.
            plan, done = Plan({}, {}), None
        else:
            plan = install_plan(options, seen, options.environment.free_name(wanted), selection.versions())
            done = _Work(run, options, seen, interpreter, selection, manifest, stages).apply(path)
    return _result(options, seen, plan, selection, manifest, done, stages.seconds)


def prune_only(options: Options) -> None:
    """Remove the surplus releases of an environment that is otherwise as asked."""
    stages = Stages()
    with locked(options.environment, options.lock_timeout, options.owner_ids(), stages):
        with stages.stage("prune", options.environment.releases):
            _prune(options)


def check_takeover(options: Options, seen: Survey) -> None:
    """Refuse to replace an ordinary folder that is no virtual environment, or is somebody else's."""
    if seen.found.state != FOLDER:
        return
    venv = options.environment.venv
    owner = os.stat(venv).st_uid
    if owner not in (os.geteuid(), options.owner_ids()[0]):
        refuse(
            venv,
            f"is a folder of {_user_name(owner)}, and the environment is to be {_user_name(options.owner_ids()[0])}'s.",
            "Name its owner in `owner`, or choose another path.",
        )
    if os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        refuse(venv, "is a folder with content and no virtual environment.", "Move it away, or choose another path.")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def _sharable(options: Options, seen: Survey, interpreter: Interpreter) -> list[str]:
    """Return the wheels whose files can be taken from the current release: those that have no drift."""
    name, receipt = seen.found.name, seen.found.receipt
    if receipt is None or receipt.interpreter["target"].split("-")[0] != interpreter.target.abi:
        return []
    verdict = seen.verdict
    if options.verify == "receipt":  # Good enough to leave a release alone, not to build the next one on.
        verdict = examine(options.environment.release(name), receipt, "stat")
    return usable_wheels(receipt, verdict)


class _Work:
    """One install under the lock."""

    def __init__(
        self,
        run: Runner,
        options: Options,
        seen: Survey,
        interpreter: Interpreter,
        selection: Selection,
        manifest: Manifest,
        stages: Stages,
    ) -> None:
        self.run = run
        self.options = options
        self.environment = options.environment
        self.seen = seen
        self.interpreter = interpreter
        self.selection = selection
        self.manifest = manifest
        self.stages = stages
        self.incoming = self.environment.release(f"{INCOMING_PREFIX}{os.getpid()}")

    def apply(self, path: str) -> Done:
        """Run the stages; whatever fails, what this run left is swept."""
        stage, releases = self.stages.stage, self.environment.releases
        name = ""
        try:
            with stage("deliver", releases):
                sweep(self.environment)
                bundle = open_bundle(path, self.incoming)
            with stage("verify", releases):
                earlier = self._earlier()
                shared = set(earlier.files) if earlier else set()
                missing = [wheel for wheel in self.selection.wheels if wheel.sha256 not in shared]
                archives = open_wheels(bundle, missing)
                check_room(releases, archives, self.options.compile)
            wanted = release_id(
                self.options.asked(), self.interpreter.version, self.selection.target, self.selection.packages()
            )
            name = self.environment.free_name(wanted)
            self._make(name, archives, earlier)
        except BaseException:
            self._clean(name)
            raise
        kept = self._switch(name)
        return Done(name, kept, len(missing), sum(wheel.size for wheel in missing))

    def _earlier(self) -> Earlier | None:
        found = self.seen.found
        wanted = {wheel.sha256 for wheel in self.selection.wheels}
        usable = [wheel for wheel in _sharable(self.options, self.seen, self.interpreter) if wheel in wanted]
        return open_earlier(self.environment.release(found.name), found.receipt, usable) if usable else None

    def _make(self, name: str, archives: Sequence[Any], earlier: Earlier | None) -> None:
        root = self.environment.release(name)
        with self.stages.stage("build", root):
            tree = build(self.run, root, self.options, self.interpreter, archives, earlier)
            hand_over(tree, self.options.owner_ids())
        with self.stages.stage("prove", root):
            prove(self._as_owner(), root, self.options.proofs, self.options.prove_timeout, self._home())
        with self.stages.stage("receipt", root):
            finish(
                tree, self.options, self.interpreter, self.selection.target, self.selection.packages(), self.manifest.id
            )

    def _as_owner(self) -> Runner:
        uid, gid = self.options.owner_ids()
        if os.geteuid() != 0 or uid == 0:
            return self.run
        return functools.partial(self.run, user=(uid, gid))

    def _home(self) -> str:
        try:
            return pwd.getpwuid(self.options.owner_ids()[0]).pw_dir
        except KeyError:
            return "/"

    def _switch(self, name: str) -> str:
        with self.stages.stage("switch", self.environment.venv):
            kept = switch(self.environment, name)
        with self.stages.stage("prune", self.environment.releases):
            self._clean()
            _prune(self.options)
            write_index(self.environment.release(name), self.interpreter.path, self.options.mode & 0o666)
        return kept

    def _clean(self, *names: str) -> None:
        for path in (self.incoming, *(self.environment.release(name) for name in names if name)):
            if os.path.lexists(path):
                remove(path)


def _prune(options: Options) -> None:
    current = os.path.basename(os.readlink(options.environment.venv))
    prune(options.environment, surplus(options.environment, current, options.keep))


def _result(
    options: Options,
    seen: Survey,
    plan: Plan,
    selection: Selection,
    manifest: Manifest,
    done: Done | None,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    before = seen.found.receipt.versions() if seen.found.receipt else {}
    return {
        "changed": plan.changed,
        "diff": plan.diff(options.environment.venv),
        "actions": plan.summary(),
        "release": done.name if done else plan.after.get("release", seen.found.name),
        "previous": seen.found.name,
        "bundle_id": manifest.id,
        "target": selection.target,
        "packages": compare(before, selection.versions()),
        "delivered": {"wheels": done.wheels if done else 0, "bytes": done.size if done else 0},
        "kept": done.kept if done else "",
        "drift": drift_lines(seen.verdict.drift),
        "seconds": dict(seconds),
    }


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Any]:
    """Return the packages that an install adds, removes and changes, with their versions."""
    return {
        "count": len(after),
        "added": {name: version for name, version in after.items() if name not in before},
        "removed": {name: version for name, version in before.items() if name not in after},
        "changed": {
            name: [before[name], version] for name, version in after.items() if before.get(name, version) != version
        },
    }
