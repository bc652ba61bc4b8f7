# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed interpreters as far as packing goes: the files that matter, and what the program would say of itself."""

from __future__ import annotations

import io
import json
import os
import pathlib
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.tests.unit.support.elves import make_elf

VERSION = "3.11.7"
LOADER = "/lib64/ld-linux-x86-64.so.2"
DYNLOAD = "lib/python3.11/lib-dynload"
MTIME = 1_700_000_000
VARIABLES = """# system configuration generated and used by the sysconfig module
build_time_vars = {{'prefix': '{prefix}', 'LIBDIR': '{prefix}/lib',
 'CONFIG_ARGS': "'--prefix={prefix}' '--enable-shared' 'LDFLAGS=-L{prefix}/lib'", 'SIZEOF_LONG': 8}}
"""


def program(prefix: str, run_path: str) -> bytes:
    """Return the interpreter's program."""
    needed = ("libpython3.11.so.1.0", "libc.so.6")
    versions = {"libc.so.6": ("GLIBC_2.2.5", "GLIBC_2.34")}
    return make_elf(needed=needed, run_path=run_path or f"{prefix}/lib", interpreter=LOADER, versions=versions)


def module(prefix: str, *needed: str) -> bytes:
    """Return a compiled module of the standard library."""
    return make_elf(needed=(*needed, "libc.so.6"), run_path=f"{prefix}/lib", versions={"libc.so.6": ("GLIBC_2.28",)})


def files_of(prefix: str, run_path: str = "") -> dict[str, bytes]:
    """Return the files of an interpreter that was built for ``prefix``."""
    script = f"#!{prefix}/bin/python3.11\nprint()\n".encode()
    library = make_elf(needed=("libm.so.6",), soname="libpython3.11.so.1.0", run_path=run_path or f"{prefix}/lib")
    return {
        "bin/python3.11": program(prefix, run_path),
        "bin/pip3.11": script,
        "bin/idle3.11": script,
        "include/python3.11/patchlevel.h": f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION "{VERSION}"\n'.encode(),
        "lib/libpython3.11.so.1.0": library,
        "lib/pkgconfig/python-3.11.pc": f"prefix={prefix}\nlibdir=${{prefix}}/lib\n".encode(),
        "lib/python3.11/os.py": b"# os\n",
        "lib/python3.11/__pycache__/os.cpython-311.pyc": b"\0" + prefix.encode(),
        "lib/python3.11/__pycache__/os.cpython-311.opt-1.pyc": b"\0" + prefix.encode(),
        "lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py": VARIABLES.format(prefix=prefix).encode(),
        "lib/python3.11/config-3.11-x86_64-linux-gnu/Makefile": f"prefix=\t{prefix}\n".encode(),
        "lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a": b"!<arch>\n\0" + prefix.encode(),
        "lib/python3.11/test/test_os.py": b"# a test\n",
        "lib/python3.11/test/support/__init__.py": b"",
        "lib/python3.11/unittest/case.py": b"# no test\n",
        "lib/python3.11/unittest/test/test_case.py": b"# a test\n",
        f"{DYNLOAD}/_ssl.cpython-311-x86_64-linux-gnu.so": module(prefix, "libssl.so.3"),
        f"{DYNLOAD}/_tkinter.cpython-311-x86_64-linux-gnu.so": module(prefix, "libtk8.6.so"),
        f"{DYNLOAD}/_testcapi.cpython-311-x86_64-linux-gnu.so": module(prefix, "libnever.so.1"),
        "lib/python3.11/site-packages/README.txt": b"packages go here\n",
        "lib/python3.11/site-packages/pip/__init__.py": b"",
        "lib/python3.11/site-packages/pip-23.2.1.dist-info/RECORD": b"../../../bin/pip3.11,sha256=x,1\npip/__init__.py,,\n",
    }


LINKS = {"bin/python": "python3.11", "bin/pip": "pip3.11", "lib/libpython3.11.so": "libpython3.11.so.1.0"}


def install(root: pathlib.Path, version: str = VERSION, prefix: str = "", run_path: str = "") -> pathlib.Path:
    """Write an interpreter below ``root``, as pyenv lays it out; return its folder."""
    folder = root / "versions" / version
    for name, data in files_of(prefix or str(folder), run_path).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o755 if name.startswith("bin/") or ".so" in name else 0o644)
        os.utime(path, (MTIME, MTIME))
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
    return folder


def make_install_only(path: pathlib.Path, prefix: str = "/install", **changes: bytes) -> pathlib.Path:
    """Write an archive as python-build-standalone makes them; ``changes`` are files by name, b'' for none."""
    files = {**files_of(prefix, "$ORIGIN/../lib"), **changes}
    files = {name: data for name, data in files.items() if data or name not in changes}
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"python/{name}")
            info.size, info.mode = len(data), 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(info, io.BytesIO(data))
        for name, target in LINKS.items():
            info = tarfile.TarInfo(f"python/{name}")
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return path


class Says:
    """A runner that answers for the interpreter; ``changes`` are what it says otherwise."""

    def __init__(self, folder: pathlib.Path, **changes: Any) -> None:
        self.ran: list[Sequence[str]] = []
        self.said = {
            "version": VERSION,
            "implementation": "cpython",
            "cache_tag": "cpython-311",
            "free_threaded": False,
            "arch": "x86_64",
            "bits": 64,
            "libc": "glibc",
            "libc_version": "2.36",
            "executable": str(folder / "bin/python"),
            "prefix": str(folder),
            "base_prefix": str(folder),
            "libpython": [str(folder / "lib/libpython3.11.so.1.0")],
            "config_args": "",
            "broken": {},
            **changes,
        }

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], **_options: Any) -> Completed:
        self.ran.append(argv)
        return Completed(tuple(argv), 0, json.dumps(self.said), "")
