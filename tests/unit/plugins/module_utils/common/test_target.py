# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target, best_target, parse_target

NAMES = [
    "cp39-manylinux_2_17_x86_64",
    "cp311-manylinux_2_28_aarch64",
    "cp313t-manylinux_2_41_x86_64",
    "cp314-musllinux_1_2_x86_64",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_and_its_target_are_two_forms_of_one_thing(name: str) -> None:
    assert parse_target(name).name == name


def test_a_target_knows_what_it_is() -> None:
    target = parse_target("cp313t-manylinux_2_28_x86_64")
    assert target == Target("cp313t", "glibc", (2, 28), "x86_64")
    assert target.python == (3, 13)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "cp311",
        "py3-none-any",
        "cp27-manylinux_2_17_x86_64",
        "cp311-win_amd64",
        "cp311-manylinux2014_x86_64",
        "cp311-manylinux_2_28_i686",
        "cp311-manylinux_2_28_x86_64 ",
    ],
)
def test_any_other_name_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(Refused, match="cp311-manylinux_2_28_x86_64"):
        parse_target(name)


HOST = parse_target("cp311-manylinux_2_28_x86_64")


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("cp311-manylinux_2_28_x86_64", True),
        ("cp311-manylinux_2_17_x86_64", True),
        ("cp311-manylinux_2_29_x86_64", False),
        ("cp311-manylinux_1_28_x86_64", False),
        ("cp311-manylinux_2_28_aarch64", False),
        ("cp311-musllinux_1_2_x86_64", False),
        ("cp310-manylinux_2_17_x86_64", False),
        ("cp311t-manylinux_2_17_x86_64", False),
    ],
)
def test_a_target_runs_on_its_own_kind_with_a_libc_that_is_not_older(name: str, runs: bool) -> None:
    assert parse_target(name).runs_on(HOST) is runs


def test_glibc_platforms_are_best_first_and_keep_the_old_names() -> None:
    assert parse_target("cp311-manylinux_2_18_x86_64").platforms()[:4] == [
        "manylinux_2_18_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux_2_16_x86_64",
    ]
    assert parse_target("cp311-manylinux_2_18_x86_64").platforms()[-3:] == [
        "manylinux_2_5_x86_64",
        "manylinux1_x86_64",
        "linux_x86_64",
    ]


def test_aarch64_starts_with_manylinux2014() -> None:
    platforms = parse_target("cp311-manylinux_2_18_aarch64").platforms()
    assert platforms == ["manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"]


def test_musl_platforms_are_those_of_its_major_version() -> None:
    platforms = parse_target("cp311-musllinux_1_2_x86_64").platforms()
    assert platforms == ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64", "linux_x86_64"]


def test_of_those_that_run_the_newest_libc_is_best() -> None:
    names = [
        "cp311-manylinux_2_17_x86_64",
        "cp311-manylinux_2_9_x86_64",
        "cp311-manylinux_2_34_x86_64",
        "cp312-manylinux_2_28_x86_64",
    ]
    assert best_target(names, HOST) == "cp311-manylinux_2_17_x86_64"


def test_where_none_runs_the_refusal_says_what_there_is_and_what_to_build() -> None:
    with pytest.raises(Refused) as caught:
        best_target(["cp312-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64"], HOST)
    assert str(caught.value) == (
        "host cp311-manylinux_2_28_x86_64: the bundle has no target that runs here; it has cp311-manylinux_2_28_aarch64, "
        "cp312-manylinux_2_28_x86_64. Build it with targets: [cp311-manylinux_2_28_x86_64] added."
    )


def test_a_bundle_without_targets_says_none() -> None:
    with pytest.raises(Refused, match="it has none"):
        best_target([], HOST)
