# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""poetry.lock becomes PEP 751."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.poetry_lock import Lock, read_poetry_lock
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Wanted, select
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target

TARGET = parse_target("cp311-manylinux_2_28_x86_64")
A, B = "a" * 64, "b" * 64


@pytest.fixture
def read(tmp_path: pathlib.Path, make: Any) -> Any:
    def _read(*entries: str, **more: Any) -> Lock:
        path = tmp_path / "poetry.lock"
        path.write_text(make.lock(entries, **more))
        return read_poetry_lock(str(path))

    return _read


def names(lock: Lock, groups: tuple[str, ...] = ("main",), extras: tuple[str, ...] = ()) -> list[str]:
    chosen = select(lock.pylock, "poetry.lock", [TARGET], Wanted("3.11.7", groups, extras))
    return [f"{choice.name} {'+'.join(choice.groups)}" for choice in chosen[TARGET.name]]


def refusal(read: Any, *entries: str, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        read(*entries, **more)
    return str(caught.value)


def wheel(name: str) -> dict[str, str]:
    return {f"{name}-1.0-py3-none-any.whl": A}


def test_a_marker_holds_in_its_own_group_only(read: Any, make: Any) -> None:
    markers = {"main": 'python_version < "3.11"', "dev": 'python_version >= "3.11"'}
    lock = read(make.entry("x", "1.0", wheel("x"), ["main", "dev", "docs"], markers=markers))
    assert names(lock) == []
    assert names(lock, ("dev", "main")) == ["x dev"]
    assert names(lock, ("docs", "main")) == ["x docs"]
    assert names(lock, ("dev", "docs", "main")) == ["x dev+docs"]


def test_one_marker_holds_in_every_group(read: Any, make: Any) -> None:
    lock = read(make.entry("x", "1.0", wheel("x"), ["main", "dev"], markers='sys_platform == "linux" or extra == "y"'))
    assert names(lock, ("dev", "main")) == ["x dev+main"]


@pytest.mark.parametrize(
    ("marker", "without", "with_"),
    [
        ('extra == "net-box"', [], ["x main"]),
        ('python_version >= "3.8" and (extra == "Net_Box" or extra == "other")', [], ["x main"]),
        ('extra != "net-box"', ["x main"], []),
        ("extra == 'net-box' and sys_platform == 'win32'", [], []),
    ],
)
def test_extras(read: Any, make: Any, marker: str, without: list[str], with_: list[str]) -> None:
    lock = read(make.entry("x", "1.0", wheel("x"), markers=marker, optional=True), extras={"net-box": ["x"]})
    assert lock.extras == {"net-box"}
    assert (names(lock), names(lock, extras=("net-box",))) == (without, with_)


def test_two_versions_of_one_package(read: Any, make: Any) -> None:
    lock = read(
        make.entry("x", "1.0", wheel("x"), markers='python_version < "3.11"'),
        make.entry("x", "2.0", {"x-2.0-py3-none-any.whl": B}, markers='python_version >= "3.11"'),
    )
    chosen = select(lock.pylock, "poetry.lock", [TARGET], Wanted("3.11.7"))[TARGET.name]
    assert [(choice.version, choice.sha256) for choice in chosen] == [("2.0", B)]


def test_markers_see_the_full_pin(read: Any, make: Any) -> None:
    lock = read(make.entry("x", "1.0", wheel("x"), markers='python_full_version <= "3.11.7"'))
    assert names(lock) == ["x main"]
    assert select(lock.pylock, "", [TARGET], Wanted("3.11.8"))[TARGET.name] == ()


def test_a_wheel_is_taken_before_the_sdist(read: Any, make: Any) -> None:
    files = {"x-1.0.tar.gz": B, **wheel("x")}
    chosen = select(read(make.entry("x", "1.0", files)).pylock, "", [TARGET], Wanted("3.11.7"))[TARGET.name]
    assert [(choice.file, choice.is_wheel) for choice in chosen] == [("x-1.0-py3-none-any.whl", True)]


@pytest.mark.parametrize("file", ["X.y-1.0.tar.gz", "x_y-1.0.zip", "x-y-1.0.tar.gz", "x-y-v1.tar.gz"])
def test_an_sdist_keeps_its_own_name(read: Any, make: Any, file: str) -> None:
    files = {file: A, "x_y-1.0.win32.exe": B, "x_y-1.0-py2.7.egg": B, "x_y-2.0-py3-none-any.whl": B}
    chosen = select(read(make.entry("x.y", "1.0", files)).pylock, "", [TARGET], Wanted("3.11.7"))[TARGET.name]
    assert [(choice.name, choice.file, choice.is_wheel) for choice in chosen] == [("x-y", file, False)]


def test_the_source_of_a_package_stays_with_it(read: Any, make: Any) -> None:
    source = {"type": "legacy", "url": "https://pypi.example.com/simple", "reference": "corp"}
    lock = read(make.entry("x", "1.0", wheel("x"), source=source), make.entry("y", "1.0", wheel("y")))
    chosen = select(lock.pylock, "", [TARGET], Wanted("3.11.7"))[TARGET.name]
    assert [choice.source for choice in chosen] == ["https://pypi.example.com/simple", ""]
    assert lock.sources == {"corp": "https://pypi.example.com/simple"}


@pytest.mark.parametrize("range_", [">=2.7,!=3.0.*,!=3.1.*", "*", "^3.8", ">=2.7,<3.0 || >=3.4", "~3.11"])
def test_ranges_that_poetry_writes(read: Any, make: Any, range_: str) -> None:
    assert names(read(make.entry("x", "1.0", wheel("x"), python_versions=range_), python="^3.11")) == ["x main"]


def test_a_package_that_the_pin_is_too_old_for(read: Any, make: Any) -> None:
    lock = read(make.entry("x", "1.0", wheel("x"), python_versions=">=3.12"))
    with pytest.raises(Refused, match=r"x 1.0: needs Python >=3.12, the pin is 3.11.7"):
        names(lock)


def test_files_without_sha256_come_together(read: Any, make: Any) -> None:
    said = refusal(
        read,
        make.entry("x", "1.0", {"x-1.0-py3-none-any.whl": "md5:" + "0" * 32}),
        make.entry("y", "1.0", {"y-1.0-py3-none-any.whl": "sha256:" + "0" * 10}),
        make.entry("z", "1.0", {}),
    )
    assert said.startswith("3 problems:")
    assert "x 1.0: x-1.0-py3-none-any.whl has no SHA-256 in the lock" in said
    assert "z 1.0: the lock names no wheel and no sdist" in said


@pytest.mark.parametrize("version", ["1.1", "2.x", "3.0", ""])
def test_a_lock_of_another_version(read: Any, version: str) -> None:
    assert "expected a lock of version 2.1" in refusal(read, version=version)


def test_a_lock_of_2_0_is_fine_when_it_names_groups(read: Any, make: Any) -> None:
    entry = make.entry("x", "1.0", wheel("x"))
    assert names(read(entry, version="2.0")) == ["x main"]
    without = entry.replace('groups = ["main"]\n', "")
    said = refusal(read, without, version="2.0")
    assert "does not name the groups of its packages" in said and "Run `poetry lock` with Poetry 2.0 or newer" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not toml = = 1", "is no valid TOML"),
        (b"\xff\xfe", "is no valid TOML"),
        (b'[metadata]\nlock-version = "2.1"\n', "is no valid lock"),
        (b'package = [{groups = "x"}]\n[metadata]\nlock-version = "2.1"\n', "is no valid lock"),
        (b'[[package]]\nname = 1\ngroups = []\n[metadata]\nlock-version = "2.1"\n', "is no valid lock"),
    ],
)
def test_a_file_that_is_no_lock(tmp_path: pathlib.Path, data: bytes, said: str) -> None:
    (tmp_path / "poetry.lock").write_bytes(data)
    with pytest.raises(Refused, match=said):
        read_poetry_lock(str(tmp_path / "poetry.lock"))


def test_a_lock_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match="cannot be read: No such file"):
        read_poetry_lock(str(tmp_path / "poetry.lock"))


def test_markers_that_cannot_be_read(read: Any, make: Any) -> None:
    assert "x 1.0: has a marker that cannot be read" in refusal(
        read, make.entry("x", "1.0", wheel("x"), markers="moon == 'full'")
    )


def test_two_versions_at_once_are_an_ambiguity(read: Any, make: Any) -> None:
    lock = read(make.entry("x", "1.0", wheel("x")), make.entry("x", "2.0", {"x-2.0-py3-none-any.whl": B}))
    with pytest.raises(Refused, match="Multiple packages"):
        names(lock)
