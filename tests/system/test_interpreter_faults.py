# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter whose installation is killed or has no room: it never passes for one, and the next run makes it one."""

from __future__ import annotations

import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.playing import start
from ansible_collections.netdevops.python.tests.system.pyenv_lab import (
    PACKAGE,
    VERSION,
    Lab,
    cached_lab,
    pack_interpreter,
    real_python_build,
    result_of,
    wait_until_gone,
    works,
)

pytestmark = pytest.mark.system

# All of them on demand: `make interpreters`.
TRIALS = 30 if os.environ.get("NETDEVOPS_FULL") else 6
SEED = int(os.environ.get("NETDEVOPS_SEED") or 2026)
INSTALL = "netdevops.python.pyenv_install"
CUT = "cut"
ENDS = (signal.SIGTERM.name, signal.SIGKILL.name, CUT)
# What a trial finds in the interpreter's place; no version that was there may be harmed before another one replaces it.
PRECIOUS = "precious"


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[Lab]:
    with cached_lab(tmp_path) as lab:
        yield lab


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> str:
    return pack_interpreter(tmp_path_factory.mktemp("packed"))


class Trials:
    """Installations of one version that are ended at random moments.

    Args:
        lab: Where.
        options: What the module is asked, beside version and root.
    """

    def __init__(self, lab: Lab, **options: Any) -> None:
        self.lab, self.options = lab, options
        self.roots: list[pathlib.Path] = []
        self.met: collections.Counter[str] = collections.Counter()
        self.whole = {end: self._duration(end) for end in ENDS}

    def _duration(self, end: str) -> float:
        self._move_on()
        begun = time.monotonic()
        process = self._start(end)
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said
        assert works(self.lab.version), said
        return time.monotonic() - begun

    def _move_on(self) -> None:
        """Use a root of its own for each run: what a cut connection left running must keep the lock that it knows."""
        self.roots.append(self.lab.root.with_name(f"root-{len(self.roots)}"))
        self.lab.root = self.roots[-1]
        for old in self.roots[-4:-3]:
            shutil.rmtree(old)

    def _start(self, end: str, **private: Any) -> subprocess.Popen[str]:
        """Start the module itself, or what a person starts where it is the connection that is to be cut."""
        if end != CUT:
            return self.lab.start(**self.options)
        place = {"version": VERSION, "root": str(self.lab.root), "pyenv": str(self.lab.pyenv), "allow_container": True}
        asked = {**place, **self.options, "remote_src": False, **private}
        folder = self.lab.root.parent / "play"
        folder.mkdir(exist_ok=True)
        path = f"{pathlib.Path(sys.executable).parent}:{self.lab.bin}:/usr/bin:/bin"
        environ = {"PATH": path, "CC": "cc", "ANSIBLE_ASYNC_DIR": f"{folder}/jobs"}
        return start([{INSTALL: asked}], str(folder), env=environ)

    def run(self, trials: int) -> None:
        """End that many, each way in turn; the first third of a run is the start of Python and the plan."""
        print(f"seed {SEED}, {trials} trials")
        numbers = random.Random(SEED)
        for number in range(trials):
            end = ENDS[number % len(ENDS)]
            # Around the module, a controller takes its own time at both ends.
            moment = numbers.uniform(0.25, 0.8) if end == CUT else numbers.uniform(0.3, 1.02)
            self._one(end, moment * self.whole[end], number)
        print(dict(self.met))

    def _one(self, end: str, seconds: float, number: int) -> None:
        is_first = number % 2 == 0
        self._move_on()
        if not is_first:
            self.lab.version.mkdir(parents=True)
            (self.lab.version / PRECIOUS).touch()
        # A build that lost its controller goes on for the time of its lease: to its end, or not.
        process = self._start(end, lease=None if is_first else 1)
        time.sleep(seconds)
        if end == CUT:
            kill_controller(process.pid)
        else:
            process.send_signal(signal.Signals[end])
        process.communicate(timeout=60)
        self._look(end)
        self._converge()

    def _look(self, end: str) -> None:
        """Ask the module what is there; it must not say present of what does not work. From an archive, no half is ever there."""
        state = self.lab.run(check=True, **self.options)["before"]["state"]
        unfinished = bool(list(self.lab.root.glob(".builds/*")))
        assert state != "present" or works(self.lab.version), "it passes for installed"
        if "archive" in self.options:
            place = self.lab.version
            assert not place.exists() or (place / PRECIOUS).exists() or works(place), "a half of it is there"
        self.met[f"{end}: {state}{', unfinished' if unfinished else ''}"] += 1

    def unfinished(self) -> int:
        """Return how many were met in the middle of their work."""
        return sum(count for what, count in self.met.items() if what.endswith("unfinished"))

    def _converge(self) -> None:
        """Run it once more, which must do it, leave nothing else, and be the last that does anything."""
        result = self.lab.run(**self.options)
        assert not result.get("failed"), result
        assert works(self.lab.version)
        assert os.listdir(self.lab.version.parent) == [VERSION]
        assert not [*self.lab.root.glob(".builds/*"), *self.lab.root.glob(".logs/*")]
        assert not self.lab.run(**self.options)["changed"]


