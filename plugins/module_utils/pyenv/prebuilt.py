# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prebuilt interpreters: which archives there are, which of them runs here, and how one gets onto the disk."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import (
    LARGEST,
    SUFFIX,
    Description,
    parse_description,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import Machine


class Prebuilt(NamedTuple):
    """An archive and what the file beside it says of it.

    Attributes:
        path: The archive; '' while it is only offered from elsewhere.
        description: Its description.
    """

    path: str
    description: Description


def find(place: str, version: str) -> list[Prebuilt]:
    """Return the described archives at ``place``: the file itself, or in a folder those of ``version`` by name.

    Raises:
        Refused: when there is nothing at ``place``, a description is missing, invalid or without its archive.
    """
    if os.path.isdir(place):
        return [_described(path[: -len(SUFFIX)]) for path in _of_version(place, version)]
    if not os.path.isfile(place):
        refuse(place, "expected an interpreter's archive or a folder of them, found nothing.", "Name one in `archive`.")
    return [_described(place)]


def _of_version(folder: str, version: str) -> list[str]:
    # Ours are called cpython-3.11.7-<target>, those of python-build-standalone cpython-3.11.7+<date>-<triple>-...
    names = f"cpython-{glob.escape(version)}[-+]*.tar.gz{SUFFIX}"
    return sorted(glob.glob(os.path.join(glob.escape(folder), names)))


def _described(path: str) -> Prebuilt:
    beside = path + SUFFIX
    try:
        with open(beside, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        refuse(
            path,
            f"expected its description at {beside}, found none.",
            "Copy both files; for an archive of python-build-standalone, name its archive_sha256, "
            "or describe it with netdevops.python.pyenv_archive (src).",
        )
    except OSError as error:
        refuse(beside, f"cannot be read: {error.strerror}.", "Check its permissions.")
    if not os.path.isfile(path):
        refuse(path, "expected the archive beside its description, found none.", "Copy both files.")
    return Prebuilt(path, parse_description(data, beside))


def choose(candidates: Sequence[Prebuilt], version: str, machine: Machine) -> Prebuilt:
    """Return the archive of ``version`` that fits ``machine`` best: the newest libc among those that run there.

    Raises:
        Refused: when none does; says of each candidate why not.
    """
    if not candidates:
        refuse(f"archive of Python {version}", "found none.", "Make one with netdevops.python.pyenv_archive.")
    reasons = {one: obstacles(one.description, version, machine) for one in candidates}
    fitting = [one for one, found in reasons.items() if not found]
    if not fitting:
        raise Refused([problem for found in reasons.values() for problem in found])
    return max(fitting, key=lambda one: (one.description.parsed_target.libc_version, one.description.file))


def obstacles(description: Description, version: str, machine: Machine) -> list[Problem]:
    """Return everything that keeps the archive from being ``version`` on ``machine``; empty when it runs there."""
    reasons = []
    if description.version != version:
        reasons.append(f"holds Python {description.version}, {version} is asked for")
    if description.arch != machine.arch:
        reasons.append(f"is for {description.arch}, this host is {machine.arch}")
    if description.libc != machine.libc:
        reasons.append(f"needs {description.libc}, this host has {machine.libc}")
    elif not _is_new_enough(description, machine):
        here = ".".join(map(str, machine.libc_version))
        reasons.append(f"needs {description.libc} {description.libc_version} or newer, this host has {here}")
    step = "Make one for this kind of host with netdevops.python.pyenv_archive."
    is_same_kind = (description.arch, description.libc) == (machine.arch, machine.libc)
    missing = [name for name in description.libraries if is_same_kind and not machine.has_library(name)]
    if missing:
        step = step if reasons else "Install them."
        reasons.append(f"needs shared libraries that this host does not have: {', '.join(missing)}")
    return [Problem(description.file, "; ".join(reasons) + ".", step)] if reasons else []


def _is_new_enough(description: Description, machine: Machine) -> bool:
    needed = description.parsed_target.libc_version
    return needed[0] == machine.libc_version[0] and needed <= machine.libc_version


def unpack(prebuilt: Prebuilt, folder: str, prefix: str) -> None:
    """Unpack an archive into ``folder``, and make of it an interpreter that lives at ``prefix``.

    Size and digest are checked before a byte is unpacked. Whatever ends it in the middle (an error, a kill, a full
    disk), only ``folder`` is half filled, and the caller throws it away.

    Args:
        prebuilt: The archive.
        folder: An absent folder whose parent is there; afterwards it holds ``bin``, ``lib`` ...
        prefix: The absolute path at which that folder is going to be found.

    Raises:
        Refused: when the archive is not what its description says, or not safe to unpack; when the disk is too small.
        OSError: when it cannot be written.
    """
    # Few runs unpack, and these bring tarfile and more along.
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.relocate import relocate
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import opened, unpack_archive

    description = prebuilt.description
    with opened(prebuilt.path, description.sha256, description.size) as stream:
        _check_room(folder, description)
        unpack_archive(stream, folder, prebuilt.path, description.unpacked)
    relocate(folder, description.relocate, description.prefix, prefix, prebuilt.path)


def _check_room(folder: str, description: Description) -> None:
    disk = os.statvfs(os.path.dirname(folder))
    free = disk.f_bavail * disk.f_frsize
    if free < description.unpacked:
        refuse(
            folder,
            f"needs {_megabytes(description.unpacked)} for Python {description.version}, found {_megabytes(free)} free.",
            "Free space there, or choose another `root`.",
        )


def _megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000)} MB"
