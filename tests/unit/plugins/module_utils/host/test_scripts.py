# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import os
import pathlib
import stat
import subprocess
import sys

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import (
    EntryPoint,
    console_script,
    entry_points,
    moved,
    rewritten,
    shebang,
)

PYTHON = "/opt/app/.venv.releases/0123/bin/python"
LONG = "/opt/" + "x" * 120 + "/bin/python"
SPACED = "/opt/my app/bin/python"


def found(text: str) -> list[EntryPoint]:
    return list(entry_points(text, "spam.whl"))


def test_commands_are_those_of_both_sections_and_no_other() -> None:
    text = """
[console_scripts]
spam = spam.cli:main
Spam.Two=spam:Cli.run  [extra]
[gui_scripts]
spam-gui = spam.gui : start
[some.plugins]
x = not even a reference
"""
    assert found(text) == [
        EntryPoint("spam", "spam.cli", "main"),
        EntryPoint("Spam.Two", "spam", "Cli.run"),
        EntryPoint("spam-gui", "spam.gui", "start"),
    ]


def test_a_wheel_without_entry_points_has_no_commands() -> None:
    assert found("") == []


@pytest.mark.parametrize(
    "line",
    [
        "spam = spam.cli",
        "spam = spam.cli:",
        "spam = spam;import os:main",
        "../spam = spam:main",
        "a/b = spam:main",
        "spam = spam:main()",
        " = spam:main",
        "spam",
        "a%(b)s/ = x:y",
        "/bin/sh = a:b",
    ],
)
def test_what_is_no_command_is_refused(line: str) -> None:
    with pytest.raises(Refused, match=r"spam\.whl: (declares|its entry_points\.txt cannot be read)"):
        found(f"[console_scripts]\n{line}\n")


def test_percent_signs_are_no_interpolation() -> None:
    assert found("[x]\na = %(b)s\n[console_scripts]\na = b:c\n") == [EntryPoint("a", "b", "c")]


def test_text_that_is_no_such_file_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        found("spam = spam:main\n")


def test_a_short_path_is_the_first_line_itself() -> None:
    assert shebang(PYTHON) == f"#!{PYTHON}\n".encode()


@pytest.mark.parametrize("python", [LONG, SPACED])
def test_a_path_that_the_kernel_cannot_take_goes_by_way_of_a_shell(python: str) -> None:
    assert shebang(python).startswith(b"#!/bin/sh\n'''exec' \"" + python.encode())


def test_the_longest_line_that_the_kernel_takes_is_used_directly() -> None:
    python = "/" + "x" * (127 - len("#!/\n"))
    assert len(shebang(python)) == 127 and shebang(python).startswith(b"#!/x")
    assert shebang(python + "x").startswith(b"#!/bin/sh\n")


def run(path: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    path.chmod(0o755)
    return subprocess.run(
        [str(path), *words], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}, check=False
    )


@pytest.mark.parametrize("folder", ["plain", "with space", "y" * 110])
def test_a_command_calls_its_function_and_hands_back_its_result(tmp_path: pathlib.Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    python = tmp_path / folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "spam.py").write_text(
        "import sys\nclass Cli:\n    @staticmethod\n    def main():\n        print(sys.argv[1:])\n        return 3\n"
    )
    script = tmp_path / "script"
    script.write_bytes(console_script(EntryPoint("script", "spam", "Cli.main"), str(python)))
    done = run(script, "a b", "c")
    assert (done.returncode, done.stdout) == (3, "['a b', 'c']\n")


def test_a_script_is_python_whatever_its_first_line() -> None:
    for python in (PYTHON, LONG, SPACED):
        ast.parse(console_script(EntryPoint("a", "b.c", "d.e"), python))


@pytest.mark.parametrize(
    "first", [b"#!python", b"#!pythonw", b"#!python  ", b"#!python\r", b"#!python3", b"#!python -E"]
)
def test_a_script_of_a_wheel_gets_its_interpreter(first: bytes) -> None:
    assert rewritten(first + b"\nprint()\n", PYTHON) == shebang(PYTHON) + b"print()\n"


@pytest.mark.parametrize(
    "data", [b"#!/bin/sh\necho\n", b"\x7fELF#!python\n", b"", b"# !python\n", b"#!/usr/bin/env python\n"]
)
def test_any_other_script_is_left_alone(data: bytes) -> None:
    assert rewritten(data, PYTHON) is data


@pytest.mark.parametrize("old", [PYTHON, LONG, SPACED])
@pytest.mark.parametrize("new", [PYTHON + "2", LONG + "2", SPACED + "2"])
def test_a_script_moves_with_its_release(old: str, new: str) -> None:
    entry = EntryPoint("a", "b", "c")
    assert moved(console_script(entry, old), old, new) == console_script(entry, new)


def test_a_script_of_something_else_does_not_move() -> None:
    assert moved(b"#!/bin/sh\n", PYTHON, LONG) == b"#!/bin/sh\n"


def test_modes_are_not_the_business_of_scripts(tmp_path: pathlib.Path) -> None:
    (tmp_path / "x").write_bytes(shebang(PYTHON))
    assert not os.stat(tmp_path / "x").st_mode & stat.S_IXUSR
