# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shared host on which real pips, and a real uv, refuse to install outside of environments; all else goes on, and all of it can be undone."""

from __future__ import annotations

import ensurepip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.hosts import IMAGE, IMPORTING, TRIXIE, Host, pyenv_root
from ansible_collections.netdevops.python.tests.system.jump_host import LEFT_OUT, SETTLE, two_pins
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, Result, environment, play, succeeded
from ansible_collections.netdevops.python.tests.unit.support.wheels import make_wheel

pytestmark = pytest.mark.system

SHARED = "/opt/pyenv"
UV = f"{pathlib.Path(sys.executable).parent}/uv"
# What this machine's interpreter would bring into a new environment.
PIP = pathlib.Path(ensurepip.__file__).parent / "_bundled"
ASK = "netops@example.net"
PEOPLE = ("ada", "grace")
DEMANDED = "Could not find an activated virtualenv (required)."
# The module's own work, without the second that Ansible takes for each run.
DIRECT = (
    IMPORTING
    + r"""
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.guard.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.guard.options import ARGUMENTS, asked
defaults = {name: one.get("default") for name, one in ARGUMENTS.items()}
try:
    result = ensure(asked({**defaults, **json.loads(sys.argv[1])}), sys.argv[2] == "check")
except Refused as refused:
    result = {"failed": True, **refused.result()}
print(json.dumps(result))
"""
)
# Everything that a run could touch: names, owners, modes, sizes, times, targets; and contents, where it could put back the times.
SHOWN = r"""
find /etc $(ls -d /opt/pyenv/versions/*/lib/python3* 2>/dev/null) /usr/lib/python3* -name __pycache__ -prune -o \
  -type d -printf '%p %u:%g %m\n' -o -printf '%p %u:%g %m %s %T@ %l\n' | sort
find /etc -type f -print0 | sort -z | xargs -0 sha256sum
"""


