# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result never grows beyond what is safe, and says what it left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.bounds import DETAILS, MOST_BYTES, RESERVE, bounded


def environment(number: int, packages: int) -> dict[str, Any]:
    names = [f"package-number-{index}" for index in range(packages)]
    return {
        "venv": f"/opt/app{number}/.venv",
        "packages": {
            "count": packages,
            "versions": dict.fromkeys(names, "1.0"),
            "wheels": dict.fromkeys(names, "a" * 64),
        },
        "drift": {"count": 1, "some": ["edited: lib/a.py"]},
        "processes": None,
        "releases": [{"name": "r"}],
        "commands": {},
        "cyclonedx": {"components": ["c" * 200 for _name in names]},
    }


def told(count: int, packages: int = 100, **more: Any) -> dict[str, Any]:
    environments = [environment(number, packages) for number in range(count)]
    return {"environments": environments, "interpreters": [], "history": [], "unreadable": [], **more}


def test_what_is_small_is_told_whole() -> None:
    found = bounded(told(2, 10))
    assert [one.pop("cut") for one in found["environments"]] == [[], []]
    assert found == {**told(2, 10), "left_out": {}}


def test_details_go_kind_by_kind_from_the_last_environments() -> None:
    found = bounded(told(10))
    assert len(json.dumps(found)) <= MOST_BYTES
    cuts = [one["cut"] for one in found["environments"]]
    assert cuts[0] == [] and cuts[-1] == ["cyclonedx"] and sorted(cuts) == cuts
    assert [one["cyclonedx"] == {} for one in found["environments"]] == [bool(cut) for cut in cuts]
    # What one more would have been is more than is safe, so no more than needed went.
    back = next(index for index, cut in enumerate(cuts) if cut)
    assert len(json.dumps(found)) + len(json.dumps(environment(back, 100)["cyclonedx"])) > MOST_BYTES - RESERVE


def test_what_says_how_things_stand_stays() -> None:
    found = bounded(told(400))
    assert len(json.dumps(found)) <= MOST_BYTES and not found["left_out"]
    last = found["environments"][-1]
    assert (last["packages"], last["drift"]["count"]) == ({"count": 100}, 1)
    assert last["cut"][:3] == ["cyclonedx", "packages.wheels", "packages.versions"]
    assert set(last["cut"]) <= set(DETAILS)


@pytest.mark.parametrize(("name", "item"), [("history", {"venv": "v" * 500}), ("unreadable", "/home/" + "u" * 500)])
def test_long_lists_are_cut_with_a_count(name: str, item: Any) -> None:
    items = [{**item, "id": n} if isinstance(item, dict) else f"{item}{n}" for n in range(1000)]
    found = bounded(told(1, 1, **{name: items}))
    assert MOST_BYTES - 2 * RESERVE - 100 <= len(json.dumps(found)) <= MOST_BYTES
    left = len(found[name])
    assert found["left_out"] == {name: 1000 - left}
    assert found[name] == (items[-left:] if name == "history" else items[:left]), "of a history, the last ones stay"


def test_even_thousands_of_environments_are_bounded() -> None:
    found = bounded(told(20_000, 0))
    assert len(json.dumps(found)) <= MOST_BYTES
    assert found["left_out"]["environments"] + len(found["environments"]) == 20_000
