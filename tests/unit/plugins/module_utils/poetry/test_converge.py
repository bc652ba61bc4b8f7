# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's environment, with a Poetry that is played: what is started, and what becomes of it."""

from __future__ import annotations

import json
import os
import pathlib
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import PROBE
from ansible_collections.netdevops.python.plugins.module_utils.common.prune_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE
from ansible_collections.netdevops.python.tests.unit.support.projects import (
    Project,
    distribution,
    wheel_name,
)
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot

QUIET = ["--no-ansi", "--no-interaction", "--no-plugins", "--no-cache"]
PERSON = "nobody"


def started(project: Project) -> list[list[str]]:
    """Return what was started, with short names for places and programs' texts."""
    private = {os.path.dirname(call.argv[-1]) for call in project.run.calls if call.argv[-1].endswith("/venv")}
    release = str(project.release) if project.venv.is_symlink() else "RELEASE"
    names = {str(project.python): "PYTHON", str(project.poetry): "POETRY", release: "RELEASE", PROBE: "PROBE"}
    names.update(dict.fromkeys(private, "PRIVATE"))

    def short(word: str) -> str:
        for long, name in names.items():
            word = word.replace(long, name)
        return word if "import" not in word else "TEXT"

    return [[short(word) for word in call.argv] for call in project.run.calls]


def test_poetry_is_asked_for_its_plan_and_then_fills_a_release_at_its_final_path(project: Project) -> None:
    result = project.converge()
    assert started(project) == [
        ["PYTHON", "-I", "-S", "-c", "PROBE"],
        ["PYTHON", "-I", "-S", "-m", "venv", "--without-pip", "--symlinks", "PRIVATE/venv"],
        ["POETRY", *QUIET, "--version"],
        ["POETRY", *QUIET, "install", "--dry-run"],
        ["PYTHON", "-I", "-S", "-m", "venv", "--without-pip", "--symlinks", "RELEASE"],
        ["POETRY", *QUIET, "-v", "install"],
        ["RELEASE/bin/python", "-I", "-S", "-c", "PROBE"],
        ["RELEASE/bin/python", "-I", "-B", "-c", "TEXT"],
    ]
    plan, install = (call for call in project.run.calls if "install" in call.argv)
    assert plan.env["VIRTUAL_ENV"].startswith(tempfile.gettempdir())
    assert install.env["VIRTUAL_ENV"] == str(project.release)
    # What goes on writing when this run is killed keeps the next one waiting.
    assert (plan.options["hold"], install.options["hold"] is not None) == (None, True)
    assert result["packages"] == {
        "count": 3,
        "added": {"app": "0.1.0", "eggs": "2.0", "spam": "1.0"},
        "removed": {},
        "changed": {},
    }
    assert (result["poetry"], result["python"]) == ("2.5.1", str(project.python))
    assert result["root"] == {"name": "app", "version": "0.1.0"}
    assert set(os.listdir(project.folder)) == {"pyproject.toml", "poetry.lock", ".venv", ".venv.releases"}


def test_its_receipt_says_what_it_was_made_from(project: Project) -> None:
    project.converge()
    receipt = read_receipt(str(project.release))
    assert receipt is not None
    assert (receipt.bundle, receipt.asked["source"].partition(":")[0], len(receipt.lock)) == ("", "poetry", 64)
    assert receipt.packages == [["app", "0.1.0", ""], ["eggs", "2.0", ""], ["spam", "1.0", ""]]
    listed = (project.release / "receipt.files").read_text()
    assert f"{SITE}/spam.py" in listed
    assert (project.folder / ".venv.releases/.gitignore").read_text().endswith("\n*\n")


def test_a_second_run_starts_nothing_and_a_glance_says_the_same(project: Project) -> None:
    project.converge()
    project.poetry.unlink()
    before = snapshot(project.root)
    result = project.converge()
    assert (result["changed"], result["actions"], project.run.calls) == (False, [], [])
    assert project.glance() == result
    assert snapshot(project.root) == before
    for gone in ("bundle_id", "delivered", "target"):
        assert gone not in result


def test_check_mode_names_the_packages_and_leaves_the_tree_as_it_was(project: Project) -> None:
    project.converge()
    project.lock("2", spam="1.1", ham="3.0")
    before = snapshot(project.root)
    foretold = project.converge(check=True)
    assert snapshot(project.root) == before
    assert foretold["actions"][0]["reason"] == "another lock or selection"
    assert foretold["packages"]["changed"] == {"spam": ["1.0", "1.1"]}
    assert (foretold["packages"]["added"], foretold["packages"]["removed"]) == ({"ham": "3.0"}, {"eggs": "2.0"})
    assert json.loads(foretold["diff"]["after"])["packages"] == {"app": "0.1.0", "ham": "3.0", "spam": "1.1"}
    done = project.converge()
    assert {key: done[key] for key in ("release", "packages", "actions", "diff")} == {
        key: foretold[key] for key in ("release", "packages", "actions", "diff")
    }


