# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example project, built for real: Poetry, pip, an index on the network, and Ansible."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
from ansible_collections.netdevops.python.tests.system import playing

pytestmark = pytest.mark.system

BUILD = "netdevops.python.wheelhouse_build"
EXAMPLE = playing.REPOSITORY / "docs/examples/netcheck"
# What a build must not need: nothing listens there.
NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


def build(*options: str, env: dict[str, str] | None = None, **arguments: Any) -> playing.Result:
    plain = {name: str(value) if isinstance(value, pathlib.Path) else value for name, value in arguments.items()}
    # The tests' own environment is a build box: it has Poetry and packaging.
    hosts = {"here": {"ansible_python_interpreter": sys.executable}}
    return playing.here([{BUILD: plain}], hosts=hosts, options=options, env=env)[0]


def tree(folder: pathlib.Path) -> dict[str, str]:
    """Return what is below a folder: links with their targets, files with their digests."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the example, with an environment that Poetry would like to repair."""
    folder = tmp_path / "netcheck"
    ignored = shutil.ignore_patterns(".venv", "dist", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
    shutil.copytree(EXAMPLE, folder, ignore=ignored)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")
    (folder / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    return folder


def test_the_example_twice_and_from_an_empty_cache(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    before = tree(project)
    options = {"project": project, "build_constraints": project / "build-constraints.txt"}
    first_place = {"dest": tmp_path / "first", "cache": tmp_path / "cache-1"}

    checked = playing.succeeded(build("--check", **options, **first_place))
    assert checked["changed"] and checked["fetched"]["files"] >= 90
    assert not (tmp_path / "first").exists() and not (tmp_path / "cache-1").exists()

    first = playing.succeeded(build(**options, **first_place))
    assert first["changed"] and first["fetched"]["files"] >= checked["fetched"]["files"]
    assert {built["origin"]["kind"] for built in first["built"]} == {"sdist", "project"}

    again = playing.succeeded(build("--diff", env=NO_NETWORK, **options, **first_place))
    assert (again["changed"], again["actions"], again["bundle_id"]) == (False, [], first["bundle_id"])
    assert again["fetched"] == {"files": 0, "bytes": 0}

    second = playing.succeeded(build(**options, dest=tmp_path / "second", cache=tmp_path / "cache-2"))
    assert second["bundle_id"] == first["bundle_id"]
    one, other = tree(tmp_path / "first"), tree(tmp_path / "second")
    assert one.pop("provenance.json") != other.pop("provenance.json")
    assert one == other
    assert tree(project) == before
    check_with_pip(tmp_path / "first", next(iter(first["targets"])))


def check_with_pip(bundle: pathlib.Path, target: str) -> None:
    """Let pip say what it would install from the bundle alone."""
    pin = (EXAMPLE / ".python-version").read_text().strip()
    python = find_python(run_process, pin, "", os.environ)
    assert python is not None, f"Python {pin} is not on this machine"
    manifest = json.loads((bundle / "bundle.json").read_text())
    wanted = {(wheel["name"], wheel["version"]) for wheel in manifest["targets"][target]["wheels"]}
    hashed = ["--find-links", "wheels", "--require-hashes", "-r", f"requirements/{target}.txt"]
    for source in (hashed, ["-r", "pylock.toml"]):
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python.path,
            "install",
            "--dry-run",
            "--no-index",
            "--quiet",
        ]
        report = bundle.parent / "report.json"
        arguments = ["--ignore-installed", "--report", str(report), *source]
        subprocess.run(
            [*command, *arguments], cwd=bundle, env=playing.environment(PIP_CONFIG_FILE="/dev/null"), check=True
        )
        chosen = {
            entry["download_info"]["archive_info"]["hashes"]["sha256"]
            for entry in json.loads(report.read_text())["install"]
        }
        assert chosen == {wheel["sha256"] for wheel in manifest["targets"][target]["wheels"]}
        assert len(chosen) == len(wanted)


def test_a_lock_that_is_older_than_its_project(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file = project / "pyproject.toml"
    file.write_text(file.read_text().replace('"rich>=13.7"', '"rich>=13.8"'))
    before = tree(project)
    result = build(project=project, dest=tmp_path / "bundle", cache=tmp_path / "cache")
    assert "poetry.lock: is older than pyproject.toml" in result["msg"]
    assert f"Run: poetry lock --project {project}" in result["msg"]
    assert tree(project) == before and not (tmp_path / "bundle").exists() and not (tmp_path / "cache").exists()


def test_other_architectures_and_libraries(project: pathlib.Path, tmp_path: pathlib.Path) -> None:
    place = {"dest": tmp_path / "bundle", "cache": tmp_path / "cache"}
    targets = ["cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64"]
    counts = playing.succeeded(build("--check", project=project, targets=targets, **place))["targets"]
    assert counts.keys() == set(targets) and all(count["wheels"] >= 90 for count in counts.values())
    old = "cp311-manylinux_2_5_x86_64"
    result = build(project=project, targets=[*targets, old], **place)
    assert result["failed"] and len(result["problems"]) > 1 and not (tmp_path / "cache").exists()
    assert all(old in problem["message"] for problem in result["problems"])
