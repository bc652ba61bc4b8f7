# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Personal trees, before and after."""

from __future__ import annotations

import json
import os
import pathlib
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people import converge
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.converge import Failed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import rehash


def verbs(result: dict[str, Any], name: str = "ada") -> list[str]:
    return [action["verb"] for action in result["users"][name].get("actions", [])]


def test_a_person_gets_links_and_shims(jump: Any) -> None:
    result = jump.ensure()
    assert verbs(result) == ["create", "create", "link", "link", "rehash"]
    files = jump.files()
    assert files[".pyenv/versions/3.11.7"] == f"-> {jump.shared}/versions/3.11.7"
    assert files[".pyenv/versions/3.9.18"] == f"-> {jump.shared}/versions/3.9.18"
    assert {name for name in files if "shims/" in name} == {
        f".pyenv/shims/{name}" for name in ("python", "pip", "python3.9", "python3.11")
    }
    assert ".pyenv/version" not in files
    argv, env = jump.calls[0]
    assert argv == (f"{jump.shared}/bin/pyenv", "rehash")
    assert env["PYENV_ROOT"] == str(jump.tree) and "/shims" not in env["PATH"]


def test_a_second_run_starts_nothing_and_changes_nothing(jump: Any) -> None:
    jump.ensure()
    before, jump.calls = jump.files(), []
    result = jump.ensure()
    assert (result["changed"], verbs(result), jump.calls) == (False, [], [])
    assert jump.files() == before
    assert (result["users"], result["diff"]) == ({"ada": {"changed": False, "root": str(jump.tree)}}, [])


def test_check_mode_writes_nothing(jump: Any) -> None:
    result = jump.ensure(check_mode=True)
    assert result["changed"] and len(verbs(result)) == 5 and result["warnings"] == []
    assert jump.files() == {} and jump.calls == []
    assert '"linked": []' in result["diff"][0]["before"] and "3.11.7" in result["diff"][0]["after"]
    assert result["diff"][0]["before_header"] == f"{jump.tree} of ada"


def test_in_check_mode_what_is_not_there_yet_is_a_warning(jump: Any) -> None:
    (jump.shared / "bin/pyenv").unlink()
    result = jump.ensure(check_mode=True, versions=["3.13.5"], **{"global": "3.13.5"})
    assert (
        "3.13.5: is no finished interpreter; " in result["warnings"][0] and "makes the shims" in result["warnings"][1]
    )
    assert verbs(result)[:4] == ["create", "create", "link", "pin"]


def test_what_is_no_finished_interpreter_is_refused_before_anything_is_written(jump: Any) -> None:
    (jump.shared / "versions/3.12.1/bin").mkdir(parents=True)
    (jump.shared / ".builds/3.9.18").mkdir(parents=True)
    with pytest.raises(Refused) as caught:
        jump.ensure(versions=["3.12.1", "3.9.18", "3.11.7"])
    assert len(caught.value.problems) == 2 and "has 3.11.7." in str(caught.value)
    assert jump.files() == {}


def test_an_empty_shared_tree_and_a_missing_pyenv_are_told_together(jump: Any, tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match=r"(?s)2 problems.*has no interpreter with a receipt.*makes the shims"):
        jump.ensure(shared=str(tmp_path / "nothing"))


def test_a_persons_own_is_never_touched(jump: Any) -> None:
    versions = jump.tree / "versions"
    (versions / "3.11.7/bin").mkdir(parents=True)
    (versions / "3.9.18").symlink_to("/elsewhere/3.9.18")
    (versions / "mine").symlink_to(jump.shared / "versions/3.9.18")
    (jump.tree / "version").write_text("3.12.9\n")
    result = jump.ensure(**{"global": "3.11.7"})
    assert verbs(result) == []
    assert "own" not in result["users"]["ada"]
    assert (jump.tree / "version").read_text() == "3.12.9\n"
    assert os.readlink(versions / "3.9.18") == "/elsewhere/3.9.18"


