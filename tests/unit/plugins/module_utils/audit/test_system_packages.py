# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages in the system's Pythons, and in the user sites of accounts."""

from __future__ import annotations

import pathlib
from collections.abc import Collection
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import (
    site_folders,
    system_sites,
    user_sites,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.system_packages import check_system_packages
from ansible_collections.netdevops.python.plugins.module_utils.audit.user_site import (
    check_isolation,
    check_user_sites,
    read_config,
)

Put = Callable[..., pathlib.Path]
DEBIAN, LOCAL = "/usr/lib/python3/dist-packages", "/usr/local/lib/python3.11/dist-packages"


class FakeOwners:
    """Owns what a test wants."""

    name = "fake"

    def __init__(self, *paths: str) -> None:
        self.paths = set(paths)
        self.asked = 0

    def owned(self, paths: Collection[str]) -> set[str]:
        self.asked += 1
        return self.paths.intersection(paths)

    def edited(self, paths: Collection[str]) -> set[str]:
        return set()


def said(reader: Reader, *owned: str) -> dict[tuple[str, str], tuple[str, ...]]:
    found = check_system_packages(reader, FakeOwners(*owned), system_sites(reader))
    return {(one.code, one.subject): one.evidence for one in found}


def test_a_system_without_strangers(reader: Reader, put: Put) -> None:
    put(f"{DEBIAN}/yaml-6.0.egg-info")
    put(f"{DEBIAN}/yaml/__init__.py")
    put(f"{LOCAL}/README.txt")
    put(f"{LOCAL}/__pycache__/x.pyc")
    put(f"{DEBIAN}/notes.txt")
    put(f"{DEBIAN}/foo-bar/data")
    put(f"{DEBIAN}/removed/__pycache__/x.pyc")
    assert said(reader, f"{DEBIAN}/yaml-6.0.egg-info", f"{DEBIAN}/yaml") == {}


@pytest.mark.parametrize(
    "name", ["requests.py", "requests.pyc", "requests.cpython-311-x86_64-linux-gnu.so", "requests.so", "requests/x.py"]
)
def test_a_module_without_metadata(reader: Reader, put: Put, name: str) -> None:
    put(f"{DEBIAN}/yaml/__init__.py")
    put(f"{DEBIAN}/yaml-6.0.egg-info")
    put(f"{DEBIAN}/{name}")
    owned = (f"{DEBIAN}/yaml", f"{DEBIAN}/yaml-6.0.egg-info")
    assert said(reader, *owned) == {("system-package-foreign", DEBIAN): (name.partition("/")[0],)}


def test_metadata_counts_with_nothing_in_it(reader: Reader, root: pathlib.Path) -> None:
    (root / f"{DEBIAN}/stray-1.0.dist-info".lstrip("/")).mkdir(parents=True)
    (root / f"{LOCAL}/stray".lstrip("/")).mkdir(parents=True)
    assert {subject for _code, subject in said(reader)} == {DEBIAN, LOCAL}


def test_what_runs_at_the_start_is_told_elsewhere(reader: Reader, put: Put) -> None:
    put(f"{DEBIAN}/sitecustomize.py")
    put(f"{DEBIAN}/more.pth")
    assert said(reader) == {}


def test_the_database_is_asked_once_for_all(reader: Reader, put: Put) -> None:
    for number in range(30):
        put(f"{LOCAL}/p{number}-1.dist-info/METADATA")
        put(f"{DEBIAN}/p{number}/__init__.py")
    owners = FakeOwners()
    found = list(check_system_packages(reader, owners, system_sites(reader)))
    assert [len(one.evidence) for one in found] == [30, 30]
    assert owners.asked == 2


def test_strangers(reader: Reader, put: Put) -> None:
    put(f"{DEBIAN}/yaml-6.0.egg-info")
    put(f"{DEBIAN}/evil-1.0.dist-info/METADATA")
    put(f"{LOCAL}/single.py")
    put("/usr/lib64/python3.9/site-packages/more-2.dist-info/METADATA")
    assert said(reader, f"{DEBIAN}/yaml-6.0.egg-info") == {
        ("system-package-foreign", DEBIAN): ("evil-1.0.dist-info",),
        ("system-package-foreign", LOCAL): ("single.py",),
        ("system-package-foreign", "/usr/lib64/python3.9/site-packages"): ("more-2.dist-info",),
    }


def test_a_folder_is_owned_by_what_is_in_it(reader: Reader, put: Put) -> None:
    put("/usr/lib/python3.9/site-packages/yaml-6.dist-info/METADATA")
    put("/usr/lib/python3.9/site-packages/space/yaml/__init__.py")
    files = ("yaml-6.dist-info/METADATA", "space/yaml/__init__.py")
    assert said(reader, *(f"/usr/lib/python3.9/site-packages/{file}" for file in files)) == {}


def test_the_marker(reader: Reader, put: Put) -> None:
    put("/usr/lib/python3.11/os.py")
    marker = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
    assert said(reader) == {}, "a distribution that ships none"
    assert list(said(reader, marker)) == [("externally-managed-removed", marker)]
    put(marker)
    assert said(reader, marker) == {}


def test_a_lib64_that_is_lib_counts_once(reader: Reader, put: Put, root: pathlib.Path) -> None:
    put("/usr/lib/python3.11/site-packages/x.py")
    (root / "usr/lib64").symlink_to("lib")
    assert len(list(site_folders(reader, "/usr", "system"))) == 1


def test_user_sites(reader: Reader, put: Put) -> None:
    put("/home/ada/.local/lib/python3.11/site-packages/x.py")
    put("/home/bob/.local/lib/python3.11/site-packages/__pycache__/x.pyc")
    put("/home/cyd/.local/lib/node/site-packages/x.py")
    sites = user_sites(reader, ["/home/ada", "/home/bob", "/home/cyd"])
    [finding] = check_user_sites(reader, sites)
    assert finding.subject == "/home/ada/.local/lib/python3.11/site-packages"
    assert finding.evidence == ("x.py",)


def test_isolation(reader: Reader, put: Put) -> None:
    put("/opt/a/pyvenv.cfg", "home = /usr/bin\nInclude-System-Site-Packages = TRUE\nversion = 3.11.2\n")
    put("/opt/b/pyvenv.cfg", "include-system-site-packages = false\n")
    [finding] = check_isolation(reader, "/opt/a")
    assert finding.subject == "/opt/a/pyvenv.cfg"
    assert not list(check_isolation(reader, "/opt/b"))
    assert not list(check_isolation(reader, "/opt/none"))
    assert read_config(reader, "/opt/a")["version"] == "3.11.2"
    put("/opt/c/pyvenv.cfg", "include-system-site-packages = false\ninclude-system-site-packages = true\n")
    assert [one.subject for one in check_isolation(reader, "/opt/c")] == ["/opt/c/pyvenv.cfg"]
    put("/opt/d/pyvenv.cfg", "home = /usr/bin\nhome = /other\n")
    assert read_config(reader, "/opt/d")["home"] == "/usr/bin"
