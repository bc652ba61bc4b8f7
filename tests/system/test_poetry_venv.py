# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's environment follows its lock, by real Poetry of both ages, and is an environment like any other afterwards."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.converge import converge
from ansible_collections.netdevops.python.tests.system import poetry_lab as lab
from ansible_collections.netdevops.python.tests.system.package_index import Index
from ansible_collections.netdevops.python.tests.system.playing import HISTORY, environment, here, succeeded
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

MODULE = "netdevops.python.poetry_venv"
GONE = "/nonexistent/poetry"
# What developers may like at home, and would move or break an environment here.
SETTINGS = """
[virtualenvs]
create = false
in-project = true
path = "elsewhere"
[virtualenvs.options]
system-site-packages = true
always-copy = true
[installer]
parallel = false
only-binary = [":all:"]
"""
PLUGINS = '\n[tool.poetry.requires-plugins]\npoetry-plugin-export = ">=99"\n'


class Lab:
    """A project, the index that has its packages, and one of the Poetrys.

    Attributes:
        folder: The project.
    """

    def __init__(self, folder: pathlib.Path, index: Index, version: str) -> None:
        self.folder, self.index, self.version = folder, index, version
        self.python = str(lab.interpreter() / "bin/python3")
        lab.sample(folder, index, lock=version)

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """Return what a task says."""
        plain = {"project": str(self.folder), "python": self.python, "poetry": str(lab.poetry(self.version))}
        return {**plain, "history": HISTORY, "compile": False, **changes}

    def converge(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        """Run the host's part in this very process."""
        checked = ArgumentSpecValidator(ARGUMENTS).validate(self.arguments(**changes))
        assert not checked.error_messages
        return converge(checked.validated_parameters, check)

    def relock(self, alpha: str) -> None:
        """Have another lock, with another version of a package."""
        needs = lab.USUAL._replace(main={**lab.USUAL.main, "alpha": alpha})
        lab.sample(self.folder, self.index, lock=self.version, needs=needs)

    def says(self, command: str) -> str:
        """Return what a command of the environment says."""
        env = environment(PYTHONDONTWRITEBYTECODE="1")  # It would write beside the code of the project.
        words = [f"{self.folder}/.venv/bin/{command}"]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout

    def files(self) -> dict[str, Any]:
        """Return all that is known of the files of the project itself."""
        paths = [path for path in self.folder.rglob("*") if not {".venv", ".venv.releases", ".git"} & set(path.parts)]
        return {str(path): (tuple(path.lstat())[:7], path.lstat().st_ctime_ns, _content(path)) for path in paths}

    def git(self, *words: str) -> str:
        """Run git in the project."""
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout


def _content(path: pathlib.Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index(tmp_path_factory.mktemp("index"), user="", password="") as found:
        yield lab.stock(found)


@pytest.fixture(params=lab.VERSIONS)
def project(request: pytest.FixtureRequest, tmp_path: pathlib.Path, index: Index) -> Lab:
    # The blank is a trap: Poetry itself writes first lines that no kernel takes.
    return Lab(tmp_path / "a small one", index, request.param)


def commit_with_settings(project: Lab) -> None:
    """Make a repository of the project, with all that its developers could set."""
    (project.folder / ".gitignore").write_text(".venv\n")
    (project.folder / "poetry.toml").write_text(SETTINGS)
    if project.version == "2":  # Poetry 1.8 takes no such table.
        with (project.folder / "pyproject.toml").open("a") as file:
            file.write(PLUGINS)
    project.git("init", "--quiet")
    project.git("add", ".")
    project.git("commit", "--quiet", "--message", "all")


def test_an_environment_comes_to_its_lock_and_stays_there_without_poetry(
    project: Lab, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    commit_with_settings(project)
    files, before = project.files(), tree(project.folder)

    foretold = project.converge(check=True)
    assert differences(before, tree(project.folder)) == []
    done = project.converge()
    assert (done["release"], done["packages"]) == (foretold["release"], foretold["packages"])
    assert done["packages"]["added"] == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "small-tool": "0.1.0"}
    assert done["poetry"].startswith(project.version)
    assert (project.says("alpha"), project.says("small-tool")) == ("alpha 1.0\n", "this is small-tool\n")
    assert ("requires plugins" in "".join(done.get("warnings", ()))) is (project.version == "2")
    # Nothing but the environment is there now, and git sees nothing of it.
    assert project.files() == files
    names = {os.path.basename(path) for path in files} | {".git"}
    assert set(os.listdir(project.folder)) - names == {".venv", ".venv.releases"}
    assert project.git("status", "--porcelain") == ""
    assert os.listdir(temporary) == []

    asked = len(project.index.log)
    again = project.converge(poetry=GONE)
    assert (again["changed"], again["release"], "poetry" in again) == (False, done["release"], False)
    assert len(project.index.log) == asked

    (project.folder / ".venv/lib").resolve().joinpath(f"python{_feature()}/site-packages/alpha/__init__.py").write_text(
        ""
    )
    repaired = project.converge()
    assert [line.partition(":")[0] for line in repaired["drift"]] == ["edited"]
    assert project.says("alpha") == "alpha 1.0\n"
    assert project.files() == files


def _feature() -> str:
    return lab.interpreter().name.rpartition(".")[0]


def test_another_branch_is_another_release_and_the_way_back_installs_nothing(project: Lab) -> None:
    first = project.converge(root=False)
    running = subprocess.Popen(
        [f"{project.folder}/.venv/bin/python", "-c", "input(); import alpha; print(alpha.VERSION)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    project.relock("2.0")
    second = project.converge(root=False)
    assert second["packages"]["changed"] == {"alpha": ["1.0", "2.0"]}
    assert (second["previous"], second["root"]) == (first["release"], {})
    # Who was at work in it goes on with what they started.
    assert (running.communicate("\n", timeout=20)[0], project.says("alpha")) == ("1.0\n", "alpha 2.0\n")
    project.relock("1.0")
    asked = len(project.index.log)
    third = project.converge(root=False)
    assert ([step["verb"] for step in third["actions"]], third["release"]) == (["switch"], first["release"])
    assert len(project.index.log) == asked


def test_a_project_that_moved_and_whose_code_did_gets_one_that_works(tmp_path: pathlib.Path, index: Index) -> None:
    project = Lab(tmp_path / "small", index, "2")
    asked: Any = {"only": ["main"]}
    project.converge(**asked)
    project.folder = project.folder.rename(tmp_path / "moved")
    os.renames(project.folder / "small_tool", project.folder / "src/small_tool")
    assert project.converge(**asked)["changed"]
    assert (project.says("alpha"), project.says("small-tool")) == ("alpha 1.0\n", "this is small-tool\n")


def test_groups_and_extras_are_those_that_are_asked_for(project: Lab) -> None:
    all_of_it = project.converge(True, **{"with": ["docs"], "without": ["dev"], "extras": ["fast"]})
    assert set(all_of_it["packages"]["added"]) == {"alpha", "beta", "delta", "epsilon", "small-tool"}
    only = project.converge(True, only=["dev"], root=False)
    assert set(only["packages"]["added"]) == {"gamma"}


def test_a_lock_that_is_stale_is_refused_and_left_alone(project: Lab) -> None:
    project.converge(root=False)
    project.relock("2.0")
    text = (project.folder / "pyproject.toml").read_text()
    (project.folder / "pyproject.toml").write_text(text.replace('alpha = "2.0"', 'alpha = "1.0"'))
    before, files = tree(project.folder), project.files()
    with pytest.raises(Refused, match="poetry lock"):
        project.converge(root=False)
    assert (differences(before, tree(project.folder)), project.files()) == ([], files)


def test_its_releases_are_like_any_other(tmp_path: pathlib.Path, index: Index) -> None:
    project = Lab(tmp_path / "small", index, "2")
    venv = f"{project.folder}/.venv"
    project.converge(hold=[])
    project.relock("2.0")
    asked = {**project.arguments(allow_container=True), "reason": "the lock of today"}
    tasks: list[Any] = [
        {MODULE: asked, "check_mode": True, "diff": True},
        {MODULE: asked},
        {MODULE: {**asked, "poetry": GONE}},
        {"netdevops.python.environment_info": {"venv": venv, "packages": "versions", "cyclonedx": True}},
        {"netdevops.python.environment_audit": {"search": [str(tmp_path)]}},
        {"netdevops.python.wheelhouse_install": {"venv": venv, "state": "rolled_back", "allow_container": True}},
        {MODULE: asked},
        {"netdevops.python.wheelhouse_prune": {"venv": venv, "keep": 1}},
        {MODULE: {"project": str(project.folder), "state": "absent", "history": HISTORY, "allow_container": True}},
    ]
    said = [succeeded(result) for result in here(tasks)]
    foretold, done, settled, info, audit, back, forth, _pruned, absent = said
    assert json.loads(foretold["diff"]["after"])["packages"]["alpha"] == "2.0"
    assert (foretold["release"], settled["changed"]) == (done["release"], False)
    [one] = info["environments"]
    assert (one["kind"], one["release"], one["drift"]["count"]) == ("managed", done["release"], 0)
    assert one["packages"]["versions"]["alpha"] == "2.0"
    parts = {part["name"]: part for part in one["cyclonedx"]["components"]}
    assert {"alpha", "small-tool"} <= parts.keys() and "hashes" not in parts["alpha"]
    [audited] = audit["audit"]["environments"]
    assert (audited["release"], audited["drift"]["count"], audited["bundle"]) == (done["release"], 0, "")
    assert {finding["code"] for finding in audit["audit"]["findings"] if finding["venv"] == venv} == {"pin-missing"}
    assert (back["release"], forth["release"]) == (done["previous"], done["release"])
    assert [step["verb"] for step in forth["actions"]] == ["switch"]
    assert absent["changed"] and sorted(os.listdir(project.folder)) == ["poetry.lock", "pyproject.toml", "small_tool"]
