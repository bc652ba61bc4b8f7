# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``wheelhouse`` with extra variables in the form in which AWX hands over a survey: texts, and ``!unsafe ''`` for no answer."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, here, succeeded

pytestmark = pytest.mark.system


@pytest.mark.parametrize(("answer", "is_compiled"), [("", True), ("false", False), ("true", True)])
def test_what_a_survey_leaves_unanswered_is_the_default(tmp_path: pathlib.Path, answer: str, is_compiled: bool) -> None:
    made = bundles.small(tmp_path / "bundle")
    venv = tmp_path / "app/.venv"
    project = {"name": "app", "bundle": str(made), "venv": str(venv), "python": BASE_PYTHON}
    survey = tmp_path / "survey.yml"
    empty = ("wheelhouse_select", "wheelhouse_bundle_ids", "wheelhouse_keep", "wheelhouse_owner", "wheelhouse_verify")
    lines = [f"wheelhouse_compile: !unsafe '{answer}'", *(f"{name}: !unsafe ''" for name in empty)]
    survey.write_text("\n".join(lines) + "\n")
    role = {
        "ansible.builtin.include_role": {"name": "netdevops.python.wheelhouse"},
        "vars": {"wheelhouse_projects": [project], "wheelhouse_allow_container": True},
    }
    said = here([role], options=["-e", f"@{survey}"])
    assert [succeeded(result) for result in said]
    assert bool(list((venv / "lib").rglob("*.pyc"))) == is_compiled
