# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One artifact for a whole environment: interpreter and wheels, on a host with no compiler, no pyenv and no network."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.netdevops.python.plugins.module_utils.build.interpreters import carried
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import parse_manifest
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, find
from ansible_collections.netdevops.python.tests.system.bundles import Made, small, wheel
from ansible_collections.netdevops.python.tests.system.hosts import Host
from ansible_collections.netdevops.python.tests.system.playing import (
    CACHE,
    INSTALL,
    REPOSITORY,
    Result,
    here,
    play,
    succeeded,
)

pytestmark = pytest.mark.system

ROOT = "/opt/pyenv"
# What a person or a test added to the interpreter of this machine is nobody's business.
WITHOUT = ["caches", "optimized_caches", "packages", "static_library", "tests"]
SHOWS = (
    "import json, ssl, sqlite3, sys;"
    "print(json.dumps([sys.version.split()[0], sys.base_prefix, sys.prefix, ssl.OPENSSL_VERSION[:7]]))"
)


@pytest.fixture(scope="module")
def archive(pinned: Interpreter) -> Prebuilt:
    """The interpreter that the example pins, packed on this machine; made once, and again when it changes."""
    root = pathlib.Path(pinned.base_prefix).parents[1]
    dest = CACHE / "system" / "interpreters"
    asked = {"version": pinned.version, "root": str(root), "dest": str(dest), "without": WITHOUT}
    [result] = here([{"netdevops.python.pyenv_archive": asked}])
    [found] = find(str(succeeded(result)["archive"]), pinned.version)
    return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder of this machine that the host sees."""
    folder = tmp_path_factory.mktemp("shown")
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def bare(shown: pathlib.Path) -> Iterator[Host]:
    """A host with nothing but Debian's Python, and an account ``netops``."""
    host = Host(f"netdevops-whole-{os.getpid()}", [shown])
    try:
        host.run("useradd", "--create-home", "netops")
        yield host
    finally:
        host.close()


def whole(folder: pathlib.Path, archive: Prebuilt, version: str = "1.0", data: bytes = b"", **said: Any) -> Made:
    """Make a bundle of two wheels and the interpreter, or ``data`` in its place; ``said`` is what its description says wrongly."""
    made = small(folder, version)
    target = archive.description.target
    made.seal(pin=archive.description.version, target=target)
    interpreters = made.folder / "interpreters"
    interpreters.mkdir()
    file = interpreters / archive.description.file
    if data:
        file.write_bytes(data)
        said = {"sha256": digest_bytes(data), "size": len(data), **said}
    else:
        shutil.copyfile(archive.path, file)
    described = Prebuilt(archive.path, archive.description._replace(**said))
    (interpreters / f"{file.name}.json").write_bytes(described.description.encode())
    manifest = parse_manifest(made.file.read_bytes(), "bundle.json")
    made.file.write_bytes(manifest._replace(interpreters={target: carried(described)}).encode())
    return made


def task(venv: str, bundle: object, **options: Any) -> dict[str, Any]:
    return {INSTALL: {"venv": venv, "bundle": str(bundle), "interpreter_root": ROOT, "compile": False, **options}}


def run(host: Host, *tasks: Mapping[str, Any], options: tuple[str, ...] = ()) -> list[Result]:
    return play(tasks, hosts={host.name: host.variables}, options=options)[host.name]


def python(host: Host, venv: str) -> list[str]:
    """Return version, installation, environment and OpenSSL of an environment's interpreter."""
    said: list[str] = json.loads(host.run(f"{venv}/bin/python", "-I", "-B", "-c", SHOWS, user="netops"))
    return said


def verbs(result: Result) -> list[str]:
    return [action["verb"] for action in result["actions"]]


