# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches of the user's come after those of python-build, in the order they are named in."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.patches import (
    lay_patches,
    patch_digests,
    patch_problems,
)

PACKAGE = "Python-3.11.2"
GIT, PLAIN = "diff --git a/x b/x\n--- a/x\n", "--- x\n+++ x\n"


@pytest.fixture
def own(tmp_path: pathlib.Path) -> str:
    for name in (f"{PACKAGE}/0002-b.patch", f"{PACKAGE}/0001-a.patch", "openssl-3/x.patch"):
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GIT)
    return str(tmp_path / "own")


def write(folder: pathlib.Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_they_lie_where_python_build_looks(tmp_path: pathlib.Path, own: str) -> None:
    mine = [write(tmp_path, "z.patch", GIT), write(tmp_path, "a.patch", GIT)]
    lay_patches(str(tmp_path / "definitions"), "3.11.2", PACKAGE, own, mine)
    laid = tmp_path / "definitions/patches/3.11.2"
    order = ["0-0001-a.patch", "0-0002-b.patch", "1-0000-z.patch", "1-0001-a.patch"]
    assert sorted(os.listdir(laid / PACKAGE)) == order
    assert os.listdir(laid / "openssl-3") == ["0-x.patch"]
    assert not (laid / PACKAGE / "0-0001-a.patch").is_symlink(), "python-build takes plain files alone"


def test_without_patches_of_python_builds_own(tmp_path: pathlib.Path) -> None:
    lay_patches(str(tmp_path / "definitions"), "3.11.2", PACKAGE, "", [write(tmp_path, "z.patch", PLAIN)])
    assert os.listdir(tmp_path / "definitions/patches/3.11.2" / PACKAGE) == ["1-0000-z.patch"]


def test_the_order_is_part_of_what_they_are(tmp_path: pathlib.Path) -> None:
    paths = [write(tmp_path, "1", "one"), write(tmp_path, "2", "two")]
    assert patch_digests(paths) == (digest_bytes(b"one"), digest_bytes(b"two"))
    with pytest.raises(Refused, match="2 problems"):
        patch_digests([str(tmp_path / "x"), str(tmp_path / "y")])


def test_two_kinds_cannot_be_applied_together(tmp_path: pathlib.Path, own: str) -> None:
    git, plain = write(tmp_path, "git.patch", GIT), write(tmp_path, "plain.patch", PLAIN)
    assert patch_problems([git], own, PACKAGE) == patch_problems([plain], "", PACKAGE) == []
    [problem] = patch_problems([git, plain], "", PACKAGE)
    assert str(problem).startswith(f"{plain}: names its files without a/ and b/, and {git} with them")
    assert "python-build cannot apply both" in str(patch_problems([plain], own, PACKAGE)[0])
    assert "cannot be read" in str(patch_problems(["/nowhere"], own, PACKAGE)[0])
