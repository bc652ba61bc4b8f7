# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three people on one jump host, two pins: each has what their projects pin, and nobody changes what another one runs."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.clock import timed
from ansible_collections.netdevops.python.tests.system.jump_host import (
    ATTACK,
    PEOPLE,
    PROFILE,
    SHARED,
    JumpHost,
    all_good,
    pyenv_archive,
    tasks,
    two_pins,
)
from ansible_collections.netdevops.python.tests.system.playing import play

pytestmark = pytest.mark.system

# A folder that is the whole PATH of a shell.
ALONE = "/tmp/alone"
# Changes the tree between a folder and a link to root's folders, as fast as it can.
FLIP = r"""
import os, shutil, sys, time
home, done = sys.argv[1:]
targets = ["/etc/victim", "/opt/pyenv", "/opt/pyenv/versions", "/root"]
tree, count = home + "/.pyenv", 0
while not os.path.exists(done):
    count += 1
    for path in (tree, tree + "/versions", tree + "/shims"):
        try:
            os.rename(path, home + "/aside")
            os.symlink(targets[count % len(targets)], path)
            time.sleep(0.002)
            os.unlink(path)
            os.rename(home + "/aside", path)
        except OSError:  # the module was faster
            shutil.rmtree(home + "/aside", ignore_errors=True)
            if os.path.islink(path):
                os.unlink(path)
        time.sleep(0.004)
print(count)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return pyenv_archive(tmp_path_factory.mktemp("pyenv"))


@pytest.fixture(scope="module")
def jump(tmp_path_factory: pytest.TempPathFactory, archive: tuple[str, str]) -> Iterator[JumpHost]:
    """A jump host on which everything was set up once, by Ansible."""
    lab = JumpHost(tmp_path_factory.mktemp("jump"), two_pins())
    try:
        lab.bare = lab.snapshot("/home", "/etc/profile.d")
        lab.first = lab.play(*tasks(*archive, lab.pins))
        projects(lab)
        yield lab
    finally:
        lab.close()


def projects(lab: JumpHost) -> None:
    """Give each person a project with each pin, in which a colleague's has the other one."""
    for number, name in enumerate(PEOPLE):
        for project in (0, 1):
            pin = lab.pins[(number + project) % 2]
            lab.host.write(f"/home/{name}/work-{project}/.python-version", f"{pin}\n")
        lab.host.run("chown", "-R", f"{name}:{name}", f"/home/{name}")


def test_a_second_run_changes_nothing(jump: JumpHost, archive: tuple[str, str]) -> None:
    assert all_good(jump.first) == [True] * 5
    again = jump.play(*tasks(*archive, jump.pins))
    assert all_good(again) == [False] * 5
    checkout, users = jump.first[0], jump.first[3]
    assert checkout["delivered"] > 100_000 and "delivered" not in again[0]
    assert again[0]["seconds"] < 1
    assert sorted(users["users"]) == sorted(PEOPLE)
    assert jump.host.run(f"{SHARED}/bin/pyenv", "--version").split()[1] == checkout["version"]
    assert jump.host.run(f"{SHARED}/plugins/python-build/bin/python-build", "--definitions").count("\n") > 100


def test_everybody_has_their_pins_at_once(jump: JumpHost) -> None:
    lines = (
        "cd ~/work-0; python -V",
        "cd ~/work-1; python -V; pip --version | sed 's/.*python/pip/'",
        "cd ~; python -V",
    )
    sessions = [(name, number, jump.log_in(name)) for number, name in enumerate(PEOPLE) for _twice in range(2)]
    for name, number, session in sessions:
        one, other = jump.pins[number % 2], jump.pins[(number + 1) % 2]
        said = [line for line in jump.type(session, *lines) if line.startswith("Python")]
        assert said == [f"Python {one}", f"Python {other}", f"Python {jump.pins[1]}"], name


def test_pyenv_itself_works_for_a_person(jump: JumpHost) -> None:
    one, other = jump.pins
    said = jump.type(
        jump.log_in("grace"),
        "mkdir -p ~/new; cd ~/new",
        "pyenv versions --bare",
        f"pyenv local {one}; cat .python-version; python -V",
        f"pyenv shell {other}; python -V; pyenv shell --unset; python -V",
        "pyenv which python; pyenv root; command -v python",
        "python -m venv --without-pip .venv && .venv/bin/python -c 'import sys; print(sys.base_prefix)'",
        "cd; rm -r ~/new",
    )
    assert said == [
        *sorted(jump.pins, key=lambda pin: int(pin.split(".")[1])),
        one,
        f"Python {one}",
        f"Python {other}",
        f"Python {one}",
        f"/home/grace/.pyenv/versions/{one}/bin/python",
        "/home/grace/.pyenv",
        "/home/grace/.pyenv/shims/python",
        f"/home/grace/.pyenv/versions/{one}",
    ]


