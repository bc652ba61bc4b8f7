# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose project it is that gets a pin."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pins import Pin, wrong_pins


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to a group that it is not in")
def test_a_project_may_be_a_teams_and_what_is_above_it_not(host: Any, tmp_path: pathlib.Path) -> None:
    project = tmp_path / "srv/project"
    project.mkdir(parents=True)
    os.chown(project, -1, 4343)
    project.chmod(0o2775)
    assert wrong_pins(host.wanted(local=str(project))) == (Pin("local", str(project / ".python-version"), ""),)
    os.chown(project.parent, -1, 4343)
    project.parent.chmod(0o2775)
    with pytest.raises(Refused, match="srv: can be written by group 4343"):
        wrong_pins(host.wanted(local=str(project)))