class Bastion:
    """A host with Debian's Python and two interpreters for everybody, two people, and a wheel that they want."""

    def __init__(self, folder: pathlib.Path, image: str, pins: Sequence[str]) -> None:
        self.pins, self.wheels, self.index = pins, folder / "wheels", f"file://{folder}/simple"
        make_wheel(self.wheels, "spam")
        page = folder / "simple/spam/index.html"
        page.parent.mkdir(parents=True)
        page.write_text('<a href="../../wheels/spam-1.0-py3-none-any.whl">spam-1.0-py3-none-any.whl</a>')
        [self.pip_wheel] = [shutil.copy(path, folder) for path in PIP.glob("pip-*.whl")]
        shown = [REPOSITORY / "plugins", folder, pathlib.Path(UV).parent]
        self.host = Host(f"netdevops-guard-{os.getpid()}-{len(pins)}", shown, image=image)
        try:
            self.host.run("sh", "-c", "for name; do useradd --create-home $name; done", "-", *PEOPLE)
            if pins:
                self._interpreters()
        except BaseException:
            self.host.close()
            raise

    def _interpreters(self) -> None:
        self.host.run("mkdir", "-p", f"{SHARED}/versions")
        # With bytecode, and the pips that are there: without, each start of one takes three times as long.
        left_out = [*(name for name in LEFT_OUT if name != "__pycache__"), "*.opt-?.pyc", "idlelib", "include", "share"]
        self._copy(*(f"--exclude={name}" for name in left_out), *self.pins)
        versions = pyenv_root() / "versions"
        for pin in self.pins:
            pip = [str(path.relative_to(versions)) for path in versions.glob(f"{pin}/lib/python3*/site-packages/pip*")]
            assert pip, f"pip is needed in {versions}/{pin}"
            self._copy(*pip)
        self.host.run("sh", "-c", SETTLE)

    def _copy(self, *words: str) -> None:
        pack = ["tar", "-C", str(pyenv_root() / "versions"), "-cf", "-", *words]
        unpack = ["podman", "exec", "-i", self.host.name, "tar", "-C", f"{SHARED}/versions", "-xf", "-"]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
            subprocess.run(unpack, env=environment(), stdin=packing.stdout, check=True)

    def feature(self, number: int) -> str:
        return self.pins[number].rsplit(".", 1)[0]

    def python(self, number: int) -> str:
        return f"{SHARED}/versions/{self.pins[number]}/bin/python"

    def library(self, number: int) -> str:
        return f"{SHARED}/versions/{self.pins[number]}/lib/python{self.feature(number)}"

    def guard(self, check_mode: bool = False, user: str = "root", **options: Any) -> Result:
        mode = "check" if check_mode else "do"
        result: Result = json.loads(self.host.run("python3", "-B", "-c", DIRECT, json.dumps(options), mode, user=user))
        return result

    def says(self, user: str, *command: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run a command as a person, and return how it ended and all that it said, in one line."""
        home = "/root" if user == "root" else f"/home/{user}"
        given = {"HOME": home, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(env or {})}
        words = [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
        done = subprocess.run(
            ["podman", "exec", "--user", user, "--workdir", "/tmp", *words, self.host.name, *command],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)

    def pip(self, user: str, python: str, *words: str, **env: str) -> tuple[int, str]:
        return self.says(user, python, "-m", "pip", *words, env=env)

    def install(self, user: str, python: str, *words: str, **env: str) -> tuple[int, str]:
        return self.pip(user, python, "install", "--no-index", "--find-links", str(self.wheels), *words, "spam", **env)

    def works(self, user: str, *command: str, **env: str) -> str:
        code, said = self.says(user, *command, env=env)
        assert code == 0, (user, command, said)
        return said

    def snapshot(self) -> str:
        return self.host.run("sh", "-c", SHOWN)


@pytest.fixture(scope="module")
def bastion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    folder = tmp_path_factory.mktemp("guard")
    folder.chmod(0o755)
    lab = Bastion(folder, IMAGE, two_pins())
    try:
        yield lab
    finally:
        lab.host.close()


@pytest.fixture(scope="module")
def venv(bastion: Bastion) -> str:
    """An environment that a person made when everything was forbidden: what Python starts itself does not notice."""
    succeeded(bastion.guard(require_virtualenv=True, no_index=True))
    bastion.works("ada", bastion.python(0), "-m", "venv", "/home/ada/venv")
    return "/home/ada/venv/bin/python"


@pytest.fixture
def guarded(bastion: Bastion) -> Iterator[Bastion]:
    """The host with the guard, as a role asks for it; and without it afterwards."""
    succeeded(bastion.guard(contact=ASK))
    yield bastion
    succeeded(bastion.guard(state="absent"))


def test_everybody_reads_the_sentence(guarded: Bastion) -> None:
    for user, number, words in (("ada", 0, ()), ("grace", 1, ("--user",)), ("root", 0, ())):
        code, said = guarded.install(user, guarded.python(number), *words)
        assert code == 1 and "externally-managed-environment" in said, said
        assert "pip installs nothing into it. In a project, use" in said and f"Ask {ASK} for a tool" in said, said
    code, said = guarded.pip("ada", guarded.python(0), "uninstall", "-y", "pip")
    assert code == 1 and f"Ask {ASK}" in said
    code, said = guarded.says("grace", UV, "pip", "install", "--system", "--python", guarded.python(0), "spam")
    assert code == 2 and "is externally managed" in said and f"Ask {ASK}" in said, said


def test_all_else_goes_on(guarded: Bastion, venv: str) -> None:
    one, links = guarded.python(0), ["--no-index", "--find-links", str(guarded.wheels), "spam"]
    assert guarded.install("ada", venv)[0] == 0
    guarded.works("ada", venv, "-c", "import spam")
    for words in (["list"], ["wheel", "-w", "/tmp/down", *links]):
        guarded.works("root", one, "-m", "pip", *words)
    assert guarded.install("root", one, "--break-system-packages")[0] == 0
    # As documented: it runs pip as everybody does. `make install` gives it an option with which it works.
    assert f"Ask {ASK}" in guarded.says("root", one, "-m", "ensurepip")[1]


def test_an_environment_can_be_demanded_of_each_pip(guarded: Bastion, venv: str) -> None:
    assert guarded.guard(contact=ASK, require_virtualenv=True)["pip_config"] == "ours"
    assert guarded.install("ada", guarded.python(0))[1].endswith(f"ERROR: {DEMANDED} ")
    # What the marker alone lets pass.
    code, said = guarded.install("root", guarded.python(1), "--break-system-packages", "--target", "/tmp/t")
    assert code == 3 and said.endswith(f"ERROR: {DEMANDED} ")
    for words in (("freeze",), ("check",), ("download", "--no-index", "--find-links", str(guarded.wheels), "spam")):
        guarded.works("ada", guarded.python(1), "-m", "pip", *words)
    assert guarded.install("ada", venv, "--force-reinstall")[0] == 0
    forced = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    assert guarded.install("root", guarded.python(0), **forced)[0] == 0
    guarded.works("root", guarded.python(0), "-m", "pip", "uninstall", "-y", "spam", **forced)
    assert guarded.guard(contact=ASK)["pip_config"] == "absent"


def test_packages_come_from_inside_or_from_nowhere(guarded: Bastion, venv: str) -> None:
    pip = (venv, "-m", "pip", "install", "--no-deps", "--force-reinstall", "spam")
    by_uv = (UV, "pip", "install", "--no-cache", "--reinstall", "--python", venv, "spam")
    assert guarded.guard(contact=ASK, index_url=guarded.index, uv=True)["uv_config"] == "ours"
    assert f"Looking in indexes: {guarded.index}" in guarded.works("ada", *pip)
    guarded.works("ada", *by_uv)
    # This is how the modules of this collection start pip.
    assert "index" not in guarded.works("ada", *pip[:3], "config", "list", PIP_CONFIG_FILE="/dev/null")
    assert guarded.guard(contact=ASK, no_index=True, uv=True)["changed"]
    for command in (pip, by_uv):
        code, said = guarded.says("ada", *command)
        assert code == 1 and ("No matching distribution" in said or "index lookups were disabled" in said), said
    assert guarded.guard(contact=ASK)["uv_config"] == "absent"
    assert guarded.host.run("sh", "-c", "ls -d /etc/uv /etc/pip.conf 2>&1 || true").count("No such file") == 2


def test_it_does_nothing_twice_and_undoes_all(bastion: Bastion) -> None:
    host = bastion.host
    host.write("/etc/pip.conf", "[global]\nindex-url = https://ada:hunter2@example.net/simple\n", "0640")
    host.run("sh", "-c", "chgrp staff /etc/pip.conf; touch -d 2020-02-02 /etc/pip.conf")
    before = bastion.snapshot()
    asked: dict[str, Any] = {
        "contact": ASK,
        "index_url": bastion.index,
        "uv": True,
        "interpreters": ["/usr/bin/python3"],
    }
    refused = bastion.guard(**asked)
    assert refused["failed"] and "/etc/pip.conf: is somebody else's" in refused["msg"]
    assert bastion.guard(True, replace=True, **asked)["changed"] and bastion.snapshot() == before
    done = bastion.guard(replace=True, **asked)
    assert [one["marker"] for one in done["interpreters"]] == ["ours", "ours", "foreign"]
    assert "hunter2" not in json.dumps([refused, done])
    with_guard = bastion.snapshot()
    assert not bastion.guard(**asked)["changed"] and bastion.snapshot() == with_guard
    host.run("rm", f"{bastion.library(1)}/EXTERNALLY-MANAGED")
    assert [one["subject"] for one in bastion.guard(**asked)["actions"]] == [f"{bastion.library(1)}/EXTERNALLY-MANAGED"]
    assert bastion.guard(state="absent")["changed"] and bastion.snapshot() == before
    assert not bastion.guard(state="absent")["changed"]
    host.run("rm", "/etc/pip.conf")


def test_who_may_not_write_there_changes_nothing(bastion: Bastion) -> None:
    before = bastion.snapshot()
    refused = bastion.guard(user="ada", no_index=True)
    assert (
        refused["failed"]
        and f"{bastion.library(0)}: cannot be written" in refused["msg"]
        and "/etc: cannot" in refused["msg"]
    )
    bastion.host.run("chown", "grace", bastion.library(1))
    refused = bastion.guard(no_index=True)
    assert refused["failed"] and "who could put something else there" in refused["msg"]
    bastion.host.run("chown", "root", bastion.library(1))
    assert bastion.snapshot() == before


def test_a_marker_is_no_drift(bastion: Bastion) -> None:
    """The edge once: Ansible's own module, beside those that look after interpreters."""
    asked = {"root": SHARED, "adopt": True, "modules": ["ssl"]}
    other = {"netdevops.python.pyenv_install": {**asked, "version": bastion.pins[1]}}
    prune = {"netdevops.python.pyenv_install": {**asked, "version": bastion.pins[0], "prune": True}}
    guard = {"netdevops.python.pip_guard": {"contact": ASK}}
    audit = {"netdevops.python.environment_audit": {"search": ["/opt"], "roots": [SHARED]}}
    said = play([other, guard, other, audit, prune, guard], hosts={"b": bastion.host.variables})["b"]
    changed = [bool(succeeded(result)["changed"]) for result in said]
    assert changed == [True, True, False, False, True, False], said
    assert said[4]["pruned"] == [bastion.pins[1]]
    assert [found for found in said[3]["audit"]["findings"] if bastion.pins[1] in json.dumps(found)] == []
    assert [found["library"] for found in said[-1]["interpreters"]] == [bastion.library(0)]


def test_what_the_distribution_marked_is_its_own(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o755)
    lab = Bastion(tmp_path, TRIXIE, ())
    try:
        before = lab.snapshot()
        done = lab.guard(roots=[], interpreters=["/usr/bin/python3"], notice="Ours", timeout=5)
        assert [one["marker"] for one in done["interpreters"]] == ["foreign"]
        code, said = lab.says("ada", "python3", f"{lab.pip_wheel}/pip", "install", "spam")
        assert code == 1 and "python3-full" in said and "Ours" not in said, said
        lab.works("ada", "python3", "-m", "venv", "--without-pip", "/home/ada/venv")
        lab.works("root", "py3compile", "-p", "python3-minimal")
        lab.guard(roots=[], interpreters=["/usr/bin/python3"], state="absent")
        assert lab.snapshot() == before
    finally:
        lab.host.close()
