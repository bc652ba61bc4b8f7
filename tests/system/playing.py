# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks on hosts by the real ``ansible-playbook``, and what each of them said."""

from __future__ import annotations

import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

REPOSITORY = pathlib.Path(__file__).absolute().parents[2]
INSTALL = "netdevops.python.wheelhouse_install"
# Not the venv of the tests: a host has a Python and nothing else.
BASE_PYTHON = os.path.realpath(sys.executable)
PIN = platform.python_version()
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "netdevops-python")
# What these tests do to this machine is nothing for its own history.
HISTORY = str(CACHE / "system/history.jsonl")
FORKS = 4
SECONDS = 300

LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": BASE_PYTHON}
# What names the way to the network is this machine's, not somebody's.
NETWORK = ("PIP_CERT", "PIP_CLIENT_CERT", "PIP_INDEX_URL", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT", "POETRY_PYPI_MIRROR_URL")
FOREIGN = ("ANSIBLE_", "PIP_", "UV_", "PYTHON", "POETRY_", "VIRTUAL_ENV")

Result = dict[str, Any]
Task = Mapping[str, Any]


def install_arguments(venv: object, **options: Any) -> Result:
    """Return arguments that install on this machine; an option that is None is left out."""
    asked = {"venv": venv, "python": BASE_PYTHON, "compile": False, "allow_container": True, **options}
    given = {name: value for name, value in asked.items() if value is not None}
    return {name: str(value) if isinstance(value, pathlib.Path) else value for name, value in given.items()}


def install_task(venv: object, **options: Any) -> Result:
    """Return the task of :func:`install_arguments`."""
    return {INSTALL: install_arguments(venv, **options)}


def environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without anybody's settings, for the Ansible of these tests."""
    kept = {name: value for name, value in os.environ.items() if name in NETWORK or not name.startswith(FOREIGN)}
    tests = pathlib.Path(__file__).absolute().parent
    return {
        **kept,
        "PATH": f"{os.path.dirname(sys.executable)}:{os.path.dirname(BASE_PYTHON)}:{kept['PATH']}",
        "ANSIBLE_CONFIG": str(REPOSITORY / "tests/gates/ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": f"{REPOSITORY}/.collections:{CACHE}/collections",
        "ANSIBLE_CALLBACK_PLUGINS": str(tests / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "results",
        "ANSIBLE_FORKS": str(FORKS),
        "ANSIBLE_PIPELINING": "1",
        "CONTAINERS_CONF": str(REPOSITORY / "tests/lab/containers.conf"),
        "LC_ALL": "C.UTF-8",
        **extra,
    }


def play(
    tasks: Sequence[Task],
    *,
    hosts: Mapping[str, Mapping[str, Any]] | None = None,
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> dict[str, list[Result]]:
    """Run tasks and return what each said, in order, by host. A task that fails stops nothing.

    Args:
        tasks: The tasks.
        hosts: Variables by host; each is this machine unless they say otherwise. One host when it is None.
        options: Further arguments of ``ansible-playbook``.
        env: Further variables of its environment.
        seconds: How long it may take.
    """
    with tempfile.TemporaryDirectory(prefix="play-") as folder:
        process = start(tasks, folder, hosts=hosts, options=options, env=env)
        said = process.communicate(timeout=seconds)[0]
        results = read_results(folder)
    if not results:
        raise AssertionError(f"ansible-playbook ran no task (exit {process.returncode}):\n{said}")
    return results


def start(
    tasks: Sequence[Task],
    folder: str,
    *,
    hosts: Mapping[str, Mapping[str, Any]] | None = None,
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start what :func:`play` runs, in a session of its own; ``folder`` gets its files."""
    inventory = {"all": {"hosts": {name: {**LOCAL, **own} for name, own in (hosts or {"here": {}}).items()}}}
    plays: list[dict[str, Any]] = [
        {"name": "Test", "hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}
    ]
    if not any("ansible_connection" in own for own in (hosts or {}).values()):
        # This machine's own history is not for tests.
        plays[0]["module_defaults"] = {INSTALL: {"history": HISTORY}}
    for file, content in (("inventory.json", inventory), ("play.json", plays)):
        pathlib.Path(folder, file).write_text(json.dumps(content), encoding="utf-8")
    inputs = ["-i", f"{folder}/inventory.json", f"{folder}/play.json"]
    extra = {"ANSIBLE_HOME": f"{folder}/ansible", "SYSTEM_TEST_RESULTS": f"{folder}/results", **(env or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "ansible", "playbook", *inputs, *options],
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def install_each(arguments: Mapping[str, Mapping[str, Any]], **keywords: Any) -> dict[str, Result]:
    """Run one installation per name, as if each were a host: many cases for the price of one start of Ansible."""
    hosts = {name: {"asked": own} for name, own in arguments.items()}
    said = play([{INSTALL: "{{ asked }}"}], hosts=hosts, **keywords)
    return {name: results[0] for name, results in said.items()}


def read_results(folder: str) -> dict[str, list[Result]]:
    """Return what the tasks of a play said so far, by host."""
    results: dict[str, list[Result]] = {}
    file = pathlib.Path(folder, "results")
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        host, result = json.loads(line)
        results.setdefault(host, []).append(result)
    return results


def here(tasks: Sequence[Task], **keywords: Any) -> list[Result]:
    """Run tasks on this machine alone and return what each said."""
    return play(tasks, **keywords)["here"]


def succeeded(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the result of a task that must not have failed."""
    assert not result.get("failed"), result.get("msg", result)
    return result
