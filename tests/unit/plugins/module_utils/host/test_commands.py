# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import os
import pathlib
import stat
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.host import commands
from ansible_collections.netdevops.python.plugins.module_utils.host.commands import (
    EXPOSE,
    WITHDRAW,
    apply_commands,
    plan_commands,
    remove_commands,
    withdrawal_plan,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import (
    check_commands,
    exposed,
    parse_commands,
    temporary,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import launcher
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


class Place:
    """An environment with releases that need not be real, and a folder for its commands."""

    def __init__(self, root: pathlib.Path) -> None:
        self.host = Host(root)
        self.bin = root / "usr/local/bin"
        self.bin.mkdir(parents=True)
        self.venv = str(self.host.venv)
        self.environment = Environment(self.venv)
        self.host.releases.mkdir()

    def options(self, *names: str, **changes: Any) -> Options:
        params = {"commands": list(names), "commands_path": str(self.bin), **changes}
        return parse_options(self.host.params(**params), "bundle:1")

    def plan(self, *names: str, **changes: Any) -> list[tuple[str, str]]:
        return [(action.verb, action.subject) for action in plan_commands(self.options(*names, **changes))]

    def apply(self, *names: str, **changes: Any) -> None:
        apply_commands(self.options(*names, **changes))

    def path(self, name: str) -> str:
        return str(self.bin / name)

    def names(self) -> list[str]:
        return sorted(os.listdir(self.bin))


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    # Above the folders of a test is that of its user, and a group may write there.
    monkeypatch.setattr(ground, "steps", lambda path: iter([path]), raising=False)
    return Place(tmp_path)


def problems(refused: Any) -> list[str]:
    return [problem.subject for problem in refused.value.problems]


@pytest.mark.parametrize("names", [None, [""], ["", ""]])
def test_nothing_said_is_none(names: Any) -> None:
    assert parse_commands(names) is None


def test_names_are_sorted_and_told_once() -> None:
    assert parse_commands(["b", "a", "", "b"]) == ("a", "b")
    assert parse_commands([]) == ()
    assert parse_commands(["-x", "a b", "x.y", "Ünicode", "a+b@c", "pythonic"])


def test_bad_names_are_refused_together() -> None:
    bad = [
        "a/b",
        ".hidden",
        "..",
        "/abs",
        "a\nb",
        " a",
        "a ",
        "$x",
        "a;b",
        "x" * 201,
        "python",
        "python3",
        "python3.11",
    ]
    with pytest.raises(Refused) as refused:
        parse_commands(["good", *bad])
    assert sorted(problems(refused)) == sorted(f"commands {name!r}" for name in bad)


def test_what_is_not_asked_is_not_looked_at(place: Place) -> None:
    assert plan_commands(place.options(commands=None, commands_path="/nonexistent")) == ()
    apply_commands(place.options(commands=None))
    assert place.names() == [] and not (place.host.releases / ".commands").exists()


def test_commands_come_and_go(place: Place) -> None:
    assert place.plan("a", "b") == [(EXPOSE, place.path("a")), (EXPOSE, place.path("b"))]
    place.apply("a", "b")
    assert place.names() == ["a", "b"] and not place.plan("a", "b")
    assert exposed(place.environment) == {place.path("a"): "a", place.path("b"): "b"}
    assert place.plan("b", "c") == [(EXPOSE, place.path("c")), (WITHDRAW, place.path("a"))]
    place.apply("b", "c")
    assert place.names() == ["b", "c"] and not place.plan("b", "c")
    apply_commands(place.options(commands=None))
    assert place.names() == ["b", "c"]
    place.apply()
    assert place.names() == [] and exposed(place.environment) == {}
    assert not (place.host.releases / ".commands").exists()


def test_mode_and_owner_are_declared(place: Place) -> None:
    os.chmod(place.bin, 0o2755)
    old = os.umask(0o077)
    try:
        place.apply("a")
    finally:
        os.umask(old)
    found = os.stat(place.path("a"))
    assert stat.S_IMODE(found.st_mode) == 0o755 and (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
    assert stat.S_IMODE(os.stat(place.host.releases / ".commands").st_mode) == 0o644
    assert pathlib.Path(place.path("a")).read_bytes() == launcher(place.venv, "a")


def foreign(path: pathlib.Path, kind: str) -> None:
    if kind == "file":
        path.write_text("#!/bin/sh\necho mine\n")
    elif kind == "empty":
        path.touch()
    elif kind == "link":
        path.symlink_to("/nonexistent")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "other":
        path.write_bytes(launcher("/opt/other/.venv", path.name))
    else:
        path.write_bytes(
            launcher(str(path.parents[3] / "opt/app/.venv"), path.name).replace(b"A launcher", b"Once one")
        )


KINDS = ("file", "empty", "link", "folder", "pipe", "other", "no marker")


def test_what_is_somebody_elses_is_refused_together_and_stays(place: Place) -> None:
    for kind in KINDS:
        foreign(place.bin / kind, kind)
    before = [os.lstat(place.path(kind)).st_ctime_ns for kind in KINDS]
    for work in (place.plan, place.apply):
        with pytest.raises(Refused) as refused:
            work("good", *KINDS)
        assert sorted(problems(refused)) == sorted(map(place.path, KINDS))
    assert "found a launcher of /opt/other/.venv" in str(refused.value)
    assert "found a link to /nonexistent" in str(refused.value)
    assert [os.lstat(place.path(kind)).st_ctime_ns for kind in KINDS] == before and not (place.bin / "good").exists()


def test_a_link_to_our_own_launcher_is_no_launcher(place: Place) -> None:
    place.apply("a")
    os.rename(place.path("a"), place.path("moved"))
    os.symlink("moved", place.path("a"))
    with pytest.raises(Refused, match="found a link to moved"):
        place.plan("a")


@pytest.mark.parametrize("how", ["edited", "mode", "writable", "gone", "cut", "unrecorded", "unfinished"])
def test_drift_is_put_right(place: Place, how: str) -> None:
    place.apply("a")
    path = pathlib.Path(place.path("a"))
    if how == "edited":
        path.write_bytes(path.read_bytes().replace(b"exec", b"echo"))
    elif how in ("mode", "writable"):
        path.chmod(0o700 if how == "mode" else 0o775)
    elif how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:2]) + b"\n")
    elif how == "unrecorded":
        (place.host.releases / ".commands").write_text("rubbish")
    else:
        pathlib.Path(temporary(place.venv, str(path))).touch()
    assert place.plan("a") == [(EXPOSE, str(path))]
    place.apply("a")
    assert not place.plan("a") and place.names() == ["a"]
    assert path.read_bytes() == launcher(place.venv, "a")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_launcher_of_another_user_is_drift(place: Place) -> None:
    place.apply("a")
    os.chown(place.path("a"), 12345, 12345)
    assert place.plan("a") == [(EXPOSE, place.path("a"))]
    place.apply("a")
    assert os.stat(place.path("a")).st_uid == 0


