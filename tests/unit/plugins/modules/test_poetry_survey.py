# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.modules import poetry_survey
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module


class Rig:
    """The module, with a glance that remembers what it is asked and answers ``found``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.found: dict[str, Any] | None = None
        self.seen: list[dict[str, Any]] = []
        monkeypatch.setattr(poetry_survey, "glance", self.glance)

    def glance(self, params: dict[str, Any]) -> dict[str, Any] | None:
        self.seen.append(params)
        return self.found

    def run(self, **asked: Any) -> dict[str, Any]:
        return run_module(self.monkeypatch, self.capsys, poetry_survey.main, asked=asked)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rig:
    return Rig(monkeypatch, capsys)


def test_what_is_asked_arrives_as_the_installation_would_have_it(rig: Rig) -> None:
    rig.found = {"changed": False, "release": "r1"}
    result = rig.run(project="/srv/app", groups="main", root="no", keep="2")
    assert (result["settled"], result["release"]) == (True, "r1")
    [params] = rig.seen
    assert set(ARGUMENTS) <= set(params)
    assert (params["only"], params["root"], params["keep"], params["sync"]) == (["main"], False, 2, True)


def test_what_is_not_certain_is_not_settled(rig: Rig) -> None:
    assert rig.run(project="/srv/app")["settled"] is False


@pytest.mark.parametrize("wrong", [{"keep": "many"}, {"nonsense": 1}, {"state": "gone"}])
def test_wrong_arguments_are_left_to_the_installation(rig: Rig, wrong: dict[str, Any]) -> None:
    rig.found = {"changed": False}
    assert rig.run(project="/srv/app", **wrong)["settled"] is False
    assert rig.seen == []
