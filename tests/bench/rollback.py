# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback: the example goes back to the release before and forward again, beside a ping and the reading of its files alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import tasks
from cases import Case
from later import make_later
from place import Place

HERE = Path(__file__).resolve().parent
PING, VERIFY, ROLLBACK = "ansible.builtin.ping", "verification of its files alone", "ours, state: rolled_back"


def cases(place: Place, quick: bool) -> list[Case]:
    """Return the cases. The environment is made here, with two releases of which the command says different versions.

    A quick run leaves bytecode out: making it takes longer than all that is measured.
    """
    times = 5 if quick else 20
    venv = place.work / "rollback/.venv"
    said: dict[Path, str] = {}
    for bundle in (place.bundle, *make_later(place, 1, "netcheck")):
        subprocess.run(tasks.ours_alone(place, bundle, venv), env=_alone(place), check=True, stdout=subprocess.DEVNULL)
        said[venv.resolve()] = _version(venv, place)
    releases = list(said)
    if len(set(said.values())) != 2:
        raise RuntimeError(f"expected two versions of netcheck, found {said}")

    def check(repetition: int) -> None:
        release = releases[repetition % 2]
        if (venv.resolve(), _version(venv, place)) != (release, said[release]):
            raise RuntimeError(f"expected {release}, found {venv.resolve()}, which says {_version(venv, place)}")

    def play(name: str, task: dict[str, object]) -> list[str]:
        return [place.tool("ansible-playbook"), "-i", place.inventory(1), place.playbook(name, task)]

    back = [play(f"rollback-{number}", _task(place, venv, release)) for number, release in enumerate(releases)]
    ping = play("rollback-ping", {PING: {}})
    verify = [[str(place.controller), str(HERE / "verify_once.py"), str(release)] for release in releases]
    return [
        Case(PING, lambda n: ping, place.env, 1, times),
        Case(VERIFY, lambda n: verify[n % 2], _alone(place), 0, times, tells=True),
        Case(ROLLBACK, lambda n: back[n % 2], place.env, 1, times, changed=1, check=check),
    ]


def _task(place: Place, venv: Path, release: Path) -> dict[str, object]:
    asked = {"venv": str(venv), "state": "rolled_back", "release": release.name, "allow_container": True}
    return {tasks.OURS: {**asked, "history": str(place.work / "history")}}


def _alone(place: Place) -> dict[str, str]:
    return {**place.env, "PYTHONPATH": place.env["ANSIBLE_COLLECTIONS_PATH"]}


def _version(venv: Path, place: Place) -> str:
    # Without a trace of having run: bytecode of what it imports would be read with the rest.
    env = {**place.env, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [str(venv / "bin/netcheck"), "--version"], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
