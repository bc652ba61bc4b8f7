# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see of a build while it goes on, and what becomes of it without them."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import ansible_runner
import pytest

from ansible_collections.netdevops.python.tests.system.playing import LOCAL, environment, here, succeeded
from ansible_collections.netdevops.python.tests.system.pyenv_lab import VERSION, Mirror
from ansible_collections.netdevops.python.tests.system.slow_lab import OBJECTS, SlowLab, running, until

pytestmark = pytest.mark.system

LEASE = 15
# What a busy machine may need beyond the lease to see that it ran out, and to end everything.
SLACK = 20
# With pipelining, a module shows by this line alone: its own file is not copied to the host.
POLL = re.compile(r"Using module file \S+/pyenv_progress\.py")


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[SlowLab]:
    mirror = Mirror(tmp_path)
    lab = SlowLab(tmp_path, mirror)
    shutil.copy(lab.gz, lab.cache)
    yield lab
    lab.let_go()
    mirror.close()


def progress(lab: SlowLab) -> dict[str, Any]:
    """Return what a second terminal shows."""
    return here([{"netdevops.python.pyenv_progress": {"version": VERSION, "root": str(lab.root)}}])[0]


def nothing_is_left(lab: SlowLab) -> bool:
    return not lab.is_building() and not lab.version.exists() and not os.listdir(lab.root / ".builds")


def test_people_see_each_stage_while_it_goes_on(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    lab.hold("configure", "compile", "install")
    with running([lab.task()], tmp_path / "play") as run:
        name = f"here: Python {VERSION}: "
        run.wait_for(f"{name}configure (")
        lab.let_go("configure")
        run.wait_for(f"{name}compile 7 of {lab.total} (")
        seen = progress(lab)
        assert (seen["state"], seen["stage"], seen["done"], seen["total"]) == ("building", "compile", 7, lab.total)
        assert seen["text"] == f"compile 7 of {lab.total}" and not seen["changed"]
        lab.let_go("compile")
        run.wait_for(f"{name}install (")
        lab.let_go("install")
        result = succeeded(run.result())
    assert (result["changed"], result["source"], result["after"]["state"]) == (True, "cache", "present")
    assert not {"needs", "ansible_job_id", "finished", "results_file"} & set(result)
    said = [line for line in run.lines if line.startswith(name)]
    assert said[0] == f"{name}build from cache {lab.cache}/{lab.gz.name}"
    assert len(said) == len(set(said)) <= 4 + OBJECTS, "each once"
    assert progress(lab)["state"] == "none"
    assert here([lab.task()])[0]["source"] == "present"


def test_verbose_output_shows_the_environment_with_the_build_alone(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    lab.hold("compile")
    with running([lab.task()], tmp_path / "play", options=["-vvv"]) as run:
        run.wait_for("compile 7 of")
        lab.let_go()
        succeeded(run.result())
    polls = [number for number, line in enumerate(run.lines) if POLL.search(line)]
    assert polls, "how far it is was asked for"
    commands = [number for number, line in enumerate(run.lines) if "EXEC" in line and "s3cret" in line]
    assert commands, "it is there to be seen"
    assert commands[-1] < polls[0], "asking, and starting the build: none of the polls has it"
    assert [number for number, line in enumerate(run.lines) if "EXEC" in line and number > polls[0]], (
        "they are seen too"
    )


def test_a_failed_build_is_told_with_its_log(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    (lab.bin / "sed").write_text("#!/bin/sh\necho configure is out of paper; exit 1\n")
    (lab.bin / "sed").chmod(0o755)
    [result] = here([lab.task()])
    assert result["failed"] and "python-build failed" in result["msg"], result
    assert not lab.version.exists()
    assert result["problems"]


def test_check_mode_is_one_plain_call(lab: SlowLab) -> None:
    [planned] = here([lab.task()], options=["--check"])
    assert planned["changed"] and "needs" not in planned
    assert not lab.root.exists()


def test_a_task_may_still_have_its_own_async(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    # On a busy machine, Ansible itself asks too early where it asks at once. And it looks for the job in the home that the
    # accounts' file names, while the job is in that of HOME.
    own = {**lab.task(), "async": 60, "poll": 5}
    assert succeeded(here([own], env={"ANSIBLE_ASYNC_DIR": str(tmp_path / "jobs")})[0])["changed"]
    assert lab.version.is_dir()


def test_a_cancelled_run_leaves_no_build(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    lab.hold("compile")
    with running([lab.task(lease=LEASE)], tmp_path / "play") as run:
        run.wait_for("compile 7 of")
        until(lab.is_building, 10)  # the object is there a moment before its compiler waits
        run.kill()
        killed = time.monotonic()
    assert lab.is_building()
    assert progress(lab)["state"] == "building"
    until(lambda: nothing_is_left(lab), LEASE + SLACK)
    assert time.monotonic() - killed > LEASE / 2, "it would have outlived a short outage"
    assert progress(lab)["state"] == "none"
    lab.let_go()
    assert succeeded(here([lab.task()])[0])["after"]["state"] == "present"


def test_who_waits_for_the_same_version_keeps_the_build_of_a_cancelled_run(
    lab: SlowLab, tmp_path: pathlib.Path
) -> None:
    lab.hold("compile")
    with running([lab.task(lease=LEASE)], tmp_path / "one") as one:
        one.wait_for("compile 7 of")
        with running([lab.task(lease=LEASE)], tmp_path / "other") as other:
            other.wait_for("compile 7 of")
            one.kill()
            time.sleep(LEASE + 2)
            assert lab.is_building()
            lab.let_go()
            result = succeeded(other.result())
    assert (result["changed"], result["source"]) == (False, "present"), "the first one's work is taken"


def test_it_shows_under_ansible_runner_too(lab: SlowLab, tmp_path: pathlib.Path) -> None:
    """AWX is ansible-runner: a person sees there what arrives as the stdout of events, while the task still runs."""
    lab.hold("compile")
    folder = tmp_path / "awx"
    (folder / "project").mkdir(parents=True)
    (folder / "inventory").mkdir()
    play = [{"name": "Build", "hosts": "all", "gather_facts": False, "tasks": [lab.task()]}]
    (folder / "project/play.json").write_text(json.dumps(play))
    inventory = {"all": {"hosts": {"bastion1": {**LOCAL}}}}
    (folder / "inventory/hosts.json").write_text(json.dumps(inventory))
    events: list[dict[str, Any]] = []
    keep = ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_CONFIG", "PATH")
    env = {name: value for name, value in environment().items() if name in keep}
    asked = {"private_data_dir": str(folder), "playbook": "play.json", "envvars": env, "event_handler": events.append}
    run = threading.Thread(target=ansible_runner.run, kwargs={**asked, "quiet": True})
    run.start()

    def shown() -> list[dict[str, Any]]:
        return [event for event in events if "compile 7 of" in event.get("stdout", "")]

    until(lambda: bool(shown()), 60, lambda: "\n".join(event.get("stdout", "") for event in events))
    assert not [event for event in events if event["event"] in ("runner_on_ok", "runner_on_failed")]
    lab.let_go()
    run.join(timeout=60)
    assert f"bastion1: Python {VERSION}: compile 7 of {lab.total} (" in shown()[0]["stdout"]
    [done] = [event for event in events if event["event"] == "runner_on_ok"]
    assert done["event_data"]["res"]["changed"] is True