def test_nobody_writes_into_what_another_one_runs(jump: JumpHost) -> None:
    for name in PEOPLE:
        others = [f"/home/{other}/.pyenv" for other in PEOPLE if other != name]
        attack = json.loads(jump.host.run("python3", "-c", ATTACK, SHARED, *others, PROFILE, user=name))
        assert attack["done"] == [] and attack["tried"] > 5000, attack
    own = json.loads(jump.host.run("python3", "-c", ATTACK, "/home/ada/.pyenv", user="ada"))
    assert len(own["done"]) > 20  # it does find what can be written


def test_ansible_still_finds_its_interpreter(jump: JumpHost) -> None:
    # What Ansible says of every host whose interpreter nobody named.
    standing = "but future installation of another Python interpreter could cause a different interpreter"
    hosts = {name: jump.ssh_variables(name) for name in (*PEOPLE, "root")}
    said = play([{"ansible.builtin.ping": {}}], hosts=hosts)
    assert sorted(said) == sorted(hosts)
    for (ping,) in said.values():
        assert ping["ping"] == "pong", ping
        assert ping["ansible_facts"]["discovered_interpreter_python"].startswith("/usr/bin/python3")
        assert [warning for warning in ping.get("warnings", ()) if standing not in warning] == []


@pytest.mark.parametrize("name", [*PEOPLE[:1], "root"])
def test_no_shell_that_nobody_types_into_meets_a_shim(jump: JumpHost, name: str, tmp_path: pathlib.Path) -> None:
    show = 'echo "$PATH:${PYENV_ROOT-none}"'
    for command in (show, f"bash -lc '{show}'", f"sh -lc '{show}'", f"bash -c '{show}'"):
        said = jump.command(name, command)
        assert "shims" not in said and said.rstrip().endswith(":none"), (command, said)
    assert "shims" not in jump.host.run("sudo", "-i", "-u", name, "sh", "-c", show)
    assert "shims" not in jump.host.run("su", "-", name, "-c", show)
    assert jump.command(name, "command -v python3").strip() == "/usr/bin/python3"
    (tmp_path / "file").write_text("x")
    jump.copy(name, tmp_path / "file", f"/tmp/file-of-{name}")


def test_root_logs_in_without_shims(jump: JumpHost) -> None:
    assert jump.type(jump.log_in("root"), 'echo "${PYENV_ROOT-none}"; command -v python3') == [
        "none",
        "/usr/bin/python3",
    ]


@pytest.mark.parametrize("shell", ["dash -eu", "bash -eu", "bash --posix -eu"])
def test_the_profile_is_plain_and_costs_nothing(jump: JumpHost, shell: str) -> None:
    count = 50
    script = f"n=0; while [ $n -lt {count} ]; do . {PROFILE}; n=$((n + 1)); done; echo $PATH; pyenv root"
    started = time.monotonic()
    said = jump.host.run("su", "ada", "-c", f"{shell} -i -c '{script}' 2>/dev/null").split("\n")
    each = (time.monotonic() - started) / count
    assert said[0].count("/home/ada/.pyenv/shims") == 1 and said[1] == "/home/ada/.pyenv"
    assert each < 0.05
    bare = f"env -i PATH=/usr/bin {shell} -c '. {PROFILE}; echo $PATH'"
    assert jump.host.run("su", "ada", "-c", bare).strip() == "/usr/bin"
    homeless = f"env -i PATH=/usr/bin {shell} -i -c '. {PROFILE}; echo $PATH' 2>/dev/null"
    assert jump.host.run("su", "ada", "-c", homeless).strip() == "/usr/bin"


@pytest.mark.parametrize(("shell", "calls"), [("dash", "id\n"), ("bash --norc", ""), ("bash --norc --posix", "")])
def test_the_profile_starts_no_program_in_bash(jump: JumpHost, shell: str, calls: str) -> None:
    """There is one program on PATH, and it tells when it is started; another one would not be found."""
    jump.host.run("sh", "-c", f"rm -rf {ALONE}; mkdir -m 1777 {ALONE}")
    jump.host.write(f"{ALONE}/id", f"#!/bin/sh\necho id >>{ALONE}/log\necho 1000\n", "0755")
    line = (
        f"touch {ALONE}/log; env -i HOME=/home/ada PATH={ALONE} /bin/{shell} -eu -i -c '. {PROFILE}; echo $PATH' 2>&1"
    )
    said = jump.host.run("su", "ada", "-c", line)
    assert "not found" not in said and said.splitlines()[-1].startswith("/home/ada/.pyenv/shims:"), said
    assert jump.host.run("cat", f"{ALONE}/log") == calls


def test_a_tree_costs_links_and_shims_alone(jump: JumpHost) -> None:
    size = int(jump.host.run("du", "-sk", "/home/ada/.pyenv").split()[0])
    whole = int(jump.host.run("du", "-sk", SHARED).split()[0])
    assert size < 400 and whole > 50 * size, (size, whole)
    seconds = timed(lambda: jump.host.run("su", "-", "ada", "-c", f"PYENV_ROOT=~/.pyenv {SHARED}/bin/pyenv rehash"))
    print(f"a personal tree: {size} KiB of {whole} KiB that are shared; a rehash takes {seconds:.2f} s")


