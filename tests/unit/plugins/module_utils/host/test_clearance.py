# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import clearance
from ansible_collections.netdevops.python.plugins.module_utils.host import surplus as surplus_module
from ansible_collections.netdevops.python.plugins.module_utils.host.due import find_due
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.plugins.module_utils.host.removing import Removal
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.sweep import measure, remove
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Look, Use
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

DEFAULTS = {"keep": 3, "keep_days": 0, "lock_timeout": 1}


class Fleet:
    """A machine with two environments, each with the four releases ``names``, the oldest first."""

    def __init__(self, root: pathlib.Path, names: Sequence[str]) -> None:
        self.root = root
        self.top = root / "opt"
        self.history = root / "history.jsonl"
        self.names = dict.fromkeys(("one", "two"), names)
        self.users: dict[str, list[Use]] = {}

    def look(self, folders: Iterable[str]) -> Look:
        return Look({folder: self.users.get(folder, []) for folder in folders}, 0)

    def prune(self, check: bool = False, **options: Any) -> dict[str, Any]:
        where = {} if "venv" in options else {"search": [str(self.top)]}
        return prune({**DEFAULTS, "history": str(self.history), **where, **options}, check)

    def there(self, name: str) -> list[str]:
        """Return the numbers of the releases that an environment has."""
        found = os.listdir(self.top / name / ".venv.releases")
        return [str(number) for number, one in enumerate(self.names[name]) if one in found]


