# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's part of an installation in this very process: a tenth of the time that Ansible takes to say the same."""

from __future__ import annotations

import functools
import pathlib
import tempfile
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge
from ansible_collections.netdevops.python.plugins.module_utils.host.rollback import roll_back
from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS as OF_PROJECTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.converge import converge as converge_project
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, HISTORY


def install(venv: pathlib.Path, bundle: object, **options: Any) -> dict[str, Any]:
    """Install a bundle of this machine; raises ``Refused`` as the module does."""
    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    asked = {"venv": str(venv), "bundle": str(bundle), "remote_src": True, "python": BASE_PYTHON, "compile": False}
    return converge({**defaults, **asked, "history": HISTORY, **options}, check_mode=False)


def rollback(venv: pathlib.Path, release: str = "", check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Go back to an earlier release on this machine; raises ``Refused`` as the module does.

    ``options`` are those of ``wheelhouse_rollback``: ``leaving``, ``reason``, ``prove_again``, ``prove_timeout``, ``lock_timeout``, ``history``, ``by``.
    """
    defaults = {"prove_timeout": 120, "lock_timeout": 60, "history": HISTORY}
    return roll_back({**defaults, "venv": str(venv), "release": release, **options}, check_mode)


def project(folder: pathlib.Path, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Bring a project's environment to its lock on this machine; raises ``Refused`` as ``poetry_venv`` does."""
    defaults = {name: argument.get("default") for name, argument in OF_PROJECTS.items()}
    asked = {"project": str(folder), "python": BASE_PYTHON, "compile": False, "history": HISTORY, "by": None}
    if not options.get("owner"):  # Nothing of a test stays in the home of who runs it.
        asked["cache"] = _store().name
    return converge_project({**defaults, **asked, **options}, check_mode)


@functools.cache
def _store() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="downloads-")
