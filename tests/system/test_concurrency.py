# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once on one environment: one works, and the result is whole."""

from __future__ import annotations

import itertools
import json
import pathlib
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.prune_arguments import (
    ARGUMENTS as PRUNE_ARGUMENTS,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.faults import DONE, REFUSED, Child, End
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


KINDS = ("one", "two")
RUNS = 20


def test_twenty_runs_at_once(tmp_path: pathlib.Path) -> None:
    """Installations of two bundles where there is nothing yet, rollbacks and prunings, each in a process of its own."""
    venv, history = tmp_path / "opt/app/.venv", tmp_path / "history.jsonl"
    made = {"one": bundles.small(tmp_path / "one", "1.0"), "two": bundles.small(tmp_path / "two", "2.0")}

    def work(number: int) -> None:
        # Two of them do not wait: they may find it busy.
        asked = {"history": str(history), "lock_timeout": 0 if number in (5, 11) else 120}
        if number % 7 == 3:
            wait_for(venv)
            direct.rollback(venv, **asked)
        elif number % 7 == 6:
            wait_for(venv)
            defaults = {name: argument.get("default") for name, argument in PRUNE_ARGUMENTS.items()}
            prune({**defaults, "venv": str(venv), "keep": 5, **asked}, check_mode=False)
        else:
            direct.install(venv, made[KINDS[number % 2]], keep=5, **asked)

    children = [Child(lambda number=number: work(number)) for number in range(RUNS)]  # type: ignore[misc]
    for child in children:
        child.begin()
    ends = [child.end() for child in children]
    check_refusals(ends)
    said = bundles.says(venv)
    assert said in ("alpha 1.0 beta 2.0\n", "alpha 2.0 beta 2.0\n")
    assert not [line for entry in releases(venv) for line in mismatches(entry)]
    assert not leftovers(venv)
    switches = told_in_full(history)
    assert len(switches) > 2, "hardly any two of them wanted something else"
    assert all(one["to"] == other["from"] for one, other in itertools.pairwise(switches)), "the history has a gap"
    assert switches[-1]["to"]["release"] == venv.resolve().name
    again = direct.install(venv, made["one" if "1.0" in said else "two"], keep=5, history=str(history))
    assert not again["changed"]


def check_refusals(ends: list[End]) -> None:
    assert not [end for end in ends if end.code not in (DONE, REFUSED)]
    refused = [end.said for end in ends if end.code == REFUSED]
    busy = [said for said in refused if "is busy: another run has held" in said]
    # As one after the other: a rollback that comes first has nothing to go back to.
    spent = [said for said in refused if "expected a release that was current before" in said]
    assert (len(busy) <= 2, len(busy) + len(spent)) == (True, len(refused)), refused


def wait_for(venv: pathlib.Path) -> None:
    while not venv.exists():
        time.sleep(0.01)


def told_in_full(history: pathlib.Path) -> list[dict[str, Any]]:
    """Return the ends of what was done, each of which has a beginning; whoever found nothing to do is not told of."""
    lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    by_id: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_id.setdefault(line["id"], []).append(line)
    for both_of in by_id.values():
        outcomes = [line["outcome"] for line in both_of]
        assert outcomes[0] == "started" and len(outcomes) == 2, both_of
    return [line for line in lines if line["outcome"] == "done" and line["what"] in ("install", "rollback")]


def releases(venv: pathlib.Path) -> list[pathlib.Path]:
    """Return the releases of an environment."""
    return [entry.parent for entry in venv.with_name(venv.name + ".releases").glob("*/receipt.json")]
