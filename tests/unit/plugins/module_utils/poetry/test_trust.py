# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root runs nothing that others can change."""

from __future__ import annotations

import os

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.unit.support.projects import Project
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="what others may change matters to root")


def test_root_does_not_run_what_others_can_change(project: Project) -> None:
    (project.folder / "app").mkdir()
    (project.folder / "app/open.py").touch()
    (project.folder / "app/open.py").chmod(0o666)
    for folder in (".git", ".venv.kept-1"):
        (project.folder / folder).mkdir()
        (project.folder / folder).chmod(0o777)
    (project.folder / "link").symlink_to(project.folder / "app/open.py")
    (project.folder / "nowhere").symlink_to("/nonexistent")
    before = snapshot(project.folder)
    with pytest.raises(Refused) as refused:
        project.converge()
    paths = [problem.subject for problem in refused.value.problems]
    assert paths == [str(project.folder / "app/open.py")] * 2
    for number in range(7):
        (project.folder / f"theirs-{number}").touch()
        os.chown(project.folder / f"theirs-{number}", 65534, 65534)
    with pytest.raises(Refused, match="holds 4 more of that kind") as refused:
        project.converge()
    assert len(refused.value.problems) == 6
    assert not project.run.calls and before.keys() <= snapshot(project.folder).keys()


def test_a_run_of_root_that_finds_all_as_asked_looks_at_the_ground_too(project: Project) -> None:
    project.converge()
    project.root.chmod(0o777)
    for state in ("present", "absent"):
        with pytest.raises(Refused, match=f"{project.root}: can be written by everybody"):
            project.converge(state=state)
    assert project.glance() is None and project.venv.is_symlink()