def test_an_edited_launcher_with_its_marker_goes_too(place: Place) -> None:
    place.apply("a", "b")
    with open(place.path("a"), "ab") as stream:
        stream.write(b"# mine\n")
    place.apply("b")
    assert place.names() == ["b"]


def test_what_became_somebody_elses_stays_when_it_is_no_longer_asked(place: Place) -> None:
    place.apply("a", "b")
    pathlib.Path(place.path("a")).write_text("mine")
    [action] = plan_commands(place.options("b"))
    assert action == Action(WITHDRAW, place.path("a"), "it is somebody else's by now, and stays")
    place.apply("b")
    assert pathlib.Path(place.path("a")).read_text() == "mine" and not place.plan("b")


def test_another_folder_takes_over(place: Place) -> None:
    place.apply("a")
    other = place.bin.parent / "sbin"
    other.mkdir()
    assert place.plan("a", commands_path=str(other)) == [(EXPOSE, str(other / "a")), (WITHDRAW, place.path("a"))]
    place.apply("a", commands_path=str(other))
    assert os.listdir(other) == ["a"] and place.names() == []


def test_another_name_of_the_same_folder_is_no_change(place: Place) -> None:
    place.apply("a")
    (place.bin.parent / "link").symlink_to("bin")
    for path in (f"{place.bin}/", f"{place.bin.parent}/link", f"{place.bin.parent}/./bin"):
        assert not place.plan("a", commands_path=path)


def test_the_folder_must_be_one(place: Place) -> None:
    for path in ("usr/local/bin", "", str(place.bin / "none"), __file__):
        with pytest.raises(Refused) as refused:
            place.plan("a", commands_path=path)
        assert problems(refused) == [f"commands_path {path!r}"]
    assert place.plan(commands_path="/nonexistent") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_folder_must_be_writable_before_anything_is_done(place: Place) -> None:
    place.apply("a")
    other = place.bin.parent / "sbin"
    other.mkdir(0o555)
    with pytest.raises(Refused, match="this user may not write there"):
        place.apply("a", commands_path=str(other))
    assert place.names() == ["a"]


