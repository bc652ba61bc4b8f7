# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owner, group and mode are declared: neither the login nor its umask plays a part."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import install_task, play, succeeded

pytestmark = pytest.mark.system

PIN = "3.11.2"
TARGET = "cp311-manylinux_2_17_" + bundles.TARGET.split("_2_17_")[1]
# A login whose umask shuts everybody else out; also, what a person with a hardened profile has.
STRICT = "/usr/local/bin/strict-python"


def debian_bundle(folder: pathlib.Path) -> str:
    return str(bundles.small(folder).seal(pin=PIN, target=TARGET))


def run(host: Host, task: dict[str, Any], *more: dict[str, Any], **variables: Any) -> list[dict[str, Any]]:
    return play([task, *more], hosts={"debian": {**host.variables, **variables}})["debian"]


def owners_and_modes(host: Host, folder: str) -> dict[str, set[str]]:
    """Return the owners and modes of folders, programs and other files below a folder; links are left out."""
    found: dict[str, set[str]] = {"d": set(), "x": set(), "f": set()}
    for line in host.run("find", folder, "!", "-type", "l", "-printf", "%y %U:%G %m %P\n").splitlines():
        kind, owner, mode, path = (line + " ").split(" ", 3)
        program = kind == "f" and path.startswith("bin/") and "ctivate" not in path
        found["x" if program else kind].add(f"{owner} {mode}")
    return found


@pytest.fixture
def strict(debian: Host) -> Host:
    debian.write(STRICT, f'#!/bin/sh\numask 077\nexec {PYTHON} "$@"\n', "0755")
    return debian


def test_an_account_of_its_own(strict: Host, tmp_path: pathlib.Path) -> None:
    venv = "/opt/owned/app/.venv"
    shows = "/tmp/shown-to-the-owner.json"
    options = {
        "bundle": debian_bundle(tmp_path),
        "python": PYTHON,
        "owner": "netops",
        "group": "netops",
        "mode": "0750",
        "compile": True,
    }
    task = install_task(
        venv, **options, prove={"imports": ["alpha"], "commands": [["alpha-shows", shows]]}, allow_container=None
    )
    first, second = run(strict, task, task, ansible_python_interpreter=STRICT)
    assert succeeded(first)["changed"] and not succeeded(second)["changed"]
    uid, gid = strict.run("id", "-u", "netops").strip(), strict.run("id", "-g", "netops").strip()
    release = strict.run("realpath", venv).strip()
    own = f"{uid}:{gid}"
    assert owners_and_modes(strict, release) == {"d": {f"{own} 750"}, "x": {f"{own} 750"}, "f": {f"{own} 640"}}
    for folder in ("/opt/owned", "/opt/owned/app", f"{venv}.releases"):
        assert strict.run("stat", "-c", "%u:%g %a", folder).strip() == f"{own} 755"
    shown = json.loads(strict.run("cat", shows))
    assert shown["ids"] == [int(uid), int(gid), []], "the proof ran as somebody else, or kept root's groups"
    assert (shown["cwd"], shown["environ"]["HOME"], shown["prefix"]) == ("/", "/home/netops", release)
    assert strict.run(f"{venv}/bin/alpha", user="netops") == "alpha 1.0 beta 2.0\n"
    # Other accounts are shut out, as declared.
    assert "denied" in strict.run("sh", "-c", f"{venv}/bin/alpha 2>&1 || true", user="nobody").lower()


def test_the_owner_changes(strict: Host, tmp_path: pathlib.Path) -> None:
    """Hard links would carry the old owner into the new release, or give away files of the old one."""
    venv = "/opt/handed-over/.venv"
    options = {"bundle": debian_bundle(tmp_path), "python": PYTHON, "allow_container": None}
    root, netops = install_task(venv, **options), install_task(venv, **options, owner="netops")
    first, second, third = run(strict, root, netops, netops)
    assert [succeeded(result)["changed"] for result in (first, second, third)] == [True, True, False]
    uid = strict.run("id", "-u", "netops").strip()
    old, new = (owners_and_modes(strict, f"{venv}.releases/{result['release']}") for result in (first, second))
    assert {entry.split(":")[0] for entries in old.values() for entry in entries} == {"0"}
    assert {entry.split(":")[0] for entries in new.values() for entry in entries} == {uid}


def test_without_root(strict: Host, tmp_path: pathlib.Path) -> None:
    """An account installs below its home, and everybody can use it in spite of the umask."""
    strict.run("chmod", "755", "/home/netops")
    venv = "/home/netops/tools/.venv"
    task = install_task(venv, bundle=debian_bundle(tmp_path), python=PYTHON, allow_container=None)
    first, second = run(strict, task, task, ansible_python_interpreter=STRICT, ansible_user="netops")
    assert succeeded(first)["changed"] and not succeeded(second)["changed"]
    uid = strict.run("id", "-u", "netops").strip()
    release = strict.run("realpath", venv).strip()
    assert {
        entry.split(" ")[0].split(":")[0] for entries in owners_and_modes(strict, release).values() for entry in entries
    } == {uid}
    assert strict.run(f"{venv}/bin/alpha", user="nobody") == "alpha 1.0 beta 2.0\n"


def test_somebody_without_root_cannot_give_away(strict: Host, tmp_path: pathlib.Path) -> None:
    task = install_task(
        "/home/netops/given/.venv", bundle=debian_bundle(tmp_path), python=PYTHON, owner="nobody", allow_container=None
    )
    [result] = run(strict, task, ansible_user="netops")
    assert result["failed"]
    assert "owner 'nobody': the module runs as user id" in result["msg"] and "Use become" in result["msg"]


def test_a_folder_that_is_not_ones_own(strict: Host, tmp_path: pathlib.Path) -> None:
    task = install_task("/opt/forbidden/.venv", bundle=debian_bundle(tmp_path), python=PYTHON, allow_container=None)
    [result] = run(strict, task, ansible_user="netops")
    assert result["failed"]
    assert "Permission denied, in stage lock" in result["msg"] and "Use become" in result["msg"]
    strict.run("test", "!", "-e", "/opt/forbidden")