def test_going_back_to_an_earlier_lock_installs_nothing(project: Project) -> None:
    first = project.converge()
    project.lock("2", spam="1.1")
    second = project.converge()
    assert second["previous"] == first["release"] != second["release"]
    project.lock("1", spam="1.0", eggs="2.0")
    third = project.converge()
    assert (third["release"], [step["verb"] for step in third["actions"]]) == (first["release"], ["switch"])
    assert [words[-1] for words in project.asked()] == ["--version", "--dry-run"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"only": ["main", "dev"]}, ["--only=main,dev"]),
        ({"with": ["docs"], "without": ["dev"]}, ["--with=docs", "--without=dev"]),
        ({"extras": ["fast"]}, ["--extras=fast"]),
        ({"all_extras": True, "root": False}, ["--all-extras", "--no-root"]),
    ],
)
def test_the_selection_arrives_and_makes_another_release(project: Project, asked: Any, words: list[str]) -> None:
    first = project.converge()
    second = project.converge(**asked)
    assert second["changed"] and second["release"] != first["release"]
    assert [call[len(QUIET) :] for call in map(list, project.asked())][1:] == [
        ["install", "--dry-run", *words],
        ["-v", "install", *words],
    ]
    assert not project.converge(**asked)["changed"]
    assert second["root"] == ({} if "--no-root" in words else {"name": "app", "version": "0.1.0"})


def test_what_is_fetched_stays_below_the_releases_and_only_while_it_is_needed(project: Project) -> None:
    found: list[tuple[str, int]] = []

    def look(_release: pathlib.Path) -> None:
        cache = project.run.calls[-1].env["POETRY_CACHE_DIR"]
        found.append((os.path.relpath(cache, project.folder), os.stat(os.path.dirname(cache)).st_mode & 0o777))
        assert os.stat(os.path.dirname(os.path.dirname(cache))).st_mode & 0o777 == 0o700

    project.run.after = look
    project.converge()
    assert found == [(f".venv.releases/.incoming-{os.getpid()}/poetry/cache", 0o700)]
    left = project.folder / ".venv.releases/.incoming-1/poetry"
    left.mkdir(parents=True)  # as a run that is killed leaves it
    project.lock("2", spam="1.1")
    project.converge()
    assert [name for name in os.listdir(project.folder / ".venv.releases") if name.startswith(".incoming")] == []


def test_the_next_run_fetches_only_what_it_has_not(project: Project) -> None:
    project.converge()
    project.lock("2", spam="1.1", eggs="2.0")
    assert project.converge(check=True)["changed"]
    project.run.fetched.clear()
    project.converge()
    assert project.run.fetched == [wheel_name("spam", "1.1")]


@pytest.mark.parametrize("kind", ["another", "named otherwise"])
def test_what_the_lock_does_not_name_is_no_release(project: Project, kind: str) -> None:
    file = wheel_name("spam", "1.0") if kind == "another" else "spam-1.0-1-py3-none-any.whl"
    project.run.fetches = {file: b"something else"}
    before = snapshot(project.folder)
    with pytest.raises(Refused) as refused:
        project.converge()
    assert refused.value.problems[0].subject == file
    assert set(snapshot(project.folder)) == set(before)
    project.run.fetches = {}
    assert project.converge()["changed"]
    kept = {path.name for path in (project.root / "cache").rglob("*.whl")}
    assert kept == {wheel_name("spam", "1.0"), wheel_name("eggs", "2.0")}


def test_a_project_with_a_build_of_its_own_needs_a_network(project: Project, tmp_path: pathlib.Path) -> None:
    path = project.folder / "pyproject.toml"
    path.write_text(path.read_text().replace('version = "0.1.0"', 'version = "0.1.0"\nbuild = "build.py"'))
    (tmp_path / "wheels").mkdir()
    with pytest.raises(Refused, match="has a build script of its own"):
        project.converge(wheelhouse=str(tmp_path / "wheels"))


def test_drift_is_named_and_repaired_beside(project: Project) -> None:
    first = project.converge()
    (project.site / "spam.py").write_text("hacked\n")
    distribution(project.site, "stray", "9")
    assert project.glance() is None
    second = project.converge()
    assert f"edited: {SITE}/spam.py" in second["drift"]
    assert f"added: {SITE}/stray.py" in second["drift"]
    assert second["release"] == f"{first['release']}-2"
    assert not (project.site / "stray.py").exists()


