# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's part of an installation in this very process: a tenth of the time that Ansible takes to say the same."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON


def install(venv: pathlib.Path, bundle: object, **options: Any) -> dict[str, Any]:
    """Install a bundle of this machine; raises ``Refused`` as the module does."""
    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    asked = {"venv": str(venv), "bundle": str(bundle), "remote_src": True, "python": BASE_PYTHON, "compile": False}
    return converge({**defaults, **asked, **options}, check_mode=False)
