# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter of the pin on the build box."""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python, this_target
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed

PIN = "3.11.7"


class Machine:
    """Interpreters by path, each with the version that it tells; the others exit with 127, as shims do."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.versions = {sys.executable: "3.13.0"}

    def put(self, path: str, version: str) -> str:
        file = self.folder / path
        file.parent.mkdir(parents=True)
        file.write_text("")
        file.chmod(0o755)
        if version:
            self.versions[str(file)] = version
        return str(file)

    def run(self, argv: Sequence[str], **named: Any) -> Completed:
        version = self.versions.get(argv[0], "")
        if not version:
            return Completed(tuple(argv), 127, "", "pyenv: python3.11: command not found")
        said = {
            "version": version, "implementation": "cpython", "cache_tag": "c", "free_threaded": False, "arch": "aarch64",
            "bits": 64, "libc": "musl", "libc_version": "1.2", "executable": argv[0], "prefix": "/p",
            "base_prefix": "/p", "broken": {}, "libpython": [], "config_args": "",
        }  # fmt: skip
        return Completed(tuple(argv), 0, json.dumps(said), "")

    def find(self, named: str = "", **environ: str) -> Any:
        return find_python(self.run, PIN, named, {"HOME": str(self.folder / "home"), "PATH": "", **environ})


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path)


def test_pyenv_comes_first(machine: Machine) -> None:
    first = machine.put(f"root/versions/{PIN}/bin/python", PIN)
    second = machine.put(f"home/.pyenv/versions/{PIN}/bin/python", PIN)
    assert machine.find(PYENV_ROOT=str(machine.folder / "root")).path == first
    assert machine.find().path == second
    assert machine.find(PYENV_ROOT="relative").path == second


def test_a_name_on_path_must_prove_itself(machine: Machine) -> None:
    folders = [
        machine.put("shims/python3.11", ""),
        machine.put("other/python3.11", "3.11.2"),
        machine.put("right/python3.11", PIN),
    ]
    path = ":".join(str(pathlib.Path(file).parent) for file in folders)
    assert machine.find(PATH=path).path == folders[2]


def test_our_own_may_be_it(machine: Machine) -> None:
    assert machine.find() is None
    machine.versions[sys.executable] = PIN
    assert machine.find().path == sys.executable


def test_the_named_one_must_be_the_pin(machine: Machine) -> None:
    good, bad = machine.put("good/python", PIN), machine.put("bad/python", "3.11.8")
    assert machine.find(good).path == good
    with pytest.raises(Refused, match=r"expected Python 3.11.7, found 3.11.8"):
        machine.find(bad)
    with pytest.raises(Refused, match="expected an interpreter, found nothing"):
        machine.find(str(machine.folder / "none"))


def test_the_target_of_this_machine(machine: Machine) -> None:
    found = machine.find(machine.put("good/python", PIN))
    assert this_target(machine.run, PIN, found).name == "cp311-musllinux_1_2_aarch64"
    assert this_target(machine.run, "3.12.1", None).name == "cp312-musllinux_1_2_aarch64"
