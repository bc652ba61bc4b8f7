# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full, in each stage and at each file: a clear error, and the old environment as it was."""

from __future__ import annotations

import gc
import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check
from ansible_collections.netdevops.python.tests.system.disks import Disk, close_below
from ansible_collections.netdevops.python.tests.system.playing import here, install_task, succeeded
from ansible_collections.netdevops.python.tests.system.snapshot import Entry, differences, tree

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case
ROOM = "Make room there"
FILLER = "opt/filler"
# What root may still write on other file systems, tmpfs gives to nobody: the disk is full for all.
FILL = "dd if=/dev/zero of={} bs=64k 2>/dev/null; dd if=/dev/zero of={} bs=1 oflag=append conv=notrunc"


@pytest.fixture(scope="module", autouse=True)
def _disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    close_below(tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_environment_stays(case: Case, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[case.name]
    check(case, outcome._replace(before=without_filler(outcome.before), after=without_filler(outcome.after)))


def without_filler(seen: dict[str, Entry]) -> dict[str, Entry]:
    return {path: entry for path, entry in seen.items() if path != FILLER}


def on_disk(place: Place) -> Disk:
    disk = Disk(place.app.parent)
    direct.install(place.venv, bundles.small(place.folder / "seed", "1.0"))
    return disk


@case("in stage lock", r"\.venv\.releases: No space left on device, in stage lock", ROOM, seeded=False)
def stage_lock(place: Place) -> dict[str, Any]:
    Disk(place.app.parent).leave(inodes=1)
    return {"bundle": place.bundle()}


@case("in stage deliver", r"No space left on device, in stage deliver", ROOM, seeded=False)
def stage_deliver(place: Place) -> dict[str, Any]:
    on_disk(place).leave(inodes=3)
    return {"bundle": str(place.bundle().tar()), "remote_src": True}


@case("in stage verify", r"\.venv\.releases: No space left on device: needs \d+ MiB, has [0-7] MiB", ROOM, seeded=False)
def stage_verify(place: Place) -> dict[str, Any]:
    on_disk(place).leave(size="8m")
    return {"bundle": place.bundle()}


@case("in stage build", r"No space left on device, in stage build", ROOM, seeded=False)
def stage_build(place: Place) -> dict[str, Any]:
    on_disk(place).leave(inodes=22)
    return {"bundle": place.bundle()}


@case(
    "in stage build, while venv works",
    r"cannot make a virtual environment: .*No space left on device",
    "",
    seeded=False,
)
def stage_build_venv(place: Place) -> dict[str, Any]:
    on_disk(place).leave(inodes=8)
    return {"bundle": place.bundle()}


@case(
    "in stage build, while bytecode is made",
    r"its bytecode could not be compiled: .*No space left on device",
    "Make room",
    seeded=False,
)
def stage_compile(place: Place) -> dict[str, Any]:
    on_disk(place).leave(inodes=44)
    return {"bundle": place.bundle(), "compile": True}


def filler(place: Place, end: str) -> dict[str, Any]:
    path = place.folder / FILLER
    return {"bundle": place.bundle(), "prove": {"commands": [["/bin/sh", "-c", f"{FILL.format(path, path)}; {end}"]]}}


@case(
    "in stage prove",
    r"failed in the new release \(exit 1\): .*No space left on device",
    "The environment still is what it was",
    seeded=False,
)
def stage_prove(place: Place) -> dict[str, Any]:
    on_disk(place)
    return filler(place, "exit 1")


@case("in stage receipt", r"No space left on device, in stage receipt", ROOM, seeded=False)
def stage_receipt(place: Place) -> dict[str, Any]:
    on_disk(place)
    return filler(place, "exit 0")


@pytest.mark.parametrize(
    ("form", "seeded"), [("folder", True), ("tar", False)], ids=["upgrade from a folder", "first from a tar"]
)
def test_at_each_file_that_is_one_too_many(tmp_path: pathlib.Path, form: str, seeded: bool) -> None:
    """Give one inode more each time, until it works: whatever could fail for want of space has then failed once."""
    disk = Disk(tmp_path / "opt")
    venv = tmp_path / "opt/app/.venv"
    old = [direct.install(venv, bundles.small(tmp_path / "one", "1.0"))["release"]] if seeded else []
    made = bundles.small(tmp_path / "two", "2.0")
    source = made if form == "folder" else made.tar()
    before, stages = tree(disk.folder), set()
    for free in range(100):
        gc.collect()  # the traceback of the last attempt still maps its wheels
        disk.leave(inodes=free)
        try:
            result = direct.install(venv, source, compile=True, verify="content")
            break
        except Refused as refused:
            said = str(refused)
        assert "No space left on device" in said
        stages.update(re.findall(r"in stage (\w+)", said))
        assert not differences(before, tree(disk.folder)), f"with {free} inodes: {said}"
    said = bundles.says(venv)
    assert said == "alpha 2.0 beta 2.0\n"
    assert {entry.name for entry in (tmp_path / "opt/app/.venv.releases").iterdir()} == {
        ".journal",
        ".lock",
        result["release"],
        *old,
    }
    assert stages >= {"build", "receipt", "switch"}
    assert seeded or "lock" in stages
    assert form == "folder" or "deliver" in stages


def test_on_the_way_to_the_host(tmp_path: pathlib.Path) -> None:
    """The folder where Ansible puts what it transfers holds a module, and not the wheels."""
    made = bundles.Made(tmp_path / "bundle")
    bundles.wheel(made.wheels, "alpha", "2.0", {"alpha/__init__.py": "", "alpha/noise.txt": os.urandom(3 << 20).hex()})
    disk = Disk(tmp_path / "transfer", size="2m")
    venv = tmp_path / "opt/app/.venv"
    direct.install(venv, bundles.small(tmp_path / "seed", "1.0"))
    before = tree(tmp_path / "opt")
    task = install_task(venv, bundle=str(made.seal()))
    hosts = {"here": {"ansible_remote_tmp": str(disk.folder)}}
    [failed] = here([task], hosts=hosts)
    assert failed.get("failed")
    assert "No space left on device" in failed["msg"]
    assert not differences(before, tree(tmp_path / "opt"))
    disk.leave(size="32m")
    [result] = here([task], hosts=hosts)
    assert succeeded(result)["changed"]
