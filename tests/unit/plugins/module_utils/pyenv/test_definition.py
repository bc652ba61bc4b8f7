# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from python-build's definitions."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import (
    Archive,
    choose_script,
    find_script,
    near_versions,
    read_definition,
    with_digest,
)


def test_reads_the_archives_of_python_only(host: Any) -> None:
    definition = read_definition(find_script(str(host.pyenv)), "3.11.2")
    assert [(archive.tool, archive.file) for archive in definition.archives] == [
        ("xz", "Python-3.11.2.tar.xz"),
        ("gzip", "Python-3.11.2.tar.gz"),
    ]
    assert definition.archives[1].names == (definition.archives[1].sha256, "Python-3.11.2.tar.gz", "Python-3.11.2.tgz")
    assert definition.patches == ""


def test_knows_its_patches(host: Any) -> None:
    share = host.define('install_package "Python-3.11.2" "https://x/Python-3.11.2.tgz"\n')
    (share / "patches/3.11.2").mkdir(parents=True)
    definition = read_definition(find_script(str(host.pyenv)), "3.11.2")
    assert definition.patches == str(share / "patches/3.11.2")
    assert definition.archives[0].sha256 == ""


def test_names_near_versions_of_an_unknown_one(host: Any) -> None:
    for patch in (0, 1, 5, 6, 7, 20):
        host.define("", f"3.11.{patch}")
    with pytest.raises(Refused) as caught:
        read_definition(find_script(str(host.pyenv)), "3.11.4")
    assert "it knows 3.11.1, 3.11.2, 3.11.5, 3.11.6, 3.11.7." in str(caught.value)


@pytest.mark.parametrize(
    ("version", "near"),
    [("3.11.9", ["3.11.8", "3.11.10"]), ("3.15.0b2", []), ("3.11.0rc1", ["3.11.8", "3.11.10"])],
)
def test_near_versions(version: str, near: list[str]) -> None:
    assert near_versions(["3.11.8", "3.11.10", "3.11-dev", "3.12.1", "3.11.8t", "pypy3.11-7.3"], version) == near


def test_refuses_a_definition_without_an_archive(host: Any) -> None:
    host.define('install_git "Python-3.11.2" "https://github.com/python/cpython" 3.11 standard\n')
    with pytest.raises(Refused, match=r"names no archive of Python-3.11.2"):
        read_definition(find_script(str(host.pyenv)), "3.11.2")


def test_takes_the_first_pyenv_that_knows_the_version(host: Any, tmp_path: Any) -> None:
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    (other / "bin/python-build").touch()
    folders = [str(tmp_path / "none"), str(other), str(host.pyenv)]
    assert choose_script(folders, "3.11.2") == find_script(str(host.pyenv))
    assert choose_script(folders, "3.9.9") == str(other / "bin/python-build")


def test_refuses_when_there_is_no_pyenv(tmp_path: Any) -> None:
    with pytest.raises(Refused, match=r"expected a pyenv below one of: .*/a, .*/b; found none"):
        choose_script([str(tmp_path / "a"), str(tmp_path / "b")], "3.11.2")


def test_refuses_a_pyenv_of_another_user(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    if os.stat(host.pyenv).st_uid == 0:
        os.chown(find_script(str(host.pyenv)), 4343, -1)
    with pytest.raises(Refused, match="belongs to another user"):
        choose_script([str(host.pyenv)], "3.11.2")


@pytest.mark.parametrize("old", ["", "#" + "0" * 64, "#abc"])
def test_puts_a_digest_into_a_definition(old: str) -> None:
    archive = Archive("Python-3.11.2", "https://x/Python-3.11.2.tgz", "1" * 64)
    text = f'install_package "Python-3.11.2" "https://x/Python-3.11.2.tgz{old}" standard\n'
    assert with_digest(text, archive) == text.replace(f'tgz{old}"', f'tgz#{"1" * 64}"')


def test_a_bz2_archive_has_its_own_name() -> None:
    assert Archive("Python-3.1", "https://x/Python-3.1.tar.bz2", "").file == "Python-3.1.tar.bz2"
