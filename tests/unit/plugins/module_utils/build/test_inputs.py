# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a project and its options say, in all the ways in which people write it."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging, provenance, toml_file
from ansible_collections.netdevops.python.plugins.module_utils.build.project import read_project
from ansible_collections.netdevops.python.plugins.module_utils.build.python_range import allows
from ansible_collections.netdevops.python.plugins.module_utils.build.toml_text import toml_pairs, toml_value
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        (">=3.11,<3.14", "3.13.9", "3.14.0"),
        ("^3.11", "3.99.0", "4.0.0"),
        ("^3.11.4", "3.11.4", "3.11.3"),
        ("~3.11", "3.11.9", "3.12.0"),
        ("~=3.11", "3.12.0", "4.0.0"),
        ("~=3.11.2", "3.11.9", "3.12.0"),
        ("3.11.*", "3.11.9", "3.12.0"),
        ("==3.11.7", "3.11.7", "3.11.8"),
        ("=3.11.7", "3.11.7", "3.11.8"),
        ("3.11.7", "3.11.7", "3.11.8"),
        ("!=3.11.7", "3.11.8", "3.11.7"),
        ("~3.9 || >=3.12", "3.9.1", "3.11.7"),
        (">=3.9 <3.12", "3.11.7", "3.12.0"),
        (">= 3.9, < 3.12", "3.11.7", "3.12.0"),
        (">3.11.7", "3.11.8", "3.11.7"),
        ("<=3.11.7", "3.11.7", "3.11.8"),
    ],
)
def test_ranges(range_: str, inside: str, outside: str) -> None:
    assert allows(range_, inside, "x")
    assert not allows(range_, outside, "x")


def test_any_version() -> None:
    assert allows("*", "3.14.0rc1", "x")
    assert allows(">=3.11", "3.15.0a1", "x")


@pytest.mark.parametrize("range_", ["new enough", ">=3.11; os", "^^3", ">=3.*"])
def test_what_is_no_range(range_: str) -> None:
    with pytest.raises(Refused, match="x: expected a range of Python versions"):
        allows(range_, "3.11.7", "x")


def write(folder: pathlib.Path, text: str) -> Any:
    (folder / "pyproject.toml").write_text(text)
    return read_project(str(folder))


def test_a_project_in_poetrys_own_table(tmp_path: pathlib.Path) -> None:
    project = write(
        tmp_path,
        """[tool.poetry]
        name = "Edge_Tools"
        version = "2.0"
        [tool.poetry.dependencies]
        python = "^3.11"
        [tool.poetry.group.Lab_Only]
        optional = true
        [tool.poetry.extras]
        Net_Box = ["pynetbox"]
        [[tool.poetry.source]]
        name = "corp"
        url = "https://pypi.example.com/simple"
        [[tool.poetry.source]]
        name = "PyPI"
        """,
    )
    assert (project.name, project.version, project.requires_python) == ("edge-tools", "2.0", "^3.11")
    assert (project.groups, project.optional, project.extras) == ({"lab-only"}, {"lab-only"}, {"net-box"})
    assert project.sources == {"corp": "https://pypi.example.com/simple"}
    assert project.is_package


def test_a_project_in_the_standard_table(tmp_path: pathlib.Path) -> None:
    project = write(
        tmp_path,
        """[project]
        name = "x"
        dynamic = ["version"]
        requires-python = ">=3.11"
        [dependency-groups]
        lint = ["ruff"]
        test = ["pytest"]
        [tool.poetry]
        package-mode = false
        [tool.poetry.group.test]
        optional = true
        """,
    )
    assert (project.version, project.is_package) == ("", False)
    assert (project.groups, project.optional) == ({"lint", "test"}, {"test"})
    assert write(tmp_path, '[tool.poetry.dependencies]\npython = {version = "~3.11"}\n').requires_python == "~3.11"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project\n", "is no valid TOML"),
        ("project = 1\n", "a table of the wrong kind"),
        ("[tool]\npoetry = []\n", "wrong kind"),
    ],
)
def test_what_is_no_project(tmp_path: pathlib.Path, text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        write(tmp_path, text)


def test_no_project(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match=r"pyproject.toml: cannot be read: No such file"):
        read_project(str(tmp_path))


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_packaging, "FOUND", False)
    with pytest.raises(Refused, match=r"the build box: needs the Python library packaging 26.1"):
        _packaging.need_packaging("the build box")
    monkeypatch.setattr(toml_file, "tomllib", None)
    with pytest.raises(Refused, match="pip install tomli"):
        toml_file.parse_toml(b"", "x")


def test_toml_is_what_a_reader_reads() -> None:
    table = {"a": 'quote " backslash \\ é \x7f\n', "b": [1, True, "x"], "c": [{"d": "e", "f": {"g": "h"}}], "empty": []}
    text = "\n".join(toml_pairs(table)) + "\n"
    assert toml_file.parse_toml(text.encode(), "x") == table
    assert toml_value(False) == "false"


def test_the_revision_of_a_repository(tmp_path: pathlib.Path) -> None:
    assert provenance.revision(run_process, str(tmp_path)) == ""
    for command in (
        ["init", "-q"],
        ["-c", "user.name=x", "-c", "user.email=x@e.com", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    clean = provenance.revision(run_process, str(tmp_path))
    assert len(clean) == 40
    (tmp_path / "file").write_text("x")
    subprocess.run(["git", "-C", str(tmp_path), "add", "file"], check=True)
    assert provenance.revision(run_process, str(tmp_path)) == f"{clean}-dirty"


def test_poetrys_own_complaints_are_passed_on(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def poetry(arguments: list[str]) -> Completed:
        wrong = "check" in arguments
        return Completed(tuple(arguments), 1 if wrong else 0, "", "Error: Declared README file does not exist: R.md")

    monkeypatch.setattr(world, "poetry", poetry)
    with pytest.raises(Refused, match="`poetry check --lock` says: Error: Declared README file does not exist"):
        world.build()


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("Current Python version (3.13.0) is not supported by the project", "with `root: false`"),
        ("No module x", "Run `poetry build`"),
    ],
)
def test_a_project_that_does_not_build(world: Any, monkeypatch: pytest.MonkeyPatch, said: str, step: str) -> None:
    def poetry(arguments: list[str]) -> Completed:
        return Completed(tuple(arguments), 1 if "build" in arguments else 0, "", said)

    monkeypatch.setattr(world, "poetry", poetry)
    monkeypatch.setattr(
        "ansible_collections.netdevops.python.plugins.module_utils.build.inputs.find_python", lambda *arguments: None
    )
    with pytest.raises(Refused) as caught:
        world.build()
    assert f"`poetry build` failed: {said}" in str(caught.value) and step in str(caught.value)


def test_the_environment_for_poetry_build(world: Any) -> None:
    world.build()
    environment = next(env for argv, env in world.calls if "build" in argv)
    made = next(argv for argv, _env in world.calls if "venv" in argv)
    assert environment["VIRTUAL_ENV"] == made[-1] and "--without-pip" in made
    assert made[0] == str(world.tools / "python")
