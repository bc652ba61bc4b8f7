# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody does to an environment by hand: seen, named and repaired; and what ansible.builtin.pip says to it."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from typing import Callable

import pytest

from ansible_collections.netdevops.python.tests.system import bundles, direct
from ansible_collections.netdevops.python.tests.system.playing import (
    BASE_PYTHON,
    environment,
    here,
    install_task,
    succeeded,
)
from ansible_collections.netdevops.python.tests.system.receipts import mismatches
from ansible_collections.netdevops.python.tests.system.snapshot import differences, tree

pytestmark = pytest.mark.system


def site_packages(venv: pathlib.Path) -> pathlib.Path:
    return next(venv.glob("lib/python3.*/site-packages"))


def edit_one_byte(path: pathlib.Path) -> None:
    """Change a byte in place and put size and mtime back, as a thorough person would."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    with path.open("r+b") as stream:
        stream.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def pip_by_hand(venv: pathlib.Path, wheel: pathlib.Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(venv / "bin/python"),
        "install",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(command, env=environment(), check=True, capture_output=True)


def damage(venv: pathlib.Path, wheel: pathlib.Path) -> None:
    """Edit one byte, delete a file, add a package by hand with pip."""
    packages = site_packages(venv)
    edit_one_byte(packages / "alpha/__init__.py")
    (packages / "alpha/data/table.txt").unlink()
    pip_by_hand(venv, wheel)
    assert (packages / "gamma/__init__.py").exists()


def test_is_named_and_repaired(tmp_path: pathlib.Path) -> None:
    made = bundles.small(tmp_path / "bundle")
    gamma = bundles.wheel(tmp_path / "by-hand", "gamma", "3.0")
    venv = tmp_path / "opt/app/.venv"
    task = install_task(venv, bundle=str(made), compile=True)
    [first] = here([task])
    assert succeeded(first)["changed"]
    damage(venv, gamma)
    damaged = tree(tmp_path / "opt")

    [foretold] = here([{**task, "check_mode": True, "diff": True}])
    assert succeeded(foretold)["changed"]
    packages = site_packages(venv).relative_to(venv)
    for line in (
        f"edited: {packages}/alpha/__init__.py",
        f"deleted: {packages}/alpha/data/table.txt",
        f"added: {packages}/gamma/__init__.py",
    ):
        assert line in foretold["drift"]
        assert line in foretold["diff"]["before"]
    assert not differences(damaged, tree(tmp_path / "opt"))

    repaired, third = here([task, task])
    assert succeeded(repaired)["changed"]
    assert repaired["drift"] == foretold["drift"]
    assert repaired["delivered"]["wheels"] == 1, "beta was whole, and only alpha had to travel"
    assert not mismatches(venv.resolve())
    assert not (site_packages(venv) / "gamma").exists()
    assert not succeeded(third)["changed"]
    assert third["drift"] == []


def test_pip_says_ok_to_the_same(tmp_path: pathlib.Path) -> None:
    """The comparison: the module that people use today, with hashes required, in an ordinary virtual environment."""
    made = bundles.small(tmp_path / "bundle")
    gamma = bundles.wheel(tmp_path / "by-hand", "gamma", "3.0")
    requirements = tmp_path / "requirements.txt"
    lines = [f"{w.name}=={w.version} --hash=sha256:{w.sha256}" for w in map(bundles.entry, made.wheels.iterdir())]
    requirements.write_text("\n".join(lines), encoding="utf-8")
    venv = tmp_path / "venv"
    subprocess.run([BASE_PYTHON, "-I", "-m", "venv", str(venv)], env=environment(), check=True)
    extra = f"--no-index --find-links {made.wheels} --require-hashes"
    task = {
        "ansible.builtin.pip": {
            "requirements": str(requirements),
            "executable": str(venv / "bin/pip"),
            "extra_args": extra,
        },
        "environment": {"PIP_CONFIG_FILE": "/dev/null"},
    }
    # That module needs packaging on the host.
    hosts = {"here": {"ansible_python_interpreter": sys.executable}}
    [first] = here([task], hosts=hosts)
    assert succeeded(first)["changed"]
    damage(venv, gamma)
    damaged = tree(site_packages(venv))
    [second] = here([task], hosts=hosts)
    assert not succeeded(second)["changed"]
    assert not differences(damaged, tree(site_packages(venv)))


Harm = Callable[[pathlib.Path], object]


def replace_by_copy(path: pathlib.Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def harms() -> dict[str, tuple[Harm, str]]:
    packages = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    cache = f"{packages}/alpha/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    return {
        "a module edited, its size and mtime put back": (
            lambda r: edit_one_byte(r / packages / "alpha/__init__.py"),
            f"edited: {packages}/alpha/__init__.py",
        ),
        "a command edited": (lambda r: edit_one_byte(r / "bin/alpha"), "edited: bin/alpha"),
        "bytecode edited": (lambda r: edit_one_byte(r / cache), f"edited: {cache}"),
        "a folder deleted": (
            lambda r: shutil.rmtree(r / packages / "alpha/data"),
            f"deleted: {packages}/alpha/data/table.txt",
        ),
        "a command no longer to be run": (lambda r: (r / "bin/alpha").chmod(0o644), "mode: bin/alpha"),
        "a folder open to all": (lambda r: (r / packages).chmod(0o777), f"mode: {packages}"),
        "a file given away": (lambda r: os.chown(r / "bin/alpha", 65534, 65534), "owner: bin/alpha"),
        "the interpreter's link turned": (
            lambda r: ((r / "bin/python").unlink(), (r / "bin/python").symlink_to("/bin/true")),
            "edited: bin/python",
        ),
        "a file turned into a link": (
            lambda r: ((r / "bin/alpha").unlink(), (r / "bin/alpha").symlink_to("/bin/true")),
            "kind: bin/alpha",
        ),
        "a path file added": (
            lambda r: (r / packages / "zz.pth").write_text("import os\n"),
            f"added: {packages}/zz.pth",
        ),
        "a startup module added": (
            lambda r: (r / packages / "sitecustomize.py").write_text(""),
            f"added: {packages}/sitecustomize.py",
        ),
        "an empty folder added": (lambda r: (r / packages / "empty").mkdir(), f"added: {packages}/empty"),
        "pyvenv.cfg edited": (
            lambda r: (r / "pyvenv.cfg").write_text("include-system-site-packages = true\n"),
            "edited: pyvenv.cfg",
        ),
        "the list of files deleted": (lambda r: (r / "receipt.files").unlink(), "deleted: receipt.files"),
        "the list of files edited": (lambda r: edit_one_byte(r / "receipt.files"), "edited: receipt.files"),
    }


@pytest.mark.parametrize(
    ("verify", "harm"), [("stat", harm) for harm in harms()] + [("content", harm) for harm in list(harms())[:3]]
)
def test_every_kind(tmp_path: pathlib.Path, harm: str, verify: str) -> None:
    act, line = harms()[harm]
    made = bundles.small(tmp_path / "bundle")
    venv = tmp_path / "opt/app/.venv"
    first = direct.install(venv, made, compile=True, verify=verify)
    act(venv.resolve())
    second = direct.install(venv, made, compile=True, verify=verify)
    assert second["changed"]
    assert line in second["drift"]
    assert (second["previous"], second["release"]) == (first["release"], venv.resolve().name)
    assert not mismatches(venv.resolve())
    assert not direct.install(venv, made, compile=True, verify=verify)["changed"]


def test_what_is_the_same_content_is_no_drift(tmp_path: pathlib.Path) -> None:
    """Restored from a backup: other times and inodes, the same bytes. The index is made anew, nothing else."""
    made = bundles.small(tmp_path / "bundle")
    venv = tmp_path / "opt/app/.venv"
    direct.install(venv, made)
    replace_by_copy(site_packages(venv) / "alpha/__init__.py")
    before = (venv / "receipt.index").read_bytes()
    assert not direct.install(venv, made)["changed"]
    assert (venv / "receipt.index").read_bytes() != before


def test_bytecode_of_an_import_is_no_drift(tmp_path: pathlib.Path) -> None:
    made = bundles.small(tmp_path / "bundle")
    venv = tmp_path / "opt/app/.venv"
    direct.install(venv, made)
    subprocess.run([str(venv / "bin/python"), "-c", "import alpha, beta"], env=environment(), check=True)
    assert list(site_packages(venv).glob("alpha/__pycache__/*.pyc"))
    assert not direct.install(venv, made)["changed"]


def test_harm_to_a_file_that_releases_share(tmp_path: pathlib.Path) -> None:
    """beta is one inode in both releases: neither the repair nor the way back may take it from the other one."""
    one, two = bundles.small(tmp_path / "one", "1.0"), bundles.small(tmp_path / "two", "2.0")
    venv = tmp_path / "opt/app/.venv"
    direct.install(venv, one)
    direct.install(venv, two)
    shared = site_packages(venv) / "beta/__init__.py"
    assert shared.stat().st_nlink == 2
    whole = shared.read_bytes()
    edit_one_byte(shared)
    for made in (two, one):
        assert direct.install(venv, made)["changed"]
        assert (site_packages(venv) / "beta/__init__.py").read_bytes() == whole
        assert not mismatches(venv.resolve())