def test_what_is_added_by_hand_goes_on_where_that_is_asked(project: Project) -> None:
    project.converge(sync=False)
    distribution(project.site, "stray", "9")
    assert not project.converge(sync=False)["changed"]
    project.lock("2", spam="1.1")
    result = project.converge(sync=False)
    assert (result["added_by_hand"], result["packages"]["added"]) == (["stray 9"], {})
    assert (project.site / "stray.py").exists()
    assert not project.converge(sync=False)["changed"]
    assert project.converge(sync=True)["changed"]
    assert not (project.site / "stray.py").exists()


def strange_package(project: Project) -> None:
    project.run.installs = {"spam": "1.1", "ham": "3.0"}


def strange_interpreter(project: Project) -> None:
    found = project.converge(check=True, prove={"imports": ["spam"]})["release"]
    path = project.folder / ".venv.releases" / found / "bin/python"
    project.run.probes[str(path)] = {"version": "3.11.8"}


def another_python(release: pathlib.Path) -> None:
    (release / "bin/python").unlink()
    (release / "bin/python").symlink_to("/usr/bin/true")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: setattr(p.run, "fails", (1, "pyproject.toml changed significantly since poetry.lock")), "lock"),
        (strange_package, "eggs 2.0: was planned, and Poetry did not install it"),
        (strange_package, "ham 3.0: is there, and Poetry did not plan it"),
        (strange_package, "spam: expected 1.0, as planned, found 1.1"),
        (strange_interpreter, r"expected Python 3\.11\.7 of /opt/python, found 3\.11\.8"),
        (
            lambda p: setattr(p.run, "after", another_python),
            "changed what the environment itself consists of: bin/python",
        ),
        (lambda p: setattr(p.run, "after", lambda _release: p.lock("9")), "changed while it was installed"),
        (lambda p: setattr(p.run, "broken", {"spam": "ImportError: no"}), "import spam: failed in the new release"),
    ],
)
def test_whatever_fails_the_environment_is_what_it_was(
    project: Project, spoil: Callable[[Project], Any], said: str
) -> None:
    asked: Any = {"prove": {"imports": ["spam"]}}
    project.lock("1", spam="0.9")
    project.converge(**asked)
    project.lock("2", spam="1.0", eggs="2.0")
    spoil(project)
    before = snapshot(project.folder)
    with pytest.raises(Refused, match=said):
        project.converge(**asked)
    assert os.readlink(project.venv) == before[".venv"][-1]
    assert set(os.listdir(project.folder / ".venv.releases")) <= {
        *(path.split("/")[1] for path in before if path.startswith(".venv.releases/"))
    }


def test_a_first_run_that_fails_leaves_nothing(project: Project) -> None:
    project.run.fails = (1, "no")
    before = snapshot(project.folder)
    with pytest.raises(Refused):
        project.converge()
    assert set(snapshot(project.folder)) == set(before)


def test_versions_may_be_spelled_otherwise(project: Project) -> None:
    project.run.packages = {"spam": "1.0"}
    project.run.installs = {"Spam": "1.0.0"}
    assert project.converge()["packages"]["count"] == 2


