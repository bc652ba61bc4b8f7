# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's own wheel."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.build.built import EPOCH, only_wheel
from ansible_collections.netdevops.python.plugins.module_utils.build.poetry_tool import Poetry
from ansible_collections.netdevops.python.plugins.module_utils.build.project import Project
from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner


def build_project(
    poetry: Poetry, run: Runner, project: Project, python: Interpreter | None, private: str
) -> tuple[str, bytes]:
    """Return the file name and the normalized bytes of the project's wheel; the project's folder stays as it is.

    Args:
        poetry: Poetry for the project's folder.
        run: Starts the interpreter.
        project: Whose wheel.
        python: The interpreter of the pin, or None to build with Poetry's own.
        private: A folder of our own.

    Raises:
        Refused: when Poetry cannot build it.
    """
    output = os.path.join(private, "project")
    extra = {"VIRTUAL_ENV": _environment(run, python, private)} if python else {}
    done = poetry("build", "--format", "wheel", "--output", output, SOURCE_DATE_EPOCH=EPOCH, **extra)
    if done.rc != 0:
        refuse(project.file, f"`poetry build` failed: {done.tail()}.", _next_step(done.tail(), python))
    return only_wheel(output, project.name, "", project.file)


def _environment(run: Runner, python: Interpreter, private: str) -> str:
    """Return an empty environment of the pin: Poetry builds only with an interpreter that the project allows."""
    folder = os.path.join(private, "env")
    done = run(
        [python.path, "-I", "-m", "venv", "--without-pip", folder], env=clean_environment(os.environ), timeout=60
    )
    if done.rc != 0:
        refuse(
            python.path,
            f"cannot make a virtual environment: {done.tail()}.",
            "Install its venv module, or build with `root: false`.",
        )
    return folder


def _next_step(said: str, python: Interpreter | None) -> str:
    if python is None and "not supported by the project" in said:
        return "Install the interpreter of the pin on the build box (netdevops.python.pyenv_install), or build with `root: false`."
    return "Run `poetry build` in the project's folder to see more."
