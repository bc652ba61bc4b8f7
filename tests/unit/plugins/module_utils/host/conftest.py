# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import release
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host with a stand-in for the interpreter. The disk of the machine that tests is not flushed for each release."""
    monkeypatch.setattr(release, "sync_file_system", lambda path: None)
    return Host(tmp_path)
