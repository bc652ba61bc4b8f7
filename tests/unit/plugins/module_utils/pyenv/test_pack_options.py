# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for what is asked of an archive."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import (
    ARGUMENTS,
    WITHOUT,
    Wanted,
    wanted,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.survey import OPTIONAL


def asked(**params: Any) -> Wanted:
    defaults = {name: rule.get("default") for name, rule in ARGUMENTS.items()}
    return wanted({**defaults, "dest": "/srv/archives", **params})


def subjects(**params: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        asked(**params)
    return [problem.subject for problem in caught.value.problems]


def test_defaults() -> None:
    assert asked(version="3.11.7") == Wanted("3.11.7", "/opt/pyenv", "/srv/archives", WITHOUT, OPTIONAL, "", "")


def test_lists_are_sets_and_paths_are_normal() -> None:
    found = asked(
        version="3.11.7",
        without=["tests", "caches", "tests"],
        optional_modules=["nis", "_dbm"],
        root="/a//b/",
        dest="/c/./d",
    )
    assert (found.without, found.optional_modules) == (("caches", "tests"), ("_dbm", "nis"))
    assert (found.root, found.dest) == ("/a/b", "/c/d")


def test_a_pin_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".python-version").write_text("3.11.7\n")
    assert asked(version_file=str(tmp_path)).version == "3.11.7"


def test_an_archive_of_others() -> None:
    found = asked(
        src="/d/cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz", src_sha256="A" * 64, version=""
    )
    assert (found.version, found.src_sha256) == ("", "a" * 64)


@pytest.mark.parametrize(
    ("params", "subject"),
    [
        ({}, "version, version_file, src"),
        ({"version": "3.11.7", "src": "/a.tar.gz"}, "version, version_file, src"),
        ({"version": "3.11.7", "version_file": "/a"}, "version, version_file, src"),
        ({"version": "3.11"}, "version"),
        ({"version": "3.11.7", "root": "relative"}, "root"),
        ({"version": "3.11.7", "root": "/a b"}, "root"),
        ({"version": "3.11.7", "dest": ""}, "dest"),
        ({"version": "3.11.7", "dest": "relative"}, "dest"),
        ({"version": "3.11.7", "src_sha256": "a" * 64}, "src_sha256"),
        ({"src": "/a.tar.gz", "src_sha256": "abc"}, "src_sha256"),
        ({"src": "/a.tar.zst"}, "src"),
        ({"version": "3.11.7", "optional_modules": ["a b"]}, "optional_modules"),
    ],
)
def test_what_cannot_be_asked(params: dict[str, Any], subject: str) -> None:
    assert subjects(**params) == [subject]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert subjects(version="3", root="a", dest="b", optional_modules=["-"]) == [
        "version",
        "root",
        "dest",
        "optional_modules",
    ]
