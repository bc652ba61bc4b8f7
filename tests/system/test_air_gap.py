# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No network: on a host that has none, and by a record of every network call of a run."""

from __future__ import annotations

import pathlib
import re
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.hosts import Host
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, here, install_task, play, succeeded

pytestmark = pytest.mark.system

PROOF = {"imports": ["netmiko", "napalm"], "commands": ["netcheck"]}
ADDRESS = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\(.*AF_INET6?\b")


def test_the_example_on_a_host_without_a_network(
    debian: Host, netcheck_bundle: pathlib.Path, pinned: Interpreter
) -> None:
    assert debian.run("ls", "/sys/class/net").split() == ["lo"]
    said = debian.run(
        "sh", "-c", "python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 3)' 2>&1 || true"
    )
    assert "Network is unreachable" in said
    venv = "/opt/netops/netcheck/.venv"
    task = install_task(venv, bundle=netcheck_bundle, python=pinned.path, prove=PROOF, allow_container=None)
    # Twice, as an operator would run it; then the content of every file.
    results = play(
        [task, task, install_task(venv, **options_of(task, verify="content"))], hosts={"debian": debian.variables}
    )["debian"]
    first, second, content = (succeeded(result) for result in results)
    assert first["changed"] and first["delivered"]["wheels"] == first["packages"]["count"] >= 90
    assert not second["changed"] and second["delivered"]["wheels"] == 0
    assert not content["changed"]
    assert "ams-edge-1" in debian.run("sh", "-c", f"cd / && {venv}/bin/netcheck || true")
    debian.run("test", "!", "-e", f"{venv}/bin/pip")


def options_of(task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    [arguments] = task.values()
    return {**{name: value for name, value in arguments.items() if name != "venv"}, **changes}


def traced(folder: pathlib.Path, *prefix: str) -> tuple[str, pathlib.Path]:
    """Return an interpreter for Ansible that writes down every network call of what runs in it, and the folder of that."""
    records = folder / "records"
    records.mkdir()
    wrapper = folder / "traced-python"
    command = " ".join(
        [*prefix, "strace", "-qq", "-f", "--seccomp-bpf", "-e", "trace=%network", "-o", f"{records}/$$", BASE_PYTHON]
    )
    wrapper.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return str(wrapper), records


def asked(records: pathlib.Path) -> list[str]:
    """Return the lines that ask for an address of the internet protocols."""
    files = list(records.iterdir())
    assert files, "nothing was traced"
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if ADDRESS.search(line)]


def test_no_address_is_asked(tmp_path: pathlib.Path, netcheck_bundle: pathlib.Path, pinned: Interpreter) -> None:
    """The module and all that it starts, proofs included, in a namespace where even loopback is down."""
    interpreter, records = traced(tmp_path, "unshare", "--net")
    proof = {"imports": ["httpx", "netmiko"], "commands": ["netcheck --help"]}
    venv = tmp_path / "opt/app/.venv"
    task = install_task(venv, bundle=netcheck_bundle, python=pinned.path, groups=["main"], prove=proof)
    results = here([task, task], hosts={"here": {"ansible_python_interpreter": interpreter}})
    assert [succeeded(result)["changed"] for result in results] == [True, False]
    assert len(list(records.iterdir())) >= 3, "the question, the installation and the second run were not all traced"
    assert asked(records) == []


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_the_record_would_show_one(tmp_path: pathlib.Path, family: str) -> None:
    """The control: a proof that does ask."""
    interpreter, records = traced(tmp_path, "unshare", "--net")
    address = "192.0.2.1" if family == "AF_INET" else "2001:db8::1"
    asks = f"import socket; socket.socket(socket.{family}).connect_ex(({address!r}, 80))"
    proof = {"commands": [[sys.executable, "-c", asks]]}
    made = bundles.small(tmp_path / "bundle")
    [result] = here(
        [install_task(tmp_path / "opt/app/.venv", bundle=str(made), prove=proof)],
        hosts={"here": {"ansible_python_interpreter": interpreter}},
    )
    assert succeeded(result)["changed"]
    assert any(address in line for line in asked(records))
