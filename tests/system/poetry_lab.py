# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poetry of two ages, and projects with a lock that a real Poetry made."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import read_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.package_index import Index
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY, environment

VERSIONS = ("1.8", "2")
# Without the link of .collections in it: hosts of the lab see it at this path.
FOLDER = REPOSITORY.resolve() / ".cache/poetry"
SOURCE = "company"
SECONDS = 180
# Where a kept lock has the address of its index: each run has another one.
ADDRESS = "http://index-{}.invalid:80"


def poetry(version: str) -> pathlib.Path:
    """Return the executable of Poetry 1.8 or of the newest 2.x; it is installed once, from a list with hashes.

    Hosts of the lab can run it at the same path: :func:`shown` says what they must see.
    """
    python = str(interpreter() / "bin/python3")
    # A script names the folder that its environment was made in.
    digest = hashlib.sha256(f"{FOLDER} {python} {_list(version).read_text()}".encode()).hexdigest()[:16]
    folder = FOLDER / f"{version}-{digest}"
    with _alone(FOLDER / f".{version}.lock"):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, python, _list(version))
            (folder / "made").touch()
    return folder / "bin/poetry"


def _list(version: str) -> pathlib.Path:
    return REPOSITORY / f"tests/lab/poetry-{version}.txt"


@functools.cache
def interpreter() -> pathlib.Path:
    """Return the prefix of the interpreter that Poetry runs on: the one that the example pins, which hosts of the lab can run too."""
    pin = read_pin(str(REPOSITORY / "docs/examples/netcheck"))
    found = find_python(run_process, pin, "", os.environ)
    assert found, f"Python {pin} is not here: run ./bootstrap.sh --interpreter {pin}"
    return pathlib.Path(found.base_prefix)


def shown(*versions: str) -> list[pathlib.Path]:
    """Return the folders that a host must see at the same path to run these Poetrys."""
    return [interpreter(), *(poetry(version).parents[1] for version in versions)]


def way_to(folders: Iterable[pathlib.Path]) -> str:
    """Return the shell command that lets everyone on a host go to what it is shown: the home of root is closed."""
    above = sorted({str(parent) for folder in folders for parent in folder.parents} - {"/"})
    return f"chmod a+x {' '.join(above)}"


def _install(folder: pathlib.Path, python: str, listed: pathlib.Path) -> None:
    said = environment(UV_NO_CONFIG="1", PIP_CONFIG_FILE=os.devnull)
    index = ["--index-url", said["PIP_INDEX_URL"]] if said.get("PIP_INDEX_URL") else []
    exact = ["--quiet", "--link-mode", "copy", "--no-deps", "--require-hashes", "--only-binary", ":all:", *index]
    for words in (
        [python, "-I", "-m", "venv", "--without-pip", str(folder)],
        ["uv", "pip", "install", "--python", f"{folder}/bin/python", *exact, "--requirement", str(listed)],
        [f"{folder}/bin/python", "-I", "-m", "compileall", "-qq", str(folder / "lib")],
    ):
        done = subprocess.run(words, env=said, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "compileall" in words, done.stderr


@contextlib.contextmanager
def _alone(path: pathlib.Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Needs(NamedTuple):
    """What a project depends on, as ``[tool.poetry]`` has it: constraint, or a whole inline table, by name.

    Attributes:
        main: What everyone gets.
        groups: More by the group's name.
        optional: Groups that are installed only when they are asked for.
        extras: Names of optional packages of ``main`` by the extra's name.
    """

    main: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]] = {}
    optional: tuple[str, ...] = ()
    extras: Mapping[str, Sequence[str]] = {}


# What :func:`stock` puts into an index.
USUAL = Needs(
    main={"alpha": "1.0", "epsilon": '{version = "1.0", optional = true}'},
    groups={"dev": {"gamma": "1.0"}, "docs": {"delta": "1.0"}},
    optional=("docs",),
    extras={"fast": ["epsilon"]},
)


