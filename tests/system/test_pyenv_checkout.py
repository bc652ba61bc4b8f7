# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real pyenv, put in place by archive and by git, killed, raced, and set up against by the host."""

from __future__ import annotations

import functools
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.clock import timed
from ansible_collections.netdevops.python.tests.system.hosts import pyenv_program
from ansible_collections.netdevops.python.tests.system.jump_host import pyenv_archive
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY

pytestmark = pytest.mark.system

RUN = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.netdevops.python.plugins.modules import pyenv_checkout
with patch_module_args(json.loads(sys.argv[1])):
    pyenv_checkout.main()
"""
KILLS = 6
HOSTILE = {
    "PYENV_ROOT": "/nonexistent",
    "PYENV_DIR": "/nonexistent",
    "BASH_ENV": "/nonexistent/evil",
    "GIT_DIR": "/nonexistent",
    "GIT_EXEC_PATH": "/nonexistent",
    "GIT_SSH_COMMAND": "false",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "url./nonexistent.insteadOf",
    "GIT_CONFIG_VALUE_0": "/",
}


class Place:
    """A root on this machine, archives of this machine's pyenv, and a repository of it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.root, self.home = folder, folder / "pyenv", folder / "home"
        self.home.mkdir()
        (self.home / ".gitconfig").write_text(
            '[url "/nonexistent"]\n  insteadOf = "/"\n  insteadOf = "http:"\n[core]\n  hooksPath = /evil\n'
        )
        (folder / "one").mkdir()
        self.one = dict(zip(("archive", "sha256"), pyenv_archive(folder / "one")), remote_src=True)
        (folder / "two").mkdir()
        shutil.copytree(pyenv_program() / "libexec", folder / "two/p/libexec")
        for name in ("bin", "plugins/python-build", "pyenv.d"):
            shutil.copytree(pyenv_program() / name, folder / "two/p" / name, symlinks=True)
        definitions = folder / "two/p/plugins/python-build/share/python-build"
        for path in definitions.iterdir():  # a thousand files less for each of the many runs
            if path.is_file() and not path.name.startswith("3.11."):
                path.unlink()
        version = folder / "two/p/libexec/pyenv---version"
        version.write_text(version.read_text().replace('version="', 'version="9.'))
        self.git("init", "--quiet", "--template=")
        self.git("add", ".")
        self.git("-c", "user.name=x", "-c", "user.email=x@example", "commit", "--quiet", "-m", "pyenv")
        self.commit = self.git("rev-parse", "HEAD").strip()
        self.two = {"git": str(folder / "two/p"), "commit": self.commit}

    def git(self, *words: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null"}
        return subprocess.run(
            ["git", *words], cwd=self.folder / "two/p", env=env, check=True, capture_output=True, text=True
        ).stdout

    def start(self, **options: Any) -> subprocess.Popen[str]:
        environ = {
            **HOSTILE,
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": f"{REPOSITORY}/.collections",
        }
        argv = [sys.executable, "-B", "-c", RUN, json.dumps({"root": str(self.root), **options})]
        return subprocess.Popen(
            argv,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=0o077,
            start_new_session=True,
        )

    def run(self, **options: Any) -> dict[str, Any]:
        said, trouble = self.start(**options).communicate(timeout=120)
        assert said, trouble
        result: dict[str, Any] = json.loads(said)
        return result

    def version(self) -> str:
        """Return what pyenv says, for an ordinary user of the root."""
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYENV_ROOT": str(self.root)}
        program = [str(self.root / "bin/pyenv"), "--version"]
        return subprocess.run(program, env=env, cwd="/", check=True, capture_output=True, text=True).stdout.split()[1]


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    tmp_path.chmod(0o755)
    return Place(tmp_path)


@pytest.fixture
def mirror(place: Place) -> Iterator[str]:
    """A plain web server over the repository: it knows no protocol of git, so nobody can ask it for one commit."""
    place.git("update-server-info")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(place.folder / "two/p/.git"))
    handler.func.log_message = lambda *words: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_by_archive_by_git_and_back(place: Place) -> None:
    first = place.run(**place.one)
    assert first["changed"] and first["version"] == place.version()
    started = time.monotonic()
    assert not place.run(**place.one)["changed"]
    assert time.monotonic() - started < 5
    second = place.run(**place.two)
    assert second["changed"] and place.version() == second["version"] and second["version"].startswith("9.")
    assert not place.run(**place.two)["changed"]
    back = place.run(**{**place.one, "archive": "/nowhere"})
    assert [action["verb"] for action in back["actions"]] == ["switch", "link"] and place.version() == first["version"]
    same = place.run(git=place.two["git"], commit=place.commit, _ansible_check_mode=True)
    assert [action["verb"] for action in same["actions"]] == ["switch", "unlink"]


def test_a_mirror_that_is_only_files(place: Place, mirror: str) -> None:
    result = place.run(git=mirror, commit=place.commit)
    assert result["changed"] and place.version().startswith("9.")
    wrong = place.run(git=mirror, commit="1" * 40)
    assert wrong["failed"] and "it has no such commit" in wrong["msg"]
    nobody = place.run(git="http://127.0.0.1:9/pyenv.git", commit="1" * 40)
    assert nobody["failed"] and "git fetch failed" in nobody["msg"]
    assert sorted(os.listdir(place.root / ".pyenv.checkouts")) == [place.commit[:16]]


def test_killed_at_random_it_is_the_old_one_or_the_new_one(place: Place) -> None:
    old = place.run(**place.one)["version"]
    whole = timed(lambda: place.run(**place.two))
    new = place.version()
    seen, seed = [], random.randrange(1 << 30)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for number in range(KILLS):
        shutil.rmtree(place.root / ".pyenv.checkouts" / place.commit[:16])  # so that it has to be made again
        assert place.run(**place.one)["version"] == old == place.version()
        running = place.start(**place.two)
        time.sleep(whole * moments.uniform(0.3, 1.05))
        os.killpg(running.pid, (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)[number % 3])
        running.communicate()
        seen.append(place.version())
        assert seen[-1] in (old, new)
        result = place.run(**place.two)
        assert result["version"] == new == place.version() and not result.get("failed")
        assert not [name for name in os.listdir(place.root / ".pyenv.checkouts") if name.startswith(".")]
    print(f"{seen.count(old)} times the old one, {seen.count(new)} times the new one")


def test_many_at_once_make_one(place: Place) -> None:
    runs = [place.start(**place.one) for _run in range(6)]
    results = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert sorted(result["changed"] for result in results) == [False] * 5 + [True]
    assert {result["version"] for result in results} == {place.version()}


def test_an_ordinary_clone_is_taken_over_with_its_versions(place: Place) -> None:
    shutil.copytree(place.folder / "two/p", place.root, symlinks=True)
    (place.root / "versions/3.9.9").mkdir(parents=True)
    before = place.version()
    refused = place.run(**place.one)
    assert refused["failed"] and "bin, libexec, plugins, pyenv.d, .git" in refused["msg"] and place.version() == before
    result = place.run(takeover=True, **place.one)
    assert place.version() == result["version"] != before
    assert (pathlib.Path(result["kept"]) / "libexec/pyenv").exists() and (place.root / "versions/3.9.9").is_dir()
    assert not place.run(**place.one)["changed"]
