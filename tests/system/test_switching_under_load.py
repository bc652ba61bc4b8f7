# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People call an environment as fast as they can while it is switched 300 times: no call fails, none sees two releases."""

from __future__ import annotations

import collections
import contextlib
import json
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import release
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import environment

pytestmark = pytest.mark.system

SWITCHES, FEWER = 300, 40
PAUSE = 0.02
# Imports one package, waits, imports the other: what each says, and where it lies.
IMPORTS = f"""
import alpha, time
time.sleep({PAUSE})
import beta
print(alpha.VERSION, beta.VERSION, *(m.__file__.split(".venv")[1].split("/")[1] for m in (alpha, beta)))
"""
# Calls a command again and again until its standard input ends; counts what was said, and how often it failed.
CALLER = """
import collections, json, select, subprocess, sys
said, calls = collections.Counter(), 0
print("calling", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    calls += 1
    said[f"exit {done.returncode}: {done.stdout}"] += 1
print(json.dumps(said))
"""


def bundle(folder: pathlib.Path, version: str) -> bundles.Made:
    """Make a bundle of two packages of one version. The command of it lives in another module in each release."""
    made = bundles.Made(folder)
    main = f"import alpha, time\ndef main():\n    time.sleep({PAUSE})\n    import beta\n    print(alpha.VERSION, beta.VERSION)\n"
    module = f"of{version.replace('.', '')}"
    files = {"alpha/__init__.py": f'VERSION = "{version}"\n', f"alpha/{module}.py": main}
    bundles.wheel(made.wheels, "alpha", version, files, commands={"alpha": f"alpha.{module}:main"})
    bundles.wheel(made.wheels, "beta", version)
    return made.seal()


class Load:
    """Callers at work."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        env = environment(PYTHONDONTWRITEBYTECODE="1")
        self._callers = {
            name: subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", CALLER, *words],
                env=env,
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name, words in commands.items()
        }
        for caller in self._callers.values():
            assert caller.stdout and caller.stdout.readline() == "calling\n"

    def end(self) -> dict[str, collections.Counter[str]]:
        """Return what each was told, and how often."""
        return {
            name: collections.Counter(json.loads(caller.communicate("end\n", timeout=60)[0]))
            for name, caller in self._callers.items()
        }


@contextlib.contextmanager
def load(commands: dict[str, list[str]]) -> Iterator[dict[str, collections.Counter[str]]]:
    """Yield a dictionary that has what the callers were told when the block is over."""
    told: dict[str, collections.Counter[str]] = {}
    at_work = Load(commands)
    try:
        yield told
    finally:
        told.update(at_work.end())


def switch(venv: pathlib.Path, made: list[bundles.Made], times: int) -> None:
    """Upgrade and roll back; every release is built anew several times, since no more than two of them are kept."""
    before = venv.readlink() if venv.is_symlink() else None
    for number in range(times):
        if number % 3 == 2:
            direct.rollback(venv)
        else:
            direct.install(venv, made[(number - number // 3) % len(made)], keep=2)
        now = venv.readlink()
        assert now != before
        before = now


def of_one_release(said: str) -> bool:
    """Whether a call succeeded, and all that it saw is of one release."""
    code, _colon, text = said.partition(": ")
    words = text.split()
    halves = words[:2], words[2:]
    return code == "exit 0" and len(words) in (2, 4) and all(len(set(half)) <= 1 for half in halves)


def test_no_call_fails_and_none_sees_two_releases(tmp_path: pathlib.Path) -> None:
    venv, bin_folder = tmp_path / "opt/app/.venv", tmp_path / "bin"
    bin_folder.mkdir()
    made = [bundle(tmp_path / version, version) for version in ("1.0", "2.0", "3.0")]
    direct.install(venv, made[-1], commands=["alpha"], commands_path=str(bin_folder))
    commands = {
        "the exposed command": [str(bin_folder / "alpha")],
        "the command through the link": [str(venv / "bin/alpha")],
        "an import through the link": [str(venv / "bin/python"), "-c", IMPORTS],
    }
    begun = time.monotonic()
    with load(commands) as told:
        switch(venv, made, SWITCHES)
    calls = {name: sum(said.values()) for name, said in told.items()}
    print(f"{SWITCHES} switches in {time.monotonic() - begun:.1f} s; calls: {json.dumps(calls)}")
    assert {name: [text for text in said if not of_one_release(text)] for name, said in told.items()} == {
        name: [] for name in commands
    }
    for name, said in told.items():
        assert calls[name] >= SWITCHES / 4 and len(said) >= 3, f"too few calls of {name}: {said}"


def test_without_the_startup_file_packages_of_two_releases_are_seen(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same load and the same judge."""
    monkeypatch.setattr(release, "write_startup", lambda tree: None)
    venv = tmp_path / "opt/app/.venv"
    made = [bundle(tmp_path / version, version) for version in ("1.0", "2.0", "3.0")]
    direct.install(venv, made[-1])
    with load({"an import": [str(venv / "bin/python"), "-c", IMPORTS]}) as told:
        switch(venv, made, FEWER)
    mixed = {text: times for text, times in told["an import"].items() if not of_one_release(text)}
    assert sum(mixed.values()) >= 2, told
    assert any(text.startswith("exit 0") for text in mixed), "two releases were seen, and nobody was told"
