# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an ordinary folder may make room for an environment."""

from __future__ import annotations

import os
import pwd

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import FOLDER, Found
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options

# What venv, virtualenv, uv and pip put at the top of a virtual environment, and what packages add to it by custom.
# `src` is not among them: pip keeps what it installs by `-e git+...` there, which people work on.
FOLDERS = ("bin", "sbin", "include", "lib", "lib32", "lib64", "local", "share", "etc", "man", "__pycache__")
FILES = ("pyvenv.cfg", "pip-selfcheck.json", ".gitignore", ".lock", ".project", "CACHEDIR.TAG")
OWN = frozenset((*FOLDERS, *FILES))
MOST_NAMES = 5


def check_takeover(options: Options, found: Found) -> None:
    """Refuse to replace an ordinary folder that is no virtual environment, or is somebody else's."""
    if found.state != FOLDER:
        return
    venv = options.environment.venv
    owner, wanted = os.stat(venv).st_uid, options.owner_ids()[0]
    if owner not in (os.geteuid(), wanted):
        refuse(
            venv,
            f"is a folder of {_user_name(owner)}, and the environment is to be {_user_name(wanted)}'s.",
            "Name its owner in `owner`, or choose another path.",
        )
    if os.path.isdir(os.path.join(venv, "conda-meta")):
        refuse(
            venv,
            "is an environment of conda, which goes by its path.",
            "Choose another path, and let conda remove it once nobody uses it.",
        )
    names = sorted(os.listdir(venv))
    if names and "pyvenv.cfg" not in names:
        refuse(venv, "is a folder with content and no virtual environment.", "Move it away, or choose another path.")
    _check_alone(venv, [name for name in names if name not in OWN])


def _check_alone(venv: str, others: list[str]) -> None:
    """Refuse what is a project or holds work as well: it would lose its place, and go on the day of ``legacy_until``."""
    if others:
        some = ", ".join(others[:MOST_NAMES]) + (f" and {len(others) - MOST_NAMES} more" if others[MOST_NAMES:] else "")
        refuse(
            venv,
            f"expected what a virtual environment consists of and nothing else, found also {some}.",
            "Move that to a place of its own, or choose another path for the environment.",
        )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
