# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrade: three packages change. Each repetition goes to the next bundle, so that each is an upgrade."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import tasks
from cases import Case
from later import make_later
from place import Place

# After these, ours has as many releases as it keeps: each repetition then removes one too.
KEPT = 3


def cases(place: Place, quick: bool) -> list[Case]:
    """Return the cases, each with an environment of its own that is made here."""
    times = 2 if quick else 6
    bundles = [place.bundle, *make_later(place, KEPT - 1 + times)]
    alone = (("ours", True), ("ours", False), ("pip", False), ("uv", False))
    found = [_ours_play(place, bundles, compiled, times) for compiled in (True, False)]
    found += [_alone(place, tool, compiled, bundles, times) for tool, compiled in alone]
    for case in found:
        for repetition in range(-KEPT, 0):
            subprocess.run(case.argv(repetition), env=case.env, check=True, stdout=subprocess.DEVNULL)
    return found


def _name(tool: str, compiled: bool) -> str:
    return f"{tool}, {'bytecode' if compiled else 'no bytecode'}"


def _ours_play(place: Place, bundles: Sequence[Path], compiled: bool, times: int) -> Case:
    venv = place.work / f"upgrade/play-{compiled}/.venv"
    playbooks = [
        place.playbook(
            f"upgrade-{compiled}-{number}", tasks.ours(place, str(bundle), str(venv), compile=compiled, keep=KEPT)
        )
        for number, bundle in enumerate(bundles)
    ]
    argv = [place.tool("ansible-playbook"), "-i", place.inventory(1)]
    return Case(
        _name("ours, through Ansible", compiled), lambda n: [*argv, playbooks[KEPT + n]], place.env, 1, times, changed=1
    )


def _alone(place: Place, tool: str, compiled: bool, bundles: Sequence[Path], times: int) -> Case:
    venv = place.work / f"upgrade/{tool}-{compiled}/.venv"

    def argv(repetition: int) -> Sequence[str]:
        bundle = bundles[KEPT + repetition]
        if tool == "ours":
            return tasks.ours_alone(place, bundle, venv, compile=compiled, keep=KEPT)
        seed = not (venv / "pyvenv.cfg").exists()
        if tool == "pip":
            return tasks.pip_alone(place, bundle, venv, "--no-compile", seed)
        return ["/bin/sh", "-c", tasks.uv_command(place, bundle, str(venv), "", seed)]

    env = {**place.env, "PYTHONPATH": place.env["ANSIBLE_COLLECTIONS_PATH"]}
    return Case(_name(tool, compiled), argv, env, 0, times)
