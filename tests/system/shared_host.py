# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that three people share: their checkouts of four repositories, and what each of these pins and locks."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.tests.system import bundles, hosts
from ansible_collections.netdevops.python.tests.system.jump_host import SHARED, JumpHost, pyenv_archive
from ansible_collections.netdevops.python.tests.system.package_index import Index
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment
from ansible_collections.netdevops.python.tests.system.poetry_lab import (
    SOURCE,
    VERSIONS,
    Needs,
    poetry,
    sample,
    shown,
    stock,
    way_to,
)
from ansible_collections.netdevops.python.tests.system.pyenv_lab import Mirror
from ansible_collections.netdevops.python.tests.system.ssh import command, variables

GATEWAY = "10.91.0.1"
GUIDE = REPOSITORY / "docs/jump-hosts.md"
# The pins that the guide names; here there may be others.
PINS = ("3.11.7", "3.12.1")
# Owns what belongs to the team; the guide makes the account, and who may read it.
OPS, READERS = "netops", ("ada", "grace")
MODULE = "netdevops.python.poetry_venv"
# Says what it runs on and with.
CODE = """import sys, alpha
def main():
    print("{name}", alpha.VERSION, sys.version.split()[0], flush=True)
"""
TOOL = 'def main():\n    print("linkcheck 1.0")\n'
# Longest run of one of its commands.
SECONDS = 300
IGNORED = ".venv\n__pycache__/\n"


class Block(NamedTuple):
    """A block of the guide: what it is, and its lines."""

    kind: str
    text: str


class Repository(NamedTuple):
    """What is cloned, and where to.

    Attributes:
        name: Its name, which is that of its command.
        owner: Whose checkout it is.
        folder: The checkout.
        pin: The interpreter that it pins.
        alpha: The version of a package that it locks.
        poetry: Which Poetry makes its lock, and its environment.
    """

    name: str
    owner: str
    folder: str
    pin: str
    alpha: str
    poetry: str

    @property
    def command(self) -> str:
        """Its command in the environment."""
        return f"{self.folder}/.venv/bin/{self.name}"

    @property
    def says(self) -> str:
        """What the command says."""
        return f"{self.name} {self.alpha} {self.pin}"


def repositories(pins: Sequence[str]) -> list[Repository]:
    """Return the four of them."""
    one, other = pins
    old, new = VERSIONS
    return [
        Repository("router-audit", "ada", "/home/ada/router-audit", one, "1.0", old),
        Repository("config-push", "grace", "/home/grace/config-push", other, "2.0", new),
        Repository("bgp-report", "linus", "/home/linus/bgp-report", one, "2.0", new),
        Repository("net-tools", OPS, "/srv/projects/net-tools", other, "1.0", new),
    ]


