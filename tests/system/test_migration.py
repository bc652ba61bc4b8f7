# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordinary virtual environment that people use becomes an environment of ours: compared, kept, and removed after its day."""

from __future__ import annotations

import datetime as dt
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Mapping

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    REPOSITORY,
    environment,
    here,
    install_task,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree
from ansible_collections.netdevops.python.tests.system.test_owner import PIN, STRICT, TARGET, run

pytestmark = pytest.mark.system

OLD, NEW = {"alpha": "1.0", "beta": "2.0", "gamma": "1.0"}, {"alpha": "1.5", "beta": "2.0", "delta": "3.0"}
COMPARED = {
    "count": 3,
    "added": {"delta": "3.0"},
    "removed": {"gamma": "1.0"},
    "changed": {"alpha": ["1.0", "1.5"]},
}
INSTALL = """
import sys
from ansible_collections.netdevops.python.tests.system import direct
direct.install(sys.argv[1], sys.argv[2])
"""
WITHOUT_EXCHANGE = """
from ansible_collections.netdevops.python.plugins.module_utils.host import switch
switch.rename_exchange = lambda *_: False
"""
# Each is a set of its own: strace counts the calls of each name by themselves.
STEPS = ("renameat2", "rename,renameat", "symlink,symlinkat", "unlink,unlinkat", "fsync")


def today(days: int = 0) -> str:
    return (dt.datetime.now(dt.timezone.utc).date() + dt.timedelta(days)).isoformat()


def wheels(folder: pathlib.Path, versions: Mapping[str, str]) -> list[str]:
    """Make a wheel for each; all of them have a command that says which one they are."""
    made = []
    for name, version in versions.items():
        main = f'VERSION = "{version}"\ndef main():\n    print("{name}", VERSION)\n'
        files = {f"{name}/__init__.py": main, f"{name}/late.py": f'VERSION = "{version}"\n'}
        made.append(str(bundles.wheel(folder, name, version, files, commands={name: f"{name}:main"})))
    return made


def bundle(folder: pathlib.Path, pin: str = bundles.PIN, target: str = bundles.TARGET) -> pathlib.Path:
    made = bundles.Made(folder)
    wheels(made.wheels, NEW)
    return made.seal(pin=pin, target=target).folder


