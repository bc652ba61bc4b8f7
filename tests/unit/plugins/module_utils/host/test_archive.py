# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import os
import pathlib
import random
import stat
import struct
import zipfile
import zlib
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Wheel
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive, is_contained
from ansible_collections.netdevops.python.tests.unit.support.wheels import describe, flip_byte, make_wheel, member, row

INFO = "spam-1.0.dist-info"


def opened(folder: pathlib.Path, wheel: Wheel) -> WheelArchive:
    return WheelArchive(str(folder / wheel.file), wheel)


def refusal(folder: pathlib.Path, wheel: Wheel) -> str:
    """Return what is said of a wheel that must not be taken, at opening or while it is unpacked."""
    with pytest.raises(Refused) as caught:
        list(opened(folder, wheel).members())
    assert caught.value.problems[0].subject == wheel.file
    assert caught.value.problems[0].next_step
    return caught.value.problems[0].message


def test_a_good_wheel_yields_every_file_but_its_record(tmp_path: pathlib.Path) -> None:
    files = {"spam/a.py": b"x" * 10_000, "spam/empty": b"", "spam/tool": b"#!/bin/sh\n"}
    archive = opened(tmp_path, make_wheel(tmp_path, files=files, executable=["spam/tool"]))
    found = {one.name: one for one in archive.members()}
    assert set(found) == {*files, f"{INFO}/METADATA", f"{INFO}/WHEEL"}
    for name, data in files.items():
        assert (found[name].data, found[name].sha256) == (data, hashlib.sha256(data).hexdigest())
    assert [name for name, one in found.items() if one.executable] == ["spam/tool"]
    assert archive.dist_info == INFO
    assert archive.unpacked_size == sum(
        one.file_size for one in zipfile.ZipFile(tmp_path / archive.wheel.file).infolist()
    )


def test_metadata_is_text_and_empty_where_there_is_none(tmp_path: pathlib.Path) -> None:
    archive = opened(tmp_path, make_wheel(tmp_path))
    assert "Wheel-Version: 1.0" in archive.text("WHEEL")
    assert archive.text("entry_points.txt") == ""


def test_a_missing_wheel_names_the_place(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path)
    (tmp_path / wheel.file).unlink()
    assert refusal(tmp_path, wheel) == f"expected at {tmp_path / wheel.file}, found nothing."


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: pathlib.Path, make: Callable[[str], None]) -> None:
    wheel = make_wheel(tmp_path)
    (tmp_path / wheel.file).unlink()
    make(str(tmp_path / wheel.file))
    assert refusal(tmp_path, wheel).startswith("expected a file at")


@pytest.mark.parametrize("mode", [0o666, 0o660, 0o602])
def test_what_is_written_to_a_wheel_after_it_was_checked_is_not_unpacked(tmp_path: pathlib.Path, mode: int) -> None:
    wheel = make_wheel(tmp_path, files={"spam/a.py": b"good" * 1000})
    path = tmp_path / wheel.file
    path.chmod(mode)
    archive = opened(tmp_path, wheel)
    path.write_bytes(b"\0" * wheel.size)
    assert {one.name: one.data for one in archive.members()}["spam/a.py"] == b"good" * 1000


def test_an_empty_wheel_that_others_can_write_to_is_refused(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path)
    (tmp_path / wheel.file).write_bytes(b"")
    (tmp_path / wheel.file).chmod(0o666)
    assert "it was cut short or changed" in refusal(tmp_path, wheel)


def test_every_flipped_byte_is_seen(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path)
    for offset in random.Random(5).sample(range(wheel.size), 40):
        flip_byte(tmp_path / wheel.file, offset)
        assert "expected SHA-256" in refusal(tmp_path, wheel)
        flip_byte(tmp_path / wheel.file, offset)
    list(opened(tmp_path, wheel).members())


@pytest.mark.parametrize("keep", [0, 1, 500])
def test_a_wheel_that_was_cut_short_is_refused(tmp_path: pathlib.Path, keep: int) -> None:
    wheel = make_wheel(tmp_path)
    os.truncate(tmp_path / wheel.file, keep)
    assert (
        "cannot be read" in refusal(tmp_path, wheel)
        if keep == 0
        else "cut short or changed" in refusal(tmp_path, wheel)
    )


