# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ``install_only`` archive of python-build-standalone that nobody described: what it says of itself, unrun.

Such an archive is built for the path ``/install``. Its programs find their libraries by ``$ORIGIN``; its scripts find
the program beside them; what is left are the variables of the build, the Makefile and the files for pkg-config.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.elf import Elf, is_elf, read_elf
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import survey
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import (
    Description,
    description_from,
    is_archive_name,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.relocate import holds_prefix
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import FILE, Member, Reader, opened

# No interpreter is near it; it ends an archive that never ends.
LARGEST_UNPACKED = 4 << 30
# What it is built for. Releases whose variables are computed when they are imported do not name it as a value.
PREFIX = "/install"
# python-build-standalone builds with musl 1.2; unlike glibc, musl marks no file with the version that it needs.
MUSL = (1, 2)
ANOTHER = "Name an install_only archive (.tar.gz) of python-build-standalone for Linux."

# The prefix is a common word there: only where a path is expected is it taken for one.
_TEXTS = re.compile(
    r"lib/python3\.[0-9]+t?/(_sysconfigdata_[^/]*\.py|_sysconfig_vars_[^/]*\.json|build-details\.json"
    r"|config-[^/]*/(Makefile|python-config\.py))"
    r"|lib/pkgconfig/[^/]*\.pc|bin/[^/]*"
)
_PATCHLEVEL = re.compile(r"include/(?P<library>python3\.[0-9]+t?)/patchlevel\.h")
_VERSION = re.compile(rb'^#define\s+PY_VERSION\s+"([^"+]+)\+?"', re.MULTILINE)


class _Read(NamedTuple):
    """What was read of an archive's files: the ELF files, the texts that may name the prefix, and the sum of sizes."""

    elves: dict[str, Elf]
    texts: dict[str, bytes]
    unpacked: int


def describe_archive(path: str, sha256: str, optional_modules: Sequence[str] = survey.OPTIONAL) -> Description:
    """Return the description of the archive at ``path``, read from its own ELF files, headers and ``sysconfig`` data.

    Args:
        path: The archive; it is read to its end, and nothing of it is run or written.
        sha256: The digest that it must have, lower-case hex; checked before anything else is looked at.
        optional_modules: Modules whose libraries a host may lack.

    Raises:
        Refused: when it is missing, has another digest, is not safe to unpack, or is no such archive.
    """
    if not is_archive_name(os.path.basename(path)):
        refuse(path, "expected an archive whose name ends with .tar.gz.", ANOTHER)
    with opened(path, sha256) as stream:
        size = os.fstat(stream.fileno()).st_size
        read = _read(Reader(stream, path, LARGEST_UNPACKED), path)
    version, abi = _version(read.texts, path)
    variables = _variables(read.texts, path)
    prefix = str(variables.get("prefix", PREFIX))
    needs = survey.needs_of(read.elves, optional_modules, path)
    plain = Description(
        version=version,
        implementation="cpython",
        prefix=prefix,
        configure_opts=survey.configure_options(str(variables.get("CONFIG_ARGS", ""))),
        relocate=tuple(sorted(name for name, data in read.texts.items() if holds_prefix(data, prefix))),
        kind="install_only",
        without=(),
        tree="",
        file=os.path.basename(path),
        sha256=sha256,
        size=size,
        unpacked=read.unpacked,
        **survey.fields_of(needs, abi, MUSL),
    )
    return description_from(plain.as_dict(), path)


def _read(reader: Reader, subject: str) -> _Read:
    elves, texts = {}, {}
    for member in reader.members():
        if member.kind != FILE:
            continue
        head = next(reader.chunks(), b"")
        if is_elf(head):
            elves[member.path] = read_elf(head + b"".join(reader.chunks()), f"{subject}: {member.path}")
        elif _is_wanted(member):
            texts[member.path] = head + b"".join(reader.chunks())
    return _Read(elves, texts, reader.total)


def _is_wanted(member: Member) -> bool:
    return member.size < 1 << 24 and bool(_TEXTS.fullmatch(member.path) or _PATCHLEVEL.fullmatch(member.path))


def _version(texts: dict[str, bytes], subject: str) -> tuple[str, str]:
    """Return the exact version, and the ABI tag."""
    for path, data in texts.items():
        place, said = _PATCHLEVEL.fullmatch(path), _VERSION.search(data)
        version = said.group(1).decode("ascii", "replace") if said else ""
        if place and EXACT_VERSION.fullmatch(version):
            return version, "cp" + place["library"][len("python") :].replace(".", "")
    refuse(subject, "holds no header that tells the version of CPython.", ANOTHER)


def _variables(texts: dict[str, bytes], subject: str) -> dict[str, Any]:
    for path, data in sorted(texts.items()):
        variables = survey.build_variables(data, f"{subject}: {path}") if survey.SYSCONFIG.fullmatch(path) else {}
        if variables:
            return variables
    refuse(subject, "holds no variables of its build (_sysconfigdata).", ANOTHER)
