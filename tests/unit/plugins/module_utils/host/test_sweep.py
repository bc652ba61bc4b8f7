# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import rights
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.host.removing import Removal
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
    for name in ("0123456789abcdef/lib", ".rubbish-r0-1/lib", ".incoming-7/wheels"):
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


@pytest.mark.usefixtures("short_names")
def test_a_release_loses_its_name_before_its_files(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Removal, name: str, above: int | None) -> int:
        raise OSError(5, "Input/output error", name)

    monkeypatch.setattr(Removal, "remove", fail)
    with pytest.raises(OSError, match="Input/output"):
        discard(environment, "r1")
    assert environment.names() == ["r2"]
    monkeypatch.undo()
    sweep(environment)
    assert os.listdir(environment.releases) == ["r2"]


@pytest.mark.usefixtures("short_names")
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
        patch.setattr(Removal, "remove", lambda self, name, above: 1 // 0)
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


@pytest.fixture
def precious(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder of somebody else, with what has the name of a release."""
    (tmp_path / "theirs" / "r1" / "conf").mkdir(parents=True)
    (tmp_path / "theirs" / "r1" / "conf" / "file").write_text("precious")
    return tmp_path / "theirs" / "r1" / "conf" / "file"


def swap(environment: Environment, precious: pathlib.Path) -> None:
    os.rename(environment.releases, environment.releases + "-moved")
    os.symlink(precious.parents[2], environment.releases)


def test_a_link_in_the_place_of_the_locked_folder_leads_nowhere(
    environment: Environment, precious: pathlib.Path
) -> None:
    with locked(environment, 1, (os.geteuid(), os.getegid()), Stages()):
        swap(environment, precious)
        with pytest.raises(OSError, match="Not a directory"):
            discard(environment, "r1")
        os.unlink(environment.releases)
        os.rename(precious.parents[2], environment.releases)
        with pytest.raises(Refused, match="expected the folder that this run locked"):
            discard(environment, "r1")
        assert pathlib.Path(environment.release("r1/conf/file")).read_text() == "precious"


def test_a_folder_that_is_swapped_for_a_link_under_a_removal_stays_the_one_that_is_worked_in(
    environment: Environment, precious: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(asked: Environment) -> None:
        if not os.path.islink(asked.releases):
            swap(asked, precious)

    monkeypatch.setattr(rights, "held_folder", look)
    with pytest.raises(OSError, match="Not a directory"):  # The second look by path meets the link.
        discard(environment, "r1")
    assert precious.read_text() == "precious"
    assert [name[:12] for name in sorted(os.listdir(environment.releases + "-moved"))] == [".rubbish-r1-", "r2"]


def test_a_tree_that_is_deeper_than_descriptors_and_calls_reach_goes_all_the_same(tmp_path: pathlib.Path) -> None:
    (tmp_path / "deep").mkdir()
    here = os.open(tmp_path / "deep", os.O_RDONLY)
    for _unused in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    remove(str(tmp_path / "deep"))
    assert os.listdir(tmp_path) == []


SOMEBODY = 4242
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root works in somebody else's folder")


def give_away(environment: Environment) -> None:
    for folder, folders, files in os.walk(environment.releases):
        for name in (".", *folders, *files):
            os.lchown(os.path.join(folder, name), SOMEBODY, SOMEBODY)


@as_root
def test_root_removes_what_is_somebodys_with_that_persons_rights(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_away(environment)
    seen, real = set(), os.unlink

    def unlink(path: str, *, dir_fd: int | None = None) -> None:
        seen.add((os.geteuid(), os.getegid()))
        real(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlink)
    discard(environment, "r1")
    assert seen == {(SOMEBODY, SOMEBODY)} and os.geteuid() == 0
    assert os.listdir(environment.releases) == ["r2"]


@as_root
def test_what_root_left_in_somebodys_folder_goes_too(environment: Environment) -> None:
    os.makedirs(environment.release(".incoming-7/wheels"), 0o700)
    pathlib.Path(environment.release(".incoming-7/wheels/file")).write_text("x" * 5000)
    give_away(environment)
    os.lchown(environment.release(".incoming-7"), 0, 0)
    os.chmod(environment.release(".incoming-7"), 0o700)
    assert sweep(environment) >= 5000
    assert sorted(os.listdir(environment.releases)) == ["r1", "r2"]


@as_root
def test_what_a_third_person_has_stays_though_it_was_moved_among_the_releases(environment: Environment) -> None:
    os.makedirs(environment.release(".rubbish-shared/theirs"))
    pathlib.Path(environment.release(".rubbish-shared/theirs/file")).write_text("precious")
    give_away(environment)
    for name in ("theirs", "theirs/file"):
        os.lchown(environment.release(f".rubbish-shared/{name}"), 4343, 4343)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        sweep(environment)
    assert os.path.exists(environment.release(".rubbish-shared/theirs/file"))
