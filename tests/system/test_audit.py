# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of real hosts: nothing is found on a clean one, and of every sin exactly that; and the audit touches nothing."""

from __future__ import annotations

import datetime as dt
import fnmatch
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.catalogue import CATALOGUE
from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.audit_sins import APPS, SECRET, SINS, Finding, Sin
from ansible_collections.netdevops.python.tests.system.hosts import IMAGE, TRIXIE, Host
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment, read_results, start

pytestmark = pytest.mark.system

AUDIT = "netdevops.python.environment_audit"
CODE = "/mnt/code/ansible_collections/netdevops/python"
CLEAN = "app"


class Audited:
    """A host with one clean environment, and what its Python is.

    Args:
        image: What it runs.
        folder: Where its bundle is made.
    """

    def __init__(self, image: str, folder: pathlib.Path) -> None:
        name = f"netdevops-audit-{os.getpid()}-{image.rpartition(':')[2]}"
        code = ["--volume", f"{REPOSITORY}/plugins:{CODE}/plugins:ro", "--volume", f"{REPOSITORY}/tests:/mnt/tests:ro"]
        folder.chmod(0o755)  # an account of the host installs from it as well
        self.host = Host(name, [folder], image=image, options=code)
        self.pin = self.host.run("/usr/bin/python3", "-c", "import platform; print(platform.python_version())").strip()
        self.feature = self.pin.rpartition(".")[0]
        self.folder = folder
        made = bundles.Made(folder / self.pin)
        bundles.wheel(made.wheels, "alpha", commands={"alpha": "alpha:main"})
        self.bundle = made.seal(pin=self.pin, target=self.target)
        self.host.run("useradd", "--create-home", "ada")
        self.host.run("mkdir", "-p", "/opt/bin/bent", "/opt/bin/lost", "/opt/tool/bin")
        self.host.run("ln", "-s", "/usr/bin/python3", "/opt/tool/bin/python3")

    @property
    def target(self) -> str:
        """Return the target of a bundle for the host's Python."""
        return f"cp{self.feature.replace('.', '')}-{bundles.TARGET.partition('-')[2]}"

    def install(self, app: str, **options: Any) -> dict[str, Any]:
        """Return the options of an installation of the bundle."""
        return {"venv": f"{APPS}/{app}/.venv", "bundle": str(self.bundle), **options}

    @property
    def options(self) -> dict[str, Any]:
        """Return the options of the audit: an end of life that goes with today, and a baseline for two environments."""
        today = dt.datetime.now(dt.timezone.utc).date()
        days = {"3.90": -1, "3.91": 10, "3.93": 999, self.feature: 999}
        ends = {
            version: {"end_of_life": str(today + dt.timedelta(left)), "source": "the test"}
            for version, left in days.items()
        }
        baseline = [
            {"venv": f"{APPS}/strange/*", "versions": ["9.9.9"]},
            {"venv": f"{APPS}/wild/*", "bundles": ["0123456789"]},
            {"venv": f"{APPS}/{CLEAN}/.venv", "versions": ["3.*"]},
        ]
        return {"end_of_life": ends, "baseline": baseline, "approved_indexes": ["pypi.example.net"]}

    def step(self, *sins: Sin) -> dict[str, Any]:
        """Return what the program on the host is to do with some sins."""
        apps = [app for sin in sins for app in sin.apps]
        undo = [sin.undo for sin in sins if sin.undo] + [
            f"rm -rf {APPS}/{name} /opt/bin/{name}/*" for name, _options in apps
        ]
        return {
            "installs": [self.install(name, **options) for name, options in apps],
            "do": self.written("\n".join(sin.do for sin in sins)),
            "undo": self.written("\n".join(undo)),
        }

    def written(self, text: str) -> str:
        """Return a text of a sin for this host."""
        return (
            text.replace("PIN", self.pin)
            .replace("PY/", f"{self.feature}/")
            .replace("echo PY ", f"echo {self.feature} ")
        )

    def run(self, steps: Sequence[dict[str, Any]], user: str = "root") -> list[dict[str, Any]]:
        """Run steps on the host and return the report and what was touched, of each."""
        command = ["podman", "exec", "-i", "--user", user, "--env", "PYTHONPATH=/mnt/code", self.host.name]
        program = ["/usr/bin/python3", "-B", "/mnt/tests/system/audit_host.py"]
        asked = json.dumps({"options": self.options, "steps": list(steps)})
        done = subprocess.run(
            [*command, *program], input=asked, env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said: list[dict[str, Any]] = json.loads(done.stdout)
        return said

    def expected(self, *sins: Sin) -> set[Finding]:
        """Return what an audit is to say."""
        return {(code, self.written(subject)) for sin in sins for code, subject in sin.finds}


@pytest.fixture(scope="module", params=[IMAGE, TRIXIE], ids=["bookworm", "trixie"])
def audited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """A host with one environment that is as it should be."""
    audited = Audited(request.param, tmp_path_factory.mktemp("audit"))
    try:
        # One that is installed by the first step stays for all tests.
        audited.run([{"installs": [audited.install(CLEAN, commands=["alpha"], commands_path="/opt/bin")]}])
        yield audited
    finally:
        audited.host.close()


def found(said: dict[str, Any]) -> set[Finding]:
    """Return code and subject of each finding."""
    return {(one["code"], one["subject"]) for one in said["audit"]["findings"]}


def differences(expected: set[Finding], seen: set[Finding]) -> list[str]:
    """Return what was expected and is not there, and the other way round; a subject that was expected may be a pattern."""

    def fits(one: Finding, other: Finding) -> bool:
        return one[0] == other[0] and fnmatch.fnmatchcase(other[1], one[1])

    missing = [f"missing: {one}" for one in expected if not any(fits(one, other) for other in seen)]
    return sorted(
        missing + [f"not expected: {other}" for other in seen if not any(fits(one, other) for one in expected)]
    )


def test_each_code_has_its_sin() -> None:
    assert {code for sin in SINS.values() for code, _subject in sin.finds} == set(CATALOGUE)


def test_a_clean_host_has_no_finding(audited: Audited) -> None:
    [said] = audited.run([{}])
    assert said["audit"]["findings"] == []
    assert said["audit"]["notes"] == []
    assert not said["touched"]
    [row] = said["audit"]["environments"]
    assert (row["venv"], row["kind"], row["bundle"]) == (f"{APPS}/{CLEAN}/.venv", "managed", audited.bundle.id)
    assert (row["version"], row["packages"], row["commands"]) == (audited.pin, 1, ["/opt/bin/alpha"])


def test_environments_of_others_than_root_are_clean_too(audited: Audited) -> None:
    """One that root made for an account, and one that an account made for itself, each upgraded once."""
    other = bundles.Made(audited.folder / f"{audited.pin}-other")
    bundles.wheel(other.wheels, "alpha", "2.0", commands={"alpha": "alpha:main"})
    other.seal(pin=audited.pin, target=audited.target)
    theirs = audited.install("theirs", owner="ada")
    own = {**audited.install(""), "venv": "/home/ada/app/.venv"}
    twice = [[{**one, "bundle": str(made)} for made in (audited.bundle, other)] for one in (theirs, own)]
    try:
        audited.run([{"installs": twice[1]}], user="ada")
        [said] = audited.run([{"installs": twice[0]}])
    finally:
        audited.host.run("rm", "-rf", f"{APPS}/theirs", "/home/ada/app")
    assert said["audit"]["findings"] == []
    rows = {row["venv"]: row for row in said["audit"]["environments"]}
    assert len(rows) == 3
    assert rows["/home/ada/app/.venv"]["releases"] == 2
    assert rows["/home/ada/app/.venv"]["previous"]


def test_one_sin_at_a_time(audited: Audited) -> None:
    said = audited.run([audited.step(sin) for sin in SINS.values()])
    wrong = {
        name: [*differences(audited.expected(sin), found(one)), *one["touched"]]
        for (name, sin), one in zip(SINS.items(), said)
    }
    assert not {name: lines for name, lines in wrong.items() if lines}


def test_all_sins_at_once_and_none_after(audited: Audited) -> None:
    together, after = audited.run([audited.step(*SINS.values()), {}])
    assert not differences(audited.expected(*SINS.values()), found(together))
    assert not together["touched"]
    assert found(after) == set()
    assert sum(together["audit"]["counts"].values()) == len(together["audit"]["findings"])


def test_who_may_not_read_says_so(audited: Audited) -> None:
    [said] = audited.run([{}], user="ada")
    assert ("unreadable", "/root") in found(said)
    assert {code for code, _subject in found(said)} == {"unreadable"}


def test_ansible_tells_no_secret(audited: Audited, tmp_path: pathlib.Path) -> None:
    """With -vvv everything that a module says is on the screen, and in AWX in a database."""
    sins = [SINS["an index in the profile"], SINS["pip sent to the internet"]]
    audited.host.run("sh", "-euc", "\n".join(sin.do for sin in sins))
    try:
        arguments = {**audited.options, "verify": "stat"}
        process = start(
            [{AUDIT: arguments}], str(tmp_path), hosts={"audited": audited.host.variables}, options=["-vvv"]
        )
        screen = process.communicate(timeout=120)[0]
    finally:
        audited.host.run("sh", "-euc", "\n".join(sin.undo for sin in sins))
    [result] = read_results(str(tmp_path))["audited"]
    assert not result["changed"]
    assert found(result) == audited.expected(*sins)
    assert "pypi.example.org" in screen
    assert SECRET not in screen + json.dumps(result)