def test_what_is_no_archive_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "spam-1.0-py3-none-any.whl"
    path.write_bytes(b"no zip at all")
    assert refusal(tmp_path, describe(path, "spam", "1.0")).startswith("is no zip archive")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("../evil.py", stat.S_IFREG, "a member would leave the environment: ../evil.py."),
        ("spam/../../evil.py", stat.S_IFREG, "would leave the environment"),
        ("/etc/evil", stat.S_IFREG, "would leave the environment"),
        ("spam//evil.py", stat.S_IFREG, "would leave the environment"),
        ("./spam/evil.py", stat.S_IFREG, "would leave the environment"),
        ("spam\\evil.py", stat.S_IFREG, "would leave the environment"),
        ("spam/evil\n.py", stat.S_IFREG, "a member has a name that no list of files can hold"),
        ("spam/evil\t.py", stat.S_IFREG, "a member has a name that no list of files can hold"),
        ("spam/link.py", stat.S_IFLNK, "a member is a link: spam/link.py."),
    ],
)
def test_a_member_that_has_no_place_in_an_environment_is_refused(
    tmp_path: pathlib.Path, name: str, kind: int, message: str
) -> None:
    wheel = make_wheel(tmp_path, extra=[(member(name, kind=kind), b"/etc/passwd")])
    assert message in refusal(tmp_path, wheel)


def test_many_bad_members_are_not_all_listed(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path, extra=[(member(f"../evil{number}"), b"") for number in range(7)])
    assert "../evil0, ../evil1, ../evil2 and 4 more" in refusal(tmp_path, wheel)


def test_one_name_twice_is_refused(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path, extra=[(member("spam/a.py"), b"one"), (member("spam/a.py"), b"two")])
    assert refusal(tmp_path, wheel) == "holds one file name twice."


def test_folders_are_no_members(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(
        tmp_path, extra=[(member("spam/", 0o755, stat.S_IFDIR), b"")], edit_rows=lambda rows: rows.pop("spam/")
    )
    assert "spam/" not in opened(tmp_path, wheel).names


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda rows: rows.pop("spam/__init__.py"), "its RECORD has no digest for spam/__init__.py."),
        (
            lambda rows: rows.update({"spam/__init__.py": "spam/__init__.py,,"}),
            "its RECORD has no digest for spam/__init__.py.",
        ),
        (
            lambda rows: rows.update(gone=row("spam/gone.py", b"")),
            "its RECORD lists files that it does not hold: spam/gone.py.",
        ),
        (
            lambda rows: rows.update({"spam/__init__.py": row("spam/__init__.py", b"other")}),
            "spam/__init__.py does not match the wheel's RECORD",
        ),
        (
            lambda rows: rows.update({"spam/__init__.py": "spam/__init__.py,md5=abc,1"}),
            "gives no usable SHA-256 for spam/__init__.py",
        ),
        (
            lambda rows: rows.update({"spam/__init__.py": "spam/__init__.py,sha256=!!!!,1"}),
            "gives no usable SHA-256 for spam/__init__.py",
        ),
        (
            lambda rows: rows.update({"spam/__init__.py": "spam/__init__.py,sha256=YWJj,1"}),
            "gives no usable SHA-256 for spam/__init__.py",
        ),
        (lambda rows: rows.update({"spam/__init__.py": "spam/__init__.py"}), "a row that is not of three fields"),
        (lambda rows: rows.update(extra="a,b,c,d"), "a row that is not of three fields: 'a,b,c,d'"),
    ],
)
def test_a_record_that_is_not_true_is_refused(tmp_path: pathlib.Path, edit: Callable[[Any], Any], message: str) -> None:
    assert message in refusal(tmp_path, make_wheel(tmp_path, edit_rows=edit))


@pytest.mark.parametrize(
    "record", [b"\xff\xfe", b"spam/\x00,,\n", b'"' + b"x" * 200_000 + b'",,\n'], ids=["bytes", "nul", "long"]
)
def test_a_record_that_is_no_text_is_refused(tmp_path: pathlib.Path, record: bytes) -> None:
    assert "RECORD" in refusal(tmp_path, make_wheel(tmp_path, record=record))


def test_a_wheel_without_a_record_is_refused(tmp_path: pathlib.Path) -> None:
    assert refusal(tmp_path, make_wheel(tmp_path, record=b"")) == "has no RECORD."


def test_signatures_of_a_record_need_no_row_and_are_not_installed(tmp_path: pathlib.Path) -> None:
    name = f"{INFO}/RECORD.jws"
    wheel = make_wheel(tmp_path, extra=[(member(name), b"{}")], edit_rows=lambda rows: rows.pop(name))
    assert name not in [one.name for one in opened(tmp_path, wheel).members()]


@pytest.mark.parametrize(
    ("files", "count"),
    [({"eggs-1.0.dist-info/METADATA": b""}, 2), ({"spam-2.0.dist-info/x": b"", "spam/__init__.py": b""}, 2)],
)
def test_two_packages_in_one_wheel_are_refused(tmp_path: pathlib.Path, files: dict[str, bytes], count: int) -> None:
    assert refusal(tmp_path, make_wheel(tmp_path, files=files)) == f"expected one .dist-info folder, found {count}."


def test_a_wheel_of_another_package_is_refused(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path)._replace(name="eggs")
    assert refusal(tmp_path, wheel) == f"expected the metadata of eggs, found {INFO}."


def test_names_are_compared_in_normal_form(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path, "ruamel-yaml")
    assert opened(tmp_path, wheel).dist_info == "ruamel_yaml-1.0.dist-info"


