# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for reading an archive with suspicion: one hostile archive of each kind."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import pathlib
import random
import tarfile
import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import unpack as unpacking
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import (
    opened,
    stays_inside,
    unpack_archive,
)

Piece = tuple[tarfile.TarInfo, bytes]


def member(name: str, data: bytes = b"", **changes: Any) -> Piece:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, data


def folder(name: str, **changes: Any) -> Piece:
    return member(name, type=tarfile.DIRTYPE, mode=0o755, **changes)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Piece:
    return member(name, type=kind, linkname=target)


def make_tar(pieces: Sequence[Piece], form: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for info, data in pieces:
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def unpacked(place: pathlib.Path, tar: bytes, size: int | None = None) -> pathlib.Path:
    """Unpack ``tar`` into a folder of ``place``; ``size`` is what its files are declared to have together."""
    if size is None:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            size = sum(info.size for info in archive if info.isreg())
    unpack_archive(io.BytesIO(gzip.compress(tar)), str(place / "new"), "a.tar.gz", size)
    return place / "new"


def refusal(place: pathlib.Path, tar: bytes, size: int | None = 1 << 30) -> str:
    before = sorted(path for path in place.rglob("*") if place / "new" not in (path, *path.parents))
    with pytest.raises(Refused) as caught:
        unpacked(place, tar, size)
    assert caught.value.problems[0].subject == "a.tar.gz"
    after = sorted(path for path in place.rglob("*") if place / "new" not in (path, *path.parents))
    assert after == before
    return caught.value.problems[0].message


GOOD = [
    folder("python"),
    member("python/bin/python3.11", b"elf", mode=0o755, mtime=1_700_000_000),
    member("python/lib/os.py", b"# os", mode=0o640, mtime=1_600_000_000.7),
    link("python/bin/python", "python3.11"),
    link("python/lib/again", "./../bin/python"),
    link("python/lib/same.py", "python/lib/os.py", tarfile.LNKTYPE),
]


def test_files_folders_and_links_arrive(tmp_path: pathlib.Path) -> None:
    new = unpacked(tmp_path, make_tar(GOOD, tarfile.PAX_FORMAT))
    assert (new / "bin/python3.11").read_bytes() == b"elf"
    assert (new / "bin/python").resolve() == (new / "lib/again").resolve() == (new / "bin/python3.11").resolve()
    assert (new / "lib/same.py").samefile(new / "lib/os.py")
    assert os.stat(new / "bin/python3.11").st_mtime == 1_700_000_000
    assert os.stat(new / "lib/os.py").st_mtime == 1_600_000_000


def test_modes_are_declared_whatever_the_archive_and_the_umask_say(tmp_path: pathlib.Path) -> None:
    wild = [folder("python", uid=4711), member("python/a", mode=0o6777), member("python/b/c", mode=0o7666)]
    old = os.umask(0o077)
    try:
        new = unpacked(tmp_path, make_tar(wild))
    finally:
        os.umask(old)
    modes = {path: os.lstat(new / path).st_mode & 0o7777 for path in ("", "a", "b", "b/c")}
    assert modes == {"": 0o755, "a": 0o755, "b": 0o755, "b/c": 0o644}
    assert os.stat(new).st_uid == os.geteuid()


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_arrive(tmp_path: pathlib.Path, form: int) -> None:
    long = "/".join(["f" * 60] * 4) + "/ü.py"
    assert (unpacked(tmp_path, make_tar([member(f"python/{long}", b"x")], form)) / long).read_bytes() == b"x"


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (member("/etc/passwd", b"x"), "expected everything below python/, found '/etc/passwd'."),
        (member("python/../../evil", b"x"), "expected everything below python/, found 'python/../../evil'."),
        (member("evil", b"x"), "expected everything below python/, found 'evil'."),
        (member("./python/a", b"x"), "expected everything below python/, found './python/a'."),
        (member("python//a", b"x"), "expected everything below python/, found 'python//a'."),
        (member("python/a\nb", b"x"), "a member has a name that no list of files can hold: 'python/a\\nb'."),
        (member("python/a\udcff", b"x"), "a member has a name that no list of files can hold: 'python/a\\udcff'."),
        (link("python/a", "/etc/passwd"), "the symbolic link 'a' points outside: '/etc/passwd'."),
        (link("python/a", "../a"), "the symbolic link 'a' points outside: '../a'."),
        (link("python/b/a", "../c/../../d"), "the symbolic link 'b/a' points outside: '../c/../../d'."),
        (link("python/a", "b\nc"), "the symbolic link 'a' points outside: 'b\\nc'."),
        (link("python/a", ""), "the symbolic link 'a' points outside: ''."),
        (link("python/a", "/etc/passwd", tarfile.LNKTYPE), "expected everything below python/, found '/etc/passwd'."),
        (
            link("python/a", "python/none", tarfile.LNKTYPE),
            "the hard link 'a' points to what is no earlier file: 'python/none'.",
        ),
        (member("python/a", type=tarfile.CHRTYPE), "holds what is neither file, folder nor link: 'python/a'."),
        (member("python/a", type=tarfile.BLKTYPE), "holds what is neither file, folder nor link: 'python/a'."),
        (member("python/a", type=tarfile.FIFOTYPE), "holds what is neither file, folder nor link: 'python/a'."),
        (member("python/a", type=tarfile.CONTTYPE), "holds what is neither file, folder nor link: 'python/a'."),
        (member("python", b"x"), "holds one name twice: ''."),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else value,
)
def test_a_member_that_has_no_place_is_refused(tmp_path: pathlib.Path, piece: Piece, message: str) -> None:
    (tmp_path / "evil").write_text("not touched")
    assert refusal(tmp_path, make_tar([piece])) == message
    assert (tmp_path / "evil").read_text() == "not touched"


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([member("python/a", b"1"), member("python/a", b"2")], "holds one name twice: 'a'."),
        ([folder("python/a"), folder("python/a")], "holds one name twice: 'a'."),
        ([folder("python/a"), link("python/a", "b")], "holds one name twice: 'a'."),
        ([member("python/a/b", b"1"), link("python/a", "c")], "holds one name twice: 'a'."),
        ([link("python/a", "b"), member("python/a/c", b"1")], "holds 'a/c' below a symbolic link."),
        ([link("python/a", "b"), folder("python/a/c/d")], "holds 'a/c/d' below a symbolic link."),
        ([member("python/a", b"1"), member("python/a/c", b"1")], "holds 'a/c' below a file."),
        (
            [link("python/a", "b"), link("python/c", "python/a", tarfile.LNKTYPE)],
            "the hard link 'c' points to what is no earlier file: 'python/a'.",
        ),
    ],
)
def test_members_that_contradict_each_other_are_refused(
    tmp_path: pathlib.Path, pieces: list[Piece], message: str
) -> None:
    assert refusal(tmp_path, make_tar(pieces)) == message


