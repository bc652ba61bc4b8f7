# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be asked of a version that is there: adopt it, repair it, remove it, and leave others alone."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import prune
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import tree as trees
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import read_receipt

VERSION = "3.11.2"
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture(autouse=True)
def all_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not root sees little of what else runs on this machine."""
    monkeypatch.setattr(prune, "unseen_processes", lambda: 0)


def run(host: Any, check: bool = False, **options: Any) -> dict[str, Any]:
    return ensure(host.wanted(**options), check, host.edges())


def verbs(result: dict[str, Any]) -> list[str]:
    return [action["verb"] for action in result["actions"]]


def refused(host: Any, check: bool = False, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        run(host, check, **options)
    return str(caught.value)


@pytest.fixture(autouse=True)
def archives(host: Any) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")


def test_a_build_ends_with_a_receipt(host: Any) -> None:
    result = run(host, configure_opts=["--with-lto"])
    receipt = json.loads((host.version / "receipt.json").read_text())
    assert receipt["version"] == VERSION
    assert receipt["target"] == "cp311-manylinux_2_36_x86_64"
    assert receipt["origin"]["kind"] == "cache"
    assert receipt["origin"]["place"] == "Python-3.11.2.tgz", "a path of this host means nothing elsewhere"
    assert receipt["origin"]["sha256"] == result["source_archive"]["sha256"]
    assert "archive" not in result, "the option of that name is a prebuilt one"
    assert receipt["configure_opts"] == ["--with-lto"]
    assert list(receipt["core"]) == ["bin/python3.11"]
    assert result["origin"] == {**receipt["origin"], "installed_at": receipt["installed_at"]}
    again = run(host)
    assert (again["changed"], again["origin"]) == (False, result["origin"])


def test_a_build_gets_its_permissions(host: Any) -> None:
    def build(prefix: pathlib.Path, env: Any) -> Completed:
        host.lay()
        (prefix / "bin").chmod(0o2775)
        (prefix / "bin/python").chmod(0o555)
        return Completed(("python-build",), 0, "", "")

    host.build = build
    run(host)
    for name in ("bin", "bin/python", "bin/python3.11"):
        assert (host.version / name).stat().st_mode & 0o7777 == 0o755
    assert run(host)["changed"] is False


def test_a_build_that_cannot_write_its_receipt_is_gone(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.pyenv import build

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device", "receipt.json")

    monkeypatch.setattr(build, "write_receipt", full)
    assert "No space left on device" in refused(host)
    assert host.names("versions") == host.names(".builds") == []


def test_a_foreign_one_is_refused_and_left_alone(host: Any) -> None:
    host.lay()
    for check in (True, False):
        told = refused(host, check=check)
        assert told == (
            f"{host.version}: works and has no receipt: this module did not install it. "
            "Set `adopt: true` to take it over as it is, or remove it first."
        )
    assert host.names("") == ["versions"]


def test_a_foreign_one_is_adopted(host: Any) -> None:
    host.lay()
    host.version.chmod(0o775)
    planned = run(host, check=True, adopt=True)
    assert read_receipt(str(host.version)) is None
    result = run(host, adopt=True)
    assert [planned[key] for key in ("actions", "diff", "source")] == [
        result[key] for key in ("actions", "diff", "source")
    ]
    assert (result["changed"], result["source"], verbs(result)) == (True, "adopted", ["mode", "adopt"])
    receipt = read_receipt(str(host.version))
    assert receipt
    assert (receipt.origin, receipt.configure_opts) == ({"kind": "adopted", "place": "", "sha256": ""}, ())
    assert not host.builds()
    assert run(host)["changed"] is run(host, adopt=True)["changed"] is False


def test_one_with_other_options_is_not_adopted(host: Any) -> None:
    host.lay()
    host.said = {"config_args": "'--prefix=/x' '--with-pydebug' 'CFLAGS=-O0'"}
    told = refused(host, adopt=True, configure_opts=["--with-lto"])
    assert "cannot be adopted: it was configured with --with-pydebug, asked for is --with-lto." in told
    assert run(host, adopt=True, configure_opts=["--with-pydebug"])["source"] == "adopted"
    receipt = read_receipt(str(host.version))
    assert receipt
    assert receipt.configure_opts == ("--with-pydebug",)


def test_one_without_its_program_is_not_adopted(host: Any) -> None:
    host.lay("bin/python")
    for check in (True, False):
        assert "cannot be adopted: it has no program of the name" in refused(host, check=check, adopt=True)
    (host.version / "bin/python3.11").symlink_to("python")
    assert run(host, adopt=True)["changed"]
    assert run(host)["changed"] is False, "its program may be a link, as long as it leads to the same file"


def test_the_rest_of_a_build_is_never_adopted(host: Any) -> None:
    host.lay()
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    result = run(host, adopt=True)
    assert (result["before"]["state"], verbs(result)) == ("broken", ["set aside", "build"])


@only_root
def test_a_foreign_one_of_somebody_else_is_not_adopted_through_a_link(host: Any, tmp_path: pathlib.Path) -> None:
    host.lay()
    shared = tmp_path / "shared"
    host.version.rename(shared)
    host.version.symlink_to(shared)
    os.chown(shared, 4242, 4242)
    with pytest.raises(Refused, match=f"is a link to {shared}, which belongs to another user. Adopt it there."):
        ensure(host.wanted(adopt=True)._replace(owner=(4242, 4242)), False, host.edges())
    assert not (shared / "receipt.json").exists()


def test_other_options_mean_another_build(host: Any) -> None:
    host.install_version()
    result = run(host, configure_opts=["--with-lto"])
    assert result["before"]["reason"] == "was configured with no options, asked for is --with-lto"
    assert (result["before"]["state"], verbs(result)) == ("different", ["set aside", "build"])
    assert run(host, configure_opts=["--with-lto"])["changed"] is run(host)["changed"] is False


def test_but_not_under_an_environment(host: Any) -> None:
    host.install_version()
    venv = host.environment("srv/.venv", host.version / "bin")
    options = {"configure_opts": ["--with-lto"], "search": [str(host.folder / "srv")]}
    assert refused(host, **options).startswith(f"{venv}: stands on {host.version}: its pyvenv.cfg names ")
    assert not host.builds()
    assert run(host, force=True, **options)["changed"]


def test_a_broken_one_is_rebuilt_under_an_environment(host: Any) -> None:
    host.install_version()
    (host.version / "bin/python3.11").write_text("damaged")
    host.environment("srv/.venv", host.version / "bin")
    assert verbs(run(host, search=[str(host.folder / "srv")])) == ["set aside", "build"]


@only_root
def test_owner_and_mode_are_repaired_without_a_build(host: Any) -> None:
    host.install_version()
    wanted = host.wanted(mode="0750")._replace(owner=(4242, 4242))
    planned = ensure(wanted, True, host.edges())
    assert (planned["before"]["state"], planned["after"]["state"]) == ("different", "present")
    assert host.version.stat().st_uid == 0
    result = ensure(wanted, False, host.edges())
    assert verbs(result) == verbs(planned) == ["own", "mode"]
    assert result["source"] == "present"
    assert (host.version / "receipt.json").stat().st_uid == 4242
    assert host.version.stat().st_mode & 0o777 == 0o750
    assert ensure(wanted, False, host.edges())["changed"] is False
    assert not host.builds()


def test_a_work_folder_beside_a_receipt_is_swept(host: Any) -> None:
    host.install_version()
    (host.root / ".builds" / VERSION / "tmp").mkdir(parents=True)
    result = run(host)
    assert (verbs(result), result["before"]["state"]) == (["remove"], "present")
    assert host.names(".builds") == []
    assert run(host)["changed"] is False


def test_absent_is_refused_under_everything_that_stands_on_it(host: Any) -> None:
    host.install_version()
    venvs = [host.environment(f"srv/{name}/.venv", host.version / "bin") for name in ("one", "two")]
    (host.root / "version").write_text("3.11.2\n")
    for check in (True, False):
        told = refused(host, check=check, state="absent", search=[str(host.folder / "srv")])
        assert told.startswith("3 problems:")
        for path in (*venvs, host.root / "version"):
            assert f"- {path}: stands on {host.version}: " in told
        assert told.count("set `force: true`") == 3
    assert (host.version / "bin/python").exists()
    forced = run(host, state="absent", force=True, search=[str(host.folder / "srv")])
    assert (forced["changed"], forced["after"]["state"]) == (True, "absent")
    assert host.names("versions") == []


def test_what_goes_as_well_is_in_nobodys_way(host: Any) -> None:
    host.install_version()
    for number in range(51):
        host.environment(f"srv/tool/.venv.releases/{number:02}", host.version / "bin")
    (host.folder / "srv/tool/.venv").symlink_to(".venv.releases/50")
    (host.root / "version").write_text("3.11.2\n")
    going = [str(host.folder / "srv/tool/.venv"), str(host.root / "version")]
    asked = {"state": "absent", "search": [str(host.folder / "srv")], "going": going}
    own = host.environment("srv/tool/own/.venv", host.version / "bin")
    assert refused(host, **asked).startswith(f"{own}: stands on ")
    shutil.rmtree(own)
    assert run(host, check=True, **asked)["changed"] is True


def test_a_refusal_under_a_thousand_environments_is_short(host: Any) -> None:
    folder = host.install_version()
    for number in range(51):
        host.environment(f"srv/{number:02}/.venv", host.version / "bin")
    search = [str(host.folder / "srv")]
    with pytest.raises(Refused) as caught:
        run(host, check=True, state="absent", search=search)
    problems = caught.value.problems
    assert [problem.subject for problem in problems[-2:]] == [str(host.folder / "srv/49/.venv"), str(folder)]
    assert len(problems) == 51
    assert problems[-1].message == "carries 1 more than the 50 that are listed here."
    shutil.rmtree(host.folder / "srv/50")
    with pytest.raises(Refused) as caught:
        run(host, check=True, state="absent", search=search)
    assert [problem.subject for problem in caught.value.problems[-2:]] == [
        str(host.folder / f"srv/{number}/.venv") for number in (48, 49)
    ]


def test_the_root_itself_is_always_searched(host: Any) -> None:
    host.install_version()
    host.environment("root/versions/3.11.2/envs/mine", host.version / "bin")
    assert "/envs/mine: stands on" in refused(host, state="absent", search=[])


def test_prune_removes_what_nothing_stands_on(host: Any, tmp_path: pathlib.Path) -> None:
    for version in ("3.8.1", "3.9.1", "3.9.2", "3.10.1", "3.10.2", "3.11.2"):
        host.install_version(version)
    host.lay(version="3.12.1")
    (host.root / "versions/3.10").symlink_to("3.10.2")
    (host.root / "versions/3.7.1").symlink_to(tmp_path)
    host.environment("srv/.venv", host.root / "versions/3.9.1/bin")
    options = {"prune": True, "keep": ["3.9.2"], "search": [str(host.folder / "srv")]}
    planned = run(host, check=True, **options)
    assert planned["pruned"] == ["3.10.1", "3.8.1"]
    assert [action["subject"].rpartition("/")[2] for action in planned["actions"]] == ["3.10.1", "3.8.1"]
    assert (planned["before"]["unused"], planned["after"]["unused"]) == (["3.10.1", "3.8.1"], [])
    assert "3.8.1" in host.names("versions")
    result = run(host, **options)
    assert (result["pruned"], result["diff"]) == (planned["pruned"], planned["diff"])
    assert host.names("versions") == ["3.10", "3.10.2", "3.11.2", "3.12.1", "3.7.1", "3.9.1", "3.9.2"]
    assert run(host, **options)["changed"] is False
    assert run(host)["pruned"] == []


def test_prune_warns_of_what_it_does_not_see(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.9.1", "3.11.2"):
        host.install_version(version)
    assert "warnings" not in run(host, check=True, prune=True)
    monkeypatch.setattr(prune, "unseen_processes", lambda: 3)
    assert "does not see 3 processes of others" in run(host, check=True, prune=True)["warnings"][0]
    said = run(host, prune=True)
    assert said["pruned"] == ["3.9.1"] and "3.9.1 may be needed all the same" in said["warnings"][0]


def test_prune_and_a_pin_that_moves_end_in_one_run(host: Any) -> None:
    for version in ("3.9.1", "3.10.1", "3.11.2"):
        host.install_version(version)
    (host.root / "version").write_text("3.9.1\n")
    assert run(host, prune=True)["pruned"] == ["3.10.1"]
    result = run(host, prune=True, **{"global": True})
    assert (verbs(result), result["pruned"]) == (["pin", "remove"], ["3.9.1"])
    assert run(host, prune=True, **{"global": True})["changed"] is False


def test_prune_leaves_what_it_runs_on_and_what_is_no_version(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.9.1", "3.9.1-debug", "3.11.2"):
        host.install_version(version)
    monkeypatch.setattr(sys, "base_prefix", str(host.root / "versions/3.9.1"))
    assert run(host, prune=True)["pruned"] == []


@pytest.mark.parametrize("receipt", [True, False])
def test_one_that_lacks_a_module_is_not_taken_from_under_others(host: Any, receipt: bool) -> None:
    host.install_version() if receipt else host.lay()
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    venv = host.environment("venv", host.version / "bin")
    host.said = {"broken": {"tkinter": "ImportError: no"}}
    assert refused(host, search=[str(host.folder)], modules=["tkinter"]).startswith(
        f"{venv}: stands on {host.version}: "
    )
    assert run(host, check=True, search=[str(host.folder)], modules=["tkinter"], force=True)["changed"]
    assert not host.builds()


def test_prune_waits_for_nobody(host: Any) -> None:
    for version in ("3.8.1", "3.9.1", "3.11.2"):
        host.install_version(version)
    (host.root / ".locks").mkdir()
    with locked(str(host.root / ".locks/3.9.1.lock"), 0):
        result = run(host, prune=True)
        assert (result["pruned"], [action["subject"][-5:] for action in result["actions"]]) == (["3.8.1"], ["3.8.1"])
        assert result["after"]["unused"] == ["3.9.1"]
        assert result["warnings"] == [f"{host.root}/versions/3.9.1 is not removed: another run is at work on it."]
        assert run(host, prune=True)["changed"] is False
    assert host.names("versions") == ["3.11.2", "3.9.1"]
    result = run(host, prune=True)
    assert (result["pruned"], "warnings" in result) == (["3.9.1"], False)


def test_prune_leaves_what_comes_into_use_while_it_builds(host: Any) -> None:
    for version in ("3.8.1", "3.9.1", "3.10.1"):
        host.install_version(version)
    search = [str(host.folder / "srv")]
    assert run(host, check=True, prune=True, search=search)["pruned"] == ["3.10.1", "3.8.1", "3.9.1"]

    def build(prefix: pathlib.Path, env: Any) -> None:
        host.environment("srv/.venv", host.root / "versions/3.9.1/bin")
        (host.root / "versions/3.10.1/receipt.json").unlink()

    host.build = build
    result = run(host, prune=True, search=search)
    assert (result["pruned"], result["after"]["unused"]) == (["3.8.1"], ["3.10.1", "3.9.1"])
    assert [action["verb"] for action in result["actions"]] == ["build", "remove"]
    assert result["warnings"] == [
        f"{host.root}/versions/{version} is not removed: it came into use, or was changed, during this run."
        for version in ("3.10.1", "3.9.1")
    ]
    assert host.names("versions") == ["3.10.1", "3.11.2", "3.9.1"]


def test_prune_looks_again_under_the_locks_of_what_it_removes(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.8.1", "3.9.1", "3.11.2"):
        host.install_version(version)
    walks: list[list[str]] = []
    real = prune.find_environments

    def look(search: Any, unreadable: Any = None) -> Any:
        walks.append([name for name in ("3.8.1", "3.9.1") if is_held(host, name)])
        return real(search)

    monkeypatch.setattr(prune, "find_environments", look)
    assert run(host, prune=True)["pruned"] == ["3.8.1", "3.9.1"]
    assert walks == [[], [], ["3.8.1", "3.9.1"]], "one look serves all"


def test_what_another_run_prunes_first_is_none_of_this_ones(host: Any) -> None:
    for version in ("3.8.1", "3.9.1"):
        host.install_version(version)
    host.build = lambda prefix, env: shutil.rmtree(host.root / "versions/3.8.1")
    result = run(host, prune=True)
    assert (result["pruned"], result["after"]["unused"], "warnings" in result) == (["3.9.1"], [], False)
    assert verbs(result) == ["build", "remove"]


def test_prune_sweeps_what_a_killed_removal_of_another_version_left(host: Any) -> None:
    host.install_version()
    left = [f".builds/.gone-{name}" for name in ("3.8.1-1", "3.9.1-1", "3.9.1-2")] + ["versions/.gone-3.10.1-3"]
    others = [".builds/.aside-3.9.1-1", ".builds/.gone-mine-1", ".builds/.gone-3.9.1-x", "versions/.gone-3.9-1"]
    for name in (*left, *others, ".locks"):
        (host.root / name).mkdir(parents=True)
    assert run(host)["changed"] is False, "only who prunes looks at other versions"
    planned = run(host, check=True, prune=True)
    paths = [str(host.root / name) for name in left]
    assert planned["before"]["leftovers"] == [action["subject"] for action in planned["actions"]] == paths
    with locked(str(host.root / ".locks/3.9.1.lock"), 0):
        result = run(host, prune=True)
        assert [action["subject"] for action in result["actions"]] == [paths[0], paths[3]]
        assert (result["pruned"], result["after"]["leftovers"]) == ([], paths[1:3])
    assert (host.root / left[1]).is_dir()
    result = run(host, prune=True)
    assert ("leftovers" in result["after"], verbs(result)) == (False, ["remove", "remove"])
    assert run(host, prune=True)["changed"] is False
    assert [name for name in (*left, *others) if (host.root / name).exists()] == others


def test_a_killed_prune_is_finished_by_the_next(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.8.1", "3.9.1", "3.11.2"):
        host.install_version(version)
    with monkeypatch.context() as patched:
        patched.setattr(trees, "delete", lambda path: sys.exit("killed"))
        with pytest.raises(SystemExit):
            run(host, prune=True)
    assert (host.names("versions"), host.names(".builds")) == (["3.11.2", "3.9.1"], [".gone-3.8.1-1"])
    result = run(host, prune=True)
    assert (result["pruned"], verbs(result)) == (["3.9.1"], ["remove", "remove"])
    assert (host.names("versions"), host.names(".builds")) == (["3.11.2"], [])


@only_root
def test_somebody_elses_leftovers_are_theirs(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.install_version()
    (host.root / ".builds/.gone-3.9.1-1").mkdir(parents=True)
    wanted = host.wanted(prune=True)
    assert len(prune.strays(wanted)) == 1
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert prune.strays(wanted) == ()


def is_held(host: Any, version: str) -> bool:
    if not (host.root / ".locks").is_dir():
        return False
    try:
        with locked(str(host.root / f".locks/{version}.lock"), 0):
            return False
    except Refused:
        return True


def test_prune_comes_last(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.9.1", "3.11.2"):
        host.install_version(version)
    (host.root / "version").write_text("3.9.1\n")
    (host.pyenv / "libexec").mkdir()
    (host.pyenv / "libexec/pyenv").touch()

    def fail(path: str) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    with monkeypatch.context() as patched:
        patched.setattr(trees, "delete", fail)
        assert "Operation not permitted" in refused(host, prune=True, rehash=True, **{"global": True})
    assert (host.root / "version").read_text() == "3.11.2\n"
    assert "python3.11" in host.names("shims")


def test_shims_are_made_again_without_what_was_pruned(host: Any) -> None:
    for version in ("3.9.1", "3.11.2"):
        host.install_version(version)
    (host.pyenv / "libexec").mkdir()
    (host.pyenv / "libexec/pyenv").touch()
    seen: list[list[str]] = []
    real = host.run
    host.run = lambda argv, **options: (
        seen.append(host.names("versions")) if argv[-1] == "rehash" else None,
        real(argv, **options),
    )[1]
    assert verbs(run(host, prune=True, rehash=True)) == ["rehash", "remove"]
    assert seen == [["3.11.2", "3.9.1"], ["3.11.2"]]


def test_prune_together_with_absent(host: Any) -> None:
    host.install_version("3.9.1")
    host.install_version()
    result = run(host, state="absent", prune=True)
    assert (result["pruned"], host.names("versions")) == (["3.9.1"], [])


def test_pins_are_written_once(host: Any) -> None:
    host.install_version()
    project = host.folder / "project"
    project.mkdir()
    (project / ".python-version").write_text("3.9.18\n")
    options = {"global": True, "local": str(project)}
    planned = run(host, check=True, **options)
    assert (planned["before"]["local"], planned["after"]["local"]) == ("3.9.18", VERSION)
    assert (planned["before"]["global"], planned["after"]["global"]) == ("", VERSION)
    assert not (host.root / "version").exists()
    result = run(host, **options)
    assert (verbs(result), result["diff"]) == (["pin", "pin"], planned["diff"])
    assert result["actions"][1]["reason"] == "from 3.9.18 to 3.11.2"
    for path in (host.root / "version", project / ".python-version"):
        assert path.read_text() == "3.11.2\n"
        assert path.stat().st_mode & 0o777 == 0o644
    assert run(host, **options)["changed"] is False
    (project / ".python-version").write_text("3.11.2")
    assert run(host, **options)["changed"] is False, "a missing end of line is no other pin"


def test_a_projects_pin_needs_no_right_to_the_root(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.install_version()
    (host.folder / "project").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cannot be written by the user" in refused(host, **{"global": True})
    assert run(host, local=str(host.folder / "project"))["changed"]
    assert host.names("") == ["versions"], "not even a lock is written there"


def test_projects_that_are_not_safe(host: Any) -> None:
    host.install_version()
    project = host.folder / "project"
    assert "expected the folder of a project, found none" in refused(host, local=str(project))
    project.mkdir()
    (project / ".python-version").symlink_to("/etc/shadow")
    assert ".python-version: is a link, and would be replaced" in refused(host, local=str(project))
    (project / ".python-version").unlink()
    (project / ".python-version").mkdir()
    assert "expected a file, found a folder" in refused(host, local=str(project))
    (project / ".python-version").rmdir()
    project.chmod(0o777)
    assert "can be written by everybody" in refused(host, local=str(project))
    project.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(project, 4242, 4242)
        assert "belongs to user id 4242" in refused(host, local=str(project))


def test_shims_are_made_when_they_are_missing(host: Any) -> None:
    host.install_version()
    (host.pyenv / "libexec").mkdir()
    (host.pyenv / "libexec/pyenv").touch()
    planned = run(host, check=True, rehash=True)
    assert planned["actions"] == [
        {"verb": "rehash", "subject": str(host.root / "shims"), "reason": "2 shims are missing"}
    ]
    assert not (host.root / "shims").exists()
    assert run(host, rehash=True)["actions"] == planned["actions"]
    argv, env = host.calls[-1]
    assert argv == (str(host.pyenv / "libexec/pyenv"), "rehash")
    assert env["PYENV_ROOT"] == str(host.root)
    assert env["PATH"] == str(host.bin), "no shims of other people"
    (host.root / "versions/.other/bin").mkdir(parents=True)
    (host.root / "versions/.other/bin/unlisted").touch()
    assert run(host, rehash=True)["changed"] is False
    assert verbs(run(host, rehash=True, state="absent")) == ["remove", "rehash"]


def test_the_lock_of_a_killed_rehash_is_broken(host: Any) -> None:
    host.install_version()
    (host.pyenv / "libexec").mkdir()
    (host.pyenv / "libexec/pyenv").touch()
    lock = host.root / "shims/.pyenv-shim"
    lock.parent.mkdir()
    lock.touch()
    os.utime(lock, (0, 0))
    real = host.run
    host.run = lambda argv, **options: (
        Completed(tuple(argv), 1, "", "couldn't acquire lock")
        if argv[-1] == "rehash" and lock.exists()
        else real(argv, **options)
    )
    assert verbs(run(host, rehash=True)) == ["rehash"]
    assert int(host.calls[-1][1]["PYENV_REHASH_TIMEOUT"]) == 60
    assert run(host, rehash=True)["changed"] is False


def test_rehash_needs_a_pyenv(host: Any) -> None:
    host.install_version()
    assert "rehash: expected a pyenv below one of" in refused(host, rehash=True)
    host.root.joinpath("shims").mkdir()
    for name in ("python", "python3.11"):
        host.root.joinpath("shims", name).touch()
    assert run(host, rehash=True)["changed"] is False


def test_patches_go_into_the_build_and_the_receipt(host: Any) -> None:
    patch = host.folder / "one.patch"
    patch.write_text("--- configure\n")
    seen: list[list[str]] = []

    def build(prefix: pathlib.Path, env: Any) -> None:
        seen.append(os.listdir(host.root / ".builds" / VERSION / "definitions/patches" / VERSION / "Python-3.11.2"))

    host.build = build
    run(host, patches=[str(patch)])
    assert seen == [["1-0000-one.patch"]]
    assert host.builds()[0][0][1].startswith(str(host.root / ".builds"))
    assert run(host, patches=[str(patch)])["changed"] is run(host)["changed"] is False
    (host.bin / "patch").unlink()
    patch.write_text("--- other\n")
    assert "patch: expected this program" in refused(host, patches=[str(patch)])


def test_a_build_takes_as_many_jobs_as_there_is_memory_for(host: Any) -> None:
    host.memory = 500_000_000
    assert "memory: 3 compilers at once need 600 MB or more, 500 MB are free. Set `jobs: 2`" in refused(host)
    run(host, jobs=None)
    assert int(host.builds()[0][1]["MAKE_OPTS"].split()[1]) <= 2


def test_all_that_is_in_the_way_of_a_build_is_told_at_once(host: Any) -> None:
    (host.bin / "gcc").unlink()
    host.memory = 0
    told = refused(host, cache=None, patches=["/nowhere"])
    assert told.startswith("4 problems:")
    for words in ("no source for it is named", "/nowhere: cannot be read", "C compiler: ", "memory: 3 compilers"):
        assert words in told
