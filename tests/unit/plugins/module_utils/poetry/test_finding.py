# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Poetry is meant, and what only looks like one."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry import finding
from ansible_collections.netdevops.python.plugins.module_utils.poetry.finding import find_poetry

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
