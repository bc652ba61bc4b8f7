# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project whose environment is up to date already, on one host: Poetry is put out of order before anything is measured."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from cases import Case
from measure import run
from place import Place

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import parse_manifest

OURS = "netdevops.python.poetry_venv"
PING, OWN, ANOTHER = "ansible.builtin.ping", "ours, poetry_venv", "ours, poetry_venv, of another owner"
# Who owns a project that root brings up to date: any account that is everywhere.
OWNER = "nobody"
# It runs the modules here, as on a host that people share: another one may lie where the other owner must not go.
SYSTEM = Path("/usr/bin/python3")
# The other owner could not start this machine's Poetry. Theirs says what that one said, and the project itself is left out.
RECORDS = """case "$*" in *--dry-run*) {poetry} "$@" | tee {plan} ;; *) exec {poetry} "$@" ;; esac"""
REPEATS = """case "$*" in *--dry-run*) grep -v 'current project' {plan} ;; *) echo 'Poetry (version 2.5.1)' ;; esac"""


def cases(place: Place, quick: bool) -> list[Case]:
    """Return the cases. The environments are made here, from the wheels of the example's bundle, and without bytecode."""
    times = 5 if quick else 20
    place.work.chmod(0o755)
    poetry = place.work / "poetry"
    found = {OWN: _task(place, poetry, "own", place.python)}
    _write(poetry, RECORDS.format(poetry=place.tool("poetry"), plan=place.work / "plan"))
    run(_argv(place, OWN, found[OWN]), place.env)
    if python := _for_everybody(place):
        found[ANOTHER] = _task(place, poetry, "another", python, owner=OWNER, root=False)
        _write(poetry, REPEATS.format(plan=place.work / "plan"))
        run(_argv(place, ANOTHER, found[ANOTHER]), place.env)
    (place.work / "started").mkdir()
    (place.work / "started").chmod(0o777)
    _write(poetry, f"touch {place.work}/started/it; exit 1")

    def check(repetition: int) -> None:
        if list((place.work / "started").iterdir()):
            raise RuntimeError("expected a run that does not start Poetry, found that it did")

    def case(name: str, task: dict[str, Any]) -> Case:
        return Case(name, lambda repetition: _argv(place, name, task), place.env, 1, times, check=check)

    return [case(PING, {PING: {}}), *(case(name, task) for name, task in found.items())]


def _for_everybody(place: Place) -> Path | None:
    """Return an interpreter that the other owner may start, for the same wheels; None where there is none, or this is not root."""
    if os.geteuid() != 0:
        return None
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in place.python.parents):
        return place.python
    return SYSTEM if SYSTEM.exists() and _version(SYSTEM)[:2] == _version(place.python)[:2] else None


def _version(python: Path) -> list[str]:
    said = subprocess.run([python, "-IVV"], capture_output=True, text=True, check=True).stdout
    return said.split()[1].split(".")


def _bundle(place: Place, python: Path) -> Path:
    """Return the bundle; where it is of another pin than that interpreter, one of the same wheels and lock that has its."""
    manifest = parse_manifest((place.bundle / "bundle.json").read_bytes(), str(place.bundle))
    pin = ".".join(_version(python))
    if manifest.pin == pin:
        return place.bundle
    other = place.work / f"bundle-{pin}"
    other.mkdir()
    (other / "wheels").symlink_to(place.bundle / "wheels")
    (other / "bundle.json").write_bytes(manifest._replace(pin=pin).encode())
    return other


def _project(place: Place, name: str, python: Path, owner: str) -> Path:
    folder = place.work / "projects" / name / "netcheck"
    left_out = shutil.ignore_patterns(".ruff_cache", "__pycache__", ".venv*")
    shutil.copytree(place.root / "docs/examples/netcheck", folder, ignore=left_out)
    (folder / ".python-version").write_text(".".join(_version(python)) + "\n", encoding="utf-8")
    if owner:
        subprocess.run(["chown", "-R", owner, str(folder)], check=True)
    return folder


def _task(place: Place, poetry: Path, name: str, python: Path, owner: str = "", root: bool = True) -> dict[str, Any]:
    return {
        OURS: {
            "project": str(_project(place, name, python, owner)),
            "python": str(python),
            "poetry": str(poetry),
            "wheelhouse": str(_bundle(place, python)),
            "owner": owner,
            "root": root,
            "compile": False,
            "allow_container": True,
        }
    }


def _write(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def _argv(place: Place, name: str, task: dict[str, Any]) -> list[str]:
    if SYSTEM.exists():
        task = {**task, "vars": {"ansible_python_interpreter": str(SYSTEM)}}
    playbook = place.playbook(name.translate({ord(mark): "-" for mark in " ,."}), task)
    return [place.tool("ansible-playbook"), "-i", place.inventory(1), playbook]
