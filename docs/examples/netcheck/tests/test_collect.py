# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collecting, with a function in place of the SSH session."""

from pathlib import Path

from nornir.core.task import Task
from pydantic import SecretStr

from netcheck.capture import Capture
from netcheck.collect import Login, collect, inventory
from netcheck.intent import Intent, load


def everything(sample: Path) -> tuple[Intent, Login]:
    """Return the sample's inventory and a login."""
    return load(str(sample / "intent.yml")), Login(username="ops", password=SecretStr("secret"))


def test_what_is_collected_is_what_the_check_reads(sample: Path, tmp_path: Path) -> None:
    devices = inventory(*everything(sample))

    def replay(task: Task, command: str) -> str:
        return Capture(sample / "captures", task.host.name).text(command)

    assert collect(devices, tmp_path / "new", send=replay) == {}
    assert sorted(p.read_bytes() for p in (tmp_path / "new").glob("*/*")) == sorted(
        p.read_bytes() for p in (sample / "captures").glob("*/*")
    )


def test_a_device_that_fails_is_named_and_the_others_are_kept(sample: Path, tmp_path: Path) -> None:
    devices = inventory(*everything(sample))

    def refuse(task: Task, command: str) -> str:
        if task.host.name == "fra-mx-1":
            raise ConnectionError("no route to host")
        return command

    failed = collect(devices, tmp_path / "new", send=refuse)
    assert failed == {"fra-mx-1": "no route to host"}
    assert (tmp_path / "new/par-core-1/show_version.txt").read_text() == "show version"
