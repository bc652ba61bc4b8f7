# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark: prepares, measures the groups, writes bench.md and bench.json, and prints the tables."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import cold
import converged
import projects
import report
import rollback
import upgrade
from cases import Measured, measure
from place import Place, write_json


def main() -> None:
    options = _options()
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="netdevops-bench-", dir=options.work) as work:
        place = Place(
            options.root, Path(work), options.python, Path(work, "bundle-a"), options.root / ".venv/bin/python"
        )
        for tool in ("ansible-playbook", "pip", "uv"):
            place.tool(tool)
        (place.work / "home").mkdir()
        shutil.copytree(options.bundle, place.bundle)  # hard links need one file system
        begun = time.monotonic()
        groups = _measure(place, options)
        text = report.markdown(place, groups, time.monotonic() - begun)
    (options.output / "bench.md").write_text(text, encoding="utf-8")
    write_json(options.output / "bench.json", report.plain(groups))
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("root", "work", "python", "bundle", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="measure only the groups whose title holds this")
    return parser.parse_args()


def _measure(place: Place, options: argparse.Namespace) -> dict[str, list[Measured]]:
    groups = {}
    counts = (1,) if options.quick else (1, 10, converged.MOST_HOSTS)
    if options.only in "Converged":
        converged.prepare(place, max(counts))
        for hosts in counts:
            title = f"Converged, {hosts} host{'s' if hosts > 1 else ''}"
            groups[title] = measure(title, converged.cases(place, hosts, options.quick))
        converged.clear(place)
    for title, cases in (
        ("Cold, through Ansible, 1 host", lambda: cold.through_ansible(place, options.quick)),
        ("Cold, without Ansible", lambda: cold.alone(place, options.quick)),
        ("Upgrade of 3 packages, 1 host", lambda: upgrade.cases(place, options.quick)),
        ("Rollback of the example, 1 host", lambda: rollback.cases(place, options.quick)),
        ("Project up to date, 1 host", lambda: projects.cases(place, options.quick)),
    ):
        if options.only in title:
            groups[title] = measure(title, cases())
    return groups


main()
