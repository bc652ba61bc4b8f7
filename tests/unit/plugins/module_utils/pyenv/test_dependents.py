# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on an interpreter is found by what it says itself, and found fast."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import search
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.dependents import (
    Dependent,
    dependents_of,
    find_dependents,
    find_environments,
    unseen_processes,
)

VERSION = "3.11.2"


@pytest.fixture
def empty(tmp_path: pathlib.Path) -> str:
    (tmp_path / "proc").mkdir()
    return str(tmp_path / "proc")


def paths(host: Any, proc: str, folder: str = "") -> list[str]:
    return [one.path for one in find_dependents(folder or str(host.version), [str(host.folder)], proc)]


def test_an_environment_names_its_home(host: Any, empty: str) -> None:
    host.lay()
    mine = host.environment("srv/app/.venv", host.version / "bin")
    host.environment("srv/other/.venv", host.root / "versions/3.11.20/bin")
    host.environment("srv/system/.venv", pathlib.Path("/usr/bin"))
    assert find_dependents(str(host.version), [str(host.folder)], empty) == [
        Dependent("environment", str(mine), f"its pyvenv.cfg names {host.version}/bin")
    ]


def test_a_home_through_a_link_counts(host: Any, empty: str) -> None:
    host.lay()
    (host.folder / "home").mkdir()
    (host.folder / "home/versions").symlink_to(host.root / "versions")
    mine = host.environment("srv/.venv", host.folder / "home/versions" / VERSION / "bin")
    assert paths(host, empty) == [str(mine)]


def test_a_home_that_leads_elsewhere_counts_by_its_name(host: Any, empty: str) -> None:
    host.lay()
    (host.folder / "elsewhere").mkdir()
    (host.version / "tools").symlink_to(host.folder / "elsewhere")
    mine = host.environment("srv/.venv", host.version / "tools")
    assert paths(host, empty) == [str(mine)]


def test_of_a_link_only_what_goes_through_it(host: Any, empty: str) -> None:
    host.lay()
    mine = host.folder / "mine/versions" / VERSION
    mine.parent.mkdir(parents=True)
    mine.symlink_to(host.version)
    through = host.environment("srv/through", mine / "bin")
    beside = host.environment("srv/beside", host.version / "bin")
    assert paths(host, empty, str(mine)) == [str(through)]
    assert paths(host, empty) == [str(beside), str(through)], "a personal link alone is none, what goes through it is"


def test_releases_have_their_stable_name(host: Any, empty: str) -> None:
    host.lay()
    old = host.environment("srv/app/.venv.releases/aaa", host.version / "bin")
    new = host.environment("srv/app/.venv.releases/bbb", host.version / "bin")
    (host.folder / "srv/app/.venv").symlink_to(".venv.releases/bbb")
    found = find_dependents(str(host.version), [str(host.folder)], empty)
    stable = str(host.folder / "srv/app/.venv")
    assert [one.path for one in found] == [stable, str(old)]
    assert found[1].detail.endswith(f"it is an earlier release of {stable}")
    assert str(new) not in [one.path for one in found]


def test_where_nobody_looks(host: Any, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    venv = host.environment("srv/venv", host.version / "bin")
    (venv / "inner").mkdir()
    shutil.copy(venv / "pyvenv.cfg", venv / "inner")
    for name in (".git/x", "node_modules/x", "lib/site-packages/x", "nfs/x", "containers/storage/x"):
        host.environment(f"srv/{name}", host.version / "bin")
    (host.folder / "srv/link").symlink_to(host.folder / "srv/nfs")
    monkeypatch.setattr(search, "mounted_elsewhere", lambda: frozenset([str(host.folder / "srv/nfs")]))
    assert paths(host, empty) == [str(venv)]
    named = find_environments([str(host.folder), str(host.folder / "srv/nfs")])
    assert sorted(one.path for one in named) == [str(host.folder / "srv/nfs/x"), str(venv)], (
        "what is named is looked at"
    )


def test_what_cannot_be_read_is_no_traceback(host: Any, empty: str) -> None:
    host.lay()
    (host.folder / "srv/venv").mkdir(parents=True)
    (host.folder / "srv/venv/pyvenv.cfg").symlink_to("/nowhere")
    assert paths(host, empty) == []
    assert find_environments(["/nowhere"]) == []


def test_a_running_process(host: Any) -> None:
    host.lay()
    shutil.copy(shutil.which("sleep") or "sleep", host.version / "bin/python3.11")
    process = subprocess.Popen([host.version / "bin/python3.11", "60"])
    try:
        [found] = find_dependents(str(host.version), [])
        assert found == Dependent("process", f"/proc/{process.pid}", f"it runs {host.version}/bin/python3.11")
        assert dependents_of(str(host.version), [], "") == []
        link = host.folder / "mine"
        link.symlink_to(host.version)
        assert find_dependents(str(link), []) == []
    finally:
        process.kill()
        process.wait()
    assert find_dependents(str(host.version), []) == []


def test_processes_of_others_are_known_by_their_command_line(
    host: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.lay()
    words = {1: ["/sbin/init"], 2: [], 7: ["python", f"{host.version}/bin/tool"], 8: ["own"], 9: ["gone"]}
    for number, line in words.items():
        (tmp_path / "proc" / str(number)).mkdir(parents=True)
        (tmp_path / "proc" / str(number) / "cmdline").write_text("\0".join(line))
    (tmp_path / "proc/8/exe").symlink_to("/usr/bin/own")

    def readlink(path: str) -> str:
        if path.endswith(("/1/exe", "/2/exe", "/7/exe")):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    real = os.readlink
    monkeypatch.setattr(os, "readlink", readlink)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    proc = str(tmp_path / "proc")
    [found] = find_dependents(str(host.version), [], proc)
    assert (found.kind, found.path) == ("process", f"{proc}/7")
    assert unseen_processes(proc) == 2, "a part of the kernel has no command line, and what has ended does not count"
    shutil.rmtree(tmp_path / "proc/1")
    assert unseen_processes(proc) == 2, "where not even the first process shows, others are hidden"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert unseen_processes(proc) == 0


def test_what_may_not_be_read_is_told(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = host.environment("srv/closed", host.root / "versions/3.9.1/bin")
    (closed / "pyvenv.cfg").write_text("")
    host.environment("srv/open", host.root / "versions/3.9.1/bin")
    monkeypatch.setattr(os, "access", lambda path, mode: "closed" not in path)
    unreadable: list[str] = []
    assert [one.path for one in find_environments([str(host.folder / "srv")], unreadable)] == [
        str(host.folder / "srv/open")
    ]
    assert unreadable == [str(closed)]


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("3.11.2\n", True),
        ("3.12.1 3.11.2\n", True),
        ("3.12.1\n3.11.2", True),
        ("3.11.20\n", False),
        ("# 3.11.2\n", False),
    ],
)
def test_the_global_pin(host: Any, empty: str, text: str, stands: bool) -> None:
    host.lay()
    (host.root / "version").write_text(text)
    assert paths(host, empty) == ([str(host.root / "version")] if stands else [])


def test_remote_file_systems_are_known_by_their_kind(tmp_path: pathlib.Path) -> None:
    for kind in ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "proc", "autofs", "lustre"):
        assert search.ELSEWHERE.fullmatch(kind)
    for kind in ("ext4", "xfs", "btrfs", "overlay", "tmpfs", "fuseblk", "zfs"):
        assert not search.ELSEWHERE.fullmatch(kind)
    assert "/proc" in search.mounted_elsewhere()
    assert os.path.realpath("/") not in search.mounted_elsewhere()
