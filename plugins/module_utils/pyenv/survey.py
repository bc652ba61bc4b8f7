# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of an interpreter need of a host, and which of them name the path that it was built for."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.elf import Elf, RunPath
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

# What comes with the C library itself: its version says all about these.
OWN_LIBRARIES = re.compile(
    r"(lib(c|m|mvec|dl|pthread|rt|util|resolv|anl|BrokenLocale|thread_db)\.so\.[0-9]+"
    r"|ld-linux-(x86-64|aarch64)\.so\.[0-9]+|(libc\.musl-|ld-musl-)[a-z0-9_]+\.so\.1|libc\.so)"
)
# Modules that few use, and whose libraries few hosts have: there they do not import, and all else works.
OPTIONAL = ("_crypt", "_dbm", "_gdbm", "_tkinter", "nis", "ossaudiodev", "spwd")
SYSCONFIG = re.compile(r"lib/(?P<library>python3\.[0-9]+t?)/_sysconfigdata_[^/]*\.py")
# glibc marks files with packed relative relocations by a version of this name (DT_RELR, glibc 2.36).
_PACKED, _PACKED_SINCE = "GLIBC_ABI_DT_RELR", (2, 36)

_GLIBC = re.compile(r"GLIBC_([0-9]+)\.([0-9]+)(\.[0-9]+)?")
_PATHS = re.compile(r"(--(prefix|exec-prefix|libdir|bindir|datadir|mandir|build|host|srcdir)=|[A-Z_]+=)")


class Needs(NamedTuple):
    """What the ELF files of an interpreter need together.

    Attributes:
        arch: Their processor.
        libc: ``glibc`` or ``musl``, from the loader that its program names.
        glibc: The newest version of glibc that one of them asks for; None for musl.
        libraries: Sonames that the host must have, sorted.
        optional: Sonames that only optional modules need, sorted.
    """

    arch: str
    libc: str
    glibc: tuple[int, int] | None
    libraries: tuple[str, ...]
    optional: tuple[str, ...]


def needs_of(elves: Mapping[str, Elf], optional: Iterable[str], subject: str) -> Needs:
    """Return what the ``elves`` (by relative path) need; ``optional`` names modules that need not work everywhere.

    Raises:
        Refused: when they are for different processors, or when there is no program that names its loader.
    """
    arches = {elf.machine for elf in elves.values()}
    loaders = {elf.interpreter for path, elf in elves.items() if path.startswith("bin/python") and elf.interpreter}
    if len(arches) != 1 or len(loaders) != 1:
        refuse(
            subject,
            f"expected programs and libraries for one processor and one loader, found {_some(arches)}; {_some(loaders)}.",
            "A static interpreter cannot load compiled modules; use another one.",
        )
    _check_paths(elves, subject)
    users: dict[str, set[str]] = {}
    for path, elf in elves.items():
        for soname in (name for name in elf.needed if "/" not in name):
            users.setdefault(soname, set()).add(path)
    held = {os.path.basename(path) for path in elves} | {elf.soname for elf in elves.values()}
    wanted = {soname for soname in users if soname not in held and not OWN_LIBRARIES.fullmatch(soname)}
    optional_names = set(optional)
    spare = {soname for soname in wanted if all(_module(path) in optional_names for path in users[soname])}
    libc = "musl" if "ld-musl-" in loaders.pop() else "glibc"
    newest = _newest_glibc(elves.values()) if libc == "glibc" else None
    return Needs(arches.pop(), libc, newest, tuple(sorted(wanted - spare)), tuple(sorted(spare)))


def fields_of(needs: Needs, abi: str, libc_version: tuple[int, int]) -> dict[str, Any]:
    """Return the fields of a description that follow from ``needs``; ``libc_version`` counts for musl, which marks none."""
    target = Target(abi, needs.libc, needs.glibc or libc_version, needs.arch)
    return {
        "target": target.name,
        "arch": target.arch,
        "libc": target.libc,
        "libc_version": ".".join(map(str, target.libc_version)),
        "libraries": needs.libraries,
        "optional": needs.optional,
    }


