# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress, held to the logs of two real builds: CPython 3.11.2, the last with setup.py, and 3.13.5.

Of the recorded logs, flags and most of what is not compiling are cut away.
"""

from __future__ import annotations

import os
import pathlib
import shutil

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import progress
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lease import lease_file, leased
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.lock import locked
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.progress import (
    Progress,
    expected_objects,
    look,
    report,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree, prepare

RECORDED = pathlib.Path(__file__).parent / "recorded"
VERSIONS = ("3.11.2", "3.13.5")
# What lay there as object files when each was done.
COMPILED = {"3.11.2": 262, "3.13.5": 354}


class Build:
    """A build as it lies on disk, as far as a test says."""

    def __init__(self, root: pathlib.Path, version: str = VERSIONS[0]) -> None:
        self.tree = Tree(str(root), version)
        prepare(self.tree)
        self.work = pathlib.Path(self.tree.work)
        self.tmp = self.work / "tmp"
        self.log = self.tmp / "python-build.20261120142625.25530.log"
        self.source = self.tmp / "python-build.20261120142625.25530" / f"Python-{version}"
        self.lines = (RECORDED / f"python-build-{version}.txt").read_text().splitlines(keepends=True)
        self.makefile = (RECORDED / f"Makefile-{version}.txt").read_text()

    def furnish(self) -> None:
        for name in ("bin", "cache", "tmp"):
            (self.work / name).mkdir(parents=True)

    def unpack(self) -> None:
        self.furnish()
        self.source.mkdir(parents=True)
        self.log.write_text("~/python-build ~\n")

    def say(self, lines: int, makefile: str = "") -> None:
        """Let the log hold its first ``lines``."""
        self.log.write_text("~/python-build ~\n" + "".join(self.lines[:lines]))
        (self.source / "Makefile").write_text(makefile or self.makefile)

    def seen(self) -> Progress:
        with locked(self.tree.lock, 1):
            return look(self.tree)


@pytest.fixture
def build(tmp_path: pathlib.Path) -> Build:
    return Build(tmp_path)


def test_where_nothing_is_there_is_nothing_to_see(tmp_path: pathlib.Path) -> None:
    assert look(Tree(str(tmp_path / "none"), "3.11.2")) == Progress("none")
    assert not (tmp_path / "none").exists()
    assert report("3.11.2", str(tmp_path), False) == {**Progress("none")._asdict(), "text": "none"}


def test_who_works_and_does_not_build_is_busy(build: Build) -> None:
    assert build.seen() == Progress("busy")
    with leased(build.tree.lock, 60):
        assert look(build.tree).text == "busy"


def test_a_build_without_a_builder_is_interrupted(build: Build) -> None:
    build.unpack()
    build.say(400)
    assert look(build.tree).state == "interrupted"
    assert (look(build.tree).text, look(build.tree).stage) == ("interrupted", "compile")
    assert build.seen().state == "building"


def test_before_it_compiles_it_says_what_it_does(build: Build) -> None:
    build.work.mkdir()
    assert build.seen().text == "unpack", "a prebuilt archive has no such room"
    (build.work).rmdir()
    build.furnish()
    assert build.seen().text == "fetch"
    build.log.write_text("/python-build ~\n")
    assert build.seen().text == "unpack"
    build.source.mkdir(parents=True)
    assert build.seen().text == "unpack"
    build.say(1)
    assert build.seen() == Progress("building", "configure")
    assert build.seen().text == "configure"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_build_goes_through_its_stages_and_never_back(tmp_path: pathlib.Path, version: str) -> None:
    build = Build(tmp_path, version)
    build.unpack()
    seen = []
    for lines in range(1, len(build.lines) + 1):
        build.say(lines)
        seen.append(build.seen())
    stages = [one.stage for one in seen]
    assert list(dict.fromkeys(stages)) == ["configure", "compile", "install"]
    assert stages == sorted(stages, key=["configure", "compile", "install"].index)
    done = [one.done for one in seen]
    assert done == sorted(done)
    assert done[-1] == COMPILED[version]
    totals = {one.total for one in seen if one.stage != "configure"}
    assert len(totals) == 1, "the estimate stands from the beginning"
    assert all(one.done <= one.total for one in seen)
    assert 0 <= totals.pop() - COMPILED[version] <= 4
    assert f"compile {done[200]} of " in seen[200].text
    assert seen[-1].text == "install"


def test_the_sources_are_gone_when_all_is_installed(build: Build) -> None:
    build.unpack()
    build.say(len(build.lines))
    shutil.rmtree(build.source.parent)
    assert build.seen().text == "prove"


def test_more_than_was_expected_moves_the_total(build: Build) -> None:
    build.unpack()
    build.say(len(build.lines), "all: build_all\nOBJECTS=Parser/token.o Python/ast.o\n")
    assert (build.seen().done, build.seen().total) == (262, 262)


def test_with_a_silent_make_what_lies_there_is_counted(build: Build) -> None:
    build.unpack()
    build.lines = [line for line in build.lines if " -o " not in line and not line.startswith(("\t-o", "Creating"))]
    build.say(len(build.lines))
    (build.source / "Objects").mkdir()
    for name in ("list.o", "dict.o", "dict.c"):
        (build.source / "Objects" / name).touch()
    assert build.seen().text == "compile 2 of 266"


def test_an_optimised_build_compiles_twice_and_trains_in_between(build: Build) -> None:
    build.unpack()
    build.makefile = build.makefile.replace("build_all", "profile-opt")
    compiling = [line for line in build.lines if " -o " in line or line.startswith("\t-o")]
    head = build.lines[: build.lines.index("configure: creating Makefile\n") + 1]
    build.lines = head + compiling
    build.say(len(build.lines))
    assert build.seen().text == "compile 262 of 532"
    (build.source / "profile-gen-stamp").touch()
    assert build.seen().text == "train"
    (build.source / "profile-run-stamp").touch()
    assert build.seen().text == "compile 262 of 532"
    build.lines = head + compiling * 2
    build.say(len(build.lines))
    assert build.seen().text == "compile 524 of 532"


@pytest.mark.parametrize(
    ("rule", "factor"),
    [
        ("all:\t\tbuild_all", 1),
        ("all:\t\tprofile-opt", 2),
        ("all:\t\tbolt-opt\nbolt-opt:\n\t$(MAKE) profile-opt", 2),
        ("all:\t\tbolt-opt\nbolt-opt:\n\t$(MAKE) \nprofile-opt: profile-run-stamp", 1),
    ],
)
def test_what_compiles_twice_is_in_the_makefile(rule: str, factor: int) -> None:
    makefile = f"{rule}\n\nOBJECTS= Parser/a.o Python/b.o python.o\nMORE=$(OBJECTS) Parser/a.o\n"
    assert expected_objects(makefile, "3.14.0") == 2 * factor
    assert expected_objects(makefile, "3.9.2") == (2 + progress.SETUP_PY_OBJECTS) * factor


def test_it_says_since_when_it_builds(build: Build) -> None:
    build.furnish()
    began = build.work.joinpath("bin").stat().st_mtime
    with locked(build.tree.lock, 1):
        assert look(build.tree, lambda: began + 65.5).seconds == 65
        assert look(build.tree, lambda: began - 65.5).seconds == 0, "a clock that was set back"


def test_a_build_that_ends_while_we_look_is_no_error(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    build.unpack()
    build.say(300)
    monkeypatch.setattr(progress.os.path, "getmtime", lambda path: os.stat(path + ".gone").st_mtime)
    assert build.seen() == Progress("busy")


def test_asking_renews_only_when_that_is_meant(build: Build) -> None:
    with leased(build.tree.lock, 60):
        os.utime(lease_file(build.tree.lock), (1, 1))
        report("3.11.2", build.tree.root, False)
        assert os.stat(lease_file(build.tree.lock)).st_mtime == 1
        report("3.11.2", build.tree.root + "/", True)
        assert os.stat(lease_file(build.tree.lock)).st_mtime > 1


def test_who_may_not_look_is_told_whom_to_become(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> bool:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(progress, "is_alive", refuse)
    with pytest.raises(Refused, match=r"3\.11\.2\.lock: cannot be looked at: Permission denied.* become"):
        report("3.11.2", build.tree.root, False)


def test_only_an_exact_version_has_a_build(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match="version"):
        report("3.11", str(tmp_path), False)
