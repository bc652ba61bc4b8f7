# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the lab: Debian in podman, with no network interface but loopback."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment

IMAGE = "localhost/netdevops-lab:bookworm"
TRIXIE = "localhost/netdevops-lab:trixie"
BUILDER = "localhost/netdevops-lab:builder"
# With git and pip of the distribution.
SHARED = "localhost/netdevops-lab:bookworm-shared"
PYTHON = "/usr/bin/python3"
PYENVS = ("/opt/pyenv", "/usr/share/pyenv")
# How a program in a host imports what is tested here, where it is shown this repository.
IMPORTING = f"""
import json, os, sys
os.makedirs("/tmp/lab/ansible_collections/netdevops", exist_ok=True)
if not os.path.lexists("/tmp/lab/ansible_collections/netdevops/python"):
    os.symlink("{REPOSITORY}", "/tmp/lab/ansible_collections/netdevops/python")
sys.path.insert(0, "/tmp/lab")
"""
PYTHON_BUILD = "plugins/python-build/bin/python-build"


class Host:
    """A running container.

    Args:
        name: Its name.
        shown: Folders of this machine that it sees at the same path, and cannot write to.
        image: What it runs.
        network: The podman network that it is in; no interface but loopback where it is ``none``.
        options: Further words for ``podman run``.
    """

    def __init__(
        self,
        name: str,
        shown: Sequence[pathlib.Path] = (),
        *,
        image: str = IMAGE,
        network: str = "none",
        options: Sequence[str] = (),
    ) -> None:
        self.name = name
        volumes = [word for folder in shown for word in ("--volume", f"{folder}:{folder}:ro")]
        words = ["--detach", "--rm", "--pull=never", "--network", network, "--name", name, *volumes, *options]
        podman("run", *words, image)

    @property
    def variables(self) -> dict[str, Any]:
        """Return what an inventory says of it."""
        return {
            "ansible_connection": "containers.podman.podman",
            "ansible_host": self.name,
            "ansible_python_interpreter": PYTHON,
        }

    def cpu_seconds(self) -> float:
        """Return the CPU time that everything in it took until now, as its control group counts it."""
        pid = podman("inspect", "--format", "{{.State.Pid}}", self.name).strip()
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
            _number, controllers, path = line.split(":", 2)
            usage = pathlib.Path(f"/sys/fs/cgroup/cpuacct{path}/cpuacct.usage")
            if "cpuacct" in controllers and usage.exists():
                return int(usage.read_text(encoding="ascii")) / 1e9
            stat = pathlib.Path(f"/sys/fs/cgroup{path}/cpu.stat")
            if not controllers and stat.exists():
                return int(stat.read_text(encoding="ascii").split()[1]) / 1e6
        raise AssertionError(f"no control group counts the CPU time of {self.name}")

    def run(self, *command: str, user: str = "root") -> str:
        """Run a command on it and return what it said."""
        return podman("exec", "--user", user, self.name, *command)

    def fails(self, *command: str) -> str:
        """Run a command on it that must fail, and return what it said about that."""
        done = subprocess.run(
            ["podman", "exec", self.name, *command], env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode, f"expected that it fails: {command}"
        return done.stderr

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        """Write a file on it, with the folders above it."""
        script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1" && chmod "$3" "$1"'
        self.run("sh", "-c", script, "-", path, text, mode)

    def close(self) -> None:
        """Take it away."""
        podman("rm", "--force", "--time", "0", self.name)


def pyenv_root() -> pathlib.Path:
    """Return the folder that pyenv keeps its versions in."""
    return pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")


def pyenv_program() -> pathlib.Path:
    """Return the folder of this machine's pyenv itself, which need not be the one of its versions."""
    found = shutil.which("pyenv")
    # What is on PATH is a link in bin, to what is in libexec.
    on_path = [pathlib.Path(found).resolve().parents[1]] if found else []
    for folder in (pyenv_root(), *on_path, pathlib.Path.home() / ".pyenv", *map(pathlib.Path, PYENVS)):
        if (folder / "libexec/pyenv").is_file() and (folder / PYTHON_BUILD).is_file():
            return folder
    pytest.fail("these tests need a pyenv with python-build on this machine: set PYENV_ROOT, or have it on PATH")


def podman(*words: str) -> str:
    """Run podman and return what it said; it must not fail."""
    done = subprocess.run(["podman", *words], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"podman {' '.join(words)}: {done.stderr}"
    return done.stdout