def kill_controller(pid: int) -> None:
    """Kill ansible-playbook and its workers at once, and nothing of what they started on the host."""
    os.kill(pid, signal.SIGSTOP)
    for worker in [child for child in children(pid) if command(child) == command(pid)]:
        os.kill(worker, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that are still there."""
    found = [path.read_text(encoding="ascii") for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(number) for line in found for number in line.split()]


def command(pid: int) -> bytes:
    """Return the command line of a process, of which a fork has the same."""
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_build_at_random_moments(lab: Lab) -> None:
    (lab.switches / "pace").touch()
    trials = Trials(lab, cache=str(lab.cache))
    trials.run(TRIALS)
    assert trials.unfinished() > TRIALS // 3, "hardly any build was met"


def test_an_archive_at_random_moments(lab: Lab, archives: str) -> None:
    trials = Trials(lab, archive=archives, source="archive", remote_src=True)
    trials.run(TRIALS)
    assert trials.unfinished() > TRIALS // 3, "hardly any installation was met"


def test_pyenv_itself_takes_a_killed_build_for_installed(lab: Lab) -> None:
    """Why there is a receipt: what `pyenv install --skip-existing` looks at is a folder."""
    (lab.switches / "pause").touch()
    shutil.copy(lab.gz, lab.cache / f"{PACKAGE}.tar.gz")  # the only name that it looks for
    words = [str(real_python_build().parents[3] / "bin/pyenv"), "install", "-s", str(lab.share / VERSION)]
    environ = {"PATH": f"{lab.bin}:/usr/bin:/bin", "HOME": str(lab.root.parent), "PYENV_ROOT": str(lab.root)}
    environ |= {
        "PYTHON_BUILD_CACHE_PATH": str(lab.cache),
        "TMPDIR": str(lab.root.parent),
        "_PYTHON_BUILD_FORCE_SKIP_XZ": "1",
    }
    building = subprocess.Popen(words, env=environ, start_new_session=True, stderr=subprocess.PIPE, text=True)
    lab.wait_for("paused")
    os.killpg(building.pid, signal.SIGKILL)
    building.communicate()
    wait_until_gone(lab)
    (lab.switches / "pause").unlink()

    again = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert (again.returncode, works(lab.version)) == (0, False), again.stderr
    assert lab.run(check=True, cache=str(lab.cache))["before"]["state"] == "broken"
    assert lab.run(cache=str(lab.cache))["after"]["state"] == "present"
    assert works(lab.version)


@pytest.mark.parametrize("source", ["build", "archive"])
def test_of_ten_runs_at_once_one_works(lab: Lab, archives: str, source: str) -> None:
    options = {"cache": str(lab.cache)} if source == "build" else {"archive": archives, "remote_src": True}
    started = [lab.start(source=source, **options) for _number in range(10)]
    results = [result_of(process) for process in started]
    assert not [result for result in results if result.get("failed")]
    assert sorted(result["changed"] for result in results) == [False] * 9 + [True]
    assert works(lab.version)