def _check_paths(elves: Mapping[str, Elf], subject: str) -> None:
    """Refuse a library that is needed by its path, unless that is in the tree: python-build-standalone names its own so."""
    lost = [
        f"{path} needs {name}"
        for path, elf in sorted(elves.items())
        for name in elf.needed
        if "/" in name and _with_origin(name, os.path.dirname(path)) not in elves
    ]
    if lost:
        refuse(subject, f"{lost[0]}, which is not in it.", "Build it so that libraries are needed by their names.")


def _with_origin(path: str, folder: str) -> str:
    return os.path.normpath(re.sub(r"\$ORIGIN|\$\{ORIGIN\}", lambda _found: folder, path))


def _newest_glibc(elves: Iterable[Elf]) -> tuple[int, int] | None:
    named = {version for elf in elves for version in elf.versions}
    found = [match for match in map(_GLIBC.fullmatch, named) if match]
    versions = [(int(match.group(1)), int(match.group(2))) for match in found]
    return max([*versions, *([_PACKED_SINCE] if _PACKED in named else [])], default=None)


def _module(path: str) -> str:
    """Return the module that the file at ``path`` is, or '' when it is none of the standard library."""
    return os.path.basename(path).split(".")[0] if "/lib-dynload/" in path else ""


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def relative_run_path(path: str, run_path: RunPath, prefix: str) -> str:
    """Return the run path of the file at ``path`` with what lies below ``prefix`` named from the file's own folder."""
    return ":".join(_from_origin(entry, os.path.dirname(path), prefix) for entry in run_path.text.split(":"))


def _from_origin(entry: str, folder: str, prefix: str) -> str:
    inner = os.path.normpath(entry)
    if not entry or (inner != prefix and not inner.startswith(f"{prefix}/")):
        return entry
    relative = os.path.relpath(inner, os.path.join(prefix, folder))
    return "$ORIGIN" if relative == "." else f"$ORIGIN/{relative}"


def check_programs(elves: Mapping[str, Elf], prefix: str, subject: str) -> None:
    """Check that each program finds the libraries of its own tree by its run path.

    Otherwise it takes the distribution's libpython where there is one of that name, without a word: another patch
    release, with other modules.

    Raises:
        Refused: naming each program that does not.
    """
    held: dict[str, set[str]] = {}
    for path, elf in elves.items():
        for name in (os.path.basename(path), elf.soname):
            held.setdefault(name, set()).add(os.path.dirname(path))
    problems = []
    for path, elf in sorted(elves.items()):
        looked = _looked_in(path, elf, prefix)
        lost = [name for name in elf.needed if path.startswith("bin/") and name in held and not held[name] & looked]
        if lost:
            problems.append(
                Problem(
                    subject,
                    f"{path} needs {_some(lost)} and has no run path that leads there.",
                    "Build it with LDFLAGS=-Wl,-rpath,'$ORIGIN/../lib', or without --enable-shared.",
                )
            )
    refuse_all(problems)


def _looked_in(path: str, elf: Elf, prefix: str) -> set[str]:
    origin = os.path.join(prefix, os.path.dirname(path))
    entries = [entry for run_path in elf.run_paths for entry in run_path.text.split(":") if entry]
    return {os.path.relpath(_with_origin(entry, origin), prefix) for entry in entries}


def build_variables(text: bytes, subject: str) -> dict[str, Any]:
    """Return the variables of the build that the ``_sysconfigdata`` file ``subject`` holds; nothing of it is run.

    Raises:
        Refused: when it is no such file.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        refuse(subject, f"expected the variables of the build, found no Python: {error}.", "Install it again.")
    values: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    values[str(key.value)] = value.value
    return values


def configure_options(text: str) -> tuple[str, ...]:
    """Return of configure's quoted words (CONFIG_ARGS) those that say what was built, without paths, compilers and flags."""
    try:
        words = shlex.split(text)
    except ValueError:
        return ()
    return tuple(word for word in words if not _PATHS.match(word))
