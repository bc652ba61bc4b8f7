# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CPython that is compiled once, on a host without a way out, and that works on hosts that could not compile it."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import PROBE
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import MODULES
from ansible_collections.netdevops.python.tests.system.hosts import IMAGE, TRIXIE, Host
from ansible_collections.netdevops.python.tests.system.interpreters import (
    ROOT,
    SOURCE,
    SOURCES,
    VERSION,
    Built,
    compiled,
    running,
)
from ansible_collections.netdevops.python.tests.system.playing import Result, play, succeeded
from ansible_collections.netdevops.python.tests.system.pyenv_lab import sha256

pytestmark = pytest.mark.system

INSTALL = "netdevops.python.pyenv_install"
OTHER_ROOT = "/srv/netops/interpreters"
PLACES = {"same": (IMAGE, ROOT), "moved": (IMAGE, OTHER_ROOT), "newer": (TRIXIE, OTHER_ROOT)}
WHEELS = SOURCES / "wheels"
# A build takes minutes: from the cache on demand alone, `make interpreters`.
WAYS = ("mirror", "cache") if os.environ.get("NETDEVOPS_FULL") else ("mirror",)
TIMES_LESS_CPU = 100
MOST_TIMES = 4
ROUNDS = 6

# What people do with an interpreter, by one that was not compiled where it runs. A certificate of this very test is in the folder.
PROOF = """
import ctypes, json, socket, sqlite3, ssl, sys, sysconfig, threading
import _cffi_backend, cffi
ffi = cffi.FFI()
ffi.cdef("int getpid(void);")
assert ffi.dlopen(None).getpid() == ctypes.CDLL(None).getpid()
folder = sys.argv[1]
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(folder + "/certificate.pem", folder + "/key.pem")
listening = socket.create_server(("127.0.0.1", 0))
def answer():
    with server.wrap_socket(listening.accept()[0], server_side=True) as stream:
        stream.sendall(stream.recv(100).upper())
threading.Thread(target=answer).start()
client = ssl.create_default_context(cafile=folder + "/certificate.pem")
with client.wrap_socket(socket.create_connection(listening.getsockname()), server_hostname="localhost") as stream:
    stream.sendall(b"over tls")
    heard, protocol = stream.recv(100).decode(), stream.version()
with open("/proc/self/maps") as maps:
    libraries = {line.split()[-1] for line in maps if "libpython" in line}
print(json.dumps({
    "version": sys.version.split()[0], "base_prefix": sys.base_prefix, "prefix": sysconfig.get_config_var("prefix"),
    "heard": heard, "protocol": protocol, "libraries": sorted(libraries), "backend": _cffi_backend.__file__,
    "sqlite": sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0],
}))
"""
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
    "-keyout /tmp/proof/key.pem -out /tmp/proof/certificate.pem 2>/dev/null"
)


class Placed(NamedTuple):
    """An installation from the archive.

    Attributes:
        host: Where.
        folder: The version's folder there.
        result: What the module said.
        cpu: The CPU seconds that the host spent on the task; the least of several times, since what else this machine does adds to it.
    """

    host: Host
    folder: str
    result: Result
    cpu: float


@pytest.fixture(scope="module")
def built() -> Built:
    return compiled("mirror")


@pytest.fixture(scope="module")
def build_box(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, list[pathlib.Path]]]:
    """A host with the tree of the build, and no compiler any more; with it the folders of archives that it may write to."""
    folders = [built.root.parent / "archives", tmp_path_factory.mktemp("archives")]
    folders[0].mkdir(exist_ok=True)
    volumes = [f"{built.root}:{ROOT}", *(f"{folder}:{folder}" for folder in folders)]
    options = [word for volume in volumes for word in ("--volume", volume)]
    with running(Host(f"netdevops-box-{os.getpid()}", options=options)) as host:
        yield host, folders


@pytest.fixture(scope="module")
def archive(build_box: tuple[Host, list[pathlib.Path]]) -> pathlib.Path:
    """The archive of the build, which is kept with it; packed again, it has the same bytes."""
    host, (kept, other) = build_box
    packing = [{"netdevops.python.pyenv_archive": {"version": VERSION, "dest": str(to)}} for to in (kept, other, kept)]
    first, second, third = map(succeeded, play(packing, hosts={host.name: host.variables})[host.name])
    assert (second["changed"], third["changed"]) == (True, False)
    assert first["sha256"] == second["sha256"] == sha256(pathlib.Path(first["archive"]))
    return pathlib.Path(first["archive"])


@pytest.fixture(scope="module")
def placed(archive: pathlib.Path, built: Built) -> Iterator[dict[str, Placed]]:
    """Hosts with the interpreter of the archive, which the controller brought there."""
    names = {place: f"netdevops-{place}-{os.getpid()}" for place in PLACES}
    # In memory: what creating a file costs is the disk's, and was seen to differ by ten times on one disk within two hours.
    hosts = {
        place: Host(names[place], [WHEELS], image=image, options=["--tmpfs", f"{root}:rw,exec,mode=755,size=1g"])
        for place, (image, root) in PLACES.items()
    }
    try:
        yield {
            place: _install(host, PLACES[place][1], archive, built.cpu / TIMES_LESS_CPU)
            for place, host in hosts.items()
        }
    finally:
        for host in hosts.values():
            host.close()


