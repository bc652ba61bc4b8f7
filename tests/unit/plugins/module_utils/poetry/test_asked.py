# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.options import parse_asked
from ansible_collections.netdevops.python.tests.unit.support.projects import Project


def test_an_empty_text_is_not_given(project: Project) -> None:
    given: dict[str, Any] = dict.fromkeys(("python", "poetry", "wheelhouse", "cache", "owner"))
    asked = parse_asked({**project.params(), **given, "only": ["", " "], "sources": None})
    assert (asked.python, asked.poetry, asked.wheelhouse, asked.cache, asked.owner) == ("", "", "", "", "")
    assert (asked.selection.only, tuple(asked.sources)) == ((), ())
    assert asked.interpreter_root == "/opt/pyenv"


def test_groups_is_another_name_of_only(project: Project) -> None:
    assert parse_asked(project.params(groups=["main", "main"])).selection.only == ("main",)


def test_a_folder_has_one_name(project: Project) -> None:
    assert parse_asked(project.params(project=f"{project.folder}//./")).venv == str(project.venv)


def test_all_that_is_wrong_is_told_at_once(project: Project) -> None:
    wrong = project.params(project="app", python="python3", wheelhouse="w", timeout=0, only=["main"], without=["dev"])
    with pytest.raises(Refused) as refused:
        parse_asked(wrong)
    subjects = [problem.subject for problem in refused.value.problems]
    assert [subject.split()[0] for subject in subjects] == ["only", "python", "wheelhouse", "project", "timeout"]


def test_passwords_are_not_shown(project: Project) -> None:
    asked = parse_asked(project.params(sources=[{"name": "company", "user": "u", "password": "secret-1"}]))
    assert "secret-1" not in repr(asked)
