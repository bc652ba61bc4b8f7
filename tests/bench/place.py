# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the benchmark works and with what: nothing of the user's settings gets in."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

FORKS = 5


class Place(NamedTuple):
    """Paths of one run.

    Attributes:
        root: The collection.
        work: A folder for all that is made; on one file system with everything, so that hard links work.
        python: The interpreter of the bundle's pin.
        bundle: The example's bundle.
        controller: The interpreter that runs Ansible, its modules and the module alone.
    """

    root: Path
    work: Path
    python: Path
    bundle: Path
    controller: Path

    def tool(self, name: str) -> str:
        """Return the path of a locked tool; raises FileNotFoundError where it is missing."""
        path = self.controller.parent / name
        if not path.exists():
            raise FileNotFoundError(f"{path}: the peer {name} is not there; run ./bootstrap.sh")
        return str(path)

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of every measured command."""
        return {
            "PATH": f"{self.controller.parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.work / "home"),
            "LC_ALL": "C.UTF-8",
            "PIP_CONFIG_FILE": "/dev/null",
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(self.work / "uv-cache"),
            "ANSIBLE_CONFIG": str(self.root / "tests/gates/ansible.cfg"),
            "ANSIBLE_HOME": str(self.work / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.root / ".collections"),
            "ANSIBLE_FORKS": str(FORKS),
            "ANSIBLE_NOCOLOR": "1",
        }

    def requirements(self, bundle: Path) -> str:
        """Return the path of the hash-pinned list that a bundle carries for plain pip."""
        (found,) = (bundle / "requirements").glob("*.txt")
        return str(found)

    def inventory(self, hosts: int) -> str:
        """Write an inventory of ``hosts`` local hosts and return its path."""
        path = self.work / f"hosts-{hosts}.json"
        names = {f"host{number:02}": {} for number in range(1, hosts + 1)}
        settings = {"ansible_connection": "local", "ansible_python_interpreter": str(self.controller)}
        write_json(path, {"all": {"hosts": names, "vars": settings}})
        return str(path)

    def playbook(self, name: str, task: dict[str, Any]) -> str:
        """Write a playbook of one task for all hosts and return its path."""
        path = self.work / f"play-{name}.json"
        write_json(path, [{"hosts": "all", "gather_facts": False, "tasks": [{"name": name, **task}]}])
        return str(path)


def write_json(path: Path, value: Any) -> None:
    """Write ``value``; JSON is YAML, so Ansible reads it as an inventory or a playbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def clear(path: Path) -> None:
    """Remove what an earlier repetition made, and let the disk settle before the next one is measured."""
    shutil.rmtree(path, ignore_errors=True)
    os.sync()
