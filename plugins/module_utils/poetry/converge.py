# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of ``poetry_venv``: with whose rights it is done, and what is done with them."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import leave
from ansible_collections.netdevops.python.plugins.module_utils.host.install import OWN_LOOKS
from ansible_collections.netdevops.python.plugins.module_utils.host.options import parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.removal import absent
from ansible_collections.netdevops.python.plugins.module_utils.poetry.extras import LOOKS, find_additions
from ansible_collections.netdevops.python.plugins.module_utils.poetry.glance import source_of, told, wanted
from ansible_collections.netdevops.python.plugins.module_utils.poetry.install import Job, install, write_ignore
from ansible_collections.netdevops.python.plugins.module_utils.poetry.options import Asked, parse_asked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.owner import as_owner
from ansible_collections.netdevops.python.plugins.module_utils.poetry.project import check_folder, read_project

# Poetry says its version, plans, installs and installs the project, each within `timeout`; beside that there are bytecode,
# files to read and a disk to sync, which have limits of their own.
COMMANDS_OF_POETRY, SECONDS_BESIDE = 4, 3600


def converge(params: Mapping[str, Any], check_mode: bool, run: Runner | None = None) -> dict[str, Any]:
    """Bring a project's environment to the state that the parameters of ``poetry_venv`` ask for; return its result.

    Raises:
        Refused: when it cannot be done safely; the environment is then what it was.
    """
    asked = parse_asked(params)
    work = functools.partial(_converge, asked, params["state"], check_mode, run)
    try:
        result: dict[str, Any] = as_owner(asked.owner, work, _limit(asked), asked.project)
        return result
    except OSError as error:  # From looking; what works on something names its stage.
        refuse(
            str(error.filename or asked.project),
            f"{error.strerror or error}.",
            "Name the owner of the project in `owner`, or look at what stands there; nothing was changed.",
        )


def _limit(asked: Asked) -> float:
    proofs = len((asked.environment["prove"] or {}).get("commands") or ()) + 1
    environment = asked.environment
    beside = environment["lock_timeout"] + proofs * environment["prove_timeout"] + SECONDS_BESIDE
    return COMMANDS_OF_POETRY * asked.timeout + float(beside)


def _converge(asked: Asked, state: str, check_mode: bool, run: Runner | None) -> dict[str, Any]:
    return _absent(asked, check_mode) if state == "absent" else _present(asked, check_mode, run)


def _absent(asked: Asked, check_mode: bool) -> dict[str, Any]:
    if os.path.lexists(asked.project):
        check_folder(asked.project)
    return absent(wanted(asked, ""), check_mode)


def _present(asked: Asked, check_mode: bool, run: Runner | None) -> dict[str, Any]:
    project = read_project(asked.project)
    python = asked.python or project.placed(asked.interpreter_root)
    options = parse_options(wanted(asked, python), source_of(asked, project))

    looks = OWN_LOOKS if asked.sync else LOOKS
    seen = looks.survey(options)
    if seen.converged:
        added = {} if asked.sync else find_additions(options.environment, seen.found, {}).result()
        if not check_mode:
            write_ignore(options.environment)
        return told({**leave(options, seen, check_mode), **added}, python)
    return told(install(run or run_process, Job(asked, project, options, looks), seen, check_mode), python)