def rewritten(folder: pathlib.Path, change: Callable[[bytearray, zipfile.ZipInfo], Any]) -> Wheel:
    """Return a wheel whose archive headers were changed; the manifest knows it so."""
    wheel = make_wheel(folder, files={"spam/a.py": b"data " * 100})
    path = folder / wheel.file
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("spam/a.py")
    data = bytearray(path.read_bytes())
    change(data, info)
    path.write_bytes(bytes(data))
    return describe(path, "spam", "1.0")


CENTRAL = struct.Struct("<4s4B4HL2L5H2L")


def central(data: bytearray) -> int:
    """Return where the central header of the first member starts."""
    return data.index(b"PK\x01\x02")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data, info: data.__setitem__(slice(info.header_offset, info.header_offset + 4), b"XXXX"),
            "not a plain member",
        ),
        (lambda data, info: data.__setitem__(central(data) + 8, 1), "not a plain member"),
        (lambda data, info: data.__setitem__(central(data) + 10, 12), "compression method 12 is not used by wheels"),
        (
            lambda data, info: data.__setitem__(
                slice(info.header_offset + 40, info.header_offset + 44), b"\xff\xff\xff\xff"
            ),
            "cannot be unpacked|does not match|has not the",
        ),
        (lambda data, info: struct.pack_into("<L", data, central(data) + 24, 10), "has not the 10 bytes"),
        (lambda data, info: struct.pack_into("<L", data, central(data) + 24, 1 << 20), "has not the 1048576 bytes"),
    ],
)
def test_an_archive_that_contradicts_itself_is_refused(
    tmp_path: pathlib.Path, change: Callable[[bytearray, zipfile.ZipInfo], Any], message: str
) -> None:
    import re

    assert re.search(message, refusal(tmp_path, rewritten(tmp_path, change)))


def test_a_member_that_unpacks_to_more_than_it_declares_is_stopped(tmp_path: pathlib.Path) -> None:
    """A bomb: 64 MiB in 64 KiB, declared as one byte. No more than it declares is ever in memory."""
    import tracemalloc

    bomb = bytes(64 << 20)
    wheel = make_wheel(tmp_path, files={"spam/bomb": bomb})
    path = tmp_path / wheel.file
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, central(data) + 24, 1)
    path.write_bytes(bytes(data))
    del bomb
    tracemalloc.start()
    message = refusal(tmp_path, describe(path, "spam", "1.0"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "has not the 1 bytes" in message
    assert peak < 4 << 20


def test_stored_members_are_read_as_they_are(tmp_path: pathlib.Path) -> None:
    info = member("spam/stored.bin")
    info.compress_type = zipfile.ZIP_STORED
    found = {
        one.name: one.data for one in opened(tmp_path, make_wheel(tmp_path, extra=[(info, b"as it is")])).members()
    }
    assert found["spam/stored.bin"] == b"as it is"


def test_a_changed_archive_never_ends_in_a_traceback(tmp_path: pathlib.Path) -> None:
    """Also where the manifest was made of the changed file, so that its digest says nothing."""
    wheel = make_wheel(tmp_path, entry_points="[console_scripts]\na = b:c\n")
    good = (tmp_path / wheel.file).read_bytes()
    chance = random.Random(17)
    for _unused in range(300):
        data = bytearray(good)
        for _unused in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / wheel.file).write_bytes(bytes(data))
        try:
            archive = opened(tmp_path, describe(tmp_path / wheel.file, "spam", "1.0"))
            archive.text("entry_points.txt")
            list(archive.members())
        except Refused:
            continue


@pytest.mark.parametrize("name", ["a", "a/b.py", "a.b/c", "...", "a/..b", "ü/x"])
def test_names_that_stay_below_their_root(name: str) -> None:
    assert is_contained(name)


@pytest.mark.parametrize("name", ["", "/", "a/", "/a", "a//b", ".", "..", "a/..", "./a", "a\\b"])
def test_names_that_do_not(name: str) -> None:
    assert not is_contained(name)


def test_what_is_unpacked_is_what_was_checked(tmp_path: pathlib.Path) -> None:
    """The file is replaced between the check and the unpacking, as another user of the folder could."""
    wheel = make_wheel(tmp_path, files={"spam/a.py": b"good"})
    archive = opened(tmp_path, wheel)
    make_wheel(tmp_path / "other", files={"spam/a.py": b"evil"})
    os.replace(tmp_path / "other" / wheel.file, tmp_path / wheel.file)
    assert {one.name: one.data for one in archive.members()}["spam/a.py"] == b"good"


def test_zlib_errors_are_sentences(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise zlib.error("incorrect data check")

    archive = opened(tmp_path, make_wheel(tmp_path))
    monkeypatch.setattr(zlib, "decompressobj", fail)
    with pytest.raises(Refused, match=r"spam/__init__\.py cannot be unpacked: incorrect data check"):
        list(archive.members())
