# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for unit tests: real folders, and an interpreter that is real or a stand-in."""

from __future__ import annotations

import json
import os
import pathlib
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import PROBE
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host import bytecode
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge
from ansible_collections.netdevops.python.plugins.module_utils.host.start import PREFIX
from ansible_collections.netdevops.python.tests.unit.support.wheels import make_wheel, seal

FEATURE = "3.11"
SITE = f"lib/python{FEATURE}/site-packages"
HOST_TARGET = "cp311-manylinux_2_36_x86_64"


def base_interpreter() -> str:
    """Return the path of the interpreter that the tests' own environment stands on."""
    found = getattr(sys, "_base_executable", "") or sys.executable
    if os.path.realpath(sys.prefix) != os.path.realpath(sys.base_prefix) and found.startswith(sys.prefix + "/"):
        found = os.path.join(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}")
    return found


class Call(NamedTuple):
    """A program that was started."""

    argv: tuple[str, ...]
    env: dict[str, str]
    options: dict[str, Any]


class FakeRunner:
    """Answers as the interpreter of a host would, in no time, and remembers what was asked.

    Attributes:
        said: What the probe says; a test changes it.
        broken: Imports that fail in a release, with their reason.
        answers: Return code and output of commands, by their base name.
        calls: What was started.
    """

    def __init__(self, python: str) -> None:
        self.python = python
        self.said: dict[str, Any] = {
            "version": "3.11.7",
            "implementation": "cpython",
            "cache_tag": sys.implementation.cache_tag,
            "free_threaded": False,
            "arch": "x86_64",
            "bits": 64,
            "libc": "glibc",
            "libc_version": "2.36",
            "prefix": "/opt/python",
            "base_prefix": "/opt/python",
            "broken": {},
            "libpython": [],
            "config_args": "",
        }
        self.broken: dict[str, str] = {}
        self.answers: dict[str, tuple[int, str]] = {}
        self.calls: list[Call] = []

    def __call__(self, argv: Sequence[str], *, env: Any, **options: Any) -> Completed:
        self.calls.append(Call(tuple(argv), dict(env), options))
        if bytecode._WORKER in argv:
            return run_process([sys.executable, *argv[1:]], env=env, **options)
        if os.path.basename(argv[0]) == "ssh-keygen":
            return run_process(argv, env=env, **options)
        with declared_modes():  # as each program has it
            rc, stdout = self._answer(list(argv))
        return Completed(tuple(argv), rc, stdout, "")

    def _answer(self, argv: list[str]) -> tuple[int, str]:
        if PROBE in argv:
            return 0, json.dumps(self.said)
        if "venv" in argv:
            return self.answers.get("venv") or self._lay_out(argv[-1])
        name = os.path.basename(argv[0])
        if name in self.answers:
            return self.answers[name]
        if PREFIX in argv:
            return 0, "\n" + argv[0][: -len("/bin/python")]
        if name == "python":
            return 0, json.dumps({"prefix": argv[0][: -len("/bin/python")], "failed": self.broken})
        raise AssertionError(f"nobody expected {argv}")

    def _lay_out(self, root: str) -> tuple[int, str]:
        for folder in ("bin", "include/python3.11", SITE):
            os.makedirs(f"{root}/{folder}")
        for name, target in (("python", self.python), ("python3", "python"), ("python3.11", "python")):
            os.symlink(target, f"{root}/bin/{name}")
        os.symlink("lib", f"{root}/lib64")
        pathlib.Path(root, "pyvenv.cfg").write_text("home = /opt/python/bin\n")
        pathlib.Path(root, "bin/activate").write_text(f"VIRTUAL_ENV={root}\n")
        return 0, ""


class Host:
    """A host with one environment and one bundle, both below ``root``."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.app = root / "opt" / "app"
        self.app.mkdir(parents=True)
        self.venv = self.app / ".venv"
        self.releases = self.app / ".venv.releases"
        self.folder = root / "bundle"
        self.python = root / "python3.11"
        self.python.write_bytes(b"an interpreter")
        self.run: Any = FakeRunner(str(self.python))

    def wheel(self, name: str = "spam", version: str = "1.0", files: Any = None, **options: Any) -> Wheel:
        """Put a wheel into the bundle; :meth:`seal` makes it part of it."""
        return make_wheel(self.folder / "wheels", name, version, files, **options)

    def seal(self, *wheels: Wheel, **options: Any) -> Manifest:
        """Write the bundle's manifest; wheels that are no longer named are taken away."""
        manifest = seal(self.folder, wheels, **options)
        for path in (self.folder / "wheels").iterdir():
            if path.name not in {wheel.file for wheel in wheels}:
                path.unlink()
        return manifest

    def params(self, **changes: Any) -> dict[str, Any]:
        """Return the module's parameters."""
        plain: dict[str, Any] = {
            "venv": str(self.venv),
            "state": "present",
            "bundle": str(self.folder),
            "bundle_id": None,
            "remote_src": True,
            "requirements": None,
            "wheelhouse": None,
            "python": str(self.python),
            "groups": None,
            "prove": None,
            "prove_timeout": 20,
            "keep": 3,
            "owner": None,
            "group": None,
            "mode": "0755",
            "compile": False,
            "verify": "stat",
            "lock_timeout": 5,
            "history": str(self.root.with_name(f"{self.root.name}-log") / "history.jsonl"),
            "source": None,
            "delivery": None,
        }
        return {**plain, **changes}

    def converge(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        """Run the module's work once."""
        run: Runner = self.run
        return converge(self.params(**changes), check, run)

    @property
    def release(self) -> pathlib.Path:
        """The folder of the current release."""
        return self.app / os.readlink(self.venv)

    @property
    def site(self) -> pathlib.Path:
        """The site-packages of the current release."""
        return self.release / SITE


def real_host(root: pathlib.Path) -> Host:
    """Return a host whose interpreter is the one that these tests stand on."""
    host = Host(root)
    host.run = run_process
    host.python.unlink()
    host.python = pathlib.Path(base_interpreter())
    return host
