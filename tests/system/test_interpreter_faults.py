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
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import MODULES
from ansible_collections.netdevops.python.tests.system.pyenv_lab import (
    PACKAGE,
    VERSION,
    Lab,
    Mirror,
    real_python_build,
    result_of,
    wait_until_gone,
)

pytestmark = pytest.mark.system

# All of them on demand: `make interpreters`.
TRIALS = 30 if os.environ.get("NETDEVOPS_FULL") else 6
SEED = int(os.environ.get("NETDEVOPS_SEED") or 2026)
SIGNALS = [signal.SIGTERM, signal.SIGKILL]


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[Lab]:
    (tmp_path / "mirror").mkdir()
    mirror = Mirror(tmp_path / "mirror")
    lab = Lab(tmp_path, mirror)
    shutil.copy(lab.gz, lab.cache)
    yield lab
    mirror.close()


class Trials:
    """Installations of one version that are ended at random moments.

    Args:
        lab: Where.
        options: What the module is asked, beside version and root.
    """

    def __init__(self, lab: Lab, **options: Any) -> None:
        self.lab, self.options = lab, options
        self.whole = self._duration()
        self.met: collections.Counter[str] = collections.Counter()

    def _duration(self) -> float:
        begun = time.monotonic()
        result = self.lab.run(**self.options)
        assert result.get("changed"), result
        return time.monotonic() - begun

    def one(self, how: signal.Signals, moment: float) -> None:
        """Start on an empty root, end it at that part of its time, and hold the rest to what must be true of it."""
        shutil.rmtree(self.lab.root)
        process = self.lab.start(**self.options)
        time.sleep(moment * self.whole)
        process.send_signal(how)
        process.communicate(timeout=60)
        self.look()
        self.converge()

    def look(self) -> None:
        """Ask the module what is there; it must not say present of what does not work."""
        state = self.lab.run(check=True, **self.options)["before"]["state"]
        unfinished = bool(list(self.lab.root.glob(".builds/*")))
        assert state != "present" or works(self.lab.version), "it passes for installed"
        assert state != "present" or not unfinished
        self.met[f"{state}{', unfinished' if unfinished else ''}"] += 1

    def unfinished(self) -> int:
        """Return how many were met in the middle of their work."""
        return sum(count for what, count in self.met.items() if what.endswith("unfinished"))

    def converge(self) -> None:
        """Run it once more, which must do it, leave nothing else, and be the last that does anything."""
        result = self.lab.run(**self.options)
        assert not result.get("failed"), result
        assert works(self.lab.version)
        assert os.listdir(self.lab.version.parent) == [VERSION]
        assert not [*self.lab.root.glob(".builds/*"), *self.lab.root.glob(".logs/*")]
        assert not self.lab.run(**self.options)["changed"]


def works(folder: pathlib.Path) -> bool:
    """Whether the interpreter in a folder says its version and imports every declared module; asked of itself alone."""
    code = f"import {', '.join(MODULES)}, platform; print(platform.python_version())"
    try:
        done = subprocess.run(
            [str(folder / "bin/python"), "-I", "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.stdout == f"{VERSION}\n"


def moments(trials: int) -> Iterator[tuple[signal.Signals, float]]:
    """Yield how and when to end each run; the first third of its time is the start of Python and the plan."""
    print(f"seed {SEED}, {trials} trials")
    numbers = random.Random(SEED)
    for number in range(trials):
        yield SIGNALS[number % len(SIGNALS)], numbers.uniform(0.3, 1.02)


def test_a_build_at_random_moments(lab: Lab) -> None:
    (lab.switches / "pace").touch()
    trials = Trials(lab, cache=str(lab.cache))
    for how, moment in moments(TRIALS):
        trials.one(how, moment)
    print(dict(trials.met))
    assert trials.unfinished() > TRIALS // 2, "hardly any build was met"


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


def test_of_ten_builds_at_once_one_builds(lab: Lab) -> None:
    started = [lab.start(cache=str(lab.cache)) for _number in range(10)]
    results = [result_of(process) for process in started]
    assert not [result for result in results if result.get("failed")]
    assert sorted(result["changed"] for result in results) == [False] * 9 + [True]
    assert works(lab.version)
