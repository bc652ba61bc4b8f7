# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables, and the targets beside what was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cases import Measured
from measure import Spread, spread
from place import FORKS, Place

Groups = Mapping[str, Sequence[Measured]]


class Row(NamedTuple):
    """One case: CPU seconds per host, wall seconds of the run."""

    name: str
    count: int
    cpu: Spread
    wall: Spread


def rows(measured: Sequence[Measured]) -> list[Row]:
    """Return a row per case."""
    found = []
    for case, samples in measured:
        cpu = spread([sample.cpu / max(1, case.hosts) for sample in samples])
        found.append(Row(case.name, len(samples), cpu, spread([sample.wall for sample in samples])))
    return found


def table(title: str, measured: Sequence[Measured]) -> str:
    """Return a Markdown table; ratios are of the medians, against the first case."""
    found = rows(measured)
    first = found[0]
    lines = [
        f"## {title}",
        "",
        f"| | runs | CPU s p50 | p95 | max | x {first.name} | wall s p50 | p95 | max |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        numbers = [f"{value:.3f}" for value in row.cpu]
        walls = [f"{value:.2f}" for value in row.wall]
        ratio = f"{row.cpu.p50 / first.cpu.p50:.2f}"
        lines.append("| " + " | ".join([row.name, str(row.count), *numbers, ratio, *walls]) + " |")
    return "\n".join(lines) + "\n"


class Target(NamedTuple):
    """One target, in CPU seconds or as a ratio of medians of one group."""

    what: str
    wanted: float
    found: float

    @property
    def line(self) -> str:
        verdict = "reached" if self.found <= self.wanted else "not reached"
        return f"| {self.what} | ≤ {self.wanted:.2f} | {self.found:.2f} | {verdict} |"


def targets(groups: Groups) -> list[Target]:
    """Return the targets that the measured groups can answer."""
    found = []
    for title, measured in groups.items():
        cpu = {row.name: row.cpu.p50 for row in rows(measured)}
        found += _of_projects(title, cpu)
        if title.startswith("Converged"):
            ping = cpu["ansible.builtin.ping"]
            found.append(Target(f"{title}: stat x ping", 1.40, cpu["ours, verify: stat (default)"] / ping))
            found.append(Target(f"{title}: receipt x ping", 1.10, cpu["ours, verify: receipt"] / ping))
        elif title.startswith("Cold, without"):
            plain, unzip = cpu["ours, no bytecode"], cpu["unzip of all wheels (zipfile)"]
            found.append(Target("Cold, no bytecode, without Ansible: CPU s", 3.0, plain))
            found.append(Target("the same x unzip of all wheels (3.0 / 1.8)", 3.0 / 1.8, plain / unzip))
            found.append(Target("the same x pip --no-compile (3.0 / 3.3)", 3.0 / 3.3, plain / cpu["pip, no bytecode"]))
        elif title.startswith("Cold"):
            ratio = cpu["ours, bytecode"] / cpu["ansible.builtin.pip, bytecode"]
            found.append(Target("Cold, bytecode, through Ansible: x ansible.builtin.pip", 0.5, ratio))
        elif title.startswith("Rollback"):
            wall = {row.name: row.wall.p50 for row in rows(measured)}
            for what, took in (("CPU", cpu), ("wall", wall)):
                ping, verify, back = took.values()
                found.append(Target(f"Rollback without verification, {what}: x ping", 1.20, (back - verify) / ping))
        elif title.startswith("Upgrade"):
            found.append(
                Target("Upgrade of 3 packages, no bytecode, without Ansible: CPU s", 0.5, cpu["ours, no bytecode"])
            )
            found.append(Target("Upgrade of 3 packages, bytecode, without Ansible: CPU s", 0.5, cpu["ours, bytecode"]))
    return found


def _of_projects(title: str, cpu: Mapping[str, float]) -> list[Target]:
    ping, *ours = cpu if title.startswith("Project") else [""]
    return [Target(f"{name}: x ping", 1.40, cpu[name] / cpu[ping]) for name in ours]


_CONDITIONS = """\
- {wheels} wheels; environments with Python {pin}; {versions}; Ansible and its modules on Python {python};
  {cores} cores, load {load:.1f}.
- connection local, {forks} forks, no facts, pipelining off, the interpreter named (no discovery), no settings of a user's.
  PYTHONDONTWRITEBYTECODE is not set.
- CPU: user and system seconds of the whole process tree, divided by the hosts. Wall: of the whole run.
  The cases of a table are interleaved; ratios are of medians.
- The hosts of a converged run are folders of one machine: hard links of one environment with bytecode.
- The peer pip is the newest, in an environment made without ensurepip: cheaper than people have it.
- All of it on {disk}. The whole benchmark took {seconds:.0f} s.
"""


def conditions(place: Place, seconds: float) -> str:
    """Return what a reader must know to compare these figures with others."""
    return _CONDITIONS.format(
        wheels=len(list((place.bundle / "wheels").iterdir())),
        pin=place.python.parent.parent.name,
        versions="; ".join(_said(place, place.tool(name), "--version") for name in ("ansible-playbook", "pip", "uv")),
        python=platform.python_version(),
        cores=os.cpu_count(),
        load=os.getloadavg()[0],
        forks=FORKS,
        seconds=seconds,
        disk=_said(place, "findmnt", "--noheadings", "--output", "FSTYPE", "--target", str(place.work)),
    )


def _said(place: Place, *argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=place.env)
    return done.stdout.splitlines()[0].split(" from ")[0].strip()


def markdown(place: Place, groups: Groups, seconds: float) -> str:
    """Return the whole report."""
    parts = ["# What a host costs", "", conditions(place, seconds)]
    parts += [table(title, measured) for title, measured in groups.items()]
    parts += ["## Targets", "", "| target | wanted | found | |", "|---|---|---|---|"]
    parts += [target.line for target in targets(groups)]
    return "\n".join(parts) + "\n"


def plain(groups: Groups) -> dict[str, Any]:
    """Return every sample and every target as plain data."""
    return {
        "groups": {
            title: [
                {
                    "name": case.name,
                    "hosts": case.hosts,
                    "cpu": [sample.cpu for sample in samples],
                    "wall": [sample.wall for sample in samples],
                }
                for case, samples in measured
            ]
            for title, measured in groups.items()
        },
        "targets": [{**target._asdict(), "reached": target.found <= target.wanted} for target in targets(groups)],
    }
