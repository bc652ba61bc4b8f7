# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose files are whose, as dpkg, rpm and apk say."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Sequence
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.owners import RPM, Apk, Dpkg, Rpm, find_owners
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed

Put = Callable[..., pathlib.Path]
OURS, STRANGE = "/usr/lib/python3/dist-packages/yaml", "/usr/lib/python3/dist-packages/stray"


class FakeRpm:
    """Says what a test wants, and remembers what was asked."""

    def __init__(self, *lines: str, errors: str = "") -> None:
        self.said, self.errors = "".join(f"{line}\n" for line in lines), errors
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, argv: Sequence[str], **_options: Any) -> Completed:
        self.asked.append(tuple(argv))
        return Completed(tuple(argv), 1, self.said, self.errors)


def nobody(*_words: object, **_options: object) -> Completed:
    raise AssertionError("nothing is started")


def test_dpkg(reader: Reader, put: Put) -> None:
    put("/var/lib/dpkg/info/python3-yaml.list", f"/.\n{OURS}\n")
    put("/var/lib/dpkg/info/old.list", "/lib/python3/dist-packages/old\n")
    put("/var/lib/dpkg/info/coreutils.list", f"{STRANGE[:9]}\n")
    owners = find_owners(reader, nobody)
    assert isinstance(owners, Dpkg)
    old = "/usr/lib/python3/dist-packages/old"
    assert owners.owned([OURS, STRANGE, old, OURS + "/x"]) == {OURS, old}
    assert owners.owned([]) == set()


def test_dpkg_tells_an_edited_file_of_settings(reader: Reader, put: Put) -> None:
    digest = hashlib.md5(b"shipped", usedforsecurity=False).hexdigest()
    put(
        "/var/lib/dpkg/info/python3.11.md5sums",
        f"{digest}  usr/lib/python3.11/one.py\n{digest}  usr/lib/python3.11/two.py\n",
    )
    put(
        "/var/lib/dpkg/status",
        f"Package: x\nConffiles:\n /etc/python3.11/sitecustomize.py {digest}\n /etc/y {digest} obsolete\n",
    )
    put("/usr/lib/python3.11/one.py", "shipped")
    put("/usr/lib/python3.11/two.py", "edited")
    put("/etc/python3.11/sitecustomize.py", "edited")
    paths = [
        "/usr/lib/python3.11/one.py",
        "/usr/lib/python3.11/two.py",
        "/etc/python3.11/sitecustomize.py",
        "/etc/other",
    ]
    assert Dpkg(reader).edited(paths) == set(paths[1:3])
    assert Dpkg(reader).edited([]) == set()


def test_apk(reader: Reader, put: Put) -> None:
    put("/lib/apk/db/installed", "P:py3-yaml\nF:usr/lib/python3/dist-packages/yaml\nR:one.py\n\n")
    owners = find_owners(reader, nobody)
    assert isinstance(owners, Apk)
    assert owners.owned([OURS, f"{OURS}/one.py", f"{OURS}/two.py"]) == {OURS, f"{OURS}/one.py"}


def test_rpm(reader: Reader, put: Put) -> None:
    put(RPM)
    put("/var/lib/rpm/rpmdb.sqlite")
    removed = "/usr/lib64/python3.9/gone"
    run = FakeRpm(
        "owned",
        f"file {STRANGE} is not owned by any package",
        errors=f"error: file {removed}: No such file or directory\n",
    )
    owners = find_owners(reader, run)
    assert isinstance(owners, Rpm)
    assert owners.owned([OURS, STRANGE, removed]) == {OURS}
    assert len(run.asked) == 1
    assert owners.owned([]) == set()
    assert Rpm(FakeRpm(f"no package provides {STRANGE}")).owned([STRANGE]) == set()


def test_rpm_is_asked_once_for_many() -> None:
    run = FakeRpm("owned")
    paths = [f"{OURS}/{number}" for number in range(2001)]
    assert Rpm(run).owned(paths) == set(paths)
    assert len(run.asked) == 2
    assert Rpm(FakeRpm("owned")).owned([OURS, f"{OURS}\nx"]) == {OURS}, "a name that would be two lines of the answer"


def test_rpm_that_says_nothing_is_not_believed() -> None:
    with pytest.raises(Refused, match="database"):
        Rpm(FakeRpm(errors="error: cannot open Packages database\n")).owned([OURS])


def test_rpm_tells_an_edited_file() -> None:
    one, two = "/usr/lib64/python3.9/sitecustomize.py", "/etc/x"
    run = FakeRpm(f"S.5....T.    {one}", f".......T.  c {two}", "missing     /usr/lib64/z", "S.5....T.  c /etc/another")
    assert Rpm(run).edited([one, two]) == {one}
    assert Rpm(run).edited([]) == set()


def test_a_host_without_any(reader: Reader, put: Put) -> None:
    assert find_owners(reader, nobody) is None
    put(RPM)
    assert find_owners(reader, nobody) is None, "the program alone, as on Debian, has no database"
