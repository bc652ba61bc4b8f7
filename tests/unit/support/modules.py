# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that runs in the process of a test, as it would on a host."""

from __future__ import annotations

import io
import json
import sys
from typing import Any, Callable

import pytest
from ansible.module_utils import basic


def be_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have warnings go into the result: in a process that loaded the controller's part of Ansible, they are displayed instead."""
    try:
        from ansible.module_utils import _internal
    except ImportError:  # ansible-core before 2.19 knows no difference.
        return
    monkeypatch.setattr(_internal, "is_controller", False, raising=False)  # 2.18 has the package, and no such name


def run_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], main: Callable[[], None], **given: Any
) -> dict[str, Any]:
    """Run a module with these arguments and return what it prints."""
    arguments = {**given, "_ansible_remote_tmp": "/tmp"}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy")
    be_a_host(monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit):
        main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found
