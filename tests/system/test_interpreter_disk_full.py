# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter for which the disk has no room, wherever it runs out: a clear error, and what was there before."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.pyenv_lab import (
    VERSION,
    Lab,
    cached_lab,
    pack_interpreter,
    works,
)

pytestmark = pytest.mark.system

# A build wants to see that much, and uses a thousandth of it.
SIZE = "2g"
PRECIOUS = "precious"


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[Lab]:
    with cached_lab(tmp_path) as lab:
        yield lab


@pytest.fixture
def disk(lab: Lab) -> Iterator[Disk]:
    disk = Disk(lab.root, size=SIZE)
    yield disk
    disk.close()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> str:
    return pack_interpreter(tmp_path_factory.mktemp("packed"))


def test_of_an_archive(lab: Lab, disk: Disk, archives: str) -> None:
    fills_up(lab, disk, source="archive", archive=archives, remote_src=True)


def test_of_a_build(lab: Lab, disk: Disk) -> None:
    fills_up(lab, disk, source="build", cache=str(lab.cache))


def test_of_an_archive_that_is_seen_to_be_too_big(lab: Lab, disk: Disk, archives: str) -> None:
    seed(lab)
    disk.leave(size="16m")
    refused = lab.run(archive=archives, remote_src=True)
    check_refusal(lab, refused)
    disk.leave(size=SIZE)
    assert lab.run(archive=archives, remote_src=True)["changed"]
    assert works(lab.version)


def fills_up(lab: Lab, disk: Disk, **options: Any) -> None:
    """Give it more inodes each time, until it works; then a few less than it used, so that it fails near its end."""
    seed(lab)
    free, said = 0, []
    while True:
        disk.leave(inodes=free)
        result = lab.run(**options)
        if not result.get("failed"):
            break
        said.append(check_refusal(lab, result))
        free = 2 * free + 1
    assert works(lab.version)
    assert len(said) > 3, said
    used = inodes(disk)
    for less in range(1, 5):
        disk.leave(inodes=0)
        shutil.rmtree(lab.root / "versions")
        seed(lab)
        disk.leave(inodes=used - inodes(disk) - less)
        result = lab.run(**options)
        if result.get("failed"):
            said.append(check_refusal(lab, result))
        else:
            assert works(lab.version)
            shutil.rmtree(lab.version)
    print(*sorted({text.splitlines()[0] for text in said}), sep="\n")


def seed(lab: Lab) -> None:
    """Put something broken into the version's place, that only what works may replace."""
    lab.version.mkdir(parents=True, exist_ok=True)
    (lab.version / PRECIOUS).touch()


def check_refusal(lab: Lab, result: dict[str, Any]) -> str:
    """Hold a failure to what it must say and leave; return what it said."""
    said: str = result["msg"]
    assert "No space left on device" in said or "free" in said, said
    assert os.listdir(lab.version.parent) == [VERSION], said
    assert os.listdir(lab.version) == [PRECIOUS], said
    assert not list(lab.root.glob(".builds/*")), said
    return said


def inodes(disk: Disk) -> int:
    """Return how many are in use."""
    seen = os.statvfs(disk.folder)
    return seen.f_files - seen.f_ffree