def test_of_a_persons_own_names_some_are_told(jump: Any) -> None:
    for number in range(100):
        (jump.tree / f"versions/{number:03}{'x' * 250}").mkdir(parents=True)
    (jump.tree / "version").write_text("\u00f6" * 2000 + " y" * 40)
    result = jump.ensure(versions=["3.11.7"])
    for told in (result["users"]["ada"]["before"], result["users"]["ada"]["after"]):
        assert told["own"] == [f"{number:03}{'x' * 54}..." for number in range(20)]
        assert (told["own_more"], told["global_more"]) == (80, 21)
        assert told["global"][:2] == ["\u00f6" * 57 + "...", "y"] and "linked_more" not in told
    assert len(json.dumps(result)) < 15_000


def test_of_many_steps_some_are_told(jump: Any) -> None:
    jump.ensure()
    for number in range(500):
        gone = f"{number:03}{'x' * 250}"
        (jump.tree / "versions" / gone).symlink_to(jump.shared / "versions" / gone)
    result = jump.ensure()
    told = result["users"]["ada"]
    assert (told["steps"], len(told["actions"]), told["before"]["linked_more"]) == (501, 60, 482)
    assert max(len(action["subject"]) for action in told["actions"]) == 200
    assert len(os.listdir(jump.tree / "versions")) == 2
    assert len(json.dumps(result)) < 40_000


def grown(jump: Any, people: int) -> Any:
    for number in range(people - len(jump.people)):
        jump.add(f"person{number:04}")
    return jump


def test_the_result_of_very_many_people_is_not_too_large(jump: Any) -> None:
    """A controller loses one over 700 kB, and with it what happened to everybody."""
    result = grown(jump, 500).ensure(check_mode=True)
    assert result["changed"] and len(result["users"]) == 500
    assert len(json.dumps(result)) < 300_000
    assert all((one["changed"], one["steps"]) == (True, 5) for one in result["users"].values())
    at_length = [name for name, one in result["users"].items() if "actions" in one]
    assert len(at_length) == len(result["diff"]) - 1 > 50
    assert result["diff"][-1] == {
        "prepared": f"There are changes for {500 - len(at_length)} more people, which are not shown.\n"
    }


