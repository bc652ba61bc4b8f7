# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked, and what a repository says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "",
        ".git/hooks/pre-commit",
        ".GIT/x",
        ".scaffold.json",
        "a\nb",
        "a\\b",
    ],
)
def test_a_path_that_is_not_below_the_repository_is_refused(repository: Any, path: str) -> None:
    with pytest.raises(Refused, match="expected a path below the repository"):
        repository.ensure((path, "x"))


def test_all_that_is_wrong_is_told_at_once(repository: Any) -> None:
    with pytest.raises(Refused) as caught:
        repository.ensure(("a", ""), ("a", ""), ("a/b", ""), repository="here", timeout=0, overwrite=["../x"])
    said = [f"{problem.subject}: {problem.message}" for problem in caught.value.problems]
    assert said == [
        "repository: expected an absolute path, found 'here'.",
        "files: a is listed more than once.",
        "files: a is a file and a folder.",
        "overwrite: expected a path below the repository, such as tools/lock-check.sh, found '../x'.",
        "timeout: expected 1 or more, found 0.",
    ]


PROJECTS = [
    ('[project]\nname = "one"\n', "one"),
    ("[tool.poetry]\nname = 'two'  # its name\n", "two"),
    ('[tool.poetry]\nname = "two"\n[project]\nname = "one"\n', "one"),
    ('[tool.other]\nname = "three"\n', ""),
    ('[project]\nname = "a\\u0062"\n', ""),
    ('[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "internal"\n', ""),
]


@pytest.mark.parametrize(("text", "name"), PROJECTS)
def test_the_name_of_the_project(repository: Any, text: str, name: str) -> None:
    repository.write("pyproject.toml", text)
    assert repository.ensure(files=None)["facts"] == {"pin": "", "name": name, "branch": "", "git": False, "owners": []}


def test_pin_and_branch(repository: Any) -> None:
    repository.write(".python-version", "3.11.7\n")
    repository.write(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n")
    result = repository.ensure(files=None)
    told = {"pin": "3.11.7", "name": "", "branch": "trunk", "git": True, "owners": []}
    assert result["facts"] == told and not result["changed"]


@pytest.mark.parametrize("gitdir", ["../clone/.git/worktrees/one", "FOLDER/clone/.git/worktrees/one"])
def test_a_worktree_has_the_branch_of_its_clone(repository: Any, gitdir: str) -> None:
    repository.write("../clone/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n")
    repository.write("../clone/.git/worktrees/one/commondir", "../..\n")
    repository.write(".git", f"gitdir: {gitdir.replace('FOLDER', str(repository.folder.parent))}\n")
    told = repository.ensure(files=None)["facts"]
    assert (told["branch"], told["git"]) == ("trunk", True)


@pytest.mark.parametrize("text", ["gitdir: elsewhere\n", "else\n", "gitdir: a\0b\n", ""])
def test_a_checkout_that_leads_nowhere_says_no_branch(repository: Any, text: str) -> None:
    repository.write(".git", text)
    assert repository.ensure(files=None)["facts"]["branch"] == ""


def test_code_owners_that_people_wrote_come_first(repository: Any) -> None:
    repository.ensure((".github/CODEOWNERS", "ours\n"))
    for path in (".gitlab/CODEOWNERS", "docs/CODEOWNERS", "CODEOWNERS"):
        repository.write(path, "theirs\n")
    told = repository.ensure(files=None)["facts"]["owners"]
    assert told == ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".github/CODEOWNERS"]


def test_a_pin_that_is_none_is_refused(repository: Any) -> None:
    repository.write(".python-version", "3.11\n")
    with pytest.raises(Refused, match="expected an exact CPython version"):
        repository.ensure(files=None)
