# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gone never passes for clean."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.absent import check_absent, search_notes
from ansible_collections.netdevops.python.plugins.module_utils.audit.baseline import parse_baseline
from ansible_collections.netdevops.python.plugins.module_utils.audit.options import ARGUMENTS, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES


def missing(*venvs: str, found: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    baseline = parse_baseline([{"venv": venv, "versions": ["3.11.7"]} for venv in venvs])
    findings = list(check_absent(Reader(), baseline, found))
    assert {one.code for one in findings} <= {"environment-missing"}
    return [(one.subject, one.evidence) for one in findings]


def test_what_is_there_or_is_a_pattern() -> None:
    assert missing("/opt/app/.venv", "/opt/app/.venv/", found=("/opt/app/.venv",)) == []
    assert missing("*", "/opt/*/.venv", "/opt/app?/.venv", "/opt/[ab]/.venv") == []


def test_what_is_gone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    assert missing(f"{tmp_path}/gone/.venv") == [(f"{tmp_path}/gone/.venv", ("nothing is there",))]
    [(_subject, evidence)] = missing(f"{tmp_path}/folder")
    assert evidence == ("what is there is no environment, or not where was searched",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_where_it_cannot_be_seen(tmp_path: pathlib.Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    reader = Reader()
    baseline = parse_baseline([{"venv": f"{tmp_path}/closed/x", "versions": ["3"]}])
    assert not list(check_absent(reader, baseline, ()))
    assert list(reader.unreadable) == [f"{tmp_path}/closed/x"]


def test_folders_to_search(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    notes = search_notes([str(tmp_path), f"{tmp_path}/gone", f"{tmp_path}/file"])
    assert [note.partition(" ")[0] for note in notes] == [f"{tmp_path}/gone", f"{tmp_path}/file"]
    assert search_notes(PLACES) == []


def test_each_line_of_a_text_is_one() -> None:
    plain = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    parsed = parse_options({**plain, "search": ["/opt\n/srv\r\n", "/a b"], "roots": [" /x/\n\n/y"]})
    assert (parsed.search, parsed.roots) == (("/opt", "/srv", "/a b"), ("/x", "/y"))