class SharedHost(JumpHost):
    """A jump host with git, both Poetrys, and an index of packages and a git server that it reaches.

    Args:
        folder: A private folder of this machine.
        pins: The versions of its interpreters.
    """

    def __init__(self, folder: pathlib.Path, pins: Sequence[str]) -> None:
        self.all = repositories(pins)
        seen = shown(*VERSIONS)
        super().__init__(folder, pins, name="netdevops-shared", shown=seen, image=hosts.SHARED)
        self.stops: list[Any] = [super().close]
        try:
            self.host.run("sh", "-ec", way_to(seen))
            self.index = stock(Index(folder / "index", address=GATEWAY))
            self.stops.append(self.index.stop)
            self.git = Mirror(folder / "git", GATEWAY)
            self.stops.append(self.git.close)
            for repository in self.all:
                self.publish(repository)
            self.prepare()
        except BaseException:
            self.close()
            raise

    def publish(self, repository: Repository) -> None:
        """Commit what a repository holds now, as its engineers do elsewhere, and push it to the git server."""
        work = self.folder / "work" / repository.name
        needs = Needs({"alpha": repository.alpha}, {"dev": {"gamma": "1.0"}})
        sample(work, self.index, lock=repository.poetry, needs=needs, name=repository.name, pin=repository.pin)
        (work / repository.name.replace("-", "_") / "__init__.py").write_text(CODE.format(name=repository.name))
        (work / ".gitignore").write_text(IGNORED)
        bare = self.git.folder / f"{repository.name}.git"
        script = (
            'cd "$1"; git init -q -b main --template=; git add .; git commit -q -m change; rm -rf "$2"; '
            'git clone -q --bare "$1" "$2"; git -C "$2" update-server-info'
        )
        name = {"GIT_AUTHOR_NAME": "lab", "GIT_AUTHOR_EMAIL": "lab@example.com"}
        said = environment(**name, **{key.replace("AUTHOR", "COMMITTER"): value for key, value in name.items()})
        subprocess.run(["sh", "-ec", script, "-", str(work), str(bare)], env=said, check=True, capture_output=True)

    def url(self, repository: Repository) -> str:
        """Return where a repository is cloned from."""
        return f"{self.git.url}/{repository.name}.git"

    def prepare(self) -> None:
        """Write the inventory of the guide, and beside it what is of this lab: how it is reached, and that the interpreters are there."""
        archive, sha256 = pyenv_archive(self.folder)
        lab = {
            **variables(self.address, "deploy", self.key),
            "pyenv_adopt": True,
            "pyenv_source": "",
            "pyenv_archive": "",
            "pyenv_checkout_archive": archive,
            "pyenv_checkout_sha256": sha256,
            "vault_index_user": self.index.user,
            "vault_index_password": self.index.password,
        }
        self.host.run("useradd", "--create-home", "--shell", "/bin/bash", "deploy")
        self.host.write("/etc/sudoers.d/deploy", "deploy ALL=(ALL) NOPASSWD: ALL\n", "0440")
        files = {block.kind.partition(" ")[2]: self.as_here(block.text) for block in guide("The inventory")}
        files["inventory/host_vars/bastion-ams.yml"] = json.dumps(lab)
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for pin in self.pins:
            self.host.run(f"{SHARED}/versions/{pin}/bin/python", "-m", "ensurepip", "--default-pip")
        made = bundles.Made(self.folder / "bundles/linkcheck")
        content = {"linkcheck/__init__.py": TOOL}
        bundles.wheel(made.wheels, "linkcheck", "1.0", content, commands={"linkcheck": "linkcheck:main"})
        pin = self.pins[0]
        abi = "cp" + "".join(pin.split(".")[:2])
        made.seal(pin=pin, target=f"{abi}-{bundles.TARGET.partition('-')[2]}")

    def as_here(self, text: str) -> str:
        """Return a text of the guide with the pins, the servers and the paths of this lab."""
        here = {
            **dict(zip(PINS, self.pins)),
            "https://git.example.net/netops": self.git.url,
            "https://packages.example.net/simple/": self.index.url,
            "/srv/bundles": str(self.folder / "bundles"),
            "/usr/local/bin/poetry": str(poetry("2")),
        }
        # At once: a pin of here may be another pin of the guide.
        return re.sub("|".join(map(re.escape, here)), lambda found: here[found.group()], text)

    def follow(self, *headings: str) -> None:
        """Do what parts of the guide say, and check what they print."""
        said = ""
        for block in guide(*headings):
            if block.kind.startswith("sh"):
                said = self._run(block)
            elif not block.kind:
                lines = {line.strip() for line in said.splitlines()}
                missing = [line for line in self.as_here(block.text).splitlines() if line.strip() not in lines]
                assert not missing, f"{missing}\nis not in\n{said}"

    def _run(self, block: Block) -> str:
        """Run a block of the guide, and return what it said; it must succeed, or fail where the guide says so."""
        text = self.as_here(block.text)
        _sh, *words = block.kind.split()
        if words[:1] == ["host"]:
            return self.host.run("sh", "-ec", text)
        remote = command(self.address, words[0], self.key, f"set -e; {text}") if words else []
        argv = remote or ["bash", "-ec", text]
        own = {
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "SYSTEM_TEST_RESULTS": str(self.folder / "results"),
            "ANSIBLE_PIPELINING": "0",
        }
        env = environment(ANSIBLE_NOCOLOR="1", **own)
        done = subprocess.run(
            argv, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        assert bool(done.returncode) == ("fails" in words), f"{block.text}{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def task(self, repository: Repository, **options: Any) -> Mapping[str, Any]:
        """Return the task that gives a repository its environment."""
        password = {
            "name": SOURCE,
            "user": self.index.user,
            "password": self.index.password,
            "url": self.index.url,  # It is no https.
        }
        asked = {"project": repository.folder, "owner": repository.owner, "poetry": str(poetry(repository.poetry))}
        return {MODULE: {**asked, "sources": [password], "compile": False, **options}}

    def close(self) -> None:
        """Take everything away."""
        for stop in reversed(self.stops):
            stop()


def guide(*headings: str) -> list[Block]:
    """Return the blocks of parts of the guide, in order."""
    parts = re.split(r"^##+ (.*)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2]))
    pattern = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [Block(kind, text) for heading in headings for kind, text in pattern.findall(texts[heading])]