def test_a_link_that_leaves_by_way_of_another_link_is_refused(tmp_path: pathlib.Path) -> None:
    """By its text, the second one stays inside; where the first one leads, it does not."""
    pieces = [folder("python/a/b"), link("python/a/b/up", "../.."), link("python/out", "a/b/up/../../evil")]
    assert "'out' points outside" in refusal(tmp_path, make_tar(pieces))


@pytest.mark.parametrize(
    ("path", "target"), [("a", "b"), ("a/b", "../c"), ("a/b/c", "../../d/e"), ("a", "./b"), ("a/b", ".."), ("a", "...")]
)
def test_links_that_stay_inside(path: str, target: str) -> None:
    assert stays_inside(path, target)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a", ".."),
        ("a/b", "../.."),
        ("a/b", "c/../d"),
        ("a", "/b"),
        ("a", ""),
        ("a", "b//c"),
        ("a/b", "./../.././../c"),
    ],
)
def test_links_that_do_not(path: str, target: str) -> None:
    assert not stays_inside(path, target)


def test_sparse_files_are_refused(tmp_path: pathlib.Path) -> None:
    pax = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "python/a", "GNU.sparse.realsize": "9"}
    new = make_tar([member("python/a", b"1\n0\n9\n".ljust(512, b"\0") + b"x" * 9, pax_headers=pax)], tarfile.PAX_FORMAT)
    assert "neither file, folder nor link" in refusal(tmp_path, new)
    (tmp_path / "second").mkdir()
    old = bytearray(make_tar([member("python/a", b"x" * 512)]))
    old[156:157] = tarfile.GNUTYPE_SPARSE
    assert "neither file, folder nor link" in refusal(tmp_path / "second", checked(old))


def checked(tar: bytearray, offset: int = 0) -> bytes:
    """Return ``tar`` with the right checksum in the header at ``offset``."""
    tar[offset + 148 : offset + 156] = b" " * 8
    tar[offset + 148 : offset + 156] = b"%06o\0 " % sum(tar[offset : offset + 512])
    return bytes(tar)


def with_size(kind: bytes, size: bytes) -> bytes:
    tar = bytearray(make_tar([member("python/a", b"data"), member("python/b", b"data")]))
    tar[156:157], tar[124:136] = kind, size
    return checked(tar)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("size", [b"\xff" * 10 + b"\xfc\x00", b"\x80" + b"\0" * 6 + b"\1" + b"\0" * 4])
def test_sizes_that_no_file_has_are_refused(tmp_path: pathlib.Path, kind: bytes, size: bytes) -> None:
    """A negative one leads tarfile back to the same header for ever, a huge one into memory."""
    tracemalloc.start()
    refusal(tmp_path, with_size(kind, size))
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_more_than_is_declared_is_not_unpacked(tmp_path: pathlib.Path) -> None:
    tar = make_tar([member("python/a", b"1234"), member("python/b", b"12345")])
    assert refusal(tmp_path, tar, 8) == "unpacks to more than the 8 bytes that are declared."
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]


