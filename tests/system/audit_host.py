# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a host of the test of the audit: sins are done and undone there, with an audit between; plain Python 3.9.

Started as a program: reads what to do as JSON from standard input, and writes what came of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

# Not the host's own: what the kernel makes up, and what changes by itself.
OTHERS = ("/proc", "/sys", "/dev", "/run", "/mnt")


def main() -> None:
    """Do each step: install, sin, audit, undo."""
    asked = json.load(sys.stdin)
    said = []
    for step in asked["steps"]:
        for one in step.get("installs", ()):
            install(one)
        shell(step.get("do", ""))
        before = disk()
        report = audited(asked["options"])
        after = disk()
        shell(step.get("undo", ""))
        said.append(
            {"audit": report, "touched": sorted(p for p in {**before, **after} if before.get(p) != after.get(p))}
        )
    json.dump(said, sys.stdout)


def install(changes: Mapping[str, Any]) -> None:
    """Install an environment as the module does."""
    from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
    from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge

    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    converge(
        {**defaults, "remote_src": True, "python": "/usr/bin/python3", "compile": False, **changes}, check_mode=False
    )


def audited(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report of an audit."""
    from ansible_collections.netdevops.python.plugins.module_utils.audit.audit import audit
    from ansible_collections.netdevops.python.plugins.module_utils.audit.options import ARGUMENTS, parse_options

    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    return audit(parse_options({**defaults, **options}))


def shell(script: str) -> None:
    """Run a script, which must succeed."""
    if script:
        done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{script}\n{done.stdout}{done.stderr}")


def disk() -> dict[str, tuple[int, ...]]:
    """Return what ``stat`` says of everything on the host, without the time of the last reading."""
    found: dict[str, tuple[int, ...]] = {}
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in OTHERS]
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            try:
                seen = os.lstat(path)
            except OSError:
                continue
            found[path] = (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return found


if __name__ == "__main__":
    main()
