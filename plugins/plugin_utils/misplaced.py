# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of ``wheelhouse_install`` that mean nothing in the state that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

# What a rollback takes; of these, the first mean nothing to any other state.
ONLY_A_ROLLBACK = ("release", "leaving", "prove_again")
OF_A_ROLLBACK = ("venv", *ONLY_A_ROLLBACK, "reason", "prove_timeout", "lock_timeout", "history")
_ALWAYS = (*OF_A_ROLLBACK, "state", "allow_container")


def refuse_misplaced(state: str, given: Mapping[str, Any]) -> None:
    """Refuse arguments that mean nothing in a state: who gives them expects something else of it.

    Args:
        state: The state.
        given: What the task says; an argument that is null or empty is not given.

    Raises:
        Refused: naming all of them.
    """
    there = sorted(name for name, value in given.items() if value not in (None, ""))
    if state == "rolled_back":
        wrong = [name for name in there if name not in _ALWAYS]
        step = "Leave it out: a rollback takes what is on the host as it is."
    else:
        wrong = [name for name in there if name in ONLY_A_ROLLBACK]
        step = "Leave it out, or set state to rolled_back."
    refuse_all([Problem(name, f"means nothing with state={state}.", step) for name in wrong])
