# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an environment, checked and in one form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, check_path
from ansible_collections.netdevops.python.plugins.module_utils.host.proof import Proofs, parse_proofs
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Retention, parse_retention

OWNERS_OWN = 0o700
WRITABLE_BY_OTHERS = 0o022


class Options(NamedTuple):
    """The options of one run.

    Attributes:
        environment: Where.
        source: What is to be in it: ``bundle:<id>``, or ``requirements:<digest>`` for a plain wheelhouse.
        python: Absolute path of the interpreter.
        groups: Names of dependency groups; None for all that the bundle has.
        proofs: What must work in a release before it is switched on.
        owner: Name of the owner; '' for the user that the module runs as.
        group: Name of the group; '' for the owner's, or the module's.
        mode: Permission bits of folders and programs.
        compile: Whether bytecode is made at install time.
        verify: ``receipt``, ``stat`` or ``content``.
        retention: Which releases stay.
        lock_timeout: Seconds to wait for another run.
        prove_timeout: Seconds for each proof.
        interpreter_root: Where the bundle's interpreter is installed, as ``versions/<pin>``; '' where ``python`` names one.
        pin: The pin of the bundle, where there is an ``interpreter_root``.
        commands: Console scripts that are put into ``commands_path``; None where what is there stays.
        commands_path: Absolute path of the folder for them.
        legacy_until: The day from which on a kept folder may go, ``YYYY-MM-DD``; '' for never.
        allowed_signers: Absolute path of the file that says whose signatures count; '' where none is asked for.
        history: Absolute path of the history; '' for the usual one.
        by: Who runs this, as the controller says it.
        reason: Why, as the user says it.
    """

    environment: Environment
    source: str
    python: str
    groups: tuple[str, ...] | None
    proofs: Proofs
    owner: str
    group: str
    mode: int
    compile: bool
    verify: str
    retention: Retention
    lock_timeout: float
    prove_timeout: float
    interpreter_root: str = ""
    pin: str = ""
    commands: tuple[str, ...] | None = None
    commands_path: str = ""
    legacy_until: str = ""
    allowed_signers: str = ""
    history: str = ""
    by: Mapping[str, Any] | None = None
    reason: str = ""

    def asked(self) -> dict[str, Any]:
        """Return the part that decides what a release is, as plain data."""
        return {
            "source": self.source,
            "python": self.python,
            "groups": None if self.groups is None else list(self.groups),
            "prove": self.proofs.as_dict(),
            "owner": self.owner,
            "group": self.group,
            "mode": f"{self.mode:04o}",
            "compile": self.compile,
        }

    def differs(self, asked: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of what a release was not asked for like this; ``asked`` is of its receipt."""
        return tuple(key for key, value in self.asked().items() if asked.get(key) != value)

    def owner_ids(self) -> tuple[int, int]:
        """Return the user and the group id that files get.

        Raises:
            Refused: for a name that this host does not know, or an owner that this user cannot give files to.
        """
        from ansible_collections.netdevops.python.plugins.module_utils.host.owner import find_owner  # few runs need it

        return find_owner(self.owner, self.group)


def parse_options(params: Mapping[str, Any], source: str, pin: str = "") -> Options:
    """Return the options that a module's parameters say.

    Args:
        params: The parameters.
        source: What is to be in the environment.
        pin: The pin of the bundle; '' where nobody needs it.

    Raises:
        Refused: for values that make no environment.
    """
    root = _root(params.get("interpreter_root") or "")
    groups = params.get("groups")
    return Options(
        environment=check_path(params["venv"]),
        source=source,
        python=_placed(root, pin, params["python"] or "") if root else _python(params["python"] or ""),
        groups=_names(groups),
        proofs=parse_proofs(params.get("prove")),
        owner=params.get("owner") or "",
        group=params.get("group") or "",
        mode=_mode(params.get("mode") or "0755"),
        compile=params["compile"],
        verify=params["verify"],
        retention=parse_retention(params),
        lock_timeout=params["lock_timeout"],
        prove_timeout=params["prove_timeout"],
        interpreter_root=root,
        pin=pin,
        commands=_commands(params.get("commands")),
        commands_path=params.get("commands_path") or "",
        legacy_until=_day(params.get("legacy_until") or ""),
        allowed_signers=params.get("allowed_signers") or "",
        history=_history(params.get("history") or ""),
        by=params.get("by"),
        reason=params.get("reason") or "",
    )


def _commands(names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import parse_commands

    return parse_commands(names)


def _day(text: str) -> str:
    if not text:
        return ""
    from ansible_collections.netdevops.python.plugins.module_utils.host.day import parse_day

    return parse_day(text)


def _history(path: str) -> str:
    if not path:
        return ""
    from ansible_collections.netdevops.python.plugins.module_utils.host.history_path import (
        check_history,
    )  # few runs need it

    return check_history(path)


def _python(path: str) -> str:
    if not os.path.isabs(path):
        refuse(f"python {path!r}", "expected an absolute path.", "A name on PATH may be a shim; name the file.")
    return path


def _root(path: str) -> str:
    root = os.path.normpath(path) if path else ""
    if root and (not os.path.isabs(root) or not root.strip("/")):
        refuse(
            f"interpreter_root {path!r}",
            "expected an absolute path to a folder of its own.",
            "Name one, such as /opt/pyenv.",
        )
    return root


def _placed(root: str, pin: str, python: str) -> str:
    """Return the interpreter of ``pin`` where pyenv has it below ``root``; ``python`` may say the same."""
    if not pin:
        refuse("interpreter_root", "the bundle pins no version of Python.", "Name the interpreter in `python`.")
    placed = f"{root}/versions/{pin}/bin/python"
    if python and python != placed:
        refuse(
            "python, interpreter_root",
            f"expected python to be {placed} or not given, found {python}.",
            "Give one of the two.",
        )
    return placed


def _names(groups: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(sorted({name for name in groups if name})) or None if groups else None


def _mode(text: str) -> int:
    try:
        mode = int(str(text), 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777 or mode & OWNERS_OWN != OWNERS_OWN:
        refuse(
            f"mode {text!r}",
            "expected permission bits in octal that start with 7: the owner reads, writes and enters.",
            "Write for example '0755' or '0750', in quotes.",
        )
    if mode & WRITABLE_BY_OTHERS:
        refuse(
            f"mode {text!r}",
            "would let others than the owner write into what people run.",
            "Write for example '0755' or '0750'.",
        )
    return mode
