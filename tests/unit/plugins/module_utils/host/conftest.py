# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import re

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import environment, history, release
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of releases need not outlive a power cut; that real ones are synced is tested by itself."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(release, "sync_file_system", lambda path: None)


@pytest.fixture(autouse=True)
def _no_history_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """What happens here happened to no host."""
    path = str(tmp_path.with_name(f"{tmp_path.name}-log") / "history.jsonl")
    monkeypatch.setattr(history, "FOR_ROOT", path)
    monkeypatch.setattr(history, "FOR_USERS", path)


@pytest.fixture
def short_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases may be called ``a`` and ``b``: what a test says of their order is read at a glance."""
    monkeypatch.setattr(environment, "_RELEASE_NAME", re.compile(r"[0-9a-z]+(-[0-9]+)?"), raising=False)


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    """A host with a stand-in for the interpreter."""
    return Host(tmp_path)
