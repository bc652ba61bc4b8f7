# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import release
from ansible_collections.netdevops.python.tests.unit.support.projects import Project


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made here need not outlive a power cut."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(release, "sync_file_system", lambda path: None)


@pytest.fixture
def project(tmp_path: pathlib.Path) -> Project:
    """A project with a lock."""
    return Project(tmp_path)
