# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a repository's own CI files, read from them and run here as the CI would run them.

What is not understood is an error: a step that is passed over would be a test that says nothing.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
from ansible_collections.netdevops.python.tests.system.playing import NETWORK, REPOSITORY

SECONDS = 300
# What a runner has of the outside: the way to the network, and nothing of this machine's Python.
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
PASSED = (*NETWORK, *CERTIFICATES, *PROXIES)
# Variables and secrets that somebody may set on GitHub; nobody has.
# What an engineer's clone keeps. A CI keeps less.
DESK = (".cache/.gitignore", ".cache/pip", ".cache/tools")
VARIABLES = {"vars.NETDEVOPS_PYTHON_COLLECTION": "", "secrets.INDEX_PASSWORD": ""}
SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Job(NamedTuple):
    """One job, with one row of its matrix.

    Attributes:
        name: What it is called.
        python: The version that its runner or image has; '' for what an agent happens to have.
        commands: What it runs, in order.
        open: Those of them that get the secrets of the CI.
        environ: Variables that the file gives it.
        artifacts: What it hands on, as patterns.
        cached: The folders that are kept, and the files that decide about that.
    """

    name: str
    python: str
    commands: tuple[str, ...]
    environ: Mapping[str, str] = {}
    artifacts: tuple[str, ...] = ()
    cached: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    open: tuple[str, ...] = ()


class Ran(NamedTuple):
    """What came of a job: the exit of its last command, all that it said, and the command that failed."""

    code: int
    said: str
    failed: str


