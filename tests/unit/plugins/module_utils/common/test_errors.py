# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import (
    Problem,
    Refused,
    refuse,
    refuse_all,
)


def test_one_problem_reads_as_one_line() -> None:
    assert str(Refused([Problem("a.whl", "is damaged.", "Copy it again.")])) == "a.whl: is damaged. Copy it again."


def test_a_problem_without_a_next_step_ends_with_its_message() -> None:
    assert str(Problem("a.whl", "is damaged.")) == "a.whl: is damaged."


def test_several_problems_are_counted_and_listed() -> None:
    refused = Refused([Problem("a", "one."), Problem("b", "two.", "Mend it.")])
    assert str(refused) == "2 problems:\n- a: one.\n- b: two. Mend it."


def test_a_result_holds_the_text_and_each_problem_as_plain_data() -> None:
    result = Refused([Problem("a", "one.", "Go.")]).result()
    assert result == {"msg": "a: one. Go.", "problems": [{"subject": "a", "message": "one.", "next_step": "Go."}]}


def test_a_refusal_without_a_problem_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        raise Refused([])


def test_refuse_raises_one_problem() -> None:
    with pytest.raises(Refused) as caught:
        refuse("a", "one.")
    assert caught.value.problems == (Problem("a", "one.", ""),)


def test_refuse_all_raises_all_and_lets_none_pass() -> None:
    refuse_all([])
    with pytest.raises(Refused) as caught:
        refuse_all([Problem("a", "one."), Problem("b", "two.")])
    assert [problem.subject for problem in caught.value.problems] == ["a", "b"]
