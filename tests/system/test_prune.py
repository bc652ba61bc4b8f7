# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What retention spares and what it removes, with real processes, real disks and a prune that is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.plugins.module_utils.host.rollback import roll_back
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    REPOSITORY,
    environment,
    here,
    install_task,
    play,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.receipts import OWN_STATE, mismatches
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

DAY = 86400
# A compiled module that every Python has, as it would lie in a wheel.
COMPILED = next(pathlib.Path(BASE_PYTHON).resolve().parents[1].glob("lib/python3.*/lib-dynload/_bisect*.so"))
WAIT = "import sys; print('up', flush=True); sys.stdin.read()"
SERVE = f"def main():\n    {WAIT}\n"
PIN = "3.11.2"
TARGET = "cp311-manylinux_2_17_" + bundles.TARGET.split("_2_17_")[1]
# Ends itself in the middle: after so many files, with no chance to clean up.
KILLED = """
import os, signal, sys
from ansible_collections.netdevops.python.plugins.module_utils.host import prune, sweep
left = int(sys.argv[2])
real = {name: getattr(os, name) for name in ("unlink", "rmdir", "rename")}
def counting(name):
    def call(*words, **options):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real[name](*words, **options)
    return call
for name in real:
    setattr(os, name, counting(name))
prune.prune({"venv": sys.argv[1], "keep": 2, "lock_timeout": 5, "history": sys.argv[3]}, False)
"""


