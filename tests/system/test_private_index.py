# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three private indexes, each with a password of its own: they work at each priority, and the passwords are seen nowhere."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import subprocess
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import HIDDEN
from ansible_collections.netdevops.python.tests.system import poetry_lab as lab
from ansible_collections.netdevops.python.tests.system.hosts import Host, podman
from ansible_collections.netdevops.python.tests.system.package_index import USER, Index
from ansible_collections.netdevops.python.tests.system.playing import (
    REPOSITORY,
    SECONDS,
    read_results,
    start,
    succeeded,
)

pytestmark = pytest.mark.system

MODULE = "netdevops.python.poetry_venv"
GATEWAY = "10.91.0.1"
# What URLs, shells, JSON and Python write otherwise is among the letters.
PASSWORDS = ('0pen/Sesame+1 "x"', "Gr3at&Secret%2", "'3rd=Passw$rd#")
WRONG = "Wr0ng/One+4"
PERSON = "ada"
# Of the first, the only one that Poetry asks by itself; of one that it asks when that has none; of one that is asked for what names it.
NEEDS = lab.Needs({"alpha": "1.0", "gamma": "1.0", "delta": '{version = "1.0", source = "company-3"}'})


class Run(NamedTuple):
    """What came of the play.

    Attributes:
        results: What each task said, by the version of Poetry.
        text: What ansible-playbook said with -vvv.
        lines: The command line of every process that was seen meanwhile, on this machine and in the host.
        host: The host, as it is afterwards.
        log: Who asked each index for what.
    """

    results: Mapping[str, list[dict[str, Any]]]
    text: str
    lines: frozenset[str]
    host: Host
    log: tuple[Any, ...]


