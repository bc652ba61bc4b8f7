# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role ``bastion`` has login shells show, and to whom: in real shells, on a terminal and without one."""

from __future__ import annotations

import os
import pathlib
import pty
import select
import shlex
import subprocess
from collections.abc import Mapping

import jinja2
import pytest

from ansible_collections.netdevops.python.tests.system import snapshot

pytestmark = pytest.mark.system

LONGEST = 20  # seconds of silence, after which a shell hangs
ROLE = pathlib.Path(__file__).resolve().parents[2] / "roles/bastion"
SHELLS = [["/bin/bash"], ["/bin/dash"], ["/bin/bash", "--posix", "-eu"], ["/bin/bash", "-O", "nullglob", "-f"]]
HOSTILE = (
    b"\x1b]0;title\x07\x9b31mred",
    "caf\u00e9\u009b2J\u202e".encode(),
    b"all" + bytes(byte for byte in range(1, 256) if byte != 0x2F)[:120],
    b"high" + bytes(range(121, 256)),
    b"$(touch made)`touch made`;%s%n\\n",
)


@pytest.fixture
def script(tmp_path: pathlib.Path) -> pathlib.Path:
    """The script as the role writes it, beside a text for everybody."""
    written = tmp_path / "login.sh"
    written.write_text(render(ROLE / "templates/login.sh.j2", __bastion_text_path=str(tmp_path / "a text.txt")))
    (tmp_path / "a text.txt").write_text("Welcome.\n  two \\n blanks\n")
    return written


