# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad hosts and folders for a project's environment: a clear error, and nothing lost. Its people have rights of their own."""

from __future__ import annotations

import gc
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.system import direct
from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.hosts import Host
from ansible_collections.netdevops.python.tests.system.package_index import Index
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment
from ansible_collections.netdevops.python.tests.system.poetry_lab import (
    Needs,
    interpreter,
    poetry,
    sample,
    shown,
    stock,
    way_to,
)
from ansible_collections.netdevops.python.tests.system.snapshot import Entry, differences, tree

pytestmark = pytest.mark.system

POETRY = "2"
CODE = "/mnt/code"
DRIVER_FILE = "/mnt/driver.py"
# A person's program: it has imported one package, and imports another later on.
LATER_FILE = "/mnt/later.py"
LATER = """
import sys
import alpha
print("alpha", alpha.VERSION, flush=True)
sys.stdin.readline()
import gamma
print("gamma", gamma.VERSION, "of", gamma.__file__.partition("/lib/")[0])
"""
DRIVER = """
import json, os, sys
os.umask(int(sys.argv[3], 8))
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.converge import converge
params = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
try:
    print(json.dumps(converge({**params, "by": None, **json.loads(sys.argv[1])}, sys.argv[2] == "check")))
except Refused as refused:
    print(json.dumps({"failed": True, **refused.result()}))
"""
# All that a folder holds but environments: content, and all that stat says but when it was read. The folder itself gets the link.
WATCH = """
import hashlib, json, os, sys
found = {}
for root, folders, files in os.walk(sys.argv[1]):
    folders[:] = [name for name in folders if not name.startswith(".venv")]
    for name in folders + [file for file in files if not file.startswith(".venv")]:
        path = os.path.join(root, name)
        seen = os.lstat(path)
        regular = os.path.isfile(path) and not os.path.islink(path)
        content = hashlib.sha256(open(path, "rb").read()).hexdigest() if regular else ""
        times = [seen.st_mtime_ns, seen.st_ctime_ns] if name in files else []
        found[path] = [seen.st_mode, seen.st_uid, seen.st_gid, seen.st_ino, content, *times]
print(json.dumps(found))
"""


class Lab:
    """A host without a network, with two people who look after themselves, and the wheels of two revisions of a project."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.stock = folder / "stock"
        with stock(Index(self.stock / "wheels", user="")) as index:
            for version in ("1.0", "2.0"):
                needs = Needs({"alpha": version}, {"dev": {"gamma": version}})
                sample(self.stock / version, index, lock=POETRY, needs=needs)
        seen = [self.stock, *shown(POETRY)]
        plugins = f"{REPOSITORY.resolve()}/plugins:{CODE}/ansible_collections/netdevops/python/plugins:ro"
        self.host = Host(f"netdevops-projects-{os.getpid()}", seen, options=["--volume", plugins])
        try:
            self.root("useradd -m ada; useradd -m grace; chmod 755 /home/ada")
            self.root(way_to(seen))
            self.host.write(DRIVER_FILE, DRIVER)
            self.host.write(LATER_FILE, LATER)
        except BaseException:
            self.host.close()
            raise

    def root(self, script: str) -> str:
        """Run a script as root."""
        return self.host.run("sh", "-ec", script)

    def project(self, name: str, version: str = "1.0") -> str:
        """Check a project of ada's out, or another revision of it."""
        folder = f"/home/ada/{name}"
        self.root(f"mkdir -p {folder}; cp -r {self.stock}/{version}/. {folder}; chown -R ada:ada {folder}")
        return folder

    def run(self, project: str, *, user: str = "ada", umask: str = "022", check: bool = False, **options: Any) -> Any:
        """Run the module's knowledge on a project as somebody."""
        asked = {
            "project": project,
            "python": str(interpreter() / "bin/python3"),
            "poetry": str(poetry(POETRY)),
            "wheelhouse": f"{self.stock}/wheels",
            "compile": False,
            **options,
        }
        more = ["--env", f"PYTHONPATH={CODE}", "--env", f"PYTHONPYCACHEPREFIX=/tmp/compiled-{user}"]
        words = [str(interpreter() / "bin/python3"), DRIVER_FILE, json.dumps(asked), "check" if check else "", umask]
        command = ["podman", "exec", "--user", user, *more, self.host.name, *words]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a program as ada, who goes on talking to it."""
        command = ["podman", "exec", "--interactive", "--user", "ada", self.host.name, *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe, text=True)

    def version(self, python: str) -> str:
        """Return the version of an interpreter."""
        return self.host.run(python, "-c", "import platform; print(platform.python_version())", user="ada")

    def environments(self, project: str) -> list[str]:
        """Return what of a project's folder has the name of an environment, or of something beside it."""
        return [name for name in self.root(f"ls -A {project}").split() if name.startswith(".venv")]

    def watch(self, folder: str) -> Any:
        """Return what a folder holds but its environments."""
        return json.loads(self.host.run("/usr/bin/python3", "-c", WATCH, folder))

    def everything(self, folder: str) -> str:
        """Return what a folder holds, environments too."""
        return self.root(f"find {folder} -printf '%p %M %U %s %T@ %i %l\\n' | sort")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("projects"))
    try:
        yield made
    finally:
        made.host.close()


