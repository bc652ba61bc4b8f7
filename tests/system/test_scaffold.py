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
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from ansible_collections.netdevops.python.tests.system import direct, scaffolding
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


def test_github(repository: Repository, advisories: str, tmp_path: pathlib.Path) -> None:
    jobs = list(github(repository.folder, "ci.yml"))
    assert [(job.name, job.python) for job in jobs] == [
        ("check", PIN), (f"test {PIN}", PIN), (f"test {OTHER}", OTHER), ("package", PIN)
    ]  # fmt: skip
    assert all(
        job.cached == ((".cache/pip", ".cache/poetry"), (".python-version", "poetry.lock", "tools/*.txt"))
        for job in jobs
    )
    runner = repository.runner()
    said = green(runner, jobs[:3])
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
    same = {name: {job.commands for job in jobs} for name, jobs in told.items()}
    assert same["github"] == same["gitlab"] == same["jenkins"]
    assert same["github"] == {
        ("tools/lock-check.sh", "tools/secrets.sh"),
        ("./bootstrap.sh", "tools/test.sh"),
        ("tools/export.sh", "tools/bundle.sh"),
        ("tools/scan.sh",),
    }
    assert {job.artifacts for jobs in told.values() for job in jobs} == {
        (),
        ("artifacts/requirements.txt", "artifacts/bundle"),
    }


def test_an_action_or_a_step_that_nobody_knows_fails(repository: Repository) -> None:
    with pytest.raises(AssertionError, match="nobody has said what"):
        scaffolding._used(repository.folder, f"actions/other@{'0' * 40}", {}, Job("one", "", ()))
    with pytest.raises(AssertionError, match="is not pinned"):
        scaffolding._used(repository.folder, "actions/checkout@v4", {}, Job("one", "", ()))


def test_the_files_are_what_their_tools_take(repository: Repository) -> None:
    folder = repository.folder
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
    assert "No known vulnerabilities found" in green(runner, [job])["scan"] and Advisories.asked == ["idna"]
    monkeypatch.setattr(Advisories, "known", [FINDING])
    ran = runner.run(job, checkout=False)
    assert ran.code and ran.failed == "tools/scan.sh" and "PYSEC-2099-1" in ran.said
    (runner.workspace / "tools/audit-ignore.txt").write_text("# accepted\nPYSEC-2099-1 only in the tests\n")
    assert runner.run(job, checkout=False).code == 0
    # A service that is down is no pass.
    down = repository.runner(AUDIT_SERVICE="osv", AUDIT_OSV_URL="http://127.0.0.1:9/v1/query")
    assert down.run(job, checkout=False).code


def test_a_stale_lock_and_a_changed_hash_are_red(repository: Repository) -> None:
    check, test = list(github(repository.folder, "ci.yml"))[:2]
    runner = repository.runner()
    runner.checkout()
    pyproject, lock = runner.workspace / "pyproject.toml", runner.workspace / "poetry.lock"
    before = pyproject.read_text()
    pyproject.write_text(before.replace("idna==3.10", "idna==3.9"))
    for job, command in ((check, "tools/lock-check.sh"), (test, "./bootstrap.sh")):
        ran = runner.run(job, checkout=False)
        assert (ran.code, ran.failed) == (1, command) and "run tools/lock.sh, and commit both" in ran.said
    assert not (runner.workspace / ".venv").exists()
    pyproject.write_text(before)
    found = re.search(r'name = "idna"\n(?:.*\n)*?files = \[\n.*?sha256:([0-9a-f]{64})', lock.read_text())
    assert found
    lock.write_text(re.sub("sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", lock.read_text()))
    ran = runner.run(test, checkout=False)
    assert ran.code and ran.failed == "./bootstrap.sh" and "known checksums" in ran.said, ran.said
    assert "1 passed" not in ran.said
    (runner.workspace / "tools/tiny.txt").write_text(f"idna==3.10 --hash=sha256:{'0' * 64}\n")
    done = repository.shell("./bootstrap.sh --tool tiny")
    assert done.returncode == 1 and "DO NOT MATCH THE HASHES" in done.stderr and not done.stdout, done


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
    done = repository.shell(commit, "unshare", "--net")
    assert done.returncode == 1 and "AWS Access Key" in done.stderr and "src/sample/keys.py:1" in done.stderr, done
    # The CI sees it too, where somebody went past the hooks; and a comment says what is none.
    done = repository.shell("tools/secrets.sh", "unshare", "--net")
    assert done.returncode == 1 and "src/sample/keys.py:1" in done.stdout, done
    sample.write_text(f'KEY = "{SECRET}"  # pragma: allowlist secret\n')
    done = repository.shell(commit, "unshare", "--net")
    assert done.returncode == 0, done


@pytest.fixture(scope="module")
def plain(repository: Repository) -> Repository:
    """The repository with the plain form of the bundle, and the role's Makefile."""
    result = repository.scaffold(scaffold_bundle="plain", scaffold_overwrite="Makefile")
    changed = [".github/workflows/ci.yml", ".gitlab-ci.yml", "Makefile", "tools/bundle.sh"]
    assert sorted(one["subject"] for one in result["actions"]) == changed
    assert (repository.folder / result["saved"][0]).read_text().startswith("mine:")
    repository.commit("plain")
    assert not repository.scaffold(scaffold_bundle="plain")["changed"]
    return repository


def test_the_plain_form_on_gitlab(plain: Repository) -> None:
    jobs = [job for job in gitlab(plain.folder) if job.name != "scan"]
    assert [(job.name, job.python) for job in jobs] == [
        ("check", PIN), (f"test {PIN}", PIN), (f"test {OTHER}", OTHER), ("package", PIN)
    ]  # fmt: skip
    said = green(plain.runner(), jobs)
    assert "1 passed" in said[f"test {PIN}"] and "1 passed" in said[f"test {OTHER}"]


def test_the_plain_form_on_jenkins(plain: Repository, tmp_path: pathlib.Path) -> None:
    """An agent keeps its workspace, so what is up to date is not made again."""
    runner = plain.runner()
    runner.checkout()
    jobs = [job._replace(python=f"{PIN} {OTHER}") for job in jenkins(plain.folder) if job.name != "scan"]
    said = green(runner, jobs, checkout=False)
    assert "is up to date" in said[f"test on a Python {PIN}"]
    venv = tmp_path / "venv"
    subprocess.run([prefix(PIN) / "bin/python3.11", "-m", "venv", venv], check=True)
    words = ["install", "--quiet", "--no-index", "--find-links", "wheels", "--require-hashes", "-r", "requirements.txt"]
    clean, bundle = environment(PIP_CONFIG_FILE="/dev/null"), runner.workspace / "artifacts/bundle"
    subprocess.run([venv / "bin/python", "-m", "pip", *words], cwd=bundle, env=clean, check=True)
    done = subprocess.run([venv / "bin/sample"], capture_output=True, text=True, check=True)
    assert done.stdout == "sample 3.10\n"
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
    (venv / "mine").unlink()
    venv.rmdir()
    venv.symlink_to(prefix(PIN))
    done = repository.shell("./bootstrap.sh")
    assert done.returncode == 0 and "is left to it" in done.stderr and venv.is_symlink(), done
