# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build on a host that is reached over SSH, as a user who becomes root, when the connection is cut."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.hosts import BUILDER, PYTHON, Host, podman
from ansible_collections.netdevops.python.tests.system.playing import play, succeeded
from ansible_collections.netdevops.python.tests.system.pyenv_lab import VERSION, Mirror
from ansible_collections.netdevops.python.tests.system.slow_lab import SlowLab, running, until
from ansible_collections.netdevops.python.tests.system.ssh import NETWORK, address_of, command, prepare, variables

pytestmark = pytest.mark.system

KEYS = "/etc/ssh/deploy.pub"
# It comes back some seconds after it was killed, as a host does behind a switch that restarts; not while /run/away is there.
SERVE = (
    f"while :; do test -e /run/away || /usr/sbin/sshd -D -o AuthorizedKeysFile={KEYS} -o StrictModes=no; sleep 3; done"
)
CUT = 'for each in /proc/[0-9]*; do if test "$(cat $each/comm)" = sshd; then kill -9 "${each#/proc/}"; fi; done'


class Remote:
    """A build box without a way out, and the lab on it."""

    def __init__(self, folder: pathlib.Path, mirror: Mirror) -> None:
        self.lab, self.key, self.folder = SlowLab(folder, mirror), folder / "key", folder
        shutil.copy(self.lab.gz, self.lab.cache)
        public = prepare(self.key)
        self.name = f"netdevops-outage-{os.getpid()}"
        shown, options = [pathlib.Path(sys.base_prefix)], ["--init", "--volume", f"{folder}:{folder}"]
        self.host = Host(self.name, shown, image=BUILDER, network=NETWORK, options=options)
        try:
            self._serve(public)
        except BaseException:
            self.host.close()
            raise

    def _serve(self, public: str) -> None:
        self.host.run("useradd", "--create-home", "deploy")
        self.host.write("/etc/sudoers.d/deploy", "deploy ALL=(ALL) NOPASSWD: ALL\n", "0440")
        self.host.write(KEYS, public)
        podman("exec", "--detach", self.name, "sh", "-c", SERVE)
        self.address = address_of(self.name)

    @property
    def hosts(self) -> Mapping[str, Mapping[str, Any]]:
        """What an inventory says of it."""
        more = {"ansible_become": True, "ansible_python_interpreter": PYTHON}
        return {"bastion1": variables(self.address, "deploy", self.key, **more)}

    @property
    def env(self) -> Mapping[str, str]:
        """A folder of its own for the connections that Ansible keeps: one to an earlier host of that address is dead."""
        return {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp")}

    def hang_up(self) -> None:
        """End the connections that Ansible keeps, from its own side; one that is broken ends by itself."""
        for socket in (self.folder / "cp").glob("*"):
            words = ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "bastion1"]
            subprocess.run(words, check=False, capture_output=True)

    def answers(self) -> bool:
        """Whether one can log in."""
        words = command(self.address, "deploy", self.key, "true")
        return subprocess.run(words, check=False, capture_output=True, timeout=30).returncode == 0

    def cut(self, for_good: bool = False) -> None:
        """Cut all connections; new ones are refused for some seconds, or until it is told otherwise."""
        if for_good:
            self.host.run("touch", "/run/away")
        self.host.run("sh", "-c", CUT)

    def state(self) -> str:
        """Return what a second terminal sees, which does not go over SSH."""
        asked = {"netdevops.python.pyenv_progress": {"version": VERSION, "root": str(self.lab.root)}}
        seen = play([asked], hosts={"bastion1": self.host.variables})["bastion1"][0]
        return str(succeeded(seen)["state"])


@pytest.fixture
def remote(tmp_path: pathlib.Path) -> Iterator[Remote]:
    mirror = Mirror(tmp_path)
    try:
        remote = Remote(tmp_path, mirror)
        try:
            yield remote
        finally:
            remote.lab.let_go()
            remote.hang_up()
            remote.host.close()
    finally:
        mirror.close()


def test_a_build_survives_connections_that_are_cut(remote: Remote, tmp_path: pathlib.Path) -> None:
    lab = remote.lab
    lab.hold("compile", "install")
    with running([lab.task(lease=20)], tmp_path / "play", hosts=remote.hosts, env=remote.env) as run:
        run.wait_for(f"bastion1: Python {VERSION}: compile 7 of {lab.total}")
        remote.hang_up()
        lab.let_go("compile")
        run.wait_for("install (")
        remote.cut()
        run.wait_for("no answer, trying again; the build goes on for 20 s")
        assert remote.state() == "building"
        run.wait_for("connected again")
        lab.let_go()
        result = succeeded(run.result())
    assert (result["changed"], result["source"], result["after"]["state"]) == (True, "cache", "present")
    assert remote.state() == "none"
    left = remote.host.run(
        "sh", "-c", "ls -A ~root/.ansible_async ~root/.ansible/tmp ~deploy/.ansible/tmp 2>&1 || true"
    )
    assert not [line for line in left.splitlines() if line.startswith(("j", "ansible-tmp-"))], left


def test_a_build_that_ends_meanwhile_is_reported_when_the_host_is_back(remote: Remote, tmp_path: pathlib.Path) -> None:
    lab = remote.lab
    lab.hold("compile")
    with running([lab.task(lease=30)], tmp_path / "play", hosts=remote.hosts, env=remote.env) as run:
        run.wait_for("compile 7 of")
        remote.cut(for_good=True)
        lab.let_go()
        until(lambda: remote.state() == "none", 60)
        run.wait_for("no answer, trying again")
        remote.host.run("rm", "/run/away")
        assert succeeded(run.result())["changed"] is True


def test_a_connection_that_stays_away_fails_clearly_and_leaves_no_build(remote: Remote, tmp_path: pathlib.Path) -> None:
    lab = remote.lab
    lab.hold("compile")
    with running([lab.task(lease=15)], tmp_path / "play", hosts=remote.hosts, env=remote.env) as run:
        run.wait_for("compile 7 of")
        begun = time.monotonic()
        remote.cut(for_good=True)
        result = run.result()
    assert result["unreachable"] is True
    assert f"bastion1: Python {VERSION}: no answer for 15 s, so the host has ended the build" in result["msg"]
    assert "Run it again" in result["msg"]
    assert time.monotonic() - begun < 60
    until(lambda: remote.state() == "none", 40)
    assert not lab.version.exists() and not os.listdir(lab.root / ".builds")
    assert not remote.host.run(
        "sh", "-c", "grep -la 'switche[s]\\|python-buil[d]' /proc/[0-9]*/cmdline || true"
    ).strip()

    lab.let_go()
    remote.host.run("rm", "/run/away")
    until(remote.answers, 60)
    again = play([lab.task()], hosts=remote.hosts, env=remote.env)["bastion1"][0]
    assert succeeded(again)["after"]["state"] == "present"
