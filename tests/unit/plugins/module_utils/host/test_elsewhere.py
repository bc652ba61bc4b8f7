# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A link of ours that somebody turned to another place is drift: told, and turned back."""

from __future__ import annotations

import json
import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot


def turn(host: Host, target: str) -> None:
    os.unlink(host.venv)
    os.symlink(target, host.venv)


@pytest.mark.parametrize("target", ["/nowhere", "there", "absolute"])
def test_it_is_told_and_turned_back(host: Host, target: str) -> None:
    host.seal(host.wheel())
    first = host.converge()
    (pathlib.Path(host.venv).parent / "there").mkdir()
    target = str(host.releases / first["release"]) if target == "absolute" else target
    turn(host, target)
    before = snapshot(host.root)
    foretold = host.converge(check=True)
    assert snapshot(host.root) == before

    done = host.converge()
    line = f"elsewhere: {host.venv} -> {target}"
    for result in (foretold, done):
        assert result["changed"] and result["drift"] == [line]
        assert [(action["verb"], action["reason"]) for action in result["actions"]] == [
            ("switch", f"it points to {target}")
        ]
        assert json.loads(result["diff"]["before"])["drift"] == [line]
    assert (foretold["release"], done["release"]) == (first["release"], first["release"])
    assert done["delivered"]["wheels"] == 0
    assert os.readlink(host.venv) == f".venv.releases/{first['release']}"
    assert not host.converge()["changed"]
    assert (pathlib.Path(host.venv).parent / "there").is_dir()


def test_it_goes_to_a_new_release_as_well(host: Host) -> None:
    host.seal(host.wheel())
    host.converge()
    turn(host, "/nowhere")
    host.seal(host.wheel(version="2.0"))
    done = host.converge()
    assert [(action["verb"], action["reason"]) for action in done["actions"]] == [
        ("build", "its link points elsewhere"),
        ("switch", "it points to /nowhere"),
    ]
    assert (host.site / "spam/__init__.py").read_text() == "VERSION = '2.0'\n"


def test_what_it_points_to_stays_when_the_environment_goes(host: Host) -> None:
    host.seal(host.wheel())
    host.converge()
    there = pathlib.Path(host.venv).parent / "there"
    there.mkdir()
    (there / "mine").write_text("")
    turn(host, "there")
    assert host.converge(state="absent")["changed"]
    assert not os.path.lexists(host.venv) and (there / "mine").exists()


def test_a_link_with_no_release_of_ours_beside_it_is_somebody_elses(host: Host) -> None:
    host.seal(host.wheel())
    pathlib.Path(host.venv).parent.mkdir(parents=True, exist_ok=True)
    os.symlink("/nowhere", host.venv)
    with pytest.raises(Refused, match="found a dangling link to /nowhere"):
        host.converge()
    assert os.readlink(host.venv) == "/nowhere"
