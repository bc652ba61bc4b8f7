# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real interpreter becomes an archive, and lives at another path on a host that never saw the first one."""

from __future__ import annotations

import gzip
import io
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_plan import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, find, unpack
from ansible_collections.netdevops.python.tests.system.clock import timed
from ansible_collections.netdevops.python.tests.system.hosts import Host
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    REPOSITORY,
    Result,
    here,
    play,
    succeeded,
)

pytestmark = pytest.mark.system

ARCHIVE = "netdevops.python.pyenv_archive"
INSTALL = "netdevops.python.pyenv_install"
# What people installed into the interpreter of this machine is nobody's business.
WITHOUT = ["optimized_caches", "packages", "static_library", "tests"]
KILLS = 4
# As a path of its own: a common word.
INSTALL_PREFIX = r"""(=|"|-[ILR]|\047)/install(/|"|\047|$)"""

# Where the interpreter says that its files are, in all the ways that are asked in earnest.
PLACES = """
import json, os, subprocess, sys, sysconfig
def said(*argv): return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
prefix, feature = sys.prefix, "python%d.%d" % sys.version_info[:2]
with open(f"{prefix}/lib/pkgconfig/{feature[:6]}-{feature[6:]}.pc") as stream:
    package = dict(line.strip().split("=", 1) for line in stream if "=" in line and ":" not in line)
with open("/proc/self/maps") as maps:
    libraries = sorted({line.split()[-1] for line in maps if "libpython" in line})
variables = sysconfig.get_config_vars()
found = [prefix, package["prefix"], *sysconfig.get_paths().values(), *libraries, sysconfig.get_makefile_filename()]
found += [variables[name] for name in ("prefix", "LIBDIR", "INCLUDEPY", "LIBPL", "BINDIR")]
found += [word[2:] for word in said(f"{prefix}/bin/{feature}-config", "--includes", "--ldflags", "--embed") if word[:2] in ("-I", "-L")]
found += said(f"{prefix}/bin/pydoc3", "-h") and [prefix]
print(json.dumps(sorted(set(found))))
"""
MODULES = "import bz2, ctypes, curses, hashlib, lzma, readline, sqlite3, ssl, uuid, zlib, ensurepip, venv; ssl.create_default_context()"


@pytest.fixture(scope="module")
def root(pinned: Interpreter) -> pathlib.Path:
    return pathlib.Path(pinned.base_prefix).parents[1]


