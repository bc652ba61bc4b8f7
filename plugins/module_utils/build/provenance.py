# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who built a bundle, when, from which revision and with which tools. It stands beside the manifest: it never changes the id."""

from __future__ import annotations

import getpass
import json
import os
import platform
import shutil
import socket
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner

FILE = "provenance.json"


def provenance_text(
    run: Runner, bundle_id: str, folder: str, tools: Mapping[str, str], interpreters: Mapping[str, str]
) -> str:
    """Return the account of this build.

    Args:
        run: Starts git.
        bundle_id: What was built.
        folder: The project's folder.
        tools: Name to version or path of what took part.
        interpreters: Name to path of the archives that were taken.
    """
    account: dict[str, Any] = {
        "bundle": bundle_id,
        "built_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "built_by": _user(),
        "built_on": socket.gethostname(),
        "revision": revision(run, folder),
        "tools": {"python": platform.python_version(), "packaging": _version(), **tools},
        **({"interpreters": dict(interpreters)} if interpreters else {}),
    }
    return json.dumps(account, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def revision(run: Runner, folder: str) -> str:
    """Return the git revision of ``folder``, with ``-dirty`` when it holds changes; '' when it is in no repository."""
    git = shutil.which("git")
    if not git:
        return ""
    command = [git, "-C", folder, "describe", "--always", "--dirty", "--long", "--abbrev=40"]
    try:
        done = run(command, env=clean_environment(os.environ, GIT_OPTIONAL_LOCKS="0"), timeout=30)
    except Refused:
        return ""
    return done.stdout.strip() if done.rc == 0 else ""


def _version() -> str:
    return str(getattr(__import__("packaging"), "__version__", "")) if _packaging.FOUND else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