def fill(venv: pathlib.Path, files: list[str]) -> None:
    """Install wheels with the pip of this machine's Python, as people did."""
    pip = [BASE_PYTHON, "-m", "pip", "--python", str(venv / "bin/python"), "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, *files], env=environment(PIP_CONFIG_FILE="/dev/null"), check=True)


def ordinary(venv: pathlib.Path, *words: str) -> pathlib.Path:
    """Make what people have: ``python -m venv``, and packages in it."""
    venv.parent.mkdir(parents=True, exist_ok=True)
    make = [BASE_PYTHON, "-I", "-m", "venv", "--without-pip", *words, str(venv)]
    subprocess.run(make, env=environment(), check=True)
    fill(venv, wheels(venv.parent / "old-wheels", OLD))
    shutil.rmtree(venv.parent / "old-wheels")
    return venv


@pytest.fixture
def venv(tmp_path: pathlib.Path) -> pathlib.Path:
    return ordinary(tmp_path / "opt/app/.venv")


def says(venv: pathlib.Path, name: str = "alpha") -> str:
    return subprocess.run(
        [str(venv / "bin" / name)], env=environment(), capture_output=True, text=True, check=True
    ).stdout


def beside(venv: pathlib.Path) -> set[str]:
    """Return what stands beside an environment, without its releases."""
    return {path.name for path in venv.parent.iterdir()} - {venv.name, f"{venv.name}.releases"}


def test_compared_kept_and_removed_after_its_day(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    before, made = tree(venv), bundle(tmp_path / "bundle")
    assert says(venv) == "alpha 1.0\n"

    def task(until: str | None, **options: object) -> dict[str, object]:
        return {**install_task(venv, bundle=made, legacy_until=until), **options}

    python = tmp_path / "strict-python"
    python.write_text(f'#!/bin/sh\numask 077\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    tasks = [task(today(1), check_mode=True), task(today(1)), task(today(1)), task(None)]
    tasks += [task(today(), check_mode=True), task(today()), task(today())]
    said = here(tasks, hosts={"here": {"ansible_python_interpreter": str(python)}}, options=["--diff"])
    foretold, first, again, silent, due, gone, after = [succeeded(result) for result in said]
    for result in (foretold, first):
        assert result["changed"] and result["packages"] == COMPARED
        shown = {side: json.loads(result["diff"][side])["packages"] for side in ("before", "after")}
        assert shown == {"before": OLD, "after": NEW}
    kept = pathlib.Path(first["kept"])
    assert first["kept_until"] == today(1) and foretold["kept"] == ""
    for result, until in ((again, today(1)), (silent, "")):
        assert not result["changed"] and (result["kept"], result["kept_until"]) == (str(kept), until)
    assert due["changed"] and due["actions"] == gone["actions"]
    assert [(step["verb"], step["subject"]) for step in gone["actions"]] == [("remove", str(kept))]
    assert gone["changed"] and "kept" not in gone and not after["changed"]
    assert beside(venv) == set() and says(venv) == "alpha 1.5\n"
    assert before


def test_it_is_kept_to_the_byte_and_one_goes_back_by_hand(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    before = tree(venv)
    kept = pathlib.Path(str(direct.install(venv, bundle(tmp_path / "bundle"))["kept"]))
    assert not differences(before, tree(kept))
    assert says(kept) == "alpha 1.5\n", "its scripts name the path, and so start the new one"
    subprocess.run(["sh", "-ec", 'mv "$0" "$0.ours" && mv "$1" "$0"', str(venv), str(kept)], check=True)
    assert says(venv) == "alpha 1.0\n" and says(venv, "gamma") == "gamma 1.0\n"
    assert not differences(before, tree(venv))
    # And forward again: what was moved by hand is an ordinary one as before, and only the new place of it is known.
    (venv.parent / ".venv.ours").unlink()
    again = direct.install(venv, bundle(tmp_path / "bundle"), legacy_until=today())
    assert says(venv) == "alpha 1.5\n" and beside(venv) == {pathlib.Path(str(again["kept"])).name}
    assert direct.install(venv, bundle(tmp_path / "bundle"), legacy_until=today())["changed"]
    assert beside(venv) == set()


def test_a_bad_day_is_refused(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    made = bundle(tmp_path / "bundle")
    days = ("31.12.2026", "2026-02-30", "soon")
    for said in here([install_task(venv, bundle=made, legacy_until=day) for day in days]):
        assert said["failed"] and "expected a day as YYYY-MM-DD" in said["msg"]
    assert not venv.is_symlink()
    # A day without quotes is no text to YAML; it arrives as one.
    [said] = here(
        [
            install_task(
                venv, bundle=made, legacy_until="{{ '2099-01-31' | to_datetime('%Y-%m-%d') | string | split | first }}"
            )
        ]
    )
    assert succeeded(said)["kept_until"] == "2099-01-31"


def test_what_others_made_is_taken_as_well(tmp_path: pathlib.Path) -> None:
    """By virtualenv, which Poetry uses, and by uv."""
    made = bundle(tmp_path / "bundle")
    makers = {
        "virtualenv": [sys.executable, "-m", "virtualenv", "-q", "--no-download", "--python", BASE_PYTHON],
        "uv": ["uv", "venv", "-q", "--offline", "--no-config", "--python", BASE_PYTHON],
    }
    for name, command in makers.items():
        venv = tmp_path / name / ".venv"
        venv.parent.mkdir()
        subprocess.run([*command, str(venv)], env=environment(), check=True)
        fill(venv, wheels(tmp_path / f"{name}-wheels", OLD))
        result = direct.install(venv, made)
        removed = dict(result["packages"]["removed"])
        assert removed.pop("gamma") == "1.0" and set(removed) <= {"pip", "setuptools", "wheel"}
        assert result["packages"]["changed"] == COMPARED["changed"] and says(venv) == "alpha 1.5\n"


def test_one_that_sees_the_packages_of_its_interpreter(tmp_path: pathlib.Path) -> None:
    venv = ordinary(tmp_path / "app/.venv", "--system-site-packages")
    [said] = here([{**install_task(venv, bundle=bundle(tmp_path / "bundle")), "check_mode": True}])
    assert "system-site-packages" in succeeded(said)["warnings"][0] and said["packages"] == COMPARED


def test_one_of_conda_is_not_taken(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "app/.venv"
    (venv / "conda-meta").mkdir(parents=True)
    (venv / "conda-meta/history").touch()
    [said] = here([install_task(venv, bundle=bundle(tmp_path / "bundle"))])
    assert said["failed"] and "is an environment of conda" in said["msg"] and not venv.is_symlink()


RUNNING = """
import sys
import alpha
print("ready", flush=True)
for line in sys.stdin:
    try:
        exec(line)
    except ImportError as error:
        print(type(error).__name__, flush=True)
"""


class Running:
    """A process of an ordinary environment, which does what it is told."""

    def __init__(self, venv: pathlib.Path, **options: str) -> None:
        self.process = subprocess.Popen(
            [str(venv / "bin/python"), "-u", "-B", "-c", RUNNING],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,  # type: ignore[call-overload]
        )
        assert self.read() == "ready"

    def read(self) -> str:
        assert self.process.stdout
        ready = select.select([self.process.stdout], [], [], 30)[0]
        assert ready, "it says nothing"
        return str(self.process.stdout.readline()).strip()

    def says(self, code: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{code}\n")
        self.process.stdin.flush()
        return self.read()

    def end(self) -> None:
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0


def test_what_runs_goes_on_and_imports_from_the_new_one(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """It keeps what it has imported; its paths lead to the release from now on, which is told in the documentation."""
    running = Running(venv)
    direct.install(venv, bundle(tmp_path / "bundle"))
    assert running.says("print(alpha.VERSION)") == "1.0"
    assert running.says("import beta; print(beta.VERSION)") == "2.0"
    assert running.says("import alpha.late; print(alpha.late.VERSION)") == "1.5", "half of a package is new"
    assert running.says("import gamma") == "ModuleNotFoundError"
    assert running.says("import delta; print(delta.VERSION)") == "3.0"
    running.end()


def test_what_a_process_uses_is_spared_until_it_ends(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    running = Running(venv, cwd=str(venv / "lib"))
    made = bundle(tmp_path / "bundle")
    kept = str(direct.install(venv, made)["kept"])
    task = install_task(venv, bundle=made, legacy_until=today())
    for said in here([{**task, "check_mode": True}, task]):
        assert not succeeded(said)["changed"] and said["kept"] == kept
        [warning] = said["warnings"]
        assert f"in use by process {running.process.pid} (working folder: {kept}/lib)" in warning
    running.end()
    [said] = here([task])
    assert succeeded(said)["changed"] and beside(venv) == set()


def with_wheels(host: Host, folder: pathlib.Path, versions: Mapping[str, str]) -> None:
    """Put wheels on a host, to be unpacked there as pip would."""
    made = wheels(folder, versions)
    archive = folder / "wheels.tar"
    with tarfile.open(archive, "w") as stream:
        for path in made:
            stream.add(path, os.path.basename(path))
    subprocess.run(
        ["podman", "cp", str(archive), f"{host.name}:/tmp/wheels.tar"],
        env=environment(),
        check=True,
        capture_output=True,
    )
    host.run("sh", "-c", "mkdir -p /tmp/wheels && tar -C /tmp/wheels -xf /tmp/wheels.tar && chmod -R a+rX /tmp/wheels")


HOST_VENV = """
set -e
umask 077
python3 -I -m venv --without-pip "$1"
for wheel in /tmp/wheels/*.whl; do python3 -m zipfile -e "$wheel" "$1"/lib/python3.11/site-packages; done
"""


@pytest.fixture
def strict(debian: Host, tmp_path: pathlib.Path) -> Host:
    debian.write(STRICT, f'#!/bin/sh\numask 077\nexec {PYTHON} "$@"\n', "0755")
    debian.run("chmod", "755", "/home/netops")
    with_wheels(debian, tmp_path / "old", OLD)
    return debian


@pytest.mark.parametrize("who", ["netops", "root", "root for netops"])
def test_whoever_it_belongs_to(strict: Host, tmp_path: pathlib.Path, who: str) -> None:
    """One's own without root; root's; root's that is to be an account's. All of it under a umask that shuts others out."""
    user, owner = who.split(maxsplit=1)[0], "netops" if "for" in who else None
    home = "/home/netops" if user == "netops" else "/srv"
    venv = f"{home}/{who.replace(' ', '-')}/.venv"
    strict.run("mkdir", "-m", "755", os.path.dirname(venv), user=user)
    strict.run("sh", "-c", HOST_VENV, "-", venv, user=user)
    made = bundle(tmp_path / "bundle", pin=PIN, target=TARGET)
    options = {"bundle": made, "python": PYTHON, "owner": owner, "allow_container": None}
    task, later = install_task(venv, **options), install_task(venv, **options, legacy_until=today())
    variables = {"ansible_python_interpreter": STRICT, **({"ansible_user": user} if user != "root" else {})}
    first, again, gone = [succeeded(said) for said in run(strict, task, task, later, **variables)]
    assert (
        first["packages"] == COMPARED and first["changed"] and not again["changed"] and again["kept"] == first["kept"]
    )
    assert strict.run(f"{venv}/bin/alpha", user="nobody") == "alpha 1.5\n"
    assert gone["changed"]
    assert set(strict.run("ls", "-A", os.path.dirname(venv)).split()) == {".venv", ".venv.releases"}


def test_one_of_somebody_else_is_not_taken(strict: Host, tmp_path: pathlib.Path) -> None:
    venv = "/home/netops/theirs/.venv"
    strict.run("mkdir", "-m", "755", os.path.dirname(venv), user="netops")
    strict.run("sh", "-c", HOST_VENV, "-", venv, user="netops")
    made = bundle(tmp_path / "bundle", pin=PIN, target=TARGET)
    [said] = run(strict, install_task(venv, bundle=made, python=PYTHON, allow_container=None))
    assert said["failed"] and "is a folder of netops, and the environment is to be root's" in said["msg"]


def killed(venv: pathlib.Path, made: pathlib.Path, calls: str, step: int, code: str) -> bool:
    """Migrate, and be killed at a step; return whether that was met."""
    trace = ["strace", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=SIGKILL:when={step}"]
    env = environment(PYTHONPATH=str(REPOSITORY / ".collections"))
    argv = [*trace, sys.executable, "-c", code, str(venv), str(made)]
    done = subprocess.run(argv, env=env, capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("way", ["exchange", "two renames"])
def test_killed_at_each_step(tmp_path: pathlib.Path, way: str) -> None:
    """Wherever it ends: the old one or the new one answers, the next run makes it the new one, and nothing is unknown."""
    made, code = bundle(tmp_path / "bundle"), INSTALL if way == "exchange" else WITHOUT_EXCHANGE + INSTALL
    model = ordinary(tmp_path / "model/.venv")
    content, found = tree(model), set()
    for calls in STEPS:
        for step in range(1, 40, 3 if calls == "unlink,unlinkat" else 1):
            venv = tmp_path / f"{calls}-{step}/.venv"
            venv.parent.mkdir()
            shutil.copytree(model, venv, symlinks=True)
            if not killed(venv, made, calls, step, code):
                break
            found.add((calls, _state(venv)))
            result = direct.install(venv, made)
            [kept] = [venv.parent / name for name in beside(venv)]
            assert result["kept"] == str(kept) and not differences(content, tree(kept)), (calls, step)
            assert result["release"] == venv.resolve().name
            assert direct.install(venv, made, legacy_until=today())["changed"] and beside(venv) == set()
    assert {state for _calls, state in found} >= (
        {"folder", "link"} if way == "exchange" else {"folder", "link", "gone"}
    )
    assert {calls for calls, _state in found} >= {"symlink,symlinkat", "fsync"}


def _state(venv: pathlib.Path) -> str:
    return "link" if venv.is_symlink() else "folder" if venv.is_dir() else "gone"
