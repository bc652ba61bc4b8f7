# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on which somebody configured pip, uv and Python to do something else: it makes no difference."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import install_task, play, succeeded
from ansible_collections.netdevops.python.tests.system.test_owner import debian_bundle

pytestmark = pytest.mark.system

VENV = "/opt/hostile/app/.venv"
MARK = "/tmp/hostile-mark"
EVIL = "/opt/hostile/evil"
# Says who loaded it. -c and -m give no name; a proof's process is known by its prefix.
SPY = f"""
import os, sys
with open("{MARK}", "a") as stream:
    stream.write(repr((sys.prefix, sys.flags.isolated, __name__)) + "\\n")
"""
ENVIRONMENT = {
    "PIP_INDEX_URL": "http://192.0.2.1/simple",
    "PIP_FIND_LINKS": EVIL,
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_TARGET": EVIL,
    "UV_INDEX_URL": "http://192.0.2.1/simple",
    "UV_PROJECT_ENVIRONMENT": EVIL,
    "POETRY_VIRTUALENVS_PATH": EVIL,
    "PYTHONPATH": EVIL,
    "PYTHONSTARTUP": f"{EVIL}/startup.py",
    "PYTHONUSERBASE": f"{EVIL}/user",
    "PYTHONPYCACHEPREFIX": f"{EVIL}/cache",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PYTHONINSPECT": "1",
    "VIRTUAL_ENV": EVIL,
    "CONDA_PREFIX": EVIL,
}
SETTINGS = ("PIP_", "UV_", "POETRY_", "CONDA", "LD_")


@pytest.fixture
def hostile(debian: Host) -> Iterator[Host]:
    """A host whose settings are against us; they are taken away again, since other tests share the host."""
    home = debian.run("sh", "-c", "echo ~root").strip()
    config = "[global]\nindex-url = http://192.0.2.1/simple\ntarget = /opt/hostile/evil\nno-deps = true\n[install]\nuser = true\n"
    files = {
        "/etc/pip.conf": config,
        f"{home}/.config/pip/pip.conf": config,
        f"{home}/.config/uv/uv.toml": 'index-url = "http://192.0.2.1"\n',
    }
    for module in ("sitecustomize", "usercustomize", "alpha", "beta"):
        files[f"{EVIL}/{module}.py"] = SPY
        files[f"{home}/.local/lib/python3.11/site-packages/{module}.py"] = SPY
    files[f"{EVIL}/startup.py"] = SPY
    for path, text in files.items():
        debian.write(path, text)
    yield debian
    debian.run("rm", "-rf", "/etc/pip.conf", f"{home}/.config", f"{home}/.local", "/opt/hostile", MARK)


def digests(host: Host, folder: str) -> dict[str, str]:
    """Return digest or target by path; what depends on times alone, the index, is left out."""
    script = "find . -type f ! -name receipt.index -exec sha256sum {} + ; find . -type l -printf '%l  %p\\n'"
    lines = host.run("sh", "-c", f"cd {folder} && {script}").splitlines()
    return {path: content for content, path in (line.split("  ", 1) for line in lines)}


def test_makes_no_difference(hostile: Host, tmp_path: pathlib.Path) -> None:
    proof = {"imports": ["alpha", "beta"], "commands": ["alpha", "alpha-shows /tmp/shown.json"]}
    task: dict[str, Any] = install_task(
        VENV, bundle=debian_bundle(tmp_path), python=PYTHON, prove=proof, allow_container=None
    )
    gone: dict[str, Any] = install_task(VENV, state="absent", python=None, allow_container=None)
    hosts = {"debian": hostile.variables}
    [clean] = play([task], hosts=hosts)["debian"]
    before = digests(hostile, VENV + "/")
    hostile.run("rm", "-f", MARK, "/tmp/shown.json")
    _gone, set_up, again = play(
        [gone, {**task, "environment": ENVIRONMENT}, {**task, "environment": ENVIRONMENT}], hosts=hosts
    )["debian"]
    assert succeeded(set_up)["changed"] and not succeeded(again)["changed"]
    assert set_up["release"] == succeeded(clean)["release"]
    assert digests(hostile, VENV + "/") == before

    shown = json.loads(hostile.run("cat", "/tmp/shown.json"))
    release = hostile.run("realpath", VENV).strip()
    home = hostile.run("sh", "-c", "echo ~root").strip()
    assert not [name for name in shown["environ"] if name.startswith(SETTINGS) and name not in ISOLATION]
    assert not [name for name in ENVIRONMENT if shown["environ"].get(name) == ENVIRONMENT[name]]
    assert shown["prefix"] == release
    assert not [folder for folder in shown["path"] if folder.startswith((EVIL, home))]

    # The module's own process obeys PYTHONPATH, which is Ansible's affair. Nothing that it starts does.
    loaded = [eval(line) for line in hostile.run("cat", MARK).splitlines()]
    assert loaded, "the spy did not work"
    assert {(prefix, isolated) for prefix, isolated, _name in loaded} == {("/usr", 0)}
    assert {name for _prefix, _isolated, name in loaded} <= {"sitecustomize", "usercustomize"}
    written = hostile.run("find", EVIL, "-newer", f"{VENV}/pyvenv.cfg", "-type", "f").splitlines()
    assert not [path for path in written if not path.startswith(f"{EVIL}/cache/") or release in path]


ISOLATION = {"PIP_CONFIG_FILE", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_INPUT", "UV_NO_CONFIG"}
