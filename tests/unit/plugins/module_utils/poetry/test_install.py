# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a project's environment depends on, and what becomes of it while somebody works in the checkout."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import shutil
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import install
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import shebang
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE
from ansible_collections.netdevops.python.tests.unit.support.projects import Project


def test_a_project_that_was_moved_or_copied_gets_an_environment_of_its_own(project: Project) -> None:
    first = project.converge()
    copy, moved = project.root / "copy", project.root / "moved"
    shutil.copytree(project.folder, copy, symlinks=True)
    project.folder.rename(moved)
    for folder in (copy, moved):
        project.folder = folder
        assert project.glance() is None
        assert project.converge()["release"] != first["release"]
        assert project.glance() is not None


def test_code_that_went_elsewhere_is_installed_again(project: Project) -> None:
    (project.folder / "app").mkdir()
    project.converge()
    os.renames(project.folder / "app", project.folder / "src/app")
    assert project.glance() is None
    assert project.converge()["changed"] and not project.converge()["changed"]


def test_the_releases_are_hidden_from_a_repository_from_their_first_moment_on(project: Project) -> None:
    ignore = project.folder / ".venv.releases/.gitignore"
    seen: list[bool] = []
    project.run.after = lambda _release: seen.append(ignore.exists())
    project.converge()
    assert seen == [True]
    ignore.unlink()
    assert project.glance() is None
    assert not project.converge(check=True)["changed"] and not ignore.exists()
    assert not project.converge()["changed"] and ignore.exists()


def test_a_release_that_is_there_is_not_switched_to_once_the_project_is_another_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.converge()
    project.lock("2", spam="1.1")
    second = project.converge()
    project.lock("1", spam="1.0", eggs="2.0")
    real = install.locked

    def waited(*words: Any) -> Any:
        project.lock("2")  # Somebody checks another revision out while this run waits.
        return real(*words)

    monkeypatch.setattr(install, "locked", waited)
    with pytest.raises(Refused, match="changed while it was installed"):
        project.converge()
    assert project.release.name == second["release"]


def test_a_checkout_during_an_installation_is_what_is_said(project: Project) -> None:
    def check_out(release: pathlib.Path) -> None:
        project.lock("2")
        (release / SITE / "spam-1.0.dist-info/METADATA").write_text("Name: spam\nVersion: 7\n\n")

    project.run.after = check_out
    with pytest.raises(Refused, match="changed while it was installed") as refused:
        project.converge()
    assert "spam" not in str(refused.value)


@pytest.mark.parametrize("name", ["pyproject.toml", "poetry.lock", "poetry.toml", ".python-version"])
def test_each_file_that_decides_is_looked_at_again(project: Project, name: str) -> None:
    def change(_release: pathlib.Path) -> None:
        with (project.folder / name).open("a") as file:
            file.write("3.11.7\n" if name.startswith(".") else "[more]\nx = 1\n")

    project.run.after = change
    with pytest.raises(Refused, match="changed while it was installed"):
        project.converge()


def test_what_a_build_makes_beside_the_code_is_no_other_project(project: Project) -> None:
    project.run.after = lambda _release: (project.folder / "src/app").mkdir(parents=True, exist_ok=True)
    project.converge()
    assert project.glance() is None and project.converge()["changed"]
    assert project.glance() is not None


def test_commands_of_a_project_start_where_its_path_has_a_blank(tmp_path: pathlib.Path) -> None:
    root = tmp_path / "net ops"
    root.mkdir()
    project = Project(root)

    def as_poetry(release: pathlib.Path) -> None:
        text = f"#!{release}/bin/python\nprint(1)\n".encode()
        (release / "bin/app").write_bytes(text)
        (release / "bin/app").chmod(0o755)
        (release / "bin/other").write_bytes(b"#!/bin/sh\n")
        digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        with (release / SITE / "app-0.1.0.dist-info/RECORD").open("a") as file:
            file.write(f"{release}/bin/app,sha256={digest},{len(text)}\n")

    project.run.after = as_poetry
    project.converge()
    data = (project.release / "bin/app").read_bytes()
    assert data == shebang(f"{project.release}/bin/python") + b"print(1)\n"
    assert (project.release / "bin/other").read_bytes() == b"#!/bin/sh\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record = (project.site / "app-0.1.0.dist-info/RECORD").read_text()
    assert record.endswith(f"{project.release}/bin/app,sha256={digest},{len(data)}\n")
    assert (project.release / "bin/app").stat().st_mode & 0o777 == 0o755
    assert not project.converge()["changed"]


def test_nor_is_it_by_another_way(project: Project) -> None:
    project.converge()
    (project.root / "link").symlink_to(project.folder)
    for path in (f"{project.root}/./netcheck/app/../.venv/bin/python", f"{project.root}/link/.venv/bin/python"):
        with pytest.raises(Refused, match="is the interpreter of the environment itself"):
            project.converge(python=path)
