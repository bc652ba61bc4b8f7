# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of ``poetry_venv``: with whose rights it is done, and what is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner


def converge(params: Mapping[str, Any], check_mode: bool, run: Runner | None = None) -> dict[str, Any]:
    """Bring a project's environment to the state that the parameters of ``poetry_venv`` ask for; return its result.

    Raises:
        Refused: when it cannot be done safely; the environment is then what it was.
    """
    raise NotImplementedError
