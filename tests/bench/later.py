# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Later bundles: the example's with other versions of three small packages, for the upgrades."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from pathlib import Path

from place import Place

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel, parse_manifest

CHANGED = 3


def make_later(place: Place, count: int, also: str = "") -> list[Path]:
    """Write bundles that follow each other, each with hard links of the unchanged wheels, and return their folders.

    The smallest packages change, and the one of the name ``also``.
    """
    name = f"bundle-{also or 'later'}"
    return [_make(place, place.work / f"{name}-{number}", f"+bench{number}", also) for number in range(1, count + 1)]


def _make(place: Place, later: Path, suffix: str, also: str) -> Path:
    manifest = parse_manifest((place.bundle / "bundle.json").read_bytes(), str(place.bundle))
    ((target, wheels),) = manifest.targets.items()
    (later / "wheels").mkdir(parents=True)
    chosen = {wheel.file for wheel in [*_small_pure(manifest), *(one for one in wheels if one.name == also)]}
    changed = tuple(_copied(wheel, place.bundle, later, suffix if wheel.file in chosen else "") for wheel in wheels)
    (later / "bundle.json").write_bytes(manifest._replace(targets={target: changed}).encode())
    (later / "requirements").mkdir()
    lines = (f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in changed)
    (later / f"requirements/{target}.txt").write_text("".join(lines), encoding="utf-8")
    return later


def _small_pure(manifest: Manifest) -> list[Wheel]:
    ((_unused, wheels),) = manifest.targets.items()
    pure = [wheel for wheel in wheels if wheel.file.endswith("-none-any.whl") and not wheel.origin]
    return sorted(pure, key=lambda wheel: wheel.size)[:CHANGED]


def _copied(wheel: Wheel, bundle: Path, later: Path, suffix: str) -> Wheel:
    source = bundle / "wheels" / wheel.file
    if not suffix:
        os.link(source, later / "wheels" / wheel.file)
        return wheel
    file = wheel.file.replace(f"-{wheel.version}-", f"-{wheel.version}{suffix}-", 1)
    _repack(source, later / "wheels" / file, wheel.version, suffix)
    data = (later / "wheels" / file).read_bytes()
    return wheel._replace(
        version=wheel.version + suffix, file=file, sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )


def _repack(source: Path, target: Path, version: str, suffix: str) -> None:
    """Write the wheel anew: its dist-info folder, its METADATA and its RECORD say the other version.

    It is a local version: whatever asks for the exact one takes it too (PEP 440).
    """
    rows = []
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.replace(f"-{version}.dist-info/", f"-{version}{suffix}.dist-info/", 1)
            data = old.read(info)
            if name.endswith(".dist-info/METADATA"):
                data = data.replace(f"\nVersion: {version}\n".encode(), f"\nVersion: {version}{suffix}\n".encode(), 1)
            if name.endswith(".dist-info/RECORD"):
                record = name
            elif not info.is_dir():
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                rows.append(f"{name},sha256={digest},{len(data)}\n")
                new.writestr(name, data)
        new.writestr(record, "".join(rows) + f"{record},,\n")
