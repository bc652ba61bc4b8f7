# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter that is there: adopted, owned, pinned, stood upon, pruned; with real environments and the real pyenv."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.tests.system.hosts import pyenv_program
from ansible_collections.netdevops.python.tests.system.pyenv_lab import (
    FEATURE,
    VERSION,
    Lab,
    cached_lab,
)

pytestmark = pytest.mark.system

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
PATCH = """--- configure
+++ configure
@@ -1,2 +1,3 @@
 #!/bin/sh
+echo patched > "$HOME/../../../patched"
 for word; do case $word in --prefix=*) prefix=${word#--prefix=} ;; esac; done
"""


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> Iterator[Lab]:
    with cached_lab(tmp_path) as lab:
        yield lab


@pytest.fixture
def installed(lab: Lab) -> Lab:
    assert lab.run(cache=str(lab.cache))["changed"]
    return lab


def venv(lab: Lab, name: str) -> pathlib.Path:
    """Make a real environment of the lab's interpreter."""
    path = lab.root.parent / name
    python = str(lab.version / f"bin/python{FEATURE}")
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", path], check=True)
    return path


def verbs(result: dict[str, object]) -> list[str]:
    assert not result.get("failed"), result
    return [action["verb"] for action in result["actions"]]  # type: ignore[attr-defined]


def test_one_that_somebody_else_built_is_adopted(installed: Lab) -> None:
    (installed.version / "receipt.json").unlink()
    refused = installed.run(cache=str(installed.cache))
    assert "works and has no receipt: this module did not install it. Set `adopt: true`" in refused["msg"]
    adopted = installed.run(adopt=True)
    assert (adopted["source"], verbs(adopted), adopted["origin"]["kind"]) == ("adopted", ["adopt"], "adopted")
    assert installed.run()["changed"] is False


def test_what_was_changed_in_it_is_installed_again(installed: Lab) -> None:
    program = installed.version / f"bin/python{FEATURE}"
    program.write_bytes(program.read_bytes() + b"\0")
    broken = installed.run(cache=str(installed.cache))
    assert broken["before"]["reason"] == f"bin/python{FEATURE} is not the file that was installed"
    assert (verbs(broken), installed.run()["changed"]) == (["set aside", "build"], False)


def test_nothing_is_taken_away_from_under_an_environment(installed: Lab) -> None:
    standing = venv(installed, "srv/app/.venv")
    search = [str(installed.root.parent / "srv")]
    refused = installed.run(state="absent", search=search)
    assert f"{standing}: stands on {installed.version}: its pyvenv.cfg names " in refused["msg"]
    assert "set `force: true`" in refused["msg"]
    other = installed.run(cache=str(installed.cache), configure_opts=["--with-lto"], search=search)
    assert f"{standing}: stands on {installed.version}" in other["msg"]
    shutil.rmtree(standing)
    assert installed.run(state="absent", search=search)["after"]["state"] == "absent"


def test_nothing_is_taken_away_from_under_a_process(installed: Lab) -> None:
    program = [installed.version / "bin/python", "-I", "-c", "print(flush=True); input()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        refused = installed.run(state="absent", search=[])
        assert f"/proc/{process.pid}: stands on {installed.version}" in refused["msg"]
        process.communicate(b"\n")
    assert installed.run(state="absent", search=[])["changed"]


def test_prune_says_what_it_removes(installed: Lab) -> None:
    for other in ("3.8.1", "3.9.1"):
        shutil.copytree(installed.version, installed.root / "versions" / other, symlinks=True)
        receipt = installed.root / "versions" / other / "receipt.json"
        receipt.write_text(receipt.read_text().replace(f'"version":"{VERSION}"', f'"version":"{other}"'))
    (installed.root / "versions/3.9.1/receipt.json").unlink()
    planned = installed.run(check=True, prune=True, search=[])
    assert planned["pruned"] == ["3.8.1"]
    assert sorted(os.listdir(installed.root / "versions")) == sorted(["3.8.1", "3.9.1", VERSION])
    assert installed.run(prune=True, search=[])["actions"] == planned["actions"]
    assert sorted(os.listdir(installed.root / "versions")) == sorted(["3.9.1", VERSION]), "a foreign one stays"


def test_the_real_pyenv_follows_the_pins_and_makes_the_shims(installed: Lab) -> None:
    pyenv = pyenv_program()
    project = installed.root.parent / "project"
    project.mkdir()
    options = {"global": True, "local": str(project), "rehash": True, "pyenv": str(pyenv), "search": []}
    assert verbs(installed.run(**options)) == ["pin", "pin", "rehash"]
    assert installed.run(**options)["changed"] is False
    environ = {"PATH": f"{installed.root}/shims:/usr/bin:/bin", "PYENV_ROOT": str(installed.root)}
    for place in (project, installed.root.parent):
        said = subprocess.run(
            [installed.root / "shims/python", "-V"], cwd=place, env=environ, capture_output=True, text=True, check=True
        )
        assert said.stdout == f"Python {VERSION}\n"
    assert "pins " in installed.run(state="absent", search=[])["msg"], "the global pin stands on it"


def test_a_patch_is_applied_and_remembered(lab: Lab) -> None:
    patch = lab.root.parent / "one.patch"
    patch.write_text(PATCH)
    options = {"cache": str(lab.cache), "patches": [str(patch)]}
    assert verbs(lab.run(**options)) == ["build"]
    assert (lab.root / "patched").read_text() == "patched\n", "configure ran with it"
    assert lab.run(**options)["changed"] is lab.run()["changed"] is False
    patch.write_text(PATCH.replace("echo patched", "echo again"))
    assert lab.run(**options)["before"]["reason"] == "was built with other patches"


def test_a_patch_that_does_not_apply_is_no_interpreter(lab: Lab) -> None:
    patch = lab.root.parent / "one.patch"
    patch.write_text("--- configure\n+++ configure\n@@ -1,1 +1,1 @@\n-of another version\n+nothing\n")
    assert "Hunk #1 FAILED at 1." in lab.run(cache=str(lab.cache), patches=[str(patch)])["msg"]
    assert not lab.version.exists()


@pytest.fixture
def open_lab() -> Iterator[Lab]:
    """A lab that every user can enter: pytest keeps its own folders to itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with cached_lab(folder) as lab:
            yield lab


@only_root
def test_an_interpreter_has_the_owner_that_is_asked_for(open_lab: Lab) -> None:
    assert verbs(open_lab.run(cache=str(open_lab.cache))) == ["build"]
    # Not everybody can enter the folder of the standard library that it links to.
    library = open_lab.version / f"lib/python{FEATURE}"
    standard = os.readlink(library)
    library.unlink()
    left_out = shutil.ignore_patterns("test", "site-packages", "__pycache__", "idlelib", "config-*")
    shutil.copytree(standard, library, ignore=left_out)
    options = {"owner": "daemon", "group": "daemon", "mode": "0755"}
    assert verbs(open_lab.run(check=True, **options)) == ["own"]
    assert verbs(open_lab.run(**options)) == ["own"]
    assert {path.lstat().st_uid for path in open_lab.version.rglob("*")} == {open_lab.version.stat().st_uid} != {0}
    assert verbs(open_lab.run(**options)) == [], "and it proves itself, run by its owner"
    refused = open_lab.run()
    assert "name that one in `owner` if you trust it" in refused["msg"]