def test_a_person_may_do_it_alone(jump: JumpHost, archive: tuple[str, str]) -> None:
    own = {"netdevops.python.pyenv_users": {"users": ["grace"]}}
    others = {"netdevops.python.pyenv_users": {"users": ["ada", "grace"]}}
    place = {"root": "/home/grace/own-pyenv", "archive": archive[0], "sha256": archive[1]}
    jump.host.run("rm", f"/home/grace/.pyenv/versions/{jump.pins[0]}")
    tasks_of_hers = [own, own, {"netdevops.python.pyenv_checkout": place}, others]
    *served, refused = jump.play(*tasks_of_hers, user="grace")
    assert all_good(served) == [True, False, True]
    assert refused["failed"] and "user 'ada': the module runs as user id" in refused["msg"]
    assert jump.host.run("/home/grace/own-pyenv/bin/pyenv", "--version", user="grace").startswith("pyenv ")
    jump.host.run("rm", "-r", "/home/grace/own-pyenv")


def test_what_a_person_plants_gains_nothing(jump: JumpHost) -> None:
    host, pin = jump.host, jump.pins[0]
    host.run("sh", "-c", "mkdir -p /etc/victim; chmod 755 /etc/victim")
    before = jump.snapshot("/etc/victim", "/root", SHARED)
    host.run("su", "linus", "-c", "mv ~/.pyenv ~/good; ln -s /etc/victim ~/.pyenv")
    host.run("rm", f"/home/grace/.pyenv/versions/{pin}")
    planted = jump.users({"users": PEOPLE})[0]
    assert "linus: /home/linus/.pyenv: is a link that leads out of the home, to /etc/victim" in planted["msg"]
    assert planted["users"]["grace"]["changed"]  # one person's problem stops nobody else
    host.run(
        "su",
        "linus",
        "-c",
        f"rm ~/.pyenv; mv ~/good ~/.pyenv; rm -r ~/.pyenv/versions; ln -s {SHARED}/versions ~/.pyenv/",
    )
    for state in ("present", "absent"):
        assert "/.pyenv/versions: is a link" in jump.users({"users": ["linus"], "state": state})[0]["msg"]
    host.run("rm", "/home/linus/.pyenv/versions")
    assert jump.users({"users": ["linus"]})[0]["changed"]
    assert jump.snapshot("/etc/victim", "/root", SHARED) == before


def test_a_race_with_the_module_gains_nothing_either(jump: JumpHost) -> None:
    host = jump.host
    host.run("mkdir", "-p", "/etc/victim")
    before = jump.snapshot("/etc/victim", "/root", SHARED)
    words = ["podman", "exec", "--user", "linus", host.name, "python3", "-c", FLIP, "/home/linus", "/tmp/raced"]
    one: dict[str, Any] = {"users": ["linus"], "replace_global": True, "timeout": 4}
    each = [{**one, "global": jump.pins[number % 2]} for number in range(30)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as flipping:
        results = jump.users(*each, *({**one, "state": "absent"} for one in each[:10]), done="/tmp/raced")
        flips = int(flipping.communicate()[0])
    failed = [str(result["msg"]) for result in results if result.get("failed")]
    print(f"{flips} flips; {len(failed)} of {len(results)} runs were stopped by them")
    assert any("leads out of the home" in message for message in failed) and len(failed) < len(results)
    assert jump.snapshot("/etc/victim", "/root", SHARED) == before
    assert host.run("find", "/home/linus", "-user", "root").strip() == ""
    host.run("rm", "-rf", "/home/linus/.pyenv", "/home/linus/aside")
    assert jump.users({"users": ["linus"], "global": jump.pins[1]})[0]["changed"]


def test_taken_away_again_the_homes_are_as_they_were(jump: JumpHost) -> None:
    host = jump.host
    for name in PEOPLE:
        host.run("rm", "-rf", f"/home/{name}/work-0", f"/home/{name}/work-1", f"/home/{name}/.ansible")
        host.run("sh", "-c", f"rm -rf /home/{name}/.bash_history /home/{name}/.cache /home/{name}/.python-version")
    absent: dict[str, Any] = {"netdevops.python.pyenv_users": {"users": list(PEOPLE), "state": "absent"}}
    file = {"ansible.builtin.file": {"path": PROFILE, "state": "absent"}}
    checkout = {"netdevops.python.pyenv_checkout": {"state": "absent"}}
    hers = {"netdevops.python.pyenv_checkout": {"root": "/home/grace/own-pyenv", "state": "absent"}}
    refused, *results = jump.play(hers, {**absent, "check_mode": True}, absent, file, checkout, absent, checkout)
    assert refused["failed"] and "/home/grace: belongs to user id" in refused["msg"]
    assert all_good(results) == [True, True, True, True, False, False]
    assert jump.snapshot("/home", "/etc/profile.d") == jump.bare
    left = set(host.run("ls", "-A", SHARED).split())
    assert left <= {"versions", ".locks", ".builds", ".logs"} and re.search(
        r"^3\.", host.run("ls", f"{SHARED}/versions")
    )
