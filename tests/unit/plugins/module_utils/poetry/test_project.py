# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import shutil
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.plugins.module_utils.poetry import project as subject
from ansible_collections.netdevops.python.plugins.module_utils.poetry.project import read_project
from ansible_collections.netdevops.python.tests.unit.support.projects import Project

SELECTED = {"only": ["main"], "root": True}


def source(project: Project, selection: Any = None, sync: bool = True) -> str:
    return read_project(str(project.folder)).source(selection or SELECTED, sync)


def test_the_source_of_an_environment_is_one_digest(project: Project) -> None:
    kind, _colon, digest = source(project).partition(":")
    assert (kind, len(digest)) == ("poetry", 64)
    assert source(project) == source(project)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.lock("2"),
        lambda p: (p.folder / "pyproject.toml").write_text("[tool.poetry]\nname = 'other'\n"),
        lambda p: (p.folder / ".python-version").write_text("3.11.7\n"),
    ],
)
def test_what_decides_makes_another_one(project: Project, change: Callable[[Project], Any]) -> None:
    before = source(project)
    change(project)
    assert source(project) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda p: (p.folder / "poetry.toml").write_text("[installer]\nno-binary = ['spam']\n"),
        lambda p: (p.folder / "src").mkdir(),
        lambda p: os.renames(p.folder / "app", p.folder / "src/app"),
        lambda p: (p.folder / "lib/other").rmdir(),
        lambda p: (p.folder / "app").rename(p.folder / "app.py"),
        lambda p: (p.folder / "build.py").write_text("print('other')"),
        lambda p: (p.folder / "tools.sh").write_text("other"),
        lambda p: p.folder.rename(p.root / "moved") and setattr(p, "folder", p.root / "moved"),
        lambda p: shutil.copytree(p.folder, p.root / "copy") and setattr(p, "folder", p.root / "copy"),
    ],
)
def test_so_does_whatever_an_installed_project_depends_on(project: Project, change: Callable[[Project], Any]) -> None:
    with (project.folder / "pyproject.toml").open("a") as file:
        file.write('packages = [{include = "other", from = "lib"}]\nbuild = "build.py"\nx = {reference = "tools.sh"}\n')
    for folder in ("app", "lib/other"):
        (project.folder / folder).mkdir(parents=True)
    for name in ("build.py", "tools.sh"):
        (project.folder / name).write_text("one")
    before, alone = source(project), source(project, {"root": False})
    (project.folder / "app/new.py").write_text("")
    assert source(project) == before
    change(project)
    assert source(project) != before
    if project.folder.name == "netcheck" and not (project.folder / "poetry.toml").exists():
        assert source(project, {"root": False}) == alone


def test_so_does_a_folder_that_is_a_dependency_whether_or_not_the_project_is_installed(project: Project) -> None:
    with (project.folder / "pyproject.toml").open("a") as file:
        file.write('lib = {path = "../lib", develop = true}\n')
    (project.root / "lib").mkdir()
    before = source(project, {"root": False})
    (project.root / "lib").rmdir()
    assert source(project, {"root": False}) != before


def test_a_link_to_the_project_is_the_same_project(project: Project) -> None:
    (project.root / "link").symlink_to(project.folder)
    assert read_project(str(project.root / "link")).source(SELECTED, True) == source(project)


OWN = ["", "pyproject.toml", "poetry.lock", ".python-version", "poetry.toml", "build.py"]


def with_files(project: Project) -> None:
    with (project.folder / "pyproject.toml").open("a") as file:
        file.write('build = "build.py"\n')
    for name, text in ((".python-version", "3.11.7"), ("poetry.toml", ""), ("build.py", "")):
        (project.folder / name).write_text(text)


