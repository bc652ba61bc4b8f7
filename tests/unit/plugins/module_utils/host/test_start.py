# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import subprocess
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.start import start
from ansible_collections.netdevops.python.tests.unit.support.hosts import base_interpreter

OWNER = (os.geteuid(), os.getegid())


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("start") / "r1"
    subprocess.run([base_interpreter(), "-I", "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def test_one_that_works_is_silent_and_writes_nothing(venv: pathlib.Path) -> None:
    before = sorted(venv.rglob("*"))
    start(run_process, str(venv), 20, OWNER, "")
    assert sorted(venv.rglob("*")) == before


def test_what_starts_with_it_may_say_something(venv: pathlib.Path) -> None:
    [site] = venv.glob("lib/python*/site-packages")
    (site / "noise.pth").write_text("import sys; sys.stdout.write('noise')\n")
    try:
        start(run_process, str(venv), 20, OWNER, "")
    finally:
        (site / "noise.pth").unlink()


def says(rc: int, stdout: str, stderr: str = "") -> str:
    def run(argv: Any, **options: Any) -> Completed:
        assert options["user"] is None and options["timeout"] == 7
        return Completed(tuple(argv), rc, stdout, stderr)

    with pytest.raises(Refused) as caught:
        start(run, "/opt/r1", 7, OWNER, "Look.")
    assert caught.value.problems[0].subject == "/opt/r1/bin/python" and caught.value.problems[0].next_step == "Look."
    return caught.value.problems[0].message


def test_one_that_does_not_start() -> None:
    assert says(127, "", "libpython3.11.so: cannot open.") == "does not work (exit 127): libpython3.11.so: cannot open."
    assert says(-11, "") == "does not work (signal 11): it said nothing."


def test_one_that_is_somewhere_else() -> None:
    assert says(0, "\n/usr") == "expected to run in /opt/r1, it runs in /usr."
    assert says(0, "") == "expected to run in /opt/r1, it runs in no release."