class Place:
    """An environment with the releases 1.0 to 4.0 of a program that waits."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.venv = folder / "opt/app/.venv"
        self.releases = folder / "opt/app/.venv.releases"
        self.history = folder / "history.jsonl"
        self.names = [self.install(f"{number}.0") for number in range(1, 5)]

    def install(self, version: str, **options: Any) -> str:
        made = bundles.Made(self.folder / f"bundle-{version}")
        files = {"alpha/__init__.py": f'VERSION = "{version}"\n{SERVE}', "alpha/data.txt": version * 5000}
        bundles.wheel(made.wheels, "alpha", version, files, commands={"alpha": "alpha:main"})
        bundles.wheel(made.wheels, "beta", "2.0", {"beta/__init__.py": "", "beta/table.txt": "a b c\n" * 20000})
        said = direct.install(self.venv, made.seal(), **{"keep": 9, "history": str(self.history), **options})
        return str(said["release"])

    def prune(self, check: bool = False, **options: Any) -> dict[str, Any]:
        asked = {"venv": str(self.venv), "keep": 1, "lock_timeout": 5, "history": str(self.history), **options}
        return prune(asked, check)

    def release(self, number: int) -> pathlib.Path:
        return self.releases / self.names[number - 1]

    def there(self) -> list[int]:
        return [number for number in range(1, 5) if self.release(number).exists()]

    def why(self, said: dict[str, Any], number: int) -> str:
        return str(said["spared"].get(str(self.release(number)), ""))


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


@contextlib.contextmanager
def running(*command: object, cwd: object = "/", **env: str) -> Iterator[subprocess.Popen[str]]:
    """Let a program run that says ``up`` and waits."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=str(cwd),
        env=environment(PYTHONDONTWRITEBYTECODE="1", **env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stdout.readline() == "up\n"
        yield process
    finally:
        process.communicate()


def used(place: Place, number: int) -> str:
    """Prune; the release must be spared and all others that can go be gone. Return why it was spared."""
    said = place.prune()
    assert place.there() == [number, 3, 4]
    assert not mismatches(place.release(number))
    assert not place.prune()["changed"], "what is spared is no change"
    return place.why(said, number)


def gone(place: Place, number: int) -> None:
    """The process has ended: the next run removes what it used."""
    said = place.prune()
    assert said["pruned"] == [str(place.release(number))] and place.there() == [3, 4]


def test_a_console_script_of_pure_python(place: Place) -> None:
    with running(place.release(1) / "bin/alpha"):
        assert "(command line: " in used(place, 1)
    gone(place, 1)


def test_a_console_script_that_was_started_through_the_link_before_a_switch(place: Place) -> None:
    place.install("2.0")
    with running(place.venv / "bin/alpha") as process:
        place.install("3.0")
        place.install("4.0")
        assert f"in use by process {process.pid} (command line: {place.release(2)}" in used(place, 2)
    gone(place, 2)


def test_a_program_that_was_started_through_the_link_and_names_no_release(place: Place) -> None:
    """What was current when it started is what it uses; nothing else in the kernel knows."""
    place.install("2.0")
    time.sleep(2.5)  # longer than two clocks may differ
    with running(place.venv / "bin/python", "-c", WAIT) as process:
        time.sleep(2.5)
        place.install("3.0")
        place.install("4.0")
        why = used(place, 2)
        assert f"in use by process {process.pid} (command line: {place.venv}/bin/python)" in why
        assert "started while it was current" in why
    gone(place, 2)


def test_a_compiled_module_that_is_loaded(place: Place) -> None:
    copy = place.release(1) / "lib" / COMPILED.name
    shutil.copy(COMPILED, copy)
    code = f"import ctypes; ctypes.CDLL({str(copy)!r}); {WAIT}"
    try:
        with running(BASE_PYTHON, "-c", "import os; exec(os.environ['CODE'])", CODE=code) as process:
            said = place.prune()
            assert place.there() == [1, 3, 4]
            assert place.why(said, 1) == f"in use by process {process.pid} (mapped: {copy})"
    finally:
        copy.unlink()
    gone(place, 1)


def test_a_working_folder(place: Place) -> None:
    with running(BASE_PYTHON, "-c", WAIT, cwd=place.release(2) / "lib"):
        assert f"(working folder: {place.release(2)}/lib)" in used(place, 2)
    gone(place, 2)


def test_an_open_file(place: Place) -> None:
    file = place.release(1) / "pyvenv.cfg"
    with running(BASE_PYTHON, "-c", f"import os; it = open(os.environ['FILE']); {WAIT}", FILE=str(file)):
        assert f"(open file: {file})" in used(place, 1)
    gone(place, 1)


def test_a_shell_in_which_it_is_activated(place: Place) -> None:
    """The kernel tells of the variables that a process was started with: of what the shell runs, not of the shell."""
    with running("/bin/sh", "-c", '. "$FOLDER/bin/activate" && echo up && cat', FOLDER=str(place.release(2))):
        assert f"(environment: {place.release(2)})" in used(place, 2)
    gone(place, 2)


def test_previous_and_held_and_days(place: Place) -> None:
    journal = place.releases / ".journal"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for days, line in zip((50, 40, 20, 10), [line for line in lines if "at" in line]):
        line["at"] = time.time() - days * DAY
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    # 1.0 was left 40 days ago, 2.0 20, and 3.0 10 days ago.
    assert place.prune(check=True, keep_days=30)["pruned"] == [str(place.release(1))]
    said = place.prune(check=True, keep_days=15, hold=[place.names[0][:6]])
    assert said["pruned"] == [str(place.release(2))]
    assert place.why(said, 1) == "is held" and place.why(said, 3) == "a rollback goes back to it"
    assert place.there() == [1, 2, 3, 4]
    assert place.prune(hold=[place.names[0][:6]])["changed"]
    assert place.there() == [1, 3, 4]
    # It goes on holding where nobody says anything: in an install as well.
    place.install("5.0", keep=1)
    assert place.there() == [1, 4]
    place.prune(hold=[])
    assert place.there() == [4]


def test_what_a_rollback_goes_back_to_stays_after_a_rollback(place: Place) -> None:
    asked = {"venv": str(place.venv), "prove_timeout": 60, "lock_timeout": 5, "history": str(place.history)}
    assert roll_back(asked, False)["release"] == place.names[2]
    said = place.prune(keep=1)
    assert place.there() == [2, 3], "4.0 was current last, but keep is 1 and nobody goes back to it"
    assert place.why(said, 2) == "a rollback goes back to it"
    assert roll_back(asked, False)["release"] == place.names[1]
    assert place.prune(keep=2)["pruned"] == [] and place.there() == [2, 3]


def test_the_bytes_that_are_freed_are_those_of_the_disk(tmp_path: pathlib.Path) -> None:
    disk = Disk(tmp_path / "disk")
    try:
        place = Place(disk.folder)
        foretold = place.prune(check=True)["freed_bytes"]
        before = _free(disk.folder)
        (place.folder / "elsewhere").mkdir()
        said = place.prune(history=str(tmp_path / "history"))
        assert said["freed_bytes"] == foretold == _free(disk.folder) - before > 0
        # What 3.0 and 4.0 share with them lives on, and is not counted.
        size = sum(path.stat().st_size for path in place.release(4).rglob("*") if path.is_file())
        assert said["freed_bytes"] < size
    finally:
        disk.close()


def _free(folder: pathlib.Path) -> int:
    found = os.statvfs(folder)
    return found.f_bfree * found.f_frsize


def test_check_mode_writes_nothing(place: Place) -> None:
    before = tree(place.folder)
    said = place.prune(check=True, hold=[place.names[0]])
    assert said["changed"] and not differences(before, tree(place.folder))


def test_a_prune_that_is_killed_leaves_nothing_half(place: Place) -> None:
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    killed = 0
    for steps in (0, 1, 2, 5, 9, 17, 33):
        command = [sys.executable, "-c", KILLED, str(place.venv), str(steps), str(place.history)]
        done = subprocess.run(command, env=env, check=False, timeout=60, capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        killed += done.returncode == -signal.SIGKILL
        names = [name for name in os.listdir(place.releases) if not name.startswith(".")]
        for name in names:
            assert not mismatches(place.releases / name), "a release is whole, or it is none"
        assert {place.names[2], place.names[3]} <= set(names)
    assert killed >= 5
    place.prune(keep=2)
    assert place.there() == [3, 4]
    assert set(os.listdir(place.releases)) <= {*place.names, *OWN_STATE}
    entries = [entry for entry in read_history(str(place.history)) if entry["what"] == "prune"]
    assert [entry["outcome"] for entry in entries].count("interrupted") == killed and entries[-1]["outcome"] == "done"


def test_through_ansible(place: Place) -> None:
    """The module, its role, and what the history says of who did it."""
    task = {
        "netdevops.python.wheelhouse_prune": {
            "venv": str(place.venv),
            "keep": 2,
            "reason": "room",
            "history": str(place.history),
        }
    }
    foretold, done, again = here([{**task, "check_mode": True, "diff": True}, task, task])
    assert succeeded(foretold)["changed"] and foretold["diff"]["before"] != foretold["diff"]["after"]
    assert succeeded(done)["pruned"] == foretold["pruned"] and done["freed_bytes"] == foretold["freed_bytes"]
    assert not succeeded(again)["changed"]
    last = read_history(str(place.history))[-1]
    assert (last["what"], last["outcome"], last["reason"]) == ("prune", "done", "room")
    assert last["by"]["controller_user"]


@pytest.fixture
def host() -> Iterator[Host]:
    """A host whose root sees all processes, as root does on a machine, and in a container only with this right."""
    host = Host(f"netdevops-prune-{os.getpid()}", options=["--cap-add", "SYS_PTRACE"])
    try:
        host.run("useradd", "--create-home", "netops")
        yield host
    finally:
        host.close()


class TestOnAHost:
    """Several environments, by root and by an account; processes of others."""

    def test_root_sees_all_and_an_account_says_what_it_cannot_see(self, host: Host, tmp_path: pathlib.Path) -> None:
        made = [
            str(bundles.small(tmp_path / f"b{number}", f"{number}.0").seal(pin=PIN, target=TARGET))
            for number in (1, 2, 3)
        ]
        host.run("chmod", "755", "/home/netops")
        owners = {"/opt/one/.venv": "root", "/home/netops/two/.venv": "netops"}
        oldest = [self._install(host, made, venv, user) for venv, user in owners.items()]
        folder = f"/home/netops/two/.venv.releases/{oldest[1]}"
        # Another account works there: its owner cannot see where, and root can.
        subprocess.run(
            ["podman", "exec", "--detach", "--user", "nobody", "--workdir", folder, host.name, "sleep", "300"],
            env=environment(),
            check=True,
        )
        search = {"search": ["/opt", "/home"], "keep": 1, "lock_timeout": 5}
        [mine] = self._run(host, [{"netdevops.python.wheelhouse_prune": {**search, "search": ["/opt"]}}], "netops")
        assert not succeeded(mine)["changed"] and "belongs to user id 0" in mine["passed_over"]["/opt/one/.venv"]
        [root] = self._run(host, [{"netdevops.python.wheelhouse_prune": search}])
        assert succeeded(root)["pruned"] == [f"/opt/one/.venv.releases/{oldest[0]}"]
        assert "working folder" in root["spared"][folder]
        assert host.run("ls", folder)
        [mine] = self._run(host, [{"netdevops.python.wheelhouse_prune": {**search, "search": ["/home"]}}], "netops")
        assert succeeded(mine)["pruned"] == [folder] and mine["freed_bytes"] > 0
        assert "sees the command line alone" in str(mine["warnings"])
        for venv in owners:
            assert "alpha 3.0" in host.run(f"{venv}/bin/alpha")

    def _install(self, host: Host, bundles_of: Sequence[str], venv: str, user: str) -> str:
        """Install each bundle as that user; return the name of the oldest release."""
        options = {"python": PYTHON, "allow_container": None}
        tasks = [install_task(venv, bundle=bundle, **options) for bundle in bundles_of]
        return str(next(succeeded(result)["release"] for result in self._run(host, tasks, user)))

    @staticmethod
    def _run(host: Host, tasks: Sequence[dict[str, Any]], user: str = "root") -> list[dict[str, Any]]:
        return play(tasks, hosts={"debian": {**host.variables, "ansible_user": user}})["debian"]
