# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles ``poetry`` and ``project``: what they are given, what they refuse, and that nothing of a checkout is ever lost."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import tempfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    REPOSITORY,
    Result,
    here,
    read_results,
    start,
)

pytestmark = pytest.mark.system

LOOK = REPOSITORY / "roles/project/files/look.sh"
PASSWORD = "hunter2-of-the-index"
GIT_ENV = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"]}
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.net")


def git(folder: pathlib.Path, *words: str) -> str:
    """Run git in a folder and return what it says."""
    done = subprocess.run(["git", *WHO, *words], cwd=folder, env=GIT_ENV, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Remote:
    """A repository that others clone, with two commits: the tag ``v1`` and the branch ``main``, which has a file more."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (folder / ".python-version").write_text("# the team's\n3.11.7  # exact\n")
        (folder / ".gitignore").write_text(".venv\n*.log\n")
        self.commit("check.py", "one\n")
        git(folder, "tag", "v1")
        self.commit("NOTES", "theirs\n")

    def commit(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        git(self.folder, "add", ".")
        git(self.folder, "commit", "--quiet", "--message", name)
        return git(self.folder, "rev-parse", "HEAD")

    def clone(self, path: pathlib.Path, version: str = "main") -> pathlib.Path:
        git(self.folder.parent, "clone", "--quiet", str(self.folder), str(path))
        git(path, "checkout", "--quiet", version)
        return path


@pytest.fixture
def remote(tmp_path: pathlib.Path) -> Remote:
    return Remote(tmp_path / "remote")


class TestLook:
    """The program that says what git would lose."""

    @staticmethod
    def look(path: pathlib.Path, *words: str) -> list[str]:
        done = subprocess.run(["sh", LOOK, path, *words], env=GIT_ENV, capture_output=True, text=True, check=True)
        assert not done.stderr
        return [line for line in done.stdout.splitlines() if line.split()[0] not in ("there", "git", "commit", "pin")]

    @staticmethod
    def written(clone: pathlib.Path) -> tuple[int, int]:
        """Return which file the index is and when it was written; when it was read changes by itself."""
        found = (clone / ".git/index").stat()
        return found.st_ino, found.st_ctime_ns

    def test_what_there_is(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        for path, lines in (
            (tmp_path / "nowhere", []),
            (tmp_path, ["there yes"]),
            (
                remote.clone(tmp_path / "clone"),
                ["there yes", "pin 3.11.7", f"commit {git(remote.folder, 'rev-parse', 'HEAD')}"],
            ),
        ):
            said = subprocess.run(["sh", LOOK, path], env=GIT_ENV, capture_output=True, text=True, check=True)
            assert said.stdout.splitlines() == lines and not said.stderr

    def test_what_an_update_would_lose(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone", "v1")
        index = self.written(clone)
        (clone / "own.txt").write_text("mine\n")
        assert self.look(clone, "update", "main", "fetch") == [], "a new file that is in nobody's way"
        (clone / "NOTES").write_text("mine\n")
        assert self.look(clone, "update", "main", "no") == []
        assert self.look(clone, "update", "main", "fetch") == ["blocked NOTES"]
        assert self.look(clone, "update", "v1", "fetch") == []
        (clone / "check.py").write_text("mine\n")
        assert self.look(clone, "update", "v1", "no") == ["change  M check.py"]
        assert self.written(clone) == index

    def test_what_is_ignored_is_in_the_way_as_well(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone")
        for name in ("site.yml", "deep/er/host.yml", "vars/all/one.yml", "odd name\n.yml", "fine/new.yml", "turned"):
            (remote.folder / name).parent.mkdir(parents=True, exist_ok=True)
            remote.commit(name, "theirs\n")
        git(remote.folder, "rm", "--quiet", "check.py")
        (remote.folder / "check.py").mkdir()
        remote.commit("check.py/one.py", "theirs\n")
        assert self.look(clone, "update", "main", "fetch") == []
        (clone / ".git/info/exclude").write_text("site.yml\ndeep\nvars\nfine\nturned\n")
        (clone / "vars").symlink_to(tmp_path / "nowhere")
        (clone / "fine").mkdir()
        (clone / "turned/sub").mkdir(parents=True)
        for name in ("site.yml", "deep", "fine/old.yml", "turned/sub/mine"):
            (clone / name).write_text("mine\n")
        assert git(clone, "status", "--porcelain") == ""
        expected = [f"blocked {name}" for name in ("deep", "site.yml", "turned/", "vars")]
        assert self.look(clone, "update", "main", "fetch") == expected

    @pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
    def test_files_that_git_does_not_look_at(self, tmp_path: pathlib.Path, remote: Remote, mark: str) -> None:
        clone = remote.clone(tmp_path / "clone")
        git(clone, "update-index", f"--{mark}", "NOTES", "check.py", ".gitignore")
        (clone / ".gitignore").unlink()
        (clone / "check.py").write_text("mine\n")
        assert git(clone, "status", "--porcelain") == ""
        for words in (["update", "main", "no"], ["remove"]):
            assert self.look(clone, *words) == ["change hidden check.py"], (
                "NOTES is what git has, .gitignore is not there"
            )

    def test_commits_that_no_remote_has(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "my work")
        mine = git(clone, "rev-parse", "HEAD")
        expected = [f"local {git(clone, 'rev-parse', '--short', 'HEAD')} my work"]
        assert self.look(clone, "update", "main", "no") == expected
        assert self.look(clone, "update", mine, "no") == [], "it is the very commit that is asked for"
        git(clone, "checkout", "--quiet", "v1")
        assert self.look(clone, "update", "v1", "no") == [], "no branch is touched by it"
        assert self.look(clone, "update", "main", "no") == expected, "the branch would be set to the remote's"

    def test_what_a_removal_would_lose(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone")
        (clone / ".gitignore").write_text("*.log\n")
        git(clone, "commit", "--quiet", "--all", "--message", "less ignored")
        git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/less")
        (clone / ".venv").symlink_to(".venv.releases/abc")
        (clone / ".venv.releases").mkdir()
        (clone / ".venv.releases/abc").write_text("")
        (clone / "run.log").write_text("")
        assert self.look(clone, "remove") == [], "the environment and what is ignored are not its own"
        (clone / "check.py").write_text("mine\n")
        git(clone, "stash", "--quiet")
        git(clone, "checkout", "--quiet", "-b", "idea")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "my idea")
        git(clone, "checkout", "--quiet", "main")
        (clone / "own.txt").write_text("mine\n")
        assert [line.split()[0] for line in self.look(clone, "remove")] == ["change", "stash", "local"]

    def test_commits_that_a_tag_alone_holds(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        git(remote.folder, "checkout", "--quiet", "--detach")
        remote.commit("RELEASE", "of no branch\n")
        git(remote.folder, "tag", "--annotate", "--message", "v2", "v2")
        clone = remote.clone(tmp_path / "clone", "v2")
        assert self.look(clone, "remove") == [], "the remote has the tag"
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "mine")
        git(clone, "tag", "mine")
        git(clone, "checkout", "--quiet", "main")
        expected = f"local {git(clone, 'rev-parse', '--short', 'mine')} mine"
        assert self.look(clone, "remove") == [expected]
        git(clone, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
        assert expected in self.look(clone, "remove"), "a remote that says nothing has nothing"

    def test_other_repositories_in_it(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        module = Remote(tmp_path / "module")
        added = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module.folder))
        git(remote.folder, *added, "sub")
        git(remote.folder, *added, "gone")
        git(remote.folder, "commit", "--quiet", "--message", "with modules")
        clone = remote.clone(tmp_path / "clone")
        git(clone, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
        (clone / ".git/info/exclude").write_text("other\n")
        module.clone(clone / "other")
        # An environment holds what Poetry cloned, and that is nobody's work.
        module.clone(clone / ".venv.releases/abc/src/dep")
        (clone / ".venv.releases/abc/src/dep/own.txt").write_text("")
        assert self.look(clone, "remove") == []
        for name in ("gone", "sub", "other"):
            git(clone / name, "commit", "--quiet", "--allow-empty", "--message", f"in {name}")
            if name != "other":
                git(clone / name, "branch", "mine")
                git(clone / name, "checkout", "--quiet", "mine~")
        git(clone, "submodule", "--quiet", "deinit", "gone")
        (clone / "other/check.py").write_text("mine\n")
        kinds = sorted(re.sub(r" [0-9a-f]{7,} ", " ", line) for line in self.look(clone, "remove"))
        assert kinds == [
            "change in other:  M check.py",
            "local in modules/gone: in gone",
            "local in modules/sub: in sub",
            "local in other: in other",
        ]
        (clone / "sub/check.py").write_text("mine\n")
        assert self.look(clone, "update", "main", "no") == ["change  M sub"]

    def test_worktrees_and_links(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone")
        git(clone, "worktree", "add", "--quiet", "--detach", str(tmp_path / "second"))
        assert self.look(clone, "remove") == [f"worktree {tmp_path}/second"]
        (tmp_path / "link").symlink_to(clone)
        assert self.look(tmp_path / "link", "remove") == [f"link {clone}"]

    def test_a_folder_of_somebody_else(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        """Git is never asked there: it would run what the folder's owner wrote into its settings."""
        if os.geteuid() != 0:
            assert self.look(pathlib.Path("/usr"), "remove") == ["foreign root"]
            return
        clone = remote.clone(tmp_path / "clone")
        trap = tmp_path / "trap"
        git(clone, "config", "filter.trap.clean", f"touch {trap}; cat")
        (clone / ".git/info/attributes").write_text("* filter=trap\n")
        (clone / "check.py").write_text("mine\n")
        for theirs in (clone, clone / ".git"):
            os.chown(theirs, 65534, -1)
            for words in ([], ["update", "main", "no"], ["remove"]):
                assert self.look(clone, *words) == ["foreign nobody"]
            os.chown(theirs, 0, -1)
        assert not trap.exists()
        assert self.look(clone, "remove") == ["change  M check.py"] and trap.exists()

    def test_a_folder_in_a_repository_is_none(self, tmp_path: pathlib.Path, remote: Remote) -> None:
        clone = remote.clone(tmp_path / "clone")
        (clone / "part").mkdir()
        for more in ([], ["remove"]):
            said = subprocess.run(["sh", LOOK, clone / "part", *more], env=GIT_ENV, capture_output=True, check=True)
            assert said.stdout == b"there yes\n"
        (clone / "part/.git").mkdir()
        words = ["sh", str(LOOK), str(clone / "part"), "remove"]
        done = subprocess.run(words, env=GIT_ENV, capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "not a git repository" in done.stderr

    def test_root_makes_and_removes_folders_on_its_own_ground_alone(self, tmp_path: pathlib.Path) -> None:
        def above(path: object, *words: str) -> int:
            script = LOOK.with_name("above.sh").read_text().rstrip()
            return subprocess.run(
                ["sh", "-c", script, "above", str(path), *words], capture_output=True, check=False
            ).returncode

        assert [above("/usr/new"), above("/usr/new", "false"), above("/nowhere/new"), above("/tmp/new/one")] == [
            0,
            1,
            1,
            1,
        ]
        (tmp_path / "link").symlink_to("/usr")
        assert above(tmp_path / "link/new", "touch", f"{tmp_path}/done") == 1 and not (tmp_path / "done").exists()

    def test_a_repository_that_git_cannot_read_is_not_taken_for_clean(
        self, tmp_path: pathlib.Path, remote: Remote
    ) -> None:
        clone = remote.clone(tmp_path / "clone")
        (clone / ".git/index").write_text("rubbish")
        for words in (["update", "main", "no"], ["remove"]):
            done = subprocess.run(["sh", LOOK, clone, *words], env=GIT_ENV, capture_output=True, text=True, check=False)
            assert done.returncode == 1 and "fatal: " in done.stderr


def role(name: str, **variables: Any) -> Result:
    """Return the task that includes a role."""
    given = {f"{name}_{key}": value for key, value in variables.items()}
    return {"ansible.builtin.include_role": {"name": f"netdevops.python.{name}"}, "vars": given}


def unanswered(folder: pathlib.Path, name: str, *given: str) -> list[str]:
    """Return the options that leave each question about a role's variables unanswered, except those ``given``."""
    defaults = (REPOSITORY / f"roles/{name}/defaults/main.yml").read_text().splitlines()
    names = [line.partition(":")[0] for line in defaults if line.startswith(f"{name}_")]
    lines = [f"{one}: !unsafe ''\n" for one in names if one.partition("_")[2] not in given]
    survey = folder / "survey.yml"
    survey.write_text("".join(lines))
    return ["-e", f"@{survey}"]


def failures(said: list[Result]) -> list[str]:
    """Return the messages of what failed."""
    return [str(result["msg"]) for result in said if result.get("failed")]


class TestProject:
    """The role ``project``, on this machine."""

    @pytest.fixture
    def repository(self, tmp_path: pathlib.Path, remote: Remote) -> Result:
        made = bundles.small(tmp_path / "bundle")
        return {
            "git": str(remote.folder),
            "version": "main",
            "via": "bundle",
            "bundle": str(made),
            "python": BASE_PYTHON,
        }

    def test_one_that_fails_stops_no_other_and_nothing_is_lost(
        self, tmp_path: pathlib.Path, remote: Remote, repository: Result
    ) -> None:
        paths = {name: tmp_path / name for name in ("changed", "as-it-is", "fresh", "missing")}
        for name in ("changed", "as-it-is"):
            (remote.clone(paths[name], "v1") / "check.py").write_text("mine\n")
        # A name that somebody made for whoever puts it into a template.
        (paths["changed"] / "{{ 6 * 7 }}").write_text("")
        git(paths["changed"], "add", "{{ 6 * 7 }}")
        entries = [{**repository, "name": name, "path": f"{path}/"} for name, path in paths.items()]
        entries[1]["update"] = "false"
        entries[3]["git"] = entries[3]["version"] = ""
        # Two that have no interpreter of their own: one pins what cannot be had, the other what is no exact version.
        for name, pin in (("pinned", "3.93.1"), ("odd", "3.93")):
            (tmp_path / name).mkdir()
            entries.append({**entries[3], "name": name, "path": str(tmp_path / name), "python": "", "pin": pin})
        log, root = tmp_path / "history.jsonl", str(tmp_path / "pyenv")
        given = {"repositories": entries, "allow_container": True, "history": str(log)}
        given |= {"interpreter_root": root, "install_interpreters": "true"}
        # A name that others use as well, and that beats all that a role sets.
        options = [*unanswered(tmp_path, "project", *given), "-e", "project_name=fresh"]
        # Once: a play that ignores errors, which this one does, must not get past a refusal.
        asked = role("project", **given)
        asked["vars"].update(pyenv_source="archive", pyenv_archive=f"{tmp_path}/none", pyenv_allow_container=True)
        said = here([asked], options=options)
        *_others, message = failures(said)
        assert f"pinned: {tmp_path}/none: expected an interpreter's archive or a folder of them" in message
        assert f"odd: {root}/versions/3.93/bin/python: expected an interpreter" in message and "3.11.7" not in message
        assert f"changed: {paths['changed']}: expected nothing that another version would overwrite" in message
        assert (
            "changed: M check.py" in message and f"missing: {paths['missing']}: expected a project's folder" in message
        )
        assert [(paths[name] / "check.py").read_text() for name in ("changed", "as-it-is")] == ["mine\n", "mine\n"]
        for name in ("as-it-is", "fresh"):
            assert bundles.says(paths[name] / ".venv") == "alpha 1.0 beta 2.0\n"
        assert not (paths["changed"] / ".venv").exists()
        newest = git(remote.folder, "rev-parse", "HEAD")
        assert git(paths["fresh"], "rev-parse", "HEAD") == newest
        lines = str([result.get("results") for result in said])
        assert f"fresh: {paths['fresh']} at commit {newest[:12]} of main, checked out, release " in lines
        reasons = [json.loads(line).get("reason") for line in log.read_text().splitlines()]
        assert f"commit {newest[:12]} of main" in reasons

    def test_away(self, tmp_path: pathlib.Path, remote: Remote, repository: Result) -> None:
        path = remote.clone(tmp_path / "clone")
        direct.install(path / ".venv", repository["bundle"], history=str(tmp_path / "history.jsonl"))
        (path / "own.txt").write_text("mine\n")
        gone = {**repository, "name": "one", "path": str(path), "state": "absent", "remove_checkout": "true"}
        given = {"repositories": [gone], "allow_container": True, "history": str(tmp_path / "history.jsonl")}
        environment = {"ansible.builtin.stat": {"path": f"{path}/.venv"}}
        away = {"ansible.builtin.file": {"path": f"{path}/own.txt", "state": "absent"}}
        # What is looked at right before it goes, for work that began meanwhile.
        late = role("project", **given)
        late["ansible.builtin.include_role"]["tasks_from"] = "remove"
        late["vars"]["__project_name"] = "one"
        late = {"block": [late], "rescue": [{"ansible.builtin.debug": {}}], "ignore_errors": False}
        said = here([role("project", **given), late, environment, away, role("project", **given)])
        first, *_others, last = failures(said)
        for message in (first, last):
            assert (
                "expected nothing that is nowhere else, found changed: ?? own.txt. The checkout is as it was."
                in message
            )
        assert [result["stat"]["exists"] for result in said if "stat" in result] == [True]
        assert not path.exists()

    def test_what_is_not_clear_is_refused_and_no_password_is_told(
        self, tmp_path: pathlib.Path, repository: Result
    ) -> None:
        """All in check mode, as hosts of one play, with everything that Ansible tells."""
        one = {**repository, "name": "one", "path": str(tmp_path / "one")}
        source = {"name": "company", "user": "reader", "password": PASSWORD}
        secret = {**one, "via": "poetry", "git": "", "path": str(tmp_path), "sources": [source]}
        two = {**one, "path": f"{one['path']}/", "name": "two"}
        cases: dict[str, tuple[dict[str, Any], str]] = {
            "select": ({"repositories": [one], "select": "two"}, "names out of project_repositories (one), found two"),
            "names": ({"repositories": [one, {**one, "path": "/srv/two"}]}, "expected each name once"),
            "paths": ({"repositories": [one, two]}, "expected each path once"),
            "relative": ({"repositories": [{**one, "path": "srv/one"}]}, "expected absolute paths, found srv/one"),
            "version": ({"repositories": [{**one, "version": ""}]}, "expected a version (a commit, a tag or a branch)"),
            "number": (
                {"repositories": [{**one, "version": 1.10}]},
                "expected each version as text, found a number for one",
            ),
            "telling": (
                {"repositories": [{**one, "git": f"https://me:{PASSWORD}@git.example.net/one"}], "select": "one"},
                "expected no password in git, found one in the URL of one",
            ),
            "nobody": (
                {"repositories": [{**one, "owner": "nosuchperson"}]},
                "a user of the host, found no nosuchperson",
            ),
            "bundle": ({"repositories": [{**one, "bundle": None}]}, "expected a bundle with via: bundle, found none"),
            "misspelt": ({"repositories": [{**one, "brnch": "main"}], "select": "two"}, "brnch"),
            "foretold": ({"repositories": [one]}, "one: " + one["path"] + ", would be checked out, release none"),
            "poetry": ({"repositories": [secret]}, "pyproject.toml: expected a file of the project, found none"),
            "realm": ({"repositories": [{**secret, "sources": [{**source, "realm": "x"}]}], "select": "two"}, "realm"),
            "everywhere": ({"repositories": [one], "sources": [{**source, "name": []}], "select": "two"}, "found two"),
        }
        hosts = {
            host: {f"project_{name}": value for name, value in {**given, "allow_container": True}.items()}
            for host, (given, _words) in cases.items()
        }
        with tempfile.TemporaryDirectory(prefix="play-") as folder:
            said = start([role("project")], folder, hosts=hosts, options=["--check", "-vvv"]).communicate(timeout=120)[
                0
            ]
            results = read_results(folder)
        found = {host: json.dumps(results[host]) for host in cases}
        assert [host for host, (_given, words) in cases.items() if words not in found[host]] == []
        assert not (tmp_path / "one").exists()
        assert PASSWORD not in said and PASSWORD not in str(results)


class TestPoetry:
    """The role ``poetry``, on this machine, with a Poetry that is played."""

    @pytest.fixture
    def made(self, tmp_path: pathlib.Path) -> bundles.Made:
        made = bundles.Made(tmp_path / "bundle")
        main = (
            'def main():\n    import sys\n    print("Poetry (version 2.9)")\n    sys.exit(sys.argv[1:] not in RIGHT)\n'
        )
        right = 'RIGHT = (["--version"], ["export", "--help"])\n'
        bundles.wheel(
            made.wheels, "poetry", "2.9", {"poetry/__init__.py": right + main}, commands={"poetry": "poetry:main"}
        )
        return made.seal()

    @staticmethod
    def without_export(folder: pathlib.Path) -> bundles.Made:
        made = bundles.Made(folder / "less")
        main = {"poetry/__init__.py": "import sys\ndef main():\n    sys.exit(sys.argv[1:] != ['--version'])\n"}
        bundles.wheel(made.wheels, "poetry", "2.8", main, commands={"poetry": "poetry:main"})
        return made.seal()

    def test_unanswered_and_foreign_and_away(self, tmp_path: pathlib.Path, made: bundles.Made) -> None:
        commands = tmp_path / "commands"
        commands.mkdir()
        given = {
            "bundle": str(made),
            "path": str(tmp_path / "opt/poetry"),
            "commands_path": str(commands),
            "python": BASE_PYTHON,
            "allow_container": True,
            "history": str(tmp_path / "history.jsonl"),
        }
        command = commands / "poetry"
        command.write_text("#!/bin/sh\necho mine\n")
        tasks = [
            role("poetry", **{**given, "bundle": str(self.without_export(tmp_path)), "commands_path": str(tmp_path)}),
            {"ansible.builtin.stat": {"path": f"{given['path']}/.venv"}},
            role("poetry", **given),
            {"ansible.builtin.command": {"argv": ["mv", str(command), str(tmp_path / "mine")]}},
            role("poetry", **given),
            {"ansible.builtin.command": {"argv": [str(command), "--version"]}},
            role("poetry", **{**given, "state": "absent", "bundle": ""}),
            role("poetry", **{**given, "bundle": ""}),
        ]
        said = here(tasks, options=unanswered(tmp_path, "poetry", *given, "state"))
        unproven, foreign, nameless, *_more = failures(said)
        assert "export --help" in unproven
        assert [result["stat"]["exists"] for result in said if "stat" in result] == [False]
        assert f"{command}: expected nothing or a launcher of " in foreign
        assert "poetry_bundle: expected the bundle of Poetry, found none." in nameless
        assert (tmp_path / "mine").read_text() == "#!/bin/sh\necho mine\n"
        assert "Poetry (version 2.9)" in [result.get("stdout") for result in said]
        assert not command.exists() and not (tmp_path / "opt/poetry").exists()
