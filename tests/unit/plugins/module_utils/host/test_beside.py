# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs that have something to do beside the releases."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import commands, day, install, legacy, switch, usage
from ansible_collections.netdevops.python.plugins.module_utils.host.beside import together
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import set_goal
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import launcher
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Use
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, Host

MAIN = {"spam/__init__.py": b"def main(): ...\n"}


@pytest.fixture
def folder(host: Host, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Where commands are put."""
    # Above the folders of a test is that of its user, and a group may write there.
    monkeypatch.setattr(ground, "steps", lambda path: iter([path]), raising=False)
    found = host.root / "usr/local/bin"
    found.mkdir(parents=True)
    return found


def bundle(host: Host, version: str, *names: str) -> None:
    scripts = "".join(f"{name} = spam:main\n" for name in names)
    host.seal(host.wheel(version=version, files=MAIN, entry_points=f"[console_scripts]\n{scripts}"))


def run(host: Host, folder: pathlib.Path, names: Any, **changes: Any) -> dict[str, Any]:
    return host.converge(commands=names, commands_path=str(folder), **changes)


def verbs(result: dict[str, Any]) -> list[str]:
    return [action["verb"] for action in result["actions"]]


def shown(result: dict[str, Any], side: str) -> Any:
    return json.loads(result["diff"][side]).get("commands")


def test_commands_come_with_the_first_release_and_stay_over_upgrades(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam", "eggs")
    foretold = run(host, folder, ["spam"], check=True)
    assert os.listdir(folder) == [] and not host.venv.exists()
    result = run(host, folder, ["spam"])
    assert verbs(foretold) == verbs(result) == ["build", "switch", "expose"]
    assert foretold["actions"][-1]["subject"] == str(folder / "spam")
    assert shown(result, "before") == [] and shown(result, "after") == [str(folder / "spam")]
    assert (folder / "spam").read_bytes() == launcher(str(host.venv), "spam")
    assert run(host, folder, ["spam"])["changed"] is False
    found = os.stat(folder / "spam").st_ctime_ns
    bundle(host, "2.0", "spam", "eggs")
    assert verbs(run(host, folder, ["spam"])) == ["build", "switch"]
    assert os.stat(folder / "spam").st_ctime_ns == found, "a switch touches no launcher"


def test_a_converged_environment_gets_them_without_a_build(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam", "eggs")
    host.converge()
    calls = len(host.run.calls)
    assert verbs(run(host, folder, ["spam", "eggs"], check=True)) == ["expose", "expose"]
    assert os.listdir(folder) == []
    result = run(host, folder, ["spam", "eggs"])
    assert verbs(result) == ["expose", "expose"] and result["changed"] and len(host.run.calls) == calls
    os.unlink(folder / "spam")
    result = run(host, folder, ["spam", "eggs"])
    assert verbs(result) == ["expose"] and shown(result, "before") == [str(folder / "eggs")]
    result = run(host, folder, [])
    assert verbs(result) == ["withdraw", "withdraw"] and os.listdir(folder) == [] and shown(result, "after") == []
    assert run(host, folder, [])["changed"] is False


def test_nothing_said_leaves_them(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam")
    run(host, folder, ["spam"])
    os.chmod(folder / "spam", 0o700)
    result = run(host, folder, None)
    assert result["changed"] is False and shown(result, "before") is None


@pytest.mark.parametrize("converged", [True, False])
def test_what_is_in_the_way_is_refused_before_anything_is_built(
    host: Host, folder: pathlib.Path, converged: bool
) -> None:
    bundle(host, "1.0", "spam", "eggs")
    if converged:
        host.converge()
    (folder / "spam").write_text("mine")
    (folder / "eggs").symlink_to("spam")
    for check in (True, False):
        with pytest.raises(Refused) as refused:
            run(host, folder, ["spam", "eggs"], check=check)
        assert len(refused.value.problems) == 2
    assert host.venv.exists() == converged and host.releases.exists() == converged
    assert (folder / "spam").read_text() == "mine"


def test_the_controller_is_told_before_it_delivers(host: Host, folder: pathlib.Path) -> None:
    (folder / "spam").write_text("mine")
    with pytest.raises(Refused, match="found another file"):
        run(host, folder, ["spam"], source="bundle:1")


def test_a_release_without_the_command_is_not_switched_to(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam", "eggs")
    old = run(host, folder, ["spam", "eggs"])["release"]
    bundle(host, "2.0", "spam")
    for names in (["spam", "eggs"], None):
        with pytest.raises(Refused, match=r"'eggs': release [0-9a-f]+ has no such command"):
            run(host, folder, names)
        assert os.readlink(host.venv).endswith(old) and host.releases.joinpath(old).is_dir()
        assert sorted(path.name for path in host.releases.iterdir() if not path.name.startswith(".")) == [old]
    assert verbs(run(host, folder, ["spam"])) == ["build", "switch", "withdraw"]
    assert os.listdir(folder) == ["spam"]


def test_a_converged_release_without_the_command_is_refused(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam")
    host.converge()
    for check in (True, False):
        with pytest.raises(Refused, match=r"'eggs': release [0-9a-f]+ has no such command"):
            run(host, folder, ["eggs"], check=check)
    assert os.listdir(folder) == []


def test_they_go_with_the_environment(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam", "eggs")
    run(host, folder, ["spam", "eggs"])
    (folder / "eggs").write_text("mine")
    gone: dict[str, Any] = {"state": "absent", "python": None, "bundle": None}
    assert verbs(host.converge(check=True, **gone)) == ["withdraw", "withdraw", "unlink", "remove"]
    assert sorted(os.listdir(folder)) == ["eggs", "spam"]
    host.converge(**gone)
    assert os.listdir(folder) == ["eggs"] and os.listdir(host.app) == []
    assert host.converge(**gone)["changed"] is False


def test_one_that_was_faster_does_not_take_them_from_this_run(
    host: Host, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle(host, "1.0", "spam")
    real = set_goal

    def slower(*arguments: Any) -> Any:
        monkeypatch.setattr(install, "set_goal", real)
        host.converge()
        return real(*arguments)

    monkeypatch.setattr(install, "set_goal", slower)
    result = run(host, folder, ["spam"])
    assert verbs(result) == ["expose"] and result["changed"] and os.listdir(folder) == ["spam"]


def test_bad_names_and_days_are_refused(host: Host, folder: pathlib.Path) -> None:
    bundle(host, "1.0", "spam")
    with pytest.raises(Refused) as refused:
        run(host, folder, ["spam", "a/b", ".c"])
    assert [problem.subject for problem in refused.value.problems] == ["commands '.c'", "commands 'a/b'"]
    with pytest.raises(Refused, match="legacy_until '2026-31-12'"):
        host.converge(legacy_until="2026-31-12")


def ordinary(host: Host, **packages: str) -> None:
    (host.venv / SITE).mkdir(parents=True)
    (host.venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    for name, version in packages.items():
        info = host.venv / SITE / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")


def test_an_ordinary_environment_is_compared(host: Host) -> None:
    bundle(host, "2.0")
    ordinary(host, spam="1.0", pip="23.0")
    for check in (True, False):
        result = host.converge(check=check)
        assert result["packages"] == {
            "count": 1,
            "added": {},
            "removed": {"pip": "23.0"},
            "changed": {"spam": ["1.0", "2.0"]},
        }
        assert json.loads(result["diff"]["before"])["packages"] == {"pip": "23.0", "spam": "1.0"}
        assert json.loads(result["diff"]["after"])["packages"] == {"spam": "2.0"}
        assert "warnings" not in result


def set_day(monkeypatch: pytest.MonkeyPatch, today: str) -> None:
    for module in (day, legacy):
        monkeypatch.setattr(module, "today", lambda: today)


def test_what_is_kept_is_told_until_it_goes(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(host, "2.0")
    ordinary(host, spam="1.0")
    set_day(monkeypatch, "2026-11-20")
    first = host.converge(legacy_until="2026-12-01")
    assert os.path.isdir(first["kept"]) and first["kept_until"] == "2026-12-01"
    second = host.converge(legacy_until="2026-12-01")
    assert second["changed"] is False
    assert (second["kept"], second["kept_until"]) == (first["kept"], "2026-12-01")
    assert host.converge()["kept_until"] == ""
    set_day(monkeypatch, "2026-12-01")
    foretold = host.converge(check=True, legacy_until="2026-12-01")
    assert verbs(foretold) == ["remove"] and foretold["changed"] and "kept" not in foretold
    assert os.path.isdir(first["kept"])
    result = host.converge(legacy_until="2026-12-01")
    assert verbs(result) == ["remove"] and "kept" not in result and not os.path.exists(first["kept"])
    assert host.converge(legacy_until="2026-12-01")["changed"] is False


def test_it_also_goes_with_an_upgrade(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(host, "2.0")
    ordinary(host, spam="1.0")
    kept = host.converge()["kept"]
    bundle(host, "3.0")
    result = host.converge(legacy_until="2000-01-01")
    assert verbs(result) == ["build", "switch", "remove"] and result["kept"] == ""
    assert not os.path.exists(kept)


def test_a_day_that_has_come_already_spares_it_once_and_warns(host: Host) -> None:
    bundle(host, "2.0")
    ordinary(host)
    first = host.converge(legacy_until="2000-01-01")
    assert os.path.isdir(first["kept"]) and verbs(first) == ["build", "switch"]
    assert "2000-01-01 has come already: the next run removes" in first["warnings"][0]
    assert verbs(host.converge(legacy_until="2000-01-01")) == ["remove"]


def test_no_warning_takes_the_place_of_another() -> None:
    assert together({"a": 1}, {"b": 2, "a": 3}) == {"a": 3, "b": 2}
    assert together({"warnings": ["x"]}, {"a": 1}, {"warnings": ["y"]}) == {"a": 1, "warnings": ["x", "y"]}


def test_packages_of_the_interpreter_are_spoken_of(host: Host) -> None:
    bundle(host, "2.0")
    ordinary(host)
    (host.venv / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
    assert "system-site-packages" in host.converge(check=True)["warnings"][0]


def test_what_still_runs_from_it_is_named(host: Host) -> None:
    bundle(host, "2.0")
    ordinary(host)
    words = [f"{host.venv}/bin/python", "60"]
    process = subprocess.Popen(words, executable="/bin/sleep")  # pylint: disable=ansible-bad-function # a real process
    try:
        for check in (True, False):
            [warning] = host.converge(check=check)["warnings"]
            assert warning.startswith(f"{host.venv} is in use by process {process.pid} ({host.venv}/bin/python): ")
            assert warning.endswith("Restart them then.")
        assert "warnings" not in host.converge(), "it is said of the take-over alone"
    finally:
        process.kill()
        process.wait()


def test_of_many_processes_some_are_named_and_this_run_is_none(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(host, "2.0")
    ordinary(host)
    pids = [os.getpid(), os.getppid(), *range(9000001, 9000008)]
    uses = [Use(pid, usage.MAPPED, "/x") for pid in pids]
    monkeypatch.setattr(usage, "find_users", lambda folders: dict.fromkeys(folders, uses))
    [warning] = host.converge(check=True)["warnings"]
    assert "by process 9000001 (/x), " in warning and "process 9000005 (/x) and 2 more: " in warning
    assert str(9000006) not in warning


def test_one_of_conda_is_not_taken(host: Host) -> None:
    bundle(host, "2.0")
    (host.venv / "conda-meta").mkdir(parents=True)
    with pytest.raises(Refused, match="is an environment of conda"):
        host.converge()


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("exchange", [True, False])
def test_killed_right_after_it_moved_it_is_known(host: Host, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    bundle(host, "2.0")
    ordinary(host, spam="1.0")

    def die(*_arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if exchange:
            patch.setattr(switch, "sync_folder", die)
        else:
            patch.setattr(switch, "rename_exchange", lambda one, other: False)
            rename = os.rename

            def moved(one: Any, other: Any) -> None:
                rename(one, other)
                if str(one) == str(host.venv):
                    raise Killed

            patch.setattr(os, "rename", moved)
        with pytest.raises(Killed):
            host.converge()
    assert host.venv.exists() == exchange
    result = host.converge()
    kept = [path for path in host.app.iterdir() if ".kept-" in path.name]
    assert len(kept) == 1 and result["kept"] == str(kept[0]) and (kept[0] / SITE).is_dir()
    assert verbs(host.converge(legacy_until="2000-01-01")) == ["remove"] and not kept[0].exists()


def test_killed_right_before_it_moves_nothing_is_left(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(host, "2.0")
    ordinary(host, spam="1.0")

    def die(one: str, other: str) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(switch, "rename_exchange", die)
        with pytest.raises(Killed):
            host.converge()
    assert (host.venv / SITE).is_dir() and not host.venv.is_symlink()
    kept = host.converge()["kept"]
    assert sorted(os.listdir(host.app)) == [".venv", os.path.basename(kept), ".venv.releases"]
    assert os.path.isdir(kept) and not os.path.islink(kept)


def test_a_run_that_has_neither_loads_nothing_of_it(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(host, "1.0", "spam")
    host.converge()
    for module in (commands, legacy):
        monkeypatch.delitem(sys.modules, module.__name__)
    assert host.converge()["changed"] is False
    assert commands.__name__ not in sys.modules and legacy.__name__ not in sys.modules
