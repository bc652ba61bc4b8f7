# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ELF file needs of its host, and where it looks for it (System V ABI, gABI chapter 5; Linux and GNU additions).

Only what the collection meets: 64 bits, little endian, x86_64 and aarch64. Everything is read from the program's own view
(program headers and dynamic section); all offsets are checked, since a file may be cut, or made to mislead.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

MAGIC = b"\x7fELF"
MACHINES = {62: "x86_64", 183: "aarch64"}  # elf.h: EM_X86_64, EM_AARCH64
# No real file comes near these; they end what a hostile one could make long.
MOST_ENTRIES = 1 << 12
MOST_SEGMENTS = 1 << 8
LONGEST_STRING = 1 << 12

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_PROGRAM = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_DYNAMIC = struct.Struct("<qQ")
_NEED = struct.Struct("<HHIII")
_NEED_AUX = struct.Struct("<IHHII")
_DEFINED = struct.Struct("<HHHHIII")
_DEFINED_AUX = struct.Struct("<II")
_SYMBOL = struct.Struct("<IBBHQQ")

_RELOCATABLE = 1
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_SHT_DYNSYM = 11
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ, _DT_SONAME = 0, 1, 5, 6, 10, 14
_DT_VERDEF, _DT_VERDEFNUM, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_RUN_PATHS = {15: "RPATH", 29: "RUNPATH"}
# The other entries whose value is a place in the string table: config, depaudit, audit, auxiliary, filter.
_STRINGS = (_DT_NEEDED, _DT_SONAME, 0x6FFFFEFA, 0x6FFFFEFB, 0x6FFFFEFC, 0x7FFFFFFD, 0x7FFFFFFF)


class RunPath(NamedTuple):
    """Where a file tells the loader to look for libraries.

    Attributes:
        kind: ``RPATH`` or ``RUNPATH``.
        text: Its folders, separated by colons.
        offset: Where the text begins in the file.
    """

    kind: str
    text: str
    offset: int


class Elf(NamedTuple):
    """What an ELF file says.

    Attributes:
        machine: ``x86_64`` or ``aarch64``.
        interpreter: The loader that a program names, or ''.
        soname: The name that others know it by, or ''.
        needed: The sonames that it needs, in its order.
        run_paths: Its run paths; two when it has both kinds.
        versions: The versions that it needs of what it needs, such as ``GLIBC_2.34``; sorted.
    """

    machine: str
    interpreter: str
    soname: str
    needed: tuple[str, ...]
    run_paths: tuple[RunPath, ...]
    versions: tuple[str, ...]


