# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back: from a release to the one before, by Ansible on a host without network, and cut short at its one step."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import (
    INSTALL,
    REPOSITORY,
    environment,
    here,
    install_arguments,
    play,
    start,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.receipts import mismatches
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

VERSIONS = ("1.0", "2.0", "3.0")


class Place:
    """An environment of this machine with a release of each version."""

    def __init__(self, folder: pathlib.Path, versions: Sequence[str] = VERSIONS) -> None:
        self.venv = folder / "opt/app/.venv"
        self.releases = self.venv.with_name(".venv.releases")
        self.history = folder / "log/history.jsonl"
        self.bundles = [bundles.small(folder / version, version) for version in versions]
        self.names = [str(self.install(bundle)["release"]) for bundle in self.bundles]

    def install(self, bundle: bundles.Made, **options: Any) -> dict[str, Any]:
        return direct.install(self.venv, bundle, **{"history": str(self.history), "keep": 9, **options})

    def back(self, release: str = "", **options: Any) -> dict[str, Any]:
        return direct.rollback(self.venv, release, **{"history": str(self.history), **options})

    def task(self, **options: Any) -> dict[str, Any]:
        asked = {"venv": str(self.venv), "state": "rolled_back", "allow_container": True, "history": str(self.history)}
        return {INSTALL: {**asked, **options}}

    @property
    def says(self) -> str:
        return bundles.says(self.venv).split()[1]


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


def test_back_twice_and_forward_again(place: Place) -> None:
    """Through Ansible: the old version is printed by its own command after each step."""
    before = tree(place.releases)
    foretold, first, second, third, named, same = here(
        [
            {**place.task(), "check_mode": True},
            place.task(reason="change 7"),
            place.task(),
            place.task(),
            place.task(release=place.names[2][:9]),
            place.task(release=place.names[2]),
        ]
    )
    assert foretold["release"] == succeeded(first)["release"] == place.names[1] and foretold["changed"]
    assert first["packages"]["changed"] == {"alpha": ["3.0", "2.0"]}
    assert first["diff"] == foretold["diff"] and first["actions"] == foretold["actions"]
    assert succeeded(second)["release"] == place.names[0] and second["previous"] == place.names[1]
    assert third["failed"] and "found none" in third["msg"] and all(name in third["msg"] for name in place.names)
    assert succeeded(named)["release"] == place.names[2] and named["changed"]
    assert not succeeded(same)["changed"]
    assert place.says == "3.0"
    lines = differences(before, tree(place.releases))
    changed = [line for line in lines if not line.startswith(".") and "/receipt.index: " not in line]
    assert changed == [], "a rollback neither changes nor deletes anything of a release"
    for name in place.names:
        assert not mismatches(place.releases / name)


def test_check_mode_writes_nothing(place: Place, tmp_path: pathlib.Path) -> None:
    before = tree(tmp_path)
    [result] = here([{**place.task(), "check_mode": True}])
    assert succeeded(result)["changed"]
    assert not differences(before, tree(tmp_path))


def test_a_job_that_is_launched_twice_goes_back_once(place: Place) -> None:
    task = place.task(leaving=place.bundles[2].id[:12])
    foretold, first, second, third = here([{**task, "check_mode": True}, task, task, {**task, "check_mode": True}])
    assert foretold["changed"] and succeeded(first)["release"] == place.names[1]
    for again in (second, third):
        assert not succeeded(again)["changed"] and again["release"] == place.names[1] and "left" in again["msg"]
    assert place.says == "2.0"


def test_the_next_installation_brings_what_it_is_given(place: Place) -> None:
    place.back()
    result = place.install(place.bundles[2])
    assert result["changed"] and [action["verb"] for action in result["actions"]] == ["switch"]
    assert place.says == "3.0"
    assert place.back()["release"] == place.names[1]


def test_a_damaged_release_is_not_gone_to(place: Place) -> None:
    [file] = (place.releases / place.names[1]).glob("lib/python*/site-packages/beta/__init__.py")
    seen = file.stat()
    text = file.read_text(encoding="utf-8")
    file.unlink()  # The other releases share it.
    file.write_text(text.replace("2.0", "6.6"), encoding="utf-8")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    result, further = here([place.task(), place.task(release=place.names[0])])
    assert result["failed"] and "edited: lib/" in result["msg"] and "beta/__init__.py" in result["msg"]
    assert place.names[0] in result["problems"][0]["next_step"]
    assert succeeded(further)["changed"] and place.says == "1.0"
    assert [entry["outcome"] for entry in read_history(str(place.history))][-2:] == ["failed", "done"]


@pytest.mark.parametrize(("keep", "drifts"), [(3, 1), (3, 2), (2, 1), (2, 2)])
def test_what_was_repaired_is_no_step(tmp_path: pathlib.Path, keep: int, drifts: int) -> None:
    """Somebody edits the current release, an installation repairs it; a rollback goes to the version before."""
    place = Place(tmp_path, VERSIONS[:2])
    for number in range(drifts):
        [file] = place.venv.glob("lib/python*/site-packages/beta/__init__.py")
        file.unlink()
        file.write_text(f"print({number})\n", encoding="utf-8")
        result = place.install(place.bundles[1], keep=keep)
        assert [action["verb"] for action in result["actions"]] == ["build", "switch"]
    found = [name for name in os.listdir(place.releases) if not name.startswith(".")]
    assert len(found) <= keep and not mismatches(place.venv.resolve())
    assert place.back()["release"] == place.names[0] and place.says == "1.0"


