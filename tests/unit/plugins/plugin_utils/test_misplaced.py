# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.plugin_utils.misplaced import (
    OF_A_ROLLBACK,
    ONLY_A_ROLLBACK,
    refuse_misplaced,
)


def refused(state: str, given: dict[str, object]) -> list[str]:
    try:
        refuse_misplaced(state, given)
    except Refused as caught:
        return [problem.subject for problem in caught.problems]
    return []


def test_a_rollback_takes_little() -> None:
    everything: dict[str, object] = dict.fromkeys(ARGUMENTS, "x")
    assert refused("rolled_back", everything) == sorted(set(ARGUMENTS) - {*OF_A_ROLLBACK, "state", "allow_container"})


@pytest.mark.parametrize("state", ["present", "absent"])
def test_other_states_take_nothing_of_a_rollback(state: str) -> None:
    everything: dict[str, object] = dict.fromkeys(ARGUMENTS, "x")
    assert refused(state, everything) == sorted(ONLY_A_ROLLBACK)


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_empty_is_not_given(nothing: object) -> None:
    assert refused("present", {"release": nothing}) == refused("rolled_back", {"bundle": nothing}) == []


def test_no_and_zero_are_answers() -> None:
    assert refused("rolled_back", {"compile": False, "keep_days": 0}) == ["compile", "keep_days"]
