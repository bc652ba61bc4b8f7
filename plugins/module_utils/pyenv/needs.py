# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host needs before a build is worth starting; everything that is missing is reported together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Archive

# Measured: sources and objects of an optimised build take 350 MB, the installation 300 MB.
DISK_BYTES = 800 * 1000 * 1000
# Measured with gcc 12 and -O3 -g: unicodeobject.c takes 300 MB, the next largest files about half of that.
LARGEST_BYTES, JOB_BYTES = 300 * 1000 * 1000, 150 * 1000 * 1000
COMPILE_SECONDS = 60


class Header(NamedTuple):
    """A C header that a module of the standard library is compiled with, and the packages that hold it."""

    file: str
    debian: str
    redhat: str

    def next_step(self) -> str:
        """Return how to get it."""
        return f"Install {self.debian} (Debian, Ubuntu) or {self.redhat} (RHEL, Fedora)."


LIBC = Header("stdio.h", "libc6-dev", "glibc-devel")
# python-build itself fails without these two; without the others it succeeds with a warning.
ALWAYS = frozenset({"ssl", "zlib"})
HEADERS: Mapping[str, Header] = {
    "bz2": Header("bzlib.h", "libbz2-dev", "bzip2-devel"),
    "ctypes": Header("ffi.h", "libffi-dev", "libffi-devel"),
    "curses": Header("curses.h", "libncurses-dev", "ncurses-devel"),
    "lzma": Header("lzma.h", "liblzma-dev", "xz-devel"),
    "readline": Header("readline/readline.h", "libreadline-dev", "readline-devel"),
    "sqlite3": Header("sqlite3.h", "libsqlite3-dev", "sqlite-devel"),
    "ssl": Header("openssl/ssl.h", "libssl-dev", "openssl-devel"),
    "uuid": Header("uuid/uuid.h", "uuid-dev", "libuuid-devel"),
    "zlib": Header("zlib.h", "zlib1g-dev", "zlib-devel"),
}
COMPILERS = ("gcc", "cc", "clang")
COMPILER_STEP = "Install gcc and libc6-dev (Debian, Ubuntu) or gcc (RHEL, Fedora), or name another one in CC."
TOOLS: Mapping[str, str] = {
    "bash": "bash",
    "make": "make",
    "tar": "tar",
    "gzip": "gzip",
    "xz": "xz-utils (Debian, Ubuntu) or xz (RHEL, Fedora)",
    "bzip2": "bzip2",
    "patch": "patch",
}


def usable(archives: Sequence[Archive], env: Mapping[str, str]) -> list[Archive]:
    """Return those ``archives`` that tar can unpack with the PATH of ``env``; all of them when it can unpack none."""
    return [archive for archive in archives if shutil.which(archive.tool, path=env["PATH"])] or list(archives)


def missing_needs(
    run: Runner, env: Mapping[str, str], tools: Sequence[str], modules: Collection[str], root: str
) -> list[Problem]:
    """Return what the host lacks: ``tools`` on the PATH of ``env``, a compiler, headers for ``modules``, disk at ``root``."""
    problems = [
        Problem(tool, "expected this program on PATH, found none.", f"Install {TOOLS[tool]}.")
        for tool in tools
        if not shutil.which(tool, path=env["PATH"])
    ]
    return problems + _compiler_problems(run, env, modules) + disk_problems(root, DISK_BYTES)


def header_hint(modules: Sequence[str]) -> str:
    """Return which packages to install for ``modules`` that were not compiled."""
    hints = [HEADERS[name].next_step() for name in modules if name in HEADERS]
    return " ".join(hints) or "Read the log, and the list in `modules`."


def _compiler_problems(run: Runner, env: Mapping[str, str], modules: Collection[str]) -> list[Problem]:
    named = env.get("CC", "").split()
    found = [path for path in (shutil.which(name, path=env["PATH"]) for name in (named[:1] or COMPILERS)) if path]
    if not found:
        return [
            Problem("C compiler", f"expected {' or '.join(named[:1] or COMPILERS)} on PATH, found none.", COMPILER_STEP)
        ]
    wanted = [LIBC, *(HEADERS[name] for name in sorted(modules) if name in HEADERS)]
    return _header_problems(run, env, [found[0], *named[1:]], wanted)


def _header_problems(
    run: Runner, env: Mapping[str, str], compiler: Sequence[str], headers: Sequence[Header]
) -> list[Problem]:
    # The preprocessor is asked, since it alone knows all its folders and those in CPPFLAGS.
    question = "".join(f"#if __has_include(<{header.file}>)\nfound:{header.file}\n#endif\n" for header in headers)
    flags = f"{env.get('CPPFLAGS', '')} {env.get('CFLAGS', '')}".split()
    done = run([*compiler, *flags, "-E", "-P", "-x", "c", "-"], env=env, stdin=question, timeout=COMPILE_SECONDS)
    if done.rc:
        return [
            Problem(
                compiler[0],
                f"does not work (exit {done.rc}): {done.tail()}.",
                "Install the compiler again, or name another one in CC.",
            )
        ]
    found = {
        line.strip()[len("found:") :].replace(" ", "") for line in done.stdout.splitlines() if line.startswith("found:")
    }
    return [
        Problem(header.file, "expected this C header, found none.", header.next_step())
        for header in headers
        if header.file not in found
    ]


def disk_problems(root: str, needed: int) -> list[Problem]:
    """Return that fewer than ``needed`` bytes are free where ``root`` is, or is going to be."""
    place = root
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    status = os.statvfs(place)
    free = status.f_bavail * status.f_frsize
    if free >= needed:
        return []
    return [
        Problem(
            place,
            f"expected {needed // 1_000_000} MB of disk, {free // 1_000_000} MB are free.",
            "Free some, or choose another `root`.",
        )
    ]


def memory_problems(jobs: int, free: int) -> list[Problem]:
    """Return that ``free`` bytes of memory are too few for ``jobs`` compilers: the kernel would kill one of them."""
    needed = LARGEST_BYTES + (jobs - 1) * JOB_BYTES
    if free >= needed:
        return []
    fewer = f"Set `jobs: {_most_jobs(free)}`, or add memory or swap." if _most_jobs(free) > 0 else "Add memory or swap."
    message = f"{jobs} compilers at once need {needed // 1_000_000} MB or more, {free // 1_000_000} MB are free."
    return [Problem("memory", message, fewer)]


def fitting_jobs(processors: int, free: int) -> int:
    """Return how many compilers to run at once: one for each processor, as far as there is memory for them."""
    return max(1, min(processors, _most_jobs(free)))


def _most_jobs(free: int) -> int:
    return 1 + (free - LARGEST_BYTES) // JOB_BYTES
