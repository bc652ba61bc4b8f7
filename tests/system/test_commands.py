# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of an environment for everybody: they stay with the release that they began in, and take nobody's place."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import (
    REPOSITORY,
    environment,
    here,
    install_each,
    install_task,
    play,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.test_owner import STRICT, debian_bundle, run

pytestmark = pytest.mark.system

# Says that it runs, waits for a line, and only then imports what each release has another version of.
LATER = """
import os, sys
def main():
    print("ready", flush=True)
    sys.stdin.readline()
    import {name}.late
    print({name}.late.VERSION, os.path.realpath({name}.late.__file__), os.path.realpath(sys.prefix))
"""
INSTALL = """
import json, sys
from ansible_collections.netdevops.python.tests.system import direct
direct.install(sys.argv[1], sys.argv[2], commands=json.loads(sys.argv[3]), commands_path=sys.argv[4])
"""
# What changes the disk for good. Each is a set of its own: strace counts the calls of each name by themselves.
STEPS = ("rename,renameat,renameat2", "link,linkat", "unlink,unlinkat", "fchmod", "fsync")


class Place:
    """An environment and a folder for its commands, with one bundle per version."""

    def __init__(self, root: pathlib.Path, name: str = "app") -> None:
        self.root = root
        self.venv = root / f"opt/{name}/.venv"
        self.bin = root / "usr/local/bin"
        self.bin.mkdir(parents=True, exist_ok=True)

    def bundle(self, version: str, *names: str) -> bundles.Made:
        made = bundles.Made(self.root / f"bundle-{version}")
        files = {
            "alpha/__init__.py": f'VERSION = "{version}"\ndef main():\n    print("alpha", VERSION)\n',
            "alpha/later.py": LATER.format(name="alpha"),
            "alpha/late.py": f'VERSION = "{version}"\n',
        }
        commands = {"alpha": "alpha:main", "alpha-later": "alpha.later:main", **dict.fromkeys(names, "alpha:main")}
        bundles.wheel(made.wheels, "alpha", version, files, commands=commands)
        return made.seal()

    def install(self, version: str, *commands: str, folder: str = "", **options: object) -> dict[str, object]:
        made = bundles.Made(self.root / f"bundle-{version}")
        bundle = made if made.file.exists() else self.bundle(version)
        return direct.install(
            self.venv, bundle, commands=list(commands), commands_path=folder or str(self.bin), **options
        )

    def says(self, name: str = "alpha", *words: str) -> str:
        done = subprocess.run(
            [str(self.bin / name), *words], env=environment(), capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


def start_later(place: Place, *prefix: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, str(place.bin / "alpha-later")],
        env=env or environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_held(tracer: int) -> None:
    """Wait until the program that a tracer has started is stopped for longer than between two calls."""
    limit, looks = time.monotonic() + 30, 0
    while looks < 20:
        assert time.monotonic() < limit
        children = pathlib.Path(f"/proc/{tracer}/task/{tracer}/children").read_text(encoding="ascii").split()
        stats = [pathlib.Path(f"/proc/{child}/stat").read_text(encoding="utf-8") for child in children]
        looks = looks + 1 if [stat.rpartition(")")[2].split()[0] for stat in stats] == ["t"] else 0
        time.sleep(0.02)


def ends(process: subprocess.Popen[str]) -> list[str]:
    said = process.communicate("go\n", timeout=60)[0]
    assert process.returncode == 0, said
    return said.split()[-3:]


def test_what_runs_stays_with_its_release_over_switches(place: Place) -> None:
    place.install("1.0", "alpha", "alpha-later")
    first = place.venv.resolve()
    running = start_later(place)
    assert running.stdout and running.stdout.readline() == "ready\n"
    for version in ("2.0", "3.0"):
        place.install(version, "alpha", "alpha-later")
        assert place.says() == f"alpha {version}\n", "who starts it anew gets the new release"
    version, file, prefix = ends(running)
    assert (version, prefix) == ("1.0", str(first)) and file.startswith(f"{first}/")


@pytest.mark.parametrize("moment", ["delay_enter", "delay_exit"])
def test_a_switch_between_the_look_and_the_start_gives_one_whole_release(place: Place, moment: str) -> None:
    """The launcher has looked the release up, and is held right before, or right after, the kernel reads the program."""
    place.install("1.0", "alpha", "alpha-later")
    first = place.venv.resolve()
    # The first start of a program, that of the launcher itself, is not counted.
    inject = f"inject=execve:{moment}=5000000:when=1"
    running = start_later(place, "strace", "-o", "/dev/null", "-e", "trace=execve", "-e", inject)
    wait_until_held(running.pid)
    place.install("2.0", "alpha", "alpha-later")
    version, _file, prefix = ends(running)
    assert (version, prefix) == ("1.0", str(first))


def test_arguments_input_exit_code_and_signals_of_a_real_command(place: Place) -> None:
    made = bundles.Made(place.root / "bundle")
    code = """
import os, sys, time
def main():
    if sys.argv[1:] == ["wait"]:
        print(os.getpid(), flush=True)
        time.sleep(60)
    sys.stdout.write(repr((sys.argv[1:], sys.stdin.read())))
    return 42
"""
    bundles.wheel(made.wheels, "alpha", "1.0", {"alpha/__init__.py": code}, commands={"alpha": "alpha:main"})
    direct.install(place.venv, made.seal(), commands=["alpha"], commands_path=str(place.bin))
    words = ["", "a b", "*", "$HOME", "it's", "-x", "\n"]
    done = subprocess.run(
        [str(place.bin / "alpha"), *words], input="some text", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (42, repr((words, "some text")))
    with subprocess.Popen([str(place.bin / "alpha"), "wait"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and int(process.stdout.readline()) == process.pid, "the launcher became the command"
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM


def test_by_ansible_from_nothing_to_nothing(place: Place) -> None:
    """With a umask that shuts others out, in check mode first, as links are refused that lead to the same file."""
    made = place.bundle("1.0", "beta")

    def task(names: object, **options: object) -> dict[str, object]:
        return install_task(place.venv, bundle=made.folder, commands=names, commands_path=str(place.bin), **options)

    python = place.root / "strict-python"
    python.write_text(f'#!/bin/sh\numask 077\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    both = ["alpha", "beta"]
    tasks = [{**task(both), "check_mode": True}, task(both), task(both), task(["beta"]), task(None), task([])]
    tasks += [task("alpha,beta"), install_task(place.venv, state="absent", python=None)]
    said = here(tasks, hosts={"here": {"ansible_python_interpreter": str(python)}}, options=["--diff"])
    foretold, first, again, fewer, silent, none, text, gone = [succeeded(result) for result in said]
    assert [step["verb"] for step in foretold["actions"]] == ["build", "switch", "expose", "expose"]
    assert foretold["actions"] == first["actions"] and first["changed"]
    assert json.loads(first["diff"]["after"])["commands"] == [str(place.bin / name) for name in both]
    assert not again["changed"] and again["actions"] == []
    assert [(step["verb"], step["subject"]) for step in fewer["actions"]] == [("withdraw", str(place.bin / "alpha"))]
    assert not silent["changed"]
    assert [step["verb"] for step in none["actions"]] == ["withdraw"]
    assert [step["verb"] for step in text["actions"]] == ["expose", "expose"]
    assert [step["verb"] for step in gone["actions"]] == ["withdraw", "withdraw", "unlink", "remove"]
    assert os.listdir(place.bin) == [] and os.listdir(place.venv.parent) == []


def test_everybody_may_run_them_and_only_root_may_write_them(debian: Host, tmp_path: pathlib.Path) -> None:
    """Debian's /usr/local/bin: a group may write there that has nobody in it."""
    debian.write(STRICT, f'#!/bin/sh\numask 077\nexec {PYTHON} "$@"\n', "0755")
    debian.run("sh", "-c", "chown root:staff /usr/local/bin && chmod 2775 /usr/local/bin")
    venv, options = "/opt/exposed/.venv", {"python": PYTHON, "allow_container": None, "owner": "netops"}
    task = install_task(venv, bundle=debian_bundle(tmp_path), commands=["alpha"], **options)
    first, second = run(debian, task, task, ansible_python_interpreter=STRICT)
    assert succeeded(first)["changed"] and not succeeded(second)["changed"]
    assert debian.run("alpha", user="nobody") == "alpha 1.0 beta 2.0\n"
    assert debian.run("stat", "-c", "%U:%G %a", "/usr/local/bin/alpha") == "root:root 755\n"
    # Somebody joins the group: whoever that is could put something else there.
    debian.run("rm", "/usr/local/bin/alpha")
    debian.run("usermod", "-aG", "staff", "netops")
    [refused] = run(debian, task)
    assert refused["failed"] and "/usr/local/bin: can be written by group staff" in refused["msg"]
    debian.run("gpasswd", "-d", "netops", "staff")
    assert succeeded(run(debian, task)[0])["changed"]
    [gone] = run(debian, install_task(venv, state="absent", python=None, allow_container=None))
    assert succeeded(gone)["changed"]
    debian.run("test", "!", "-e", "/usr/local/bin/alpha")


def test_without_root_in_a_folder_of_ones_own(debian: Host, tmp_path: pathlib.Path) -> None:
    debian.run("chmod", "755", "/home/netops")
    debian.run("mkdir", "-p", "/home/netops/bin", user="netops")
    options = {"python": PYTHON, "allow_container": None, "commands": ["alpha"], "bundle": debian_bundle(tmp_path)}
    own = install_task("/home/netops/exposed/.venv", **options, commands_path="/home/netops/bin")
    shared = install_task("/home/netops/exposed/.venv", **options)
    first, second, third = run(debian, own, own, shared, ansible_user="netops")
    assert succeeded(first)["changed"] and not succeeded(second)["changed"]
    assert debian.run("/home/netops/bin/alpha", user="nobody") == "alpha 1.0 beta 2.0\n"
    assert third["failed"] and "'/usr/local/bin': this user may not write there. Use become" in third["msg"]
    assert debian.run("/home/netops/bin/alpha", user="nobody") == "alpha 1.0 beta 2.0\n"
    # Root puts nothing into a folder where somebody else decides what is there.
    options["commands"] = ["alpha-shows"]
    [refused] = run(debian, install_task("/opt/roots/.venv", **options, commands_path="/home/netops/bin"))
    assert refused["failed"] and "/home/netops: belongs to user id" in refused["msg"]
    debian.run("test", "!", "-e", "/opt/roots")


def test_two_environments_want_one_name(tmp_path: pathlib.Path) -> None:
    places = {name: Place(tmp_path, name) for name in ("one", "two")}
    bundle = places["one"].bundle("1.0")
    asked = {
        name: install_task(place.venv, bundle=bundle.folder, commands=["alpha"], commands_path=str(place.bin))
        for name, place in places.items()
    }
    said = install_each({name: next(iter(task.values())) for name, task in asked.items()})
    lost = [name for name, result in said.items() if result.get("failed")]
    assert len(lost) == 1, said
    [won] = set(places) - set(lost)
    assert f"found a launcher of {places[won].venv}" in said[lost[0]]["msg"]
    assert str(places[won].venv) in (places[won].bin / "alpha").read_text(encoding="utf-8")
    assert os.listdir(tmp_path / "usr/local/bin") == ["alpha"]


def commands_at(place: Place) -> set[str]:
    return {name for name in os.listdir(place.bin) if not name.startswith(".tmp-")}


def killed(place: Place, step: int, names: Sequence[str], calls: str) -> bool:
    """Run an upgrade that is killed at a step; return whether it was."""
    words = [str(place.venv), str(place.root / "bundle-2.0"), json.dumps(names), str(place.bin)]
    trace = ["strace", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=SIGKILL:when={step}"]
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    done = subprocess.run([*trace, sys.executable, "-c", INSTALL, *words], env=env, capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_killed_at_each_step_of_the_exposure(place: Place) -> None:
    """A converged environment whose commands change: every step is one of the launchers, or of their record."""
    want = {"alpha-later", "beta"}
    place.bundle("2.0", "beta")
    met = []
    for calls in STEPS:
        for step in range(1, 30):
            place.install("2.0", "alpha", "alpha-later")
            if not killed(place, step, sorted(want), calls):
                break
            met.append(calls)
            left = commands_at(place)
            assert {"alpha-later"} <= left <= {"alpha", "alpha-later", "beta"}
            assert all(place.says(name) for name in left - {"alpha-later"}), "each launcher is whole at any time"
            place.install("2.0", *sorted(want))
            assert set(os.listdir(place.bin)) == want
            assert not place.install("2.0", *sorted(want))["changed"]
    assert set(met) == set(STEPS) and len(met) > 12


def test_killed_and_then_taken_away_nothing_is_left(place: Place) -> None:
    place.bundle("2.0")
    for calls in STEPS:
        place.install("2.0", "alpha")
        assert killed(place, 1, ["alpha-later"], calls)
        direct.install(place.venv, "", state="absent")
        assert os.listdir(place.bin) == [] and os.listdir(place.venv.parent) == []


def test_the_release_lacks_the_command_or_is_gone(place: Place) -> None:
    place.bundle("1.0", "beta")
    place.install("1.0", "beta")
    (place.venv / "bin/beta").unlink()
    done = subprocess.run([str(place.bin / "beta")], capture_output=True, text=True, check=False)
    assert done.returncode == 127
    assert done.stderr == f"beta: the release {place.venv.resolve()} has no such command.\n"
    place.venv.unlink()
    done = subprocess.run([str(place.bin / "beta")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (127, f"beta: no release can be reached at {place.venv}\n")
    # The next run repairs the one and the other.
    assert place.install("1.0", "beta")["changed"] and place.says("beta") == "alpha 1.0\n"


def places(place: Place) -> dict[str, tuple[int, int]]:
    """Return which files the launchers are, and since when they are as they are."""
    return {path.name: (path.stat().st_ino, path.stat().st_ctime_ns) for path in place.bin.iterdir()}


def test_a_rollback_touches_no_launcher(place: Place) -> None:
    place.bundle("1.0")
    place.bundle("2.0", "beta")
    place.install("1.0", "alpha")
    place.install("2.0", "alpha", "beta")
    before = places(place)
    assert direct.rollback(place.venv)["changed"]
    assert places(place) == before and place.says() == "alpha 1.0\n"
    done = subprocess.run([str(place.bin / "beta")], capture_output=True, text=True, check=False)
    assert done.returncode == 127 and f"the release {place.venv.resolve()} has no such command" in done.stderr
    # Forward again, and all is as it was.
    assert place.install("2.0", "alpha", "beta")["changed"]
    assert places(place) == before and place.says("beta") == "alpha 2.0\n"


def test_modes_hold_for_each(place: Place) -> None:
    old = os.umask(0o077)
    try:
        place.install("1.0", "alpha")
    finally:
        os.umask(old)
    assert stat.S_IMODE((place.bin / "alpha").stat().st_mode) == 0o755
    assert play([{"ansible.builtin.command": {"argv": [str(place.bin / "alpha")]}}])["here"][0]["stdout"] == "alpha 1.0"
