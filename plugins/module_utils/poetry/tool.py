# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poetry, as a program that is asked: which one, what it would install, and that it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import Source


class Planned(NamedTuple):
    """What Poetry would put into an empty environment.

    Attributes:
        packages: Normalized name and version of each, sorted.
        root: Normalized name and version of the project itself; None where it is not installed.
        warnings: What there is to say beside.
    """

    packages: tuple[tuple[str, str], ...]
    root: tuple[str, str] | None
    warnings: tuple[str, ...] = ()


def find_poetry(named: str, home: str = "") -> str:
    """Return the absolute path of Poetry; it is not started, see :attr:`Poetry.version`.

    Args:
        named: An absolute path, or a name that is looked for; ``poetry`` when it is ''.
        home: The home of who it runs as.

    Raises:
        Refused: when there is none, when it cannot be executed, is a shim, or others could change it.
    """
    raise NotImplementedError


class Poetry:
    """Poetry for one project.

    Args:
        run: Starts it.
        executable: Its absolute path.
        project: The project's folder.
        private: An empty folder of this run, for whatever Poetry likes to keep.
        environ: What its environment is made from: proxies and certificate authorities stay.
        sources: Who asks private indexes.
        timeout: Seconds that one command may take.
        cache: A folder for Poetry's downloads; one in ``private`` when it is ''.
    """

    def __init__(
        self,
        run: Runner,
        executable: str,
        project: str,
        private: str,
        *,
        environ: Mapping[str, str],
        sources: tuple[Source, ...] = (),
        timeout: float = 900,
        cache: str = "",
    ) -> None:
        raise NotImplementedError

    @property
    def version(self) -> tuple[int, ...]:
        """Its version, such as (2, 5, 1); it is asked once.

        Raises:
            Refused: when it does not run, or is one that this collection does not know.
        """
        raise NotImplementedError

    def plan(self, selection: Selection, venv: str) -> Planned:
        """Return what it would install into the empty environment ``venv``; nothing is written.

        Raises:
            Refused: when it will not, or says what is not understood.
        """
        raise NotImplementedError

    def install(self, selection: Selection, venv: str) -> tuple[str, ...]:
        """Install the selection into the empty environment ``venv``; return what there is to say beside.

        Raises:
            Refused: when it fails.
        """
        raise NotImplementedError

    def install_root(self, venv: str) -> None:
        """Install the project itself and nothing else into the environment ``venv``.

        Raises:
            Refused: when it fails.
        """
        raise NotImplementedError
