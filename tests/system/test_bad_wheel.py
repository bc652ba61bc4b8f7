# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad wheels in a good bundle: a clear error, and nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case
AGAIN = "Build the bundle again, or copy it again"
OTHER_PYTHON = "cp39" if bundles.TARGET.startswith("cp313") else "cp313"
OTHER_ARCH = "aarch64" if bundles.TARGET.endswith("x86_64") else "x86_64"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_and_nothing_changes(case: Case, outcomes: dict[str, Outcome]) -> None:
    check(case, outcomes[case.name])


def wheel_anew(place: Place, **keywords: Any) -> dict[str, Any]:
    """Return arguments for a bundle whose manifest is right, and whose ``alpha`` is a wheel made as told."""
    made = place.bundle()
    made.wheel("alpha").unlink()
    bundles.wheel(made.wheels, "alpha", "2.0", **keywords)
    return {"bundle": made.seal()}


@case(
    "RECORD with another digest",
    r"alpha-2\.0-.*whl: alpha/__init__\.py does not match the wheel's RECORD: expected SHA-256",
    AGAIN,
)
def record_digest(place: Place) -> dict[str, Any]:
    return wheel_anew(place, record={"alpha/__init__.py": "something else"})


@case("RECORD without a file", r"alpha-2\.0-.*whl: its RECORD has no digest for alpha/hidden\.py", AGAIN)
def record_unlisted(place: Place) -> dict[str, Any]:
    return wheel_anew(place, unrecorded={"alpha/hidden.py": "import os\n"})


@case(
    "RECORD with a file too many",
    r"alpha-2\.0-.*whl: its RECORD lists files that it does not hold: alpha/gone\.py",
    AGAIN,
)
def record_gone(place: Place) -> dict[str, Any]:
    return wheel_anew(place, record={"alpha/gone.py": "never there"})


def other_tag(tag: str) -> Any:
    return lambda place: wheel_anew(place, tag=tag)


NOT_MADE = r"alpha-2\.0-.*whl: is not made for this host, which is cp3"
case("wheel for another Python", NOT_MADE, AGAIN)(
    other_tag(f"{OTHER_PYTHON}-{OTHER_PYTHON}-{bundles.TARGET.split('-')[1]}")
)
case("wheel for another architecture", NOT_MADE, AGAIN)(other_tag(f"py3-none-manylinux_2_17_{OTHER_ARCH}"))
case("wheel for a newer C library", NOT_MADE, AGAIN)(
    other_tag(f"py3-none-manylinux_2_99_{bundles.TARGET.split('17_')[1]}")
)
case("wheel for another C library", NOT_MADE, AGAIN)(
    other_tag(f"py3-none-musllinux_1_1_{bundles.TARGET.split('17_')[1]}")
)


def other_target(target: str) -> Any:
    return lambda place: {"bundle": place.bundle().seal(target=target)}


def no_target(name: str) -> str:
    return rf"host cp3\S+: the bundle has no target that runs here; it has {name}"


for what, target in {
    "Python": f"{OTHER_PYTHON}-{bundles.TARGET.split('-')[1]}",
    "architecture": bundles.TARGET.split("17_", maxsplit=1)[0] + f"17_{OTHER_ARCH}",
    "C library": bundles.TARGET.replace("manylinux_2_17", "musllinux_1_2"),
    "version of the C library": bundles.TARGET.replace("2_17", "2_99"),
}.items():
    case(f"bundle for another {what}", no_target(target), "Build it with targets: ")(other_target(target))


# Members that would leave their place

SUSPECT = "Do not use this wheel"


@case(
    "wheel with a member above its root",
    r"alpha-2\.0-.*whl: a member would leave the environment: \.\./\.\./evil\.py",
    SUSPECT,
)
def member_above(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "../../evil.py": "import os\n"})


@case("wheel with an absolute member", r"a member would leave the environment: /.*/evil\.py", SUSPECT)
def member_absolute(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", f"{place.folder}/evil.py": "import os\n"})


@case("wheel with a link", r"alpha-2\.0-.*whl: a member is a link: alpha/passwd", SUSPECT)
def member_link(place: Place) -> dict[str, Any]:
    return wheel_anew(place, links={"alpha/passwd": "/etc/passwd"})


@case(
    "wheel whose data leaves through a scheme",
    r"a member would leave the environment: alpha-2\.0\.data/scripts/\.\./",
    SUSPECT,
)
def member_data(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/scripts/../../../../evil": "#!python\n"})


@case(
    "wheel whose command is a path",
    r"alpha-2\.0-.*whl: declares \.\./\.\./evil = alpha:main, which is no command",
    "Build the wheel again",
)
def command_path(place: Place) -> dict[str, Any]:
    return wheel_anew(place, commands={"../../evil": "alpha:main"})


@case(
    "wheel that overwrites the interpreter",
    r"bin/python: wheel [0-9a-f]{16} would overwrite the file of the environment itself",
    "drop one of them",
)
def overwrites_python(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/scripts/python": "#!python\n"})


@case(
    "wheel that brings a receipt",
    r"alpha-2\.0-.*whl: .*data/receipt\.json would overwrite the receipt",
    SUSPECT,
    seeded=False,
)
def brings_receipt(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/data/receipt.json": "{}"})


@case(
    "wheel that writes through a link",
    r"lib64: is a folder of one wheel, and a file of another or of the environment itself",
    "Drop one of them",
    seeded=False,
)
def through_link(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/data/lib64/table.txt": "a b c\n"})


@case(
    "wheels that share a file",
    r"beta/__init__\.py: wheel [0-9a-f]{16} would overwrite the file of",
    "drop one of them from the lock",
)
def shared_file(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "beta/__init__.py": "VERSION = 'of alpha'\n"})
