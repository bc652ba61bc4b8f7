# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role scaffold makes of its inputs and of what a repository says of itself: each case is a host of one play."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, play, succeeded

pytestmark = pytest.mark.system

ROLE = REPOSITORY / "roles/scaffold"
FACTS = {"pin": "3.11.7", "name": "", "branch": "main", "git": True, "owners": []}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a number": ({"scaffold_pythons": [3.1]}, "scaffold_pythons: 3.1 is a number"),
    "a number alone": ({"scaffold_pythons": 3.12}, "scaffold_pythons: 3.12 is a number"),
    "an old version": ({"scaffold_pythons": "3.12,3.9"}, "Python 3.9 is older than 3.10"),
    "an old pin": ({"scaffold_read": {"facts": {**FACTS, "pin": "3.9.18"}}}, "Python 3.9.18 is older than 3.10"),
    "a line": ({"scaffold_branch": "main\n"}, "scaffold_branch"),
    "a line in a list": ({"scaffold_owners": ["@a/b", "@c/d\n"]}, "scaffold_owners"),
    "a folder below the top": (
        {"scaffold_read": {"facts": {**FACTS, "git": False}}},
        "no .git is in /srv/src/netcheck",
    ),
    "a secret": ({"scaffold_ci_environment": {"PASSWORD": "hunter-2"}}, 'scaffold_ci_environment: "PASSWORD=***"'),
    "a name": ({"scaffold_ci_environment": {"A B": "ID"}}, 'scaffold_ci_environment: "A B=***"'),
    "a line in an id": ({"scaffold_ci_environment": "A=ID,B=ID\nC"}, 'scaffold_ci_environment: "B=***"'),
    "a name of the CI": ({"scaffold_ci_environment": {"MATRIX_PYTHON": "ID"}}, "scaffold_ci_environment"),
    "no id": ({"scaffold_ci_environment": "PASSWORD"}, "scaffold_ci_environment"),
}
TAKEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {"pythons": ["3.11.7"], "environment": {}, "cron": "30 4 * * 1"}),
    "of a survey": (
        {"scaffold_pythons": "3.10, 3.12", "scaffold_ci_environment": "A=ID_1, b=c", "scaffold_cron": "1 2 * * *"},
        {"pythons": ["3.11.7", "3.10", "3.12"], "environment": {"A": "ID_1", "b": "c"}, "cron": "1 2 * * *"},
    ),
    "of a play": (
        {"scaffold_pythons": ["3.10"], "scaffold_ci_environment": {"A": "ID_1"}, "scaffold_name": "other"},
        {"pythons": ["3.11.7", "3.10"], "environment": {"A": "ID_1"}, "cron": "52 4 * * 1"},
    ),
    "unanswered": (
        {"scaffold_pythons": None, "scaffold_ci_environment": None, "scaffold_ci": "none",
         "scaffold_read": {"facts": {**FACTS, "git": False}}},
        {"pythons": ["3.11.7"], "environment": {}, "cron": "30 4 * * 1"},
    ),
    "lists of one's own": (
        {"scaffold_pythons": "3.9", "scaffold_lists": "/srv/lists", "scaffold_ci_environment": ""},
        {"pythons": ["3.11.7", "3.9"], "environment": {}, "cron": "30 4 * * 1"},
    ),
}  # fmt: skip
HUB, LAB = ".github/CODEOWNERS", ".gitlab/CODEOWNERS"
# The files that are there, those of people first, and where the role puts its own for GitHub and GitLab.
PLACES: dict[str, tuple[list[str], list[str]]] = {
    "none": ([], [HUB, LAB]),
    "top": (["CODEOWNERS"], ["CODEOWNERS"]),
    "docs": (["docs/CODEOWNERS"], ["docs/CODEOWNERS"]),
    "both": ([HUB, "CODEOWNERS"], [HUB, "CODEOWNERS"]),
    "gitlab": (["CODEOWNERS", LAB], ["CODEOWNERS"]),
    "ours": ([HUB, LAB], [HUB, LAB]),
    "top after ours": (["CODEOWNERS", HUB, LAB], ["CODEOWNERS"]),
}


