# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What poetry_venv costs where nothing is to be done, beside ansible.builtin.ping, and that it starts no Poetry for it.

The benchmark of that name is run, quickly. It puts Poetry out of order before it measures; here the processes are looked at beside.
"""

from __future__ import annotations

import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment

pytestmark = pytest.mark.system

MOST = 1.4
# The look of Poetry takes a third of a second to start.
EVERY = 0.05
OUT_OF_ORDER = "exit 1"


@pytest.fixture
def work() -> Iterator[pathlib.Path]:
    """A folder that the owner of a project can go through: those of pytest are closed."""
    with tempfile.TemporaryDirectory(prefix="project-cost-") as name:
        pathlib.Path(name).chmod(0o755)
        yield pathlib.Path(name)


def processes() -> Iterator[list[str]]:
    """Yield the command lines of what runs now."""
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:  # it ended meanwhile
                continue


def is_poetry(command: Sequence[str], executable: pathlib.Path) -> bool:
    """Whether a command line is of the Poetry of the benchmark, or of what that starts."""
    return str(executable) in command[:2] or str(REPOSITORY / ".venv/bin/poetry") in command[:2]


def watch(process: subprocess.Popen[str], work: pathlib.Path) -> dict[bool, int]:
    """Look at the processes until one ends; return how often Poetry was among them, before and after it was put out of order."""
    seen = {False: 0, True: 0}
    while process.poll() is None:
        for executable in work.glob("netdevops-bench-*/poetry"):
            is_out_of_order = OUT_OF_ORDER in executable.read_text()
            seen[is_out_of_order] += any(is_poetry(command, executable) for command in processes())
        time.sleep(EVERY)
    return seen


def told(values: Sequence[float]) -> str:
    ordered = sorted(values)
    late = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return f"p50 {statistics.median(ordered):.2f}, p95 {late:.2f}, max {ordered[-1]:.2f}"


def test_it_is_little_more_than_a_ping(
    netcheck_bundle: pathlib.Path, pinned: Interpreter, work: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """That nothing was changed, and Poetry not started, the benchmark asserts of each run."""
    places = {"root": REPOSITORY, "work": work, "bundle": netcheck_bundle, "output": tmp_path}
    words = [f"--{name}={path}" for name, path in {**places, "python": pinned.path}.items()]
    argv = [sys.executable, str(REPOSITORY / "tests/bench"), *words, "--quick", "--only=Project"]
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    with (tmp_path / "said").open("w+") as said:
        process = subprocess.Popen(argv, env=env, stdout=said, stderr=said, text=True)
        seen = watch(process, work)
        said.seek(0)
        assert process.returncode == 0, said.read()
    assert seen[False] > 0 and seen[True] == 0
    [cases] = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["groups"].values()
    for case in cases:
        print(f"{case['name']}: CPU s {told(case['cpu'])}; wall s {told(case['wall'])}")
    ping, *ours = (statistics.median(case["cpu"]) for case in cases)
    assert ours and max(ours) / ping <= MOST