class Runner:
    """A place where jobs run: one workspace that is a fresh clone each time, but for what a CI caches.

    Args:
        folder: Where; it is kept between two sessions, as a cache is.
        repository: What is cloned.
        tools: Folders that every job has on PATH, behind its interpreter.
        extra: Variables that the CI is configured with.
    """

    def __init__(
        self, folder: pathlib.Path, repository: pathlib.Path, tools: pathlib.Path, extra: Mapping[str, str]
    ) -> None:
        self.workspace, self.repository, self.aside = folder / "workspace", repository, folder / "tools"
        self.tools, self.extra = tools, extra
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        # Scripts that asked it would go here instead.
        self.elsewhere = folder / "elsewhere"
        (self.elsewhere / "tools").mkdir(parents=True, exist_ok=True)

    def checkout(self, restored: Sequence[str] = DESK) -> None:
        """Bring the workspace to what is committed, and to what is ``restored`` beside it.

        Tools stay by default, as on an engineer's machine: each is in a folder with the digest of its list. No CI restores them.
        """
        self.workspace.mkdir(parents=True, exist_ok=True)
        for path in [*self.workspace.iterdir(), *(self.workspace / ".cache").glob("*")]:
            if path.name != ".cache" and str(path.relative_to(self.workspace)) not in restored:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        git(self.workspace, "init", "--quiet")
        git(self.workspace, "fetch", "--quiet", "--depth=1", str(self.repository), "HEAD")
        git(self.workspace, "checkout", "--quiet", "--force", "FETCH_HEAD")

    def run_fresh(self, job: Job) -> Ran:
        """Run a job with what its CI restores and nothing else, so that all of its tools are installed. Those of before come back after it."""
        tools = self.workspace / ".cache/tools"
        self.aside.mkdir(exist_ok=True)
        for path in tools.glob("*"):
            shutil.rmtree(self.aside / path.name, ignore_errors=True)
            (self.aside / path.name).unlink(missing_ok=True)
            path.rename(self.aside / path.name)
        self.checkout(job.cached[0])
        ran = self.run(job, checkout=False)
        for path in self.aside.iterdir():
            if not (tools / path.name).exists():
                path.rename(tools / path.name)
        return ran

    def run(self, job: Job, checkout: bool = True) -> Ran:
        """Run a job up to its first command that fails."""
        if checkout:
            self.checkout()
        for path in job.cached[1]:
            assert list(self.workspace.glob(path)), f"{job.name}: the key of the cache names {path}, which is not there"
        said = ""
        for command in job.commands:
            done = self.shell(command, job)
            said += f"$ {command}\n{done.stdout}{done.stderr}"
            if done.returncode:
                return Ran(done.returncode, said, command)
        for pattern in job.artifacts:
            assert list(self.workspace.glob(pattern)), f"{job.name}: there is no {pattern}\n{said}"
        return Ran(0, said, "")

    def shell(self, command: str, job: Job, *wrap: str) -> subprocess.CompletedProcess[str]:
        """Run one command of a job, as all three of them do: by bash, which ends at the first error."""
        words = [*wrap, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        return subprocess.run(
            words,
            cwd=self.workspace,
            env=self.environ(job),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def environ(self, job: Job) -> dict[str, str]:
        path = ":".join([*(f"{prefix(version)}/bin" for version in job.python.split()), str(self.tools), SYSTEM])
        passed = {name: os.environ[name] for name in PASSED if name in os.environ}
        fixed = {"PATH": path, "HOME": str(self.home), "CI": "true", "LANG": "C.UTF-8", "CDPATH": str(self.elsewhere)}
        return {**passed, **fixed, **self.extra, **job.environ}


def git(folder: pathlib.Path, *words: str) -> str:
    """Run git as nobody in particular."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.net", "-c", "init.defaultBranch=main"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = {**clean, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def prefix(version: str) -> pathlib.Path:
    """Return where an interpreter of a version is, exact or not: what setup-python and an image do."""
    if version.count(".") == 2:
        found = find_python(run_process, version, "", os.environ)
        assert found, f"Python {version} is not here: run ./bootstrap.sh --interpreter {version}"
        return pathlib.Path(found.base_prefix)
    path = shutil.which(f"python{version}", path=without_shims())
    assert path, f"no python{version} on PATH"
    return pathlib.Path(os.path.realpath(path)).parents[1]


def without_shims() -> str:
    """Return PATH as the gates have it, whoever started this test."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    bins = sorted(root.glob("versions/*/bin"), reverse=True)
    return ":".join([*map(str, bins), *(path for path in os.environ["PATH"].split(":") if not path.endswith("/shims"))])


# --- GitHub


def github(folder: pathlib.Path, name: str) -> Iterator[Job]:
    """Yield the jobs of a workflow, one for each row of a matrix, in the order of the file."""
    # YAML 1.1 reads the key `on` as true.
    workflow = yaml.safe_load((folder / ".github/workflows" / name).read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job, body in workflow["jobs"].items():
        assert set(body) <= {"needs", "runs-on", "timeout-minutes", "strategy", "env", "steps"}, job
        matrix = body.get("strategy", {}).get("matrix", {"python": [""]})
        assert set(matrix) == {"python"}
        for python in matrix["python"]:
            yield _github_job(folder, f"{job} {python}".strip(), body, {"matrix.python": python, **VARIABLES})


def _github_job(folder: pathlib.Path, name: str, body: Mapping[str, Any], known: Mapping[str, str]) -> Job:
    job = Job(name, "", ())
    environ = {key: _expanded(value, known) for key, value in body.get("env", {}).items()}
    for step in body["steps"]:
        if "uses" in step:
            assert set(step) <= {"uses", "with", "name"}, step
            job = _used(folder, step["uses"], {key: _expanded(one, known) for key, one in step["with"].items()}, job)
        else:
            assert set(step) <= {"name", "run", "env"} and "${{" not in step["run"], step
            assert job.python, f"{name}: a command before the interpreter is there"
            said = step.get("env", {})
            environ.update({key: _expanded(one, known) for key, one in said.items()})
            is_open = any(one.startswith("${{ secrets.") for one in said.values())
            job = job._replace(commands=(*job.commands, step["run"]), open=(*job.open, *[step["run"]][: int(is_open)]))
    return job._replace(environ=environ)


def _used(folder: pathlib.Path, uses: str, given: Mapping[str, Any], job: Job) -> Job:
    """Return the job after an action, which is known by name, pinned by its commit, and emulated."""
    action, commit = uses.split("@")
    assert re.fullmatch("[0-9a-f]{40}", commit), f"{uses} is not pinned"
    if action == "actions/checkout":
        assert given == {"persist-credentials": False}
        return job
    if action == "actions/setup-python":
        assert len(given) == 1
        version = given.get("python-version") or (folder / given["python-version-file"]).read_text().strip()
        return job._replace(python=version)
    if action == "actions/cache":
        assert set(given) == {"path", "key"}
        files = tuple(re.findall("'([^']+)'", given["key"][given["key"].index("hashFiles(") :]))
        return job._replace(cached=(tuple(given["path"].split()), files))
    if action == "actions/upload-artifact":
        assert set(given) == {"name", "path", "if-no-files-found"} and given["if-no-files-found"] == "error"
        return job._replace(artifacts=(*job.artifacts, given["path"]))
    raise AssertionError(f"nobody has said what {uses} does")


def _expanded(value: Any, known: Mapping[str, str]) -> Any:
    """Return a value with its expressions replaced; the key of a cache keeps hashFiles, whose files are looked at."""
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        word = match.group(1)
        if word.startswith(("hashFiles(", "runner.")):
            return word
        return known[word]

    return re.sub(r"\$\{\{\s*(.+?)\s*\}\}", replace, value)


# --- GitLab


def gitlab(folder: pathlib.Path) -> Iterator[Job]:
    """Yield the jobs of ``.gitlab-ci.yml``, one for each row of a matrix, by stage."""
    content = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())
    default = content.pop("default")
    stages = content.pop("stages")
    content.pop("workflow")
    content.pop("variables")
    bodies = {name: body for name, body in content.items() if not name.startswith(".")}
    for name, body in sorted(bodies.items(), key=lambda item: stages.index(item[1]["stage"])):
        assert set(body) <= {"stage", "timeout", "image", "parallel", "script", "artifacts", "rules"}, name
        matrix = body.get("parallel", {}).get("matrix", [{"MATRIX_PYTHON": [""]}])[0]
        for python in matrix["MATRIX_PYTHON"]:
            image = body.get("image", default["image"]).replace("$MATRIX_PYTHON", python)
            assert re.fullmatch(r"python:3\.\d+(\.\d+)?", image), image
            yield Job(
                f"{name} {python}".strip(),
                image.split(":")[1],
                tuple(body["script"]),
                {"MATRIX_PYTHON": python} if python else {},
                tuple(path.rstrip("/") for path in body.get("artifacts", {}).get("paths", ())),
                (tuple(default["cache"]["paths"]), tuple(default["cache"]["key"]["files"])),
            )


# --- Jenkins

_KNOWN = {
    "open": re.compile(
        r"(pipeline|options|triggers|stages|steps|matrix|axes|axis|when|anyOf|stage\('([^']+)'\)|withCredentials\(.*\)) \{"
    ),
    "close": re.compile(r"\}"),
    "sh": re.compile(r"sh '([^']+)'"),
    "values": re.compile(r"values ('[^']+'(?:, '[^']+')*)"),
    "archive": re.compile(r"archiveArtifacts artifacts: '([^']+)'"),
    "other": re.compile(
        r"//.*|agent none|agent \{ label '\w+' \}|disableConcurrentBuilds\(\)|timeout\(time: \d+, unit: 'MINUTES'\)"
        r"|def weekly = .*|cron\(weekly\)|name 'MATRIX_PYTHON'"
    ),
}


def jenkins(folder: pathlib.Path) -> Iterator[Job]:
    """Yield the stages of a Jenkinsfile that run something, one for each value of their axis. It reads no Groovy but ours."""
    reader = _Jenkinsfile()
    for line in filter(None, map(str.strip, (folder / "Jenkinsfile").read_text().splitlines())):
        yield from reader.read(line)
    assert not reader.opened


class _Jenkinsfile:
    """What was read up to here: the blocks that are open, and what is gathered for the stage."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.stage, self.pythons = "", [""]
        self.commands: list[str] = []
        self.with_secrets: list[str] = []
        self.artifacts: list[str] = []

    def read(self, line: str) -> Iterator[Job]:
        found = [(kind, match) for kind, form in _KNOWN.items() if (match := form.fullmatch(line))]
        assert len(found) == 1, f"nobody has said what {line!r} does"
        kind, match = found[0]
        if kind == "open":
            self.opened.append(match.group(1))
            self.stage = match.group(2) or self.stage
        elif kind == "close":
            yield from self.close()
        else:
            self.keep(kind, match.group(1) if match.groups() else "")

    def keep(self, kind: str, word: str) -> None:
        if kind == "sh":
            assert "steps" in self.opened[-2:], word
            self.commands.append(word)
            self.with_secrets += [word] if self.opened[-1].startswith("withCredentials") else []
        elif kind == "values":
            self.pythons = re.findall("'([^']+)'", word)
        elif kind == "archive":
            self.artifacts = [path.strip().replace("/**", "") for path in word.split(",")]

    def close(self) -> Iterator[Job]:
        closed = self.opened.pop()
        if closed == "matrix":
            self.pythons = [""]
        if closed != "steps":
            return
        for python in self.pythons:
            environ = {"MATRIX_PYTHON": python} if python else {}
            yield Job(
                f"{self.stage} {python}".strip(),
                "",
                tuple(self.commands),
                environ,
                tuple(self.artifacts),
                open=tuple(self.with_secrets),
            )
        self.commands, self.artifacts, self.with_secrets = [], [], []


def project(folder: pathlib.Path, index: str, pin: str, kept: pathlib.Path, text: str) -> None:
    """Write a small project with a test; its lock is the one that is kept of this ``text``, if there is one."""
    for path, content in {
        "pyproject.toml": text.replace("INDEX", index),
        ".python-version": f"{pin}\n",
        "src/sample/__init__.py": 'import idna\n\n\ndef main():\n    print("sample", idna.__version__)\n',
        "tests/test_sample.py": "import sample\n\n\ndef test_it(capsys):\n    sample.main()\n"
        '    assert "3.10" in capsys.readouterr().out\n',
        "Makefile": "mine:\n\t@echo mine\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    if kept.exists():
        shutil.copy(kept, folder / "poetry.lock")


def linked_tools(folder: pathlib.Path, names: Sequence[str]) -> pathlib.Path:
    """Return a folder with some commands of the development environment, and no Python."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(REPOSITORY / ".venv/bin" / name)
    return folder