def test_an_ordinary_environment_is_kept_and_the_link_takes_its_place(project: Project) -> None:
    distribution(project.venv / SITE, "old", "1")
    (project.venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    result = project.converge()
    assert result["packages"]["removed"] == {"old": "1"}
    assert pathlib.Path(result["kept"], SITE, "old.py").exists()
    assert project.venv.is_symlink()


def test_a_dangling_link_and_one_that_was_turned_are_put_right(project: Project) -> None:
    project.converge()
    shutil.rmtree(project.release)
    assert project.converge()["actions"][0]["reason"] == "its release is gone"
    project.venv.unlink()
    project.venv.symlink_to("/usr")
    assert project.converge()["actions"][-1]["reason"] == "it points to /usr"


def test_the_interpreter_is_the_pins_and_must_be_that_version(project: Project) -> None:
    (project.folder / ".python-version").write_text("3.11.7\n")
    root = project.root / "pyenv"
    (root / "versions/3.11.7/bin").mkdir(parents=True)
    placed = root / "versions/3.11.7/bin/python"
    placed.symlink_to(project.python)
    assert project.converge(python="", interpreter_root=str(root))["python"] == str(placed)
    (project.folder / ".python-version").write_text("3.11.8\n")
    with pytest.raises(Refused, match=r"expected Python 3\.11\.8, found 3\.11\.7"):
        project.converge()
    with pytest.raises(Refused, match="expected an interpreter, found nothing"):
        project.converge(python="", interpreter_root=str(root))


def test_the_environments_own_interpreter_is_none_to_make_it_from(project: Project) -> None:
    project.converge()
    with pytest.raises(Refused, match="is the interpreter of the environment itself"):
        project.converge(python=f"{project.venv}/bin/python")


def test_an_interpreter_that_others_could_change_is_not_started(project: Project) -> None:
    theirs = project.root / "open"
    theirs.mkdir()
    theirs.chmod(0o777)
    project.python.rename(theirs / "python3.11")
    project.python.symlink_to(theirs / "python3.11")
    with pytest.raises(Refused, match=f"^{theirs}: can be written by everybody"):
        project.converge()
    assert project.run.calls == [] and not os.path.lexists(project.venv)


def test_a_shim_is_no_interpreter(project: Project) -> None:
    shim = project.root / ".pyenv/shims/python"
    shim.parent.mkdir(parents=True)
    shim.symlink_to(project.python)
    with pytest.raises(Refused, match="is a shim of pyenv"):
        project.converge(python=str(shim))
    assert project.run.calls == []


def test_absent_takes_the_environment_and_nothing_else(project: Project) -> None:
    before = snapshot(project.folder)
    project.converge()
    foretold = project.converge(check=True, state="absent")
    assert foretold["changed"] and project.venv.is_symlink()
    assert project.converge(state="absent")["changed"]
    assert snapshot(project.folder) == before
    assert not project.converge(state="absent")["changed"]
    shutil.rmtree(project.folder)
    assert not project.converge(state="absent")["changed"]


def test_releases_that_lost_their_link_go_with_all_that_was_written_of_them(project: Project) -> None:
    before = snapshot(project.folder)
    project.converge()
    project.venv.unlink()
    asked = {"venv": str(project.venv), "orphans": True, "history": project.params()["history"]}
    prune(ArgumentSpecValidator(ARGUMENTS).validate(asked).validated_parameters, check_mode=False)
    assert snapshot(project.folder) == before


def test_absent_takes_no_ordinary_folder(project: Project) -> None:
    project.venv.mkdir()
    with pytest.raises(Refused, match="is an ordinary folder"):
        project.converge(state="absent")


def test_passwords_are_in_the_environment_of_poetry_and_nowhere_else(project: Project) -> None:
    text = (project.folder / "pyproject.toml").read_text()
    (project.folder / "pyproject.toml").write_text(
        f'{text}[[tool.poetry.source]]\nname = "company"\nurl = "http://x/"\n'
    )
    project.run.sources = "\n name      : company\n url       : http://localhost/\n"
    result = project.converge(sources=[{"name": "company", "user": "u", "password": "secret-1"}])
    assert "secret-1" not in json.dumps(result)
    assert "secret-1" not in str([call.argv for call in project.run.calls])
    holders = [call.argv[-1] for call in project.run.calls if "secret-1" in call.env.values()]
    assert holders == ["--no-root"]
    assert list(project.asked()[-1][-2:]) == ["install", "--only-root"]


@pytest.fixture
def open_project() -> Iterator[Project]:
    """A project that others can come to, of somebody else."""
    root = pathlib.Path(tempfile.mkdtemp())
    try:
        root.chmod(0o755)
        yield Project(root)
    finally:
        shutil.rmtree(root)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone works for others")
def test_root_works_for_the_owner_and_with_no_more_rights(open_project: Project) -> None:
    person = pwd.getpwnam(PERSON)
    for path in (open_project.folder, *open_project.folder.iterdir()):
        os.chown(path, person.pw_uid, person.pw_gid)
    for state in ("present", "absent"):
        with pytest.raises(Refused, match="is someone else's project"):
            open_project.converge(state=state)
    places = {"history": str(open_project.folder / ".venv.history"), "cache": str(open_project.folder / ".cache")}
    asked: Any = {"owner": PERSON, **places}
    result = open_project.converge(**asked)
    assert result["changed"] and not open_project.converge(**asked)["changed"]
    assert open_project.glance(**asked) is not None
    owners = {path.lstat().st_uid for path in open_project.folder.rglob("*")}
    assert owners == {person.pw_uid}
    assert "warnings" not in result
    assert open_project.converge(**asked, state="absent")["changed"]


def test_what_cannot_be_looked_at_is_a_refusal(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> Any:
        raise PermissionError(13, "Permission denied", path)

    project.converge()
    monkeypatch.setattr(ground, "check_ground", lambda path: None)
    monkeypatch.setattr(os, "readlink", fail)
    with pytest.raises(Refused, match="Permission denied"):
        project.converge()
