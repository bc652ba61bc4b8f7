# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed, wherever it is: the environment answers as before or as asked, and the next run tidies up."""

from __future__ import annotations

import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment
from ansible_collections.netdevops.python.tests.system.receipts import OWN_STATE, mismatches

pytestmark = pytest.mark.system

TRIALS = 10
INSTALL = """
import sys
from ansible_collections.netdevops.python.tests.system import direct
direct.install(sys.argv[1], sys.argv[2], compile=True, keep=2)
"""
# What changes the disk for good. Unpacked files come in between, so a death between any two of these is one of them.
STEPS = "rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,unlink,unlinkat,rmdir,chmod,fchmodat,fsync,syncfs"


class Upgrades:
    """An environment that each trial upgrades by one version."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.venv = folder / "opt/app/.venv"
        self.version = 1
        direct.install(self.venv, self.bundle(1), compile=True, keep=2)

    def bundle(self, version: int) -> pathlib.Path:
        folder = self.folder / f"bundle-{version}"
        return folder.with_suffix(".tar") if folder.exists() else bundles.small(folder, f"{version}.0").tar()

    def start(self, *prefix: str) -> subprocess.Popen[bytes]:
        """Start the next upgrade."""
        command = [*prefix, sys.executable, "-c", INSTALL, str(self.venv), str(self.bundle(self.version + 1))]
        env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
        return subprocess.Popen(
            command, env=env, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def answers(self) -> int:
        """Return the version that the environment answers with; it must be whole."""
        said = subprocess.run(
            [str(self.venv / "bin/alpha")], env=environment(), capture_output=True, text=True, check=False
        )
        match = re.fullmatch(r"alpha (\d+)\.0 beta 2\.0\n", said.stdout)
        assert match, said
        assert not mismatches(self.venv.resolve())
        return int(match[1])

    def check_after_death(self) -> bool:
        """Hold the environment to what must be true now, and run once more; return whether it was upgraded already."""
        found = self.answers()
        assert found in (self.version, self.version + 1)
        direct.install(self.venv, self.bundle(self.version + 1), compile=True, keep=2)
        self.version += 1
        assert self.answers() == self.version
        assert self.leftovers() == []
        assert not direct.install(self.venv, self.bundle(self.version), compile=True, keep=2)["changed"]
        return found == self.version

    def leftovers(self) -> list[str]:
        releases = self.venv.with_name(".venv.releases")
        entries = [
            *releases.iterdir(),
            *(entry for entry in releases.parent.iterdir() if entry not in (releases, self.venv)),
        ]
        return [
            entry.name for entry in entries if not (entry / "receipt.json").exists() and entry.name not in OWN_STATE
        ]


@pytest.fixture
def upgrades(tmp_path: pathlib.Path) -> Upgrades:
    return Upgrades(tmp_path)


def test_at_random_moments(upgrades: Upgrades) -> None:
    begin = time.monotonic()
    process = upgrades.start()
    said = process.communicate()[0]
    assert process.returncode == 0, said
    whole = time.monotonic() - begin
    upgrades.version += 1
    moments = random.Random(2026)
    for _trial in range(TRIALS):
        process = upgrades.start()
        # The first third is the start of Python, where there is nothing to break.
        time.sleep(moments.uniform(0.3, 1.0) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        upgrades.check_after_death()


def test_at_each_step(upgrades: Upgrades) -> None:
    """Kill it at the first call that changes the disk, at one some calls later, and so on to the last one."""
    before = after = 0
    step, stride = 1, 3
    while True:
        # Not -f: the installer itself dies, whom it started sees its pipe close.
        process = upgrades.start(
            "strace", "-o", "/dev/null", "-e", f"trace={STEPS}", "-e", f"inject={STEPS}:signal=SIGKILL:when={step}"
        )
        said = process.communicate()[0]
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said
        if upgrades.check_after_death():
            after += 1
        else:
            before += 1
        step += stride
    assert before > 3, "hardly any step was met"


def test_around_the_switch(upgrades: Upgrades) -> None:
    """Kill it at each rename: of the receipt's two files, of the link, of what is pruned, of the index."""
    upgraded = []
    for step in range(1, 20):
        renames = "rename,renameat,renameat2"
        process = upgrades.start(
            "strace", "-o", "/dev/null", "-e", f"trace={renames}", "-e", f"inject={renames}:signal=SIGKILL:when={step}"
        )
        said = process.communicate()[0]
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said
        upgraded.append(upgrades.check_after_death())
    assert upgraded == sorted(upgraded), "an environment was old again after it had been new"
    assert set(upgraded) == {False, True}