def stock(index: Index) -> Index:
    """Put the packages of :data:`USUAL` into an index, two versions of each; alpha needs beta and has a command."""
    for version in ("1.0", "2.0"):
        files = {"alpha/__init__.py": f'VERSION = "{version}"\ndef main():\n    print("alpha", VERSION)\n'}
        index.wheel("alpha", version, files, commands={"alpha": "alpha:main"}, requires=["beta"])
        for name in ("gamma", "delta", "epsilon"):
            index.wheel(name, version)
    index.wheel("beta")
    return index


def sample(
    folder: pathlib.Path,
    index: Index,
    *more: Index,
    lock: str = "2",
    form: str = "tool",
    needs: Needs = USUAL,
    name: str = "small-tool",
    package: bool = True,
    priorities: Sequence[str] = ("primary", "supplemental", "explicit"),
    pin: str = "",
    python: str = ">=3.9",
) -> pathlib.Path:
    """Write a project with the lock that Poetry makes of it, and return its folder.

    The lock is made once and kept: what it says of the address of an index is written anew for each run.

    Args:
        folder: Where; its parents are made too.
        index: The source ``company``, at its first priority.
        more: Further sources, ``company-2`` and so on, at the priorities after that.
        lock: The Poetry that makes the lock, or '' for none.
        form: ``tool`` for ``[tool.poetry]``, which 1.8 needs, or ``project``.
        needs: What it depends on.
        name: Its name; its package has the same one, with a console script of that name.
        package: Whether it can be installed itself.
        priorities: Of the sources, in order.
        pin: Content of ``.python-version``, when it is not ''.
        python: The Pythons that it is for.
    """
    indexes = (index, *more)
    folder.mkdir(parents=True, exist_ok=True)
    text = _head(form, name, python, needs, package) + _sources(len(indexes), priorities)
    _write(folder / "pyproject.toml", text, indexes)
    if package:
        module = name.replace("-", "_")
        (folder / module).mkdir(exist_ok=True)
        (folder / module / "__init__.py").write_text(f'def main():\n    print("this is {name}")\n')
    if pin:
        (folder / ".python-version").write_text(f"{pin}\n")
    if lock:
        _write(folder / "poetry.lock", _kept_lock(folder, indexes, text, lock), indexes)
    return folder


def source_names(count: int) -> list[str]:
    """Return what :func:`sample` calls its sources."""
    return [SOURCE, *(f"{SOURCE}-{number}" for number in range(2, count + 1))][:count]


def _head(form: str, name: str, python: str, needs: Needs, package: bool) -> str:
    module = name.replace("-", "_")
    script = f'{name} = "{module}:main"\n'
    if form == "project":
        text = (
            f'[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = "{python}"\ndynamic = ["dependencies"]\n'
        )
        text += f"[project.scripts]\n{script}" * package + f"[tool.poetry]\npackage-mode = {str(package).lower()}\n"
    else:
        text = f'[tool.poetry]\nname = "{name}"\nversion = "0.1.0"\ndescription = ""\nauthors = []\n'
        text += f"package-mode = {str(package).lower()}\n" + f"[tool.poetry.scripts]\n{script}" * package
    python = f'python = "{python}"\n' if form == "tool" else ""
    text += f"[tool.poetry.dependencies]\n{python}{_table(needs.main)}"
    for group, members in needs.groups.items():
        text += f"[tool.poetry.group.{group}]\noptional = true\n" if group in needs.optional else ""
        text += f"[tool.poetry.group.{group}.dependencies]\n{_table(members)}"
    extras = "".join(f"{extra} = {json.dumps(list(members))}\n" for extra, members in needs.extras.items())
    text += f"[tool.poetry.extras]\n{extras}" if extras else ""
    return text + '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'


def _table(members: Mapping[str, str]) -> str:
    return "".join(f"{name} = {value if value[:1] == '{' else json.dumps(value)}\n" for name, value in members.items())


