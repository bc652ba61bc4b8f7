# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for the reader of ELF files; the files are made by hand, as is what is wrong with them."""

from __future__ import annotations

import random
import struct
import sys
import sysconfig

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.elf import (
    Elf,
    RunPath,
    is_elf,
    read_elf,
    with_run_path,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.unit.support.elves import BASE, make_elf

PREFIX = "/opt/pyenv/versions/3.11.7"
LOADER = "/lib64/ld-linux-x86-64.so.2"
WHOLE = make_elf(
    needed=("libpython3.11.so.1.0", "libc.so.6"),
    run_path=f"{PREFIX}/lib",
    soname="libspam.so.1",
    interpreter=LOADER,
    versions={"libc.so.6": ("GLIBC_2.34", "GLIBC_2.2.5"), "libm.so.6": ("GLIBC_2.35",)},
)


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_elf(data, "spam.so")
    assert caught.value.problems[0].subject == "spam.so"
    return caught.value.problems[0].message


def test_what_a_file_says() -> None:
    found = read_elf(WHOLE, "spam.so")
    assert found._replace(run_paths=()) == Elf(
        machine="x86_64",
        interpreter=LOADER,
        soname="libspam.so.1",
        needed=("libpython3.11.so.1.0", "libc.so.6"),
        run_paths=(),
        versions=("GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.35"),
    )
    assert [(path.kind, path.text) for path in found.run_paths] == [("RUNPATH", f"{PREFIX}/lib")]
    assert WHOLE[found.run_paths[0].offset :].startswith(f"{PREFIX}/lib\0".encode())


def test_the_other_processor_and_the_other_kind_of_run_path() -> None:
    found = read_elf(make_elf(machine=183, run_path="/a/b", kind="RPATH"), "spam.so")
    assert (found.machine, found.run_paths[0].kind) == ("aarch64", "RPATH")


def test_the_python_that_runs_this_is_read() -> None:
    with open(sys.executable, "rb") as stream:
        found = read_elf(stream.read(), sys.executable)
    assert found.machine == sysconfig.get_platform().partition("-")[2]
    assert any(name.startswith("libc.") for name in found.needed)


def test_an_object_file_and_a_static_program_say_little() -> None:
    object_file = bytearray(WHOLE)
    object_file[16:18] = struct.pack("<H", 1)
    static = bytearray(WHOLE)
    struct.pack_into("<I", static, 64 + 56, 6)  # PT_PHDR where PT_DYNAMIC was
    assert read_elf(bytes(object_file), "spam.o") == Elf("x86_64", "", "", (), (), ())
    assert read_elf(bytes(static), "spam")._replace(interpreter="") == Elf("x86_64", "", "", (), (), ())


@pytest.mark.parametrize("head", [b"", b"#!/bin/sh", b"MZ\x90\x00", b"\x7fEL"])
def test_what_is_no_elf_file(head: bytes) -> None:
    assert not is_elf(head)
    assert refusal(head) == "is no ELF file."


@pytest.mark.parametrize(
    ("offset", "value"),
    [(4, 1), (5, 2), (18, 40), (18, 243)],
    ids=["32 bits", "big endian", "arm", "riscv"],
)
def test_other_kinds_are_refused(offset: int, value: int) -> None:
    data = bytearray(WHOLE)
    data[offset] = value
    assert refusal(bytes(data)) == "is not for x86_64 or aarch64, 64 bits, little endian."


def test_every_cut_is_refused() -> None:
    whole = read_elf(WHOLE, "spam.so")
    end = WHOLE.index(struct.pack("<qQ", 0, 0), 64 + 3 * 56)  # the end of the dynamic section
    for size in range(len(WHOLE)):
        try:
            found = read_elf(WHOLE[:size], "spam.so")
        except Refused:
            continue
        assert (size >= end, found) == (True, whole), size


def test_random_damage_ends_in_a_refusal_or_an_answer() -> None:
    chance = random.Random(11)
    for _unused in range(3000):
        data = bytearray(WHOLE)
        for _unused in range(chance.randrange(1, 5)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        try:
            found = read_elf(bytes(data), "spam.so")
            for path in found.run_paths:
                with_run_path(bytes(data), path, "$ORIGIN", "spam.so")
        except Refused:
            continue


def test_versions_without_end_are_refused() -> None:
    endless = make_elf(versions={"libc.so.6": [f"V_{number}" for number in range(5000)]})
    assert refusal(endless) == "has too many versions."


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([(5, 1)], "points to what it does not hold"),
        ([(5, BASE + (1 << 40))], "points to what it does not hold"),
        ([(1, 1 << 50)], "has a name without an end"),
        ([(10, 1)], "has a name without an end"),
        ([(1, 1)] * 5000, "its dynamic section has no end"),
    ],
)
def test_a_dynamic_section_that_misleads_is_refused(more: list[tuple[int, int]], message: str) -> None:
    assert message in refusal(make_elf(needed=("libc.so.6",), soname="libspam.so", more=more))