def defaults() -> dict[str, Any]:
    return {**yaml.safe_load((ROLE / "defaults/main.yml").read_text()), "scaffold_repository": "/srv/src/netcheck"}


def test_inputs() -> None:
    """What is of no form that its kind has is refused by its name, and a secret in the place of an id is not repeated."""
    cases = {
        **{name: given for name, (given, _said) in REFUSED.items()},
        **{f"ok {n}": g for n, (g, _e) in TAKEN.items()},
    }
    hosts = {name: {**defaults(), "scaffold_read": {"facts": FACTS}, **given} for name, given in cases.items()}
    values = "{{ {'pythons': __scaffold_pythons, 'environment': __scaffold_ci_environment, 'cron': __scaffold_cron} }}"
    tasks: list[Mapping[str, Any]] = [
        {"ansible.builtin.include_vars": {"file": str(ROLE / "vars/main.yml")}},
        {"ansible.builtin.debug": {"msg": "{{ __scaffold_mistakes }}"}},
        {"ansible.builtin.debug": {"msg": values}, "when": "inventory_hostname.startswith('ok ')"},
    ]
    results = play(tasks, hosts=hosts)
    for name, (_given, said) in REFUSED.items():
        mistakes = succeeded(results[name][1])["msg"]
        assert len(mistakes) == 1 and said in mistakes[0] and "hunter" not in mistakes[0], (name, mistakes)
    for name, (_given, expected) in TAKEN.items():
        assert [one["msg"] for one in results[f"ok {name}"][1:]] == [[], expected], name


def test_code_owners_are_where_they_count() -> None:
    """GitHub and GitLab take the first CODEOWNERS that they find, and no other: one of ours may not switch off a team's."""
    facts = {name: {**FACTS, "owners": there} for name, (there, _places) in PLACES.items()}
    hosts = {name: {**defaults(), "scaffold_read": {"facts": told}} for name, told in facts.items()}
    tasks: list[Mapping[str, Any]] = [
        {"ansible.builtin.include_vars": {"file": str(ROLE / "vars/main.yml")}},
        {"ansible.builtin.debug": {"msg": "{{ __scaffold_owners_places }}"}},
    ]
    results = play(tasks, hosts=hosts)
    assert {name: said[1]["msg"] for name, said in results.items()} == {n: places for n, (_t, places) in PLACES.items()}


def test_what_a_team_wrote_goes_on_counting(tmp_path: pathlib.Path) -> None:
    """In a checkout; and all that the role makes there is known to it, so that it can remove it one day."""
    for path, text in {".git/HEAD": "", ".python-version": "3.11.7\n", "CODEOWNERS": "* @team/own\n"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    given = {"scaffold_repository": str(tmp_path), "scaffold_owners": "@netops/python"}
    names = (
        "{{ __scaffold_files | rejectattr('once', 'defined') | map(attribute='file') | difference(__scaffold_known) }}"
    )
    role = {"ansible.builtin.include_role": {"name": "netdevops.python.scaffold", "public": True}}
    results = play([role, {"ansible.builtin.debug": {"msg": names}}], hosts={"one": given})["one"]
    brought = next(succeeded(one) for one in results if "kept" in one and "actions" in one)
    assert [one["file"] for one in brought["kept"]] == ["CODEOWNERS"]
    # Whoever decides on the rest decides on who decides.
    assert "+/CODEOWNERS @netops/python\n" in brought["kept"][0]["diff"]
    assert not any(path.endswith("CODEOWNERS") for path in brought["files"])
    assert sorted(tmp_path.rglob("CODEOWNERS")) == [tmp_path / "CODEOWNERS"]
    assert (tmp_path / "CODEOWNERS").read_text() == "* @team/own\n"
    assert any("default branch" in str(one.get("msg")) for one in results)
    assert results[-1]["msg"] == []
