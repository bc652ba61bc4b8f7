# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.tags import file_tags, fits
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target, parse_target

TARGETS = [
    "cp39-manylinux_2_31_x86_64",
    "cp311-manylinux_2_28_x86_64",
    "cp311-manylinux_2_17_aarch64",
    "cp313-musllinux_1_2_x86_64",
    "cp313t-manylinux_2_36_x86_64",
    "cp314-musllinux_1_2_aarch64",
]
PYTHONS = [f"{kind}3{minor}" for kind in ("cp", "py") for minor in range(17)] + [
    "py3",
    "py2",
    "py2.py3",
    "cp3",
    "cp27",
    "pp311",
    "py27",
    "ip311",
]
ABIS = ["none", "abi3", "abi3t", "cp311", "cp313", "cp313t", "cp314", "cp39", "cp37m", "cp311d", "pypy311_pp73"]
PLATFORMS = [
    "any",
    *(f"manylinux_2_{minor}_{arch}" for minor in (4, 5, 17, 28, 29, 31, 36, 37) for arch in ("x86_64", "aarch64")),
    *(f"musllinux_1_{minor}_{arch}" for minor in (0, 1, 2, 3) for arch in ("x86_64", "aarch64")),
    *(f"manylinux{old}_{arch}" for old in ("1", "2010", "2014") for arch in ("x86_64", "aarch64")),
    "linux_x86_64",
    "linux_aarch64",
    "manylinux_2_17_i686",
    "win_amd64",
    "macosx_11_0_arm64",
]


def test_compressed_sets_are_expanded() -> None:
    found = set(file_tags("six-1.0-py2.py3-none-manylinux1_x86_64.linux_x86_64.whl"))
    assert found == {
        (python, "none", platform) for python in ("py2", "py3") for platform in ("manylinux1_x86_64", "linux_x86_64")
    }


def test_a_build_number_is_no_tag() -> None:
    assert list(file_tags("six-1.0-2build-py3-none-any.whl")) == [("py3", "none", "any")]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("py3-none-any", True),
        ("cp311-cp311-manylinux_2_28_x86_64", True),
        ("cp39-abi3-manylinux2014_x86_64", True),
        ("cp312-abi3-manylinux2014_x86_64", False),
        ("cp311-cp311-manylinux_2_29_x86_64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
        ("cp311-cp311-musllinux_1_1_x86_64", False),
        ("cp310-cp310-manylinux_2_17_x86_64", False),
        ("cp310-cp310.cp311-manylinux_2_17_x86_64", False),
        ("cp310.cp311-cp310.cp311-manylinux_2_17_x86_64", True),
    ],
)
def test_the_usual_tags(tag: str, expected: bool) -> None:
    assert fits(f"spam-1.0-{tag}.whl", parse_target("cp311-manylinux_2_28_x86_64")) is expected


def allowed(target: Target) -> set[tuple[str, str, str]]:
    """Return what packaging allows, asked as the build side asks it."""
    tags = pytest.importorskip("packaging.tags", reason="the build side's library is the judge here")
    platforms = target.platforms()
    interpreter = f"cp3{target.python[1]}"
    found = itertools.chain(
        tags.cpython_tags(target.python, [target.abi], platforms),
        tags.compatible_tags(target.python, interpreter, platforms),
    )
    return {(tag.interpreter, tag.abi, tag.platform) for tag in found}


def is_in(expected: set[tuple[str, str, str]], triple: tuple[str, str, str]) -> bool:
    """Return whether one of the tags that a triple of compressed sets stands for is expected."""
    return not expected.isdisjoint(itertools.product(*(part.split(".") for part in triple)))


@pytest.mark.parametrize("name", TARGETS)
def test_every_triple_is_judged_as_packaging_judges_it(name: str) -> None:
    target = parse_target(name)
    expected = allowed(target)
    sample = set(itertools.product(PYTHONS, ABIS, PLATFORMS)) | expected
    assert len(sample) > 9_000
    wrong = [
        triple
        for triple in sorted(sample)
        if fits(f"spam-1.0-{'-'.join(triple)}.whl", target) is not is_in(expected, triple)
    ]
    assert wrong == []