# Whose it is


@pytest.mark.parametrize(
    ("user", "options", "said"),
    [
        ("grace", {}, "is someone else's project"),
        ("root", {}, "is someone else's project"),
        ("root", {"owner": "grace"}, "is someone else's project"),
        ("grace", {"owner": "ada"}, "has no right to work for others"),
        ("root", {"owner": "nosuchuser"}, "this host knows no such user"),
    ],
)
def test_someone_elses_project(lab: Lab, user: str, options: dict[str, Any], said: str) -> None:
    project = lab.project("closed")
    before = lab.everything("/home/ada")
    for state in ("present", "absent"):
        assert said in lab.run(project, user=user, state=state, **options)["msg"]
    assert lab.everything("/home/ada") == before


# What stands at .venv


@pytest.mark.parametrize(
    ("name", "script", "said"),
    [
        ("link", "mkdir -p other; ln -s other .venv", r"expected a link to one of its releases, found a link to other"),
        (
            "dangling",
            "ln -s /nowhere .venv",
            "expected a link to one of its releases, found a dangling link to /nowhere",
        ),
        ("file", "echo work >.venv", "expected an environment or nothing, found a file"),
        ("grace", "mkdir .venv; touch .venv/pyvenv.cfg; chown -R grace .venv", "is a folder of grace"),
        ("work", "mkdir .venv; touch .venv/work", "is a folder with content and no virtual environment"),
    ],
)
def test_what_stands_at_venv_is_not_ours(lab: Lab, name: str, script: str, said: str) -> None:
    project = lab.project(name)
    lab.root(f"cd {project}; {script}; chown -h ada .venv" if name != "grace" else f"cd {project}; {script}")
    before = lab.everything(project)
    result = lab.run(project)
    assert said in result["msg"]
    assert all(problem["next_step"] for problem in result["problems"])
    assert lab.everything(project) == before
    assert "failed" in lab.run(project, check=True)
    assert lab.everything(project) == before


def test_an_environment_of_another_interpreter_is_replaced(lab: Lab) -> None:
    """First an ordinary one whose Python is gone, then a release that stands on another Python than is asked for by now."""
    project, wanted = lab.project("other"), lab.version(f"{interpreter()}/bin/python3")
    own, gone = "/home/ada/own-python", "/nowhere/python3"
    lab.host.run("/usr/bin/python3", "-m", "venv", "--without-pip", f"{project}/.venv", user="ada")
    lab.root(f"ln -sfn {gone} {project}/.venv/bin/python3; ln -s /usr/bin/python3 {own}")
    before = lab.watch(project)
    first = lab.run(project, python=own)
    assert first["changed"], first
    assert lab.root(f"readlink {first['kept']}/bin/python3") == f"{gone}\n"
    assert lab.version(f"{project}/.venv/bin/python") == lab.version("/usr/bin/python3") != wanted
    lab.root(f"rm {own}")
    stands = lab.everything(project)
    assert "expected an interpreter, found nothing" in lab.run(project, python=own)["msg"]
    assert lab.everything(project) == stands
    lab.root(f"ln -s {interpreter()}/bin/python3 {own}")
    again = lab.run(project, python=own)
    assert again["changed"], again
    assert lab.version(f"{project}/.venv/bin/python") == wanted
    assert lab.host.run(f"{project}/.venv/bin/alpha", user="ada") == "alpha 1.0\n"
    assert lab.watch(project) == before


