# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything on a host that is, was or looks like an environment is told of once, as what it is."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host import census as census_module
from ansible_collections.netdevops.python.plugins.module_utils.host.census import (
    DANGLING,
    ELSEWHERE,
    KEPT,
    MANAGED,
    ORDINARY,
    ORPHANED,
    UNREADABLE,
    Standing,
    census,
    standing_at,
)
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

as_root = os.geteuid() == 0


def install(host: Host, *versions: str) -> list[str]:
    names = []
    for version in versions:
        host.seal(host.wheel("spam", version))
        names.append(host.converge()["release"])
    return names


def ordinary(folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return folder


def look(host: Host) -> Standing:
    """Return the one thing on the host, which is the same when it is asked for by its path."""
    [found] = census([str(host.root)])
    assert standing_at(found.path) == found
    return found


def test_a_managed_one(host: Host) -> None:
    first, second = install(host, "1.0", "2.0")
    found = look(host)
    assert (found.path, found.kind, found.release, found.detail) == (str(host.venv), MANAGED, second, "")
    assert found.receipt and found.receipt.versions() == {"spam": "2.0"}
    assert set(found.releases) == {first, second} and found.broken == found.leftovers == ()


@pytest.mark.parametrize("how", ["gone", "receipt gone", "receipt broken", "releases gone"])
def test_a_dangling_one(host: Host, how: str) -> None:
    [name] = install(host, "1.0")
    if how == "gone":
        shutil.rmtree(host.release)
    elif how == "receipt gone":
        (host.release / "receipt.json").unlink()
    elif how == "receipt broken":
        (host.release / "receipt.json").write_text("{")
    else:
        shutil.rmtree(host.releases)
    found = look(host)
    assert (found.kind, found.release, found.receipt) == (DANGLING, name, None)
    wrong = "has no receipt that can be believed" if how.startswith("receipt") else "is gone"
    assert found.detail == f"its release {name} {wrong}"
    assert found.broken == ((name,) if how == "receipt broken" else ())
    assert found.leftovers == (), "what the link names may run"


@pytest.mark.parametrize("target", ["/nowhere", "{app}/other", "{app}/.venv.releases/{name}"])
def test_a_link_that_leads_elsewhere(host: Host, target: str) -> None:
    [name] = install(host, "1.0")
    (host.app / "other").mkdir()
    host.venv.unlink()
    host.venv.symlink_to(target.format(app=host.app, name=name))
    found = look(host)
    assert (found.kind, found.release, found.receipt, found.releases) == (ELSEWHERE, "", None, (name,))
    assert found.detail == f"a link to {os.readlink(host.venv)}, which is none of its releases"


def test_releases_that_lost_their_link(host: Host) -> None:
    [name] = install(host, "1.0")
    host.venv.unlink()
    assert look(host)[:6] == (str(host.venv), ORPHANED, "", None, (name,), "1 release, and no link to one")
    host.venv.mkdir()
    assert look(host).kind == ORPHANED and "stands there" in look(host).detail


def test_an_ordinary_one_that_took_the_place_of_the_link(host: Host) -> None:
    [name] = install(host, "1.0")
    host.venv.unlink()
    ordinary(host.venv)
    found = look(host)
    assert (found.kind, found.releases, found.home) == (ORDINARY, (name,), "/usr/bin")


def test_ordinary_and_kept_ones(host: Host) -> None:
    ordinary(host.venv)
    other = ordinary(host.root / "srv/tool/venv")
    assert [one.kind for one in census([str(host.root)])] == [ORDINARY, ORDINARY]
    install(host, "1.0")
    managed, kept, last = census([str(host.root)])
    assert (managed.kind, managed.path) == (MANAGED, str(host.venv))
    assert (kept.kind, kept.home) == (KEPT, "/usr/bin") and kept.path.startswith(f"{host.venv}.kept-")
    assert kept.detail == f"a release took its place at {host.venv}"
    assert (last.kind, last.path) == (ORDINARY, str(other))


def test_a_name_alone_makes_none_a_kept_one(host: Host) -> None:
    stray = ordinary(host.root / "srv/tool.kept-20260101T000000")
    assert look(host)[:2] == (str(stray), ORDINARY)
    ordinary(host.venv)
    install(host, "1.0")
    planted = ordinary(host.app / ".venv.kept-20200101T000000")
    found = {one.path: one.kind for one in census([str(host.root)])}
    [kept] = [path for path, kind in found.items() if kind == KEPT]
    assert (found[str(planted)], found[str(stray)]) == (ORDINARY, ORDINARY)
    other = ordinary(host.app / "other")  # before the kept one goes, whose inode it would get
    shutil.rmtree(kept)
    other.rename(kept)
    assert (standing_at(kept) or ("",))[:2] == (kept, ORDINARY), "another folder of the recorded name"
    host.venv.unlink()
    assert {one.kind for one in census([str(host.root)])} == {ORPHANED, ORDINARY}


def test_somebody_elses_folder_of_that_name_is_none_of_ours(host: Host) -> None:
    inner = ordinary(host.root / "srv/music.releases/player")
    (host.root / "srv/empty.releases").mkdir()
    assert look(host)[:2] == (str(inner), ORDINARY)


def test_what_runs_left_and_what_is_broken_beside_a_good_release(host: Host) -> None:
    first, second = install(host, "1.0", "2.0")
    (host.releases / first / "receipt.json").write_text("{}")
    (host.releases / ("0" * 16) / "lib").mkdir(parents=True)
    (host.releases / ".rubbish-x").mkdir()
    found = look(host)
    assert (found.kind, found.release, found.broken) == (MANAGED, second, (first,))
    assert found.leftovers == (".rubbish-x", "0" * 16)


def test_a_release_that_lost_its_configuration_is_still_one(host: Host) -> None:
    install(host, "1.0")
    (host.release / "pyvenv.cfg").unlink()
    assert look(host).kind == MANAGED


@pytest.mark.parametrize("name", ["v1", "0123456789abcdef"])
@pytest.mark.parametrize("receipt", ["", "{}", '{"schema": 1, "release": "0123456789abcdef", "sum": 12}'])
def test_what_others_call_releases_is_none_of_ours(host: Host, name: str, receipt: str) -> None:
    """A lock, a journal or a file of that name says nothing of whose a folder is."""
    (host.releases / name).mkdir(parents=True)
    for state in (".lock", ".journal"):
        (host.releases / state).touch()
    if receipt:
        (host.releases / name / "receipt.json").write_text(receipt)
    assert census([str(host.root)]) == [] and standing_at(str(host.venv)) is None


def test_a_receipt_under_another_name_makes_no_orphan(host: Host) -> None:
    [name] = install(host, "1.0")
    host.venv.unlink()
    (host.releases / name).rename(host.releases / "backup")
    assert look(host)[:2] == (str(host.releases / "backup"), ORDINARY)


def test_an_orphan_with_something_of_others_is_told_with_it(host: Host) -> None:
    [name] = install(host, "1.0")
    for other in "abcdefg":
        (host.releases / other).touch()
    assert look(host).strangers == (), "a managed one is judged by its link"
    host.venv.unlink()
    found = look(host)
    assert (found.kind, found.releases, found.strangers) == (ORPHANED, (name,), tuple("abcdefg"))
    assert found.detail.endswith(f"{host.releases} also holds a, b, c, d, e and 2 more, which is none of ours")


def test_nothing_is_none(host: Host) -> None:
    assert census([str(host.root), "/nowhere"]) == []
    assert standing_at(str(host.venv)) is None
    assert standing_at("/nowhere/at/all") is None


@pytest.mark.skipif(as_root, reason="root may look into everything")
@pytest.mark.parametrize("closed", ["release", "releases", "app"])
def test_what_may_not_be_looked_into_is_told(host: Host, closed: str) -> None:
    [name] = install(host, "1.0")
    folder = {"release": host.release, "releases": host.releases, "app": host.app}[closed]
    folder.chmod(0)
    try:
        unreadable: list[str] = []
        found = census([str(host.root)], unreadable)
        assert unreadable == [str(folder)]
        one = standing_at(str(host.venv))
        assert one and (one.kind, one.receipt) == (UNREADABLE, None)
        assert found == ([] if closed == "app" else [one._replace(release=name)])
        unreadable.clear()
        assert census([str(host.app / "below")], unreadable) == []
        assert unreadable == ([str(host.app / "below")] if closed == "app" else [])
    finally:
        folder.chmod(0o755)


@pytest.mark.skipif(as_root, reason="root may look into everything")
def test_what_may_not_be_looked_into_is_no_leftover(host: Host) -> None:
    first, second = install(host, "1.0", "2.0")
    (host.releases / first).chmod(0)
    try:
        found = census([str(host.root)])[0]
        assert (found.kind, found.release, found.releases, found.leftovers) == (MANAGED, second, (second,), ())
    finally:
        (host.releases / first).chmod(0o755)


def test_no_environment_is_entered(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not cost more the more is installed."""
    install(host, "1.0")
    (ordinary(host.root / "srv/venv") / "lib/python3.11/site-packages").mkdir(parents=True)
    seen: list[str] = []
    real = os.scandir

    def noted(folder: str) -> Iterator[os.DirEntry[str]]:
        seen.append(folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", noted)
    assert len(census([str(host.root)])) == 2
    assert str(host.releases) in seen
    assert not [path for path in seen if "/lib" in path.replace(str(host.root), "")]


@pytest.mark.parametrize("name", ["home_of", "read_receipt"])
def test_what_nobody_thought_of_loses_one_environment(host: Host, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    host.seal(host.wheel())
    host.converge()
    (host.root / "srv/tool").mkdir(parents=True)
    (host.root / "srv/tool/pyvenv.cfg").write_text("home = /usr/bin\n")

    def fails(path: str) -> None:
        raise RecursionError("what is in a file")

    monkeypatch.setattr(census_module, name, fails)
    found = {one.path: (one.kind, one.detail) for one in census([str(host.root)])}
    lost = str(host.root / "srv/tool") if name == "home_of" else str(host.venv)
    assert len(found) == 2 and found.pop(lost) == ("unreadable", "cannot be told: RecursionError")
    assert {kind for kind, _detail in found.values()} == {"managed" if name == "home_of" else "ordinary"}
