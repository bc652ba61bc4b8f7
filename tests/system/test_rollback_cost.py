# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollback of the example costs beside ansible.builtin.ping. The benchmark of that name is run, quickly, and judged loosely."""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment

pytestmark = pytest.mark.system

# The benchmark wants 1.2 on a quiet machine, with more repetitions. This is to see that nobody made it another thing.
MOST = 1.6


def test_it_is_a_ping_and_the_reading_of_its_files(
    netcheck_bundle: pathlib.Path, pinned: Interpreter, tmp_path: pathlib.Path
) -> None:
    """That each one changed something, and that ``netcheck --version`` then says the version of its release, the benchmark asserts."""
    (tmp_path / "work").mkdir()
    places = {"root": REPOSITORY, "work": tmp_path / "work", "bundle": netcheck_bundle, "output": tmp_path}
    words = [f"--{name}={path}" for name, path in {**places, "python": pinned.path}.items()]
    argv = [sys.executable, str(REPOSITORY / "tests/bench"), *words, "--quick", "--only=Rollback"]
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    [cases] = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["groups"].values()
    ping, verify, back = (statistics.median(case["cpu"]) for case in cases)
    print(f"CPU: ping {ping:.2f} s, verification {verify:.2f} s, rollback {back:.2f} s")
    assert (back - verify) / ping < MOST
