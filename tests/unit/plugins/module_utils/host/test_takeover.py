# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ordinary folders make room for an environment, and that none does which holds anything else."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, look
from ansible_collections.netdevops.python.plugins.module_utils.host.options import parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.takeover import check_takeover
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host, base_interpreter

as_root = os.geteuid() == 0
ALONE = "expected what a virtual environment consists of and nothing else, found also"


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    host = Host(tmp_path)
    host.venv.mkdir(parents=True)
    (host.venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return host


def check(host: Host, **params: object) -> None:
    options = parse_options(host.params(**params), "bundle:1")
    check_takeover(options, look(Environment(str(host.venv))))


def test_what_people_make_is_taken(host: Host) -> None:
    subprocess.run([base_interpreter(), "-I", "-m", "venv", "--without-pip", str(host.venv)], check=True)
    for name in ("share", "etc", "man"):
        (host.venv / name).mkdir()
    for name in (".gitignore", ".lock", "CACHEDIR.TAG"):
        (host.venv / name).touch()
    check(host)


def test_an_empty_folder_and_nothing_are_taken(host: Host) -> None:
    (host.venv / "pyvenv.cfg").unlink()
    check(host)
    host.venv.rmdir()
    check(host)


@pytest.mark.parametrize("name", ["data", "src", "app.py", ".git", ".env", "README.md", "Lib", "bin2"])
def test_a_folder_with_anything_else_is_not(host: Host, name: str) -> None:
    (host.venv / name).touch()
    with pytest.raises(Refused, match=f"{ALONE} {re.escape(name)}\\.") as refused:
        check(host)
    assert "Move that to a place of its own" in refused.value.problems[0].next_step


def test_a_link_is_something_as_well(host: Host) -> None:
    (host.venv / "src").symlink_to("/nowhere")
    with pytest.raises(Refused, match=ALONE):
        check(host)


def test_much_is_not_named_in_full(host: Host) -> None:
    for name in "gfedcba":
        (host.venv / name).touch()
    with pytest.raises(Refused, match=f"{ALONE} a, b, c, d, e and 2 more"):
        check(host)


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_moved(host: Host, check_mode: bool) -> None:
    host.seal(host.wheel())
    (host.venv / "src/mylib").mkdir(parents=True)
    with pytest.raises(Refused, match=f"{ALONE} src"):
        host.converge(check=check_mode, legacy_until="2020-01-01")
    assert sorted(os.listdir(host.app)) == [".venv"] and sorted(os.listdir(host.venv)) == ["pyvenv.cfg", "src"]


def test_a_folder_with_content_that_is_no_environment(host: Host) -> None:
    (host.venv / "pyvenv.cfg").rename(host.venv / "notes")
    with pytest.raises(Refused, match="no virtual environment"):
        check(host)


def test_one_of_conda(host: Host) -> None:
    (host.venv / "conda-meta").mkdir()
    with pytest.raises(Refused, match="an environment of conda"):
        check(host)


@pytest.mark.skipif(not as_root, reason="needs root, to give a folder to others")
def test_one_of_somebody_else(host: Host) -> None:
    os.chown(host.venv, 65534, 65534)
    with pytest.raises(Refused, match="is a folder of nobody"):
        check(host)
    check(host, owner="nobody")
