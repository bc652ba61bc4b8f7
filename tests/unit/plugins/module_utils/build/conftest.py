# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world to build in: an index on this machine, a project with a lock, and stand-ins for Poetry and pip."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import pathlib
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import build as build_module
from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked
from ansible_collections.netdevops.python.plugins.module_utils.build.inputs import Request
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process

PIN = "3.11.7"
TARGET = "cp311-manylinux_2_28_x86_64"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel_bytes(name: str, version: str, tag: str = "py3-none-any", extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a small valid wheel, deflated and in the order that was given, as backends write it."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    members = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{module}/__init__.py": b"VALUE = 1\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        **(extra or {}),
    }
    rows = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in {**members, f"{info}/RECORD": rows.encode()}.items():
            # With the time of now, the same wheel has another digest two seconds later.
            archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def sdist_bytes(name: str, version: str) -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for member, text in {
            "PKG-INFO": f"Name: {name}\n",
            "setup.py": "import setuptools\nsetuptools.setup()\n",
        }.items():
            info = tarfile.TarInfo(f"{name}-{version}/{member}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return stream.getvalue()


class Index(http.server.ThreadingHTTPServer):
    """A simple index. Tests change its attributes to make it misbehave.

    Attributes:
        files: Project to file name to content.
        pages: Path to (status, headers, body), which come before everything else.
        seen: (path, Authorization) of every request.
        json: Whether it offers PEP 691.
        login: The Authorization that it wants, or ''.
        cut: Names of files whose first answers end in the middle, with how often.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, dict[str, bytes]] = {}
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.seen: list[tuple[str, str]] = []
        self.json = False
        self.login = ""
        self.cut: dict[str, int] = {}

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/simple/"

    def add(self, project: str, file: str, data: bytes) -> str:
        self.files.setdefault(project, {})[file] = data
        return sha256(data)

    def paths(self) -> list[str]:
        return [path for path, _authorization in self.seen]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Index

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        index = self.server
        path = self.path.partition("?")[0]
        index.seen.append((path, self.headers.get("Authorization", "")))
        parts = path.strip("/").split("/")
        if path in index.pages:
            self.answer(*index.pages[path])
        elif index.login and self.headers.get("Authorization") != index.login:
            self.answer(401, {}, b"who are you?")
        elif parts[0] == "simple" and parts[-1] in index.files:
            self.page(parts[-1])
        elif parts[0] == "files" and parts[-1] in index.files.get(parts[1], {}):
            self.file(parts[-1], index.files[parts[1]][parts[-1]])
        else:
            self.answer(404, {}, b"no such thing")

    def page(self, project: str) -> None:
        files = self.server.files[project]
        if self.server.json:
            entries = [
                {
                    "filename": name,
                    "url": f"/files/{project}/{name}",
                    "hashes": {"sha256": sha256(data)},
                    "size": len(data),
                }
                for name, data in files.items()
            ]
            body = json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": entries}).encode()
            self.answer(200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, body)
            return
        links = "".join(
            f'<a href="../../files/{project}/{n}#sha256={sha256(d)}">{n}</a><br/>' for n, d in files.items()
        )
        self.answer(200, {"Content-Type": "text/html; charset=utf-8"}, f"<html><body>{links}</body></html>".encode())

    def file(self, name: str, data: bytes) -> None:
        if self.server.cut.get(name, 0):
            self.server.cut[name] -= 1
            self.answer(200, {"Content-Length": str(len(data))}, data[: len(data) // 2])
            self.close_connection = True
            return
        self.answer(200, {}, data)

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as server:
        thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.01), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def lock_entry(
    name: str, version: str, files: Mapping[str, str], groups: Sequence[str] = ("main",), **more: Any
) -> str:
    """Return one [[package]] of a poetry.lock; ``more``: markers, source (a table), python_versions, optional."""
    lines = [
        "[[package]]",
        f'name = "{name}"',
        f'version = "{version}"',
        'description = ""',
        f"optional = {str(more.get('optional', False)).lower()}",
        f'python-versions = "{more.get("python_versions", ">=3.8")}"',
        f"groups = {json.dumps(list(groups))}",
    ]
    markers = more.get("markers")
    if isinstance(markers, str):
        lines.append(f"markers = {json.dumps(markers)}")
    elif markers:
        lines.append(
            "markers = {" + ", ".join(f"{group} = {json.dumps(text)}" for group, text in markers.items()) + "}"
        )
    lines.append("files = [")
    lines += [
        f'    {{file = "{file}", hash = "{digest if ":" in digest else "sha256:" + digest}"}},'
        for file, digest in files.items()
    ]
    lines.append("]")
    if "source" in more:
        lines += ["", "[package.source]", *(f"{key} = {json.dumps(value)}" for key, value in more["source"].items())]
    return "\n".join(lines) + "\n"


def lock_text(
    entries: Sequence[str],
    python: str = ">=3.11,<3.14",
    version: str = "2.1",
    extras: Mapping[str, Sequence[str]] | None = None,
) -> str:
    text = "# This file is automatically @generated by Poetry 2.5.1 and should not be changed by hand.\n\n" + "\n".join(
        entries
    )
    if extras:
        text += "\n[extras]\n" + "".join(f"{name} = {json.dumps(list(names))}\n" for name, names in extras.items())
    return (
        text + f'\n[metadata]\nlock-version = "{version}"\npython-versions = "{python}"\ncontent-hash = "{"0" * 64}"\n'
    )


PYPROJECT = """[project]
name = "Net.Check"
version = "1.4.0"
requires-python = ">=3.11,<3.14"

[project.optional-dependencies]
gnmi = ["gnmi"]

[tool.poetry.group.junos.dependencies]
eznc = "*"

[tool.poetry.group.dev]
optional = true

[tool.poetry.group.dev.dependencies]
pytest = "*"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


class World:
    """A project, a lock, an index, and programs that do as they are told.

    Attributes:
        stale: Makes `poetry check --lock` fail as it does for a stale lock.
        broken: Names of sdists that do not build.
        calls: The arguments of every program that ran, with its environment.
    """

    def __init__(self, folder: pathlib.Path, index: Index) -> None:
        self.folder = folder
        self.index = index
        self.project = folder / "project"
        self.dest = folder / "bundles" / "netcheck"
        self.cache = folder / "cache"
        self.stale = False
        self.broken: set[str] = set()
        self.built_tag = "py3-none-any"
        self.own_tag = "py3-none-any"
        self.calls: list[tuple[list[str], dict[str, str]]] = []
        self.tools = folder / "tools"
        self._write()

    def _write(self) -> None:
        self.project.mkdir()
        self.tools.mkdir()
        for tool in ("poetry", "python"):
            (self.tools / tool).write_text("#!/bin/sh\nexit 1\n")
            (self.tools / tool).chmod(0o755)
        (self.project / ".python-version").write_text(f"{PIN}\n")
        (self.project / "pyproject.toml").write_text(PYPROJECT)
        self.write_lock(self.entries())

    def entries(self) -> list[str]:
        add = self.index.add
        fast = "fast-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        files = {
            "pure": {"pure-1.0-py3-none-any.whl": add("pure", "pure-1.0-py3-none-any.whl", wheel_bytes("pure", "1.0"))},
            "fast": {
                fast: add("fast", fast, wheel_bytes("fast", "2.0")),
                "fast-2.0-cp312-cp312-win_amd64.whl": add("fast", "fast-2.0-cp312-cp312-win_amd64.whl", b"not for us"),
            },
            "only-source": {
                "only-source-0.7.tar.gz": add(
                    "only-source", "only-source-0.7.tar.gz", sdist_bytes("only-source", "0.7")
                )
            },
            "eznc": {"eznc-3.1-py3-none-any.whl": add("eznc", "eznc-3.1-py3-none-any.whl", wheel_bytes("eznc", "3.1"))},
            "pytest": {
                "pytest-9.0-py3-none-any.whl": add(
                    "pytest", "pytest-9.0-py3-none-any.whl", wheel_bytes("pytest", "9.0")
                )
            },
            "gnmi": {"gnmi-0.8-py3-none-any.whl": add("gnmi", "gnmi-0.8-py3-none-any.whl", wheel_bytes("gnmi", "0.8"))},
            "colorama": {"colorama-0.4-py3-none-any.whl": "c" * 64},
        }
        return [
            lock_entry("pure", "1.0", files["pure"], ["main", "junos"]),
            lock_entry("fast", "2.0", files["fast"]),
            lock_entry("only-source", "0.7", files["only-source"]),
            lock_entry("eznc", "3.1", files["eznc"], ["junos"]),
            lock_entry("pytest", "9.0", files["pytest"], ["dev"]),
            lock_entry("gnmi", "0.8", files["gnmi"], markers='extra == "gnmi"', optional=True),
            lock_entry("colorama", "0.4", files["colorama"], markers='sys_platform == "win32"'),
        ]

    def write_lock(self, entries: Sequence[str], **more: Any) -> None:
        more.setdefault("extras", {"gnmi": ["gnmi"]})
        (self.project / "poetry.lock").write_text(lock_text(entries, **more))

    def request(self, **options: Any) -> Request:
        plain = {
            "project": str(self.project),
            "lock": "",
            "dest": str(self.dest),
            "pin": "",
            "targets": (TARGET,),
            "asked": Asked(),
            "root": True,
            "index_url": self.index.url,
            "cache": str(self.cache),
            "poetry": str(self.tools / "poetry"),
            "python": str(self.tools / "python"),
            "jobs": 4,
            "build_constraints": "",
            "timeout": 60,
        }
        return Request(**{**plain, **options})

    def build(self, check_mode: bool = False, **options: Any) -> tuple[bool, dict[str, Any]]:
        """Do what the module does; return changed and its result."""
        build = build_module.Build(self.request(**options), self.run, self.environ())
        prepared = build.prepare()
        done = prepared.plan.changed and not check_mode
        manifest: Manifest | None = build.apply(prepared) if done else prepared.manifest
        return prepared.plan.changed, build_module.outcome(build, prepared, manifest, done or not prepared.plan.changed)

    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)}

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | None = None,
        timeout: float | None = None,
        stdin: str | None = None,
        user: tuple[int, int] | None = None,
    ) -> Completed:
        arguments = list(argv)
        self.calls.append((arguments, dict(env)))
        if arguments[0] == str(self.tools / "poetry"):
            return self.poetry(arguments)
        if "wheel" in arguments:
            return self.pip_wheel(arguments)
        if "pip" in arguments or "venv" in arguments:
            return Completed(tuple(argv), 0, "", "")
        if arguments[0] == str(self.tools / "python"):
            return self.probed(arguments)
        return run_process(argv, env=env, cwd=cwd, timeout=timeout, stdin=stdin)

    def poetry(self, arguments: list[str]) -> Completed:
        if "check" in arguments and self.stale:
            said = (
                "Error: pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock`."
            )
            return Completed(tuple(arguments), 1, "", said)
        if "build" in arguments:
            output = pathlib.Path(arguments[arguments.index("--output") + 1])
            output.mkdir()
            (output / f"net_check-1.4.0-{self.own_tag}.whl").write_bytes(wheel_bytes("net-check", "1.4.0"))
        return Completed(tuple(arguments), 0, "Poetry (version 2.5.1)\n", "")

    def pip_wheel(self, arguments: list[str]) -> Completed:
        source = pathlib.Path(arguments[-1])
        assert source.is_file()
        name, _dash, version = source.name[: -len(".tar.gz")].rpartition("-")
        if name in self.broken:
            return Completed(tuple(arguments), 1, "", "error: no compiler")
        output = pathlib.Path(arguments[arguments.index("--wheel-dir") + 1])
        output.mkdir()
        built = wheel_bytes(name, version, self.built_tag)
        (output / f"{name.replace('-', '_')}-{version}-{self.built_tag}.whl").write_bytes(built)
        return Completed(tuple(arguments), 0, "", "")

    def probed(self, arguments: list[str]) -> Completed:
        said = {
            "version": PIN, "implementation": "cpython", "cache_tag": "cpython-311", "free_threaded": False,
            "arch": "x86_64", "bits": 64, "libc": "glibc", "libc_version": "2.36",
            "executable": sys.executable, "prefix": "/p", "base_prefix": "/p", "broken": {}, "libpython": [], "config_args": "",
        }  # fmt: skip
        return Completed(tuple(arguments), 0, json.dumps(said), "")

    def tree(self, folder: pathlib.Path | None = None) -> dict[str, str]:
        """Return path to digest of all files below a folder, by default all of this world."""
        root = folder or self.folder
        return {
            str(path.relative_to(root)): sha256(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()
        }


@pytest.fixture
def world(tmp_path: pathlib.Path, index: Index) -> World:
    return World(tmp_path, index)


@pytest.fixture
def wheelhouse(tmp_path: pathlib.Path) -> pathlib.Path:
    """An empty folder for wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def put_wheel(wheelhouse: pathlib.Path) -> Any:
    """Put a wheel into the wheelhouse and return its requirement line."""

    def put(name: str, version: str, tag: str = "py3-none-any", marker: str = "") -> str:
        data = wheel_bytes(name, version, tag)
        (wheelhouse / f"{name.replace('-', '_')}-{version}-{tag}.whl").write_bytes(data)
        return f"{name}=={version}{' ; ' + marker if marker else ''} --hash=sha256:{sha256(data)}\n"

    return put


@pytest.fixture
def make() -> Any:
    """The makers of wheels, sdists and locks, for tests that cannot import this file."""

    class Make:
        wheel = staticmethod(wheel_bytes)
        sdist = staticmethod(sdist_bytes)
        entry = staticmethod(lock_entry)
        lock = staticmethod(lock_text)
        sha256 = staticmethod(sha256)

    return Make