@pytest.mark.parametrize("target", ["/usr", "/nowhere", ".venv.releases/0123456789abcdef", ""])
def test_a_broken_link_is_left_behind(place: Place, target: str) -> None:
    place.venv.unlink()
    if target:
        place.venv.symlink_to(target)
    [result] = here([place.task()])
    assert succeeded(result)["release"] == place.names[2] and place.says == "3.0"
    assert place.back()["release"] == place.names[1]


def test_what_was_declared_is_proven_again_where_that_is_asked(tmp_path: pathlib.Path) -> None:
    """Something outside of the release went away, which no file of it tells."""
    place = Place(tmp_path)
    needed = tmp_path / "needed"
    needed.write_text("")
    proof = {"commands": [["/bin/cat", str(needed)]]}
    place.install(place.bundles[0], prove=proof)
    place.install(place.bundles[1])
    needed.unlink()
    with pytest.raises(Refused, match=r"failed in release \w+ \(exit 1\)"):
        place.back(prove_again=True)
    assert place.back()["changed"] and place.says == "1.0"


KILLED = """
import os, signal, sys
from ansible_collections.netdevops.python.plugins.module_utils.host import rollback
from ansible_collections.netdevops.python.tests.system import direct
real = rollback.switch
def switch(environment, name):
    if sys.argv[3] == "after":
        real(environment, name)
    os.kill(os.getpid(), signal.SIGKILL)
rollback.switch = switch
direct.rollback(sys.argv[1], history=sys.argv[2])
"""


@pytest.mark.parametrize(("when", "current", "then"), [("before", 2, 1), ("after", 1, 0)])
def test_killed_at_the_switch(place: Place, when: str, current: int, then: int) -> None:
    """Killed between journal and link, or right after the link: the next one goes back by exactly one."""
    words = [sys.executable, "-c", KILLED, str(place.venv), str(place.history), when]
    done = subprocess.run(words, env=environment(PYTHONPATH=str(REPOSITORY / ".collections")), check=False)
    assert done.returncode == -signal.SIGKILL
    assert place.says == VERSIONS[current]
    assert read_history(str(place.history))[-1]["outcome"] == "interrupted"
    assert place.back()["release"] == place.names[then]
    assert place.says == VERSIONS[then]
    assert not [name for name in os.listdir(place.releases) if name.startswith((".tmp-", ".link-", ".rubbish-"))]


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "opt")
    try:
        yield disk
    finally:
        disk.close()


def test_on_a_full_disk(disk: Disk, tmp_path: pathlib.Path) -> None:
    """A rollback is wanted most when a disk is full: it writes nothing that it cannot do without."""
    place = Place(tmp_path)
    with contextlib.suppress(OSError), open(disk.folder / "filler", "wb", buffering=0) as stream:
        while True:
            stream.write(bytes(1 << 16))
    assert os.statvfs(disk.folder).f_bavail == 0
    assert [place.back()["release"], place.back()["release"]] == [place.names[1], place.names[0]]
    assert place.says == "1.0"
    (disk.folder / "filler").unlink()
    assert place.back(place.names[2])["changed"] and place.back()["release"] == place.names[0]


def test_on_a_disk_without_room_for_a_link(disk: Disk, tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    disk.leave(inodes=0)
    before = tree(disk.folder)
    with pytest.raises(Refused, match="No space left on device, in stage switch"):
        place.back()
    assert place.says == "3.0" and not differences(before, tree(disk.folder))


AT_ONCE = """
import sys
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.system import direct
venv, history, what = sys.argv[1:]
try:
    if what:
        direct.install(venv, what, history=history, keep=9)
    else:
        direct.rollback(venv, history=history)
except Refused as refused:
    print(refused)
"""


def test_twenty_at_once(place: Place) -> None:
    """Ten go back and ten install, in any order: each works or says why not, and the environment is whole."""
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    asked = ["", str(place.bundles[0])] * 5 + ["", str(place.bundles[2])] * 5
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(place.venv), str(place.history), what],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for what in asked
    ]
    for said in [run.communicate(timeout=120)[0].strip() for run in runs]:
        assert not said or "expected a release that was current before" in said, said
    assert place.says in VERSIONS
    assert not mismatches(place.venv.resolve())
    entries = read_history(str(place.history), str(place.venv))
    assert {entry["outcome"] for entry in entries} == {"done"}
    # Each one started where the one before it had ended.
    ways = [(entry["from"]["release"], entry["to"]["release"]) for entry in entries]
    assert all(earlier[1] == later[0] for earlier, later in zip(ways, ways[1:])), ways


