# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module imports late is there, although the archive that it came in cannot be read any more."""

from __future__ import annotations

import pathlib
import sys
import zipfile
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.people import carried


@pytest.fixture
def archive(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """An archive with a package ``carriedhere`` from which Python imports, as Ansible's are."""
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as payload:
        for name in ("__init__", "early", "below/__init__", "below/late"):
            payload.writestr(f"carriedhere/{name}.py", "X = 1\n")
    monkeypatch.syspath_prepend(str(path))
    yield path
    for name in [name for name in sys.modules if name.startswith("carriedhere")]:
        del sys.modules[name]


def test_all_of_an_archive_is_loaded(archive: pathlib.Path) -> None:
    carried.load_the_rest("carriedhere")
    archive.unlink()
    assert {name for name in sys.modules if name.startswith("carriedhere")} == {
        "carriedhere",
        "carriedhere.early",
        "carriedhere.below",
        "carriedhere.below.late",
    }


def test_of_folders_nothing_is_loaded() -> None:
    before = set(sys.modules)
    carried.load_the_rest()
    assert {name for name in set(sys.modules) - before if not name.startswith("encodings.")} == set()


def test_codecs_are_found_while_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(carried.codecs, "lookup", asked.append)
    carried.load_the_rest()
    assert "ascii" in asked
