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
    if os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        refuse(venv, "is a folder with content and no virtual environment.", "Move it away, or choose another path.")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
