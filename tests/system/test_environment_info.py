# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has is told by the real module: whole or damaged, to root and to others, and nothing is written for it."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import referencing
from referencing.jsonschema import DRAFT7

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.direct import install
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host, podman
from ansible_collections.netdevops.python.tests.system.playing import (
    CACHE,
    here,
    install_task,
    play,
    read_results,
    start,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

INFO = "netdevops.python.environment_info"
PIN = "3.11.2"
TARGET = "cp311-manylinux_2_17_" + bundles.TARGET.split("_2_17_")[1]
SECRET = "horse-battery-staple"
APPS = "/opt/apps"
# A process keeps what it was started with: the path of a release, and words that are nobody's business.
RUNS = "import time; time.sleep(600)"
LOOKED_AT = ("/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr/local", "/var")
DAMAGE = f"""
cd {APPS}
echo edited >>"$(ls -d drifted/.venv/lib/python*/site-packages/alpha)/__init__.py"
rm -r "$(readlink -f gone/.venv)"
echo '{{' >"$(readlink -f broken/.venv)/receipt.json"
ln -sfn /nowhere elsewhere/.venv
rm orphaned/.venv
mkdir -p whole/.venv.releases/0000000000000000/lib
mkdir -p plain && python3 -m venv --without-pip plain/venv
mkfifo plain/pipe && mkdir -p odd && mkfifo odd/pyvenv.cfg
"""


def info(**options: Any) -> dict[str, Any]:
    """Return a task."""
    return {INFO: options}


class Laid(Host):
    """A host with environments of every kind, and a process in one of them."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(f"netdevops-info-{os.getpid()}")
        self.bundles = {
            version: str(bundles.small(folder / version, version).seal(pin=PIN, target=TARGET))
            for version in ("1.0", "2.0")
        }

    def lay(self) -> None:
        """Install, then damage."""
        self.run("useradd", "--create-home", "netops")
        self.run("sh", "-euc", f"mkdir -p {APPS}/adopted && python3 -m venv --without-pip {APPS}/adopted/.venv")
        kinds = ("whole", "adopted", "drifted", "gone", "broken", "elsewhere", "orphaned")
        tasks = [self.task(f"{APPS}/{kind}/.venv") for kind in kinds]
        tasks.append(self.task(f"{APPS}/whole/.venv", "2.0", commands=["alpha"], keep=5))
        for result in play(tasks, hosts={"host": self.variables})["host"]:
            succeeded(result)
        own = self.task("/home/netops/tools/.venv")
        succeeded(play([own], hosts={"host": {**self.variables, "ansible_user": "netops"}})["host"][0])
        self.run("sh", "-euc", DAMAGE)
        self.run("chmod", "0700", "/home/netops")

    def task(self, venv: str, version: str = "1.0", **options: Any) -> dict[str, Any]:
        """Return the task of an installation."""
        return install_task(venv, bundle=self.bundles[version], python=PYTHON, allow_container=None, **options)

    def starts(self, venv: str) -> None:
        """Start a program that stays, and that was told a secret in each way that there is."""
        release = self.run("realpath", venv).strip()
        words = [f"{release}/bin/python", "-c", RUNS, "--password", SECRET]
        podman("exec", "--detach", "--env", f"TOKEN={SECRET}", "--env", f"VIRTUAL_ENV={release}", self.name, *words)

    def ask(self, user: str = "root", **options: Any) -> dict[str, Any]:
        """Run the module and return what it said."""
        [result] = play([info(**options)], hosts={"host": {**self.variables, "ansible_user": user}})["host"]
        succeeded(result)
        return result

    def disk(self) -> set[str]:
        """Return what says whether anything was written, but for the time of the last reading.

        Ansible puts the module itself into a new folder in /tmp and removes it.
        """
        return set(
            self.run("find", *LOOKED_AT, "!", "-path", "/tmp", "-printf", "%p %i %s %m %u %T@ %C@\n").splitlines()
        )


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    host = Laid(tmp_path_factory.mktemp("laid"))
    try:
        host.lay()
        host.starts(f"{APPS}/whole/.venv")
        yield host
    finally:
        host.close()


def by_name(result: dict[str, Any]) -> dict[str, Any]:
    """Return the environments of a result by what a test calls them."""
    return {one["venv"].replace(f"{APPS}/", "").replace("/.venv", ""): one for one in result["environments"]}


def test_everything_on_a_host_is_told_as_what_it_is(laid: Laid) -> None:
    result = laid.ask()
    assert (result["changed"], result["unreadable"], result["left_out"]) == (False, [], {})
    kinds = sorted((one["venv"].partition(".kept-")[0], one["kind"]) for one in result["environments"])
    assert kinds == [
        ("/home/netops/tools/.venv", "managed"),
        (f"{APPS}/adopted/.venv", "kept"),
        (f"{APPS}/adopted/.venv", "managed"),
        (f"{APPS}/broken/.venv", "dangling"),
        (f"{APPS}/drifted/.venv", "managed"),
        (f"{APPS}/elsewhere/.venv", "elsewhere"),
        (f"{APPS}/gone/.venv", "dangling"),
        (f"{APPS}/odd", "ordinary"),
        (f"{APPS}/orphaned/.venv", "orphaned"),
        (f"{APPS}/plain/venv", "ordinary"),
        (f"{APPS}/whole/.venv", "managed"),
    ]
    # Debian's own Python carries them all.
    [python] = result["interpreters"]
    assert (python["home"], python["version"], python["ok"]) == ("/usr/bin", PIN, True)
    assert python["dependents"]["count"] > len(kinds) - 3


def test_one_environment_in_full(laid: Laid) -> None:
    result = laid.ask(venv=f"{APPS}/whole/.venv", packages="whole", history=5)
    [found] = result["environments"]
    assert found["bundle"] == bundles.digest(pathlib.Path(laid.bundles["2.0"], "bundle.json"))
    assert (found["lock"], found["drift"]["count"], found["interpreter"]["ok"]) == ("0" * 64, 0, True)
    assert found["packages"]["versions"] == {"alpha": "2.0", "beta": "2.0"} and len(found["packages"]["wheels"]) == 2
    assert [one["current"] for one in found["releases"]] == [True, False]
    assert found["previous"] == found["releases"][1]["name"]
    assert found["leftovers"] == ["0" * 16]
    assert found["commands"] == {"/usr/local/bin/alpha": "alpha"}
    assert found["age_days"] == 0 and found["built_at"] <= found["current_since"]
    [process] = found["processes"]["some"]
    assert process["release"] == found["release"] and [one["in_use"] for one in found["releases"]] == [True, False]
    assert [(one["what"], one["outcome"]) for one in result["history"]] == [("install", "done")] * 2
    assert result["history"][-1]["to"] == {"release": found["release"], "bundle": found["bundle"]}


def test_what_is_damaged_says_how(laid: Laid) -> None:
    found = by_name(laid.ask(processes=False))
    assert found["drifted"]["drift"]["count"] == 1
    assert found["drifted"]["drift"]["some"][0].startswith("edited: lib/python3.11/site-packages/alpha/__init__.py")
    assert found["gone"]["detail"].endswith("is gone")
    assert found["broken"]["broken"] == [found["broken"]["release"]]
    assert "no receipt that can be believed" in found["broken"]["detail"]
    assert found["elsewhere"]["detail"] == "a link to /nowhere, which is none of its releases"
    assert len(found["orphaned"]["releases"]) == 1 and "no link" in found["orphaned"]["detail"]
    [kept] = found["adopted"]["kept"]
    assert kept.startswith(f"{APPS}/adopted/.venv.kept-")
    assert found["whole"]["processes"] is None


def test_who_may_not_look_is_told_where(laid: Laid) -> None:
    result = laid.ask("nobody")
    assert {"/home/netops", "/root"} <= set(result["unreadable"])
    assert "/home/netops/tools" not in by_name(result)
    whole = by_name(result)["whole"]
    assert (whole["kind"], whole["drift"]["count"]) == ("managed", 0)
    # Of somebody else's process only the command line is told.
    assert result["processes_unseen"] > 0
    assert whole["processes"]["some"][0]["what"] == "command line"
    own = laid.ask("netops", venv="/home/netops/tools/.venv")["environments"]
    assert own[0]["kind"] == "managed"
    [none] = laid.ask("nobody", venv="/home/netops/tools/.venv")["environments"]
    assert (none["kind"], none["detail"]) == ("unreadable", "may not be looked into")


def test_nothing_is_written_and_check_mode_is_the_same(laid: Laid) -> None:
    asked: dict[str, Any] = {"packages": "whole", "cyclonedx": True, "disk": True, "verify": "content", "history": 9}
    before = laid.disk()
    first = laid.ask(**asked)
    task = {**info(**asked), "check_mode": True}
    [second] = play([task], hosts={"host": laid.variables})["host"]
    assert laid.disk() ^ before == set()
    assert _timeless(second) == _timeless(first)


def _timeless(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what changes while a host stands still: the current release is current now."""
    for environment in result["environments"]:
        for release in environment["releases"]:
            release.pop("last_current", None)
    return result


def test_ansible_tells_no_secret(laid: Laid, tmp_path: pathlib.Path) -> None:
    """With -vvv everything that a module says is on the screen, and in AWX in a database."""
    process = start(
        [info(packages="whole", history=9)], str(tmp_path), hosts={"host": laid.variables}, options=["-vvv"]
    )
    screen = process.communicate(timeout=120)[0]
    [result] = read_results(str(tmp_path))["host"]
    assert by_name(result)["whole"]["processes"]["count"] == 1
    assert "alpha" in screen and SECRET not in screen + json.dumps(result)


def schema() -> jsonschema.Draft7Validator:
    """Return the official schema of CycloneDX 1.6."""
    folder = CACHE / "cyclonedx/cyclonedx/schema/_res"
    known = {"spdx": "spdx.SNAPSHOT.schema.json", "jsf-0.82": "jsf-0.82.SNAPSHOT.schema.json"}
    registry = referencing.Registry().with_resources(
        (
            f"http://cyclonedx.org/schema/{name}.schema.json",
            DRAFT7.create_resource(json.loads((folder / file).read_text())),
        )
        for name, file in known.items()
    )
    plain = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_text())
    return jsonschema.Draft7Validator(plain, registry=registry)


