# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine offers to an interpreter that was built elsewhere; nothing of that interpreter is run for it."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner

SECONDS = 30
LDCONFIG = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
# Where a loader looks when its cache knows no better: ld.so(8) with Debian's multiarch folders, and musl's default.
FOLDERS = ("/lib64", "/usr/lib64", "/lib/{arch}-linux-gnu", "/usr/lib/{arch}-linux-gnu", "/lib", "/usr/lib")
LOADERS = "/lib/ld-musl-{arch}.so.1"
MUSL_PATH = "/etc/ld-musl-{arch}.path"
MUSL_FOLDERS = ("/lib", "/usr/local/lib", "/usr/lib")

_CACHED = re.compile(r"^\s*(?P<soname>\S+) \((?P<kind>[^)]*)\) => (?P<path>/.*)$", re.MULTILINE)
_CACHE_KIND = {"x86_64": "x86-64", "aarch64": "AArch64"}
_ELF_MACHINE = {"x86_64": 62, "aarch64": 183}  # elf.h: EM_X86_64, EM_AARCH64


class Machine(NamedTuple):
    """A host as far as an interpreter depends on it.

    Attributes:
        arch: ``x86_64`` or ``aarch64``, or what the kernel says.
        libc: ``glibc`` or ``musl``.
        libc_version: Its major and minor number.
        has_library: Whether the loader would find a soname.
    """

    arch: str
    libc: str
    libc_version: tuple[int, int]
    has_library: Callable[[str], bool]


def this_machine(run: Runner) -> Machine:
    """Return what this machine is. The libc is that of the Python that runs this (PEP 600).

    Raises:
        Refused: when its C library is neither glibc nor musl.
    """
    arch = platform.machine()
    glibc = _glibc()
    if glibc:
        return Machine(arch, "glibc", glibc, _Libraries(arch, _cached(run, arch), _expanded(FOLDERS, arch)).has)
    musl = _musl(run, arch)
    if musl:
        return Machine(arch, "musl", musl, _Libraries(arch, {}, _musl_folders(arch)).has)
    refuse("this host", "its C library is neither glibc nor musl, or does not tell its version.", "Build there.")


def _glibc() -> tuple[int, int] | None:
    try:
        return _version((os.confstr("CS_GNU_LIBC_VERSION") or "").split()[1])
    except (ValueError, OSError, IndexError):
        return None


def _musl(run: Runner, arch: str) -> tuple[int, int] | None:
    loader = LOADERS.format(arch=arch)
    if not os.path.exists(loader):
        return None
    try:
        # Started without a program, it says its version on standard error and exits with 1.
        said = run([loader], env=clean_environment(os.environ), timeout=SECONDS).stderr
    except Refused:
        return None
    found = re.search(r"Version ([0-9]+\.[0-9]+)", said)
    return _version(found.group(1)) if found else None


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def _cached(run: Runner, arch: str) -> Mapping[str, str]:
    """Return soname to path from the loader's cache; nothing where there is no ldconfig."""
    program = next((path for path in LDCONFIG if os.path.exists(path)), "")
    if not program:
        return {}
    try:
        text = run([program, "-p"], env=clean_environment(os.environ), timeout=SECONDS).stdout
    except Refused:
        return {}
    fitting = _CACHE_KIND.get(arch, arch)
    return {line["soname"]: line["path"] for line in _CACHED.finditer(text) if fitting in line["kind"]}


def _expanded(folders: tuple[str, ...], arch: str) -> tuple[str, ...]:
    return tuple(folder.format(arch=arch) for folder in folders)


def _musl_folders(arch: str) -> tuple[str, ...]:
    try:
        with open(MUSL_PATH.format(arch=arch), encoding="utf-8", errors="replace") as stream:
            return tuple(path for path in re.split(r"[:\n]", stream.read()) if path.startswith("/"))
    except OSError:
        return MUSL_FOLDERS


class _Libraries:
    """The libraries that this machine's loader finds by itself."""

    def __init__(self, arch: str, cache: Mapping[str, str], folders: tuple[str, ...]) -> None:
        self._arch, self._cache, self._folders = arch, cache, folders

    def has(self, soname: str) -> bool:
        """Whether a file of that name is where the loader looks, for this machine's processor."""
        return any(self._fits(path) for path in self._candidates(soname))

    def _candidates(self, soname: str) -> Iterator[str]:
        if soname in self._cache:
            yield self._cache[soname]
        for folder in self._folders:
            yield os.path.join(folder, soname)

    def _fits(self, path: str) -> bool:
        try:
            with open(path, "rb") as stream:
                head = stream.read(20)
        except OSError:
            return False
        # The loader passes over libraries of another class or processor, and looks on.
        is_elf64 = head[:5] == b"\x7fELF\x02"
        return is_elf64 and int.from_bytes(head[18:20], sys.byteorder) == _ELF_MACHINE.get(self._arch)
