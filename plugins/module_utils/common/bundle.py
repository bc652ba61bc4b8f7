# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle on disk: a folder, or one tar of it. Only what the manifest names is ever used."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    DESCRIPTION_SUFFIX,
    INTERPRETERS_FOLDER,
    MANIFEST_FILE,
    REBUILD,
    WHEELS_FOLDER,
    Carried,
    Manifest,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular

try:  # An interpreter can be built without it, and then opens no such tar.
    from lzma import LZMAError
except ImportError:
    _LZMA_ERRORS: tuple[type[Exception], ...] = ()
else:
    _LZMA_ERRORS = (LZMAError,)

SIGNATURE_FILE = MANIFEST_FILE + ".sig"
PRIVATE = 0o700
# A manifest has some 300 bytes for each wheel.
MOST_BYTES = 64 << 20
HOLDERS = (WHEELS_FOLDER, INTERPRETERS_FOLDER)
_DAMAGED: tuple[type[Exception], ...] = (EOFError, tarfile.TarError, zlib.error, *_LZMA_ERRORS)
_UNREADABLE: tuple[type[Exception], ...] = (OSError, *_DAMAGED)


class Bundle(NamedTuple):
    """A bundle that was opened.

    Attributes:
        folder: Where its wheels lie, below ``wheels/``.
        manifest: What it says it holds.
    """

    folder: str
    manifest: Manifest

    def wheel_path(self, file: str) -> str:
        """Return the path of one of its wheels."""
        return os.path.join(self.folder, WHEELS_FOLDER, file)


def read_manifest_bytes(path: str) -> bytes:
    """Return the bytes of the manifest of the bundle at ``path``, a folder or a tar.

    Raises:
        Refused: when there is no bundle.
    """
    try:
        data = _read(path, MANIFEST_FILE)
    except FileNotFoundError:
        refuse(
            path,
            f"expected a bundle with {MANIFEST_FILE}, found none.",
            "Build it first (netdevops.python.wheelhouse_build).",
        )
    except _UNREADABLE as error:
        refuse(path, f"cannot be read as a bundle: {error}.", REBUILD)
    if data is None:
        refuse(path, f"expected a tar of a bundle, with {MANIFEST_FILE} at its top.", REBUILD)
    return data


def _read(path: str, name: str) -> bytes | None:
    """Return the bytes of a file of the bundle at ``path``; None where a tar does not hold it."""
    if os.path.isdir(path):
        read = read_regular(os.path.join(path, name), MOST_BYTES + 1)
        return _bounded(read[0], name) if read else None
    with tarfile.open(path) as archive:
        found = [member for member in archive.getmembers() if _inside(member) == name]
        member = archive.extractfile(found[-1]) if found else None
        return _bounded(member.read(MOST_BYTES + 1), name) if member else None


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MOST_BYTES:
        raise tarfile.ReadError(f"{name} is larger than {MOST_BYTES >> 20} MiB")
    return data


def read_signature(path: str) -> bytes:
    """Return the bytes of the signature of the bundle at ``path``; none where it is not signed.

    Raises:
        Refused: when it cannot be read.
    """
    try:
        return _read(path, SIGNATURE_FILE) or b""
    except FileNotFoundError:
        return b""
    except _UNREADABLE as error:
        refuse(f"{path}, {SIGNATURE_FILE}", f"cannot be read: {error}.", REBUILD)


def read_description(path: str, carried: Carried) -> bytes:
    """Return the bytes of the description of an interpreter of the bundle at ``path``, as the manifest names it.

    Raises:
        Refused: when it is missing or another one.
    """
    name = f"{INTERPRETERS_FOLDER}/{carried.file}{DESCRIPTION_SUFFIX}"
    try:
        data = _read(path, name)
    except FileNotFoundError:
        data = None
    except _UNREADABLE as error:
        refuse(name, f"cannot be read from the bundle: {error}.", REBUILD)
    if data is None:
        refuse(name, "expected it in the bundle, found nothing.", REBUILD)
    found = digest_bytes(data)
    if found != carried.description:
        refuse(name, f"expected SHA-256 {carried.description}, found {found}: it was edited.", REBUILD)
    return data


def check_bundle_id(path: str, found: str, wanted: str | None) -> None:
    """Refuse the bundle at ``path`` when its id is not the one that was asked for."""
    if wanted and found != wanted:
        refuse(
            path,
            f"expected the bundle {wanted}, found {found}.",
            "Deliver the bundle that was approved, or approve this one.",
        )


