# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's environment without an index: from a folder of wheels, or a bundle; and what its people added by hand to it."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.package_index import Index
from ansible_collections.netdevops.python.tests.system.playing import BASE_PYTHON, environment
from ansible_collections.netdevops.python.tests.system.poetry_lab import VERSIONS, Needs, poetry, sample, stock

pytestmark = pytest.mark.system

OLD, NEW = VERSIONS
ENGINEERS = "\ndef main():\n    print('by hand')\n"

MORE: dict[str, Any] = {"with": ["more"]}


class Source:
    """The wheels of an index that is down, and two revisions of a project, with locks that both Poetrys read."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.wheels = folder / "wheels"
        self._folder = folder
        with stock(Index(self.wheels, user="")) as index:
            bundles.wheel(self.wheels, "hand", "1.0", {"hand/__init__.py": ENGINEERS}, commands={"hand": "hand:main"})
            for alpha in ("1.0", "2.0"):
                needs = Needs({"alpha": alpha}, {"dev": {"gamma": alpha}, "more": {"delta": alpha}}, ("more",))
                sample(folder / alpha, index, lock=OLD, needs=needs)

    def check_out(self, project: pathlib.Path, alpha: str) -> None:
        """Check a revision of the project out."""
        shutil.copytree(self._folder / alpha, project, dirs_exist_ok=True)

    def bundle(self, folder: pathlib.Path, project: pathlib.Path, names: Sequence[str]) -> pathlib.Path:
        """Return the tar of a bundle of the project's lock with wheels of these names."""
        made = bundles.Made(folder)
        made.wheels.mkdir(parents=True)
        for name in names:
            shutil.copy(self.wheels / name, made.wheels)
        lock = {"format": "poetry.lock", "sha256": bundles.digest(project / "poetry.lock")}
        wheels = [bundles.entry(path) for path in made.wheels.iterdir()]
        made.file.write_bytes(bundles.manifest(wheels)._replace(lock=lock).encode())
        return made.tar()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return Source(tmp_path_factory.mktemp("source"))


def go(project: pathlib.Path, wheelhouse: object, version: str = NEW, **options: Any) -> dict[str, Any]:
    return direct.project(project, wheelhouse=str(wheelhouse), poetry=str(poetry(version)), **options)


def says(project: pathlib.Path, command: str) -> str:
    env = environment(PYTHONDONTWRITEBYTECODE="1")
    words = [str(project / ".venv/bin" / command)]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


def file(project: pathlib.Path, release: str, name: str) -> pathlib.Path:
    return next((project / ".venv.releases" / release).glob(f"lib/*/site-packages/{name}"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_folder_of_wheels(tmp_path: pathlib.Path, source: Source, version: str) -> None:
    project, wheels = tmp_path / "app", tmp_path / "wheels"
    shutil.copytree(source.wheels, wheels)
    bundles.wheel(wheels, "alpha", "9.0")  # nobody asked for it
    source.check_out(project, "1.0")
    first = go(project, wheels, version)
    assert first["packages"]["added"] == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "small-tool": "0.1.0"}
    assert [says(project, "alpha"), says(project, "small-tool")] == ["alpha 1.0\n", "this is small-tool\n"]
    assert not go(project, wheels, version)["changed"]
    source.check_out(project, "2.0")
    for name in ("alpha-2.0", "gamma-2.0"):
        (wheels / f"{name}-py3-none-any.whl").unlink()
    with pytest.raises(Refused) as refused:
        go(project, wheels, version)
    assert [problem.subject for problem in refused.value.problems] == ["alpha 2.0", "gamma 2.0"]
    assert says(project, "alpha") == "alpha 1.0\n"
    second = go(project, source.wheels, version)
    assert second["packages"]["changed"] == {"alpha": ["1.0", "2.0"], "gamma": ["1.0", "2.0"]}
    assert says(project, "alpha") == "alpha 2.0\n"
    # What did not change is shared, since its digest is known here.
    beta = [file(project, result["release"], "beta/__init__.py") for result in (first, second)]
    assert os.path.samefile(*beta)


def test_a_bundle(tmp_path: pathlib.Path, source: Source) -> None:
    project = tmp_path / "app"
    source.check_out(project, "1.0")
    names = [f"{name}-1.0-py3-none-any.whl" for name in ("alpha", "beta", "gamma")]
    bundle = source.bundle(tmp_path / "bundle", project, names)
    assert go(project, bundle, without=["dev"])["packages"]["count"] == 3
    assert says(project, "alpha") == "alpha 1.0\n"
    with pytest.raises(
        Refused, match=r"delta 1\.0: expected it in the bundle .* found none: it was built for groups main"
    ):
        go(project, bundle, **MORE)
    source.check_out(project, "2.0")
    with pytest.raises(Refused, match=r"expected a bundle of the lock [0-9a-f]{16} .*, found one of [0-9a-f]{16}"):
        go(project, bundle)
    assert says(project, "alpha") == "alpha 1.0\n"


def add_by_hand(project: pathlib.Path, source: Source, *names: str) -> None:
    """Let an engineer's pip install something into the environment."""
    words = [BASE_PYTHON, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "--quiet"]
    words += ["--no-index", "--find-links", str(source.wheels), "--root-user-action", "ignore", *names]
    env = environment(PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1")
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_was_added_by_hand(tmp_path: pathlib.Path, source: Source) -> None:
    project, wheels = tmp_path / "app", source.wheels
    source.check_out(project, "1.0")
    first = go(project, wheels, sync=False)
    assert first["added_by_hand"] == []
    add_by_hand(project, source, "hand", "delta==1.0")
    same = go(project, wheels, sync=False)
    assert (same["changed"], same["added_by_hand"]) == (False, ["delta 1.0", "hand 1.0"])
    source.check_out(project, "2.0")
    second = go(project, wheels, sync=False)
    assert second["added_by_hand"] == ["delta 1.0", "hand 1.0"]
    assert [says(project, "alpha"), says(project, "hand")] == ["alpha 2.0\n", "by hand\n"]
    assert second["release"] in (project / ".venv/bin/hand").read_text()
    assert not go(project, wheels, sync=False)["changed"]
    with pytest.raises(Refused) as refused:
        go(project, wheels, sync=False, python="/usr/bin/python3")
    assert [problem.subject for problem in refused.value.problems] == ["delta 1.0", "hand 1.0"]
    third = go(project, wheels, sync=False, **MORE)
    assert third["added_by_hand"] == ["hand 1.0"]
    assert third["warnings"] == ["delta 1.0 was added by hand; the lock has delta 2.0 by now, which takes its place."]
    fourth = go(project, wheels)
    assert fourth["changed"]
    assert not (project / ".venv/bin/hand").exists()
    add_by_hand(project, source, "hand")
    fifth = go(project, wheels)
    assert any(line == "added: bin/hand" for line in fifth["drift"])
    assert not (project / ".venv/bin/hand").exists()
