# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small wheels and bundles, right ones and ones with exactly one fault."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import stat
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel

EPOCH = (2026, 1, 1, 0, 0, 0)
WHEEL_TEXT = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
TARGET = "cp311-manylinux_2_28_x86_64"

Rows = dict[str, str]


def row(path: str, data: bytes) -> str:
    """Return the line of a RECORD for a file."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}"


def member(name: str, mode: int = 0o644, kind: int = stat.S_IFREG) -> zipfile.ZipInfo:
    """Return the header of an archive member."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = (kind | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def write_zip(path: pathlib.Path, members: Sequence[tuple[zipfile.ZipInfo, bytes]]) -> None:
    """Write an archive of these members, also where a name comes twice."""
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in members:
            archive.fp.seek(archive.start_dir)  # type: ignore[union-attr]
            archive.NameToInfo.pop(info.filename, None)  # Only a warning's worth to zipfile: a fault that is wanted.
            archive.writestr(info, data)


def describe(path: pathlib.Path, name: str, version: str, groups: Sequence[str] = ("main",)) -> Wheel:
    """Return what a manifest says of the wheel at ``path``."""
    data = path.read_bytes()
    return Wheel(name, version, path.name, hashlib.sha256(data).hexdigest(), len(data), tuple(groups))


def make_wheel(
    folder: pathlib.Path,
    name: str = "spam",
    version: str = "1.0",
    files: Mapping[str, bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    entry_points: str = "",
    executable: Sequence[str] = (),
    wheel_text: str | None = WHEEL_TEXT,
    extra: Sequence[tuple[zipfile.ZipInfo, bytes]] = (),
    edit_rows: Callable[[Rows], Any] | None = None,
    record: bytes | None = None,
    groups: Sequence[str] = ("main",),
) -> Wheel:
    """Write a wheel into ``folder`` and return what a manifest says of it.

    Args:
        folder: Where to.
        name: Normalized name of the project.
        version: Its version.
        files: Content by member name; ``{data}`` in a name stands for the wheel's .data folder.
        tag: The last three parts of the file name.
        entry_points: Text of its entry_points.txt.
        executable: Members that may be run.
        wheel_text: Text of its WHEEL file; None for none.
        extra: Further members, with rows in RECORD.
        edit_rows: Changes the rows of RECORD, by member name, before it is written.
        record: The bytes of RECORD, where no rows make them.
        groups: The groups that want it.
    """
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    content = {f"{name.replace('-', '_')}/__init__.py": f"VERSION = {version!r}\n".encode()} if files is None else files
    members = [
        (member(found, 0o755 if found in executable else 0o644), data)
        for found, data in ((key.replace("{data}", f"{stem}.data"), value) for key, value in content.items())
    ]
    members.append((member(f"{info}/METADATA"), f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()))
    if wheel_text is not None:
        members.append((member(f"{info}/WHEEL"), wheel_text.encode()))
    if entry_points:
        members.append((member(f"{info}/entry_points.txt"), entry_points.encode()))
    members += extra
    rows = {header.filename: row(header.filename, data) for header, data in members}
    rows[f"{info}/RECORD"] = f"{info}/RECORD,,"
    if edit_rows:
        edit_rows(rows)
    text = "".join(line + "\n" for line in rows.values()).encode() if record is None else record
    members.append((member(f"{info}/RECORD"), text))
    path = folder / f"{stem}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    write_zip(path, members)
    return describe(path, name, version, groups)


def flip_byte(path: pathlib.Path, offset: int = 100) -> None:
    """Change one byte of a file, as a bad disk would."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(bytes(data))


def make_manifest(wheels: Sequence[Wheel], target: str = TARGET, pin: str = "", project: str = "demo") -> Manifest:
    """Return a manifest of one target."""
    groups = tuple(sorted({group for wheel in wheels for group in wheel.groups} | {"main"}))
    lock = {"format": "poetry.lock", "sha256": "0" * 64}
    return Manifest({"name": project, "version": "1.0"}, pin, lock, groups, (), {target: tuple(sorted(wheels))})


def seal(folder: pathlib.Path, wheels: Sequence[Wheel], target: str = TARGET, pin: str = "") -> Manifest:
    """Write the manifest of the bundle in ``folder``, whose wheels lie in ``wheels/`` already."""
    manifest = make_manifest(wheels, target, pin)
    (folder / "wheels").mkdir(parents=True, exist_ok=True)
    (folder / "bundle.json").write_bytes(manifest.encode())
    return manifest


def pack(folder: pathlib.Path, tar: pathlib.Path, mode: str = "w") -> pathlib.Path:
    """Write the tar of a bundle's folder."""
    with tarfile.open(tar, mode) as archive:
        for name in ("bundle.json", "wheels"):
            archive.add(folder / name, name)
    return tar


def snapshot(root: pathlib.Path) -> dict[str, tuple[Any, ...]]:
    """Return all that lies below ``root``: mode, owner, times and content by path, so that any change shows."""
    found: dict[str, tuple[Any, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = pathlib.Path(folder, name)
            status = path.lstat()
            content: Any = None
            if path.is_symlink():
                content = os.readlink(path)
            elif path.is_file():
                content = path.read_bytes()
            found[str(path.relative_to(root))] = (
                status.st_mode,
                status.st_uid,
                status.st_gid,
                status.st_mtime_ns,
                content,
            )
    return found