def open_bundle(path: str, unpack_to: str) -> Bundle:
    """Open the bundle at ``path``; a tar is unpacked into the folder ``unpack_to``.

    Raises:
        Refused: when it is no bundle, holds wheels that its manifest does not name, or members that are unsafe.
    """
    manifest = parse_manifest(read_manifest_bytes(path), os.path.join(path, MANIFEST_FILE))
    if os.path.isdir(path):
        refuse_strays(path, manifest)
        return Bundle(path, manifest)
    _unpack(path, unpack_to, manifest)
    return Bundle(unpack_to, manifest)


def refuse_strays(folder: str, manifest: Manifest) -> None:
    """Refuse a bundle's folder that holds a wheel or an interpreter which the manifest does not name.

    Nothing would install it, but somebody put it there: what is in a bundle is what was compiled.
    """
    there = []
    for name in HOLDERS:
        holder = os.path.join(folder, name)
        there += [f"{name}/{file}" for file in os.listdir(holder)] if os.path.isdir(holder) else []
    _refuse_unnamed(there, manifest)


def _refuse_unnamed(files: Iterable[str], manifest: Manifest) -> None:
    strays = sorted(set(files) - _files(manifest))
    refuse_all([Problem(stray, "is in the bundle, and its manifest does not name it.", REBUILD) for stray in strays])


def interpreter_files(path: str, carried: Carried, unpack_to: str) -> str:
    """Return the path of an interpreter's archive of the bundle at ``path``, with its description beside it.

    Args:
        path: The bundle, a folder or a tar.
        carried: What its manifest says of the archive. Nothing of that is checked here.
        unpack_to: A new folder for the two files, where the bundle is a tar.

    Raises:
        Refused: when the bundle is damaged.
    """
    if os.path.isdir(path):
        return os.path.join(path, INTERPRETERS_FOLDER, carried.file)
    os.mkdir(unpack_to, PRIVATE)
    wanted = {f"{INTERPRETERS_FOLDER}/{file}": os.path.join(unpack_to, file) for file in carried.digests()}
    try:
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                target = wanted.pop(_inside(member), "")
                if target:
                    _unpack_member(archive, member, target)
    except _DAMAGED as error:
        refuse(path, f"is cut short or damaged: {error}.", REBUILD)
    return os.path.join(unpack_to, carried.file)


def _inside(member: tarfile.TarInfo) -> str:
    """Return a member's name relative to the bundle: ``tar -C bundle -cf bundle.tar .`` writes ``./`` before each."""
    name = member.name
    while name.startswith("./"):
        name = name[2:]
    return name


def _files(manifest: Manifest) -> set[str]:
    wheels = {f"{WHEELS_FOLDER}/{wheel.file}" for listed in manifest.targets.values() for wheel in listed}
    carried = manifest.interpreters.values()
    return wheels | {f"{INTERPRETERS_FOLDER}/{file}" for one in carried for file in one.digests()}


def _unpack(path: str, folder: str, manifest: Manifest) -> None:
    os.mkdir(folder, PRIVATE)
    os.mkdir(os.path.join(folder, WHEELS_FOLDER), PRIVATE)
    try:
        with tarfile.open(path) as archive:
            members = archive.getmembers()
            _check_members(members, path, manifest)
            for member in members:
                if _inside(member).startswith(WHEELS_FOLDER + "/"):
                    _unpack_member(archive, member, os.path.join(folder, _inside(member)))
    except _DAMAGED as error:
        refuse(path, f"is cut short or damaged: {error}.", REBUILD)


def _check_members(members: Iterable[tarfile.TarInfo], path: str, manifest: Manifest) -> None:
    problems = []
    held = []
    for member in members:
        parts = _inside(member).split("/")
        if member.name.startswith("/") or ".." in parts:
            problems.append(Problem(path, f"its member {member.name} would leave the folder.", REBUILD))
        elif not (member.isreg() or member.isdir()):
            problems.append(Problem(path, f"its member {member.name} is neither a file nor a folder.", REBUILD))
        elif parts[0] in HOLDERS and member.isreg():
            held.append("/".join(parts))
    refuse_all(problems)
    _refuse_unnamed(held, manifest)


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, target: str) -> None:
    source = archive.extractfile(member) if member.isreg() else None
    if source is None:
        return
    with source, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