# A day of a project


def test_umask_077_and_no_file_of_the_project_is_touched(lab: Lab) -> None:
    project = lab.project("day")
    venv, before = f"{project}/.venv", lab.watch(project)
    check = lab.run(project, check=True, umask="077")
    assert check["changed"], check
    assert not lab.environments(project)
    made = lab.run(project, umask="077")
    assert made["packages"] == check["packages"]
    assert lab.host.run(f"{venv}/bin/alpha", user="grace") == "alpha 1.0\n"
    strange = f"find {venv}.releases/{made['release']} ! -type l ! -perm 755 ! -perm 644 -o -type d ! -perm 755"
    assert lab.root(strange) == ""
    stands = lab.everything(f"{venv}.releases/{made['release']}")
    refused = lab.run(project, wheelhouse="/srv/none", without=["dev"])
    assert "wheelhouse /srv/none: cannot be read" in refused["msg"]
    assert lab.everything(f"{venv}.releases/{made['release']}") == stands
    assert not lab.run(project)["changed"]
    assert lab.watch(project) == before
    assert lab.run(project, state="absent")["changed"]
    assert not lab.environments(project)
    assert lab.watch(project) == before


def test_a_person_is_logged_in_and_runs_the_old_environment(lab: Lab) -> None:
    project = lab.project("shell")
    venv = f"{project}/.venv"
    first = lab.run(project)["release"]
    person = lab.start(f"{venv}/bin/python", LATER_FILE)
    try:
        assert person.stdout
        assert person.stdout.readline() == "alpha 1.0\n"
        lab.project("shell", "2.0")
        before = lab.watch(project)
        moved = lab.run(project, keep=1)
        assert moved["packages"]["changed"] == {"alpha": ["1.0", "2.0"], "gamma": ["1.0", "2.0"]}
        assert lab.host.run(f"{venv}/bin/alpha", user="ada") == "alpha 2.0\n"
        # The one before stays for a rollback; once there is another before it, only the process holds it.
        spared = lab.run(project, keep=1, all_extras=True)["spared"]
        assert "process" in spared[first], spared
        said, _unused = person.communicate("go on\n", timeout=30)
    finally:
        person.kill()
    assert said == f"gamma 1.0 of {venv}.releases/{first}\n"
    assert lab.run(project, keep=1, all_extras=True)["pruned"] == [first]
    assert lab.watch(project) == before


# A home that is full


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pathlib.Path, Index]]:
    """Two revisions of a project, below one folder, and the index that they come from."""
    folder = tmp_path_factory.mktemp("revisions")
    with stock(Index(folder / "index", user="")) as index:
        for version in ("1.0", "2.0"):
            needs = Needs({"alpha": version}, {"dev": {"gamma": version}})
            sample(folder / version, index, lock=POETRY, needs=needs)
        yield folder, index


@pytest.mark.parametrize(
    ("offline", "free"),
    [(False, (20, 36)), (True, (0, 8, 30, 44))],
    ids=["Poetry fetches", "wheels are at hand"],
)
def test_a_home_on_a_full_disk(
    tmp_path: pathlib.Path, revisions: tuple[pathlib.Path, Index], offline: bool, free: tuple[int, ...]
) -> None:
    folder, index = revisions
    disk = Disk(tmp_path / "home")
    project = disk.folder / "app"
    more: dict[str, Any] = {"wheelhouse": str(index.folder)} if offline else {}
    try:
        shutil.copytree(folder / "1.0", project)
        direct.project(project, poetry=str(poetry(POETRY)), **more)
        shutil.copytree(folder / "2.0", project, dirs_exist_ok=True)
        before = tree(disk.folder)
        for inodes in free:
            gc.collect()
            disk.leave(inodes=inodes)
            with pytest.raises(Refused, match=r"[Nn]o space left on device"):
                direct.project(project, poetry=str(poetry(POETRY)), **more)
            assert not differences(before, tree(disk.folder)), f"with {inodes} inodes"
        disk.leave(inodes=5000)
        assert direct.project(project, poetry=str(poetry(POETRY)), **more)["changed"]
        assert not differences(of_project(before), of_project(tree(disk.folder)))
    finally:
        disk.close()


def of_project(seen: dict[str, Entry]) -> dict[str, Entry]:
    return {path: entry for path, entry in seen.items() if not path.startswith("app/.venv")}
