# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that are compared, as Ansible runs them, and the commands behind them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from place import Place

HERE = Path(__file__).resolve().parent
OURS = "netdevops.python.wheelhouse_install"


def ours(place: Place, bundle: str, venv: str, **options: Any) -> dict[str, Any]:
    """Our task, for a bundle on the controller."""
    return {
        OURS: {"venv": venv, "bundle": bundle, "python": str(place.python), "allow_container": True, **options},
    }


def ours_alone(place: Place, bundle: Path, venv: Path, **options: Any) -> list[str]:
    """What our task does on a host that has the bundle, without Ansible."""
    asked = {"venv": str(venv), "bundle": str(bundle), "python": str(place.python), **options}
    return [str(place.controller), str(HERE / "converge_once.py"), json.dumps(asked)]


def _seed(place: Place) -> list[str]:
    (packages,) = (place.controller.parent.parent / "lib").glob("python*/site-packages")
    return [str(place.python), str(HERE / "seed_venv.py"), str(packages)]


def _offline(bundle: Path) -> str:
    return f"--no-index --find-links {bundle / 'wheels'} --require-hashes"


def pip(place: Place, bundle: Path, venv: str, extra: str = "") -> dict[str, Any]:
    """The task with ``ansible.builtin.pip``; the environment it makes has the newest pip."""
    return {
        "ansible.builtin.pip": {
            "requirements": place.requirements(bundle),
            "virtualenv": venv,
            "virtualenv_command": shlex.join(_seed(place)),
            "virtualenv_python": str(place.python),
            "extra_args": f"{_offline(bundle)} {extra}".strip(),
        },
    }


def pip_alone(place: Place, bundle: Path, venv: Path, extra: str = "", seed: bool = True) -> list[str]:
    """The same with pip alone."""
    make = f"{shlex.join([*_seed(place), str(venv)])} && " if seed else ""
    install = f"{venv}/bin/pip install --quiet {_offline(bundle)} {extra} -r {place.requirements(bundle)}"
    return ["/bin/sh", "-c", make + install]


def uv_command(place: Place, bundle: Path, venv: str, extra: str = "", seed: bool = True) -> str:
    """Return uv's command line: make the environment, then install exactly the list."""
    tool = place.tool("uv")
    make = f"{tool} venv --quiet --python {place.python} {venv} && " if seed else ""
    sync = f"{tool} pip sync --quiet --python {venv}/bin/python {_offline(bundle)} {extra}"
    return f"{make}{sync} {place.requirements(bundle)}"


def uv(place: Place, bundle: Path, venv: str, extra: str = "") -> dict[str, Any]:
    """The task with uv."""
    return {"ansible.builtin.shell": {"cmd": uv_command(place, bundle, venv, extra)}}


def unzip(place: Place, bundle: Path, folder: Path) -> list[str]:
    """All wheels unpacked by zipfile: no digest, no RECORD, no scripts."""
    program = "import glob, sys, zipfile\nfor w in glob.glob(sys.argv[1]): zipfile.ZipFile(w).extractall(sys.argv[2])"
    return [str(place.controller), "-c", program, f"{bundle}/wheels/*.whl", str(folder)]
