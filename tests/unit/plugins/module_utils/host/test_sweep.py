# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import sweep as sweep_module
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import discard, prune, remove, sweep
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    found = Environment(str(tmp_path / ".venv"))
    for name in ("r1", "r2"):
        os.makedirs(found.release(f"{name}/lib"))
        pathlib.Path(found.release(name), "receipt.json").write_text("{}")
    return found


def test_what_interrupted_runs_left_goes_and_releases_stay(environment: Environment) -> None:
    for name in ("unfinished/lib", ".rubbish-r0-1/lib", ".incoming-7/wheels"):
        os.makedirs(environment.release(name))
    pathlib.Path(environment.release(".rubbish-r0-1/receipt.json")).write_text("{}")
    os.symlink(".venv.releases/r1", environment.release(".link-7"))
    pathlib.Path(environment.release(".lock")).write_text("")
    pathlib.Path(environment.release("notes.txt")).write_text("somebody's")
    sweep(environment)
    assert sorted(os.listdir(environment.releases)) == [".lock", "notes.txt", "r1", "r2"]


def test_releases_go_by_name(environment: Environment) -> None:
    prune(environment, ["r1"])
    assert os.listdir(environment.releases) == ["r2"]


def test_a_release_loses_its_name_before_its_files(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise OSError(5, "Input/output error", path)

    monkeypatch.setattr(sweep_module, "remove", fail)
    with pytest.raises(OSError, match="Input/output"):
        discard(environment, "r1")
    assert environment.names() == ["r2"]
    monkeypatch.undo()
    sweep(environment)
    assert os.listdir(environment.releases) == ["r2"]


def test_what_is_on_its_way_out_is_no_release(environment: Environment) -> None:
    os.rename(environment.release("r1"), environment.release(".rubbish-r1-7"))
    assert environment.names() == ["r2"]
    assert environment.leftovers() == [".rubbish-r1-7"]


def test_links_are_removed_and_never_followed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("")
    (tmp_path / "link").symlink_to("theirs")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "link").symlink_to("../theirs")
    (tmp_path / "file").write_text("")
    for name in ("link", "ours", "file"):
        remove(str(tmp_path / name))
    assert os.listdir(tmp_path) == ["theirs"] and os.listdir(tmp_path / "theirs") == ["file"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (28, "Make room there"),
        (122, "Raise the quota"),
        (30, "mounted read-only"),
        (13, "Use become"),
        (1, "Use become"),
        (5, "The environment still is what it was."),
    ],
)
def test_an_error_of_the_system_is_a_sentence_with_its_stage(number: int, words: str) -> None:
    stages = Stages()
    with pytest.raises(Refused) as caught, stages.stage("build", "/opt/app"):
        raise OSError(number, os.strerror(number), "/opt/app/lib/x.py")
    (problem,) = caught.value.problems
    assert problem.subject == "/opt/app/lib/x.py"
    assert problem.message == f"{os.strerror(number)}, in stage build."
    assert words in problem.next_step
    assert list(stages.seconds) == ["build"]


def test_an_error_without_a_file_names_what_is_worked_on() -> None:
    with (
        pytest.raises(Refused, match=r"/opt/app: Input/output error, in stage build\."),
        Stages().stage("build", "/opt/app"),
    ):
        raise OSError(5, "Input/output error")


def test_an_error_without_a_number_is_told_as_it_is() -> None:
    with pytest.raises(Refused, match=r"/opt/app: strange, in stage build\."), Stages().stage("build", "/opt/app"):
        raise OSError("strange")


def test_after_the_switch_nothing_says_that_the_environment_is_the_old_one() -> None:
    with pytest.raises(Refused) as caught, Stages().stage("prune", "/opt/app"):
        raise OSError(28, "No space left on device")
    assert "still is what it was" not in str(caught.value) and "is what was asked for" in str(caught.value)


def test_refusals_pass_through() -> None:
    refused = Refused([Problem("a", "b")])
    with pytest.raises(Refused) as caught, Stages().stage("build", "x"):
        raise refused
    assert caught.value is refused


def test_a_stage_that_comes_twice_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 5.0, 5.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    stages = Stages()
    for _unused in range(2):
        with stages.stage("prune", "x"):
            pass
    assert stages.seconds == {"prune": 1.5}


def test_an_environment_that_is_removed_leaves_no_half_of_a_release(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.seal(host.wheel())
    host.converge()
    with monkeypatch.context() as patch:
        patch.setattr(sweep_module, "_remove_folder", lambda name, above: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            host.converge(state="absent")
    assert not [entry for entry in host.releases.iterdir() if not entry.name.startswith(".")]
    assert host.converge(state="absent")["changed"]
    assert not host.releases.exists()


@pytest.mark.parametrize("name", [".journal", ".commands", ".held", ".kept"])
def test_a_folder_in_the_place_of_what_is_written_down_is_swept(host: Host, name: str) -> None:
    host.seal(host.wheel())
    host.converge()
    path = host.releases / name
    if path.exists():
        path.unlink()
    (path / "something").mkdir(parents=True)
    assert host.converge()["actions"] == [
        {"verb": "sweep", "subject": name, "reason": "left by an interrupted run"},
    ]
    assert not path.is_dir()
    host.seal(host.wheel(version="2.0"))
    path.mkdir(exist_ok=True)
    assert host.converge()["changed"]
    assert not path.is_dir()