def complaints(bill: dict[str, Any]) -> list[str]:
    return [error.message for error in schema().iter_errors(bill)]


def test_bills_of_materials_are_what_the_standard_says(laid: Laid) -> None:
    found = by_name(laid.ask(cyclonedx=True))
    bills = {name: one["cyclonedx"] for name, one in found.items()}
    assert len(bills) == 11 and not {name: said for name, bill in bills.items() for said in [complaints(bill)] if said}
    whole = bills["whole"]
    assert [one["purl"] for one in whole["components"]] == [
        "pkg:pypi/alpha@2.0",
        "pkg:pypi/beta@2.0",
        f"pkg:generic/cpython@{PIN}",
    ]
    assert whole == by_name(laid.ask(cyclonedx=True))["whole"]["cyclonedx"], "it is another one each time"
    del whole["components"][0]["type"]
    assert complaints({**whole, "serialNumber": "urn:x"}), "the schema takes anything"


def test_so_is_that_of_a_bundle(netcheck_bundle: pathlib.Path) -> None:
    bill = json.loads((netcheck_bundle / "sbom.cdx.json").read_text())
    assert complaints(bill) == [] and len(bill["components"]) > 10


def test_on_this_machine(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    for version in ("1.0", "2.0"):
        install(venv, bundles.small(tmp_path / f"bundle-{version}", version))
    before = tree(tmp_path)
    process = subprocess.Popen([f"{os.path.realpath(venv)}/bin/python", "-B", "-c", RUNS])
    try:
        [result] = here([info(search=[str(tmp_path)])])
    finally:
        process.kill()
        process.wait()
    [found] = succeeded(result)["environments"]
    assert (found["venv"], found["kind"], found["drift"]["count"]) == (str(venv), "managed", 0)
    assert [one["pid"] for one in found["processes"]["some"]] == [process.pid]
    assert not differences(before, tree(tmp_path))
