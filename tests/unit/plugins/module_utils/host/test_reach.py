# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What everybody may run, and what stands in the way."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.reach import may_all_run


@pytest.fixture
def venv(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An environment that is a link to a release, whose python is a link to an interpreter; all of it open to everybody."""
    real = os.lstat

    def lstat(path: str | pathlib.Path) -> os.stat_result:
        found = real(path)
        above = path in ("/", *map(str, tmp_path.parents))  # pytest closes its folders
        return os.stat_result((found.st_mode | 0o055, *found[1:])) if above else found

    for name in ("versions/3.11.7/bin", "app/.venv.releases/abc/bin", "home/pyenv"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "versions/3.11.7/bin/python3").touch()
    for folder in (tmp_path, *tmp_path.rglob("*")):
        folder.chmod(0o755)
    (tmp_path / "home/pyenv/3.11.7").symlink_to(tmp_path / "versions/3.11.7")
    (tmp_path / "app/.venv.releases/abc/bin/python").symlink_to(tmp_path / "home/pyenv/3.11.7/bin/../bin/python3")
    (tmp_path / "app/.venv").symlink_to(".venv.releases/abc")
    monkeypatch.setattr(os, "lstat", lstat)
    return tmp_path / "app/.venv"


def test_what_is_open_all_the_way_everybody_may_run(venv: pathlib.Path) -> None:
    assert may_all_run(f"{venv}/bin/python")


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("app", 0o750),
        ("app/.venv.releases", 0o700),
        ("app/.venv.releases/abc/bin", 0o754),
        ("versions/3.11.7", 0o750),
        ("versions/3.11.7/bin/python3", 0o754),
        ("versions/3.11.7/bin/python3", 0o751),
        # Only a link on the way leads through this one.
        ("home", 0o700),
    ],
)
def test_each_folder_and_link_on_the_way_counts(
    venv: pathlib.Path, tmp_path: pathlib.Path, name: str, mode: int
) -> None:
    (tmp_path / name).chmod(mode)
    assert not may_all_run(f"{venv}/bin/python")


@pytest.mark.parametrize("name", ["app/.venv/bin", "app/.venv/bin/python4", "versions/3.11.7/bin/python3/x"])
def test_what_is_no_program_nobody_runs(venv: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    assert not may_all_run(f"{tmp_path}/{name}")


def test_links_that_lead_in_a_circle_end(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "round").symlink_to("round/on")
    assert not may_all_run(f"{tmp_path}/round")
    assert not may_all_run("/")
