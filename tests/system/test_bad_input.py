# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad bundles: a clear error, and nothing lost."""

from __future__ import annotations

import json
import os
import pathlib
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case
AGAIN = "Build the bundle again, or copy it again"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_and_nothing_changes(case: Case, outcomes: dict[str, Outcome]) -> None:
    check(case, outcomes[case.name])


def truncate(path: pathlib.Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip(path: pathlib.Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(made: bundles.Made, **changes: Any) -> None:
    """Change the manifest as somebody would who knows how it is written."""
    plain = json.loads(made.file.read_bytes())
    plain["targets"][bundles.TARGET]["wheels"][0].update(changes)
    made.file.write_bytes(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")


# The bundle


@case("no bundle there", r"/nothing: expected a bundle with bundle\.json, found none", "Build it first", seeded=False)
def no_bundle(place: Place) -> dict[str, Any]:
    return {"bundle": str(place.folder / "nothing")}


@case("manifest truncated", r"bundle\.json: is not a bundle's manifest: it is cut short or was edited", AGAIN)
def manifest_truncated(place: Place) -> dict[str, Any]:
    made = place.bundle()
    truncate(made.file, 0.5)
    return {"bundle": made}


@case("tar truncated", r"bundle\.tar", "is cut short or damaged|cannot be read as a bundle", AGAIN)
def tar_truncated(place: Place) -> dict[str, Any]:
    tar = place.bundle().tar()
    truncate(tar, 0.5)
    return {"bundle": str(tar)}


@case("tar truncated, on the host", r"bundle\.tar", "is cut short or damaged|cannot be read as a bundle", AGAIN)
def tar_truncated_on_host(place: Place) -> dict[str, Any]:
    return {**tar_truncated(place), "remote_src": True}


@case(
    "tar cut inside a wheel, on the host",
    r"bundle\.tar: (is cut short|cannot be read as a bundle)",
    AGAIN,
    seeded=False,
)
def tar_cut_inside(place: Place) -> dict[str, Any]:
    tar = place.bundle().tar()
    with tarfile.open(tar) as archive:
        last = archive.getmembers()[-1]
    os.truncate(tar, last.offset_data + last.size // 2)
    return {"bundle": str(tar), "remote_src": True}


@case("manifest edited by hand", r"bundle\.json: is not in canonical form: it was edited", AGAIN)
def manifest_edited(place: Place) -> dict[str, Any]:
    made = place.bundle()
    made.file.write_text(json.dumps(json.loads(made.file.read_bytes()), indent=2), encoding="utf-8")
    return {"bundle": made}


@case(
    "manifest edited, with another id than the approved one",
    r"expected the bundle [0-9a-f]{64}, found [0-9a-f]{64}",
    "that was approved",
)
def manifest_other_id(place: Place) -> dict[str, Any]:
    made = place.bundle()
    approved = made.id
    edit(made, version="2.1")
    return {"bundle": made, "bundle_id": approved}


@case("manifest edited, digest of a wheel", r"alpha-2\.0-.*whl: expected SHA-256 0{64}, found [0-9a-f]{64}", AGAIN)
def manifest_other_digest(place: Place) -> dict[str, Any]:
    made = place.bundle()
    edit(made, sha256="0" * 64)
    return {"bundle": made}


@case(
    "manifest edited, a path as a wheel",
    r"is not a valid manifest: .*'\.\./alpha\.whl' is not the name of a wheel",
    AGAIN,
)
def manifest_path(place: Place) -> dict[str, Any]:
    made = place.bundle()
    edit(made, file="../alpha.whl")
    return {"bundle": made}


@case("wheel with one byte flipped", r"alpha-2\.0-.*whl: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}", AGAIN)
def flipped(place: Place) -> dict[str, Any]:
    made = place.bundle()
    flip(made.wheel())
    return {"bundle": made}


@case(
    "wheels with one byte flipped, on the host",
    r"2 problems:",
    r"alpha-2\.0.*expected SHA-256",
    r"beta-2\.0.*expected SHA-256",
    AGAIN,
    seeded=False,
)
def flipped_on_host(place: Place) -> dict[str, Any]:
    made = place.bundle()
    flip(made.wheel("alpha"))
    flip(made.wheel("beta"))
    return {"bundle": made, "remote_src": True}


@case("wheel truncated", r"alpha-2\.0-.*whl: expected \d+ bytes, found \d+: it was cut short or changed", AGAIN)
def wheel_truncated(place: Place) -> dict[str, Any]:
    made = place.bundle()
    truncate(made.wheel(), 0.5)
    return {"bundle": made}


@case("wheel missing", r"alpha-2\.0-.*whl: expected a wheel of the bundle, found nothing", AGAIN)
def missing(place: Place) -> dict[str, Any]:
    made = place.bundle()
    made.wheel().unlink()
    return {"bundle": made}


@case("wheel missing, on the host", r"alpha-2\.0-.*whl: expected at /.*whl, found nothing", AGAIN)
def missing_on_host(place: Place) -> dict[str, Any]:
    return {**missing(place), "remote_src": True}


@case("stray wheel", r"wheels/stray-9-.*whl: is in the bundle, and its manifest does not name it", AGAIN)
def stray(place: Place) -> dict[str, Any]:
    made = place.bundle()
    bundles.wheel(made.wheels, "stray", "9")
    return {"bundle": made}


@case("stray wheel, on the host", r"wheels/stray-9-.*whl: is in the bundle, and its manifest does not name it", AGAIN)
def stray_on_host(place: Place) -> dict[str, Any]:
    return {**stray(place), "remote_src": True}


@case("group that does not exist", r"group 'nosuch': the bundle was compiled for: cisco, main", "Name one of these")
def no_group(place: Place) -> dict[str, Any]:
    made = place.bundle().seal(groups={"beta": ["cisco", "main"]})
    return {"bundle": made, "groups": ["main", "nosuch"]}


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


for what, member, says in (
    ("above its root", tar_member("wheels/../../evil.py"), "wheels/../../evil.py would leave the folder"),
    ("with an absolute path", tar_member("/etc/evil.py"), "/etc/evil.py would leave the folder"),
    (
        "that is a link",
        tar_member("wheels/l.whl", tarfile.SYMTYPE, "/etc/passwd"),
        "wheels/l.whl is neither a file nor a folder",
    ),
    (
        "that is a hard link",
        tar_member("wheels/h.whl", tarfile.LNKTYPE, "bundle.json"),
        "wheels/h.whl is neither a file nor a folder",
    ),
    ("that is a device", tar_member("wheels/d.whl", tarfile.CHRTYPE), "wheels/d.whl is neither a file nor a folder"),
    ("that no manifest names", tar_member("wheels/s/stray.whl"), "wheels/s/stray.whl: is in the bundle"),
):
    for where, far in (("controller", False), ("host", True)):
        case(f"tar with a member {what}, on the {where}", says.replace(".", r"\."), AGAIN, seeded=False)(
            lambda place, member=member, far=far: {"bundle": str(place.bundle().tar([member])), "remote_src": far}
        )
