# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle folder as it is found: what it says of itself, and what of that is true."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    INTERPRETERS_FOLDER,
    MANIFEST_FILE,
    WHEELS_FOLDER,
    Manifest,
    parse_manifest,
)

ELSEWHERE = "Name an empty or a new folder in `dest`."


class Found(NamedTuple):
    """What is at the destination.

    Attributes:
        path: The folder.
        manifest: Its manifest, or None where there is none that can be read.
        whole: SHA-256 to path of the wheels and interpreters that are what the manifest says.
        wrong: File name below the folder to what is wrong with it.
    """

    path: str
    manifest: Manifest | None
    whole: Mapping[str, str]
    wrong: Mapping[str, str]


def check_destination(dest: str) -> str:
    """Return the folder that a bundle is to be written to, with links resolved.

    Raises:
        Refused: when it is relative, a root, a file, or a folder that holds something else than a bundle.
    """
    if not os.path.isabs(dest):
        refuse(f"dest {dest!r}", "expected an absolute path.", "Write it in full.")
    path = os.path.realpath(dest)
    if path == "/":
        refuse(f"dest {dest!r}", "is the root of the file system.", ELSEWHERE)
    if not os.path.lexists(path):
        return path
    if not os.path.isdir(path):
        refuse(dest, "expected a folder, found a file.", ELSEWHERE)
    try:
        there = os.listdir(path)
    except OSError as error:
        refuse(dest, f"cannot be read: {error.strerror}.", ELSEWHERE)
    if there and MANIFEST_FILE not in there:
        refuse(dest, f"holds {len(there)} entries and is no bundle (it has no {MANIFEST_FILE}).", ELSEWHERE)
    return path


def look(path: str) -> Found:
    """Return what is at ``path``: every wheel and interpreter is read, since a size says little."""
    wrong: dict[str, str] = {}
    manifest = _manifest(path, wrong)
    if manifest is None:
        return Found(path, None, {}, wrong)
    named = named_files(manifest)
    whole: dict[str, str] = {}
    for name, sha256 in sorted(named.items()):
        _check(path, name, sha256, whole, wrong)
    for folder in (WHEELS_FOLDER, INTERPRETERS_FOLDER):
        strays = {f"{folder}/{file}" for file in _files(os.path.join(path, folder))} - set(named)
        wrong.update(dict.fromkeys(strays, "is not in the manifest"))
    return Found(path, manifest, whole, wrong)


def named_files(manifest: Manifest) -> dict[str, str]:
    """Return the SHA-256 by name below the bundle of the wheels and the interpreters."""
    wheels = {wheel for listed in manifest.targets.values() for wheel in listed}
    named = {f"{WHEELS_FOLDER}/{wheel.file}": wheel.sha256 for wheel in wheels}
    for carried in manifest.interpreters.values():
        named.update({f"{INTERPRETERS_FOLDER}/{file}": sha256 for file, sha256 in carried.digests().items()})
    return named


def _manifest(path: str, wrong: dict[str, str]) -> Manifest | None:
    file = os.path.join(path, MANIFEST_FILE)
    try:
        with open(file, "rb") as stream:
            return parse_manifest(stream.read(), file)
    except FileNotFoundError:
        return None
    except OSError as error:
        wrong[MANIFEST_FILE] = f"cannot be read: {error.strerror}"
    except Refused as refused:
        wrong[MANIFEST_FILE] = refused.problems[0].message
    return None


def _check(path: str, name: str, sha256: str, whole: dict[str, str], wrong: dict[str, str]) -> None:
    file = os.path.join(path, name)
    try:
        if stat.S_ISREG(os.lstat(file).st_mode) and digest_file(file) == sha256:
            whole[sha256] = file
        else:
            wrong[name] = "is not what the manifest says"
    except OSError as error:
        wrong[name] = f"cannot be read: {error.strerror}"


def derived_wrong(path: str, derived: Mapping[str, bytes], kept: frozenset[str]) -> dict[str, str]:
    """Return what is wrong with the files that follow from the manifest, and every other file but ``kept``.

    Args:
        path: The bundle.
        derived: File name below it to what it must hold.
        kept: Names at its top level that others look after.
    """
    wrong = {}
    for name, data in sorted(derived.items()):
        if _content(os.path.join(path, name)) != data:
            wrong[name] = "is not what follows from the manifest"
    tops = {name.split("/")[0] for name in derived} | kept | {WHEELS_FOLDER, MANIFEST_FILE}
    for entry in _files(path):
        if entry not in tops:
            wrong[entry] = "does not belong to the bundle"
    return wrong


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _files(path: str) -> Iterator[str]:
    try:
        yield from sorted(os.listdir(path))
    except OSError:
        return
