# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.netdevops.python.plugins.plugin_utils.joining import joined

BROUGHT: dict[str, Any] = {
    "changed": True,
    "interpreter": {"version": "3.11.7"},
    "actions": [{"verb": "unpack"}],
    "seconds": {"interpreter": 2.0},
}
RESULT: dict[str, Any] = {"changed": False, "actions": [], "seconds": {"lock": 0.0}, "release": "r1"}


def test_both_are_told_in_their_order() -> None:
    whole = joined({**RESULT, "actions": [{"verb": "build"}]}, BROUGHT)
    assert whole["actions"] == [{"verb": "unpack"}, {"verb": "build"}]
    assert (whole["changed"], whole["release"], whole["interpreter"]) == (True, "r1", {"version": "3.11.7"})
    assert list(whole["seconds"]) == ["interpreter", "lock"]
    assert "diff" not in whole


def test_each_has_its_own_diff() -> None:
    assert joined({**RESULT, "diff": {"before": "b"}}, {**BROUGHT, "diff": {"before": "a"}})["diff"] == [
        {"before": "a"},
        {"before": "b"},
    ]
    assert joined(RESULT, {**BROUGHT, "diff": {"before": "a"}})["diff"] == [{"before": "a"}]


def test_what_changed_nothing_is_not_told() -> None:
    assert joined(RESULT, {**BROUGHT, "changed": False}) == RESULT


def test_a_failure_keeps_what_it_says() -> None:
    whole = joined({"failed": True, "changed": False, "msg": "full"}, BROUGHT)
    assert (whole["failed"], whole["changed"], whole["msg"]) == (True, True, "full")
