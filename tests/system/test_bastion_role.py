# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``bastion``: what it refuses before anything is done, and that it takes away nothing that others made."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, Result, play

pytestmark = pytest.mark.system

OURS = "# Written by Ansible, role netdevops.python.{}. Changes are lost.\n:\n"
THEIRS = "# a team's own\n"
# Nothing of this machine's own is looked at.
ALONE = {f"bastion_{part}_state": "leave" for part in ("pyenv", "tools", "pip", "message")}


def ask(entry: str = "main", **more: Any) -> dict[str, Any]:
    # Otherwise it would go on after a refusal.
    stops = {"apply": {"ignore_errors": False}}
    return {
        "ansible.builtin.include_role": {"name": "netdevops.python.bastion", "tasks_from": entry, **stops},
        "vars": more,
    }


def failures(results: list[Result]) -> list[str]:
    return [str(result["msg"]) for result in results if result.get("failed")]


def test_what_is_refused_before_anything_is_done(tmp_path: pathlib.Path) -> None:
    one, two = {"name": "one"}, {"name": "two"}
    there = tmp_path / "there.sh"
    there.with_suffix(".txt").write_text(THEIRS)
    message, people = {"bastion_message_state": "present"}, {"bastion_pyenv_state": "present"}
    # Should it not be refused, it is not this machine's own that changes.
    people |= {
        f"pyenv_{what}": f"{tmp_path}/pyenv.{end}"
        for what, end in (("root", "d"), ("profile_path", "sh"), ("facts_path", "fact"))
    }
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "empty": ({"bastion_tools": [{**one, "commands": ""}, {**two, "commands": ["one"]}]}, "one of one and two"),
        "null": ({"bastion_tools": [{**one, "commands": None}, {**two, "commands": ["one"]}]}, "one of one and two"),
        "text": ({"bastion_tools": [{**one, "commands": "x, y"}, {**two, "commands": "y,z"}]}, "y of one and two"),
        "place": ({"bastion_tools": [{**one, "commands_path": ""}, {**two, "commands": "one"}]}, "one of one and two"),
        "none": ({"bastion_tools": [{**one, "commands": []}, {**two, "commands": ["one"]}]}, ""),
        "relative": ({**message, "bastion_message_path": "etc/x.sh"}, "expected an absolute path that ends in .sh"),
        "ending": ({**message, "bastion_message_path": f"{tmp_path}/x"}, "expected an absolute path that ends in .sh"),
        "text-there": ({**message, "bastion_message_path": str(there)}, f"{tmp_path}/there.txt: expected nothing or a"),
        "stranger": ({**people, "bastion_people": ["no-such-person"]}, "accounts on this host, found no-such-person."),
    }
    said = play([ask()], hosts={name: {**ALONE, **case} for name, (case, _words) in cases.items()})
    for name, (_case, words) in cases.items():
        told = failures(said[name])
        assert (len(told) == 1 and words in told[0]) if words else told == [], (name, told)


@pytest.mark.parametrize("extra", ["pyenv_profile=absent", "pyenv_state=absent", "wheelhouse_select=one"])
def test_an_extra_variable_that_would_beat_the_role_is_refused(extra: str) -> None:
    told = failures(play([ask("check")], hosts={"here": ALONE}, options=["-e", extra])["here"])
    assert len(told) == 1 and "expected no extra variable of that name" in told[0]


def test_what_others_wrote_stays(tmp_path: pathlib.Path) -> None:
    files = ("login.sh", "login.txt", "pyenv.sh")
    for name, script, profile in (("ours", "bastion", "pyenv"), ("theirs", "", "")):
        folder = tmp_path / name
        folder.mkdir()
        for file, by in zip(files, (script, script, profile)):
            (folder / file).write_text(OURS.format(by) if by else THEIRS)
    gone = {
        "bastion_pyenv_state": "absent",
        "bastion_message_state": "absent",
        "bastion_people": [{"name": "no-such-person", "state": "absent"}],
    }
    hosts = {
        name: {
            **ALONE,
            **gone,
            "bastion_message_path": f"{tmp_path}/{name}/login.sh",
            "pyenv_profile_path": f"{tmp_path}/{name}/pyenv.sh",
            "pyenv_root": f"{tmp_path}/{name}/pyenv",
            "pyenv_facts_path": f"{tmp_path}/{name}/our.fact",
        }
        for name in ("ours", "theirs")
    }
    said = play([ask(), ask("message")], hosts=hosts)
    assert {name: failures(results) for name, results in said.items()} == {"ours": [], "theirs": []}
    assert list((tmp_path / "ours").iterdir()) == []
    assert {file: (tmp_path / "theirs" / file).read_text() for file in files} == dict.fromkeys(files, THEIRS)
    assert f"stays: {tmp_path}/theirs/login.sh, {tmp_path}/theirs/login.txt" in str(said["theirs"])


def test_tools_of_its_own_come_and_go(tmp_path: pathlib.Path) -> None:
    made = bundles.small(tmp_path / "bundle")
    tools = tmp_path / "tools"
    direct.install(tools / "other/.venv", made)
    tool = {"bundle": str(made), "remote_src": True, "python": BASE_PYTHON, "commands": "alpha"}
    look = {"ansible.builtin.command": {"argv": ["cat", f"{tools}/.bastion-tools"]}}
    present, absent = {"bastion_tools_state": "present"}, {"bastion_tools_state": "absent"}
    missing = f"{tmp_path}/none/bin/python"
    coming: dict[str, Any] = {"pyenv_installed": {"results": [{"changed": True, "executable": missing}]}}
    last = ask(**present, **coming, bastion_tools=[{**tool, "name": "lost", "python": missing}])
    (tmp_path / "bin").mkdir()
    settings = {
        **ALONE,
        "bastion_tools_path": str(tools),
        "wheelhouse_allow_container": True,
        "wheelhouse_commands_path": str(tmp_path / "bin"),
        "wheelhouse_history": str(tmp_path / "history.jsonl"),
    }
    said = play(
        [
            ask(**present, bastion_tools=[{**tool, "name": "old"}]),
            # Its command moves to another one, which is listed first.
            ask(**present, bastion_tools=[{**tool, "name": "new"}, {"name": "old", "state": "absent"}]),
            look,
            ask(**absent),
            last,
        ],
        hosts={"here": settings},
        options=["-e", "wheelhouse_select=", "-e", "pyenv_state="],
    )["here"]
    [refused, told] = [result for result in said if result.get("failed")]
    assert missing in str(refused["results"]) and missing in told["msg"] and "Would install" not in str(said)
    [known] = [result for result in said if result.get("cmd") == look["ansible.builtin.command"]["argv"]]
    assert known["stdout"].splitlines()[1:] == ["new"]
    assert f"gone: {tools}/new/.venv; others stay: {tools}/other/.venv" in str(said)
    assert sorted(path.name for path in tools.iterdir()) == [".bastion-tools", "other"]
    assert bundles.says(tools / "other/.venv") and list((tmp_path / "bin").iterdir()) == []
