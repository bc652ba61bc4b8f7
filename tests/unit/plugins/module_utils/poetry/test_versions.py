# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One version in one form."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.poetry.versions import is_same_version, normal_version


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        *(("1.0", "1.0"), ("2023.07.22", "2023.7.22"), ("v1.0-RC1", "1.0rc1"), ("1!2.0", "1!2.0"), ("0!1", "1")),
        *(("1.0-1", "1.0.post1"), ("1.0.post", "1.0.post0"), ("1.0rev3.dev", "1.0.post3.dev0"), ("1.0a", "1.0a0")),
        *(("1.0.preview-2", "1.0rc2"), ("1.0+Abc_01", "1.0+abc.1"), (" 1.0 ", "1.0"), ("latest", "latest")),
    ],
)
def test_each_way_to_write_it_becomes_one(written: str, normal: str) -> None:
    assert normal_version(written) == normal


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        *(("1", "1.0.0", True), ("1.0.dev0", "1.0.0.dev0", True), ("1.0.post1", "1.post1", True)),
        *(("1!1.0", "1!1", True), ("1.0rc1", "1rc1", True), ("1.0.1", "1.1", False), ("1.10", "1.1", False)),
        *(("1+l.0", "1+l", False), ("1.0+l", "1+l", True), ("1.post10", "1.post1", False), ("latest", "latest", True)),
    ],
)
def test_zeros_at_the_end_of_a_release_mean_nothing_and_others_do(one: str, other: str, same: bool) -> None:
    assert is_same_version(one, other) is same