def test_who_did_it_and_why_as_awx_says_it(place: Place, tmp_path: pathlib.Path) -> None:
    """Everything that AWX passes is an extra variable; what is secret never gets into the history."""
    variables = {
        "awx_job_id": 4711,
        "awx_user_name": "eve",
        "awx_project_revision": "0badcafe",
        "awx_job_template_name": "Roll back",
        "tower_job_id": 4711,
        "api_token": "hunter2-token",
        "ansible_become_password": "hunter2-become",
    }
    file = tmp_path / "extra.json"
    file.write_text(json.dumps(variables), encoding="utf-8")
    hosts = {"here": {"ansible_password": "hunter2-login", "ansible_user": "netops"}}
    task = {**place.task(reason="netmiko 4.6 drops sessions"), "environment": {"TOKEN": "{{ api_token }}"}}
    folder = tmp_path / "play"
    folder.mkdir()
    process = start([task], str(folder), hosts=hosts, options=["-e", f"@{file}", "-vvv"])
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    entry = read_history(str(place.history))[-1]
    assert (entry["what"], entry["outcome"], entry["reason"]) == ("rollback", "done", "netmiko 4.6 drops sessions")
    assert {key: entry["by"][key] for key in entry["by"] if key.startswith("awx_")} == {
        "awx_job_id": "4711",
        "awx_user_name": "eve",
        "awx_project_revision": "0badcafe",
        "awx_job_template_name": "Roll back",
    }
    assert entry["by"]["controller_user"]
    assert entry["from"]["bundle"] == place.bundles[2].id and entry["to"]["bundle"] == place.bundles[1].id
    assert "hunter2" not in place.history.read_text(encoding="utf-8")


def test_an_installation_stands_in_the_history_and_a_converged_one_does_not(place: Place) -> None:
    arguments = install_arguments(place.venv, bundle=str(place.bundles[0]), history=str(place.history), keep=9)
    before = len(read_history(str(place.history)))
    first, second, gone = here(
        [
            {INSTALL: {**arguments, "reason": "old switches"}},
            {INSTALL: arguments},
            {INSTALL: {**arguments, "bundle": None, "python": None, "state": "absent", "reason": "not needed"}},
        ]
    )
    assert succeeded(first)["changed"] and not succeeded(second)["changed"] and succeeded(gone)["changed"]
    install, remove = read_history(str(place.history))[before:]
    assert (install["what"], install["reason"], install["to"]["release"]) == ("install", "old switches", place.names[0])
    assert (remove["what"], remove["reason"], remove["outcome"]) == ("remove", "not needed", "done")
    assert remove["from"]["release"] == place.names[0] and install["by"]["controller_user"]


@pytest.fixture(scope="module")
def air() -> Iterator[Host]:
    """A host without network, with an account that owns the environment."""
    host = Host(f"netdevops-rollback-{os.getpid()}")
    try:
        host.run("useradd", "--create-home", "netops")
        host.run("install", "-d", "-o", "netops", "/opt/app")
        yield host
    finally:
        host.close()


@pytest.fixture(scope="module")
def said(air: Host, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bundles")
    pin = air.run(PYTHON, "-c", "import platform; print(platform.python_version())").strip()
    digits = "".join(pin.split(".")[:2])
    target = bundles.TARGET.replace(bundles.TARGET.partition("-")[0], f"cp{digits}")
    asked = {"venv": "/opt/app/.venv", "python": PYTHON, "compile": False, "owner": "netops"}
    tasks: list[dict[str, Any]] = []
    for version in VERSIONS:
        made = bundles.small(folder / version, version).seal(pin=pin, target=target)
        tasks.append({INSTALL: {**asked, "bundle": str(made)}})
    back = {"venv": "/opt/app/.venv", "state": "rolled_back"}
    tasks += [{INSTALL: back}, {INSTALL: back, "become": True, "become_user": "netops"}]
    hosts = {"air": {**air.variables, "ansible_become_method": "ansible.builtin.su"}}
    return play(tasks, hosts=hosts)["air"]


def test_root_goes_back_and_so_does_the_owner(air: Host, said: list[dict[str, Any]]) -> None:
    *installs, as_root, as_owner = said
    assert all(succeeded(result)["changed"] for result in installs)
    assert succeeded(as_root)["release"] == installs[1]["release"]
    assert succeeded(as_owner)["release"] == installs[0]["release"]
    assert air.run("/opt/app/.venv/bin/alpha", user="netops").split() == ["alpha", "1.0", "beta", "2.0"]


def test_each_has_a_history_of_its_own(air: Host, said: list[dict[str, Any]]) -> None:
    roots, owners = "/var/log/netdevops-python", "/home/netops/.local/state/netdevops-python"
    assert air.run("stat", "-c", "%a %U", roots, f"{roots}/history.jsonl").split() == [
        "755",
        "root",
        "644",
        "root",
    ]
    assert air.run("stat", "-c", "%a %U", owners, f"{owners}/history.jsonl").split() == [
        *("700", "netops"),
        *("600", "netops"),
    ]
    lines = air.run("cat", f"{roots}/history.jsonl").splitlines()
    assert [json.loads(line)["what"] for line in lines] == ["install"] * 6 + ["rollback"] * 2
    assert len(air.run("cat", f"{owners}/history.jsonl").splitlines()) == 2
