# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import check_path
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import launcher, names_environment

# What a launcher is to start: it tells of itself, or does what its first argument says.
PROGRAM = """\
#!/bin/sh
case "$1" in
  --exit) exit "$2" ;;
  --read) cat ;;
  --wait) echo waiting; exec sleep 60 ;;
  --release) printf '%s' "$0" ;;
  --exported) printf '%s' "${netdevops_python_release-}${release-}${name-}" ;;
  *) for word; do printf '%s\\0' "$word"; done ;;
esac
"""
ALL_SHELLS = (["sh"], ["dash"], ["bash", "--posix"], ["bash"], ["busybox", "sh"], ["busybox", "ash"], ["ksh"], ["mksh"])
SHELLS = [words for words in ALL_SHELLS if shutil.which(words[0])]
# Each is a path that check_path allows, and each has something that a shell would read.
NASTY = (
    "plain",
    "with space",
    " leading and trailing ",
    "it's",
    "''",
    "a;touch HERE;b",
    "a&b|c>d<e",
    "star*[q]?",
    "-P",
    "--",
    "#hash",
    "~",
    "~root",
    "!history!!",
    "{a,b}",
    "(sub)",
    "%s%n",
    "=",
    "Áé\u0081\u0088ƈ",  # bytes that some shells use for their own
    "日本語",
    "\udc81\udc88\udcff",  # bytes that are no text
    "...",
    "(touch HERE)",
)
NAMES = ("alpha", "-x", "--", "a b", "Ünicode", "x.y+z@1", "exec", "test")


class Place:
    """An environment at some path, with one release that has some commands."""

    def __init__(self, root: pathlib.Path, venv: str, names: Sequence[str] = ("alpha",)) -> None:
        self.venv = os.path.join(str(root), venv)
        self.bin = root / "usr-local-bin"
        self.bin.mkdir(exist_ok=True)
        for name in names:
            self.release("r1", name)
            self.launcher(name)
        os.symlink(f"{os.path.basename(self.venv)}.releases/r1", self.venv)

    def release(self, release: str, name: str = "alpha") -> None:
        program = f"{self.venv}.releases/{release}/bin/{name}"
        os.makedirs(os.path.dirname(program), exist_ok=True)
        _program(program, PROGRAM.encode())

    def launcher(self, name: str = "alpha") -> None:
        _program(str(self.bin / name), launcher(check_path(self.venv).venv, name))

    def run(self, *words: str, name: str = "alpha", shell: Sequence[str] = (), **options: Any) -> Any:
        argv = [*shell, str(self.bin / name), *words]
        return subprocess.run(argv, check=False, capture_output=True, **{"stdin": subprocess.DEVNULL, **options})


def _program(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)
    os.chmod(path, 0o755)


