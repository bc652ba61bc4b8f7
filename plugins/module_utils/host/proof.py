# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared to work in a release before it is switched on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


class Proofs(NamedTuple):
    """What must work in a release.

    Attributes:
        imports: Names of modules.
        commands: Argument lists; the first word is a command of the release or an absolute path.
    """

    imports: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether there is any; without one, the interpreter alone is started."""
        return bool(self.imports or self.commands)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a receipt."""
        return {"imports": list(self.imports), "commands": [list(command) for command in self.commands]}


def parse_proofs(options: Mapping[str, Any] | None) -> Proofs:
    """Return the proofs that the option ``prove`` declares.

    Raises:
        Refused: for an empty or malformed command.
    """
    options = options or {}
    commands = []
    for command in options.get("commands") or ():
        words = _words(command)
        if not words:
            refuse("prove.commands", "holds an empty command.", "Remove it.")
        commands.append(words)
    return Proofs(tuple(options.get("imports") or ()), tuple(commands))


def _words(command: Any) -> tuple[str, ...]:
    try:
        if isinstance(command, str):
            return tuple(shlex.split(command))
        if isinstance(command, (list, tuple)):
            return tuple(str(word) for word in command)
        problem = "expected text or a list of words"
    except ValueError as error:  # A quotation that does not end.
        problem = str(error)
    refuse("prove.commands", f"holds {command!r}: {problem}.", "Write it as a list of words.")
