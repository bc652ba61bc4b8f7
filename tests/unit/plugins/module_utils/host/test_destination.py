# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.destination import (
    MOST_RELEASES,
    Side,
    Way,
    find_way,
    others,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, release_id

pytestmark = pytest.mark.usefixtures("short_names")

ASKED = {"source": "bundle:x", "mode": "0755"}
NAMES = [f"a{number}" for number in range(1, 4)]


def receipt_of(name: str) -> Receipt:
    packages = [["alpha", f"{name[1:]}.0", "0"]]
    interpreter = {"path": "/p", "version": "3.11.7", "target": "t", "sha256": "0"}
    bundle = f"b{name}"
    return Receipt(release_id(ASKED, "3.11.7", "t", packages), ASKED, bundle, interpreter, packages, [0, 0], "0")


def make(environment: Environment, name: str, second: int) -> None:
    os.makedirs(environment.release(name))
    path = pathlib.Path(environment.release(name), "receipt.json")
    path.write_bytes(receipt_of(name).encode())
    os.utime(path, (second, second))


def point(environment: Environment, target: str) -> None:
    if os.path.lexists(environment.venv):
        os.unlink(environment.venv)
    os.symlink(target, environment.venv)


def refused(environment: Environment, wanted: str = "", leaving: str = "") -> Problem:
    with pytest.raises(Refused) as caught:
        find_way(environment, wanted, leaving)
    [problem] = caught.value.problems
    return problem


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    """Three releases, the last of which is current."""
    found = Environment(str(tmp_path / ".venv"))
    for second, name in enumerate(NAMES):
        make(found, name, second)
    point(found, ".venv.releases/a3")
    return found


def test_the_one_before_and_one_that_is_named(environment: Environment) -> None:
    back, named = find_way(environment, ""), find_way(environment, "a1")
    assert (back.start.name, back.to.name, named.to.name, back.elsewhere) == ("a3", "a2", "a1", "")
    assert (back.start.bundle, back.to.bundle, back.to.packages) == ("ba3", "ba2", {"alpha": "2.0"})
    assert find_way(environment, "a3").to == back.start


def test_a_side_without_a_receipt_is_of_no_bundle_that_is_known() -> None:
    assert (Side("x").bundle, Side("x").packages, Side()) == ("", {}, Side("", None))


def test_a_link_in_other_words_starts_at_its_release(environment: Environment) -> None:
    point(environment, environment.release("a2") + "/")
    way = find_way(environment, "")
    assert (way.start.name, way.start.bundle, way.to.name) == ("a2", "ba2", "a1")
    assert way.elsewhere == environment.release("a2") + "/"


@pytest.mark.parametrize("target", ["/usr", "/nowhere", "../.venv.releases/a2"])
def test_a_link_to_another_place_starts_nowhere(environment: Environment, target: str) -> None:
    point(environment, target)
    way = find_way(environment, "")
    assert (way.start, way.to.name, way.elsewhere) == (Side(), "a3", target)


@pytest.mark.parametrize(
    ("leaving", "is_at"),
    [
        ("a3", True),
        ("a", True),
        ("a3-2", True),
        ("ba3", True),
        ("ba", True),
        ("a2", False),
        ("ba2", False),
        ("-", False),
    ],
)
def test_what_is_to_be_left(environment: Environment, leaving: str, is_at: bool) -> None:
    way = find_way(environment, "", leaving)
    assert way.has_left is not is_at and way.to.name == ("a2" if is_at else "a3") and way.start.name == "a3"


def test_what_is_to_be_left_cannot_be_told_without_a_receipt(environment: Environment) -> None:
    os.unlink(environment.release("a3/receipt.json"))
    assert "from which bundle release a3 is" in refused(environment, leaving="ba3").message
    assert find_way(environment, "", "a3").to.name == "a2"


def test_where_there_is_nothing(tmp_path: pathlib.Path, environment: Environment) -> None:
    assert "expected releases beside it" in refused(Environment(str(tmp_path / "other"))).message
    os.unlink(environment.venv)
    os.mkdir(environment.venv)
    assert "is an ordinary folder" in refused(environment).message


def test_beginnings_and_names(environment: Environment) -> None:
    assert "it is that of 3: a1, a2, a3." in refused(environment, "a").message
    assert "found none of that name. There is a3 (current now), " in refused(environment, "b").message
    make(environment, "a1-2", 9)
    assert find_way(environment, "a1").to.name == "a1", "a whole name is no beginning"


def test_no_more_than_some_are_named(environment: Environment) -> None:
    for number in range(4, 20):
        make(environment, f"a{number}", number)
    assert "and 9 more." in refused(environment, "b").message
    assert len(others(environment, find_way(environment, "a1")).split(", ")) == MOST_RELEASES


def test_what_else_there_is(environment: Environment) -> None:
    assert others(environment, find_way(environment, "")) == "set `release` to one of: a1"
    assert others(environment, Way(Side("a3"), Side("a2"))) == "set `release` to one of: a1"
    os.unlink(environment.release("a1/receipt.json"))
    assert others(environment, find_way(environment, "")) == "there is no further release"


def test_times_that_no_calendar_has_end_nothing(environment: Environment) -> None:
    """Whoever owns an environment says what times it has, and root asks for them."""
    os.utime(environment.release("a1/receipt.json"), (-5, -5))
    journal = {"stack": ["a1", "a3"], "left": {"a2": 2**33}}
    pathlib.Path(environment.release(".journal")).write_text(json.dumps(journal) + "\n")
    message = refused(environment, "b").message
    assert "a2 (last current or built 2242-03-16T12:56:32Z)" in message
    assert "a1 (last current or built 1970-01-01T00:00:00Z)" in message