def test_one_person_does_not_displace_the_others(jump: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the result: whoever has more to tell than there is room for is told in short."""
    grown(jump, 4)
    everything = jump.ensure(check_mode=True)
    monkeypatch.setattr(converge, "MOST_TOLD", len(json.dumps(everything)))
    for number in range(100):
        (jump.tree / "versions" / (f"{number:03}" + "\u00f6" * 100)).mkdir(parents=True)
    result = jump.ensure(check_mode=True)
    users = result["users"]
    assert ["actions" in one for one in users.values()] == [False, True, True, True]
    assert users["ada"] == {"changed": True, "root": str(jump.tree), "steps": 3}
    assert result["diff"][:-1] == everything["diff"][1:]


def test_people_with_nothing_to_do_are_told_in_short(jump: Any) -> None:
    grown(jump, 40).ensure(rehash=False)
    result = jump.ensure(rehash=False)
    assert not result["changed"] and result["diff"] == []
    assert all(set(one) == {"changed", "root"} for one in result["users"].values())


def test_a_dangling_link_of_ours_goes_and_its_shims_with_it(jump: Any) -> None:
    jump.ensure()
    (jump.shared / "versions/3.9.18").rename(jump.shared / "away")
    result = jump.ensure()
    assert verbs(result) == ["unlink", "rehash"]
    assert ".pyenv/shims/python3.9" not in jump.files()
    assert not jump.ensure()["changed"]


def test_a_link_that_nobody_named_stays(jump: Any) -> None:
    jump.ensure()
    assert verbs(jump.ensure(versions=["3.11.7"])) == []


def test_a_global_version_is_written_once(jump: Any) -> None:
    assert "pin" in verbs(jump.ensure(**{"global": "3.11.7"}))
    assert (jump.tree / "version").read_text() == "3.11.7\n"
    assert (jump.tree / "version").stat().st_mode & 0o777 == 0o644
    assert verbs(jump.ensure(**{"global": "3.9.18"})) == []
    assert verbs(jump.ensure(replace_global=True, **{"global": "3.9.18"})) == ["pin"]
    assert verbs(jump.ensure(replace_global=True, **{"global": "3.9.18"})) == []


def test_shims_are_made_when_a_program_has_none(jump: Any) -> None:
    jump.ensure()
    (jump.tree / "shims/pip").unlink()
    result = jump.ensure()
    assert verbs(result) == ["rehash"]
    assert result["users"]["ada"]["before"]["shims"] == "there is none for pip"
    jump.install("3.11.7", "new-tool")
    assert verbs(jump.ensure()) == ["rehash"]


def test_shims_that_start_what_is_gone_are_made_again(jump: Any) -> None:
    jump.ensure()
    for shim in (jump.tree / "shims").iterdir():
        shim.write_text('exec "/gone/pyenv" exec "$program"\n')
    assert "they start /gone/pyenv" in str(jump.ensure(check_mode=True)["users"])


def test_without_rehash_there_are_no_shims(jump: Any) -> None:
    (jump.shared / "bin/pyenv").unlink()
    assert verbs(jump.ensure(rehash=False)) == ["create", "create", "link", "link"]
    assert verbs(jump.ensure(rehash=False)) == []


def test_the_lock_of_a_killed_rehash_is_broken(jump: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehash, "OLD", 0.3)
    jump.ensure()
    lock = jump.tree / "shims/.pyenv-shim"
    seen = []
    real = jump.run
    jump.run = lambda argv, **options: (seen.append(lock.exists()), real(argv, **options))[1]
    for age in (0, 60, -60):
        lock.touch()
        os.utime(lock, (time.time() - age, time.time() - age))
        (jump.tree / "shims/pip").unlink()
        jump.ensure()
    assert seen == [False] * 3
    monkeypatch.setattr(rehash, "OLD", 60)
    lock.touch()
    (jump.tree / "shims/pip").unlink()
    jump.ensure(timeout=1)
    assert seen[3:] == [True]  # somebody is at work: pyenv itself says so


def test_a_rehash_that_fails_is_the_persons_problem(jump: Any) -> None:
    jump.rc = 1
    with pytest.raises(Failed, match=r"ada: .*pyenv rehash ended with 1: no space left"):
        jump.ensure()


PLANTED = {
    "the tree": ([".pyenv"], "/etc"),
    "the versions": ([".pyenv", "versions"], "shared"),
    "the shims": ([".pyenv", "shims"], "/usr/local"),
    "the home itself": ([".pyenv"], "."),
}


@pytest.mark.parametrize("case", PLANTED)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_planted_link_is_refused_and_stops_nobody_else(jump: Any, case: str, state: str) -> None:
    jump.add("grace")
    jump.ensure() if state == "absent" else None
    parts, target = PLANTED[case]
    path = jump.homes.joinpath("ada", *parts)
    if path.exists():
        path.rename(jump.homes / "aside")
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(jump.shared / "versions" if target == "shared" else target)
    before = (jump.files(), sorted(os.listdir(jump.shared / "versions")))
    with pytest.raises(Failed, match=r"ada: .*leads out of the home") as caught:
        jump.ensure(state=state)
    assert (jump.files(), sorted(os.listdir(jump.shared / "versions"))) == before
    assert list(caught.value.served["users"]) == ["grace"] and caught.value.result()["changed"]
    assert (".pyenv/versions/3.11.7" in jump.files("grace")) == (state == "present")


def test_a_link_that_stays_in_the_home_is_fine(jump: Any) -> None:
    (jump.homes / "ada/tools").mkdir()
    jump.tree.symlink_to("tools")
    jump.ensure()
    assert (jump.homes / "ada/tools/versions/3.11.7").is_symlink()


def test_a_file_in_the_way_is_told(jump: Any) -> None:
    jump.tree.write_text("")
    with pytest.raises(Failed, match="expected a folder, found something else"):
        jump.ensure()


def test_a_home_that_is_not_there_or_not_the_persons(jump: Any) -> None:
    me = jump.people[0]
    jump.people += [Person("nohome", me.uid, me.gid, str(jump.homes / "none")), Person("other", 4242, 4242, me.home)]
    (jump.homes / "file").write_text("")
    jump.people.append(Person("file", me.uid, me.gid, str(jump.homes / "file")))
    with pytest.raises(Failed) as caught:
        jump.ensure()
    text = str(caught.value)
    assert "nohome: " in text and "the home of nohome is not there" in text
    assert "the home of other belongs to user id" in text and "the home of file is no folder" in text
    assert list(caught.value.served["users"]) == ["ada"]


def test_absent_takes_away_what_is_ours_alone(jump: Any) -> None:
    own = jump.tree / "versions/3.13.0"
    jump.program(own / "bin/python3.13")
    jump.program(own / "bin/python")
    jump.program(own / "envs/one/bin/tool")
    jump.ensure(**{"global": "3.11.7"})
    jump.program(jump.tree / "shims/tool", f'exec "{jump.shared}/libexec/pyenv" exec "x"\n')
    jump.program(jump.tree / "shims/by-hand")
    result = jump.ensure(state="absent")
    assert result["users"]["ada"]["after"]["global"] is None
    left = {name for name in jump.files() if "/bin" not in name}
    shims = {f".pyenv/shims/{name}" for name in ("python", "python3.13", "tool", "by-hand")}
    base = {".pyenv", ".pyenv/versions", ".pyenv/shims", ".pyenv/versions/3.13.0"}
    assert left == base | shims | {f".pyenv/versions/3.13.0/envs{rest}" for rest in ("", "/one")}
    assert not jump.ensure(state="absent")["changed"]


def test_absent_leaves_nothing_where_nothing_else_was(jump: Any) -> None:
    jump.ensure(**{"global": "3.11.7"})
    (jump.shared / "bin/pyenv").unlink()
    (jump.tree / "shims/.pyenv-shim").touch()
    assert jump.ensure(state="absent", check_mode=True)["changed"] and jump.tree.exists()
    jump.ensure(state="absent")
    assert jump.files() == {}
    assert not jump.ensure(state="absent")["changed"]


def test_absent_of_one_version_leaves_the_other(jump: Any) -> None:
    jump.ensure(**{"global": "3.11.7"})
    jump.ensure(state="absent", versions=["3.9.18"])
    files = jump.files()
    assert ".pyenv/versions/3.11.7" in files and ".pyenv/versions/3.9.18" not in files
    assert ".pyenv/shims/python3.9" not in files and files[".pyenv/version"] == "3.11.7\n"
    assert not jump.ensure(versions=["3.11.7"])["changed"]


def test_absent_works_when_the_shared_tree_is_gone(jump: Any) -> None:
    jump.ensure()
    (jump.shared / "versions").rename(jump.shared / "away")
    jump.ensure(state="absent")
    assert jump.files() == {}


def test_two_runs_at_once_make_one_link(jump: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.people import work

    real = os.symlink

    def twice(target: str, path: str) -> None:
        real(target, path)
        real(target, path)

    monkeypatch.setattr(work.os, "symlink", twice)
    jump.ensure()
    assert (jump.tree / "versions/3.11.7").is_symlink()


def test_an_interpreter_that_the_person_may_not_read_is_told(jump: Any) -> None:
    (jump.shared / "versions/3.11.7/bin/python").unlink()
    with pytest.raises(Failed, match=r"3\.11\.7: ada may not read it"):
        jump.ensure()


def test_nobody_asked_for_is_nothing_to_do(jump: Any) -> None:
    jump.people = []
    assert jump.ensure() == {"changed": False, "users": {}, "diff": [], "warnings": []}
