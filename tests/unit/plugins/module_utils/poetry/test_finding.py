# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Poetry is meant, and what only looks like one."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import launcher
from ansible_collections.netdevops.python.plugins.module_utils.poetry import finding
from ansible_collections.netdevops.python.plugins.module_utils.poetry.finding import check_program, find_poetry

PYENV = '#!/usr/bin/env bash\nset -e\nprogram="${0##*/}"\nexec "/opt/pyenv/libexec/pyenv" exec "$program" "$@"\n'
ASDF = '#!/usr/bin/env bash\n# asdf-plugin: poetry 1.8.5\nexec /usr/share/asdf/bin/asdf exec "poetry" "$@"\n'
NEWER_ASDF = '#!/usr/bin/env bash\nexec asdf exec "poetry" "$@"\n'
REAL = "#!/opt/netops/poetry/.venv/bin/python\nfrom poetry.console.application import main\n"


@pytest.fixture(autouse=True)
def places(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> tuple[pathlib.Path, pathlib.Path]:
    """Two places instead of those of this machine."""
    tmp_path.chmod(0o755)
    found = tmp_path / "first/bin", tmp_path / "second/bin"
    monkeypatch.setattr(finding, "PLACES", tuple(map(str, found)))
    return found


def put(path: pathlib.Path, text: str = REAL, mode: int = 0o755) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_name_is_looked_for_in_order(places: tuple[pathlib.Path, pathlib.Path], tmp_path: pathlib.Path) -> None:
    last = put(tmp_path / "home/.local/bin/poetry")
    assert find_poetry("", str(tmp_path / "home")) == last
    second = put(places[1] / "poetry")
    assert find_poetry("", str(tmp_path / "home")) == second
    first = put(places[0] / "poetry")
    assert find_poetry("poetry", str(tmp_path / "home")) == first
    other = put(places[1] / "poetry-1.8")
    assert find_poetry("poetry-1.8") == other


def test_a_path_is_taken_as_it_is(tmp_path: pathlib.Path) -> None:
    path = put(tmp_path / "here/poetry")
    link = tmp_path / "link"
    link.symlink_to("here/poetry")
    assert find_poetry(path) == path
    assert find_poetry(str(link)) == str(link)


def test_where_was_looked_is_said(tmp_path: pathlib.Path) -> None:
    with pytest.raises(
        Refused, match=r"expected 'poetry' in one of .*first/bin, .*second/bin, .*/\.local/bin; found none"
    ):
        find_poetry("", str(tmp_path))
    with pytest.raises(Refused, match=r"expected Poetry, found nothing.*role poetry"):
        find_poetry(str(tmp_path / "poetry"))
    with pytest.raises(Refused, match="an absolute path, or a name alone"):
        find_poetry("bin/poetry")


def test_what_cannot_be_executed_is_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (put(tmp_path / "poetry", mode=0o644), str(tmp_path / "folder")):
        with pytest.raises(Refused, match="found what cannot be executed"):
            find_poetry(path)


@pytest.mark.parametrize(
    ("text", "manager"), [(PYENV, "pyenv"), (ASDF, "asdf"), (NEWER_ASDF, "asdf")], ids=["pyenv", "asdf", "asdf-0.16"]
)
def test_a_shim_is_known_by_its_content(tmp_path: pathlib.Path, text: str, manager: str) -> None:
    path = put(tmp_path / "poetry", text)
    (tmp_path / "link").symlink_to(path)
    for named in (path, str(tmp_path / "link")):
        with pytest.raises(Refused, match=f"is a shim of {manager}"):
            find_poetry(named)


def test_a_shim_is_known_by_its_folder_and_by_what_it_links_to(tmp_path: pathlib.Path) -> None:
    shim = put(tmp_path / ".pyenv/shims/poetry")
    (tmp_path / "link").symlink_to(shim)
    mise = put(tmp_path / "bin/mise")
    (tmp_path / "poetry").symlink_to(mise)
    for path, manager in ((shim, "pyenv"), (str(tmp_path / "link"), "pyenv"), (str(tmp_path / "poetry"), "mise")):
        with pytest.raises(Refused, match=f"is a shim of {manager}"):
            find_poetry(path)


def test_a_shim_in_front_hides_no_real_one(places: tuple[pathlib.Path, pathlib.Path]) -> None:
    shim = put(places[0] / "poetry", PYENV)
    with pytest.raises(Refused, match=f"{shim}: is a shim"):
        find_poetry("")
    real = put(places[1] / "poetry")
    assert find_poetry("") == real


def test_one_that_others_can_change_is_refused(tmp_path: pathlib.Path) -> None:
    path = put(tmp_path / "open/poetry")
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        find_poetry(path)


@pytest.mark.parametrize("how", ["first line", "env", "shell", "shell, unquoted", "launcher", "script of a script"])
def test_what_a_script_is_run_by_counts_as_well(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    theirs = put(tmp_path / "open/bin/python")
    between = put(tmp_path / "between", f"#! {theirs}\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/open/bin:/usr/bin:/bin")
    texts = {
        "first line": f"#!{theirs} -E\n",
        "env": "#!/usr/bin/env -S PYTHONUTF8=1 python -u\n",
        "shell": f"#!/bin/sh\n'''exec' \"{theirs}\" \"$0\" \"$@\"\n' '''\n",
        "shell, unquoted": f"#!/bin/sh\n'''exec' {theirs} \"$0\" \"$@\"\n' '''\n",
        "launcher": launcher(str(tmp_path / "open"), "poetry").decode(),
        "script of a script": f"#!{between}\n",
    }
    path = put(tmp_path / "bin/poetry", texts[how])
    assert find_poetry(path) == path
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Refused, match=f"^{tmp_path}/open: can be written by everybody"):
        find_poetry(path)


@pytest.mark.parametrize("theirs", ["venv/pyvenv.cfg", "base/bin", "base/bin/python3.11", "venv/bin"])
def test_an_environment_is_what_it_is_made_from(tmp_path: pathlib.Path, theirs: str) -> None:
    base = put(tmp_path / "base/bin/python3.11", "\x7fELF")
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(base)
    config = tmp_path / "venv/pyvenv.cfg"
    config.write_text(f"include-system-site-packages = false\nhome = {tmp_path}/base/bin \n")
    script, python = put(tmp_path / "bin/poetry", f"#!{tmp_path}/venv/bin/python\n"), f"{tmp_path}/venv/bin/python"
    check_program(script)
    check_program(python)
    (tmp_path / theirs).chmod(0o777)
    for path in (script, python):
        with pytest.raises(Refused, match=f"^{tmp_path}/{theirs}: can be written by everybody"):
            check_program(path)


def test_a_copy_of_an_interpreter_stands_on_its_home(tmp_path: pathlib.Path) -> None:
    copy = put(tmp_path / "venv/bin/python")
    (tmp_path / "base/bin").mkdir(parents=True)
    (tmp_path / "venv/pyvenv.cfg").write_text(f"home={tmp_path}/base/bin\n")
    check_program(copy)
    (tmp_path / "base").chmod(0o777)
    with pytest.raises(Refused, match=f"^{tmp_path}/base: can be written by everybody"):
        check_program(copy)


def test_a_script_that_runs_itself_is_looked_at_and_left_to_the_kernel(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "poetry")
    assert find_poetry(put(tmp_path / "poetry", f"#!{path}\n")) == path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_nothing_of_another_person_runs_as_root(tmp_path: pathlib.Path) -> None:
    theirs = put(tmp_path / "bob/python")
    path = put(tmp_path / "bin/poetry", f"#!{theirs}\n")
    check_program(path)
    os.chown(theirs, 65534, 65534)
    with pytest.raises(Refused, match=f"^{theirs}: belongs to user id 65534"):
        check_program(path)
