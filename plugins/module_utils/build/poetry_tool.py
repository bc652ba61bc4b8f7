# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poetry, as a program that is asked: it runs clean, without a keyring, and makes no environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner

# Poetry's own words (poetry/console/commands/check.py).
STALE = "changed significantly since poetry.lock was last generated"


def find_poetry(named: str, environ: Mapping[str, str]) -> str:
    """Return the absolute path of Poetry: the one named, else the one beside our interpreter, else on PATH.

    Raises:
        Refused: when there is none.
    """
    beside = os.path.dirname(sys.executable)
    path = environ.get("PATH", os.defpath)
    found = shutil.which(named or "poetry", path=beside + os.pathsep + path)
    if found:
        return os.path.abspath(found)
    where = f"expected {named!r}" if named else f"expected it in {beside} or on PATH"
    refuse(
        "poetry",
        f"{where}, found nothing.",
        "Install Poetry 2 on the build box (pipx install poetry), or name its path in `poetry`.",
    )


class Poetry:
    """Poetry for one project.

    Args:
        run: Starts it.
        path: Its absolute path.
        environ: What its environment is made from.
        folder: The project's folder.
        private: A folder that is removed afterwards, for whatever Poetry likes to keep.
        timeout: Seconds that one command may take.
    """

    def __init__(
        self, run: Runner, path: str, environ: Mapping[str, str], folder: str, private: str, timeout: float
    ) -> None:
        self._run = run
        self._path = path
        self._folder = folder
        self._timeout = timeout
        # `.venv` in the project is not ours: Poetry repairs a broken one by deleting it.
        self._environment = clean_environment(
            environ,
            POETRY_VIRTUALENVS_CREATE="false",
            POETRY_VIRTUALENVS_IN_PROJECT="false",
            POETRY_NO_INTERACTION="1",
            POETRY_CACHE_DIR=os.path.join(private, "poetry"),
            PYTHONDONTWRITEBYTECODE="1",
        )

    def __call__(self, *arguments: str, **extra: str) -> Completed:
        """Run one command, with ``extra`` in its environment."""
        environment = {**self._environment, **extra}
        return self._run(
            [self._path, "--no-ansi", *arguments], env=environment, cwd=self._folder, timeout=self._timeout
        )

    def check_lock(self) -> None:
        """Return when the lock belongs to the pyproject.toml beside it.

        Raises:
            Refused: when it is older, or when Poetry finds an error in either.
        """
        done = self("check", "--lock")
        if done.rc == 0:
            return
        if STALE in done.stderr + done.stdout:
            lock = os.path.join(self._folder, "poetry.lock")
            refuse(
                lock,
                "is older than pyproject.toml: its dependencies changed since.",
                f"Run: poetry lock --project {self._folder}",
            )
        refuse(
            self._folder,
            f"`poetry check --lock` says: {done.tail() or 'nothing'}.",
            "Correct it, then run: poetry check --lock",
        )
