# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``wheelhouse`` with extra variables in the form in which AWX hands over a survey: texts, and ``!unsafe ''`` for no answer."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.tests.system import bundles, direct
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


# Each question of a survey for rollback and prune, unanswered.
UNANSWERED = (
    *("wheelhouse_bundle_ids", "wheelhouse_keep", "wheelhouse_keep_days", "wheelhouse_lock_timeout"),
    *("wheelhouse_history", "wheelhouse_reason", "wheelhouse_release", "wheelhouse_prove_again"),
    *(
        "wheelhouse_prune_search",
        "wheelhouse_prune_orphans",
        "wheelhouse_prune_interpreters",
        "wheelhouse_legacy_until",
    ),
    *("wheelhouse_commands_path", "wheelhouse_allowed_signers", "wheelhouse_sign_key", "pyenv_interpreters"),
)


def run_role(
    folder: pathlib.Path, entry: str, projects: list[dict[str, Any]] | None, **answers: str
) -> list[dict[str, Any]]:
    """Run an entry point with a survey: what is not among the answers is unanswered."""
    survey = folder / "survey.yml"
    said = {**dict.fromkeys(UNANSWERED, ""), "wheelhouse_allow_container": "true", **answers}
    survey.write_text("".join(f"{name}: !unsafe '{answer}'\n" for name, answer in said.items()))
    role = {
        "ansible.builtin.include_role": {"name": "netdevops.python.wheelhouse", "tasks_from": entry},
        "vars": {"wheelhouse_projects": projects},
    }
    return here([role], options=["-e", f"@{survey}"])


