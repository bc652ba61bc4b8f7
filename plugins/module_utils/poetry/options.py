# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a project's environment, checked and in one form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection

VENV = ".venv"
# What of the parameters concerns the environment alone, whatever it is made from.
OF_THE_ENVIRONMENT = (
    *("prove", "prove_timeout", "keep", "keep_days", "hold", "commands", "commands_path", "legacy_until"),
    *("history", "by", "reason", "mode", "compile", "verify", "lock_timeout"),
)


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        project: Absolute path of the project's folder.
        python: Absolute path of the interpreter; '' for the one that the project pins.
        interpreter_root: Where the interpreter of a pin is, as ``versions/<pin>/bin/python``.
        selection: What of the project is installed.
        sync: Whether the environment holds that and nothing else; without it, what somebody added by hand is carried on.
        poetry: Poetry: its absolute path, or a name that is looked for; '' for ``poetry``.
        wheelhouse: Absolute path of a bundle or a folder of wheels to install from, with no network; '' without one.
        cache: Absolute path of the folder for Poetry's downloads; '' for one that goes with the run.
        timeout: Seconds that one command of Poetry may take.
        owner: Name of the person whose project it is; '' for the user that the module runs as.
        sources: The option as it was given; passwords among it.
        environment: The parameters that concern the environment alone, for :func:`.host.options.parse_options`.
    """

    project: str
    python: str
    interpreter_root: str
    selection: Selection
    sync: bool
    poetry: str
    wheelhouse: str
    cache: str
    timeout: float
    owner: str
    sources: Sequence[Mapping[str, Any]]
    environment: Mapping[str, Any]

    @property
    def venv(self) -> str:
        """The environment."""
        return f"{self.project}/{VENV}"

    def __repr__(self) -> str:
        return f"Asked({self.project!r})"


def parse_asked(params: Mapping[str, Any]) -> Asked:
    """Return what the parameters of ``poetry_venv`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    selection = Selection(
        only=_names(params["only"]),
        with_=_names(params["with"]),
        without=_names(params["without"]),
        extras=_names(params["extras"]),
        all_extras=params["all_extras"],
        root=params["root"],
    )
    problems = [*selection.problems(), *_bad_paths(params)]
    if params["timeout"] < 1:
        problems.append(Problem("timeout", f"expected 1 or more, found {params['timeout']}.", "Give it in seconds."))
    refuse_all(problems)
    return Asked(
        project=_folder(params["project"]),
        python=params["python"] or "",
        interpreter_root=_folder(params["interpreter_root"] or ""),
        selection=selection,
        sync=params["sync"],
        poetry=params["poetry"] or "",
        wheelhouse=_folder(params["wheelhouse"] or ""),
        cache=_folder(params["cache"] or ""),
        timeout=params["timeout"],
        owner=params["owner"] or "",
        sources=params["sources"] or (),
        environment={name: params.get(name) for name in OF_THE_ENVIRONMENT},
    )


def _names(names: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names or () if name.strip()))


def _folder(path: str) -> str:
    return os.path.normpath(path) if path else ""


def _bad_paths(params: Mapping[str, Any]) -> list[Problem]:
    given = {name: params[name] or "" for name in ("python", "interpreter_root", "wheelhouse", "cache")}
    problems = [
        Problem(f"{name} {path!r}", "expected an absolute path.", "Name it in full.")
        for name, path in given.items()
        if path and not os.path.isabs(path)
    ]
    project = params["project"]
    if not os.path.isabs(project) or not project.strip("/"):
        step = "Name the folder that holds poetry.lock, in full."
        problems.append(Problem(f"project {project!r}", "expected an absolute path to a folder of its own.", step))
    return problems
