# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other tools say to an ordinary environment that drifted, each on its own, of the wheels of a bundle, offline."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.tests.system import bundles, drifts
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, environment, play
from ansible_collections.netdevops.python.tests.system.snapshot import Entry, tree

PIP, CHECK, UV, POETRY = "ansible.builtin.pip", "pip check", "uv pip sync", "poetry sync"
TOOLS = (PIP, CHECK, UV, POETRY)
PROJECT = """
[project]
name = "small"
version = "1.0"
requires-python = ">=3.9"

[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
"""
RUN_PIP = '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n'


class Said(NamedTuple):
    """What became of a drift: whether the tool said anything of it, and whether everything is as it was before."""

    seen: bool
    repaired: bool


class Places:
    """A folder per tool and drift, each a copy of one in which the tool has installed and has nothing left to do."""

    def __init__(self, folder: pathlib.Path, made: bundles.Made) -> None:
        self._folder, self._wheels = folder, made.wheels
        self._env = environment(
            HOME=str(folder),
            UV_CACHE_DIR=str(folder / "uv-cache"),
            UV_NO_CONFIG="1",
            PIP_CONFIG_FILE=os.devnull,
            POETRY_VIRTUALENVS_IN_PROJECT="true",
            PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
            PYTHONDONTWRITEBYTECODE="1",
        )
        entries = [bundles.entry(path) for path in sorted(made.wheels.iterdir())]
        self._requirements = folder / "requirements.txt"
        self._requirements.write_text("".join(f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in entries))
        self._offline = ["--no-index", "--find-links", str(made.wheels), "--require-hashes"]
        self._project = PROJECT + "".join(f'{w.name} = {{path = "{made.wheels / w.file}"}}\n' for w in entries)

    def path(self, tool: str, drift: str) -> pathlib.Path:
        """Return the project's folder; its environment is ``.venv`` there, a link as ours is."""
        return self._folder / tool.replace(" ", "-") / drift.replace(" ", "-").replace("`", "")

    def prepare(self) -> None:
        """Make all of them."""
        for tool in TOOLS:
            first, *others = (self.path(tool, drift) for drift in drifts.DRIFTS)
            self._make(first, tool)
            if tool in (PIP, CHECK):
                words = [sys.executable, "-m", "pip", "--python", str(first / ".venv/bin/python"), "install", "-q"]
                self._run([*words, "--no-compile", *self._offline, "-r", str(self._requirements)], first)
            else:
                self._run(self._command(tool, first), first)
            for other in others:
                shutil.copytree(first, other, symlinks=True)
            assert not self._ask_one(tool, first), f"{tool} is not done after it has installed"

    def _make(self, folder: pathlib.Path, tool: str) -> None:
        folder.mkdir(parents=True)
        # The interpreter is its own, so that another file can be put in its place.
        self._run([BASE_PYTHON, "-I", "-m", "venv", "--copies", "--without-pip", "env"], folder)
        (folder / ".venv").symlink_to("env")
        if tool == PIP:
            (packages,) = pathlib.Path(sys.prefix).glob("lib/python3.*/site-packages")
            (target,) = folder.glob("env/lib/python3.*/site-packages")
            for path in (packages / "pip", *packages.glob("pip-*.dist-info")):
                shutil.copytree(path, target / path.name, ignore=shutil.ignore_patterns("__pycache__"))
            (folder / "env/bin/pip").write_text(RUN_PIP)
            (folder / "env/bin/pip").chmod(0o755)
        if tool == POETRY:
            (folder / "pyproject.toml").write_text(self._project)
            self._run([sys.executable, "-m", "poetry", "lock", "--no-interaction"], folder)

    def _command(self, tool: str, folder: pathlib.Path) -> list[str]:
        python = str(folder / ".venv/bin/python")
        if tool == CHECK:
            return [sys.executable, "-m", "pip", "--python", python, "check"]
        if tool == UV:
            return ["uv", "pip", "sync", "--python", python, *self._offline, str(self._requirements)]
        return [sys.executable, "-m", "poetry", "sync", "--no-interaction"]

    def _run(self, words: list[str], folder: pathlib.Path, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            words, cwd=folder, env=self._env, capture_output=True, text=True, check=False, timeout=120
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done

    def _ask_one(self, tool: str, folder: pathlib.Path) -> bool:
        """Run a tool, and return whether it said that anything was not as it should be, or did anything."""
        if tool == PIP:
            return self._ask_pip({"one": folder})["one"]
        done = self._run(self._command(tool, folder), folder, check=False)
        text = done.stdout + done.stderr
        busy = {CHECK: False, UV: "nstalled" in text, POETRY: "No dependencies to install or update" not in text}
        return done.returncode != 0 or busy[tool]

    def _ask_pip(self, folders: Mapping[str, pathlib.Path]) -> dict[str, bool]:
        # Each is a host of its own, so that Ansible starts once.
        extra = f"--no-index --find-links {self._wheels} --require-hashes"
        task = {"requirements": str(self._requirements), "executable": "{{ pip }}", "extra_args": extra}
        hosts = {
            f"host{number}": {
                "pip": str(folder / ".venv/bin/pip"),
                "ansible_python_interpreter": sys.executable,  # that module needs packaging
            }
            for number, folder in enumerate(folders.values())
        }
        said = play([{PIP: task, "environment": {"PIP_CONFIG_FILE": os.devnull}}], hosts=hosts)
        return {
            name: bool(said[f"host{number}"][0].get("changed") or said[f"host{number}"][0].get("failed"))
            for number, name in enumerate(folders)
        }

    def ask(self, tool: str) -> dict[str, Said]:
        """Let each copy drift in its way, run the tool on it, and return what came of it."""
        folders = {name: self.path(tool, name) for name in drifts.DRIFTS}
        before, damage = {}, {}
        for name, folder in folders.items():
            before[name] = _seen(folder)
            drifts.DRIFTS[name](str(folder / ".venv"), str(folder.with_name(f"{folder.name}-elsewhere")))
            after = _seen(folder)
            damage[name] = {path for path in {*before[name], *after} if before[name].get(path) != after.get(path)}
            assert damage[name]
        one_by_one = {} if tool == PIP else {name: self._ask_one(tool, folder) for name, folder in folders.items()}
        seen = one_by_one or self._ask_pip(folders)
        found = {}
        for name, folder in folders.items():
            now = _seen(folder)
            found[name] = Said(seen[name], all(now.get(path) == before[name].get(path) for path in damage[name]))
        return found


def _seen(folder: pathlib.Path) -> dict[str, Entry]:
    return {path: entry for path, entry in tree(folder).items() if "__pycache__" not in path}