def _sources(count: int, priorities: Sequence[str]) -> str:
    return "".join(
        f'[[tool.poetry.source]]\nname = "{name}"\nurl = "{ADDRESS.format(number)}/simple/"\npriority = "{priority}"\n'
        for number, (name, priority) in enumerate(zip(source_names(count), priorities))
    )


def _write(path: pathlib.Path, text: str, indexes: Sequence[Index]) -> None:
    for number, one in enumerate(indexes):
        text = text.replace(ADDRESS.format(number), one.origin)
    if path.name == "poetry.lock":
        digest = content_hash(path.with_name("pyproject.toml").read_text())
        text = re.sub(r'(?m)^content-hash = ".*"$', f'content-hash = "{digest}"', text)
    path.write_text(text)


def content_hash(pyproject: str) -> str:
    """Return what a lock says of its pyproject.toml, of the form that the samples have; Poetry refuses it if this is wrong."""
    import tomllib

    content = tomllib.loads(pyproject)
    tool, project = content["tool"]["poetry"], content.get("project", {})
    keys = ("dependencies", "source", "extras", "dev-dependencies")
    said = {key: tool.get(key) for key in keys if key in tool or not project}
    said.update({"group": tool["group"]} if "group" in tool else {})
    named = ("requires-python", "dependencies", "optional-dependencies")
    standard = {key: project[key] for key in named if key in project}
    relevant = {"project": standard, "tool": {"poetry": said}} if standard else said
    return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()


def _kept_lock(folder: pathlib.Path, indexes: Sequence[Index], text: str, version: str) -> str:
    wheels = sorted((n, p.name, bundles.digest(p)) for n, i in enumerate(indexes) for p in i.folder.glob("*.whl"))
    key = hashlib.sha256(json.dumps([text, wheels, _list(version).read_text()]).encode()).hexdigest()[:24]
    kept = FOLDER / "locks" / f"{key}.lock"
    if not kept.exists():
        make_lock(folder, version, indexes)
        made = (folder / "poetry.lock").read_text()
        for number, one in enumerate(indexes):
            made = made.replace(one.origin, ADDRESS.format(number))
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as stream:
            stream.write(made)
        os.replace(stream.name, kept)
    return kept.read_text()


def make_lock(folder: pathlib.Path, version: str, indexes: Sequence[Index] = ()) -> None:
    """Let Poetry lock a project, with the passwords of its sources."""
    words = ["lock", "--no-update"] if version.startswith("1") else ["lock"]
    done = run_poetry(folder, version, *words, indexes=indexes)
    assert done.returncode == 0, f"poetry lock: {done.stdout}{done.stderr}"


def run_poetry(
    folder: pathlib.Path, version: str, *words: str, indexes: Sequence[Index] = (), **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run Poetry in a project as an engineer elsewhere would do it; it makes no environment by itself.

    Args:
        folder: The project.
        version: Which Poetry.
        words: What it is told.
        indexes: The sources of the sample, whose passwords it gets.
        extra: Further variables of its environment, such as ``VIRTUAL_ENV``.
    """
    with tempfile.TemporaryDirectory(prefix="poetry-") as private:
        said = environment(
            HOME=private,
            POETRY_CACHE_DIR=f"{private}/cache",
            POETRY_CONFIG_DIR=f"{private}/config",
            POETRY_NO_INTERACTION="1",
            POETRY_VIRTUALENVS_CREATE="false",
            PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
            **_credentials(indexes),
            **extra,
        )
        command = [str(poetry(version)), "--no-ansi", *words]
        return subprocess.run(
            command, cwd=folder, env=said, capture_output=True, text=True, check=False, timeout=SECONDS
        )


def _credentials(indexes: Sequence[Index]) -> dict[str, str]:
    found = {}
    for name, index in zip(source_names(len(indexes)), indexes):
        if index.user:
            prefix = "POETRY_HTTP_BASIC_" + name.upper().replace("-", "_")
            found.update({f"{prefix}_USERNAME": index.user, f"{prefix}_PASSWORD": index.password})
    return found