def test_what_cannot_be_put_in_its_new_place_stays_in_its_old_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.apply("a")
    other = place.bin.parent / "sbin"
    other.mkdir()

    def write(path: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(commands, "_write", write)
        with pytest.raises(OSError, match="No space"):
            place.apply("a", commands_path=str(other))
    assert place.names() == ["a"] and os.listdir(other) == []
    place.apply("a", commands_path=str(other))
    assert place.names() == [] and os.listdir(other) == ["a"]


def test_a_release_never_changes(place: Place) -> None:
    inside = place.host.releases / "r1/bin"
    inside.mkdir(parents=True)
    os.symlink(".venv.releases/r1", place.venv)
    for path in (inside, place.host.releases, f"{place.venv}/bin"):
        with pytest.raises(Refused, match="inside of the environment"):
            place.plan("a", commands_path=str(path))


@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_a_folder_that_others_write_is_refused(place: Place, mode: int) -> None:
    os.chmod(place.bin, mode)
    with pytest.raises(Refused, match="can be written by everybody"):
        place.apply("a")
    assert place.names() == []
    os.chmod(place.bin, 0o755)
    place.apply("a")
    os.chmod(place.bin, mode)
    assert not place.plan("a"), "what is there needs no second look; the audit looks at folders"


def test_two_environments_at_once_do_not_overwrite_each_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real = commands._write

    def write(path: str, data: bytes) -> None:
        real(path, data)
        pathlib.Path(place.path("a")).write_bytes(launcher("/opt/other/.venv", "a"))

    monkeypatch.setattr(commands, "_write", write)
    with pytest.raises(Refused, match=r"found a launcher of /opt/other/\.venv"):
        place.apply("a")
    assert place.names() == ["a"] and b"/opt/other/.venv" in pathlib.Path(place.path("a")).read_bytes()


def test_what_appears_after_the_plan_is_not_overwritten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real = commands._expose

    def expose(venv: str, path: str) -> None:
        pathlib.Path(place.path("b")).write_bytes(b"mine")
        real(venv, path)

    monkeypatch.setattr(commands, "_expose", expose)
    with pytest.raises(Refused, match="found another file"):
        place.apply("a", "b")
    assert place.names() == ["a", "b"] and pathlib.Path(place.path("b")).read_bytes() == b"mine"


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("step", range(12))
def test_a_run_that_ends_anywhere_leaves_nothing_unknown(
    place: Place, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place.apply("a", "b")
    left = [step]

    def counted(name: str) -> None:
        real = getattr(os, name)

        def call(*args: Any, **options: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*args, **options)

        monkeypatch.setattr(os, name, call)

    for name in ("link", "unlink", "replace"):
        counted(name)
    with contextlib.suppress(Killed):
        place.apply("b", "c", "d")
    monkeypatch.undo()
    assert set(place.names()) <= {os.path.basename(path) for path in _known(place)}
    remove_commands(place.environment)
    assert place.names() == [] and exposed(place.environment) == {}


def _known(place: Place) -> list[str]:
    paths = list(exposed(place.environment))
    return paths + [temporary(place.venv, path) for path in paths]


def test_all_of_them_go_with_the_environment_but_for_what_is_not_ours(place: Place) -> None:
    place.apply("a", "b", "c")
    pathlib.Path(place.path("a")).write_text("mine")
    os.unlink(place.path("b"))
    assert [action.reason for action in withdrawal_plan(place.environment)] == [
        "it is somebody else's by now, and stays",
        "it is gone already",
        "",
    ]
    remove_commands(place.environment)
    assert place.names() == ["a"] and withdrawal_plan(place.environment) == ()


def test_a_forged_record_removes_nothing_of_others(place: Place, tmp_path: pathlib.Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").write_text("precious")
    (other / "b").write_bytes(launcher("/opt/other/.venv", "b"))
    forged = {str(other / "a"): "a", str(other / "b"): "b", "/nonexistent/c": "c"}
    (place.host.releases / ".commands").write_text(json.dumps({"commands": forged}))
    remove_commands(place.environment)
    assert sorted(os.listdir(other)) == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"commands": []}', '{"commands": {"a": "a"}}', "[" * 100000, "\0"),
        '{"commands": {"/a\\u0000/b": "b"}}',
    ],
)
def test_a_record_that_is_none_says_nothing(place: Place, text: str) -> None:
    (place.host.releases / ".commands").write_text(text)
    assert exposed(place.environment) == {}


def test_a_release_that_lacks_a_command_is_refused_by_all_their_names(place: Place) -> None:
    root = place.host.releases / "r1"
    (root / "bin").mkdir(parents=True)
    (root / "bin/folder").mkdir()
    for name, mode in (("good", 0o755), ("plain", 0o644)):
        (root / "bin" / name).touch()
        (root / "bin" / name).chmod(mode)
    check_commands(place.options("good"), str(root))
    with pytest.raises(Refused) as refused:
        check_commands(place.options("good", "plain", "none", "folder"), str(root))
    assert sorted(problems(refused)) == ["commands 'folder'", "commands 'none'", "commands 'plain'"]
    assert "release r1 has no such command" in str(refused.value)


def test_what_is_exposed_already_must_go_on_to_work(place: Place) -> None:
    root = place.host.releases / "r1"
    (root / "bin").mkdir(parents=True)
    place.apply("a", "b", "c")
    pathlib.Path(place.path("b")).write_text("mine")
    os.unlink(place.path("c"))
    with pytest.raises(Refused) as refused:
        check_commands(place.options(commands=None), str(root))
    assert problems(refused) == ["commands 'a'"]
