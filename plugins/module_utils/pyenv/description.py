# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description beside an interpreter's archive: what is in it, and what a host must have to run it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target, parse_target

SCHEMA = 1
SUFFIX = ".json"
# Descriptions come from other machines: no list or text of one is longer than any real one by far.
MOST_ENTRIES = 10_000
LARGEST = 8 << 20
PACK_AGAIN = "Make it again with netdevops.python.pyenv_archive, or copy both files again."

_ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,200}\.tar\.gz")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SONAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,200}")
_LIBC_VERSION = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Description(NamedTuple):
    """What the file beside an archive says.

    Attributes:
        version: The exact version, such as ``3.11.7``.
        implementation: ``cpython``.
        target: The oldest kind of host that it runs on, such as ``cp311-manylinux_2_34_x86_64``.
        arch: ``x86_64`` or ``aarch64``.
        libc: ``glibc`` or ``musl``.
        libc_version: The oldest that will do, such as ``2.34``.
        libraries: The shared libraries (sonames) that the host must have, sorted.
        optional: Those that only modules need which not everybody uses (``_tkinter``), sorted; the host may lack them.
        prefix: The absolute path that it was built for.
        configure_opts: What configure was told, without the paths.
        relocate: The text files, relative to the top folder, that hold the prefix; sorted.
        kind: ``pyenv`` for one of our own, ``install_only`` for one of python-build-standalone.
        without: What was left out on purpose, sorted.
        tree: SHA-256 of the list of files that it was packed from; '' where it was not packed from a folder.
        file: The archive's file name.
        sha256: The archive's digest, lower-case hex.
        size: The archive's size in bytes.
        unpacked: The size of all its files in bytes.
        patches: SHA-256 of each patch that went into it, in the order of their application.
    """

    version: str
    implementation: str
    target: str
    arch: str
    libc: str
    libc_version: str
    libraries: tuple[str, ...]
    optional: tuple[str, ...]
    prefix: str
    configure_opts: tuple[str, ...]
    relocate: tuple[str, ...]
    kind: str
    without: tuple[str, ...]
    tree: str
    file: str
    sha256: str
    size: int
    unpacked: int
    patches: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as the file holds it."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in self._asdict().items()}
        return {"schema": SCHEMA, **plain}

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        return canonical_json(self.as_dict())

    @property
    def parsed_target(self) -> Target:
        """The target as a value."""
        return parse_target(self.target)


def parse_description(data: bytes, subject: str) -> Description:
    """Return the description that the file ``subject`` with the content ``data`` holds.

    Raises:
        Refused: when it is not in canonical form, or not valid.
    """
    if len(data) > LARGEST:
        refuse(subject, f"expected a description, found {len(data)} bytes.", PACK_AGAIN)
    try:
        plain = json.loads(data.decode("utf-8"))
        is_canonical = canonical_json(plain) == data
    except (ValueError, RecursionError):
        refuse(subject, "is no description of an archive: it is cut short or was edited.", PACK_AGAIN)
    if not is_canonical:
        refuse(subject, "is not in canonical form: it was edited.", PACK_AGAIN)
    return description_from(plain, subject)


def description_from(plain: Any, subject: str) -> Description:
    """Return the description that the plain data ``plain`` (see :meth:`Description.as_dict`) is.

    Raises:
        Refused: when a field is missing, unknown, or not what it may be; when fields contradict each other.
    """
    if not isinstance(plain, Mapping):
        refuse(subject, "is no description of an archive.", PACK_AGAIN)
    if plain.get("schema") != SCHEMA:
        refuse(
            subject,
            f"has schema {plain.get('schema')!r}, this version reads {SCHEMA}.",
            "Use the version of the collection that made it.",
        )
    strange = sorted(map(str, set(plain) ^ {"schema", *_FIELDS}))
    if strange:
        refuse(subject, f"has fields missing or unknown: {', '.join(strange[:5])}.", PACK_AGAIN)
    values = {name: _checked(check, plain[name], name, subject) for name, check in _FIELDS.items()}
    return _consistent(Description(**values), subject)


def _checked(check: Callable[[Any], bool], value: Any, name: str, subject: str) -> Any:
    if not check(value):
        _refuse_field(subject, name, value)
    return tuple(value) if isinstance(value, list) else value


def _consistent(described: Description, subject: str) -> Description:
    """Return ``described`` when its target says the same as its other fields."""
    target = described.parsed_target
    version = ".".join(map(str, target.libc_version))
    says = (target.arch, target.libc, version, f"3.{target.python[1]}")
    found = (described.arch, described.libc, described.libc_version, ".".join(described.version.split(".")[:2]))
    if says != found:
        refuse(subject, f"contradicts itself: its target is {described.target}, the rest says {found}.", PACK_AGAIN)
    return described


def _refuse_field(subject: str, name: str, value: Any) -> NoReturn:
    shown = repr(value)
    refuse(subject, f"{name} cannot be {shown[:80]}{'...' if len(shown) > 80 else ''}.", PACK_AGAIN)


def is_archive_name(value: Any) -> bool:
    """Whether ``value`` can be an archive's file name: it becomes a path below a folder."""
    return _matches(_ARCHIVE)(value)


def is_inner_path(value: Any) -> bool:
    """Whether ``value`` is a relative path in normal form that stays below its root."""
    return (
        _is_text(value) and not _CONTROL.search(value) and all(part not in ("", ".", "..") for part in value.split("/"))
    )


def is_prefix(value: Any) -> bool:
    """Whether ``value`` is an absolute path in normal form, of which no shell or Makefile makes something else."""
    return (
        _is_text(value)
        and os.path.isabs(value)
        and os.path.normpath(value) == value
        and not value.startswith("//")
        and value != "/"
        and re.search(r"[\s:'\"$`\\#%&|;<>*?]", value) is None
        and not _CONTROL.search(value)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 4096


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in choices


def _every(check: Callable[[Any], bool], is_set: bool = True) -> Callable[[Any], bool]:
    def valid(value: Any) -> bool:
        if not isinstance(value, (list, tuple)) or len(value) > MOST_ENTRIES or not all(map(check, value)):
            return False
        return not is_set or sorted(set(value)) == list(value)

    return valid


def _is_word(value: Any) -> bool:
    return _is_text(value) and not _CONTROL.search(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 40


_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "version": _matches(EXACT_VERSION),
    "implementation": _one_of("cpython"),
    "target": _matches(re.compile(r"cp3[0-9]+t?-(many|musl)linux_[0-9]+_[0-9]+_(x86_64|aarch64)")),
    "arch": _one_of("x86_64", "aarch64"),
    "libc": _one_of("glibc", "musl"),
    "libc_version": _matches(_LIBC_VERSION),
    "libraries": _every(_matches(_SONAME)),
    "optional": _every(_matches(_SONAME)),
    "prefix": is_prefix,
    "configure_opts": _every(_is_word, is_set=False),
    "relocate": _every(is_inner_path),
    "kind": _one_of("pyenv", "install_only"),
    "without": _every(_is_word),
    "tree": lambda value: value == "" or _matches(_SHA256)(value),
    "file": is_archive_name,
    "sha256": _matches(_SHA256),
    "size": _is_size,
    "unpacked": _is_size,
    "patches": _every(_matches(_SHA256), is_set=False),
}
