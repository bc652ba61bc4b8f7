# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once on one environment: one works, and the result is whole."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.playing import install_arguments, install_each, succeeded
from ansible_collections.netdevops.python.tests.system.receipts import OWN_STATE, mismatches

pytestmark = pytest.mark.system

# Long enough for the other run to arrive meanwhile, on a busy machine too.
SLOW = {"commands": [["/bin/sleep", "3"]]}


def both(venv: pathlib.Path, one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    """Run two installations of one environment at the same time."""
    asked = {"one": install_arguments(venv, **one), "other": install_arguments(venv, **other)}
    results = install_each(asked)
    return [results["one"], results["other"]]


def leftovers(venv: pathlib.Path) -> list[str]:
    """Return what lies beside the releases that have a receipt."""
    releases = venv.with_name(venv.name + ".releases")
    return [
        entry.name
        for entry in releases.iterdir()
        if not (entry / "receipt.json").exists() and entry.name not in OWN_STATE
    ]


def test_the_same_bundle(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    asked = {"bundle": str(bundles.small(tmp_path / "bundle")), "prove": SLOW}
    results = both(venv, asked, asked)
    assert sorted(succeeded(result)["changed"] for result in results) == [False, True]
    assert max(result["seconds"]["lock"] for result in results) > 1, "the two did not meet"
    assert len({result["release"] for result in results}) == 1
    assert bundles.says(venv) == "alpha 1.0 beta 2.0\n"
    assert not mismatches(venv.resolve())
    assert not leftovers(venv)


def test_one_that_does_not_wait(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    asked = {"bundle": str(bundles.small(tmp_path / "bundle")), "prove": SLOW, "lock_timeout": 1}
    results = both(venv, asked, asked)
    [busy] = [result for result in results if result.get("failed")]
    [done] = [result for result in results if not result.get("failed")]
    assert done["changed"]
    [problem] = busy["problems"]
    assert problem["subject"] == str(venv)
    assert "is busy: another run has held" in problem["message"]
    assert "1 seconds" in problem["message"]
    assert "lock_timeout" in problem["next_step"]
    assert not mismatches(venv.resolve())
    assert not leftovers(venv)


def test_two_bundles(tmp_path: pathlib.Path) -> None:
    """Whoever comes last wins, as with two runs one after the other; nothing is a mixture."""
    venv = tmp_path / "opt/app/.venv"
    one = {"bundle": str(bundles.small(tmp_path / "one", "1.0")), "prove": SLOW}
    two = {"bundle": str(bundles.small(tmp_path / "two", "2.0")), "prove": SLOW}
    results = both(venv, one, two)
    assert [succeeded(result)["changed"] for result in results] == [True, True]
    last = max(results, key=lambda result: result["seconds"]["lock"])
    assert venv.resolve().name == last["release"]
    assert bundles.says(venv) == f"alpha {'1.0' if last is results[0] else '2.0'} beta 2.0\n"
    for result in results:
        assert not mismatches(venv.with_name(".venv.releases") / result["release"])
    assert not leftovers(venv)


def test_one_takes_away_what_the_other_brings(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "opt/app/.venv"
    asked = {"bundle": str(bundles.small(tmp_path / "bundle")), "prove": SLOW}
    gone = {"state": "absent", "python": None}
    for result in both(venv, asked, gone):
        succeeded(result)
    if venv.is_symlink():
        assert bundles.says(venv) == "alpha 1.0 beta 2.0\n"
        assert not mismatches(venv.resolve())
    else:
        assert not list((tmp_path / "opt").glob("app/.venv*"))
