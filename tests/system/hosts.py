# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the lab: Debian in podman, with no network interface but loopback."""

from __future__ import annotations

import os
import pathlib
import subprocess
from collections.abc import Sequence
from typing import Any

from ansible_collections.netdevops.python.tests.system.playing import environment

IMAGE = "localhost/netdevops-lab:bookworm"
PYTHON = "/usr/bin/python3"


class Host:
    """A running container.

    Args:
        name: Its name.
        shown: Folders of this machine that it sees at the same path, and cannot write to.
    """

    def __init__(self, name: str, shown: Sequence[pathlib.Path] = ()) -> None:
        self.name = name
        volumes = [word for folder in shown for word in ("--volume", f"{folder}:{folder}:ro")]
        _podman("run", "--detach", "--rm", "--pull=never", "--network", "none", "--name", name, *volumes, IMAGE)

    @property
    def variables(self) -> dict[str, Any]:
        """Return what an inventory says of it."""
        return {
            "ansible_connection": "containers.podman.podman",
            "ansible_host": self.name,
            "ansible_python_interpreter": PYTHON,
        }

    def run(self, *command: str, user: str = "root") -> str:
        """Run a command on it and return what it said."""
        return _podman("exec", "--user", user, self.name, *command)

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        """Write a file on it, with the folders above it."""
        script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1" && chmod "$3" "$1"'
        self.run("sh", "-c", script, "-", path, text, mode)

    def close(self) -> None:
        """Take it away."""
        _podman("rm", "--force", "--time", "0", self.name)


def pyenv_root() -> pathlib.Path:
    """Return the folder that pyenv keeps its versions in."""
    return pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")


def _podman(*words: str) -> str:
    done = subprocess.run(["podman", *words], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"podman {' '.join(words)}: {done.stderr}"
    return done.stdout
