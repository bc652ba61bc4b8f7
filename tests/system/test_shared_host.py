# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three people, four repositories, two pins, one host: what each of them cloned works, at once, and is nobody else's to change.

What makes the host of a bare one is docs/jump-hosts.md, followed line by line.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping

import pytest

from ansible_collections.netdevops.python.tests.system.jump_host import ATTACK, PEOPLE, SHARED, two_pins
from ansible_collections.netdevops.python.tests.system.poetry_lab import interpreter
from ansible_collections.netdevops.python.tests.system.shared_host import OPS, READERS, Repository, SharedHost
from ansible_collections.netdevops.python.tests.system.ssh import command

pytestmark = pytest.mark.system

# Runs commands again and again until a file is there; prints each different line that they said, and how often.
AGAIN = r"""
import collections, os, subprocess, sys, time
*commands, over = sys.argv[1:]
said = collections.Counter()
while not os.path.exists(over):
    for one in commands:
        done = subprocess.run([one], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        said[done.stdout.strip() if done.returncode == 0 else "failed: " + done.stdout] += 1
        time.sleep(0.1)  # the host has other things to do
for line, count in said.items():
    print(count, line)
"""
CONTACT = "netops@example.net"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedHost]:
    """The host, as it is when the guide was followed up to its second day."""
    # Poetry's own is there at the path that it was built for, where a copy elsewhere would take its library from.
    lab = SharedHost(tmp_path_factory.mktemp("shared"), two_pins(besides=interpreter().name))
    try:
        lab.follow("From nothing")
        yield lab
    finally:
        lab.close()


def may_run(lab: SharedHost, person: str) -> list[Repository]:
    """Return the repositories whose commands are for a person."""
    return [one for one in lab.all if one.owner == person or (one.owner == OPS and person in READERS)]


def run_at_once(lab: SharedHost, over: str) -> dict[str, subprocess.Popen[str]]:
    """Let everyone run all their commands over SSH, until the file ``over`` is there."""
    lab.host.write("/opt/again.py", AGAIN)
    started = {}
    for person in PEOPLE:
        words = ["python3", "/opt/again.py", *(one.command for one in may_run(lab, person)), over]
        argv = command(lab.address, person, lab.key, *words)
        started[person] = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return started


def heard(started: Mapping[str, subprocess.Popen[str]]) -> dict[str, dict[str, int]]:
    """Wait for what :func:`run_at_once` started; return how often each line was said, by person."""
    found = {}
    for person, process in started.items():
        lines = [line.partition(" ") for line in process.communicate(timeout=120)[0].splitlines()]
        found[person] = {said: int(count) for count, _blank, said in lines}
    return found


def test_every_repository_has_its_own(shared: SharedHost) -> None:
    shared.follow("What people see")
    for one in shared.all:
        assert shared.host.run(one.command, user=one.owner).strip() == one.says
        base = shared.host.run(f"{one.folder}/.venv/bin/python", "-c", "import sys; print(sys.base_prefix)")
        assert base.strip() == f"{SHARED}/versions/{one.pin}"
        assert shared.host.run("find", one.folder, "!", "-user", one.owner) == ""
        assert shared.host.run("git", "-C", one.folder, "status", "--porcelain", user=one.owner) == ""


def test_all_work_at_once_while_one_is_switched(shared: SharedHost) -> None:
    ours = shared.all[0]
    later = ours._replace(alpha="2.0")
    shared.publish(later)
    started = run_at_once(shared, "/tmp/over")
    try:
        shared.follow("A new lock", "Back")
    finally:
        shared.host.run("touch", "/tmp/over")
    said = heard(started)
    for person in PEOPLE:
        expected = {one.says for one in may_run(shared, person)} | ({later.says} if person == ours.owner else set())
        assert set(said[person]) == expected, said[person]
        assert all(count > 1 for count in said[person].values()), said[person]
    print({person: sum(counts.values()) for person, counts in said.items()}, "commands")
    assert shared.host.run("git", "-C", ours.folder, "status", "--porcelain", user=ours.owner) == ""


@pytest.mark.parametrize("person", PEOPLE)
def test_pip_is_refused_outside_of_an_environment(shared: SharedHost, person: str) -> None:
    """As somebody types it, whose login finds the interpreter by way of pyenv, and for each interpreter by its path."""
    for pin in shared.pins:
        line = f'said=$(PYENV_VERSION={pin} pip install requests 2>&1); echo "rc $?"; echo "$said"'
        said = shared.type(shared.log_in(person), line)
        assert "rc 1" in said and any("This Python belongs to everybody on this host" in line for line in said), said
        line = f"{SHARED}/versions/{pin}/bin/pip install --user requests 2>&1 || true"
        assert CONTACT in shared.command(person, line)
    assert "externally-managed-environment" in shared.command(person, "/usr/bin/pip3 install requests 2>&1 || true")


def test_the_tools_of_the_distribution_still_work(shared: SharedHost) -> None:
    for line in ("apt-get check -qq", "dpkg --configure -a", "py3clean -p python3-pip", "py3compile -p python3-pip"):
        shared.host.run("sh", "-ec", line)
    assert "pip" in shared.host.run("/usr/bin/pip3", "list")
    assert shared.host.run("/usr/bin/python3", "-c", "import setuptools; print('there')") == "there\n"


def test_nobody_writes_what_is_of_another(shared: SharedHost) -> None:
    tools = "/opt/netops"
    for person in PEOPLE:
        others = [one.folder for one in shared.all if one.owner != person]
        attack = json.loads(shared.host.run("python3", "-c", ATTACK, tools, *others, user=person))
        assert attack["done"] == [] and attack["tried"] > 500, attack
    own = json.loads(shared.host.run("python3", "-c", ATTACK, shared.all[0].folder, user=shared.all[0].owner))
    assert len(own["done"]) > 20  # it does find what can be written
    (outside,) = (person for person in PEOPLE if person not in READERS)
    assert "denied" in shared.host.run("sh", "-c", f"su {outside} -c {shared.all[-1].command} 2>&1 || true")
