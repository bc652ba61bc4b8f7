# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math
import os
import pathlib
import stat
import subprocess
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import day, legacy, mounts, usage
from ansible_collections.netdevops.python.plugins.module_utils.host.day import parse_day
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.kept import Kept, kept_folders
from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import (
    due,
    look_at_kept,
    packages_of,
    record_kept,
    remove_due,
    sees_system,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.switch import switch
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Use
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

SITE = "lib/python3.11/site-packages"
DAY = "2026-11-20"


def metadata(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def ordinary(venv: pathlib.Path, **packages: str) -> None:
    """Make something that looks like an ordinary virtual environment."""
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
    (venv / SITE).mkdir(parents=True)
    for name, version in packages.items():
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: of the description\n"
        metadata(venv / SITE / f"{name}-{version}.dist-info/METADATA", text)


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    host = Host(tmp_path)
    (host.releases / "r1").mkdir(parents=True)
    return host


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (day, legacy):
        monkeypatch.setattr(module, "today", lambda: DAY)


def options(host: Host, until: str = DAY) -> Options:
    return parse_options(host.params(legacy_until=until), "bundle:1")


def environment(host: Host) -> Environment:
    return Environment(str(host.venv))


def adopt(host: Host, **packages: str) -> str:
    """Let a release take the place of an ordinary virtual environment; return where that is kept."""
    ordinary(host.venv, **packages)
    return switch(environment(host), "r1", lambda kept: record_kept(environment(host), kept))


def test_packages_are_those_of_the_metadata_by_their_normal_names(tmp_path: pathlib.Path) -> None:
    ordinary(tmp_path / "v", Zope_Interface="6.0", netmiko="4.5.0")
    assert packages_of(str(tmp_path / "v")) == {"netmiko": "4.5.0", "zope-interface": "6.0"}


def test_old_forms_of_metadata_are_read(tmp_path: pathlib.Path) -> None:
    site = tmp_path / "v" / SITE
    ordinary(tmp_path / "v")
    metadata(site / "folder-1.0-py3.11.egg-info/PKG-INFO", "Name: folder\nVersion: 1.0\n")
    metadata(site / "single-2.0.egg-info", "name: single\nversion: 2.0\n")
    metadata(site / "egg-3.0-py3.11.egg/EGG-INFO/PKG-INFO", "Name: egg\nVersion: 3.0\n")
    metadata(site / "zipped-4.0-py3.11.egg", "PK\x03\x04")
    metadata(site / "bare-5.0.dist-info/RECORD", "")
    metadata(tmp_path / "src/mine.egg-info/PKG-INFO", "Name: mine\nVersion: 6.0\n")
    metadata(site / "mine.egg-link", f"{tmp_path / 'src'}\n.")
    metadata(site / "lost.egg-link", "/nonexistent\n.")
    metadata(site / "~ip-23.0.dist-info/METADATA", "Name: pip\nVersion: 23.0\n")
    metadata(site / "module.py", "")
    assert packages_of(str(tmp_path / "v")) == {
        "bare": "5.0",
        "egg": "3.0",
        "folder": "1.0",
        "lost": "",
        "mine": "6.0",
        "single": "2.0",
        "zipped": "4.0",
    }


def test_all_folders_of_packages_count_and_each_once(tmp_path: pathlib.Path) -> None:
    venv = tmp_path / "v"
    ordinary(venv, a="1")
    metadata(venv / "lib64/python3.11/site-packages/b-2.dist-info/METADATA", "Name: b\nVersion: 2\n")
    metadata(venv / "lib/pypy3.10/site-packages/c-3.dist-info/METADATA", "Name: c\nVersion: 3\n")
    assert packages_of(str(venv)) == {"a": "1", "b": "2", "c": "3"}
    (tmp_path / "w").mkdir()
    ordinary(tmp_path / "w/v", a="1")
    (tmp_path / "w/v/lib64").symlink_to("lib")
    assert len(list(legacy._site_folders(str(tmp_path / "w/v")))) == 1


def test_strange_things_have_no_packages_and_stop_nothing(tmp_path: pathlib.Path) -> None:
    assert packages_of(str(tmp_path)) == {}
    assert packages_of(str(tmp_path / "nothing")) == {}
    site = tmp_path / "v" / SITE
    (site / "pipe-1.dist-info").mkdir(parents=True)
    os.mkfifo(site / "pipe-1.dist-info/METADATA")
    (site / "bytes-2.dist-info").mkdir()
    (site / "bytes-2.dist-info/METADATA").write_bytes(b"\xff\xfe\x00")
    (site / "METADATA.dist-info").symlink_to("/nonexistent")
    assert packages_of(str(tmp_path / "v")) == {"bytes": "2", "metadata": "", "pipe": "1"}


def test_whether_the_interpreters_packages_are_seen(tmp_path: pathlib.Path) -> None:
    ordinary(tmp_path / "v")
    assert not sees_system(str(tmp_path / "v"))
    (tmp_path / "v/pyvenv.cfg").write_text("home=/usr/bin\nInclude-System-Site-Packages = TRUE\n")
    assert sees_system(str(tmp_path / "v"))
    assert not sees_system(str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    "text", ["2026-1-1", "20261120", "2026-02-30", "2026-W01-1", "tomorrow", "2026-11-20T00:00", " "]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected a day as YYYY-MM-DD"):
        parse_day(text)


def test_a_day_is_a_day() -> None:
    assert parse_day("2028-02-29") == "2028-02-29"


def test_what_is_kept_is_recorded(host: Host) -> None:
    assert kept_folders(environment(host)) == ()
    kept = adopt(host, a="1", b="2")
    [one] = kept_folders(environment(host))
    assert (one.folder, one.day, one.packages, one.inode) == (kept, DAY, 2, os.stat(kept).st_ino)
    assert stat.S_IMODE(os.stat(host.releases / ".kept").st_mode) == 0o644


def test_it_goes_on_the_day_and_not_before(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = adopt(host, a="1")
    for until in ("", "2026-11-21", "2027-01-01"):
        assert due(options(host, until)) == ()
        remove_due(options(host, until))
        assert look_at_kept(options(host, until)).result() == {"kept": kept, "kept_until": until}
    assert os.path.isdir(kept)
    for until in (DAY, "2026-11-19", "2000-01-01"):
        assert due(options(host, until)) == (kept,)
    found = look_at_kept(options(host))
    assert [tuple(action) for action in found.actions()] == [("remove", kept, f"kept until {DAY}")]
    assert found.result() == {}
    remove_due(options(host))
    assert not os.path.exists(kept) and not (host.releases / ".kept").exists()
    assert (host.venv / "..").exists() and os.path.islink(host.venv)


def test_what_this_run_has_kept_stays(host: Host) -> None:
    kept = adopt(host)
    remove_due(options(host), kept)
    assert os.path.isdir(kept)
    remove_due(options(host), "")
    assert not os.path.exists(kept)


def test_what_a_process_uses_is_spared_and_said(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = adopt(host)
    asked = []

    def find_users(folders: Any, proc: str = "/proc") -> Any:
        asked.append(list(folders))
        return {folder: [Use(77, usage.MAPPED, f"{folder}/lib/x.so")] for folder in folders}

    monkeypatch.setattr(usage, "find_users", find_users)
    assert look_at_kept(options(host, "2026-11-21")).spared == () and asked == [], "nobody is asked before the day"
    found = look_at_kept(options(host))
    assert found.due == () and found.result() == {"kept": kept, "kept_until": DAY}
    assert found.spared == (
        f"{kept} was kept until {DAY} and stays: it is in use by process 77 (mapped: {kept}/lib/x.so).",
    )
    remove_due(options(host))
    assert os.path.isdir(kept)


@pytest.mark.parametrize("late", [False, True])
def test_what_was_started_before_the_switch_is_of_the_kept_one(host: Host, late: bool) -> None:
    """Its command line names the stable path and nothing else does."""
    ordinary(host.venv)

    def start() -> subprocess.Popen[bytes]:
        words = [f"{host.venv}/bin/python", "60"]
        return subprocess.Popen(words, executable="/bin/sleep")  # pylint: disable=ansible-bad-function # a real process

    early = None if late else start()
    kept = switch(environment(host), "r1", lambda path: record_kept(environment(host), path))
    if late:  # Of a folder that made room longer ago than clocks differ.
        older = f"{host.venv}.kept-20260101T000000"
        os.rename(kept, older)
        record = host.releases / ".kept"
        record.write_text(record.read_text().replace(os.path.basename(kept), os.path.basename(older)))
        kept = older
    process = early or start()
    try:
        found = look_at_kept(options(host))
        remove_due(options(host))
        assert os.path.isdir(kept) != late and found.due == ((kept,) if late else ())
        why = f"it is in use by process {process.pid} (command line: {host.venv}/bin/python), which started before it made room"
        assert found.spared == (() if late else (f"{kept} was kept until {DAY} and stays: {why}.",))
    finally:
        process.kill()
        process.wait()
    assert late or due(options(host)) == (kept,), "until it ends"


def test_who_only_speaks_of_the_stable_path_uses_no_kept_one(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = adopt(host)
    uses = [
        Use(7, usage.COMMAND_LINE, str(host.venv)),
        Use(8, usage.WORKING_FOLDER, f"{host.venv}/bin/x"),
        Use(9, usage.ENVIRONMENT, f"{host.venv}/bin/"),
    ]
    monkeypatch.setattr(usage, "started_at", lambda pid: 1.0)
    monkeypatch.setattr(usage, "find_users", lambda paths: {path: uses * (path == str(host.venv)) for path in paths})
    assert due(options(host)) == (kept,)
    uses.append(Use(10, usage.SEARCH_PATH, f"{host.venv}/bin"))
    assert due(options(host)) == ()
    monkeypatch.setattr(usage, "started_at", lambda pid: 0.0)
    assert due(options(host)) == (kept,), "it has ended meanwhile"


def test_a_name_that_is_no_time_keeps_what_runs(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies with the owner what the record says."""
    assert Kept(f"{host.venv}.kept-20261399T999999", DAY, 0, 1).moved_at() == math.inf
    assert Kept(f"{host.venv}.kept-19700102T000001", DAY, 0, 1).moved_at() == 86401


def test_what_is_mounted_in_it_keeps_it(host: Host, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = adopt(host)
    table = tmp_path / "mountinfo"
    monkeypatch.setattr(mounts.mounted_in, "__defaults__", (str(table),))
    line = "36 35 98:0 / {} rw,noatime master:1 - ext4 /dev/root rw\n"
    for place in ("/", str(host.app), f"{kept}-other"):
        table.write_text(line.format("/") + line.format(place))
        assert due(options(host)) == (kept,)
    for place in (kept, f"{kept}/data", f"{kept}/a\\040b"):
        table.write_text(line.format("/") + line.format(place))
        found = look_at_kept(options(host))
        shown = place.replace("\\040", " ")
        assert found.due == () and found.spared == (
            f"{kept} was kept until {DAY} and stays: {shown} is mounted in it.",
        )
    remove_due(options(host))
    assert os.path.isdir(kept)


def test_what_the_kernel_tells_of_mounts() -> None:
    assert mounts.mounted_in("/proc") == "/proc" and mounts.mounted_in("/") == "/"


def test_only_what_is_recorded_is_removed(host: Host) -> None:
    kept = adopt(host)
    other = f"{host.venv}.kept-20200101T000000"
    os.mkdir(other)
    (host.releases / ".kept").unlink()
    assert due(options(host)) == ()
    remove_due(options(host))
    assert os.path.isdir(kept) and os.path.isdir(other)


def test_what_took_its_name_later_is_not_removed(host: Host) -> None:
    kept = adopt(host)
    os.rename(kept, f"{kept}-moved")
    for make in (os.mkdir, lambda path: pathlib.Path(path).touch(), lambda path: os.symlink(f"{kept}-moved", path)):
        make(kept)
        assert due(options(host)) == ()
        remove_due(options(host))
        assert os.path.lexists(kept)
        os.rename(kept, f"{kept}-{make}")


def test_a_forged_record_removes_no_other_folder(host: Host, tmp_path: pathlib.Path) -> None:
    precious = tmp_path / "precious.kept-20260101T000000"
    inside = host.venv.with_name(".venv.kept-20260101T000000") / "sub"
    for folder in (precious, inside):
        folder.mkdir(parents=True)
    paths = [
        str(precious),
        str(tmp_path),
        f"{inside}",
        f"{host.venv}.kept-20260101T000000/sub",
        f"{host.venv}.kept-x",
        "/",
    ]
    paths += [f"{host.venv}/../../../precious.kept-20260101T000000", ""]
    forged = [
        {"folder": path, "day": "2020-01-01", "packages": 0, "inode": os.stat(path or "/").st_ino}
        for path in paths
        if os.path.exists(path or "/")
    ]
    (host.releases / ".kept").write_text(json.dumps(forged))
    assert len(forged) >= 5 and due(options(host)) == ()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"folder": "/x"}]', "[" * 100000, "null", '[{"inode": Infinity}]'])
def test_a_record_that_is_none_says_nothing(host: Host, text: str) -> None:
    (host.releases / ".kept").write_text(text)
    assert kept_folders(environment(host)) == ()


def test_killed_before_the_exchange_the_link_that_was_ready_goes(host: Host) -> None:
    ordinary(host.venv)
    kept = f"{host.venv}.kept-20261120T000000"
    record_kept(environment(host), kept)
    os.symlink(".venv.releases/r1", kept)
    assert kept_folders(environment(host)) == () and due(options(host)) == ()
    later = switch(environment(host), "r1", lambda path: record_kept(environment(host), path))
    assert not os.path.lexists(kept) and [one.folder for one in kept_folders(environment(host))] == [later]


def test_a_link_of_somebody_else_stays(host: Host) -> None:
    ordinary(host.venv)
    kept = f"{host.venv}.kept-20261120T000000"
    record_kept(environment(host), kept)
    os.symlink("elsewhere", kept)
    record_kept(environment(host), f"{host.venv}.kept-20261120T000001")
    assert os.readlink(kept) == "elsewhere"


def test_several_are_kept_and_the_newest_is_told(host: Host) -> None:
    first = adopt(host)
    os.rename(first, f"{host.venv}.kept-20250101T000000")
    (host.releases / ".kept").write_text(
        (host.releases / ".kept").read_text().replace(os.path.basename(first), ".venv.kept-20250101T000000")
    )
    os.unlink(host.venv)
    second = adopt(host)
    assert [one.folder for one in kept_folders(environment(host))] == [f"{host.venv}.kept-20250101T000000", second]
    assert look_at_kept(options(host, "")).result()["kept"] == second
    remove_due(options(host))
    assert sorted(os.listdir(host.app)) == [".venv", ".venv.releases"]


def test_removed_by_half_it_is_still_known(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = adopt(host, a="1")
    os.unlink(f"{kept}/pyvenv.cfg")
    assert due(options(host)) == (kept,)