@pytest.mark.parametrize("name", OWN)
def test_what_others_may_write_is_refused_since_it_decides_what_runs(project: Project, name: str) -> None:
    with_files(project)
    path = project.folder / name
    read_project(str(project.folder))
    path.chmod(path.stat().st_mode | 0o002)
    with pytest.raises(Refused, match=rf"{name}: can be written by everybody.*chmod o-w {path}"):
        read_project(str(project.folder))
    assert project.glance() is None
    if not name:
        with pytest.raises(Refused, match="can be written by everybody"):
            project.converge(state="absent")


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("who", ["", "group netops"])
def test_a_group_of_its_owner_alone_may(project: Project, name: str, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_files(project)
    path = project.folder / name
    path.chmod(path.stat().st_mode | 0o020)
    monkeypatch.setattr(ground, "writers", lambda found, trusted, path: who)
    monkeypatch.setattr(ground, "check_ground", lambda path: None)
    if not who:
        read_project(str(project.folder))
        return
    with pytest.raises(Refused, match=rf"{name}: can be written by group netops.*chmod g-w"):
        read_project(str(project.folder))


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can give a file away")
@pytest.mark.parametrize("name", OWN[1:])
def test_so_is_what_belongs_to_somebody_else(project: Project, name: str) -> None:
    with_files(project)
    os.chown(project.folder / name, 65534, 65534)
    with pytest.raises(Refused, match=rf"{name}: belongs to user id 65534, who decides then what runs"):
        read_project(str(project.folder))


def test_so_do_the_selection_and_what_becomes_of_other_packages(project: Project) -> None:
    assert len({source(project), source(project, {"only": ["dev"]}), source(project, sync=False)}) == 3


def test_a_setting_of_the_linter_makes_no_other_one(project: Project) -> None:
    before, file = source(project), project.folder / "pyproject.toml"
    file.write_text(file.read_text().replace("120", "100") + "# note\n")
    assert source(project) == before


def test_all_that_is_missing_is_named_at_once(project: Project) -> None:
    (project.folder / "pyproject.toml").unlink()
    (project.folder / "poetry.lock").unlink()
    with pytest.raises(Refused) as refused:
        read_project(str(project.folder))
    assert [problem.subject for problem in refused.value.problems] == [
        f"{project.folder}/pyproject.toml",
        f"{project.folder}/poetry.lock",
    ]
    assert "poetry lock" in refused.value.problems[1].next_step


@pytest.mark.parametrize("name", ["pyproject.toml", "poetry.lock", ".python-version"])
def test_a_link_is_none_of_the_projects_files(project: Project, name: str) -> None:
    path = project.folder / name
    path.unlink(missing_ok=True) if os.path.lexists(path) else None
    (project.root / "elsewhere").write_text("3.11.7\n")
    path.symlink_to(project.root / "elsewhere")
    with pytest.raises(Refused, match=f"{name}: expected a regular file, it is a link"):
        read_project(str(project.folder))


def test_a_pipe_is_refused_and_not_waited_at(project: Project) -> None:
    (project.folder / "poetry.lock").unlink()
    os.mkfifo(project.folder / "poetry.lock")
    with pytest.raises(Refused, match="found something else"):
        read_project(str(project.folder))


def test_an_endless_lock_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST_BYTES", 3)
    with pytest.raises(Refused, match="is longer than"):
        read_project(str(project.folder))


def test_a_pyproject_that_is_no_text_is_for_poetry_to_judge(project: Project) -> None:
    (project.folder / "pyproject.toml").write_bytes(b"\xff")
    assert source(project).startswith("poetry:")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("")])
def test_a_project_is_a_folder(tmp_path: pathlib.Path, make: Callable[[pathlib.Path], Any]) -> None:
    make(tmp_path / "app")
    with pytest.raises(Refused, match="expected a project's folder, found"):
        read_project(str(tmp_path / "app"))


def test_someone_elses_project_is_refused_with_the_way_to_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(project.folder).st_uid + 7)
    with pytest.raises(Refused, match=r"is someone else's project.*`owner`"):
        read_project(str(project.folder))


def test_the_interpreter_is_that_of_the_pin(project: Project) -> None:
    (project.folder / ".python-version").write_text("3.11.7\n")
    found = read_project(str(project.folder))
    assert found.placed("/opt/pyenv") == "/opt/pyenv/versions/3.11.7/bin/python"
    with pytest.raises(Refused, match="interpreter_root: is empty"):
        found.placed("")


@pytest.mark.parametrize(
    ("pin", "said"),
    [("", "found none"), ("3.11\n", "exact CPython version"), ("3.11.7\n3.12.1\n", "several"), ("../../x", "exact")],
)
def test_without_an_exact_pin_the_interpreter_must_be_named(project: Project, pin: str, said: str) -> None:
    (project.folder / ".python-version").write_text(pin)
    with pytest.raises(Refused, match=said):
        read_project(str(project.folder)).placed("/opt/pyenv")


@pytest.mark.parametrize("pin", ["", "3.11.7", "3.11", "3", "3.12.1\n3.11.7 # both\n", "# none\n"])
def test_an_interpreter_that_is_named_may_fit_a_pin_in_part(project: Project, pin: str) -> None:
    (project.folder / ".python-version").write_text(pin)
    read_project(str(project.folder)).check_version("3.11.7", "/usr/bin/python3")


@pytest.mark.parametrize("pin", ["3.11.70", "3.1", "3.12", "3.11.7.1"])
def test_one_that_does_not_is_refused(project: Project, pin: str) -> None:
    (project.folder / ".python-version").write_text(pin)
    with pytest.raises(Refused, match=rf"expected Python {pin}, found 3.11.7 in /usr/bin/python3"):
        read_project(str(project.folder)).check_version("3.11.7", "/usr/bin/python3")
