# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small ELF files, made by hand: one loaded segment, a dynamic section, and what tests ask for in it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

BASE = 0x400000
TAGS = {"RPATH": 15, "RUNPATH": 29}


class Strings:
    """A string table, in which a text may be told to share the end of another one."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        """Return where ``text`` is; what is already the end of another one is not written again, as linkers do."""
        found = self.data.find(text.encode() + b"\0")
        if found > 0:
            return found
        self.data += text.encode() + b"\0"
        return len(self.data) - len(text.encode()) - 1


def make_elf(
    *,
    needed: Sequence[str] = (),
    run_path: str = "",
    kind: str = "RUNPATH",
    soname: str = "",
    interpreter: str = "",
    versions: Mapping[str, Sequence[str]] | None = None,
    symbols: Sequence[str] = ("PyInit_spam",),
    machine: int = 62,
    more: Sequence[tuple[int, int]] = (),
    sections: bool = True,
) -> bytes:
    """Return an ELF file; ``more`` are further entries of its dynamic section."""
    strings, versions = Strings(), versions or {}
    entries = [(1, strings.add(name)) for name in needed]
    entries += [(14, strings.add(soname))] if soname else []
    entries += [(TAGS[kind], strings.add(run_path))] if run_path else []
    symbol_table = bytes(24) + b"".join(struct.pack("<IBBHQQ", strings.add(name), 0, 0, 0, 0, 0) for name in symbols)
    version_table = _versions(versions, strings)

    count = 3 if interpreter else 2
    offset = 64 + count * 56
    places = {}
    body = b""
    texts = {"interpreter": interpreter.encode() + b"\0", "strings": strings.data, "symbols": symbol_table}
    for name, data in {**texts, "versions": version_table}.items():
        places[name] = offset + len(body)
        body += data + bytes(-len(data) % 8)
    dynamic = offset + len(body)
    entries += [(5, BASE + places["strings"]), (10, len(strings.data)), (6, BASE + places["symbols"])]
    entries += [(0x6FFFFFFE, BASE + places["versions"]), (0x6FFFFFFF, len(versions))] if versions else []
    entries += [*more, (0, 0)]
    body += b"".join(struct.pack("<qQ", *entry) for entry in entries)
    end = offset + len(body)
    headers = [(1, 0, end), (2, dynamic, len(entries) * 16)]
    headers += [(3, places["interpreter"], len(interpreter) + 1)] if interpreter else []
    programs = b"".join(
        struct.pack("<IIQQQQQQ", kind, 4, at, BASE + at, 0, size, size, 8) for kind, at, size in headers
    )
    table = bytes(64) + struct.pack("<IIQQQQIIQQ", 0, 11, 0, 0, places["symbols"], len(symbol_table), 0, 0, 8, 24)
    head = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        3,
        machine,
        1,
        0,
        64,
        end if sections else 0,
        0,
        64,
        56,
        count,
        64,
        2 if sections else 0,
        0,
    )
    return head + programs + body + (table if sections else b"")


def _versions(versions: Mapping[str, Sequence[str]], strings: Strings) -> bytes:
    table = b""
    for number, (file, names) in enumerate(versions.items()):
        last = number == len(versions) - 1
        table += struct.pack("<HHIII", 1, len(names), strings.add(file), 16, 0 if last else 16 + 16 * len(names))
        for index, name in enumerate(names):
            table += struct.pack("<IHHII", 0, 0, 0, strings.add(name), 0 if index == len(names) - 1 else 16)
    return table
