# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the side of Poetry or of an index: real Poetry of both ages fails, and one clear problem comes of it."""

from __future__ import annotations

import base64
import os
import pathlib
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Unheard, run_process
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import Source
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tool import Place, Poetry
from ansible_collections.netdevops.python.tests.system import direct
from ansible_collections.netdevops.python.tests.system import poetry_lab as lab
from ansible_collections.netdevops.python.tests.system.disks import Disk
from ansible_collections.netdevops.python.tests.system.package_index import USER, Index
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system

# What a shell, a URL and JSON write otherwise is in it.
PASSWORD = 'pa/ss+"word" of%1'
BACKEND = 'import os\ndef build_wheel(*a, **k):\n    print(os.environ)\n    raise RuntimeError("no compiler here")\n'


class Case:
    """A copy of the sample project, an empty environment, and one of the Poetrys.

    Attributes:
        project: The folder of the project.
        venv: The environment.
    """

    def __init__(self, folder: pathlib.Path, index: Index, version: str) -> None:
        self.index, self.version = index, version
        self.project, self.venv, self.private = folder / "small", folder / "venv", folder / "private"
        lab.sample(self.project, index, lock=version)
        self.private.mkdir()

    def make_venv(self) -> None:
        python = lab.interpreter() / "bin/python3"
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", str(self.venv)], check=True)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file, and let the lock be the one of the pyproject.toml that there is then."""
        path = self.project / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        digest = lab.content_hash((self.project / "pyproject.toml").read_text())
        lock = self.project / "poetry.lock"
        lock.write_text(re.sub('content-hash = ".*"', f'content-hash = "{digest}"', lock.read_text()))

    def move(self, origin: str) -> None:
        """Have another address of the index."""
        for file in ("poetry.lock", "pyproject.toml"):
            self.edit(file, self.index.origin, origin)

    def poetry(
        self, password: str = PASSWORD, timeout: float = 120, environ: Mapping[str, str] | None = None
    ) -> Poetry:
        return Poetry(
            run_process,
            str(lab.poetry(self.version)),
            Place(str(self.project), str(self.private)),
            environ={"PATH": os.environ["PATH"], "HOME": str(self.private), **(environ or {})},
            sources=(Source(lab.SOURCE, USER, password),) if password else (),
            timeout=timeout,
        )

    def plan(self, **selection: Any) -> None:
        self.poetry(password="").plan(Selection(**selection), str(self.venv))

    def install(self, **options: Any) -> None:
        self.poetry(**options).install(Selection(only=("dev",)), str(self.venv))


def no_group(case: Case) -> None:
    case.plan(with_=("nope",))


def no_extra(case: Case) -> None:
    case.plan(extras=("nope",))


def lock_of_a_newer_poetry(case: Case) -> None:
    case.edit("poetry.lock", 'lock-version = "2.', 'lock-version = "9.')
    case.plan()


def lock_is_no_toml(case: Case) -> None:
    case.edit("poetry.lock", "[metadata]", "[metadata")
    case.plan()


def other_python(case: Case) -> None:
    case.edit("pyproject.toml", 'python = ">=3.9"', 'python = ">=3.9,<3.10"')
    case.plan()


def wrong_password(case: Case) -> None:
    case.install(password="Wr0ng/One+4")


def no_password(case: Case) -> None:
    case.install(password="")


def other_file(case: Case) -> None:
    lock = (case.project / "poetry.lock").read_text()
    found = re.search(r'gamma-1\.0-[^"]*", hash = "sha256:(\w+)"', lock)
    assert found
    case.edit("poetry.lock", found.group(1), "0" * 64)
    case.install()


def no_file(case: Case) -> None:
    case.edit("poetry.lock", "gamma-1.0-", "gamma-1.5-")
    case.edit("poetry.lock", 'name = "gamma"\nversion = "1.0"', 'name = "gamma"\nversion = "1.5"')
    case.edit("pyproject.toml", 'gamma = "1.0"', 'gamma = ">=1.0"')
    case.install()


def readme_is_missing(case: Case) -> None:
    case.edit("pyproject.toml", 'description = ""', 'description = ""\nreadme = "README.md"')
    case.install()


def cannot_be_built(case: Case) -> None:
    source = case.project / "broken"
    source.mkdir()
    (source / "backend.py").write_text(BACKEND)
    build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (source / "pyproject.toml").write_text(f'[project]\nname = "gamma"\nversion = "1.0"\n{build}')
    case.edit("pyproject.toml", 'gamma = "1.0"', 'gamma = {path = "broken"}')
    lock = (case.project / "poetry.lock").read_text()
    found = re.search(r'(?s)name = "gamma"\n.*?\[package\.source\]\n(.*?)\n\n', lock)
    assert found
    directory = found.group().replace(found.group(1), 'type = "directory"\nurl = "broken"')
    case.edit("poetry.lock", found.group(), re.sub(r"(?s)files = \[.*?\n\]", "files = []", directory))
    case.install()


