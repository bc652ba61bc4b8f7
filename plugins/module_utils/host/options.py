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
        keep: How many releases stay, the current one included.
        lock_timeout: Seconds to wait for another run.
        prove_timeout: Seconds for each proof.
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
    keep: int
    lock_timeout: float
    prove_timeout: float

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

    def owner_ids(self) -> tuple[int, int]:
        """Return the user and the group id that files get.

        Raises:
            Refused: for a name that this host does not know, or an owner that this user cannot give files to.
        """
        from ansible_collections.netdevops.python.plugins.module_utils.host.owner import find_owner  # few runs need it

        return find_owner(self.owner, self.group)


def parse_options(params: Mapping[str, Any], source: str) -> Options:
    """Return the options that a module's parameters say.

    Raises:
        Refused: for values that make no environment.
    """
    if not os.path.isabs(params["python"]):
        refuse(
            f"python {params['python']!r}", "expected an absolute path.", "A name on PATH may be a shim; name the file."
        )
    groups = params.get("groups")
    return Options(
        environment=check_path(params["venv"]),
        source=source,
        python=params["python"],
        groups=_names(groups),
        proofs=parse_proofs(params.get("prove")),
        owner=params.get("owner") or "",
        group=params.get("group") or "",
        mode=_mode(params.get("mode") or "0755"),
        compile=params["compile"],
        verify=params["verify"],
        keep=_at_least_one(params["keep"]),
        lock_timeout=params["lock_timeout"],
        prove_timeout=params["prove_timeout"],
    )


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


def _at_least_one(keep: int) -> int:
    if keep < 1:
        refuse(f"keep {keep}", "expected at least 1: the current release stays.", "Write 2 to be able to go back.")
    return keep
