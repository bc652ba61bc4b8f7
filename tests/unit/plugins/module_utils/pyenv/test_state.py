# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as present, and everything that does not."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import Found, describe, inspect
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree, check_root

VERSION = "3.11.2"


def look(host: Any, run: Any = None) -> Found:
    return inspect(run or host.run, Tree(str(host.root), VERSION), ("ssl",))


def test_nothing_is_absent(host: Any) -> None:
    assert look(host) == Found("absent")


def test_a_proven_one_is_present(host: Any) -> None:
    host.lay()
    assert look(host) == Found("present")
    assert host.calls[0][0][-1] == "ssl"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"version": "3.11.9"}, "it says that it is 3.11.9"),
        ({"base_prefix": "/usr"}, "it lives in /usr, not in "),
        ({"broken": {"ssl": "ImportError: no"}}, "these modules do not import: ssl (ImportError: no)"),
        ({"implementation": "pypy"}, "expected a 64-bit CPython, found 64-bit pypy"),
    ],
)
def test_what_an_interpreter_says_can_break_it(host: Any, said: dict[str, Any], reason: str) -> None:
    host.lay()
    host.said = said
    found = look(host)
    assert found.state == "broken"
    assert reason in found.reason


def test_what_a_killed_install_leaves_is_broken(host: Any) -> None:
    host.lay("bin/python3.11")
    found = look(host)
    assert (found.state, found.reason) == ("broken", "expected an interpreter, found nothing")


def test_one_that_crashes_is_broken(host: Any) -> None:
    host.lay()
    found = look(host, lambda argv, **_: Completed(tuple(argv), -11, "", ""))
    assert (found.state, found.reason) == ("broken", "is there and does not work (exit -11): it said nothing")


def test_an_unfinished_build_is_broken_whatever_it_says(host: Any) -> None:
    host.lay()
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    assert look(host) == Found("broken", "its build was interrupted, or is under way", True)
    assert not host.calls, "it is not even run"


def test_leftovers_are_seen_and_described(host: Any) -> None:
    host.lay()
    left = [f"versions/.gone-{VERSION}-2", f".builds/.gone-{VERSION}-1", f"versions/.aside-{VERSION}-10"]
    for name in (*left, "versions/.gone-3.11.20-1"):
        (host.root / name).mkdir(parents=True)
    found = look(host)
    assert found.leftovers == tuple(str(host.root / name) for name in left)
    assert describe(Tree(str(host.root), VERSION), found)["leftovers"] == list(found.leftovers)


def test_a_dangling_link_is_broken(host: Any) -> None:
    host.version.parent.mkdir(parents=True)
    host.version.symlink_to("/nowhere")
    assert look(host).state == "broken"


def test_an_interpreter_of_another_user_is_not_run(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    if os.geteuid() == 0:
        os.chown(host.version, 4343, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match=r"belongs to user .*, the task runs as user 4242"):
        look(host)
    assert not host.calls


def test_a_root_that_is_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "root").write_text("")
    with pytest.raises(Refused, match="expected a folder, found something else"):
        check_root(str(tmp_path / "root"), must_write=False)


def test_a_root_of_another_user(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    if os.geteuid() == 0:
        os.chown(host.root, 4343, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match="Become its owner"):
        check_root(str(host.root), must_write=False)


def test_a_root_that_everybody_writes(host: Any) -> None:
    host.lay()
    host.root.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        check_root(str(host.root), must_write=False)


def test_a_root_that_is_read_only(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    check_root(str(host.root), must_write=False)
    with pytest.raises(Refused, match="cannot be written"):
        check_root(str(host.root), must_write=True)
