# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository is scaffolded, and its own CI runs: each step of GitHub, GitLab and Jenkins, in a fresh clone.

The first run installs the tools of the role's lists, for a minute; they are kept, as a CI keeps its caches.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import yaml

from ansible_collections.netdevops.python.tests.system import bundles, direct, scaffolding
from ansible_collections.netdevops.python.tests.system.playing import (
    CACHE,
    NETWORK,
    REPOSITORY,
    environment,
    here,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.scaffolding import (
    Job,
    Runner,
    git,
    github,
    gitlab,
    jenkins,
    prefix,
)

pytestmark = pytest.mark.system

PIN, OTHER = "3.11.7", "3.12"
CLEAN = "git clean -ffdxq -e .cache/pip"
LISTS = REPOSITORY / "roles/scaffold/files/tools"
INDEX = environment().get("PIP_INDEX_URL", "https://pypi.org/simple/").rstrip("/") + "/"
PYPROJECT = """\
[project]
name = "sample"
version = "1.0"
requires-python = ">=3.11,<3.14"
dependencies = ["idna==3.10"]

[project.scripts]
sample = "sample:main"

[tool.poetry]
packages = [{include = "sample", from = "src"}]

[tool.poetry.group.dev.dependencies]
pytest = "9.0.2"

[[tool.poetry.source]]
name = "internal"
url = "INDEX"
priority = "primary"

[build-system]
requires = ["poetry-core==2.2.1"]
build-backend = "poetry.core.masonry.api"
"""
YAMLLINT = "{extends: default, rules: {line-length: {max: 160}, truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}"
# A key that is none: it is put together here, so that nobody finds one in this file.
SECRET = "AKIA" + "IOSFODNN7EXAMPLD"
FINDING = {
    "id": "PYSEC-2099-1",
    "aliases": [],
    "summary": "made up",
    "details": "made up",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "idna"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.11"}]}],
        }
    ],
}


class Advisories(http.server.BaseHTTPRequestHandler):
    """A mirror of OSV, as an air-gapped team has one: it knows what it is told."""

    known: ClassVar[list[Any]] = []
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(query["package"]["name"])
        data = json.dumps({"vulns": self.known} if query["package"]["name"] == "idna" and self.known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_unused: Any) -> None:
        pass


@pytest.fixture(scope="module")
def advisories() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


