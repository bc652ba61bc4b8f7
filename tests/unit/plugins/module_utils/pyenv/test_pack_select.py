# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for which files of an interpreter go into its archive."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_select import (
    CHOICES,
    Entry,
    check_complete,
    select,
)
from ansible_collections.netdevops.python.tests.unit.support.installations import (
    DYNLOAD,
    LINKS,
    MTIME,
    files_of,
    install,
)


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return install(tmp_path)


def names(folder: pathlib.Path, *without: str) -> set[str]:
    return {entry.path for entry in select(str(folder), without) if entry.kind != "folder"}


def test_everything_is_taken_but_our_own_papers(folder: pathlib.Path) -> None:
    (folder / "receipt.json").write_text("{}")
    (folder / ".tmp-abc").write_text("half of a file")
    assert names(folder) == {*files_of("x"), *LINKS}


def test_what_an_entry_says(folder: pathlib.Path) -> None:
    found = {entry.path: entry for entry in select(str(folder), ())}
    os.utime(folder / "bin", (5, 5))
    assert found["bin"] == Entry("bin", "folder", True, 0, 0, "")
    assert found["bin/python"] == Entry("bin/python", "symbolic link", False, 0, 0, "python3.11")
    size = (folder / "bin/pip3.11").stat().st_size
    assert found["bin/pip3.11"] == Entry("bin/pip3.11", "file", True, size, MTIME * 10**9, "")
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("without", "gone"),
    [
        (
            "tests",
            {
                "lib/python3.11/test/test_os.py",
                "lib/python3.11/test/support/__init__.py",
                "lib/python3.11/unittest/test/test_case.py",
                f"{DYNLOAD}/_testcapi.cpython-311-x86_64-linux-gnu.so",
            },
        ),
        (
            "caches",
            {
                "lib/python3.11/__pycache__/os.cpython-311.pyc",
                "lib/python3.11/__pycache__/os.cpython-311.opt-1.pyc",
            },
        ),
        ("optimized_caches", {"lib/python3.11/__pycache__/os.cpython-311.opt-1.pyc"}),
        ("static_library", {"lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a"}),
        (
            "packages",
            {
                "bin/pip",
                "bin/pip3.11",
                "lib/python3.11/site-packages/pip/__init__.py",
                "lib/python3.11/site-packages/pip-23.2.1.dist-info/RECORD",
            },
        ),
    ],
)
def test_what_is_left_out_on_request(folder: pathlib.Path, without: str, gone: set[str]) -> None:
    assert names(folder) - names(folder, without) == gone
    assert names(folder, without) < names(folder)


def test_what_a_host_says_of_installing_stays_there(folder: pathlib.Path) -> None:
    before = names(folder)
    (folder / "lib/python3.11/EXTERNALLY-MANAGED").touch()
    assert names(folder) == before


def test_every_choice_is_tried_here() -> None:
    assert CHOICES == ("caches", "optimized_caches", "packages", "static_library", "tests")


def test_folders_go_with_what_was_in_them(folder: pathlib.Path) -> None:
    folders = {entry.path for entry in select(str(folder), ("tests", "caches", "packages")) if entry.kind == "folder"}
    assert "lib/python3.11/unittest" in folders
    assert not {"lib/python3.11/test", "lib/python3.11/unittest/test", "lib/python3.11/__pycache__"} & folders


def test_a_module_called_test_in_a_package_is_no_test_suite(folder: pathlib.Path) -> None:
    (folder / "lib/python3.11/site-packages/test").mkdir()
    (folder / "lib/python3.11/site-packages/test/a.py").touch()
    (folder / "lib/python3.11/testing.py").touch()
    kept = names(folder, "tests")
    assert {"lib/python3.11/site-packages/test/a.py", "lib/python3.11/testing.py"} <= kept


def test_the_library_of_a_free_threaded_build_is_known(folder: pathlib.Path) -> None:
    (folder / "lib/python3.13t/test").mkdir(parents=True)
    (folder / "lib/python3.13t/test/test_os.py").touch()
    assert "lib/python3.13t/test/test_os.py" not in names(folder, "tests")


def test_a_link_to_what_is_left_out_goes_too(folder: pathlib.Path) -> None:
    (folder / "lib/libpython3.11.a").symlink_to("python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a")
    (folder / "lib/nothing").symlink_to("nowhere")
    assert {"lib/libpython3.11.a"} == {name for name in names(folder) if name.endswith("/libpython3.11.a")} - {
        "lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a"
    }
    assert not {"lib/libpython3.11.a", "lib/nothing"} & names(folder, "static_library")


def test_everything_that_has_no_place_is_named(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (folder / "lib/away").symlink_to(tmp_path)
    (folder / "lib/up").symlink_to("../../../evil")
    os.mkfifo(folder / "lib/pipe")
    (folder / "lib/new\nline").touch()
    with pytest.raises(Refused) as caught:
        select(str(folder), ())
    assert sorted(problem.subject for problem in caught.value.problems) == [
        "'lib/new\\nline'",
        "lib/away",
        "lib/pipe",
        "lib/up",
    ]


def test_what_is_no_interpreter_is_refused(folder: pathlib.Path) -> None:
    (folder / "bin/python").unlink()
    with pytest.raises(Refused, match="expected bin/python in it"):
        check_complete(select(str(folder), ()), str(folder))