def test_a_name_that_is_no_text_is_refused() -> None:
    assert "no text" in refusal(WHOLE.replace(b"libspam", b"lib\xff\xfe\xff\xff"))


def replaced(data: bytes, text: str) -> bytes:
    return with_run_path(data, read_elf(data, "spam.so").run_paths[0], text, "spam.so")


def test_a_run_path_is_replaced_in_place() -> None:
    data = replaced(WHOLE, "$ORIGIN/../lib")
    found, before = read_elf(data, "spam.so"), read_elf(WHOLE, "spam.so")
    assert found.run_paths == (before.run_paths[0]._replace(text="$ORIGIN/../lib"),)
    assert found._replace(run_paths=()) == before._replace(run_paths=())
    assert len(data) == len(WHOLE)
    assert PREFIX.encode() not in data
    changed = [place for place, (one, other) in enumerate(zip(WHOLE, data)) if one != other]
    start = before.run_paths[0].offset
    assert set(changed) <= set(range(start, start + len(f"{PREFIX}/lib")))


def test_a_longer_run_path_is_refused() -> None:
    with pytest.raises(Refused, match=r"has no room for '\$ORIGIN/\.\./lib'"):
        replaced(make_elf(run_path="/opt/lib"), "$ORIGIN/../lib")


@pytest.mark.parametrize(
    "data",
    [
        make_elf(run_path=f"{PREFIX}/lib", symbols=("lib",)),
        make_elf(run_path=f"{PREFIX}/lib", symbols=("/lib", "other")),
        make_elf(run_path=f"{PREFIX}/lib.so", versions={"lib.so": ("GLIBC_2.34",)}, needed=()),
        make_elf(run_path=f"{PREFIX}/GLIBC_2.34", versions={"libc.so.6": ("GLIBC_2.34",)}),
    ],
    ids=["symbol", "longer symbol", "file of a version", "version"],
)
def test_a_run_path_whose_end_is_another_name_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="shares its bytes with another string"):
        replaced(data, "$ORIGIN")


def test_a_run_path_that_is_the_end_of_another_name_is_refused() -> None:
    with pytest.raises(Refused, match="is the end of another string"):
        replaced(make_elf(needed=(f"x{PREFIX}",), run_path=PREFIX), "$ORIGIN")


def test_both_kinds_of_run_path_may_be_one_text() -> None:
    data = make_elf(run_path=PREFIX)
    place = read_elf(data, "spam.so").run_paths[0].offset - data.index(PREFIX.encode()) + 1
    both = make_elf(run_path=PREFIX, more=[(15, place)])
    assert [path.text for path in read_elf(replaced(both, "$ORIGIN"), "spam.so").run_paths] == ["$ORIGIN", "$ORIGIN"]


def test_a_run_path_that_another_file_has_is_refused() -> None:
    with pytest.raises(Refused, match="has no such run path"):
        with_run_path(WHOLE, RunPath("RUNPATH", PREFIX, 400), "$ORIGIN", "spam.so")


def test_without_a_list_of_symbols_nothing_is_replaced() -> None:
    with pytest.raises(Refused, match="no section that lists its dynamic symbols"):
        replaced(make_elf(run_path=PREFIX, sections=False), "$ORIGIN")
