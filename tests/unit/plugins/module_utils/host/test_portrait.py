# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of one environment."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.host.census import standing_at
from ansible_collections.netdevops.python.plugins.module_utils.host.portrait import Wanted, folders_of, moment, portray
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Use
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host
from ansible_collections.netdevops.python.tests.unit.support.wheels import TARGET

DAY = 86400
DEFAULT = Wanted()


def tell(
    host: Host,
    wanted: Wanted = DEFAULT,
    users: Mapping[str, Sequence[Use]] | None = None,
    venv: str = "",
    later: float = 0,
) -> dict[str, Any]:
    standing = standing_at(venv or str(host.venv))
    assert standing
    return portray(standing, wanted, users, time.time() + later)


@pytest.fixture
def two(host: Host) -> Host:
    """A host with two releases, the second one current."""
    for version in ("1.0", "2.0"):
        host.seal(host.wheel("spam", version), host.wheel("eggs", "3.0"))
        host.converge()
    return host


def names(host: Host) -> list[str]:
    return sorted(path.name for path in host.releases.iterdir() if not path.name.startswith("."))


def test_a_release_is_told_of_with_what_it_was_made_from(host: Host) -> None:
    manifest = host.seal(host.wheel("spam", "1.0"))
    name = host.converge()["release"]
    found = tell(host)
    assert (found["venv"], found["kind"], found["detail"]) == (str(host.venv), "managed", "")
    assert (found["release"], found["bundle"], found["lock"]) == (name, manifest.id, "0" * 64)
    assert found["public"] is False  # pytest closes its folders
    assert found["interpreter"] == {
        "path": str(host.python),
        "version": "3.11.7",
        "target": TARGET,
        "sha256": digest_bytes(host.python.read_bytes()),
        "ok": True,
    }
    assert (found["broken"], found["leftovers"], found["commands"], found["kept"]) == ([], [], {}, [])
    assert (found["processes"], found["bytes"], "cyclonedx" in found) == (None, None, False)


@pytest.mark.parametrize(("how", "keys"), [("count", 1), ("versions", 2), ("whole", 3)])
def test_packages_are_told_as_far_as_is_asked(two: Host, how: str, keys: int) -> None:
    packages = tell(two, Wanted(how))["packages"]
    assert packages["count"] == 2 and len(packages) == keys
    assert packages.get("versions", {"eggs": "3.0", "spam": "2.0"}) == {"eggs": "3.0", "spam": "2.0"}
    if how == "whole":
        wheels = {
            path.name.split("-")[0]: digest_bytes(path.read_bytes()) for path in (two.folder / "wheels").iterdir()
        }
        assert packages["wheels"] == wheels


