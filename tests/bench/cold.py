# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cold: from nothing to an environment, on one host, through Ansible and without it."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tasks
from cases import Case
from place import Place, clear

BYTECODE = "bytecode"
PLAIN = "no bytecode"


def through_ansible(place: Place, quick: bool) -> list[Case]:
    """Return the cases of whole Ansible runs."""
    times = 1 if quick else 2
    ours = functools.partial(tasks.ours, place, str(place.bundle))
    pip = functools.partial(tasks.pip, place, place.bundle)
    uv = functools.partial(tasks.uv, place, place.bundle)
    return [
        _play(place, f"ours, {BYTECODE}", ours, {"compile": True}, times),
        _play(place, f"ours, {PLAIN}", ours, {"compile": False}, times),
        _play(place, f"ansible.builtin.pip, {BYTECODE}", pip, {}, times),
        _play(place, f"ansible.builtin.pip, {PLAIN}", pip, {"extra": "--no-compile"}, times),
        _play(place, f"uv, cold cache, {BYTECODE}", uv, {"extra": "--compile-bytecode"}, times, cold=True),
        _play(place, f"uv, cold cache, {PLAIN}", uv, {}, times, cold=True),
        _play(place, f"uv, warm cache, {PLAIN}", uv, {}, times),
    ]


def alone(place: Place, quick: bool) -> list[Case]:
    """Return the cases of one host without Ansible."""
    times = 1 if quick else 4
    few = 1 if quick else 2
    venv = place.work / "cold/alone/.venv"
    ours = functools.partial(tasks.ours_alone, place, place.bundle, venv)
    pip = functools.partial(tasks.pip_alone, place, place.bundle, venv)
    uv = functools.partial(tasks.uv_command, place, place.bundle, str(venv))
    return [
        _command(place, "unzip of all wheels (zipfile)", tasks.unzip(place, place.bundle, venv), times),
        _command(place, f"ours, {PLAIN}", ours(compile=False), times),
        _command(place, f"pip, {PLAIN}", pip(extra="--no-compile"), times),
        _command(place, f"uv, cold cache, {PLAIN}", ["/bin/sh", "-c", uv()], times, cold=True),
        _command(place, f"uv, warm cache, {PLAIN}", ["/bin/sh", "-c", uv()], times),
        _command(place, f"ours, {BYTECODE}", ours(compile=True), few),
        _command(place, f"pip, {BYTECODE}", pip(), few),
        _command(
            place, f"uv, cold cache, {BYTECODE}", ["/bin/sh", "-c", uv(extra="--compile-bytecode")], few, cold=True
        ),
    ]


def _play(place: Place, name: str, task: Any, options: dict[str, Any], times: int, cold: bool = False) -> Case:
    folder = place.work / "cold/ansible"
    playbook = place.playbook(
        "cold-" + name.replace(" ", "-").replace(",", ""), task(venv=f"{folder}/.venv", **options)
    )
    argv = [place.tool("ansible-playbook"), "-i", place.inventory(1), playbook]
    return Case(name, lambda repetition: argv, place.env, 1, times, 1, lambda: _clear(place, folder, cold))


def _command(place: Place, name: str, argv: Sequence[str], times: int, cold: bool = False) -> Case:
    folder = place.work / "cold/alone"
    env = {**place.env, "PYTHONPATH": place.env["ANSIBLE_COLLECTIONS_PATH"]}
    return Case(name, lambda repetition: argv, env, 0, times, prepare=lambda: _clear(place, folder, cold))


def _clear(place: Place, folder: Path, cold: bool) -> None:
    if cold:
        shutil.rmtree(place.work / "uv-cache", ignore_errors=True)
    clear(folder)
    folder.mkdir(parents=True)
