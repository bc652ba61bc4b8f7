# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of bad input: each makes one thing wrong, and says what the error has to tell."""

from __future__ import annotations

import pathlib
import re
import shutil
from collections.abc import Iterable, Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.tests.system.bundles import Made, small
from ansible_collections.netdevops.python.tests.system.direct import install
from ansible_collections.netdevops.python.tests.system.playing import install_arguments, install_each
from ansible_collections.netdevops.python.tests.system.snapshot import Entry, differences, tree


class Place:
    """A folder for one case: the environment in it, and what is to be installed."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.app = folder / "opt" / "app"
        self.venv = self.app / ".venv"

    def bundle(self, version: str = "2.0") -> Made:
        """Make the good bundle that a case then breaks."""
        return small(self.folder / "bundle", version)


class Case(NamedTuple):
    """One kind of bad input.

    Attributes:
        name: What it is.
        says: Regular expressions that the error must hold: its subject, what was found, the next step.
        prepare: Makes the bad thing and returns the arguments of ``wheelhouse_install``.
        seeded: Whether a good environment is there before, which must then go on working.
    """

    name: str
    says: Sequence[str]
    prepare: Callable[[Place], dict[str, Any]]
    seeded: bool


class Cases(list[Case]):
    """A table that is filled by decorated functions."""

    def case(self, name: str, *says: str, seeded: bool = True) -> Callable[[Any], Any]:
        """Add the decorated function."""

        def add(prepare: Any) -> Any:
            self.append(Case(name, says, prepare, seeded))
            return prepare

        return add


class Outcome(NamedTuple):
    """What came of a case: the module's result, and its folder before and after."""

    result: dict[str, Any]
    before: dict[str, Entry]
    after: dict[str, Entry]


def run_cases(cases: Iterable[Case], folder: pathlib.Path) -> dict[str, Outcome]:
    """Run all cases, as one host each."""
    places = {case.name: Place(folder / re.sub(r"\W+", "-", case.name)) for case in cases}
    for place in places.values():
        place.app.parent.mkdir(parents=True)
    _seed([places[case.name] for case in cases if case.seeded])
    asked = {case.name: install_arguments(**_arguments(case, places[case.name])) for case in cases}
    before = {name: tree(place.folder) for name, place in places.items()}
    results = install_each({_host(name): own for name, own in asked.items()})
    return {name: Outcome(results[_host(name)], before[name], tree(place.folder)) for name, place in places.items()}


def _arguments(case: Case, place: Place) -> dict[str, Any]:
    given = {name: str(value) if isinstance(value, Made) else value for name, value in case.prepare(place).items()}
    return {"venv": place.venv, **given}


def _host(name: str) -> str:
    return re.sub(r"\W+", "-", name)


def _seed(places: Sequence[Place]) -> None:
    """Give each place a good environment: made once, then copied, which its index shows and its receipt does not."""
    for place in places:
        if place is places[0]:
            install(place.venv, small(place.folder / "seed", "1.0"))
        else:
            shutil.copytree(places[0].app, place.app, symlinks=True)


def check(case: Case, outcome: Outcome) -> None:
    """Hold what came of a case to the rules of every refusal."""
    result = outcome.result
    assert result.get("failed"), f"it was accepted: {result}"
    message = result["msg"]
    assert not re.search(r"Traceback|Task failed|Module failed", message), message
    missing = [pattern for pattern in case.says if not re.search(pattern, message)]
    assert not missing, f"{message!r} does not say {missing}"
    assert result.get("changed") is False
    for problem in result["problems"]:
        assert problem["subject"] and problem["message"] and problem["next_step"], problem
    assert not differences(outcome.before, outcome.after)
