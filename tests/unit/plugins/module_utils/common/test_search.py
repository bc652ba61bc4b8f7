# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One walk notes what belongs to environments; what a pyvenv.cfg says is read from a file and nothing else."""

from __future__ import annotations

import os
import pathlib

from ansible_collections.netdevops.python.plugins.module_utils.common.search import (
    Finds,
    find,
    home_of,
    parse_config,
    read_config,
)


def test_a_walk_notes_environments_releases_and_links_into_them(tmp_path: pathlib.Path) -> None:
    for name in ("app/.venv.releases/aaa", "tool"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pyvenv.cfg").touch()
    (tmp_path / "app/.venv").symlink_to(".venv.releases/aaa")
    (tmp_path / "lost").symlink_to("lost.releases/gone")
    (tmp_path / "other").symlink_to("lost.releases/gone")
    (tmp_path / "tool/inner").symlink_to("inner.releases/gone")
    found = Finds(*(sorted(paths) for paths in find([str(tmp_path), str(tmp_path / "app"), "/nowhere"])))
    assert found == Finds(
        [str(tmp_path / "app/.venv.releases/aaa"), str(tmp_path / "tool")],
        [str(tmp_path / "app/.venv.releases")],
        [str(tmp_path / "app/.venv"), str(tmp_path / "lost")],
        [],
    )


def test_what_a_configuration_says(tmp_path: pathlib.Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("Home = /usr/bin\nversion = 3.11.2\nno pair\nhome = /other\nprompt = a = b\n")
    assert read_config(str(tmp_path)) == {"home": "/usr/bin", "version": "3.11.2", "prompt": "a = b"}
    assert home_of(str(tmp_path)) == "/usr/bin"


def test_a_configuration_is_read_as_python_does() -> None:
    """Of what is said twice site takes the last, and getpath the first home; lines end as in any text file."""
    text = "home = /usr/bin\r\nA = 1\rHOME = /other\ninclude-system-site-packages = false\nInclude-System-Site-Packages = true\na=2\x0cb=3"
    assert parse_config(text) == {"home": "/usr/bin", "a": "2\x0cb=3", "include-system-site-packages": "true"}
    assert parse_config("") == {}


def test_what_no_path_can_be_is_not_said(tmp_path: pathlib.Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr\0/bin\nversion = 3.11.2\n")
    assert read_config(str(tmp_path)) == {"version": "3.11.2"}


def test_a_configuration_that_is_none(tmp_path: pathlib.Path) -> None:
    assert home_of(str(tmp_path)) == ""
    os.mkfifo(tmp_path / "pyvenv.cfg")
    assert read_config(str(tmp_path)) == {}
