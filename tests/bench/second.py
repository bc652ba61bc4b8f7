# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second bundle: the first with another version of three small packages, for the upgrade."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from pathlib import Path

from place import Place

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel, parse_manifest

CHANGED = 3
SUFFIX = "+bench"  # a local version: whatever asks for the exact one takes it too (PEP 440)


def make_second(place: Place) -> Path:
    """Write the second bundle, whose unchanged wheels are hard links, and return its folder."""
    manifest = parse_manifest((place.bundle / "bundle.json").read_bytes(), str(place.bundle))
    ((target, wheels),) = manifest.targets.items()
    second = place.work / "bundle-b"
    (second / "wheels").mkdir(parents=True)
    chosen = {wheel.file for wheel in _small_pure(manifest)}
    changed = tuple(_copied(wheel, place.bundle, second, wheel.file in chosen) for wheel in wheels)
    (second / "bundle.json").write_bytes(manifest._replace(targets={target: changed}).encode())
    (second / "requirements").mkdir()
    lines = (f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in changed)
    (second / f"requirements/{target}.txt").write_text("".join(lines), encoding="utf-8")
    return second


def _small_pure(manifest: Manifest) -> list[Wheel]:
    ((_, wheels),) = manifest.targets.items()
    pure = [wheel for wheel in wheels if wheel.file.endswith("-none-any.whl") and not wheel.origin]
    return sorted(pure, key=lambda wheel: wheel.size)[:CHANGED]


def _copied(wheel: Wheel, bundle: Path, second: Path, change: bool) -> Wheel:
    source = bundle / "wheels" / wheel.file
    if not change:
        os.link(source, second / "wheels" / wheel.file)
        return wheel
    file = wheel.file.replace(f"-{wheel.version}-", f"-{wheel.version}{SUFFIX}-", 1)
    _repack(source, second / "wheels" / file, wheel.version)
    data = (second / "wheels" / file).read_bytes()
    return wheel._replace(
        version=wheel.version + SUFFIX, file=file, sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )


def _repack(source: Path, target: Path, version: str) -> None:
    """Write the wheel anew under another version: its dist-info folder, its METADATA and its RECORD say so."""
    rows = []
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.replace(f"-{version}.dist-info/", f"-{version}{SUFFIX}.dist-info/", 1)
            data = old.read(info)
            if name.endswith(".dist-info/METADATA"):
                data = data.replace(f"\nVersion: {version}\n".encode(), f"\nVersion: {version}{SUFFIX}\n".encode(), 1)
            if name.endswith(".dist-info/RECORD"):
                record = name
            elif not info.is_dir():
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                rows.append(f"{name},sha256={digest},{len(data)}\n")
                new.writestr(name, data)
        new.writestr(record, "".join(rows) + f"{record},,\n")
