# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import os
import sys
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_survey
from ansible_collections.netdevops.python.tests.unit.support.modules import be_a_host

ASKED = {"venv": "~/app/.venv", "bundle": "/srv/bundle", "python": "/usr/bin/python3"}


class Rig:
    """The module, with a glance that remembers what it is asked and answers ``found``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.found: dict[str, Any] | None = None
        self.seen: list[Any] = []
        monkeypatch.setattr(wheelhouse_survey, "glance", self.glance)

    def glance(self, params: dict[str, Any], source: str, pin: str) -> dict[str, Any] | None:
        self.seen.append((params, source, pin))
        return self.found

    def run(self, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
        given = {
            "asked": asked,
            "source": "bundle:1",
            **more,
            "_ansible_check_mode": True,
            "_ansible_remote_tmp": "/tmp",
        }
        self.monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        if hasattr(basic, "_ANSIBLE_PROFILE"):
            self.monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy")
        be_a_host(self.monkeypatch)
        self.monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit):
            wheelhouse_survey.main()
        found: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        return found


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rig:
    return Rig(monkeypatch, capsys)


def test_what_is_asked_arrives_as_the_installation_would_have_it(rig: Rig) -> None:
    rig.found = {"changed": False, "release": "r1"}
    result = rig.run({**ASKED, "keep": "2", "compile": "no", "groups": "a,b", "hold": None}, pin="3.11.7")
    assert (result["settled"], result["changed"], result["release"]) == (True, False, "r1")
    [(params, source, pin)] = rig.seen
    assert (source, pin) == ("bundle:1", "3.11.7")
    assert params["venv"] == os.path.expanduser("~/app/.venv")
    assert (params["keep"], params["compile"], params["groups"], params["hold"]) == (2, False, ["a", "b"], None)
    assert set(params) == set(ARGUMENTS)
    assert (params["mode"], params["verify"], params["prove"]) == ("0755", "stat", None)


def test_what_is_not_certain_is_not_settled(rig: Rig) -> None:
    result = rig.run(ASKED)
    assert (result["settled"], result["changed"]) == (False, False)
    assert rig.seen[0][2] == ""


@pytest.mark.parametrize("wrong", [{"keep": "many"}, {"verify": "never"}, {"nonsense": 1}])
def test_wrong_arguments_are_left_to_the_installation(rig: Rig, wrong: dict[str, Any]) -> None:
    rig.found = {"changed": False}
    result = rig.run({**ASKED, **wrong})
    assert result["settled"] is False and "failed" not in result and rig.seen == []


def test_what_is_documented_is_what_is_taken() -> None:
    yaml = pytest.importorskip("yaml")
    documented = yaml.safe_load(wheelhouse_survey.DOCUMENTATION)["options"]
    assert set(documented) == set(wheelhouse_survey.OF_ITS_OWN)
