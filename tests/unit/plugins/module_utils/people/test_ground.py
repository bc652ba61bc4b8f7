# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that somebody else has a say in."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground


@pytest.fixture(autouse=True)
def _folder(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o755)


def test_ground_of_ones_own_and_what_is_not_there_yet(tmp_path: pathlib.Path) -> None:
    check_ground("/")
    check_ground(str(tmp_path))
    check_ground(str(tmp_path / "not/yet"))
    (tmp_path / "link").symlink_to("not/../yet")
    check_ground(str(tmp_path / "link/x"))


def test_a_folder_that_everybody_writes_to(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        check_ground(str(tmp_path / "x"))
    tmp_path.chmod(0o1777)  # as /tmp is: nobody renames what is another one's
    check_ground(str(tmp_path / "x"))


def test_somebody_elses_folder_on_the_way(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "theirs", 4242, -1)
    else:
        monkeypatch.setattr(ground.os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match=r"belongs to user id .*, who could put something else there"):
        check_ground(str(tmp_path / "theirs/x"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away")
def test_somebody_elses_link_and_where_a_link_of_ours_leads(tmp_path: pathlib.Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "planted").symlink_to("good")
    os.lchown(tmp_path / "planted", 4242, -1)
    with pytest.raises(Refused, match="planted: belongs to user id 4242"):
        check_ground(str(tmp_path / "planted/x"))
    (tmp_path / "theirs/deep").mkdir(parents=True)
    os.chown(tmp_path / "theirs", 4242, -1)
    for number, target in enumerate(("theirs/deep", str(tmp_path / "theirs/deep"), "good/../theirs")):
        link = tmp_path / f"link{number}"
        link.symlink_to(target)
        with pytest.raises(Refused, match="/theirs: belongs to user id 4242"):
            check_ground(str(link))


def test_links_that_lead_in_circles_end(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    check_ground(str(tmp_path / "a/x"))
