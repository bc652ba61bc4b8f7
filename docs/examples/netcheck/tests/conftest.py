# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the sample that a test may change."""

import shutil
from pathlib import Path

import pytest

from netcheck.capture import BUNDLED


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Return a folder with ``intent.yml`` and ``captures``."""
    shutil.copytree(BUNDLED, tmp_path / "sample")
    return tmp_path / "sample"


def edit(path: Path, old: str, new: str) -> None:
    """Replace `old`, which must be there, by `new`."""
    text = path.read_text("utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new), "utf-8")
