# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan


def test_changed_is_that_there_are_steps_and_nothing_else() -> None:
    assert not Plan({"a": 1}, {"a": 2}).changed
    assert Plan({"a": 1}, {"a": 1}, (Action("prune", "old"),)).changed


def test_a_plan_without_steps_has_an_empty_diff() -> None:
    diff = Plan({"a": 1}, {"a": 2}).diff("env")
    assert diff["before"] == diff["after"] == '{\n  "a": 1\n}\n'
    assert diff["before_header"] == diff["after_header"] == "env"


def test_a_diff_shows_before_and_after() -> None:
    diff = Plan({"b": 1, "a": "ü"}, {"a": None}, (Action("x", "y"),)).diff("env")
    assert diff["before"] == '{\n  "a": "ü",\n  "b": 1\n}\n'
    assert diff["after"] == '{\n  "a": null\n}\n'


def test_a_summary_is_plain_data() -> None:
    plan = Plan({}, {}, (Action("build", "r1", "no environment yet"),))
    assert plan.summary() == [{"verb": "build", "subject": "r1", "reason": "no environment yet"}]
