# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import Bundle
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import check_room, open_wheels, select
from ansible_collections.netdevops.python.tests.unit.support.wheels import flip_byte, make_manifest, make_wheel

OLD, NEW = "cp311-manylinux_2_17_x86_64", "cp311-manylinux_2_28_x86_64"


def interpreter(target: str = "cp311-manylinux_2_36_x86_64", version: str = "3.11.7") -> Interpreter:
    return Interpreter(
        "/opt/python/bin/python3",
        version,
        "cpython",
        parse_target(target),
        "/opt/python",
        "/opt/python",
        "cpython-311",
        {},
    )


def wheel(tag: str = "py3-none-any", name: str = "spam", **options: Any) -> Wheel:
    return Wheel(name, "1.0", f"{name}-1.0-{tag}.whl", "a" * 64, 10, **options)


def test_the_best_target_of_the_host_is_chosen() -> None:
    manifest = make_manifest([wheel()], OLD)._replace(targets={OLD: (wheel(name="old"),), NEW: (wheel(name="new"),)})
    selection = select(manifest, interpreter(), None)
    assert selection.target == NEW
    assert selection.versions() == {"new": "1.0"}
    assert selection.packages() == [["new", "1.0", "a" * 64]]
    assert select(manifest, interpreter("cp311-manylinux_2_20_x86_64"), None).target == OLD


def test_packages_are_sorted() -> None:
    manifest = make_manifest([wheel()])._replace(targets={NEW: (wheel(name="b"), wheel(name="a"))})
    assert [package[0] for package in select(manifest, interpreter(), None).packages()] == ["a", "b"]


def test_another_patch_than_the_pin_is_refused() -> None:
    manifest = make_manifest([wheel()], pin="3.11.8")
    with pytest.raises(Refused) as caught:
        select(manifest, interpreter(), None)
    assert str(caught.value).startswith(
        "/opt/python/bin/python3: expected Python 3.11.8, the pin of the bundle, found 3.11.7."
    )
    assert "pyenv_install" in str(caught.value)


def test_a_bundle_without_a_pin_takes_any_patch() -> None:
    assert select(make_manifest([wheel()]), interpreter(version="3.11.99"), None).wheels


@pytest.mark.parametrize(
    "host",
    [
        "cp312-manylinux_2_36_x86_64",
        "cp311-manylinux_2_36_aarch64",
        "cp311-manylinux_2_27_x86_64",
        "cp311-musllinux_1_2_x86_64",
        "cp311t-manylinux_2_36_x86_64",
    ],
)
def test_another_python_libc_or_architecture_is_refused(host: str) -> None:
    with pytest.raises(Refused, match=f"host {host}: the bundle has no target that runs here; it has {NEW}"):
        select(make_manifest([wheel()], NEW), interpreter(host), None)


def test_every_wheel_that_is_not_for_this_host_is_named() -> None:
    bad = [
        "cp310-cp310-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux_2_17_aarch64",
        "cp311-cp311-manylinux_2_37_x86_64",
        "cp311-cp311-musllinux_1_1_x86_64",
    ]
    wheels = [wheel(tag, f"bad{number}") for number, tag in enumerate(bad)] + [wheel(name="good")]
    with pytest.raises(Refused) as caught:
        select(make_manifest(wheels), interpreter(), None)
    assert [problem.subject for problem in caught.value.problems] == [
        f"bad{number}-1.0-{tag}.whl" for number, tag in enumerate(bad)
    ]
    assert "is not made for this host, which is cp311-manylinux_2_36_x86_64" in caught.value.problems[0].message


def test_only_the_wheels_of_the_groups_are_looked_at() -> None:
    wheels = [wheel(name="main"), wheel("cp27-none-win32", "other", groups=("other",))]
    assert select(make_manifest(wheels), interpreter(), ["main"]).versions() == {"main": "1.0"}
    with pytest.raises(Refused, match="not made for this host"):
        select(make_manifest(wheels), interpreter(), None)


def bundle(folder: pathlib.Path, *names: str) -> Bundle:
    wheels = [make_wheel(folder / "wheels", name) for name in names]
    manifest: Manifest = make_manifest(wheels)
    return Bundle(str(folder), manifest)


def test_every_bad_wheel_is_reported(tmp_path: pathlib.Path) -> None:
    made = bundle(tmp_path, "a", "b", "c", "d")
    wheels = next(iter(made.manifest.targets.values()))
    flip_byte(tmp_path / "wheels" / wheels[0].file)
    (tmp_path / "wheels" / wheels[1].file).unlink()
    os.truncate(tmp_path / "wheels" / wheels[2].file, 10)
    with pytest.raises(Refused) as caught:
        open_wheels(made, wheels)
    assert [problem.subject for problem in caught.value.problems] == [one.file for one in wheels[:3]]
    assert [archive.wheel for archive in open_wheels(made, wheels[3:])] == [wheels[3]]


def disk(free: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 1 << 30, 1 << 30, free // 4096, 0, 0, 0, 0, 255))


@pytest.mark.parametrize(
    ("free", "bytecode", "fits"),
    [(17 << 20, False, True), (15 << 20, False, False), (17 << 20, True, True), (0, False, False)],
)
def test_room_is_asked_for_before_a_byte_is_unpacked(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, free: int, bytecode: bool, fits: bool
) -> None:
    made = bundle(tmp_path, "a")
    archives = open_wheels(made, next(iter(made.manifest.targets.values())))
    monkeypatch.setattr(os, "statvfs", lambda path: disk(free))
    if fits:
        check_room(str(tmp_path), archives, bytecode)
        return
    with pytest.raises(Refused, match=r"No space left on device: needs 16 MiB, has \d+ MiB"):
        check_room(str(tmp_path), archives, bytecode)


def test_bytecode_needs_room_of_its_own(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(tmp_path / "wheels", "big", files={"big.py": bytes(8 << 20)})
    archives = open_wheels(Bundle(str(tmp_path), make_manifest([wheel])), [wheel])
    monkeypatch.setattr(os, "statvfs", lambda path: disk(26 << 20))
    check_room(str(tmp_path), archives, bytecode=False)
    with pytest.raises(Refused, match="needs 28 MiB, has 26 MiB"):
        check_room(str(tmp_path), archives, bytecode=True)


def test_an_install_that_unpacks_nothing_needs_no_room(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: disk(0))
    check_room(str(tmp_path), [], bytecode=True)
