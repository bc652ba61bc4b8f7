# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two builds of one wheel become the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import time
import zipfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.built import only_wheel
from ansible_collections.netdevops.python.plugins.module_utils.build.wheel_bytes import normalize_wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused


def again(data: bytes) -> bytes:
    """Return the same members in reverse order, at another time, with other modes and compression."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as new:
        new.writestr(zipfile.ZipInfo("x/"), b"")
        for name in reversed([name for name in old.namelist() if not name.endswith("/")]):
            info = zipfile.ZipInfo(name, time.localtime()[:6])
            info.external_attr = (0o700 if name.endswith(".sh") else 0o600) << 16
            new.writestr(info, old.read(name))
    return stream.getvalue()


def test_the_same_members_give_the_same_bytes(make: Any) -> None:
    data = make.wheel("x", "1.0", extra={"x/run.sh": b"#!/bin/sh\n", "x-1.0.data/scripts/y": b"#!python\n"})
    mine = io.BytesIO(data)
    with zipfile.ZipFile(mine) as archive:
        info = archive.getinfo("x/run.sh")
    assert info.external_attr >> 16 & 0o111 == 0
    one, other = normalize_wheel(again(data), "x"), normalize_wheel(again(again(data)), "x")
    assert one == other == normalize_wheel(one, "x")


def test_the_record_says_what_is_there(make: Any) -> None:
    with zipfile.ZipFile(
        io.BytesIO(normalize_wheel(again(make.wheel("x", "1.0", extra={"x/a,b.py": b"1", "x/run.sh": b""})), "x"))
    ) as archive:
        names = archive.namelist()
        assert names[-1] == "x-1.0.dist-info/RECORD"
        assert [name for name in names if name.startswith("x-1.0")] == names[-3:]
        record = archive.read(names[-1]).decode().splitlines()
        digest = base64.urlsafe_b64encode(hashlib.sha256(b"1").digest()).rstrip(b"=").decode()
        assert f'"x/a,b.py",sha256={digest},1' in record
        assert record[-1] == "x-1.0.dist-info/RECORD,," and len(record) == len(names)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert modes["x/run.sh"] == 0o100755 and modes["x/a,b.py"] == 0o100644


def test_what_is_no_wheel() -> None:
    with pytest.raises(Refused, match="x: is no wheel"):
        normalize_wheel(b"PK", "x")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.py", "")
    with pytest.raises(Refused, match="expected a wheel with one RECORD, found 0"):
        normalize_wheel(stream.getvalue(), "x")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "expected its build to give one wheel, found nothing"),
        (["x-1.0-py3-none-any.whl", "y-1.0-py3-none-any.whl"], "found x-1.0-py3-none-any.whl, y-1.0"),
        (["x-1.0.tar.gz"], "found x-1.0.tar.gz"),
        (["x-1.1-py3-none-any.whl"], "expected its build to give x 1.0, found x-1.1"),
        (["y-1.0-py3-none-any.whl"], "expected its build to give x 1.0, found y-1.0"),
        (["x-one-py3-none-any.whl"], "a wheel with a wrong name"),
    ],
)
def test_a_build_that_gives_something_else(tmp_path: Any, files: list[str], said: str) -> None:
    for file in files:
        (tmp_path / file).write_bytes(b"")
    with pytest.raises(Refused, match=said):
        only_wheel(str(tmp_path), "x", "1.0", "x 1.0")