def test_everything_from_one_artifact(bare: Host, archive: Prebuilt, tmp_path: pathlib.Path) -> None:
    assert bare.run("ls", "/sys/class/net").split() == ["lo"]
    bare.run("sh", "-c", "! command -v gcc cc make pyenv")
    made, venv, version = whole(tmp_path / "bundle", archive), "/opt/app/.venv", archive.description.version
    asked = task(venv, made, prove={"commands": ["alpha"], "imports": ["ssl", "sqlite3"]})

    [planned] = run(bare, asked, options=("--check", "--diff"))
    assert succeeded(planned)["changed"] and verbs(planned) == ["unpack", "build", "switch"]
    assert planned["packages"]["count"] == 2 and version in planned["diff"][0]["after"]
    bare.run("test", "!", "-e", ROOT, "-a", "!", "-e", "/opt/app")

    folder = f"{ROOT}/versions/{version}"
    upgrade = task(venv, whole(tmp_path / "next", archive, "1.1"))
    lose = {"ansible.builtin.command": {"cmd": f"rm -r {folder}"}}
    first, second, upgraded, _lost, back, again = run(bare, asked, asked, upgrade, lose, upgrade, upgrade)
    assert succeeded(first)["changed"] and verbs(first) == ["unpack", "build", "switch"]
    assert (first["release"], first["actions"]) == (planned["release"], planned["actions"])
    assert first["interpreter"]["size"] == archive.description.size and first["delivered"]["wheels"] == 2
    assert not succeeded(second)["changed"] and second["actions"] == []

    # The next release needs the interpreter no more: it does not travel.
    assert verbs(succeeded(upgraded)) == ["build", "switch"] and upgraded["delivered"]["wheels"] == 1
    assert "interpreter" not in upgraded

    # It went away: it comes back, and the release that stood on it is what it was.
    assert verbs(succeeded(back)) == ["unpack"] and back["release"] == upgraded["release"]
    assert not succeeded(again)["changed"]

    assert python(bare, venv) == [version, folder, bare.run("realpath", venv).strip(), "OpenSSL"]
    assert bare.run(f"{venv}/bin/alpha", user="netops").split() == ["alpha", "1.1", "beta", "2.0"]
    bare.run("test", "-e", f"{folder}/receipt.json")
    releases = [".journal", ".lock", first["release"], upgraded["release"]]
    assert sorted(bare.run("ls", "-A", f"{venv}.releases").split()) == sorted(releases)