class Repository:
    """The repository under test, and the place where its CI runs."""

    def __init__(self, folder: pathlib.Path, kept: pathlib.Path) -> None:
        self.folder, self.kept = folder, kept
        self.lock = kept / f"{hashlib.sha256((PYPROJECT + INDEX).encode()).hexdigest()[:16]}.lock"
        scaffolding.project(folder, INDEX, PIN, self.lock, PYPROJECT)
        git(folder, "init", "--quiet")

    def scaffold(self, **variables: Any) -> dict[str, Any]:
        """Run the role on it; return what the module said of the files."""
        defaults = {
            "scaffold_repository": str(self.folder),
            "scaffold_pythons": OTHER,
            "scaffold_owners": ["@netops/python"],
            "scaffold_index": INDEX,
        }
        role = {"name": "netdevops.python.scaffold"}
        results = here([{"ansible.builtin.include_role": role, "vars": {**defaults, **variables}}])
        said = [succeeded(result) for result in results if "kept" in result and "actions" in result]
        assert len(said) == 1, results
        return dict(said[0])

    def commit(self, message: str = "change") -> None:
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--no-verify", "--message", message)

    def runner(self, **extra: str) -> Runner:
        tools = scaffolding.linked_tools(self.kept / "bin", ["ansible-playbook", "ansible-galaxy"])
        collections = {
            "ANSIBLE_COLLECTIONS_PATH": f"{REPOSITORY}/.collections",
            "ANSIBLE_HOME": str(self.kept / "ansible"),
        }
        return Runner(self.kept, self.folder, tools, {**collections, **extra})

    def shell(self, command: str, *wrap: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the workspace, as an engineer who has the interpreter of the pin."""
        return self.runner().shell(command, Job("by hand", PIN, ()), *wrap)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(LISTS.iterdir()))).hexdigest()[:16]
    kept = CACHE / "scaffold" / digest
    kept.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        alone = stack.enter_context((kept / "lock").open("w"))
        fcntl.flock(alone, fcntl.LOCK_EX)
        made = Repository(tmp_path_factory.mktemp("scaffold") / "sample", kept)
        result = made.scaffold()
        assert [one["file"] for one in result["kept"]] == ["Makefile"]
        made.commit("scaffolded")
        if not made.lock.exists():
            made.runner().checkout()
            done = made.shell("tools/lock.sh")
            assert done.returncode == 0, done.stdout + done.stderr
            shutil.copy(made.runner().workspace / "poetry.lock", made.lock)
            shutil.copy(made.lock, made.folder / "poetry.lock")
            made.commit("locked")
        yield made


def green(runner: Runner, jobs: list[Job], checkout: bool = True) -> dict[str, str]:
    """Run jobs that must pass; return what each said."""
    said = {}
    for job in jobs:
        ran = runner.run(job, checkout)
        assert ran.code == 0, f"{job.name}: {ran.said}"
        said[job.name] = ran.said
    return said


def test_github(repository: Repository, tmp_path: pathlib.Path) -> None:
    jobs = list(github(repository.folder, "ci.yml"))
    assert [(job.name, job.python) for job in jobs] == [
        ("check", PIN), (f"test {PIN}", PIN), (f"test {OTHER}", OTHER), ("package", PIN)
    ]  # fmt: skip
    # What Poetry keeps is not checked again when it is used, so it is not restored.
    assert all(job.cached == ((".cache/pip",), (".python-version", "poetry.lock", "tools/*.txt")) for job in jobs)
    assert not any(job.open for job in jobs)
    runner = repository.runner()
    ran = runner.run_fresh(jobs[0])
    assert ran.code == 0 and {"Installing poetry", "Installing hooks"} <= set(
        re.findall("Installing [a-z]+", ran.said)
    ), ran
    said = green(runner, jobs[1:3])
    assert f"Python {PIN}" in said[f"test {PIN}"] and f"Python {OTHER}." in said[f"test {OTHER}"]
    assert all("1 passed" in said[name] for name in (f"test {PIN}", f"test {OTHER}"))
    green(runner, jobs[3:])
    listed = (runner.workspace / "artifacts/requirements.txt").read_text()
    assert re.match(r"idna==3\.10 .*\\\n    --hash=sha256:[0-9a-f]{64}", listed) and "pytest" not in listed
    assert "://" not in listed
    venv, python = tmp_path / "venv", str(prefix(PIN) / "bin/python3.11")
    direct.install(venv, runner.workspace / "artifacts/bundle", python=python, prove={"commands": [["sample"]]})
    done = subprocess.run([venv / "bin/sample"], capture_output=True, text=True, check=True)
    assert done.stdout == "sample 3.10\n"
    assert git(runner.workspace, "status", "--short") == ""


def test_all_three_run_the_same(repository: Repository) -> None:
    told = {
        "github": [
            *github(repository.folder, "ci.yml"),
            *github(repository.folder, "dependency-scan.yml"),
        ],
        "gitlab": list(gitlab(repository.folder)),
        "jenkins": list(jenkins(repository.folder)),
    }
    # An agent keeps its workspace, so each stage clears it first.
    assert {job.commands[0] for job in told["jenkins"]} == {CLEAN}
    told["jenkins"] = [job._replace(commands=job.commands[1:]) for job in told["jenkins"]]
    same = {
        name: sorted((job.commands, job.environ.get("MATRIX_PYTHON", "")) for job in jobs)
        for name, jobs in told.items()
    }
    assert same["github"] == same["gitlab"] == same["jenkins"]
    assert {commands for commands, _unused in same["github"]} == {
        ("tools/lock-check.sh", "tools/secrets.sh"),
        ("./bootstrap.sh", "tools/test.sh"),
        ("tools/export.sh", "tools/bundle.sh"),
        ("tools/scan.sh",),
    }
    assert {job.artifacts for jobs in told.values() for job in jobs} == {
        (),
        ("artifacts/requirements.txt", "artifacts/bundle"),
    }
    assert [(job.name, job.python) for job in told["gitlab"] if job.name != "scan"] == [
        (job.name, job.python) for job in told["github"][:4]
    ]
    assert {job.cached for job in told["gitlab"]} == {((".cache/pip",), ("poetry.lock", "tools/poetry.txt"))}


def test_when_they_run(repository: Repository) -> None:
    """No test elsewhere would be red if a job never ran."""
    workflows = {
        path.name: yaml.safe_load(path.read_text()) for path in (repository.folder / ".github/workflows").iterdir()
    }
    # YAML 1.1 reads the key `on` as true.
    assert workflows["ci.yml"][True] == {"push": {"branches": ["main"]}, "pull_request": None}
    cron = workflows["dependency-scan.yml"][True].pop("schedule")[0]["cron"]
    assert re.fullmatch(r"\d+ 4 \* \* 1", cron)
    paths = {"paths": ["poetry.lock"]}
    when = {"push": {"branches": ["main"], **paths}, "pull_request": paths, "workflow_dispatch": None}
    assert workflows["dependency-scan.yml"][True] == when
    assert workflows["ci.yml"]["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"
    assert workflows["ci.yml"]["jobs"]["package"]["needs"] == ["check", "test"]
    gitlab_ci = yaml.safe_load((repository.folder / ".gitlab-ci.yml").read_text())
    source = '$CI_PIPELINE_SOURCE == "{}"'.format
    assert gitlab_ci["workflow"]["rules"] == [
        {"if": source("merge_request_event"), "variables": {"CACHE_POLICY": "pull"}},
        {"if": source("schedule")},
        {"if": source("web")},
        {"if": '$CI_COMMIT_BRANCH == "main"'},
    ]
    assert gitlab_ci["variables"] == {"CACHE_POLICY": "pull-push"}
    assert gitlab_ci["default"]["cache"]["policy"] == "$CACHE_POLICY"
    usual = [{"if": source("schedule"), "when": "never"}, {"when": "on_success"}]
    assert {name: gitlab_ci[name]["rules"] == usual for name in ("check", "test", "package")}
    assert all(gitlab_ci[name]["rules"] == usual for name in ("check", "test", "package"))
    assert gitlab_ci["scan"]["rules"] == [{"if": source("schedule")}, {"changes": ["poetry.lock"]}]
    lines = [line.strip() for line in (repository.folder / "Jenkinsfile").read_text().splitlines()]
    assert f"def weekly = (env.BRANCH_NAME in [null, 'main']) ? '{cron}' : ''" in lines and "cron(weekly)" in lines
    stages = [line for line in lines if line.startswith("stage(")]
    assert [line.split("'")[1] for line in stages] == ["check", "scan", "test", "test on a Python", "package"]
    # An agent that waits for others would hold an executor; and no stage is passed over.
    assert lines[lines.index("pipeline {") + 1] == "agent none" and lines.count("agent { label 'linux' }") == 4
    assert not any(line.startswith(("when", "anyOf")) for line in lines)


def test_a_stage_of_jenkins_takes_nothing_over_but_downloads(repository: Repository, tmp_path: pathlib.Path) -> None:
    runner = Runner(tmp_path, repository.folder, tmp_path, {})
    runner.checkout()
    kept = ".cache/pip/http/x"
    made = (".venv/bin/python", ".cache/tools/poetry/bin/poetry", ".cache/poetry/artifacts/x.whl", "artifacts/bundle/x")
    for path in (kept, *made):
        (runner.workspace / path).parent.mkdir(parents=True)
        (runner.workspace / path).touch()
    done = runner.shell(CLEAN, Job("by hand", "", ()))
    assert done.returncode == 0 and (runner.workspace / kept).exists(), done
    assert not {".venv", "artifacts"} & {path.name for path in runner.workspace.iterdir()}
    assert [path.name for path in (runner.workspace / ".cache").iterdir()] == ["pip"]


def test_an_action_or_a_step_that_nobody_knows_fails(repository: Repository) -> None:
    with pytest.raises(AssertionError, match="nobody has said what"):
        scaffolding._used(repository.folder, f"actions/other@{'0' * 40}", {}, Job("one", "", ()))
    with pytest.raises(AssertionError, match="is not pinned"):
        scaffolding._used(repository.folder, "actions/checkout@v4", {}, Job("one", "", ()))


def look_at(folder: pathlib.Path) -> None:
    """Have the tools of each kind of file look at them."""
    scripts = [str(path) for path in (folder / "bootstrap.sh", *sorted((folder / "tools").glob("*.sh")))]
    workflows = [str(path) for path in sorted((folder / ".github/workflows").iterdir())]
    for words in (
        ["shellcheck", "-x", *scripts],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows],
        ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(folder / ".gitlab-ci.yml")],
        ["yamllint", "--strict", "-d", YAMLLINT, str(folder)],
    ):
        done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"


def test_the_files_are_what_their_tools_take(repository: Repository) -> None:
    folder = repository.folder
    look_at(folder)
    owners = (folder / ".github/CODEOWNERS").read_text()
    assert "/poetry.lock @netops/python\n" in owners and (folder / ".gitlab/CODEOWNERS").read_text() == owners
    everything = "".join(path.read_text() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    assert not any(f"{name}=" in everything for name in NETWORK if name != "PIP_INDEX_URL")


def test_the_scan_is_green_until_something_is_known(
    repository: Repository, advisories: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = next(iter(github(repository.folder, "dependency-scan.yml")))
    runner = repository.runner(AUDIT_SERVICE="osv", AUDIT_OSV_URL=advisories)
    Advisories.asked.clear()
    assert "No known vulnerabilities found" in green(runner, [job])["scan"]
    assert {"idna", "pytest", "pluggy"} <= set(Advisories.asked)
    monkeypatch.setattr(Advisories, "known", [FINDING])
    ignored = runner.workspace / "tools/audit-ignore.txt"
    # The last line ends without a newline, as some editors leave it.
    for line, code, said in (
        (
            "# accepted\nPYSEC-2099-1 only in the tests, until 2099-01-01",
            0,
            "No known vulnerabilities found, 1 ignored",
        ),
        ("PYSEC-2099-1 only in the tests, until 2020-01-01", 1, "Found 1 known vulnerability"),
        ("PYSEC-2099-1 only in the tests", 1, "PYSEC-2099-1 has no day"),
    ):
        ignored.write_text(line)
        ran = runner.run(job, checkout=False)
        assert (ran.code, ran.failed) == (code, "tools/scan.sh" * code) and said in ran.said, ran.said
    # A service that is down is no pass.
    down = repository.runner(AUDIT_SERVICE="osv", AUDIT_OSV_URL="http://127.0.0.1:9/v1/query")
    assert down.run(job, checkout=False).code


def test_what_is_not_of_the_lock_is_red(repository: Repository) -> None:
    check, test = list(github(repository.folder, "ci.yml"))[:2]
    runner = repository.runner()
    runner.checkout()
    pyproject, pin = runner.workspace / "pyproject.toml", runner.workspace / ".python-version"
    before = pyproject.read_text()
    pyproject.write_text(before.replace("idna==3.10", "idna==3.9"))
    for job, command in ((check, "tools/lock-check.sh"), (test, "./bootstrap.sh")):
        ran = runner.run(job, checkout=False)
        assert (ran.code, ran.failed) == (1, command) and "run tools/lock.sh, and commit both" in ran.said
    assert not (runner.workspace / ".venv").exists()
    pyproject.write_text(before.replace('version = "1.0"', 'version = "1.0"\nreadme = "none.md"'))
    ran = runner.run(check, checkout=False)
    assert ran.code and "none.md" in ran.said and "tools/lock.sh, and" not in ran.said, ran.said
    pyproject.write_text(before)
    pin.write_text("3.11.8\n")
    ran = runner.run(check, checkout=False)
    assert ran.failed == "tools/lock-check.sh" and f"rendered for {PIN}: run the role" in ran.said, ran.said
    (runner.workspace / ".python-version").write_text(f"{PIN}\n")


def plant(downloads: pathlib.Path) -> None:
    """Put a wheel beside each one of idna that Poetry keeps, which fits an interpreter better."""
    found = list(downloads.rglob("idna-3.10-py3-none-any.whl"))
    assert found
    for path in found:
        with tempfile.TemporaryDirectory(dir=downloads) as folder:
            planted = bundles.wheel(pathlib.Path(folder), "idna", "3.10", {"idna/__init__.py": "PLANTED = 1\n"})
            planted.rename(path.parent / "idna-3.10-cp311-none-any.whl")


def test_an_environment_is_of_the_lock_or_the_one_of_before(repository: Repository) -> None:
    """Not what somebody put beside a download, and never none because a run failed or was killed."""
    runner = repository.runner()
    runner.checkout()
    venv, lock = runner.workspace / ".venv", runner.workspace / "poetry.lock"
    module = venv / "lib/python3.11/site-packages/idna/__init__.py"
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 0, done
    real = module.read_text()
    plant(runner.workspace / ".cache/poetry/artifacts")
    (venv / ".bootstrap").write_text("another\n")
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 0 and "Making" in done.stderr and module.read_text() == real, done
    good = lock.read_text()
    lock.write_text(re.sub("sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", good))
    for is_killed in (False, True):
        if is_killed:
            venv.rename(runner.workspace / ".venv.before")
            for name in (".venv", ".venv.gone/bin"):
                (runner.workspace / name).mkdir(parents=True)
            (venv / ".bootstrap").touch()
        done = repository.shell("tools/test.sh")
        assert done.returncode and "known checksums" in done.stdout + done.stderr and "1 passed" not in done.stdout, (
            done
        )
        assert "is again the one of before" in done.stderr and module.read_text() == real
        assert sorted(path.name for path in runner.workspace.glob(".venv*")) == [".venv"]
    lock.write_text(good)


def test_a_link_to_a_release_is_left_alone(repository: Repository) -> None:
    runner = repository.runner()
    venv, release = runner.workspace / ".venv", runner.workspace / ".cache/release"
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 0, done
    venv.rename(release)
    venv.symlink_to(release)
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 0 and "is left to it" in done.stderr and venv.is_symlink(), done
    record = release / "lib/python3.11/site-packages/idna-3.10.dist-info/METADATA"
    record.write_text(record.read_text().replace("Version: 3.10", "Version: 3.9"))
    record.parent.rename(record.parents[1] / "idna-3.9.dist-info")
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 1 and "other versions than poetry.lock" in done.stderr and venv.is_symlink(), done


def test_hooks_stop_a_commit_and_need_no_network(repository: Repository) -> None:
    runner = repository.runner()
    runner.checkout()
    sample = runner.workspace / "src/sample/keys.py"
    pyproject = runner.workspace / "pyproject.toml"
    commit = "git add --all && git -c user.name=Ann -c user.email=ann@example.net commit --quiet --message x"
    done = repository.shell('"$(./bootstrap.sh --tool hooks)/pre-commit" install')
    assert done.returncode == 0, done.stderr
    pyproject.write_text(pyproject.read_text().replace("idna==3.10", "idna==3.9"))
    done = repository.shell(commit, "unshare", "--net")
    assert done.returncode == 1 and "this commit changes pyproject.toml without poetry.lock" in done.stderr, done
    pyproject.write_text((repository.folder / "pyproject.toml").read_text() + "\n[tool.ruff]\n")
    sample.write_text(f'KEY = "{SECRET}"\n')
    # A list that cannot be installed here takes nothing away from the one of before.
    tools = runner.workspace / "tools/hooks.txt"
    listed = tools.read_text()
    tools.write_text(f"idna==3.10 --hash=sha256:{'0' * 64}\n")
    done = repository.shell("./bootstrap.sh --tool hooks")
    assert done.returncode == 1 and "DO NOT MATCH THE HASHES" in done.stderr and not done.stdout, done
    tools.write_text(listed)
    done = repository.shell(commit, "unshare", "--net")
    assert done.returncode == 1 and "AWS Access Key" in done.stderr and "src/sample/keys.py:1" in done.stderr, done
    # A comment says what is none.
    sample.write_text(f'KEY = "{SECRET}"  # pragma: allowlist secret\n')
    done = repository.shell(commit, "unshare", "--net")
    assert done.returncode == 0, done


def test_no_file_is_passed_over_when_secrets_are_looked_for(repository: Repository) -> None:
    """The CI sees what is in them, where somebody went past the hooks."""
    runner = repository.runner()
    runner.checkout()
    names = ["--exclude-files=.*", "src/keys.py", "tools/deep/notes.txt", "two\nlines"]
    for name in names:
        (runner.workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (runner.workspace / name).write_text(f'KEY = "{SECRET}"\n')
    git(runner.workspace, "add", "--all")
    done = repository.shell("tools/secrets.sh", "unshare", "--net")
    assert done.returncode == 1 and all(f"{name}:1" in done.stdout for name in names), done
    assert not any(name in done.stdout for name in ("poetry.lock", "tools/audit.txt", ".scaffold.json"))
    for broken, said in (("exit 128", "does not say which files"), ("exit 0", "has no files here")):
        stub = runner.workspace / ".cache/stub"
        stub.mkdir(exist_ok=True)
        (stub / "git").write_text(f"#!/bin/sh\n{broken}\n")
        (stub / "git").chmod(0o755)
        done = repository.shell('PATH="$PWD/.cache/stub:$PATH" tools/secrets.sh')
        assert done.returncode == 1 and said in done.stderr and "none was looked at" in done.stderr, done


@pytest.fixture(scope="module")
def plain(repository: Repository) -> Repository:
    """The repository with the plain form of the bundle, the role's Makefile, and a secret of the CI."""
    asked = {
        "scaffold_bundle": "plain",
        "scaffold_ci_environment": {"POETRY_HTTP_BASIC_INTERNAL_PASSWORD": "INDEX_PASSWORD"},
    }
    result = repository.scaffold(**asked, scaffold_overwrite="Makefile")
    changed = [
        ".github/workflows/ci.yml",
        ".github/workflows/dependency-scan.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        "Makefile",
    ]
    scripts = ["tools/bundle.sh", "tools/common.sh", "tools/test.sh"]
    assert sorted(one["subject"] for one in result["actions"]) == changed + scripts
    assert (repository.folder / result["saved"][0]).read_text().startswith("mine:")
    repository.commit("plain")
    return repository


def test_secrets_of_the_ci_are_for_the_steps_that_reach_an_index(plain: Repository) -> None:
    look_at(plain.folder)
    names = {"ci.yml", "dependency-scan.yml"}
    told = {
        "github": [job for name in sorted(names) for job in github(plain.folder, name)],
        "jenkins": list(jenkins(plain.folder)),
    }
    for jobs in told.values():
        for job in jobs:
            assert [one for one in job.commands if one not in job.open] in (
                [],
                [CLEAN],
                ["tools/test.sh"],
                [CLEAN, "tools/test.sh"],
            )
    wrapped = (
        "withCredentials([string(credentialsId: 'INDEX_PASSWORD', variable: 'POETRY_HTTP_BASIC_INTERNAL_PASSWORD')]) {"
    )
    assert (plain.folder / "Jenkinsfile").read_text().count(wrapped) == 4
    given = yaml.safe_load((plain.folder / ".gitlab-ci.yml").read_text())["variables"]
    assert given["POETRY_HTTP_BASIC_INTERNAL_PASSWORD"] == "$INDEX_PASSWORD"
    # GitLab gives them to whole jobs.
    assert (
        "unset -v INDEX_PASSWORD POETRY_HTTP_BASIC_INTERNAL_PASSWORD\n" in (plain.folder / "tools/test.sh").read_text()
    )


def test_the_plain_form(plain: Repository, tmp_path: pathlib.Path) -> None:
    runner = plain.runner()
    runner.checkout()
    bundle = runner.workspace / "artifacts/bundle"
    (runner.workspace / "artifacts").mkdir()
    (runner.workspace / "artifacts/theirs").touch()
    done = plain.shell("tools/export.sh; make clean")
    assert "artifacts was not made by bootstrap.sh" in done.stderr and (bundle.parent / "theirs").exists(), done
    runner.checkout()
    (job,) = (job for job in gitlab(plain.folder) if job.name == "package")
    green(runner, [job], checkout=False)
    venv = tmp_path / "venv"
    subprocess.run([prefix(PIN) / "bin/python3.11", "-m", "venv", "--without-pip", venv], check=True)
    pip = next(runner.workspace.glob(f".cache/tools/poetry-{PIN}-*/bin/pip"))
    words = [
        "--python",
        str(venv / "bin/python"),
        "install",
        "--quiet",
        "--no-index",
        "--find-links",
        "wheels",
        "--require-hashes",
        "-r",
        "requirements.txt",
    ]
    clean = environment(PIP_CONFIG_FILE="/dev/null")
    subprocess.run([pip, *words], cwd=bundle, env=clean, check=True)
    done = subprocess.run([venv / "bin/sample"], capture_output=True, text=True, check=True)
    assert done.stdout == "sample 3.10\n"
    # A project that is no package has a bundle too.
    pyproject = runner.workspace / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("[tool.poetry]\n", "[tool.poetry]\npackage-mode = false\n"))
    done = plain.shell("tools/bundle.sh")
    assert done.returncode == 0, done
    assert [path.name for path in (bundle / "wheels").iterdir()] == ["idna-3.10-py3-none-any.whl"]
    done = plain.shell("mv .cache kept && make help clean && mv kept .cache")
    assert done.returncode == 0 and "make bundle" in done.stdout, done
    assert not {".venv", "artifacts"} & {path.name for path in runner.workspace.iterdir()}


def test_without_a_network_the_wheelhouse_does(repository: Repository) -> None:
    runner = repository.runner()
    runner.checkout()
    kept = repository.kept / f"wheels-{repository.lock.stem}"
    if not kept.exists():
        done = repository.shell("tools/wheelhouse.sh lock")
        assert done.returncode == 0, done.stderr
        (runner.workspace / "artifacts/wheelhouse").rename(kept)
    command = f"BOOTSTRAP_WHEELHOUSE='{kept}' ./bootstrap.sh && ./bootstrap.sh && tools/test.sh"
    done = repository.shell(command, "unshare", "--net")
    assert done.returncode == 0 and "1 passed" in done.stdout and "is up to date" in done.stderr, done


def test_what_bootstrap_did_not_make_is_left_alone(repository: Repository) -> None:
    runner = repository.runner()
    runner.checkout()
    venv = runner.workspace / ".venv"
    venv.mkdir()
    (venv / "mine").touch()
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 1 and "was not made by bootstrap.sh" in done.stderr and (venv / "mine").exists()
