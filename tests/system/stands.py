# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments that faults are tried on: what is done to them, what they must answer afterwards, and what must not be left."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.prune_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import previous
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.faults import End, Trial
from ansible_collections.netdevops.python.tests.system.receipts import OWN_STATE, mismatches

ABSENT, BROKEN = "absent", "broken"
IMPORT = "import alpha, beta; print('alpha', alpha.VERSION, 'beta', beta.VERSION)"
CLEAN = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


class Stand:
    """An environment, and a kind of work that brings it from one state to another.

    A trial is: ``prepare``, the work under a fault, ``judge``. After that it stands where the next trial can be prepared.

    Attributes:
        name: The work, as the count of trials names it.
        old: What the environment answers before the work: a version, or ``absent``.
        new: What it is to answer afterwards.
    """

    name = ""
    keep = 2
    # A disk that is full may take half a line of the history; the next line stands for itself all the same.
    may_tear_history = False

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.app = folder / "opt" / "app"
        self.venv = self.app / ".venv"
        self.releases = self.app / ".venv.releases"
        self.history = folder / "history.jsonl"
        self.bin = folder / "bin"
        self.launcher = self.bin / "alpha"
        self.old = self.new = ABSENT
        self.before = ""
        self._count = 0
        self.bin.mkdir(parents=True, exist_ok=True)
        _list_receipts_last()
        # What a killed run leaves in there is its host's to take away, as for any program.
        tempfile.tempdir = str(folder / "tmp")
        pathlib.Path(tempfile.tempdir).mkdir(exist_ok=True)

    def prepare(self) -> None:
        """Bring it to where the work starts."""
        raise NotImplementedError

    def work(self) -> bool:
        """Do the work, and return whether anything changed. It may be done again."""
        raise NotImplementedError

    def install(self, version: str, **options: Any) -> bool:
        """Install a bundle of that version."""
        exposed = {"commands": ["alpha"], "commands_path": str(self.bin)}
        asked = {"compile": True, "keep": self.keep, "history": str(self.history), **exposed, **options}
        return bool(direct.install(self.venv, self.bundle(version), **asked)["changed"])

    def prune(self, keep: int = 20) -> bool:
        """Sweep, and remove the surplus."""
        defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
        asked = {**defaults, "venv": str(self.venv), "keep": keep, "history": str(self.history)}
        return bool(prune(asked, check_mode=False)["changed"])

    def bundle(self, version: str) -> pathlib.Path:
        """Return the bundle of a version, which is made where it is not there."""
        folder = self.folder / "bundles" / version
        if not folder.exists():
            bundles.small(folder, version)
        return folder

    def next_version(self) -> str:
        """Return a version that was not there before; older bundles go."""
        self._count += 1
        shutil.rmtree(self.folder / "bundles" / f"{self._count - 3}.0", ignore_errors=True)
        return f"{self._count}.0"

    def judge(self, fault: str, end: End) -> Trial:
        """Look at it after a fault, and do the work once more, and again."""
        wrong = [f"a traceback: {end.said}"] if "Traceback" in end.said else []
        found = self.answer()
        said = self.met(found)
        if found not in (self.old, self.new):
            wrong.append(f"it answers {found}, expected {self.old} or {self.new}")
        wrong += self.broken_releases()
        try:
            self.work()
            wrong += self.after_work()
        except Refused as refused:
            wrong.append(f"one more run does not converge: {refused}")
            self.start_anew()
        return Trial(self.name, fault, said, tuple(wrong))

    def met(self, found: str) -> str:
        """Return whether what was found is the old state or the new one."""
        return "new" if found == self.new else "old" if found == self.old else found

    def after_work(self) -> list[str]:
        """Return what is not as it must be once the work is done."""
        wrong = []
        found = self.answer()
        if found != self.new:
            wrong.append(f"after one more run it answers {found}, expected {self.new}")
        if self.launcher.exists() != (self.new != ABSENT):
            wrong.append(f"its command is {'there' if self.launcher.exists() else 'not there'}")
        wrong += self.broken_releases() + [f"left over: {name}" for name in self.leftovers()]
        if self.work():
            wrong.append("a further run changed something")
        if self.before and self.previous() != self.before:
            wrong.append(f"a rollback would go to {self.previous()!r}, expected {self.before!r}")
        return wrong + list(self._torn_history())

    def start_anew(self) -> None:
        """Take all away, so that one trial that went wrong does not make every later one go wrong."""
        shutil.rmtree(self.app, ignore_errors=True)
        if self.launcher.exists():
            self.launcher.unlink()

    def answer(self) -> str:
        """Return the version that an import and a command answer with, if they are of one mind."""
        if not os.path.lexists(self.venv):
            return ABSENT
        commands = [[str(self.venv / "bin/alpha")], [str(self.venv / "bin/python"), "-c", IMPORT]]
        said = {_run(*command) for command in [*commands, *([[str(self.launcher)]] if self.launcher.exists() else [])]}
        words = said.pop().split()
        if said or words[:1] != ["alpha"] or words[2:] != ["beta", "2.0"]:
            return f"{BROKEN}: {' '.join(words)}; {said}"
        return words[1]

    def broken_releases(self) -> list[str]:
        """Return what is not whole of all that passes for a release."""
        return [
            f"{entry.name}: {line}" for entry in self._entries() if _is_release(entry) for line in _mismatches(entry)
        ]

    def leftovers(self) -> list[str]:
        """Return what lies among the releases, and beside them, and belongs to nobody."""
        found = [entry.name for entry in self._entries() if entry.name not in OWN_STATE and not _is_release(entry)]
        beside = [*(self.app.iterdir() if self.app.exists() else ()), *self.bin.iterdir()]
        return found + [entry.name for entry in beside if entry not in (self.venv, self.releases, self.launcher)]

    def current(self) -> str:
        """Return the name of the release that the environment points to."""
        return os.path.basename(os.readlink(self.venv)) if self.venv.is_symlink() else ""

    def previous(self) -> str:
        """Return the name of the release that a rollback would go to."""
        return previous(Environment(str(self.venv)), self.current())

    def _entries(self) -> list[pathlib.Path]:
        return sorted(self.releases.iterdir()) if self.releases.is_dir() else []

    def _torn_history(self) -> Iterator[str]:
        for line in self.history.read_text(encoding="utf-8").splitlines() if self.history.exists() else ():
            try:
                json.loads(line)
            except ValueError:
                if not self.may_tear_history:
                    yield f"the history has a line that is none: {line!r}"


