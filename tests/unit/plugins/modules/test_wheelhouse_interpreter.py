# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.interpreter import Order
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_interpreter
from ansible_collections.netdevops.python.tests.unit.support.modules import run_module

BASE = {"bundle": "/b.tar", "bundle_id": "b" * 64, "root": "/opt/pyenv"}


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any
) -> dict[str, Any]:
    """Run the module with these arguments and return what it prints."""
    given = {**BASE, **arguments, "_ansible_check_mode": check}
    return run_module(monkeypatch, capsys, wheelhouse_interpreter.main, **given)


@pytest.mark.parametrize("check", [False, True])
def test_arguments_reach_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    seen: list[Any] = []

    def bring(order: Order, aside: str, check_mode: bool) -> dict[str, Any]:
        seen.extend([order, os.path.dirname(aside), check_mode])
        return {"changed": True, "actions": []}

    monkeypatch.setattr(wheelhouse_interpreter, "bring", bring)
    assert run(monkeypatch, capsys, check, reason="it is broken")["changed"] is True
    assert seen[0] == Order("/b.tar", "b" * 64, "/opt/pyenv", "it is broken")
    assert seen[2] is check and bool(seen[1]) is not check


def test_failures_are_told_and_not_traced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: Any) -> None:
        raise Refused([Problem("a.tar.gz", "is damaged.", "Copy it.")])

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device", "/tmp/x")

    monkeypatch.setattr(wheelhouse_interpreter, "bring", refused)
    result = run(monkeypatch, capsys)
    assert result["failed"] and result["msg"] == "a.tar.gz: is damaged. Copy it." and len(result["problems"]) == 1
    monkeypatch.setattr(wheelhouse_interpreter, "bring", full)
    said = run(monkeypatch, capsys)["msg"]
    assert said == (
        "/tmp/x: No space left on device. The interpreter is not installed. "
        "Free space, or correct the permissions; then run it again."
    )


def test_what_is_documented_is_what_is_taken() -> None:
    """The sanity tests compare types and defaults; they need a controller, and this runs wherever a host may."""
    yaml = pytest.importorskip("yaml")
    documented = yaml.safe_load(wheelhouse_interpreter.DOCUMENTATION)["options"]
    assert set(documented) == set(wheelhouse_interpreter.ARGUMENTS)
    assert set(Order._fields) == set(wheelhouse_interpreter.ARGUMENTS)
