# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of an interpreter: what was installed, from what, and when; written last and synced."""

from __future__ import annotations

import contextlib
import errno
import glob
import json
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json, digest_stream
from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import is_inner_path

SCHEMA = 1
RECEIPT = "receipt.json"
KINDS = ("cache", "mirror", "internet", "archive", "adopted")
# A receipt can be anybody's, and is read before it is known whose. No real one comes near to these.
LARGEST = 1 << 18
LARGEST_BINARY = 1 << 30
MOST_BINARIES = 64
# What says that a file is not there, or is none; any other error says nothing of it.
MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EFBIG)


class Origin(NamedTuple):
    """What an interpreter came from: a kind (one of KINDS), a file name or a URL, and that file's digest; '' when unknown."""

    kind: str
    place: str = ""
    sha256: str = ""


class Receipt(NamedTuple):
    """What ``receipt.json`` in the version's folder holds.

    Attributes:
        version: The exact version.
        target: The kind of host that it was proven on, such as ``cp311-manylinux_2_36_x86_64``.
        origin: ``kind`` (one of KINDS), ``place`` (a file name or a URL) and ``sha256`` of what it came from; the last
            two are '' for one that was adopted.
        configure_opts: The options that configure was given beside those of python-build.
        core: SHA-256 of each of the interpreter's own binaries, by relative path.
        installed_at: When, in UTC (ISO 8601, seconds).
        patches: SHA-256 of each patch of the user's that went into it, in the order of their application.
        modules: What it proved to import when it was installed; when one of these does not any more, it was damaged.
    """

    version: str
    target: str
    origin: Mapping[str, str]
    configure_opts: tuple[str, ...]
    core: Mapping[str, str]
    installed_at: str
    patches: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        return canonical_json({"schema": SCHEMA, **self._asdict()})


def read_receipt(folder: str) -> Receipt | None:
    """Return the receipt of the interpreter in ``folder``; None where it has none that can be read and believed."""
    try:
        return load_receipt(folder)
    except OSError:
        return None


def load_receipt(folder: str) -> Receipt | None:
    """Return the receipt of the interpreter in ``folder``; None where it has none that can be believed.

    Raises:
        OSError: when it cannot be read, so that it is not known whether there is one.
    """
    try:
        with _opened(os.path.join(folder, RECEIPT), LARGEST, os.O_NOFOLLOW) as stream:
            plain = json.loads(stream.read(LARGEST))
    except OSError as error:
        if error.errno in MISSING:
            return None
        raise
    except (ValueError, RecursionError):
        return None
    return _believed(plain)


def digest_binary(path: str) -> str:
    """Return the SHA-256 of one of an interpreter's own binaries.

    Raises:
        OSError: when it cannot be read, or cannot be one.
    """
    with _opened(path, LARGEST_BINARY) as stream:
        return digest_stream(stream)


@contextlib.contextmanager
def _opened(path: str, largest: int, flags: int = 0) -> Iterator[BinaryIO]:
    """Open a file of at most ``largest`` bytes; a pipe or a device would have root wait or read for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    with open(descriptor, "rb", buffering=0) as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.ENXIO, "It is not a file", path)
        if found.st_size > largest:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
        yield stream


def _believed(plain: Any) -> Receipt | None:
    try:
        if plain.pop("schema") != SCHEMA:
            return None
        plain.update({name: tuple(plain[name]) for name in ("configure_opts", "patches", "modules")})
        receipt = Receipt(**plain)
        return receipt if _is_whole(receipt) else None
    except (TypeError, KeyError, AttributeError):
        return None


def write_receipt(folder: str, receipt: Receipt) -> None:
    """Write ``receipt`` into ``folder``, for the folder's owner; to be called when all else is on the disk.

    Raises:
        OSError: when it cannot be written.
    """
    mode = os.stat(folder).st_mode & 0o666
    write_atomic(os.path.join(folder, RECEIPT), receipt.encode(), mode, owner=owner_of(folder))


def core_files(folder: str, version: str) -> list[str]:
    """Return the relative paths of the interpreter's own binaries, sorted; links are left out, but for the program itself."""
    feature = ".".join(version.split(".")[:2])
    program = re.compile(rf"bin/python{re.escape(feature)}[a-z]*|lib/libpython[^/]*\.so[^/]*")
    paths = (os.path.relpath(path, folder) for path in glob.glob(f"{glob.escape(folder)}/[bl]i[nb]/*"))
    found = (path for path in paths if program.fullmatch(path))
    return sorted(path for path in found if _counts(folder, path, f"bin/python{feature}"))


def core_digests(folder: str, version: str) -> dict[str, str]:
    """Return the SHA-256 of each of :func:`core_files`.

    Raises:
        OSError: when one of them cannot be read.
    """
    return {name: digest_binary(os.path.join(folder, name)) for name in core_files(folder, version)}


def new_receipt(
    folder: str,
    said: Interpreter,
    origin: Origin,
    configure_opts: Sequence[str],
    patches: Sequence[str],
    modules: Sequence[str],
) -> Receipt:
    """Return the receipt of the interpreter in ``folder`` that said ``said`` of itself, and proved that ``modules`` import.

    Raises:
        OSError: when its binaries cannot be read.
    """
    return Receipt(
        said.version,
        said.target.name,
        dict(origin._asdict()),
        tuple(configure_opts),
        core_digests(folder, said.version),
        _utc_now(),
        tuple(patches),
        tuple(modules),
    )


def _counts(folder: str, name: str, program: str) -> bool:
    """Whether it is a file that is not counted under another name; of the program itself, what a link leads to counts."""
    path = os.path.join(folder, name)
    return os.path.isfile(path) and (name == program or not os.path.islink(path))


def _utc_now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _is_whole(receipt: Receipt) -> bool:
    texts: list[Any] = [receipt.version, receipt.target, receipt.installed_at, *receipt.configure_opts]
    texts += [*receipt.patches, *receipt.modules, *receipt.core, *receipt.core.values()]
    texts += [receipt.origin["kind"], receipt.origin["place"], receipt.origin["sha256"]]
    is_core = 0 < len(receipt.core) <= MOST_BINARIES and all(map(is_inner_path, receipt.core))
    return is_core and all(isinstance(text, str) for text in texts)