@pytest.fixture(scope="module")
def packed(pinned: Interpreter, root: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Prebuilt:
    """The archive of this machine's interpreter, packed by the module: checked, made, and found up to date."""
    dest = tmp_path_factory.mktemp("archives")
    asked = {"version": pinned.version, "root": str(root), "dest": str(dest), "without": WITHOUT}
    tasks: list[dict[str, Any]] = [{ARCHIVE: asked, "check_mode": True}, {ARCHIVE: asked}, {ARCHIVE: asked}]
    checked, made, again = map(succeeded, here(tasks))
    assert (checked["changed"], made["changed"], again["changed"]) == (True, True, False)
    assert checked["archive"] == made["archive"] == again["archive"]
    assert {**checked["after"], "sha256": made["sha256"], "size": made["size"]} == made["after"] == again["after"]
    [found] = find(str(dest), pinned.version)
    return found


@pytest.fixture(scope="module")
def bare(packed: Prebuilt, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host with Debian's Python alone, that sees the archives."""
    host = Host(f"netdevops-archive-{os.getpid()}", [pathlib.Path(packed.path).parent, tmp_path_factory.getbasetemp()])
    try:
        yield host
    finally:
        host.close()


def run(host: Host, **options: Any) -> Result:
    [result] = play([{INSTALL: {"source": "archive", **options}}], hosts={host.name: host.variables})[host.name]
    return result


def check_moved(host: Host, folder: str, old: str) -> None:
    """Check that the interpreter in ``folder`` works, and that it knows no other place; ``old`` is a pattern of the first one."""
    python = f"{folder}/bin/python"
    host.run(python, "-B", "-c", MODULES)
    places = json.loads(host.run(python, "-B", "-c", PLACES))
    assert [place for place in places if not os.path.realpath(place).startswith(folder)] == []
    named = host.run("sh", "-c", f"grep -rlE -- '{old}' {folder} || true").split()
    # CPython puts the right path into bytecode when it imports it; in its own library it is a last resort.
    assert [name for name in named if not name.endswith(".pyc") and "/lib/libpython" not in name] == []


def test_the_same_tree_gives_the_same_bytes_elsewhere(
    packed: Prebuilt, pinned: Interpreter, tmp_path: pathlib.Path
) -> None:
    """What was unpacked and is packed again differs by its paths alone; packed twice, it does not differ."""
    folder = tmp_path / "a/versions" / pinned.version
    folder.parent.mkdir(parents=True)
    unpack(packed, str(folder), str(folder))
    (tmp_path / "b").mkdir()
    subprocess.run(["cp", "-a", tmp_path / "a/versions", tmp_path / "b/"], check=True)
    wanted = Wanted(pinned.version, str(tmp_path / "a"), str(tmp_path / "one"), tuple(WITHOUT), (), "", "")
    one = ensure(wanted, check_mode=False)
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "b").rename(tmp_path / "a")
    two = ensure(wanted._replace(dest=str(tmp_path / "two")), check_mode=False)
    assert one["sha256"] == two["sha256"]
    assert one["after"] == two["after"]
    assert one["unpacked"] > 30_000_000


def test_an_interpreter_lives_at_another_path(bare: Host, packed: Prebuilt, pinned: Interpreter) -> None:
    result = succeeded(run(bare, version=pinned.version, root="/srv/elsewhere", archive=packed.path))
    assert (result["source"], result["executable"]) == (
        "archive",
        f"/srv/elsewhere/versions/{pinned.version}/bin/python",
    )
    folder = f"/srv/elsewhere/versions/{pinned.version}"
    # As a distribution's libpython of the same name, which a lost run path would lead to.
    bare.run("sh", "-c", f"cp {folder}/lib/libpython3.*.so.1.0 /usr/lib/x86_64-linux-gnu/ && ldconfig")
    check_moved(bare, folder, pinned.base_prefix)
    bare.run(f"{folder}/bin/python", "-B", "-m", "venv", "/srv/venv")
    bare.run("/srv/venv/bin/pip", "install", "--no-index", "--disable-pip-version-check", "pip")
    assert bare.run("sh", "-c", f"ls -d {pinned.base_prefix} 2>/dev/null || echo none").strip() == "none"


@pytest.fixture(scope="module")
def facsimile(packed: Prebuilt, pinned: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """An archive as python-build-standalone makes them of this machine's interpreter: a real one cannot be had offline.

    Its prefix is /install, its scripts find the program beside them, it has no bytecode, no folders and GNU headers.
    """
    folder = tmp_path_factory.mktemp("standalone")
    unpack(packed, str(folder / "python"), "/install")
    feature = ".".join(pinned.version.split(".")[:2])
    program = f'"$(dirname -- "$(realpath -- "$0")")/python{feature}" "$0" "$@"'
    archive = folder / f"cpython-{pinned.version}+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"
    with tarfile.open(archive, "w:gz", format=tarfile.GNU_FORMAT, compresslevel=1) as tar:
        for path in sorted((folder / "python").rglob("*")):
            if path.suffix == ".pyc" or (path.is_dir() and not path.is_symlink()):
                continue
            if path.parent.name == "bin" and not path.is_symlink() and path.read_bytes().startswith(b"#!/install/"):
                text = path.read_text().split("\n", 1)[1]
                path.write_text(f"#!/bin/sh\n'''exec' {program}\n' '''\n{text}")
            tar.add(path, path.relative_to(folder), recursive=False)
    return archive


def test_an_archive_of_python_build_standalone(bare: Host, facsimile: pathlib.Path, pinned: Interpreter) -> None:
    """By its digest alone on the host, and by a description that was made on the controller."""
    sha256 = digest_bytes(facsimile.read_bytes())
    asked = {"version": pinned.version, "archive_sha256": sha256}
    succeeded(run(bare, **asked, root="/srv/digest", archive=str(facsimile), remote_src=True))
    check_moved(bare, f"/srv/digest/versions/{pinned.version}", INSTALL_PREFIX)
    [described] = here([{ARCHIVE: {"src": str(facsimile), "src_sha256": sha256, "dest": str(facsimile.parent)}}])
    assert (described["version"], described["actions"][0]["verb"]) == (pinned.version, "describe")
    succeeded(run(bare, **asked, root="/srv/described", archive=str(facsimile.parent)))
    bare.run(f"/srv/described/versions/{pinned.version}/bin/python", "-B", "-c", MODULES)


def described(place: pathlib.Path, packed: Prebuilt, data: bytes | None = None, **said: Any) -> str:
    """Write an archive and a description that is true as far as digest and size go; return the archive's path."""
    content = pathlib.Path(packed.path).read_bytes() if data is None else data
    path = place / packed.description.file
    path.write_bytes(content)
    plain = {"sha256": digest_bytes(content), "size": len(content), **said}
    (place / f"{path.name}.json").write_bytes(packed.description._replace(**plain).encode())
    return str(path)


def hostile(packed: Prebuilt) -> bytes:
    """Return the archive with one more member, which goes out of its folder."""
    data = gzip.decompress(pathlib.Path(packed.path).read_bytes())
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("python/bin/../../../../../../../../srv/evil")
        archive.addfile(info, io.BytesIO())
    return gzip.compress(stream.getvalue()[:512] + data, 1)


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "libc and libraries": (
        {
            "target": "{abi}-manylinux_2_99_x86_64",
            "libc_version": "2.99",
            "libraries": ("libnobody-has-this.so.1", "libz.so.1"),
        },
        ["needs glibc 2.99 or newer, this host has 2.36", "this host does not have: libnobody-has-this.so.1."],
    ),
    "processor": (
        {"target": "{abi}-manylinux_2_17_aarch64", "arch": "aarch64", "libc_version": "2.17"},
        ["is for aarch64, this host is x86_64"],
    ),
    "kind of libc": (
        {"target": "{abi}-musllinux_1_2_x86_64", "libc": "musl", "libc_version": "1.2"},
        ["needs musl, this host has glibc"],
    ),
    "digest": ({"sha256": "0" * 64}, ["expected SHA-256 000"]),
    "bomb": ({"unpacked": 1000}, ["unpacks to more than the 1000 bytes that are declared"]),
    "relocation": ({"relocate": ("bin/python3",)}, ["'bin/python3' is listed as a file that names its path"]),
    "hostile member": ({}, ["expected everything below python/, found 'python/bin/../../"]),
}


@pytest.fixture(scope="module")
def refused(bare: Host, packed: Prebuilt, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What the module says of archives that may not be installed, and at the end what they left."""
    asked = {"version": packed.description.version, "root": "/srv/refused", "remote_src": True, "source": "archive"}
    abi = packed.description.parsed_target.abi
    tasks: list[dict[str, Any]] = []
    for case, (said, _messages) in REFUSED.items():
        place = tmp_path_factory.mktemp(case.replace(" ", "-"))
        fields = {name: value.format(abi=abi) if name == "target" else value for name, value in said.items()}
        tasks.append(
            {INSTALL: {**asked, "archive": described(place, packed, None if said else hostile(packed), **fields)}}
        )
    return dict(zip(REFUSED, play(tasks, hosts={bare.name: bare.variables})[bare.name]))


@pytest.mark.parametrize("case", REFUSED)
def test_an_archive_that_may_not_be_installed_is_refused(refused: dict[str, Result], case: str) -> None:
    assert refused[case]["failed"]
    assert [message for message in REFUSED[case][1] if message not in refused[case]["msg"]] == []


def test_what_was_refused_leaves_nothing(bare: Host, refused: dict[str, Result]) -> None:
    assert set(refused) == set(REFUSED)
    left = "find /srv/refused \\( -path '*/versions/*' -o -path '*/.builds/*' \\) 2>/dev/null; ls /srv/evil 2>/dev/null; true"
    assert bare.run("sh", "-c", left) == ""


PACK = """
import sys
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_plan import ensure
version, root, dest, *without = sys.argv[1:]
print(ensure(Wanted(version, root, dest, tuple(without), (), "", ""), check_mode=False)["changed"])
"""


class Packing:
    """An interpreter of its own that changes again and again, and its archive in a folder."""

    def __init__(self, folder: pathlib.Path, packed: Prebuilt) -> None:
        self.version, self.dest, self.older = packed.description.version, folder / "archives", folder / "older"
        self.tree = folder / "root/versions" / self.version
        self.tree.parent.mkdir(parents=True)
        unpack(packed, str(self.tree), str(self.tree))
        without = ["caches", *WITHOUT]  # it is packed in half the time
        self.argv = [BASE_PYTHON, "-B", "-c", PACK, self.version, str(folder / "root"), str(self.dest), *without]
        self.env = {**os.environ, "PYTHONPATH": str(REPOSITORY / ".collections")}

    def whole(self) -> str:
        """Let a run end, and return whether it changed something."""
        return subprocess.run(self.argv, env=self.env, check=True, capture_output=True, text=True).stdout

    def kill(self, number: int, seconds: float) -> tuple[int, bool]:
        """Kill a run that has something to do after seconds, or when 0 at the moment when the new archive appears.

        Returns:
            How it ended, and whether the older archive is still there.
        """
        shutil.copytree(self.older, self.dest, dirs_exist_ok=True)
        (self.tree / "lib/changed").write_text(str(number))
        [archive] = self.dest.glob("cpython-*.tar.gz")
        before = archive.stat().st_ino
        process = subprocess.Popen(self.argv, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        while not seconds and archive.stat().st_ino == before and process.poll() is None:
            time.sleep(0.0002)
        process.send_signal((signal.SIGKILL, signal.SIGTERM)[number // 2 % 2])
        return process.wait(), archive.stat().st_ino == before

    def found(self) -> bytes:
        """Return the description that is found, with which the archive agrees; nothing where none is found."""
        for one in find(str(self.dest), self.version):
            assert digest_bytes(pathlib.Path(one.path).read_bytes()) == one.description.sha256
            return one.description.encode()
        return b""


def test_killed_while_it_packs(packed: Prebuilt, tmp_path: pathlib.Path) -> None:
    """An older archive is there: what is found is it, or the new one, or none; and the next run always ends well."""
    packing = Packing(tmp_path, packed)
    seconds, chance = timed(packing.whole), random.Random(7)
    older = packing.found()
    packing.dest.rename(packing.older)
    ended = []
    for number in range(KILLS):
        code, is_older = packing.kill(number, seconds * chance.uniform(0.3, 1.05) if number % 2 else 0)
        found = packing.found()
        assert found == older or not is_older, "until the new archive is there, the older one is found"
        ended.append((code, "older" if found == older else "new" if found else "none"))
    print(f"{seconds:.1f} s; {ended}")
    assert any(code < 0 for code, _found in ended), "none was killed"
    assert packing.whole() and packing.found()
    assert packing.whole() == "False\n"
    assert len(os.listdir(packing.dest)) == 2
