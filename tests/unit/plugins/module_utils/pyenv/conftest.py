# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that exists only as far as a test says: a root on disk, and stand-ins for all programs."""

from __future__ import annotations

import io
import json
import os
import pathlib
import urllib.error
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import with_defaults
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.edges import Edges
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import Machine
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted, wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Receipt, core_digests, write_receipt

VERSION = "3.11.2"
TARGET = "cp311-manylinux_2_36_x86_64"
XZ, GZ = b"xz archive", b"gz archive"
DEFINITION = f"""prefer_openssl3
install_package "openssl-3.0.1" "https://openssl.example/openssl-3.0.1.tar.gz#{"5" * 64}" mac_openssl --if has_broken_mac_openssl
if has_tar_xz_support; then
    install_package "Python-3.11.2" "https://www.python.org/ftp/Python-3.11.2.tar.xz#{digest_bytes(XZ)}" standard verify_py311
else
    install_package "Python-3.11.2" "https://www.python.org/ftp/Python-3.11.2.tgz#{digest_bytes(GZ)}" standard verify_py311
fi
"""


class Answer(io.BytesIO):
    """What a web server answers."""

    def __init__(self, data: bytes, kind: str = "application/octet-stream", announced: int | None = None) -> None:
        super().__init__(data)
        self.headers = {"Content-Type": kind, "Content-Length": str(len(data) if announced is None else announced)}


class Web:
    """Servers by URL; what is not there is a 404, what is an exception is raised."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[str] = []

    def __call__(self, url: str, *, stay: bool) -> Any:
        self.asked.append(url)
        page = self.pages.get(url)
        if isinstance(page, Exception):
            raise page
        if page is None:
            raise urllib.error.HTTPError(url, 404, "Not Found", Message(), io.BytesIO())
        return Answer(*page) if isinstance(page, tuple) else Answer(page)


class Host:
    """The programs of a host.

    ``probe`` gives what an interpreter at a path says; ``build`` does what python-build does to a prefix.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.web = folder, Web()
        self.root, self.pyenv, self.cache, self.bin = (folder / name for name in ("root", "pyenv", "cache", "bin"))
        self.calls: list[tuple[tuple[str, ...], Mapping[str, str]]] = []
        self.missing_headers: set[str] = set()
        self.missing_libraries: set[str] = set()
        self.memory = 4 << 30
        self.build: Callable[[pathlib.Path, Mapping[str, str]], Completed | None] = lambda prefix, env: None
        self.said: dict[str, Any] = {}
        for path in (self.cache, self.bin):
            path.mkdir()
        for tool in ("bash", "make", "tar", "xz", "gzip", "patch", "gcc"):
            self.install(tool)
        self.define(DEFINITION)

    def install(self, tool: str) -> None:
        (self.bin / tool).write_text("#!/bin/sh\n")
        (self.bin / tool).chmod(0o755)

    def define(self, text: str, version: str = VERSION) -> pathlib.Path:
        script = self.pyenv / "plugins/python-build/bin/python-build"
        share = self.pyenv / "plugins/python-build/share/python-build"
        script.parent.mkdir(parents=True, exist_ok=True)
        share.mkdir(parents=True, exist_ok=True)
        script.touch()
        (share / version).write_text(text)
        return share

    @property
    def version(self) -> pathlib.Path:
        return self.root / "versions" / VERSION

    def lay(self, *names: str, version: str = VERSION) -> None:
        """Lay an interpreter that proves itself, unless ``said`` has it say otherwise; nobody gave it a receipt."""
        folder = self.root / "versions" / version
        for name in names or ("bin/python", "bin/python" + version.rpartition(".")[0]):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("an interpreter")
            path.chmod(0o755)
            path.parent.chmod(0o755)
        folder.chmod(0o755)

    def sign(self, version: str = VERSION, **changes: Any) -> Receipt:
        """Give the interpreter a receipt."""
        folder = str(self.root / "versions" / version)
        origin = {"kind": "cache", "place": f"Python-{version}.tgz", "sha256": "a" * 64}
        receipt = Receipt(version, TARGET, origin, (), core_digests(folder, version), "2026-01-05T10:11:12Z")
        write_receipt(folder, receipt._replace(**changes))
        return receipt._replace(**changes)

    def install_version(self, version: str = VERSION, **changes: Any) -> pathlib.Path:
        """Lay an interpreter that is present."""
        self.lay(version=version)
        self.sign(version, **changes)
        return self.root / "versions" / version

    def environment(self, name: str, home: pathlib.Path) -> pathlib.Path:
        """Lay an environment whose interpreter is in ``home``."""
        path = self.folder / name
        path.mkdir(parents=True)
        (path / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
        return path

    def edges(self) -> Edges:
        environ = {
            "PATH": f"{self.bin}:/home/me/.pyenv/shims:relative",
            "MAKEFLAGS": "-n",
            "GET_PIP_URL": "http://evil",
        }
        machine = Machine("x86_64", "glibc", (2, 36), lambda soname: soname not in self.missing_libraries)
        return Edges(
            run=self.run,
            tether=lambda lock, still_wanted: self.run,
            open_url=self.web,
            environ=environ,
            machine=lambda run: machine,
            memory=lambda: self.memory,
        )

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], **options: Any) -> Completed:
        self.calls.append((tuple(argv), env))
        if argv[0].endswith("python-build"):
            prefix = pathlib.Path(argv[2])
            done = self.build(prefix, env)
            if done is None:
                self.lay()
            return done or Completed(tuple(argv), 0, "", "")
        if argv[-1] == "rehash":
            shims = self.root / "shims"
            shims.mkdir(exist_ok=True)
            for path in self.root.glob("versions/*/bin/*"):
                (shims / path.name).touch()
            return Completed(tuple(argv), 0, "", "")
        if "-E" in argv:
            lines = [line for line in options["stdin"].splitlines() if line.startswith("found:")]
            found = [line for line in lines if line[len("found:") :] not in self.missing_headers]
            return Completed(tuple(argv), 0, "\n".join(found), "")
        return Completed(tuple(argv), 0, json.dumps(self._said(argv)), "")

    def _said(self, argv: Sequence[str]) -> dict[str, Any]:
        prefix = os.path.dirname(os.path.dirname(argv[0]))
        version = VERSION if "/.builds/" in prefix else os.path.basename(prefix)
        plain = {"version": version, "implementation": "cpython", "cache_tag": "cpython-311", "free_threaded": False}
        more = {"arch": "x86_64", "bits": 64, "libc": "glibc", "libc_version": "2.36", "executable": argv[0]}
        own = {
            "prefix": prefix,
            "base_prefix": prefix,
            "libpython": [],
            "config_args": "'--prefix=/x' '--enable-shared'",
        }
        return {**plain, **more, **own, "broken": {}, **self.said}

    def names(self, folder: str) -> list[str]:
        """What is in a folder below the root, '' being the root itself."""
        path = self.root / folder
        return sorted(os.listdir(path)) if path.is_dir() else []

    def builds(self) -> list[tuple[tuple[str, ...], Mapping[str, str]]]:
        return [call for call in self.calls if call[0][0].endswith("python-build")]

    def options(self, **given: Any) -> dict[str, Any]:
        """Return the module's options with their defaults."""
        places = {"root": str(self.root), "pyenv": str(self.pyenv), "cache": str(self.cache), "search": []}
        return with_defaults({"version": VERSION, "jobs": 3, "timeout": 5, **places, **given})

    def wanted(self, **given: Any) -> Wanted:
        return wanted(self.options(**given))


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    return Host(tmp_path)