def disk_is_full(case: Case) -> None:
    disk = Disk(case.venv)
    try:
        case.make_venv()
        disk.leave(inodes=2)
        case.install()
    finally:
        disk.close()


def source_is_down(case: Case) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    case.move(f"http://127.0.0.1:{port}")
    case.install()


def source_never_answers(case: Case) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        case.move(f"http://127.0.0.1:{server.getsockname()[1]}")
        case.install(timeout=6)


def build_without_a_network(case: Case) -> None:
    case.edit("pyproject.toml", 'description = ""', 'description = ""\nbuild = "build.py"')
    (case.project / "build.py").write_text("raise SystemExit('built')\n")
    case.poetry(password="").install_root(str(case.venv), closed=True)


CASES: dict[Callable[[Case], None], tuple[str, str]] = {
    source_is_down: ("source 127.0.0.1:", "cannot be connected to: [Errno 111] Connection refused."),
    source_never_answers: ("/bin/poetry", "did not end within 6 seconds and was stopped."),
    no_group: ("with", "found no group 'nope' in its pyproject.toml"),
    no_extra: ("extras", "found no extra 'nope' in its lock"),
    lock_of_a_newer_poetry: ("poetry.lock", "found one of a newer Poetry"),
    lock_is_no_toml: ("poetry.lock", "is no TOML: "),
    other_python: ("python", "expected a Python that pyproject.toml allows (>=3.9,<3.10), found 3."),
    wrong_password: (f"source '{lab.SOURCE}'", f"it turns {USER!r} away (401 or 403)"),
    no_password: (f"source '{lab.SOURCE}'", "asks for a password (401 or 403), found none"),
    other_file: ("gamma", "expected a file of one of the digests in poetry.lock, found another."),
    no_file: ("gamma 1.5", "its source has no file of it"),
    readme_is_missing: ("small", "cannot be installed itself: "),
    cannot_be_built: ("gamma 1.0", "RuntimeError: no compiler here"),
    build_without_a_network: ("pyproject.toml", "cannot be built without a network"),
    disk_is_full: ("small", "Poetry could not write: no space left on device."),
}
Said = dict[tuple[str, str], Future[tuple[Problem, ...]]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index(tmp_path_factory.mktemp("index"), password=PASSWORD) as found:
        yield lab.stock(found)


@pytest.fixture(scope="module")
def said(index: Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    """What comes of each case: some wait for a source most of their time, so all are under way at once."""
    with ThreadPoolExecutor(4) as pool:
        cases = {(work.__name__, version): work for work in CASES for version in lab.VERSIONS}
        folders = {key: tmp_path_factory.mktemp(key[0]) for key in cases}
        yield {key: pool.submit(_problems, work, folders[key], index, key[1]) for key, work in cases.items()}


def _problems(work: Callable[[Case], None], folder: pathlib.Path, index: Index, version: str) -> tuple[Problem, ...]:
    case = Case(folder, index, version)
    if work is not disk_is_full:
        case.make_venv()
    try:
        work(case)
    except Refused as refused:
        return refused.problems
    return ()


@pytest.mark.parametrize("version", lab.VERSIONS)
@pytest.mark.parametrize("name", [work.__name__ for work in CASES])
def test_what_is_wrong_is_one_clear_problem(said: Said, name: str, version: str) -> None:
    subject, words = next(told for work, told in CASES.items() if work.__name__ == name)
    problems = said[name, version].result()
    assert len(problems) == 1, problems
    assert subject in problems[0].subject
    assert words in problems[0].message
    assert problems[0].next_step
    assert "pa/ss" not in str(problems)
    assert "pa%2Fss" not in str(problems)


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_what_a_person_likes_changes_nothing_and_is_not_changed(
    index: Index, version: str, tmp_path: pathlib.Path
) -> None:
    case = Case(tmp_path, index, version)
    case.make_venv()
    home, cache = tmp_path / "home", tmp_path / "home/.cache/pypoetry"
    other = tmp_path / "other"
    for file, text in {
        ".config/pypoetry/config.toml": f'[virtualenvs]\npath = "{other}"\n[installer]\nno-binary = [":all:"]\n',
        ".config/pip/pip.conf": "[global]\nindex-url = http://127.0.0.1:9/simple\n",
        ".config/virtualenv/virtualenv.ini": "[virtualenv]\nsystem-site-packages = true\n",
    }.items():
        (home / file).parent.mkdir(parents=True)
        (home / file).write_text(text)
    # As `poetry env use` leaves it: this beats VIRTUAL_ENV, and Poetry would go for the environment in the project.
    (case.project / ".venv").mkdir()
    name = _name_of_its_environments(case)
    (cache / "virtualenvs").mkdir(parents=True)
    (cache / "virtualenvs/envs.toml").write_text(f'[{name}]\nminor = "3.9"\npatch = "3.9.1"\n')
    (case.project / "poetry.toml").write_text(
        '[virtualenvs]\nin-project = true\n[installer]\nonly-binary = [":all:"]\n'
    )
    before = tree(home), tree(case.project)

    theirs = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    poetry = case.poetry(environ={**theirs, "HOME": str(home), "VIRTUALENV_PIP": "0"})
    planned = poetry.plan(Selection(), str(case.venv))
    assert poetry.install(Selection(), str(case.venv)) == ()
    assert dict(planned.packages) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
    found = {path.name for path in case.venv.glob("lib/*/site-packages/*.dist-info")}
    assert found == {f"{part}.dist-info" for part in ("alpha-1.0", "beta-1.0", "gamma-1.0", "small_tool-0.1.0")}
    assert (differences(before[0], tree(home)), differences(before[1], tree(case.project))) == ([], [])
    # The index says that its answers vary by the password; a cache of answers would hold it.
    cached = [path for path in (case.private / "cache").rglob("*") if path.is_file()]
    assert {path.suffix for path in cached} == {".whl"}
    encoded = base64.b64encode(f"{USER}:{PASSWORD}".encode())
    assert [path for path in case.private.rglob("*") if path.is_file() and encoded in path.read_bytes()] == []


def _name_of_its_environments(case: Case) -> str:
    program = "import sys; from poetry.utils.env import EnvManager; print(EnvManager.generate_env_name(*sys.argv[1:]))"
    python = lab.poetry(case.version).with_name("python")
    words = [str(python), "-I", "-c", program, "small-tool", str(case.project)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("version", lab.VERSIONS)
def test_what_an_index_has_beside_the_lock_is_no_release(version: str, tmp_path: pathlib.Path) -> None:
    """It has a better wheel of the same version since it was locked, and says no digest of it."""
    with Index(tmp_path / "wheels", user="", digests=False) as index:
        project, asked = tmp_path / "app", {"poetry": str(lab.poetry(version)), "cache": str(tmp_path / "cache")}
        index.wheel("alpha", "1.0")
        lab.sample(project, index, lock=version, needs=lab.Needs({"alpha": "1.0"}))
        locked = next(index.folder.glob("*.whl"))
        other = tmp_path / "other.whl"
        other.write_bytes(locked.read_bytes())
        index.wheel("alpha", "1.0", {"alpha/__init__.py": "EVIL = True\n"})
        os.rename(locked, index.folder / "alpha-1.0-1-py3-none-any.whl")
        with pytest.raises(Refused) as refused:
            direct.project(project, **asked)
        # The newer one looks itself.
        subjects = {"1.8": "alpha-1.0-1-py3-none-any.whl", "2": "alpha 1.0"}
        assert [problem.subject for problem in refused.value.problems] == [subjects[version]]
        assert not (project / ".venv").exists()
        os.unlink(index.folder / "alpha-1.0-1-py3-none-any.whl")
        os.rename(other, locked)
        index.stop()
        index.digests = True
        index.start()
        assert direct.project(project, **asked)["packages"]["count"] == 2
        # What is kept is used: the lists are asked for, no file is.
        shutil.rmtree(project / ".venv.releases")
        index.log.clear()
        assert direct.project(project, **asked)["changed"]
        assert [request.path for request in index.log if request.path.endswith(".whl")] == []
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [locked.name]
    assert min(os.listdir(project / ".venv.releases")) == ".gitignore"


def test_a_poetry_whose_interpreter_is_gone_is_told_to_be_broken(tmp_path: pathlib.Path) -> None:
    program = tmp_path / "poetry"
    program.write_text("#!/nonexistent/bin/python\n")
    program.chmod(0o755)
    poetry = Poetry(run_process, str(program), Place(str(tmp_path), str(tmp_path)), environ={})
    with pytest.raises(Refused, match="its interpreter may be gone") as refused:
        assert poetry.version
    assert not isinstance(refused.value, Unheard)