class TestBackAndPrune:
    """Two projects with three releases each."""

    @pytest.fixture
    def projects(self, tmp_path: pathlib.Path) -> list[dict[str, Any]]:
        found = []
        for name in ("one", "two"):
            venv = tmp_path / name / ".venv"
            for number in range(1, 4):
                direct.install(
                    venv, bundles.small(tmp_path / f"{name}-{number}", f"{number}.0"), history=self.log(tmp_path)
                )
            found.append({"name": name, "venv": str(venv), "hold": "", "commands": ""})
        return found

    @staticmethod
    def log(folder: pathlib.Path) -> str:
        return str(folder / "history.jsonl")

    def test_back_for_those_that_are_named(self, tmp_path: pathlib.Path, projects: list[dict[str, Any]]) -> None:
        log = self.log(tmp_path)
        said = run_role(tmp_path, "rollback", projects, wheelhouse_select="two", wheelhouse_history=log)
        assert all(map(succeeded, said))
        assert [bundles.says(tmp_path / name / ".venv")[:9] for name in ("one", "two")] == ["alpha 3.0", "alpha 2.0"]
        assert f"{tmp_path}/two/.venv: went from release " in str(said) and f"{tmp_path}/one/.venv: " not in str(said)

    @pytest.mark.parametrize(
        ("answers", "words"),
        [
            ({}, "wheelhouse_select: expected the names of those that go back, out of one, two"),
            (
                {"wheelhouse_select": "one,two", "wheelhouse_release": "abc"},
                "expected one project in wheelhouse_select",
            ),
            (
                {"wheelhouse_select": "one,two", "wheelhouse_leaving": "abc"},
                "expected one project in wheelhouse_select",
            ),
            ({"wheelhouse_select": "three"}, "found three"),
        ],
    )
    def test_what_is_not_clear_is_refused(
        self, tmp_path: pathlib.Path, projects: list[dict[str, Any]], answers: dict[str, str], words: str
    ) -> None:
        said = run_role(tmp_path, "rollback", projects, **answers)
        failed = [str(result["msg"]) for result in said if result.get("failed")]
        assert failed and words in failed[0]

    def test_a_job_that_is_launched_again_does_not_go_back_twice(
        self, tmp_path: pathlib.Path, projects: list[dict[str, Any]]
    ) -> None:
        venv = tmp_path / "two/.venv"
        [found] = venv.with_name(".venv.releases").glob("*/lib/*/*/alpha-3.0.dist-info")
        leaving = {"wheelhouse_select": "two", "wheelhouse_leaving": found.parents[3].name}
        for _launch in range(2):
            said = run_role(tmp_path, "rollback", projects, wheelhouse_history=self.log(tmp_path), **leaving)
            assert all(map(succeeded, said)) and bundles.says(venv)[:9] == "alpha 2.0"

    def test_nothing_to_go_back_is_a_mistake(self, tmp_path: pathlib.Path, projects: list[dict[str, Any]]) -> None:
        gone = {**projects[1], "state": "absent"}
        for found, select, words in (
            ([projects[0], gone], "two", "expected projects with an environment on the host, found two"),
            ([projects[0], gone], "one,two", "expected projects with an environment on the host, found two"),
            ([gone], "", "expected a project with an environment on the host, found none"),
            ([], "", "expected a project with an environment on the host, found none"),
            (None, "", "expected a project with an environment on the host, found none"),
        ):
            said = run_role(tmp_path, "rollback", found, wheelhouse_select=select)
            failed = [str(result["msg"]) for result in said if result.get("failed")]
            assert failed and words in failed[0], (select, said)

    @pytest.mark.parametrize("entry", ["main", "prune", "build"])
    def test_lists_that_are_null_are_empty(self, tmp_path: pathlib.Path, entry: str) -> None:
        survey = tmp_path / "survey.yml"
        names = ("projects", "prune_search", "targets", "interpreters", "bundle_ids", "select", "pyenv_root")
        survey.write_text("".join(f"wheelhouse_{name}:\n" for name in names))
        role = {"ansible.builtin.include_role": {"name": "netdevops.python.wheelhouse", "tasks_from": entry}}
        said = here([role], options=["-e", f"@{survey}"])
        assert said and all(map(succeeded, said))

    def test_nought_is_an_answer(self, tmp_path: pathlib.Path, projects: list[dict[str, Any]]) -> None:
        log = self.log(tmp_path)
        days = {"wheelhouse_keep": "1", "wheelhouse_keep_days": "30", "wheelhouse_history": log}
        projects[0]["keep_days"] = 0
        said = run_role(tmp_path, "prune", projects, wheelhouse_lock_timeout="0", **days)
        assert all(map(succeeded, said))
        left = [len(list((tmp_path / name / ".venv.releases").glob("*/receipt.json"))) for name in ("one", "two")]
        assert left == [2, 3], "what is spared of the first is where a rollback goes"
        for refused in ([{**projects[0], "keep": 0}], [{**projects[0], "keep": "0"}]):
            said = run_role(tmp_path, "prune", refused, wheelhouse_history=log)
            assert "keep 0: expected at least 1" in str(said)
        said = run_role(tmp_path, "prune", projects[:1], wheelhouse_history=log, wheelhouse_keep="0")
        assert "keep 0: expected at least 1" in str(said)

    @pytest.mark.parametrize("entry", ["rollback", "prune"])
    def test_not_to_wait_at_all(self, tmp_path: pathlib.Path, projects: list[dict[str, Any]], entry: str) -> None:
        environment = Environment(str(projects[0]["venv"]))
        answers = {"wheelhouse_history": self.log(tmp_path), "wheelhouse_keep": "1", "wheelhouse_lock_timeout": "0"}
        with locked(environment, 1, (os.geteuid(), os.getegid()), Stages()):
            said = run_role(tmp_path, entry, projects[:1], **answers)
        assert "has held" in str(said) and "for 0 seconds" in str(said)

    def test_prune(self, tmp_path: pathlib.Path, projects: list[dict[str, Any]]) -> None:
        log = self.log(tmp_path)
        projects[0]["keep"] = 1
        said = run_role(tmp_path, "prune", projects, wheelhouse_history=log)
        assert all(map(succeeded, said))
        assert [len(list((tmp_path / name / ".venv.releases").glob("*/receipt.json"))) for name in ("one", "two")] == [
            2,
            3,
        ]
        assert " freed" in str(said[-1]["msg"])
        said = run_role(
            tmp_path,
            "prune",
            projects[:1],
            wheelhouse_history=log,
            wheelhouse_keep="1",
            wheelhouse_prune_search=f"{tmp_path}, /nowhere",
            wheelhouse_prune_orphans="false",
        )
        assert all(map(succeeded, said))
        assert len(list((tmp_path / "two/.venv.releases").glob("*/receipt.json"))) == 2
        # A name beside those of the inventory.
        said = run_role(tmp_path, "prune", projects, wheelhouse_history=log, wheelhouse_select="three")
        assert said[-1].get("failed") or any(result.get("failed") for result in said)