class Made(NamedTuple):
    """An environment that is made once and copied."""

    app: pathlib.Path
    names: list[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    host = Host(tmp_path_factory.mktemp("made"))
    names = []
    for number in range(4):
        host.seal(host.wheel(version=f"{number}.0"))
        names.append(host.converge(keep=9)["release"])
    return Made(host.app, names)


@pytest.fixture
def two(made: Made, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    fleet = Fleet(tmp_path, made.names)
    for name in ("one", "two"):
        shutil.copytree(made.app, fleet.top / name, symlinks=True)
    # This machine's own environments play no part.
    monkeypatch.setattr(clearance, "PLACES", ())
    edges = surplus_module.Edges(fleet.look)
    monkeypatch.setattr(surplus_module.judge, "__defaults__", (edges,))
    monkeypatch.setattr(surplus_module.judge_orphan, "__defaults__", (edges,))
    return fleet


def paths_of(root: pathlib.Path) -> list[str]:
    return sorted(str(path) for path in root.rglob("*"))


def test_all_environments_of_a_host(two: Fleet) -> None:
    before = paths_of(two.root)
    foretold = two.prune(check=True, keep=2)
    assert paths_of(two.root) == before
    said = two.prune(keep=2)
    assert said["changed"] and foretold["changed"] and said["actions"] == foretold["actions"]
    assert said["freed_bytes"] == foretold["freed_bytes"] > 0
    assert said["diff"] == foretold["diff"] and two.names["one"][0] in said["diff"]["before"]
    assert two.there("one") == two.there("two") == ["2", "3"]
    assert said["pruned"] == [
        str(two.top / name / ".venv.releases" / two.names[name][number]) for name in ("one", "two") for number in (1, 0)
    ]
    assert [one["freed_bytes"] > 0 for one in said["environments"]] == [True, True]
    assert sum(one["freed_bytes"] for one in said["environments"]) == said["freed_bytes"]
    again = two.prune(keep=2)
    assert not again["changed"] and again["environments"] == [] and again["looked_at"] == 2


def test_one_environment_and_those_that_are_left_alone(two: Fleet) -> None:
    two.prune(keep=2, leave=[str(two.top / "one/.venv")])
    assert (len(two.there("one")), len(two.there("two"))) == (4, 2)
    two.prune(keep=3, venv=str(two.top / "one/.venv"))
    assert (len(two.there("one")), len(two.there("two"))) == (3, 2)


def test_what_is_spared_is_told_and_is_no_change(two: Fleet) -> None:
    environment = Environment(str(two.top / "one/.venv"))
    names = two.names["one"]
    two.users[environment.release(names[0])] = [Use(7, "mapped", "/x.so")]
    said = two.prune(keep=1, venv=environment.venv, hold=[names[1]])
    spared = {
        names[0]: "in use by process 7 (mapped: /x.so)",
        names[1]: "is held",
        names[2]: "a rollback goes back to it",
    }
    assert said["environments"][0]["spared"] == spared
    assert said["spared"] == {environment.release(name): why for name, why in spared.items()}
    assert [action["verb"] for action in said["actions"]] == ["hold"] and said["freed_bytes"] == 0
    again = two.prune(keep=1, venv=environment.venv)
    assert not again["changed"] and again["spared"] == said["spared"]
    two.users.clear()
    assert two.prune(keep=1, venv=environment.venv, hold=[])["pruned"] == [
        environment.release(name) for name in (names[1], names[0])
    ]


def test_a_busy_environment_is_for_the_next_run(two: Fleet) -> None:
    environment = Environment(str(two.top / "one/.venv"))
    with locked(environment, 1, (os.geteuid(), os.getegid()), Stages()):
        said = two.prune(keep=2, lock_timeout=0)
        assert two.there("one") == ["0", "1", "2", "3"] and two.there("two") == ["2", "3"]
        assert said["changed"] and "problems" not in said
        assert said["passed_over"] == {environment.venv: "is busy: another run is at work on it"}
        assert "was passed over" in said["warnings"][0]
        with pytest.raises(Refused, match="is busy"):
            two.prune(keep=2, lock_timeout=0, venv=environment.venv)
    two.prune(keep=2)
    assert two.there("one") == ["2", "3"]


def test_one_that_fails_does_not_keep_the_others(two: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Removal.remove

    def fail(self: Removal, name: str, above: int | None) -> int:
        if "/one/" in os.readlink(f"/proc/self/fd/{above}"):
            raise OSError(5, "Input/output error", name)
        return real(self, name, above)

    monkeypatch.setattr(Removal, "remove", fail)
    said = two.prune(keep=2)
    [problem] = said["problems"]
    assert "/one/" in problem["subject"] and "Input/output error" in said["msg"] and problem["next_step"]
    assert two.there("two") == ["2", "3"] and [one["venv"] for one in said["environments"]] == [
        str(two.top / "two/.venv")
    ]
    assert [(line["venv"].split("/")[-2], line["outcome"]) for line in read_history(str(two.history))] == [
        ("one", "failed"),
        ("two", "done"),
    ]
    monkeypatch.undo()
    # It had lost its name first, so the next run sweeps it.
    swept = two.prune(keep=2)
    assert len(swept["environments"][0]["swept"]) == 1 and two.there("one") == ["2", "3"]
    assert not [name for name in os.listdir(two.top / "one/.venv.releases") if name.startswith(".rubbish")]


def test_what_interrupted_runs_left_goes_unless_a_run_is_at_work(two: Fleet) -> None:
    environment = Environment(str(two.top / "one/.venv"))
    os.makedirs(environment.release(".incoming-7/wheels"))
    with locked(environment, 1, (os.geteuid(), os.getegid()), Stages()):
        at_work = two.prune(keep=9)
        assert not at_work["changed"] and at_work["passed_over"] == {}, "nothing is due, so nobody waits for that run"
    foretold = two.prune(check=True, keep=9)
    assert foretold["actions"] == [
        {"verb": "sweep", "subject": environment.release(".incoming-7"), "reason": "left by an interrupted run"}
    ]
    assert os.path.exists(environment.release(".incoming-7"))
    assert two.prune(keep=9)["actions"] == foretold["actions"]
    assert not os.path.exists(environment.release(".incoming-7"))


def test_an_environment_that_loses_its_link_meanwhile_is_for_the_next_run(
    two: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = two.top / "one/.venv"

    @contextlib.contextmanager
    def late(*words: Any) -> Iterator[None]:
        with locked(*words):
            venv.unlink()
            yield

    monkeypatch.setattr(clearance, "locked", late)
    said = two.prune(keep=2, orphans=True, venv=str(venv))
    assert said["passed_over"] == {str(venv): "another run changed it meanwhile"} and not said["changed"]
    assert two.there("one") == ["0", "1", "2", "3"]


class TestOrphans:
    """Releases that nobody's link leads to."""

    def test_they_go_only_where_that_is_asked_for(self, two: Fleet) -> None:
        os.unlink(two.top / "one/.venv")
        said = two.prune(keep=9)
        assert not said["changed"] and "orphans=true removes them" in said["passed_over"][str(two.top / "one/.venv")]
        foretold = two.prune(check=True, keep=9, orphans=True)
        assert len(foretold["pruned"]) == 4 and two.there("one") == ["0", "1", "2", "3"]
        said = two.prune(keep=9, orphans=True)
        assert said["actions"] == foretold["actions"] and said["freed_bytes"] == foretold["freed_bytes"]
        assert os.listdir(two.top / "one") == []
        assert not two.prune(keep=9, orphans=True)["changed"]

    @pytest.mark.parametrize("stranger", ["notes", "v1/data", "v1/receipt.json"])
    def test_what_others_have_there_keeps_all_of_it(self, two: Fleet, stranger: str) -> None:
        venv = two.top / "one/.venv"
        venv.unlink()
        path = two.top / "one/.venv.releases" / stranger
        path.parent.mkdir(exist_ok=True)
        path.write_text("the only copy")
        before = paths_of(two.top / "one")
        for said in (two.prune(keep=9, orphans=True), two.prune(orphans=True, venv=str(venv))):
            assert not said["changed"] and "which is none of ours" in said["passed_over"][str(venv)]
        assert paths_of(two.top / "one") == before
        assert "orphans=true" not in two.prune()["passed_over"][str(venv)]

    def test_what_others_put_there_meanwhile_keeps_all_of_it(self, two: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
        venv = two.top / "one/.venv"
        venv.unlink()

        @contextlib.contextmanager
        def late(*words: Any) -> Iterator[None]:
            with locked(*words):
                (two.top / "one/.venv.releases/notes").touch()
                yield

        monkeypatch.setattr(clearance, "locked", late)
        said = two.prune(orphans=True, venv=str(venv))
        assert said["passed_over"] == {str(venv): "another run changed it meanwhile"} and not said["changed"]
        assert two.there("one") == ["0", "1", "2", "3"]

    def test_somebody_elses_folder_is_left(self, two: Fleet) -> None:
        """By name, lock and receipt it looks like ours."""
        for name in ("v1", "0123456789abcdef"):
            shop = two.top / f"shop-{name}.releases" / name
            (shop / "data").mkdir(parents=True)
            (shop.parent / ".lock").touch()
            (shop / "receipt.json").write_text('{"sum": 12}')
        before = [paths_of(path) for path in sorted(two.top.glob("shop-*"))]
        said = two.prune(keep=9, orphans=True)
        assert not said["changed"] and not [path for path in said["passed_over"] if "shop" in path]
        assert [paths_of(path) for path in sorted(two.top.glob("shop-*"))] == before

    def test_what_is_held_or_used_stays(self, two: Fleet) -> None:
        environment, names = Environment(str(two.top / "one/.venv")), two.names["one"]
        two.prune(keep=9, venv=environment.venv, hold=[names[1]])
        os.unlink(environment.venv)
        two.users[environment.release(names[3])] = [Use(7, "executable", "/x")]
        said = two.prune(orphans=True, venv=environment.venv)
        assert two.there("one") == ["1", "3"]
        assert sorted(said["environments"][0]["spared"].values()) == ["in use by process 7 (executable: /x)", "is held"]


@pytest.mark.parametrize("what", ["dangling", "elsewhere", "folder"])
def test_what_stands_otherwise_than_it_should_is_not_touched(two: Fleet, what: str) -> None:
    venv = two.top / "one/.venv"
    if what == "dangling":
        remove(str(two.top / "one/.venv.releases" / two.names["one"][3]))
    else:
        venv.unlink()
    if what == "elsewhere":
        venv.symlink_to("/usr")
    if what == "folder":
        venv.mkdir()
        (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    before = paths_of(two.top / "one")
    said = two.prune(keep=1, orphans=True)
    assert paths_of(two.top / "one") == before
    assert what == "folder" or str(venv) in said["passed_over"]
    said = two.prune(keep=1, orphans=True, venv=str(venv))
    assert not said["changed"] and said["passed_over"][str(venv)]


def test_a_path_without_an_environment(two: Fleet) -> None:
    said = two.prune(venv=str(two.top / "three/.venv"))
    assert not said["changed"] and said["passed_over"] == {str(two.top / "three/.venv"): "there is no environment"}


def test_the_history_tells_of_what_was_removed(two: Fleet) -> None:
    said = two.prune(keep=2, reason="room for the upgrade", by={"login": "netops"})
    entries = read_history(str(two.history))
    assert [entry["what"] for entry in entries] == ["prune", "prune"]
    first = entries[0]
    assert first["reason"] == "room for the upgrade" and first["by"] == {"login": "netops"}
    assert first["from"] == first["to"] and first["to"]["release"] == two.names["one"][3]
    assert first["message"] == f"2 releases removed, {said['environments'][0]['freed_bytes']} bytes freed"
    two.prune(keep=2)
    two.prune(check=True, keep=1)
    assert len(read_history(str(two.history))) == 2


@pytest.mark.parametrize("options", [{"keep": 0}, {"venv": "relative"}, {"interpreter_root": "/"}])
def test_what_makes_no_sense_is_refused(two: Fleet, options: dict[str, Any]) -> None:
    try:
        said = two.prune(**options)
    except Refused as refused:
        said = refused.result()
    assert said["problems"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
class TestOfOthers:
    """Root takes away what is somebody's with that person's rights."""

    def test_each_file_is_removed_by_its_owner(self, two: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
        for folder, folders, files in os.walk(two.top / "one"):
            for name in (".", *folders, *files):
                os.lchown(os.path.join(folder, name), 4242, 4343)
        users, real = set(), Removal.remove

        def noted(self: Removal, name: str, above: int | None) -> int:
            place = os.readlink(f"/proc/self/fd/{above}").partition("/.venv")[0]
            users.add((place.rpartition("/")[2], os.geteuid(), os.getegid()))
            return real(self, name, above)

        monkeypatch.setattr(Removal, "remove", noted)
        os.chmod(two.root, 0o755)
        for path in two.root.parents:
            if path.stat().st_uid == 0 and path != pathlib.Path("/") and path.stat().st_mode & 0o5 != 0o5:
                os.chmod(path, 0o755)
        two.prune(keep=2)
        assert users == {("one", 4242, 4343), ("two", 0, 0)}
        assert two.there("one") == ["2", "3"] and os.geteuid() == 0 and os.getegid() == 0

    def test_what_they_could_not_remove_themselves_stays(self, two: Fleet) -> None:
        releases = two.top / "one/.venv.releases"
        os.chown(releases, 4242, 4343)
        (releases / ".incoming-7").mkdir()
        said = two.prune(keep=2, venv=str(two.top / "one/.venv"))
        assert not said["changed"] and len(two.there("one")) == 4 and (releases / ".incoming-7").is_dir()
        assert set(said["spared"].values()) == {"belongs to another user than the folder of releases"}


def test_how_much_would_be_freed_is_what_is_freed(tmp_path: pathlib.Path) -> None:
    for name in ("r1/lib", "r2", "stays"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "r1/lib/own").write_bytes(b"x" * 50_000)
    os.link(tmp_path / "r1/lib/own", tmp_path / "r2/both")
    os.link(tmp_path / "r1/lib/own", tmp_path / "r2/again")
    (tmp_path / "r2/shared").write_bytes(b"x" * 50_000)
    os.link(tmp_path / "r2/shared", tmp_path / "stays/shared")
    (tmp_path / "r2/link").symlink_to("/usr")
    gone = [str(tmp_path / "r1"), str(tmp_path / "r2")]
    foretold = measure(gone)
    assert 50_000 <= foretold < 100_000
    assert sum(remove(path) for path in gone) == foretold
    assert measure([]) == 0


def test_a_project_behind_a_link_keeps_what_it_asked_for(two: Fleet) -> None:
    (two.top / "alias").symlink_to("one")
    said = two.prune(keep=2, leave=[str(two.top / "alias/.venv")])
    assert said["looked_at"] == 1 and two.there("one") == ["0", "1", "2", "3"] and two.there("two") == ["2", "3"]


def test_nothing_that_is_wrong_with_one_keeps_the_others_from_being_cleared(
    two: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(environment: Environment, *words: Any) -> Any:
        if "/one/" in environment.venv:
            raise OverflowError("int too large to convert to float")
        return find_due(environment, *words)

    monkeypatch.setattr(clearance, "find_due", fail)
    said = two.prune(keep=2)
    [problem] = said["problems"]
    assert problem["subject"] == str(two.top / "one/.venv")
    assert "OverflowError: int too large" in problem["message"] and problem["next_step"]
    assert two.there("one") == ["0", "1", "2", "3"] and two.there("two") == ["2", "3"]
    assert two.prune(keep=2, venv=str(two.top / "one/.venv"))["problems"] == [problem]


@pytest.mark.parametrize("through", ["search", "venv"])
def test_what_another_environment_was_made_from_stays(
    two: Fleet, through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearance, "PLACES", (str(two.top / "tools"),))
    release = Environment(str(two.top / "one/.venv")).release(two.names["one"][0])
    made = two.top / "tools/venv"
    made.mkdir(parents=True)
    (made / "pyvenv.cfg").write_text(f"home = {release}/bin\n")
    where: dict[str, Any] = {"venv": str(two.top / "one/.venv")} if through == "venv" else {}
    said = two.prune(keep=2, **where)
    assert said["spared"] == {release: f"{made} was made from its interpreter"} and two.there("one") == ["0", "2", "3"]
    shutil.rmtree(made)
    two.prune(keep=2, **where)
    assert two.there("one") == ["2", "3"]