def test_less_than_is_declared_is_refused(tmp_path: pathlib.Path) -> None:
    assert refusal(tmp_path, make_tar([member("python/a", b"1234")]), 5) == "expected 5 bytes of files, found 4."


def test_a_bomb_of_headers_is_stopped(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "OVERHEAD", 1 << 20)
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 50)
    many = [member(f"python/{number}") for number in range(51)]
    assert refusal(tmp_path, make_tar(many)) == "holds more than 50 members."
    (tmp_path / "second").mkdir()
    long = [member(f"python/{number}", pax_headers={"comment": "x" * 200_000}) for number in range(9)]
    assert "more than 1048577 bytes" in refusal(tmp_path / "second", make_tar(long, tarfile.PAX_FORMAT), 1)


@pytest.mark.parametrize("size", [0, 1, 100, 511, 512, 600, 1024, 1300, 2047])
def test_a_cut_archive_is_refused(tmp_path: pathlib.Path, size: int) -> None:
    refusal(tmp_path, make_tar([member("python/a", b"x" * 700), member("python/b", b"y")])[:size], 701)


def test_a_cut_or_broken_gzip_file_is_refused(tmp_path: pathlib.Path) -> None:
    whole = gzip.compress(make_tar([member("python/a", random.Random(1).randbytes(5000))]))
    for number, data in enumerate((whole[:3000], b"no gzip at all", whole[:200] + b"\xff" * 50 + whole[250:], b"")):
        with pytest.raises(Refused, match=r"no whole .tar.gz archive|cut short|damaged|expected 5000 bytes"):
            unpack_archive(io.BytesIO(data), str(tmp_path / str(number)), "a.tar.gz", 5000)


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: pathlib.Path) -> None:
    tar = bytearray(make_tar([member("python/a", b"x"), member("python/b", b"y")]))
    tar[1024 + 20] ^= 0xFF
    assert "is damaged: what follows its last member" in refusal(tmp_path, bytes(tar))


def test_random_damage_ends_in_a_refusal_or_stays_inside(tmp_path: pathlib.Path) -> None:
    good = make_tar(GOOD)
    chance = random.Random(5)
    for number in range(400):
        data = bytearray(good)
        for _unused in range(chance.randrange(1, 4)):
            place = chance.randrange(len(good) // 512) * 512 + chance.randrange(345)
            data[min(place, len(data) - 1)] = chance.randrange(256)
            checked(data, place // 512 * 512)
        with contextlib.suppress(Refused):
            unpack_archive(io.BytesIO(gzip.compress(bytes(data), 1)), str(tmp_path / "new"), "a.tar.gz", 7)
        (tmp_path / "new").rename(tmp_path / f"done-{number}")
        assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("done-")) == []


def test_content_of_any_size_arrives(tmp_path: pathlib.Path) -> None:
    """Also of whole blocks, where tarfile looks back by one byte before the next header."""
    sizes = [0, 1, 511, 512, 513, unpacking.CHUNK - 1, unpacking.CHUNK, unpacking.CHUNK + 512, 3 * unpacking.CHUNK + 7]
    files = {f"{size}": random.Random(size).randbytes(size) for size in sizes}
    new = unpacked(tmp_path, make_tar([member(f"python/{name}", data) for name, data in files.items()]))
    assert {path.name: path.read_bytes() for path in new.iterdir()} == files


def test_a_folder_that_is_there_is_not_filled(tmp_path: pathlib.Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(FileExistsError):
        unpacked(tmp_path, make_tar(GOOD))


def test_an_archive_is_opened_when_it_is_the_one_that_is_expected(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    with opened(str(path), digest, 7) as stream:
        assert stream.read() == b"content"
    for sha256, size, message in ((digest, 8, "expected 8 bytes, found 7"), ("0" * 64, 7, f"found {digest}")):
        with pytest.raises(Refused, match=message), opened(str(path), sha256, size):
            pass
    with pytest.raises(Refused, match="No such file"), opened(str(tmp_path / "none"), digest):
        pass


def test_tarfile_is_never_led_back() -> None:
    forward = unpacking._Forward(io.BytesIO(gzip.compress(bytes(2048))), 4096)
    forward.read(1024)
    forward.seek(1023)
    assert (forward.tell(), forward.read(1), forward.tell()) == (1023, b"\0", 1024)
    with pytest.raises(ValueError, match="leads back"):
        forward.seek(512)


def test_a_full_disk_is_an_error_of_the_disk_and_leaves_the_folder_alone(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_words: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unpacking, "_write_all", full)
    with pytest.raises(OSError, match="No space left"):
        unpacked(tmp_path, make_tar(GOOD))
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
