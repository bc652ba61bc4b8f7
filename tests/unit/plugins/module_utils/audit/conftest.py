# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

Put = Callable[..., pathlib.Path]


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder that looks like a host."""
    folder = tmp_path / "host"
    (folder / "etc").mkdir(parents=True)
    return folder


@pytest.fixture
def reader(root: pathlib.Path) -> Reader:
    """Reads that host."""
    return Reader(str(root))


@pytest.fixture
def put(root: pathlib.Path) -> Put:
    """Puts a file onto the host, with the folders above it."""

    def write(path: str, text: str = "") -> pathlib.Path:
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write
