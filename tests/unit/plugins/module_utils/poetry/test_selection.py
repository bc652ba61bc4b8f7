# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a project is asked for, in Poetry's words."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection


@pytest.mark.parametrize(
    ("selection", "arguments"),
    [
        (Selection(), []),
        (Selection(only=("main", "dev")), ["--only=main,dev"]),
        (Selection(with_=("docs",), without=("dev",)), ["--with=docs", "--without=dev"]),
        (Selection(extras=("fast", "db")), ["--extras=fast", "--extras=db"]),
        (Selection(all_extras=True, root=False), ["--all-extras", "--no-root"]),
    ],
)
def test_it_becomes_arguments(selection: Selection, arguments: list[str]) -> None:
    assert selection.problems() == []
    assert selection.arguments((1, 8, 5)) == selection.arguments((2, 5, 1)) == arguments


@pytest.mark.parametrize(
    ("selection", "option", "words"),
    [
        (Selection(only=("main",), with_=("docs",)), "only", "found `with` beside it"),
        (Selection(only=("main",), without=("docs",)), "only", "found `without` beside it"),
        (Selection(with_=("docs", "dev"), without=("docs",)), "with", "has docs, which"),
        (Selection(extras=("fast",), all_extras=True), "extras", "expected none with all_extras"),
        (Selection(with_=("--all-groups",)), "with", "expected the name of a group, found '--all-groups'"),
        (Selection(without=("a,b",)), "without", "found 'a,b'"),
        (Selection(extras=("a b",)), "extras", "expected the name of an extra"),
        (Selection(only=("dev\n",)), "only", "expected the name of a group"),
    ],
)
def test_what_cannot_be_is_named(selection: Selection, option: str, words: str) -> None:
    (problem,) = selection.problems()
    assert problem.subject == option
    assert words in problem.message


def test_order_and_repetition_make_no_other_selection() -> None:
    one = Selection(with_=("docs", "dev"), extras=("b", "a", "a"))
    assert one.as_dict() == Selection(with_=("dev", "docs"), extras=("a", "b")).as_dict()
    different = {repr(s.as_dict()) for s in (Selection(), Selection(only=("a",)), Selection(with_=("a",)))}
    different |= {repr(s.as_dict()) for s in (Selection(root=False), Selection(all_extras=True))}
    assert len(different) == 5