def _install(host: Host, root: str, archive: pathlib.Path, enough: float) -> Placed:
    """Install it, and again while it took more CPU than is ``enough``: other work of this machine only ever adds to that."""
    asked = {"version": VERSION, "root": root}
    absent, present = {"state": "absent"}, {"archive": str(archive.parent), "source": "archive"}
    times: list[float] = []
    while not times or (min(times) > enough and len(times) < MOST_TIMES):
        if times:
            play([{INSTALL: {**asked, **absent}}], hosts={host.name: host.variables})
        spent = host.cpu_seconds()
        [result] = play([{INSTALL: {**asked, **present}}], hosts={host.name: host.variables})[host.name]
        assert succeeded(result)["changed"]
        times.append(host.cpu_seconds() - spent)
    return Placed(host, f"{root}/versions/{VERSION}", result, min(times))


@pytest.mark.parametrize("way", WAYS)
def test_it_is_compiled_where_there_is_no_way_out(way: str) -> None:
    made = compiled(way)
    digest = sha256(SOURCE)
    source = made.result["source_archive"]
    assert (made.result["source"], source["sha256"]) == (way, digest)
    assert source["place"] == str(SOURCE) if way == "cache" else source["place"].endswith(f"/{digest}")
    assert list(made.asked) == [] if way == "cache" else f"/{digest}" in made.asked
    assert "Network is unreachable" in made.outside
    assert (made.result["before"]["state"], made.result["after"]["state"]) == ("absent", "present")
    print(f"compiled through the {way}: {made.seconds:.0f} s, {made.cpu:.0f} CPU s")


def test_a_second_run_takes_the_time_of_a_probe(build_box: tuple[Host, list[pathlib.Path]]) -> None:
    host, _folders = build_box
    python = f"{ROOT}/versions/{VERSION}/bin/python"
    rounds = {"loop": list(range(ROUNDS))}
    module = {INSTALL: {"version": VERSION, "root": ROOT}, **rounds}
    probe = {"command": {"argv": [python, "-I", "-c", PROBE, *MODULES]}, **rounds}
    spent = []
    for task in (probe, module):
        before = host.cpu_seconds()
        [result] = play([task], hosts={host.name: host.variables})[host.name]
        spent.append((host.cpu_seconds() - before) / ROUNDS)
        assert not [one for one in result["results"] if one.get("failed")], result
    assert not [one for one in result["results"] if one["changed"]]
    seconds = sum(one["seconds"] for one in result["results"]) / ROUNDS
    print(f"second run: {seconds:.2f} s; {spent[1]:.2f} CPU s, as a task that probes: {spent[0]:.2f} CPU s")
    assert spent[1] < 2 * spent[0]


@pytest.mark.parametrize("place", PLACES)
def test_it_works_where_it_could_not_be_compiled(placed: dict[str, Placed], place: str) -> None:
    one = placed[place]
    assert one.result["source"] == "archive"
    host, python = one.host, f"{one.folder}/bin/python"
    assert host.run("ls", "/sys/class/net").split() == ["lo"]
    host.fails("sh", "-c", "command -v gcc || command -v cc || command -v make")

    host.run("sh", "-c", f"mkdir /tmp/proof && {CERTIFICATE}")
    host.run(python, "-m", "venv", "/tmp/proof/venv")
    host.run("/tmp/proof/venv/bin/pip", "install", "--quiet", "--no-index", "--find-links", str(WHEELS), "cffi")
    said = json.loads(host.run("/tmp/proof/venv/bin/python", "-W", "error", "-c", PROOF, "/tmp/proof"))
    assert said["backend"].startswith("/tmp/proof/venv/lib/python3.11/site-packages/_cffi_backend.cpython-311-")
    expected = {"version": VERSION, "base_prefix": one.folder, "prefix": one.folder, "heard": "OVER TLS", "sqlite": 42}
    assert {name: said[name] for name in expected} == expected
    assert said["libraries"] == [f"{one.folder}/lib/libpython3.11.so.1.0"]
    assert said["protocol"] == "TLSv1.3"
    assert f"from {one.folder}/lib/" in host.run(f"{one.folder}/bin/pip3.11", "--version")


@pytest.mark.parametrize("place", PLACES)
def test_it_takes_a_hundredth_of_the_cpu_of_compiling(built: Built, placed: dict[str, Placed], place: str) -> None:
    one = placed[place]
    less = built.cpu / one.cpu
    print(f"compiled: {built.seconds:.0f} s, {built.cpu:.0f} CPU s")
    print(f"{place}: {one.result['seconds']} s, {one.cpu:.2f} CPU s: {less:.0f} times less")
    assert less >= TIMES_LESS_CPU