def test_times(two: Host) -> None:
    receipt = two.release / "receipt.json"
    os.utime(receipt, (1_000_000_000, 1_000_000_000))
    found = tell(two)
    assert found["built_at"] == "2001-09-09T01:46:40Z"
    assert found["age_days"] == int((time.time() - 1_000_000_000) // DAY)
    since = time.mktime(time.strptime(found["current_since"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert abs(time.time() - since) < 60
    assert tell(two, later=3 * DAY)["age_days"] == found["age_days"] + 3
    (two.releases / ".journal").unlink()
    assert tell(two)["current_since"] == ""


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_a_time_that_is_none_is_empty(wrong: float) -> None:
    assert moment(wrong) == ""


def test_its_releases_and_the_way_back(two: Host) -> None:
    current = os.path.basename(os.readlink(two.venv))
    [old] = [name for name in names(two) if name != current]
    (two.releases / ".held").write_text(f"{old}\n")
    found = tell(two)
    assert found["previous"] == old
    assert [(one["name"], one["current"], one["held"], one["in_use"]) for one in found["releases"]] == [
        (current, True, False, None),
        (old, False, True, None),
    ]
    assert all(one["bundle"] and one["lock"] and one["built_at"] and one["last_current"] for one in found["releases"])
    assert found["releases"][0]["bundle"] != found["releases"][1]["bundle"]


def test_drift_is_counted_and_some_of_it_named(two: Host) -> None:
    for number in range(30):
        (two.site / f"extra{number:02}.py").touch()
    found = tell(two)["drift"]
    assert found["count"] == 30
    assert len(found["some"]) == 21 and found["some"][-1] == "and 10 more"
    assert found["some"][0].startswith("added: lib/python3.11/site-packages/extra")
    assert tell(two, Wanted(verify="receipt"))["drift"] == {"count": 0, "some": []}


def test_only_content_sees_what_has_the_stat_of_before(two: Host) -> None:
    """And a look writes no index, so that it goes on being seen."""
    before = sorted(os.listdir(two.release))
    (two.release / "receipt.index").unlink()
    assert tell(two)["drift"]["count"] == 0 and tell(two, Wanted(verify="content"))["drift"]["count"] == 0
    assert sorted(os.listdir(two.release)) == sorted(set(before) - {"receipt.index"})


@pytest.mark.parametrize(("how", "line"), [("gone", "deleted"), ("other", "replaced")])
def test_an_interpreter_that_is_not_the_one_is_not_ok(two: Host, how: str, line: str) -> None:
    two.python.unlink()
    if how == "other":
        two.python.write_bytes(b"another one")
    found = tell(two)
    assert found["interpreter"]["ok"] is False
    assert found["drift"] == {"count": 1, "some": [f"{line}: {two.python}"]}


def test_a_release_that_lost_its_list_of_files(two: Host) -> None:
    (two.release / "receipt.files").write_text("")
    assert tell(two)["drift"]["some"] == ["edited: receipt.files"]


def test_who_uses_it(two: Host) -> None:
    current, old = tell(two)["releases"]
    standing = standing_at(str(two.venv))
    assert standing
    folders = folders_of(standing)
    assert folders == [f"{two.releases}/{current['name']}", f"{two.releases}/{old['name']}", str(two.venv)]
    users = {
        folders[0]: [Use(9, "mapped", "m")],
        folders[1]: [],
        folders[2]: [Use(9, "command line", "c"), Use(3, "command line", "d")],
    }
    found = tell(two, users=users)
    assert found["processes"] == {
        "count": 2,
        "some": [
            {"pid": 3, "what": "command line", "detail": "d", "release": ""},
            {"pid": 9, "what": "mapped", "detail": "m", "release": current["name"]},
        ],
    }
    assert [one["in_use"] for one in found["releases"]] == [True, False]
    many = tell(two, users={folders[0]: [Use(pid, "mapped", "m") for pid in range(50)]})["processes"]
    assert (many["count"], len(many["some"])) == (50, 20)


def ordinary(folder: pathlib.Path, config: str) -> str:
    info = folder / "lib/python3.11/site-packages/Foo_Bar-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.5\n\nVersion: 9\n")
    (folder / "pyvenv.cfg").write_text(config)
    return str(folder)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ("home = {root}\nversion = 3.11.2\nexecutable = {root}/python3.11\n", "{root}/python3.11"),
        ("home = {root}\nversion_info = 3.11.2.final.0\n", "{root}/python3"),
    ],
)
def test_an_ordinary_one(host: Host, config: str, path: str) -> None:
    (host.root / "python3").touch()
    venv = ordinary(host.root / "srv/tool", config.format(root=host.root))
    found = tell(host, Wanted("whole"), venv=venv)
    assert (found["kind"], found["release"], found["bundle"], found["lock"]) == ("ordinary", "", "", "")
    assert found["packages"] == {"count": 1, "versions": {"foo-bar": "1.5"}, "wheels": {}}
    assert found["interpreter"] == {
        "path": path.format(root=host.root),
        "version": "3.11.2",
        "target": "",
        "sha256": "",
        "ok": True,
    }
    assert (found["built_at"], found["age_days"], found["current_since"], found["previous"]) == ("", None, "", "")
    assert found["releases"] == [] and found["drift"]["count"] == 0


def test_an_ordinary_one_that_says_nothing(host: Host) -> None:
    interpreter = tell(host, venv=ordinary(host.root / "srv/tool", ""))["interpreter"]
    assert (interpreter["path"], interpreter["version"], interpreter["ok"]) == ("", "", False)


def test_a_broken_one_is_told_of_all_the_same(two: Host) -> None:
    (two.release / "receipt.json").write_text("{")
    found = tell(two)
    assert found["kind"] == "dangling" and found["broken"] == [found["release"]]
    assert (found["bundle"], found["packages"], found["interpreter"]["ok"]) == ("", {"count": 0, "versions": {}}, False)
    assert len(found["releases"]) == 2 and found["previous"]


def test_what_was_kept_is_named(host: Host) -> None:
    ordinary(host.venv, "home = /usr/bin\n")
    host.seal(host.wheel("spam", "1.0"))
    host.converge()
    [kept] = tell(host)["kept"]
    assert kept.startswith(f"{host.venv}.kept-")
    assert tell(host, venv=kept)["packages"]["versions"] == {"foo-bar": "1.5"}


def test_bytes_on_the_disk_count_shared_files_once(two: Host) -> None:
    (two.site / "large").write_bytes(os.urandom(100_000))
    alone = tell(two, Wanted(disk=True))["bytes"]
    assert alone >= 100_000
    os.link(two.site / "large", two.site / "again")
    assert tell(two, Wanted(disk=True))["bytes"] - alone < 50_000


def test_a_bill_of_materials_is_added(two: Host) -> None:
    bill = tell(two, Wanted(cyclonedx=True))["cyclonedx"]
    assert [one["name"] for one in bill["components"]] == ["eggs", "spam", "cpython"]
    assert bill["metadata"]["timestamp"] == tell(two)["built_at"]
    assert bill["metadata"]["component"]["name"] == str(two.venv)
    assert bill == tell(two, Wanted(cyclonedx=True))["cyclonedx"]
