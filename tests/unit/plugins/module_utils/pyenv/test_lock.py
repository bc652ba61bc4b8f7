# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a version."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked


def test_a_second_run_waits_and_then_says_who_is_in_the_way(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "lock")
    with locked(path, 1), pytest.raises(Refused, match="another run holds this lock"), locked(path, 0.1):
        pass
    with locked(path, 0.1) as descriptor:
        assert os.get_inheritable(descriptor) is False


def test_a_link_in_its_place_is_not_followed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"), locked(str(tmp_path / "lock"), 1):
        pass
    assert not (tmp_path / "elsewhere").exists()
