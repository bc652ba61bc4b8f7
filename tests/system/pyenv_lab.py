# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real python-build with a source archive that "compiles" in a second, and a mirror.

Its configure and Makefile install a copy of the interpreter that runs these tests, over that one's standard library. So everything around the compiler
is real: python-build, the cache, mirrors, locks, signals and the probe.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import io
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.elf import read_elf, with_run_path
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import pack_options, pack_plan
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import MODULES
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON_BUILD, pyenv_program

VERSION = platform.python_version()
FEATURE = ".".join(VERSION.split(".")[:2])
PACKAGE = f"Python-{VERSION}"
REPOSITORY = pathlib.Path(__file__).parents[2]

RUN_MODULE = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.netdevops.python.plugins.modules import pyenv_install
with patch_module_args(json.loads(sys.argv[1])):
    pyenv_install.main()
"""

# Nothing of these is declared, and the archive is half as big without them.
LEFT_OUT = ("__pycache__", "config-*", "idlelib", "lib2to3", "site-packages", "test", "tkinter", "turtledemo")

# SWITCHES is a folder: a test creates a file there to make the build wait, fail, look for the network or take its time.
CONFIGURE = """#!/bin/sh
for word; do case $word in --prefix=*) prefix=${word#--prefix=} ;; esac; done
PACE
sed "s:@PREFIX@:$prefix:g" Makefile.in > Makefile
PACE
"""
MAKEFILE = """
all:
\ttest ! -e SWITCHES/fail || { echo the compiler is out of paper; exit 1; }
\ttest ! -e SWITCHES/network || curl -sf http://127.0.0.1:PORT/secret
\tPACE
install:
\tmkdir -p @PREFIX@/bin @PREFIX@/lib
\tPACE
\tcp SEED/bin/pythonFEATURE @PREFIX@/bin/
\tcp -R SEED/lib/. @PREFIX@/lib/
\tif test -e SWITCHES/pause; then sh -c 'echo $$$$ > SWITCHES/pid; touch SWITCHES/paused; exec sleep 86399'; fi
\tPACE
\tln -s BASE/lib/pythonFEATURE @PREFIX@/lib/pythonFEATURE
\tPACE
"""
PACE = "test ! -e SWITCHES/pace || sleep 0.2"
DEFINITION = """
if has_tar_xz_support; then
  install_package "{package}" "https://www.python.org/ftp/python/{package}.tar.xz#{xz}" standard verify_py{digits}
else
  install_package "{package}" "https://www.python.org/ftp/python/{package}.tgz#{gz}" standard verify_py{digits}
fi
"""


def real_python_build() -> pathlib.Path:
    return pyenv_program() / PYTHON_BUILD


def movable_interpreter(folder: pathlib.Path) -> pathlib.Path:
    """Copy this interpreter's binaries so that they find each other, and not those that they were copied from."""
    base = pathlib.Path(sys.base_prefix)
    for name in ("bin", "lib"):
        (folder / name).mkdir(parents=True)
    for path in [base / f"bin/python{FEATURE}", *base.glob("lib/libpython*.so*")]:
        copy = folder / path.relative_to(base)
        shutil.copy(path, copy, follow_symlinks=False)
        if copy.is_symlink():
            continue
        data = path.read_bytes()
        for run_path in read_elf(data, str(path)).run_paths:
            data = with_run_path(data, run_path, "$ORIGIN/../lib", str(path))
        copy.write_bytes(data)
    return folder


def pack_interpreter(folder: pathlib.Path) -> str:
    """Make an archive of this interpreter and return the folder that it is in; ``folder`` is empty before."""
    version = movable_interpreter(folder / "versions" / VERSION)
    (version / "bin/python").symlink_to(f"python{FEATURE}")
    library, ignored = f"lib/python{FEATURE}", shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(pathlib.Path(sys.base_prefix, library), version / library, ignore=ignored, symlinks=True)
    given = {name: rule.get("default") for name, rule in pack_options.ARGUMENTS.items()}
    asked = {**given, "version": VERSION, "root": str(folder), "dest": str(folder / "archives")}
    pack_plan.ensure(pack_options.wanted(asked), check_mode=False)
    return str(folder / "archives")


def works(folder: pathlib.Path) -> bool:
    """Whether the interpreter in a folder says its version and imports every declared module; asked of itself alone."""
    code = f"import {', '.join(MODULES)}, platform; print(platform.python_version())"
    try:
        done = subprocess.run(
            [str(folder / "bin/python"), "-I", "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.stdout == f"{VERSION}\n"


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up when they have seen the headers."""


class Mirror:
    """A web server over a folder, that remembers what it was asked."""

    def __init__(self, folder: pathlib.Path, address: str = "127.0.0.1") -> None:
        asked = self.asked = []  # type: list[str]
        self.folder, self.redirect, self.page = folder, "", False
        mirror = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                if mirror.redirect:
                    self.send_response(302)
                    self.send_header("Location", mirror.redirect)
                    self.end_headers()
                elif mirror.page:
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                    self.end_headers()
                    self.wfile.write(b"<form>password please</form>")
                else:
                    super().do_GET()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = _Server((address, 0), functools.partial(Handler, directory=str(folder)))
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self.server.shutdown()
        self.server.server_close()


class Lab:
    """A root, a pyenv with the real python-build and a definition of ours, and the archives that it names."""

    def __init__(self, folder: pathlib.Path, mirror: Mirror) -> None:
        self.root, self.pyenv, self.cache, self.archives = (
            folder / name for name in ("root", "pyenv", "cache", "archives")
        )
        self.switches, self.bin, self.mirror = folder / "switches", folder / "bin", mirror
        for path in (self.cache, self.archives, self.switches, self.bin):
            path.mkdir()
        self.seed = movable_interpreter(folder / "seed")
        self.xz, self.gz = (self._archive(mode) for mode in ("xz", "gz"))
        script = self.pyenv / "plugins/python-build/bin/python-build"
        self.share = self.pyenv / "plugins/python-build/share/python-build"
        script.parent.mkdir(parents=True)
        self.share.mkdir(parents=True)
        shutil.copy(real_python_build(), script)
        self.define(DEFINITION)
        # The C headers of this machine do not matter here: a compiler that has them all.
        compiler = self.bin / "cc"
        compiler.write_text("#!/bin/sh\ngrep ^found:\n")
        compiler.chmod(0o755)

    def _archive(self, mode: str) -> pathlib.Path:
        words = {"PACE": PACE, "SWITCHES": str(self.switches), "BASE": sys.base_prefix, "FEATURE": FEATURE}
        words["SEED"] = str(self.seed)
        words["PORT"] = self.mirror.url.rsplit(":", 1)[1]
        configure, makefile = CONFIGURE, MAKEFILE
        for word, value in words.items():
            configure, makefile = configure.replace(word, value), makefile.replace(word, value)
        path = self.archives / f"{PACKAGE}.{'tar.xz' if mode == 'xz' else 'tgz'}"
        with tarfile.open(path, f"w:{mode}") as archive:
            for name, text in (("configure", configure), ("Makefile.in", makefile)):
                member = tarfile.TarInfo(f"{PACKAGE}/{name}")
                member.size, member.mode = len(text), 0o755
                archive.addfile(member, io.BytesIO(text.encode()))
        return path

    def define(self, text: str) -> None:
        digits = FEATURE.replace(".", "")
        text = text.format(package=PACKAGE, xz=sha256(self.xz), gz=sha256(self.gz), digits=digits)
        (self.share / VERSION).write_text(text)

    @property
    def version(self) -> pathlib.Path:
        return self.root / "versions" / VERSION

    def start(self, *prefix: str, check: bool = False, **options: Any) -> subprocess.Popen[str]:
        given = {
            "version": VERSION,
            "root": str(self.root),
            "pyenv": str(self.pyenv),
            "_ansible_check_mode": check,
            **options,
        }
        given = {name: value for name, value in given.items() if value is not None}
        environ = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(self.root.parent),
            "PYTHONPATH": f"{REPOSITORY}/.collections",
            "CC": "cc",
            # Settings of other people, of which each would send the build astray.
            "MAKEFLAGS": "--dry-run",
            "DESTDIR": "/nonexistent",
            "PYTHON_BUILD_MIRROR_URL": f"{self.mirror.url}/hostile",
            "PYTHON_BUILD_HTTP_CLIENT": "wget",
            "PYTHON_CONFIGURE_OPTS": "--enable-framework",
        }
        # Under nohup, or a CI that ignores it, SIGHUP would be ignored here too.
        argv = ["/usr/bin/env", "--default-signal=HUP", *prefix, sys.executable, "-c", RUN_MODULE, json.dumps(given)]
        return subprocess.Popen(argv, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *prefix: str, **options: Any) -> dict[str, Any]:
        return result_of(self.start(*prefix, **options))

    def tree(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*")) if self.root.exists() else []

    def wait_for(self, name: str) -> None:
        give_up = time.monotonic() + 60
        while not (self.switches / name).exists():
            assert time.monotonic() < give_up, f"the build never came to {name}"
            time.sleep(0.05)


@contextlib.contextmanager
def cached_lab(folder: pathlib.Path) -> Iterator[Lab]:
    """Yield a lab in ``folder`` whose cache has the source archive, and whose mirror has nothing."""
    (folder / "mirror").mkdir()
    mirror = Mirror(folder / "mirror")
    try:
        lab = Lab(folder, mirror)
        shutil.copy(lab.gz, lab.cache)
        yield lab
    finally:
        mirror.close()


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    stdout, stderr = process.communicate(timeout=120)
    assert stdout.lstrip().startswith("{"), f"no result: {stdout}\n{stderr}"
    result: dict[str, Any] = json.loads(stdout)
    return result


def sleeps(lab: Lab) -> bool:
    """Whether the process that this lab's paused build started, and no other one, is still there."""
    recorded = lab.switches / "pid"
    if not recorded.exists():
        return False
    try:
        words = pathlib.Path(f"/proc/{recorded.read_text().strip()}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[:2] == [b"sleep", b"86399"]


def wait_until_gone(lab: Lab, seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while sleeps(lab):
        assert time.monotonic() < give_up, "an orphan of the build is still there"
        time.sleep(0.05)
