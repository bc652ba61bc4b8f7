# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment with the newest pip, for the peer: python seed_venv.py PIPS_SITE_PACKAGES [-pPYTHON] FOLDER.

``ansible.builtin.pip`` calls this where people have it call ``python -m venv``. That would install the pip that the
interpreter came with, and a second task would have to bring the newest one: some four seconds that the peer is
spared here. The command is relative to the environment, so that a copy of it is an environment too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PIP = """\
#!/bin/sh
exec "$(dirname "$0")/python" -m pip "$@"
"""


def main(source: Path, target: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    (packages,) = target.glob("lib/python*/site-packages")
    for folder in (source / "pip", *source.glob("pip-*.dist-info")):
        shutil.copytree(folder, packages / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    command = target / "bin/pip"
    command.write_text(PIP, encoding="utf-8")
    command.chmod(0o755)


main(Path(sys.argv[1]), Path(sys.argv[-1]))
