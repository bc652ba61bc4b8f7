# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.held import MOST_BYTES, read_held, resolve_held
from ansible_collections.netdevops.python.plugins.module_utils.host.pruning import write_held

pytestmark = pytest.mark.usefixtures("short_names")

NAMES = [f"a{number}" for number in range(1, 7)]


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    found = Environment(str(tmp_path / ".venv"))
    for name in NAMES:
        os.makedirs(found.release(name))
        pathlib.Path(found.release(name), "receipt.json").write_text("{}")
    return found


def test_a_held_one_is_named_by_its_first_characters(environment: Environment) -> None:
    os.rename(environment.release("a1"), environment.release("b1c2"))
    assert resolve_held(environment, ["b1", "a3"]) == ("a3", "b1c2")
    os.rename(environment.release("a2"), environment.release("b1c2-2"))
    assert resolve_held(environment, ["b1c2"]) == ("b1c2",), "a whole name is that one's"


def test_all_names_that_mean_nothing_or_several_are_refused_together(environment: Environment) -> None:
    with pytest.raises(Refused) as caught:
        resolve_held(environment, ["nothing", "a", "a3"])
    assert [problem.subject for problem in caught.value.problems] == ["hold 'nothing'", "hold 'a'"]
    nothing, several = caught.value.problems
    assert "found no such release" in nothing.message and "Releases here: " in nothing.next_step
    assert all(name in several.message for name in NAMES)


def test_what_is_kept_of_held_ones_can_be_anything(environment: Environment, tmp_path: pathlib.Path) -> None:
    path = pathlib.Path(environment.release(".held"))
    assert read_held(environment) == ()
    write_held(environment, ("a2", "a1"))
    assert path.read_text() == "a2\na1\n" and path.stat().st_mode & 0o777 == 0o644
    assert read_held(environment) == ("a1", "a2")
    path.write_bytes(b"\xff\x00 a1\ngone ../.. a2")
    assert read_held(environment) == ("a1", "a2")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("a1\n")
    assert read_held(environment) == ()
    path.unlink()
    os.mkfifo(path)
    assert read_held(environment) == ()


def test_it_is_not_read_without_end(environment: Environment) -> None:
    path = pathlib.Path(environment.release(".held"))
    path.write_text("a1\n" + " " * MOST_BYTES + "a2\n")
    assert read_held(environment) == ("a1",)