def ids(words: Any) -> str:
    return json.dumps(words)


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
@pytest.mark.parametrize("venv", NASTY, ids=ids)
def test_nasty_paths_start_the_program_and_nothing_else(
    tmp_path: pathlib.Path, venv: str, shell: Sequence[str]
) -> None:
    place = Place(tmp_path, venv)
    done = place.run("--release", shell=shell, cwd=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.fsdecode(done.stdout) == f"{place.venv}.releases/r1/bin/alpha"
    assert not (tmp_path / "HERE").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
@pytest.mark.parametrize("venv", NASTY, ids=ids)
def test_nasty_paths_are_told_as_they_are(tmp_path: pathlib.Path, venv: str, shell: Sequence[str]) -> None:
    place = Place(tmp_path, venv)
    shutil.rmtree(f"{place.venv}.releases/r1/bin")
    done = place.run("--release", shell=shell, cwd=str(tmp_path))
    assert done.returncode == 127 and done.stdout == b""
    assert os.fsdecode(done.stderr) == f"alpha: the release {place.venv}.releases/r1 has no such command.\n"
    shutil.rmtree(f"{place.venv}.releases")
    done = place.run("--release", shell=shell, cwd=str(tmp_path))
    assert done.returncode == 127
    assert os.fsdecode(done.stderr) == f"alpha: no release can be reached at {place.venv}\n"
    assert not (tmp_path / "HERE").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
@pytest.mark.parametrize("name", NAMES, ids=ids)
def test_names_of_all_kinds(tmp_path: pathlib.Path, name: str, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app", NAMES)
    done = place.run("--release", name=name, shell=shell)
    assert os.fsdecode(done.stdout) == f"{place.venv}.releases/r1/bin/{name}", done.stderr
    os.unlink(f"{place.venv}.releases/r1/bin/{name}")
    done = place.run("--release", name=name, shell=shell)
    assert os.fsdecode(done.stderr).startswith(f"{name}: the release ") and done.returncode == 127


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
def test_arguments_arrive_as_they_were(tmp_path: pathlib.Path, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app")
    words = [
        "",
        " ",
        "a b",
        "-n",
        "--",
        "$HOME",
        "`id`",
        "'",
        '"',
        "\\",
        "*",
        "line\nbreak\n",
        "\udc81\udcff",
        "Á",
        "!!",
    ]
    done = place.run(*words, shell=shell)
    assert [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]] == words
    assert place.run(shell=shell).stdout == b""


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
def test_input_and_exit_code_pass(tmp_path: pathlib.Path, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app")
    data = bytes(range(256)) * 400
    assert place.run("--read", shell=shell, stdin=None, input=data).stdout == data
    for code in (0, 1, 3, 126, 127, 255):
        assert place.run("--exit", str(code), shell=shell).returncode == code


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGHUP])
def test_a_signal_meets_the_program_itself(tmp_path: pathlib.Path, shell: Sequence[str], number: int) -> None:
    place = Place(tmp_path, "app")
    # What runs in the background of a script ignores SIGINT, and so would its children.
    meets = (
        f"import os, signal, sys; signal.signal({int(number)}, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    argv = [sys.executable, "-c", meets, *shell, str(place.bin / "alpha"), "--wait"]
    if number == signal.SIGKILL:
        argv = argv[3:]  # which nobody can set
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:  # pylint: disable=ansible-bad-function # it is signalled
        assert process.stdout and process.stdout.readline() == b"waiting\n"
        process.send_signal(number)
        assert process.wait(10) == -number


MOODS: dict[str, Mapping[str, str]] = {
    "cdpath": {"CDPATH": "/:/tmp:."},
    "no variables": {},
    "strict": {"SHELLOPTS": "errexit:nounset:noglob"},
    "posix": {"POSIXLY_CORRECT": "1", "ENV": "/nonexistent", "BASH_ENV": "/nonexistent"},
    "functions": {"BASH_FUNC_cd%%": "() { echo mine; }", "BASH_FUNC_test%%": "() { return 1; }"},
    "field": {"IFS": "/abc"},
    "pwd": {"PWD": "/nonexistent", "OLDPWD": "-"},
}


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
@pytest.mark.parametrize("mood", list(MOODS))
def test_nobodys_settings_lead_it_astray(tmp_path: pathlib.Path, shell: Sequence[str], mood: str) -> None:
    place = Place(tmp_path, "a dir")
    env = {"PATH": os.environ["PATH"], **MOODS[mood]}
    done = place.run("--release", shell=shell, env=env)
    assert os.fsdecode(done.stdout) == f"{place.venv}.releases/r1/bin/alpha", done.stderr


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
def test_what_is_exported_is_handed_on_as_it_was(tmp_path: pathlib.Path, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app")
    env = {"PATH": os.environ["PATH"], "release": "12", "name": "mine"}
    assert place.run("--exported", shell=shell, env=env).stdout == b"12mine"


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
def test_the_working_folder_stays_also_one_that_is_gone(tmp_path: pathlib.Path, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app")
    here, script = tmp_path / "here", f'{" ".join(shell)} "$0" --release'
    here.mkdir()
    done = subprocess.run(
        ["sh", "-c", f"cd '{here}' && rmdir '{here}' && {script}", str(place.bin / "alpha")],
        capture_output=True,
        check=False,
    )
    assert os.fsdecode(done.stdout) == f"{place.venv}.releases/r1/bin/alpha"
    _program(f"{place.venv}.releases/r1/bin/alpha", b"#!/bin/sh\npwd\n")
    here.mkdir()
    assert os.fsdecode(place.run(shell=shell, cwd=str(here)).stdout) == f"{here}\n"


@pytest.mark.parametrize("shell", SHELLS, ids=ids)
def test_each_start_finds_the_release_of_that_moment(tmp_path: pathlib.Path, shell: Sequence[str]) -> None:
    place = Place(tmp_path, "app")
    place.release("r2")
    os.symlink("app.releases/r2", f"{place.venv}.new")
    os.replace(f"{place.venv}.new", place.venv)
    assert os.fsdecode(place.run("--release", shell=shell).stdout).endswith("/app.releases/r2/bin/alpha")


def test_a_launcher_knows_whose_it_is() -> None:
    data = launcher("/opt/app/.venv", "alpha")
    assert names_environment(data, "/opt/app/.venv")
    assert names_environment(data + b"# edited\n", "/opt/app/.venv")
    for other in ("/opt/app/.ven", "/opt/app/.venv2", "/opt/app"):
        assert not names_environment(data, other)
    assert not names_environment(b"#!/bin/bash" + data[9:], "/opt/app/.venv")
    assert not names_environment(b"\n" + data, "/opt/app/.venv")
    assert not names_environment(b"", "/opt/app/.venv")
