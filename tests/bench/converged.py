# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converged: nothing to do, on 1, 10 and 25 hosts."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import tasks
from cases import Case
from place import Place

MOST_HOSTS = 25
# Repetitions of ping and ours, of ours reading every file, and of pip.
TIMES = {1: (7, 3, 3), 10: (5, 2, 1), 25: (4, 1, 1)}
QUICK = {1: (3, 3, 3)}


def prepare(place: Place, hosts: int) -> None:
    """Install for one host with each tool, and give the others copies: hard links, which cost them nothing."""
    for name, task in (("ours", _ours(place, "stat")), ("pip", _pip(place))):
        _play(place, f"prepare-{name}", task, 1)
        for number in range(2, hosts + 1):
            folder = place.work / "converged" / name
            subprocess.run(["cp", "-al", f"{folder}/host01", f"{folder}/host{number:02}"], check=True)
    # A copy's inodes are new: this run reads every file once and writes its index again.
    _play(place, "prepare-ours", _ours(place, "stat"), hosts)


def cases(place: Place, hosts: int, quick: bool) -> list[Case]:
    """Return the cases for a number of hosts."""
    often, seldom, rarely = (QUICK if quick else TIMES)[hosts]
    return [
        _case(place, "ansible.builtin.ping", {"ansible.builtin.ping": {}}, hosts, often),
        _case(place, "ours, verify: stat (default)", _ours(place, "stat"), hosts, often),
        _case(place, "ours, verify: receipt", _ours(place, "receipt"), hosts, often),
        _case(place, "ours, verify: content", _ours(place, "content"), hosts, seldom),
        _case(place, "ansible.builtin.pip", _pip(place), hosts, rarely),
    ]


def _ours(place: Place, verify: str) -> dict[str, Any]:
    return tasks.ours(place, str(place.bundle), _venv(place, "ours"), verify=verify)


def _pip(place: Place) -> dict[str, Any]:
    return tasks.pip(place, place.bundle, _venv(place, "pip"))


def _venv(place: Place, name: str) -> str:
    return f"{place.work}/converged/{name}/{{{{ inventory_hostname }}}}/.venv"


def _case(place: Place, name: str, task: dict[str, Any], hosts: int, times: int) -> Case:
    return Case(name, lambda repetition: _argv(place, name, task, hosts), place.env, hosts, times)


def _argv(place: Place, name: str, task: dict[str, Any], hosts: int) -> list[str]:
    playbook = place.playbook(name.translate({ord(mark): "-" for mark in " ,:()."}), task)
    return [place.tool("ansible-playbook"), "-i", place.inventory(hosts), playbook]


def _play(place: Place, name: str, task: dict[str, Any], hosts: int) -> None:
    subprocess.run(_argv(place, name, task, hosts), env=place.env, check=True, stdout=subprocess.DEVNULL)


def clear(place: Place) -> None:
    """Make room."""
    shutil.rmtree(place.work / "converged", ignore_errors=True)