def is_elf(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is one."""
    return head[:4] == MAGIC


def read_elf(data: bytes, subject: str) -> Elf:
    """Return what the file with the content ``data`` says; static programs and object files say little.

    Raises:
        Refused: when it is no ELF file of a supported kind, or contradicts itself; ``subject`` names it.
    """
    return _Reader(data, subject).read()


def with_run_path(data: bytes, old: RunPath, text: str, subject: str) -> bytes:
    """Return ``data`` with the run path ``old`` replaced by ``text`` in place, so that nothing else moves.

    Raises:
        Refused: when ``text`` is longer than what is there, or when another string shares its bytes.
    """
    reader = _Reader(data, subject)
    new, there = text.encode(), old.text.encode()
    if len(new) > len(there):
        refuse(
            subject,
            f"its run path {old.text!r} has no room for {text!r}.",
            "Build it with the run path $ORIGIN/../lib, or at a longer path.",
        )
    reader.check_alone(old, len(there))
    return data[: old.offset] + new.ljust(len(there), b"\0") + data[old.offset + len(there) :]


class _Reader:
    """The tables of one file."""

    def __init__(self, data: bytes, subject: str) -> None:
        self._data, self._subject, self._steps = data, subject, 0
        header = self._checked_header()
        self.machine = MACHINES[header[2]]
        self._sections = (header[6], header[11], header[12])  # offset, size of one, count
        self._segments = [] if header[1] == _RELOCATABLE else self._program_headers(header[5], header[9], header[10])
        self._entries = self._dynamic()
        self._values: Mapping[int, int] = dict(self._entries)

    def read(self) -> Elf:
        entries = self._entries
        return Elf(
            machine=self.machine,
            interpreter=self._interpreter(),
            soname=next((self._string(value) for tag, value in entries if tag == _DT_SONAME), ""),
            needed=tuple(self._string(value) for tag, value in entries if tag == _DT_NEEDED),
            run_paths=tuple(
                RunPath(_RUN_PATHS[tag], self._string(value), self._string_offset(value))
                for tag, value in entries
                if tag in _RUN_PATHS
            ),
            versions=tuple(sorted({self._string(name) for name in self._needed_versions()})),
        )

    def check_alone(self, path: RunPath, length: int) -> None:
        """Refuse when another string of the file shares a byte with ``path``: linkers merge strings with one end."""
        start = path.offset - self._string_offset(0)
        if path not in self.read().run_paths:
            self._refuse("has no such run path")
        if path.offset and self._data[path.offset - 1]:
            self._refuse(f"its run path {path.text!r} is the end of another string")
        if any(start <= place <= start + length for place in self._other_strings(start)):
            self._refuse(f"its run path {path.text!r} shares its bytes with another string")

    def _checked_header(self) -> tuple[Any, ...]:
        if not is_elf(self._data[:4]):
            self._refuse("is no ELF file")
        header = self._unpacked(_HEADER, 0)
        # Byte 4 is the class (2: 64 bits), byte 5 the byte order (1: little endian).
        if header[0][4:6] != b"\x02\x01" or header[2] not in MACHINES:
            self._refuse(f"is not for {' or '.join(MACHINES.values())}, 64 bits, little endian")
        return header

    def _program_headers(self, offset: int, size: int, count: int) -> list[tuple[int, ...]]:
        if count and (size != _PROGRAM.size or count > MOST_SEGMENTS):
            self._refuse("its program headers have an unknown size or number")
        return [self._unpacked(_PROGRAM, offset + number * size) for number in range(count)]

    def _dynamic(self) -> list[tuple[int, int]]:
        """Return tag and value of each entry; nothing for what is static."""
        place = next((one for one in self._segments if one[0] == _PT_DYNAMIC), None)
        if place is None:
            return []
        entries: list[tuple[int, int]] = []
        for number in range(min(place[5] // _DYNAMIC.size, MOST_ENTRIES)):
            tag, value = self._unpacked(_DYNAMIC, place[2] + number * _DYNAMIC.size)
            if tag == _DT_NULL:
                return entries
            entries.append((tag, value))
        self._refuse("its dynamic section has no end")

    def _interpreter(self) -> str:
        place = next((one for one in self._segments if one[0] == _PT_INTERP), None)
        return self._text(place[2], place[2] + place[5]) if place else ""

    def _needed_versions(self) -> Iterator[int]:
        for offset, need in self._chain(_NEED, _DT_VERNEED, _DT_VERNEEDNUM):
            for _place, one in self._linked(_NEED_AUX, offset + need[3], need[1]):
                yield one[3]

    def _other_strings(self, own: int) -> Iterator[int]:
        """Yield where in the string table each string but the run paths at ``own`` begins."""
        yield from (value for tag, value in self._entries if tag in _STRINGS)
        yield from (value for tag, value in self._entries if tag in _RUN_PATHS and value != own)
        for _offset, need in self._chain(_NEED, _DT_VERNEED, _DT_VERNEEDNUM):
            yield need[2]
        yield from self._needed_versions()
        for offset, defined in self._chain(_DEFINED, _DT_VERDEF, _DT_VERDEFNUM):
            yield from (one[0] for _place, one in self._linked(_DEFINED_AUX, offset + defined[5], defined[3]))
        yield from self._symbol_names()

    def _symbol_names(self) -> Iterator[int]:
        offset, size, count = self._sections
        tables = [self._unpacked(_SECTION, offset + number * size) for number in range(count if offset else 0)]
        found = [one for one in tables if one[1] == _SHT_DYNSYM]
        # The dynamic section does not tell how many symbols there are.
        if len(found) != 1 or found[0][4] != self._offset(self._values.get(_DT_SYMTAB, 0)):
            self._refuse("has no section that lists its dynamic symbols")
        table = self._slice(found[0][4], found[0][5])
        if len(table) % _SYMBOL.size:
            self._refuse("its dynamic symbols are cut short")
        yield from (symbol[0] for symbol in _SYMBOL.iter_unpack(table))

    def _chain(self, form: struct.Struct, table: int, count: int) -> Iterator[tuple[int, Sequence[int]]]:
        if table in self._values:
            yield from self._linked(form, self._offset(self._values[table]), self._values.get(count, 0))

    def _linked(self, form: struct.Struct, offset: int, count: int) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield offset and fields of each record; the last field of every kind is the distance to the next one."""
        for _unused in range(count):
            self._steps += 1  # chains of one file can overlap: what counts is how many records are read in all
            if self._steps > MOST_ENTRIES:
                self._refuse("has too many versions")
            record = self._unpacked(form, offset)
            yield offset, record
            if not record[-1]:
                return
            offset += record[-1]

    def _string(self, place: int) -> str:
        return self._text(self._string_offset(place), self._string_offset(0) + self._values.get(_DT_STRSZ, 0))

    def _string_offset(self, place: int) -> int:
        if _DT_STRTAB not in self._values:
            self._refuse("has names and no table of strings")
        return self._offset(self._values[_DT_STRTAB]) + place

    def _text(self, start: int, limit: int) -> str:
        end = self._data.find(b"\0", start, min(limit, start + LONGEST_STRING, len(self._data)))
        if not 0 < start <= end:
            self._refuse("has a name without an end")
        try:
            return self._data[start:end].decode("utf-8")
        except UnicodeDecodeError:
            self._refuse("has a name that is no text")

    def _offset(self, address: int) -> int:
        """Return where in the file the byte is that is loaded at ``address``."""
        for kind, _flags, offset, start, _physical, size, _memory, _align in self._segments:
            if kind == _PT_LOAD and start <= address < start + size:
                return offset + address - start
        self._refuse("points to what it does not hold")

    def _unpacked(self, form: struct.Struct, offset: int) -> tuple[Any, ...]:
        return form.unpack(self._slice(offset, form.size))

    def _slice(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset + size > len(self._data):
            self._refuse("is cut short, or points past its end")
        return self._data[offset : offset + size]

    def _refuse(self, message: str) -> NoReturn:
        refuse(self._subject, f"{message}.", "Find out where this file comes from.")
