# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import with_defaults
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.plugins.plugin_utils import interpreters
from ansible_collections.netdevops.python.plugins.plugin_utils.interpreters import open_stock, take
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive

OLD, NEW = "cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_36_x86_64"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    for target in (OLD, NEW):
        make_archive(tmp_path, target=target, data=target.encode())
    make_archive(tmp_path, "3.12.1", "cp312-manylinux_2_28_x86_64")
    (tmp_path / "README.json").write_text("no archive")
    return tmp_path


def stock(place: pathlib.Path, **options: Any) -> list[Prebuilt] | None:
    arguments = with_defaults({"version": "3.11.7", "archive": str(place), **options})
    return open_stock(arguments, lambda path: os.path.join("/nowhere", path))


def files(found: list[Prebuilt] | None) -> list[str]:
    return sorted(one.description.file for one in found or [])


def test_a_folder_offers_what_it_has_of_the_version(folder: pathlib.Path) -> None:
    assert files(stock(folder)) == [f"cpython-3.11.7-{OLD}.tar.gz", f"cpython-3.11.7-{NEW}.tar.gz"]


def test_where_the_host_knows_the_version_all_are_offered(folder: pathlib.Path) -> None:
    assert len(stock(folder, version=None, version_file="/srv/project") or []) == 3


@pytest.mark.parametrize("version", ["3.11.7", None])
def test_a_folder_without_archives_offers_none(tmp_path: pathlib.Path, version: str | None) -> None:
    assert stock(tmp_path, version=version) == []


def test_a_file_offers_itself(folder: pathlib.Path) -> None:
    path = folder / f"cpython-3.11.7-{NEW}.tar.gz"
    assert [one.path for one in stock(path) or []] == [str(path)]


@pytest.mark.parametrize("options", [{"archive": None}, {"archive": ""}, {"remote_src": True}, {"source": "build"}])
def test_nothing_is_offered_where_nothing_is_to_travel(folder: pathlib.Path, options: dict[str, Any]) -> None:
    assert stock(folder, **options) is None


def test_what_is_not_there_is_refused_where_it_was_looked_for() -> None:
    with pytest.raises(Refused, match="/nowhere/archives: expected an interpreter's archive"):
        stock(pathlib.Path("archives"))


def test_an_archive_of_somebody_else_is_described_by_itself(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_archive(tmp_path)
    os.unlink(one.path + ".json")
    monkeypatch.setattr(interpreters, "describe_archive", lambda path, sha256: (path, sha256))
    assert stock(pathlib.Path(one.path), archive_sha256="AB" * 32) == [Prebuilt(one.path, (one.path, "ab" * 32))]  # type: ignore[arg-type]
    with pytest.raises(Refused, match="expected its description"):
        stock(pathlib.Path(one.path))


def test_the_host_gets_the_file_that_it_names(folder: pathlib.Path) -> None:
    assert take(stock(folder) or [], f"cpython-3.11.7-{NEW}.tar.gz").path == str(
        folder / f"cpython-3.11.7-{NEW}.tar.gz"
    )
    with pytest.raises(Refused, match="not offered"):
        take(stock(folder) or [], "cpython-3.11.7-other.tar.gz")


def test_an_archive_that_is_cut_short_or_gone_does_not_travel(folder: pathlib.Path) -> None:
    name = f"cpython-3.11.7-{NEW}.tar.gz"
    found = stock(folder) or []
    (folder / name).write_bytes(b"half")
    with pytest.raises(Refused, match="found 4: it was cut short"):
        take(found, name)
    (folder / name).unlink()
    with pytest.raises(Refused, match="cannot be read: No such file"):
        take(found, name)