def render(template: pathlib.Path, **more: object) -> str:
    """Return what a role writes where a site has two lines for ``ansible_managed``, the second of which a shell would run."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    environment.filters["quote"] = shlex.quote
    known = {"ansible_managed": "ours\necho OBEYED", "__bastion_most_own": 10, "__bastion_width": 40}
    return environment.from_string(template.read_text()).render(**known, **more)


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


def project(home: pathlib.Path, name: bytes, said: bytes = b"version = 3.11.7") -> None:
    release = os.path.join(os.fsencode(home), name, b".venv.releases/abc")
    os.makedirs(release)
    for file, data in ((b"receipt.json", b"{}"), (b"pyvenv.cfg", b"home = /x\n" + said + b"\n")):
        with open(os.path.join(release, file), "wb") as stream:
            stream.write(data)
    os.symlink(b".venv.releases/abc", os.path.join(os.fsencode(home), name, b".venv"))


def log_in(shell: list[str], script: pathlib.Path, home: str, interactive: str = "-i", **more: str) -> str:
    """Return what a shell with a terminal shows; the script finds no program on its PATH."""
    words = [*shell, interactive, "-c", f". {shlex.quote(str(script))}; echo END $?"]
    environment = {"HOME": home, "PATH": "/nonexistent", "TERM": "xterm", "LANG": "C.UTF-8", **more}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        process.kill()
    os.close(ours)
    return shown.decode("latin-1").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536) if select.select([terminal], [], [], LONGEST)[0] else b""
    except OSError:  # Linux' way to say that nobody is left at the other end.
        return b""


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_names_of_others_are_shown_and_never_obeyed(shell: list[str], script: pathlib.Path, home: pathlib.Path) -> None:
    project(home, b"net check")
    project(home, b"odd", b"version = 3\x1b[2J")
    for name in HOSTILE:
        project(home, name)
    (home / "gone").mkdir()
    (home / "gone/.venv").symlink_to(".venv.releases/none")
    (home / "ordinary/.venv").mkdir(parents=True)
    (home / "ordinary/.venv/receipt.json").touch()
    before = snapshot.tree(home)
    shown = log_in(shell, script, str(home))
    lines = [line for line in shown.split("\n") if "job control" not in line and "process group" not in line]
    assert lines[:3] == ["Welcome.", "  two \\n blanks", "Your projects:"]
    assert lines[-2:] == ["END 0", ""]
    assert f"  {'~/net check':40}  Python 3.11.7" in lines and f"  {'~/gone':40}  leads nowhere" in lines
    assert f"  {'~/odd':40}  " in lines and f"  {'~/?]0;title??31mred':40}  Python 3.11.7" in lines
    assert len(lines) == 3 + len(HOSTILE) + 3 + 2
    assert [char for char in shown if not (char == "\n" or " " <= char <= "~")] == []
    assert snapshot.tree(home) == before


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_ten_projects_are_enough(shell: list[str], script: pathlib.Path, home: pathlib.Path) -> None:
    for number in range(12):
        project(home, b"p%d" % number)
    shown = log_in(shell, script, str(home))
    assert shown.count("Python 3.11.7") == 10 and "\n  and more\n" in shown


@pytest.mark.parametrize("shell", SHELLS[:2], ids=" ".join)
@pytest.mark.parametrize("where", ["", "/nonexistent", "/proc/1/map_files"])
def test_what_is_missing_or_closed_is_no_error(shell: list[str], where: str, script: pathlib.Path) -> None:
    assert log_in(shell, script, where).endswith("Welcome.\n  two \\n blanks\nEND 0\n")
    (script.parent / "a text.txt").unlink()
    assert log_in(shell, script, where).split("\n")[-2:] == ["END 0", ""]


@pytest.mark.parametrize("more", [{"TMUX": "/tmp/tmux,1,0"}, {"STY": "1.pts"}, {"HOME": "hushed"}])
def test_who_wants_no_message_sees_none(more: Mapping[str, str], script: pathlib.Path, home: pathlib.Path) -> None:
    if "HOME" in more:
        (home / ".hushlogin").touch()
        more = {}
    shown = log_in(["/bin/bash"], script, str(home), **more)
    assert "Welcome" not in shown and shown.endswith("END 0\n")


@pytest.mark.parametrize("options", [["-c"], ["-lc"], ["-ic"], ["-lic"]])
def test_what_a_program_reads_is_silent(options: list[str], script: pathlib.Path, home: pathlib.Path) -> None:
    words = ["/bin/bash", *options, f". {shlex.quote(str(script))}; echo END"]
    environment = {"HOME": str(home), "PATH": os.defpath}
    # A terminal for its complaints is none that somebody reads.
    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, start_new_session=True)
    assert said.stdout == "END\n" and "Welcome" not in said.stderr


def test_a_command_on_a_terminal_is_no_login(script: pathlib.Path, home: pathlib.Path) -> None:
    shown = log_in(["/bin/bash"], script, str(home), "-l", PATH=os.defpath)
    assert "Welcome" not in shown and shown.endswith("END 0\n")


def test_nothing_of_it_stays_in_the_shell(script: pathlib.Path, home: pathlib.Path) -> None:
    project(home, b"p")
    bare = script.parent / "bare.sh"
    bare.write_text(":\n")
    both = []
    for file in (bare, script):
        asking = script.parent / "asking.sh"
        asking.write_text(
            f". {shlex.quote(str(file))}\nset -o | grep -c on; compgen -v; compgen -A function; echo $- $LC_ALL $IFS\n"
        )
        both.append(log_in(["/bin/bash"], asking, str(home), PATH=os.defpath).rpartition("Python 3.11.7\n")[2])
    assert both[0] == both[1] and "LC_ALL" not in both[1]


def test_the_words_of_a_site_run_in_nobodys_shell(script: pathlib.Path) -> None:
    profile = render(ROLE.parent / "pyenv/templates/profile.sh.j2", pyenv_root="", pyenv_profile_min_uid="")
    for written in (script.read_text(), profile):
        said = subprocess.run(["/bin/sh"], input=written, env={}, capture_output=True, text=True, check=True)
        assert said.stdout == said.stderr == ""
        assert written.split("\n")[0].endswith(". Changes are lost.")
