# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that runs in the process of a test, as it would on a host."""

from __future__ import annotations

import pytest


def be_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have warnings go into the result: in a process that loaded the controller's part of Ansible, they are displayed instead."""
    try:
        from ansible.module_utils import _internal
    except ImportError:  # ansible-core before 2.19 knows no difference.
        return
    monkeypatch.setattr(_internal, "is_controller", False)