class Install(Stand):
    """A first installation."""

    name = "install"

    def prepare(self) -> None:
        """Take away what the last trial made."""
        self.start_anew()
        self.app.mkdir(parents=True)
        self.version = self.next_version()
        self.new = self.version
        self.bundle(self.version)

    def work(self) -> bool:
        """Install."""
        return self.install(self.version)


class Upgrade(Stand):
    """One version after the other. From the third one on, the oldest is pruned."""

    name = "upgrade"

    def prepare(self) -> None:
        """Install a version, where the last trial did not."""
        if not self.current():
            self.new = self.next_version()
            self.install(self.new)
        self.old, self.before = self.new, self.current()
        self.new = self.next_version()
        self.bundle(self.new)

    def work(self) -> bool:
        """Install the next version."""
        return self.install(self.new)


class Rollback(Stand):
    """Back to one release, and forward to the other. It is named, since one that is not goes back each time."""

    name = "rollback"

    def prepare(self) -> None:
        """Install two versions, where they are not there."""
        if not self.current():
            self.names = {}
            for version in (self.next_version(), self.next_version()):
                self.install(version)
                self.names[version] = self.current()
            self.new = version
        self.old = self.new
        self.new = next(version for version in self.names if version != self.old)

    def work(self) -> bool:
        """Go to the other one."""
        asked = {"history": str(self.history), "reason": "a trial"}
        return bool(direct.rollback(self.venv, self.names[self.new], **asked)["changed"])

    def after_work(self) -> list[str]:
        """Let the next run of another kind sweep: a rollback deletes nothing, also not what a killed one left."""
        self.prune()
        return super().after_work()


class Prune(Stand):
    """Two releases stay: the current one, and the one that a rollback goes to."""

    name = "prune"
    keep = 20

    def prepare(self) -> None:
        """Install versions until there is one too many."""
        while len(self._entries_of_releases()) < 3:
            self.before = self.current()
            self.old = self.new = self.next_version()
            self.install(self.new)

    def work(self) -> bool:
        """Prune."""
        defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
        return bool(
            prune({**defaults, "venv": str(self.venv), "keep": 1, "history": str(self.history)}, False)["changed"]
        )

    def met(self, found: str) -> str:
        """Return whether the surplus is gone."""
        return "old" if len(self._entries_of_releases()) > 2 else "new"

    def _entries_of_releases(self) -> list[pathlib.Path]:
        return [entry for entry in self._entries() if _is_release(entry)]


class Remove(Stand):
    """All of it goes: state absent."""

    name = "remove"

    def prepare(self) -> None:
        """Install a version."""
        self.old, self.new = self.next_version(), ABSENT
        self.install(self.old)

    def work(self) -> bool:
        """Take it away."""
        return self.install(self.old, state="absent")

    def answer(self) -> str:
        """Return what it answers. Its command may go first; then it is on its way out, and still whole."""
        found = super().answer()
        return ABSENT if found == ABSENT and not self.launcher.exists() else found


WORKS = (Install, Upgrade, Rollback, Prune, Remove)


def _is_release(entry: pathlib.Path) -> bool:
    return not entry.name.startswith(".") and (entry / "receipt.json").exists()


def _mismatches(release: pathlib.Path) -> list[str]:
    try:
        return mismatches(release)
    except (OSError, ValueError) as error:
        return [f"its receipt cannot be read: {error}"]


def _list_receipts_last() -> None:
    """Let folders be listed in the worst of all orders: one file system or another lists them so.

    Whoever removes a release file by file then leaves for long what still passes for one.
    """
    listed = os.listdir
    os.listdir = lambda path=".": sorted(listed(path), key=lambda name: (name == "receipt.json", name))  # type: ignore[assignment]


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, env=CLEAN, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error}"
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-300:]}"