class Watch(threading.Thread):
    """Reads the command line of every process, again and again: those in a container are among them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            for name in filter(str.isdigit, os.listdir("/proc")):
                try:
                    self.seen.add(pathlib.Path("/proc", name, "cmdline").read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue

    def close(self) -> frozenset[str]:
        self.over.set()
        self.join()
        return frozenset(self.seen)


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    subprocess.run([REPOSITORY / "tests/lab/network.sh", "create"], check=True, capture_output=True)
    running = Host(f"netdevops-private-index-{os.getpid()}", lab.shown(*lab.VERSIONS), network="air")
    yield running
    running.close()


# After the host: this machine has the address of the gateway for as long as a container is in the network.
@pytest.fixture(scope="module")
def indexes(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Index]]:
    folder = tmp_path_factory.mktemp("indexes")
    found = [Index(folder / str(number), address=GATEWAY, password=word) for number, word in enumerate(PASSWORDS)]
    found[0].wheel("alpha", "1.0", requires=["beta"])
    found[0].wheel("beta", "1.0")
    found[1].wheel("gamma", "1.0")
    found[2].wheel("delta", "1.0")
    yield found
    for index in found:
        index.stop()


@pytest.fixture(scope="module")
def run(host: Host, indexes: list[Index], tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("projects")
    host.run("sh", "-ec", f"useradd --create-home {PERSON}; {lab.way_to(lab.shown(*lab.VERSIONS))}")
    for version in lab.VERSIONS:
        project = lab.sample(folder / version, *indexes, lock=version, needs=NEEDS)
        podman("cp", str(project), f"{host.name}:/home/{PERSON}/{version}")
    host.run("chown", "-R", f"{PERSON}:", f"/home/{PERSON}")
    for index in indexes:
        index.log.clear()
    watch = Watch()
    watch.start()
    try:
        results, text = _play(host, folder, indexes)
    finally:
        lines = watch.close()
    return Run(results, text, lines, host, tuple(tuple(index.log) for index in indexes))


def _play(host: Host, folder: pathlib.Path, indexes: list[Index]) -> tuple[dict[str, list[dict[str, Any]]], str]:
    hosts = {version: {**host.variables, "asked": _asked(version), **_sources(indexes)} for version in lab.VERSIONS}
    tasks = [
        {MODULE: "{{ asked | combine({'sources': " + name + "}) }}"} for name in ("partly", "wrong", "right", "wrong")
    ]
    process = start(tasks, str(folder), hosts=hosts, options=["-vvv"])
    text = process.communicate(timeout=SECONDS)[0]
    return read_results(str(folder)), text


def _asked(version: str) -> dict[str, Any]:
    return {
        "project": f"/home/{PERSON}/{version}",
        "owner": PERSON,
        "python": str(lab.interpreter() / "bin/python3"),
        "poetry": str(lab.poetry(version)),
        "allow_container": True,
        "compile": False,
    }


def _sources(indexes: list[Index]) -> dict[str, Any]:
    names = lab.source_names(len(PASSWORDS))
    # They are no https: a password is sent there since the URL is said.
    right = [
        {"name": name, "user": USER, "password": word, "url": index.url}
        for name, word, index in zip(names, PASSWORDS, indexes)
    ]
    wrong = [right[0], {**right[1], "password": WRONG}, right[2]]
    return {"partly": right[1:], "wrong": wrong, "right": right}


def forms() -> set[str]:
    """Return each way in which a password could be written somewhere."""
    words = {*PASSWORDS, WRONG}
    found = {form for word in words for form in (word, quote(word), quote(word, safe=""), json.dumps(word)[1:-1])}
    pairs = {text for word in words for text in (word, f"{USER}:{word}")}
    return found | {base64.b64encode(text.encode()).decode().rstrip("=") for text in pairs}


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_with_the_right_passwords_each_priority_serves(run: Run, version: str) -> None:
    done = succeeded(run.results[version][2])
    assert done["packages"]["added"] == {
        "alpha": "1.0",
        "beta": "1.0",
        "delta": "1.0",
        "gamma": "1.0",
        "small-tool": "0.1.0",
    }
    for package in ("alpha", "gamma", "delta", "small_tool"):
        run.host.run(f"/home/{PERSON}/{version}/.venv/bin/python", "-c", f"import {package}", user=PERSON)


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_a_wrong_one_is_one_clear_error_and_no_environment(run: Run, version: str) -> None:
    failed = run.results[version][1]
    assert [problem["subject"] for problem in failed["problems"]] == ["source 'company-2'"]
    assert f"it turns {USER!r} away (401 or 403)" in failed["msg"]
    assert "`sources`" in failed["problems"][0]["next_step"]


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_where_one_is_missing_it_is_asked_for(run: Run, version: str) -> None:
    failed = run.results[version][0]
    assert [problem["subject"] for problem in failed["problems"]] == ["source 'company'"]
    assert "asks for a password (401 or 403), found none" in failed["msg"]


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_what_is_up_to_date_needs_none(run: Run, version: str) -> None:
    assert succeeded(run.results[version][3])["changed"] is False


def test_each_password_goes_to_its_own_index_alone(run: Run) -> None:
    for number, packages in enumerate((("alpha", "beta"), ("gamma",), ("delta",))):
        served = {request.path.split("/")[2] for request in run.log[number] if request.path.startswith("/simple/")}
        assert served == set(packages), "an index was asked for what another one has"
        assert {request.user for request in run.log[number] if request.status == 200} == {USER}


def test_no_password_is_in_what_ansible_says(run: Run) -> None:
    assert "company-2" in run.text and USER in run.text
    said = run.text + json.dumps(run.results, ensure_ascii=False)
    assert [form for form in forms() if form in said] == []
    assert HIDDEN not in PASSWORDS


def test_no_password_is_in_the_process_list(run: Run) -> None:
    assert any("poetry" in line and "\0install" in line for line in run.lines), "Poetry was not seen at work"
    assert [line for line in run.lines if any(form in line for form in forms())] == []


def test_no_password_is_in_a_file_of_the_host(run: Run) -> None:
    run.host.write("/tmp/patterns", "\n".join(sorted(forms())))
    run.host.write("/var/log/planted", f"the password is {PASSWORDS[1]}\n")
    script = "cd /; grep -rlaF -f /tmp/patterns --exclude=patterns home tmp var root opt srv run etc dev/shm || true"
    assert run.host.run("sh", "-c", script).split() == ["var/log/planted"]


def test_nothing_is_left_behind(run: Run) -> None:
    # What the host is shown of this machine lies at the same path there.
    shown = {path.parts[2] for path in lab.shown(*lab.VERSIONS) if path.parts[1] == "tmp"}
    assert {*run.host.run("ls", "-A", "/tmp").split()} - shown <= {"patterns"}
    home = run.host.run(
        "sh", "-c", f"cd /home/{PERSON}; find .cache .config .local -type f 2>/dev/null || true"
    ).split()
    kept = [path.split("/") for path in home if not path.endswith("history.jsonl")]
    # Both Poetrys ask for the same files.
    assert {tuple(path[:3]) for path in kept} == {(".cache", "netdevops-python", "poetry")}
    assert sorted(path[-1] for path in kept) == [
        f"{name}-1.0-py3-none-any.whl" for name in ("alpha", "beta", "delta", "gamma")
    ]
