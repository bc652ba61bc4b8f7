# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real CPython, compiled by the role in a container that has no way out, and kept by a digest of all that shapes it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.tests.system.hosts import BUILDER, PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import CACHE, REPOSITORY, Result, environment, play
from ansible_collections.netdevops.python.tests.system.pyenv_lab import Mirror, real_python_build

VERSION = "3.11.2"
SOURCES = CACHE / "sources"
SOURCE = SOURCES / f"Python-{VERSION}.tar.gz"
ROOT = "/opt/pyenv"
GATEWAY = "10.91.1.1"
# A quarter of an interpreter is what its debugger needs, and nobody debugs it on a bastion.
ENVIRONMENT = {"LDFLAGS": "-Wl,--strip-debug"}
BUILD_SECONDS = 1500
KEPT = 3

# Where a packet would have to go: the address is one that documents use, and nobody has.
REACH = "import socket; socket.create_connection(('192.0.2.1', 443), 5)"
SHAPED_BY = (
    "plugins/module_utils/pyenv/**/*.py",
    "plugins/module_utils/common/[efir]*.py",
    "plugins/modules/pyenv_install.py",
    "plugins/action/pyenv_install.py",
    "roles/pyenv/tasks/interpreters.yml",
    "tests/lab/setup.sh",
    "tests/system/interpreters.py",
)


class Built(NamedTuple):
    """A build: the tree that hosts see as :data:`ROOT`, and what was seen when it was made.

    Attributes:
        root: The tree, on this machine.
        result: What the module said.
        seconds: How long the task took.
        cpu: The CPU seconds that the host spent on it.
        asked: What the mirror was asked for.
        outside: What came of reaching for an address outside.
    """

    root: pathlib.Path
    result: Result
    seconds: float
    cpu: float
    asked: Sequence[str]
    outside: str


def compiled(way: str) -> Built:
    """Return the build that took its source through ``mirror`` or from the ``cache``; it is made where none is kept."""
    folder = CACHE / "interpreters" / f"{way}-{_digest()}"
    figures = folder / "figures.json"
    with _alone(folder.parent, way):
        if not figures.exists():
            _keep(folder, way)
        os.utime(figures)
        _forget_old(folder.parent, way)
    return Built(**{**json.loads(figures.read_text(encoding="utf-8")), "root": folder / "root"})


def _keep(folder: pathlib.Path, way: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "root").mkdir(parents=True)
    try:
        seen = _compile(way, folder / "root")
    except BaseException:
        shutil.rmtree(folder)
        raise
    (folder / "figures.json").write_text(json.dumps(seen._asdict(), default=str, indent=1), encoding="utf-8")


def _compile(way: str, root: pathlib.Path) -> Built:
    script = real_python_build()
    shown = [script.parents[1], *([SOURCES] if way == "cache" else [])]
    network = "mirror" if way == "mirror" else "none"
    host = f"netdevops-build-{os.getpid()}"
    options = ["--volume", f"{root}:{ROOT}"]
    with _network(network), running(Host(host, shown, image=BUILDER, network=network, options=options)) as builder:
        with _mirror(way, root.parent / "mirror") as mirror:
            return _run_role(builder, root, way, mirror, script.parents[3])


def _run_role(builder: Host, root: pathlib.Path, way: str, mirror: Mirror | None, pyenv: pathlib.Path) -> Built:
    asked = {
        "pyenv_interpreters": VERSION,
        "pyenv_root": ROOT,
        "pyenv_checkout": str(pyenv),
        "pyenv_mirror": mirror.url if mirror else "",
        "pyenv_cache": "" if mirror else str(SOURCES),
        "pyenv_timeout": BUILD_SECONDS,
    }
    role = {"include_role": {"name": "netdevops.python.pyenv"}, "vars": asked}
    task = {"block": [role], "environment": ENVIRONMENT}
    outside = builder.fails(PYTHON, "-c", REACH)
    begun, spent = time.monotonic(), builder.cpu_seconds()
    said = play([task], hosts={builder.name: builder.variables}, seconds=BUILD_SECONDS)[builder.name]
    seconds, cpu = time.monotonic() - begun, builder.cpu_seconds() - spent
    result = _installed(said)
    assert not result.get("failed"), result.get("msg", result)
    return Built(root, result, seconds, cpu, mirror.asked if mirror else (), outside)


def _installed(said: Sequence[Result]) -> Result:
    """Return what the installation said among the results of the role's tasks."""
    every = [one for result in said for one in result.get("results", [result])]
    found = [one for one in every if "executable" in one or one.get("failed")]
    assert found, said
    return found[0]


def _digest() -> str:
    script = real_python_build()
    files = [file for pattern in SHAPED_BY for file in sorted(REPOSITORY.glob(pattern))]
    digest = hashlib.sha256()
    for file in [SOURCE, script, script.parents[1] / "share/python-build" / VERSION, *files]:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _forget_old(folder: pathlib.Path, way: str) -> None:
    figures = sorted(folder.glob(f"{way}-*/figures.json"), key=lambda file: file.stat().st_mtime)
    for file in figures[:-KEPT]:
        shutil.rmtree(file.parent)


@contextlib.contextmanager
def _alone(folder: pathlib.Path, way: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{way}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def running(host: Host) -> Iterator[Host]:
    """Give a host, and take it away at the end."""
    try:
        yield host
    finally:
        host.close()


@contextlib.contextmanager
def _mirror(way: str, folder: pathlib.Path) -> Iterator[Mirror | None]:
    if way != "mirror":
        yield None
        return
    folder.mkdir(exist_ok=True)
    shutil.copy(SOURCE, folder / hashlib.sha256(SOURCE.read_bytes()).hexdigest())
    mirror = Mirror(folder, GATEWAY)
    try:
        yield mirror
    finally:
        mirror.close()
        shutil.rmtree(folder)


@contextlib.contextmanager
def _network(name: str) -> Iterator[None]:
    if name == "none":
        yield
        return
    script = str(REPOSITORY / "tests/lab/network.sh")
    subprocess.run([script, "create", name], env=environment(), check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([script, "destroy", name], env=environment(), check=True, capture_output=True)
