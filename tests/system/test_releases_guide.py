# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command that docs/releases.md prints runs, in this order, and says what is printed below it."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment

pytestmark = pytest.mark.system

GUIDE = REPOSITORY / "docs/releases.md"
VENV = "/opt/netops/netcheck/.venv"
PIN = "3.11.2"
TARGET = "cp311-manylinux_2_17_" + bundles.TARGET.split("_2_17_")[1]
# The releases of the guide, by the version that they are of.
OLD, NEW = "98ba292e7d293ca3", "46121c11acea45a9"
VERSIONS = {"1.4.0": OLD, "1.5.0": NEW}
KEPT = ".venv.kept-20261120T101500"
# What is another one each time: digests, times, seconds, bytes and their units.
PASSING = re.compile(
    r"[0-9a-f]{12,64}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z|[0-9]+(\.[0-9]+)? (s|KB|Bytes)|[0-9]+\.[0-9]{3}"
    r"|[0-9]{8}T[0-9]{6}"
)
# What the guide shows aside, and no command before it says.
ASIDE = "expected a release that was current before"


class Block(NamedTuple):
    """A block of the guide: what it is, and its lines."""

    kind: str
    text: str


class World:
    """A controller with an inventory, and the host that it names."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.bundle = folder / "bundle"
        self.host = Host(f"netdevops-guide-{os.getpid()}")
        self.names: dict[str, str] = {}
        project = {
            "name": "netcheck",
            "bundle": str(self.bundle),
            "venv": VENV,
            "python": PYTHON,
            "commands": ["netcheck"],
            "prove": {"commands": [["netcheck"]]},
        }
        hosts = {"bastion-ams": self.host.variables}
        inventory = {"all": {"vars": {"wheelhouse_projects": [project]}, "children": {"bastions": {"hosts": hosts}}}}
        (folder / "inventory").write_text(json.dumps(inventory))

    def build(self, version: str) -> None:
        """Make the bundle of a version, where the inventory says that it is."""
        made = bundles.Made(self.bundle)
        for path in made.wheels.glob("netcheck-*"):
            path.unlink()
        main = f'VERSION = "{version}"\ndef main():\n    print("netcheck", VERSION)\n'
        bundles.wheel(
            made.wheels, "netcheck", version, {"netcheck/__init__.py": main}, commands={"netcheck": "netcheck:main"}
        )
        bundles.wheel(made.wheels, "netaddr", "1.3.0")
        made.seal(pin=PIN, target=TARGET)

    def run(self, block: Block) -> str:
        """Run a block and return what it said; each of its commands must succeed."""
        script = "set -e\n" + self.as_here(block.text)
        if block.kind == "sh host":
            return self.host.run("sh", "-c", script)
        env = environment(ANSIBLE_HOME=str(self.folder / "ansible"), ANSIBLE_NOCOLOR="1")
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def note(self) -> None:
        """Learn which release this host has for a version."""
        version = self.host.run(f"{VENV}/bin/netcheck").split()[1]
        self.names[VERSIONS[version]] = os.path.basename(self.host.run("readlink", VENV).strip())

    def as_here(self, text: str) -> str:
        """Return a text of the guide with the releases of this host."""
        for printed, name in self.names.items():
            text = text.replace(printed, name)
        return text

    def adopt(self) -> None:
        """Put an ordinary environment in the place of the link, as it was before there was any release."""
        script = f"rm {VENV} && {PYTHON} -I -m venv --without-pip {VENV}"
        self.host.run("sh", "-ec", script)
        self.host.write(f"{VENV}/bin/netcheck", f"#!{VENV}/bin/python\nprint('netcheck 1.3.0')\n", "0755")


def blocks(text: str) -> list[Block]:
    """Return the blocks of a part of the guide, in order."""
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [Block(kind, text) for kind, text in found]


def check(printed: str, said: str) -> None:
    """Check that a command said what is printed below it."""
    lines = {told(line) for line in said.splitlines()}
    missing = [line for line in printed.splitlines() if told(line) not in lines]
    assert not missing, f"{missing}\nis not in\n{said}"


@pytest.fixture
def world(tmp_path: pathlib.Path) -> Iterator[World]:
    world = World(tmp_path)
    try:
        yield world
    finally:
        world.host.close()


def told(line: str) -> str:
    return PASSING.sub("*", line.strip().rstrip(","))


def test_the_guide_is_true(world: World) -> None:
    install = Block("sh", "ansible-playbook -i inventory netdevops.python.site\n")
    world.build("1.4.0")
    world.run(install)
    world.note()
    before, _heading, migration = GUIDE.read_text(encoding="utf-8").partition("\n## Migration\n")
    first, *rest = blocks(before)
    # The guide begins with what lies there after its window, and the way to there comes later.
    world.build("1.5.0")
    said, ran = "", 0
    for block in rest:
        if block.kind.startswith("sh"):
            said = world.run(block)
            ran += block.text.count("\n")
            if NEW not in world.names and "1.5.0" in world.host.run("netcheck"):
                world.note()
        elif block.kind in ("", "diff") and ASIDE not in block.text and rest.index(block) > 0:
            check(block.text, said)
    assert ran >= 14 and set(world.names) == {OLD, NEW}
    listed = world.run(first).splitlines()
    printed = rest[0].text.splitlines()
    assert sorted(map(told, listed)) == sorted(map(told, printed))
    migrate(world, blocks(migration))


def migrate(world: World, steps: list[Block]) -> None:
    """Follow the part about an ordinary environment that makes room, and comes back by hand."""
    world.adopt()
    said = ""
    for block in steps:
        if block.kind.startswith("sh"):
            said = world.run(block)
        else:
            check(block.text, said)
        for path in said.splitlines() if KEPT not in world.names else ():
            if path.startswith(f"{VENV}.kept-"):
                world.names[KEPT] = os.path.basename(path)
    assert KEPT in world.names and len(steps) == 8