def test_a_tar_that_lies_on_the_host_and_another_root(
    bare: Host, archive: Prebuilt, shown: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    made = whole(tmp_path / "bundle", archive)
    tar = shown / "bundle.tar"
    with tarfile.open(tar, "w") as written:
        written.add(made.folder, ".")
    venv, root = "/srv/edge/.venv", "/srv/python"
    asked = task(venv, tar, remote_src=True, interpreter_root=root, bundle_id=made.id, owner="netops")
    [planned] = run(bare, asked, options=("--check",))
    assert verbs(succeeded(planned)) == ["unpack", "build", "switch"]
    first, second = run(bare, asked, asked)
    assert verbs(succeeded(first)) == ["unpack", "build", "switch"] and not succeeded(second)["changed"]
    version = archive.description.version
    assert python(bare, venv)[:2] == [version, f"{root}/versions/{version}"]
    assert "alpha 1.0" in bare.run(f"{venv}/bin/alpha", user="netops")
    assert bare.run("ls", "-A", "/srv/edge/.venv.releases").split() == [".journal", ".lock", first["release"]]
    tar.unlink()


EMPTY_LOCK = """package = []

[metadata]
lock-version = "2.1"
python-versions = ">=3.11,<3.12"
content-hash = "0000000000000000000000000000000000000000000000000000000000000000"
"""


def looped(said: list[Result]) -> list[Result]:
    """Return what the module said in each loop of the role over one project."""
    loops = [result["results"][0] for result in said if result.get("results")]
    return [result for result in loops if "actions" in result or result.get("failed")]


def test_the_role_puts_it_into_the_bundle_and_takes_it_from_there(
    bare: Host, archive: Prebuilt, tmp_path: pathlib.Path
) -> None:
    lock, bundle, pin = tmp_path / "poetry.lock", tmp_path / "bundle", archive.description.version
    lock.write_text(EMPTY_LOCK, encoding="utf-8")
    project = {"name": "edge", "lock": str(lock), "pin": pin, "bundle": str(bundle), "venv": "/opt/role/.venv"}
    build = {
        "wheelhouse_targets": [archive.description.target],
        "wheelhouse_interpreters": [str(CACHE / "system/interpreters")],
    }
    role = {"name": "netdevops.python.wheelhouse"}
    variables = {"wheelhouse_projects": [project], "wheelhouse_cache": str(tmp_path / "cache")}
    tasks = [{"ansible.builtin.include_role": {**role, "tasks_from": "build"}, "vars": {**variables, **build}}]
    said = here(tasks * 2, hosts={"here": {"ansible_python_interpreter": sys.executable}})
    first, second = looped(said)
    assert first["changed"] and first["interpreters"] == {archive.description.target: archive.description.file}
    assert [action["verb"] for action in first["actions"]] == ["copy", "write"] and not second["changed"]

    site = [{**task, "vars": {**variables, "wheelhouse_interpreter_root": "/opt/role/pyenv"}} for task in site_tasks()]
    said = run(bare, *site)
    [first] = [result for result in looped(said) if "release" in result]
    assert verbs(succeeded(first)) == ["unpack", "build", "switch"]
    assert python(bare, "/opt/role/.venv")[:2] == [pin, f"/opt/role/pyenv/versions/{pin}"]
    # The facts know of it at the end of the run that brought it, and the next run finds nothing to do.
    facts = json.loads(bare.run("cat", "/etc/ansible/facts.d/netdevops_python.fact"))
    assert "/opt/role/pyenv" in [one["root"] for one in facts["interpreters"]]
    assert not [result for result in run(bare, *site) if succeeded(result)["changed"]]


def site_tasks() -> list[dict[str, Any]]:
    """Return what the playbook ``site`` does, as tasks."""
    [site] = yaml.safe_load((REPOSITORY / "playbooks/site.yml").read_text())
    return [{"ansible.builtin.include_role": {"name": one["role"]}} for one in site["roles"]] + site["post_tasks"]


def corrupt(made: Made) -> None:
    [file] = (made.folder / "interpreters").glob("*.gz")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


NEWER = {"target": "cp311-manylinux_2_39_x86_64", "libc_version": "2.39"}
# What is seen to be wrong before anything travels is told by the unit tests.
# Name, what its description says wrongly, what is done to the bundle, options, what the error says.
BAD: Mapping[str, tuple[dict[str, Any], Any, dict[str, Any], str]] = {
    "damaged": ({}, corrupt, {}, r"^interpreters/cpython.*: expected SHA-256 [0-9a-f]{64}"),
    "libc": (NEWER, None, {}, r"needs glibc 2\.39 or newer, this host has 2\.36"),
    "library": ({"libraries": ("libnothere.so.7",)}, None, {}, "does not have: libnothere.so.7"),
    "not-writable": ({}, None, {"interpreter_root": "/proc/python"}, "/proc"),
    "somebody-else": ({}, None, {"interpreter_root": "/home/netops/python"}, "belongs to user .*`interpreter_root`"),
}


def test_bad_input_is_told_and_leaves_everything_as_it_is(
    bare: Host, archive: Prebuilt, tmp_path: pathlib.Path
) -> None:
    venv = "/opt/seeded/.venv"
    # A good environment on Debian's own Python, which the bad bundles are to replace.
    seed = Made(tmp_path / "seed")
    wheel(
        seed.wheels, "alpha", "0.9", {"alpha.py": "def main():\n    print('0.9')\n"}, commands={"alpha": "alpha:main"}
    )
    own = bare.run("/usr/bin/python3", "-c", "import platform; print(platform.python_version())").strip()
    seed.seal(pin=own, target="cp311-manylinux_2_17_x86_64")
    plain = {"venv": venv, "bundle": str(seed), "python": "/usr/bin/python3", "compile": False}
    bare.run("install", "-d", "-o", "netops", "/home/netops/python")
    tasks: list[Mapping[str, Any]] = [{INSTALL: plain}]
    for name, (said, damage, options, _message) in BAD.items():
        # What is refused before a byte is unpacked need not be 20 MB that travel.
        made = whole(tmp_path / name, archive, "2.0", b"not opened", **said)
        if damage:
            damage(made)
        tasks.append(task(venv, made, **{"interpreter_root": "/opt/new", **options}))
    results = run(bare, *tasks)
    release = succeeded(results[0])["release"]
    for (name, (*_unused, message)), result in zip(BAD.items(), results[1:]):
        assert result.get("failed"), f"{name} was accepted: {result}"
        assert "Traceback" not in result["msg"] and result["problems"][0]["next_step"], (name, result["msg"])
        assert re.search(message, result["msg"]), (name, result["msg"])
    assert bare.run("readlink", venv).strip() == f".venv.releases/{release}"
    assert bare.run("ls", "-A", f"{venv}.releases").split() == [".journal", ".lock", release]
    assert bare.run(f"{venv}/bin/alpha").strip() == "0.9"
    bare.run("sh", "-c", "! find /opt/new /home/netops/python -name '*python3*' 2>/dev/null | grep .")
