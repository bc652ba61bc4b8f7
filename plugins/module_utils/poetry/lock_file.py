# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and digests that a ``poetry.lock`` names, read without a TOML parser: hosts have none before Python 3.11.

Poetry writes a lock in one regular form, a line for each thing. Lines of that form are understood here and no others: what
somebody wrote otherwise may be TOML that means the same, and is refused all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# Poetry 1.0 to 1.4 write 1.1, 1.5 to 1.8 write 2.0, and 2.0 and newer 2.1.
VERSIONS = ("1.1", "2.0", "2.1")
RELOCK = "Lock again, where the network is: poetry lock."

_TABLE = re.compile(r"\[([A-Za-z0-9_.-]+)\]")
_PAIR = re.compile(r"""([A-Za-z0-9_-]+|"[^"\\]+") = (.+)""")
_TEXT = re.compile(r'"((?:[^"\\\x00-\x1f\x7f]|\\.)*)"')
_FILE = re.compile(r'\{file = "([^"\\]+)", hash = "([^"\\]+)"\},?')
_SEPARATORS = re.compile(r"[-_.]+")
_WITHIN = re.compile(r"    .+")
# A text of several lines could hold whatever looks like the lock.
_SEVERAL_LINES = ('"""', "'''")


class Locked(NamedTuple):
    """A package of a lock.

    Attributes:
        name: Normalized (PEP 503).
        version: As the lock writes it.
        files: The file and the hash (``sha256:<hex>``) of each of its distributions.
        source: ``git``, ``url``, ``directory`` or ``file``, where it comes from no index; else ''.
    """

    name: str
    version: str
    files: tuple[tuple[str, str], ...]
    source: str


def normalized(name: str) -> str:
    """Return ``name`` as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def read_locked(data: bytes, subject: str) -> list[Locked]:
    """Return the packages that a lock lists.

    Args:
        data: The bytes of the file.
        subject: Its path, as messages name it.

    Raises:
        Refused: when it is not as Poetry writes it, or of a version that is not known.
    """
    scan = _Scan(subject)
    try:
        lines = data.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        refuse(subject, "expected UTF-8 text, found something else.", RELOCK)
    for number, line in enumerate(lines, 1):
        scan.read(number, line)
    return list(scan.packages())


class _Scan:
    """The state of reading: the table that a line is in, and the list that is open."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._table = ""
        self._tables: set[str] = set()
        self._list: str | None = None  # the key of the list that is open
        self._number = 0
        self._entries: list[dict[str, str]] = []
        self._files: list[dict[str, list[tuple[str, str]]]] = []
        self._metadata: dict[str, str] = {}
        self._old_files: dict[str, list[tuple[str, str]]] = {}

    def read(self, number: int, line: str) -> None:
        self._number = number
        if self._list is not None:
            self._read_within(line)
        elif line == "[[package]]":
            self._open_table("package")
        elif line.startswith("["):
            self._read_table(line)
        elif line and not line.startswith("#"):
            self._read_pair(line)

    def _read_table(self, line: str) -> None:
        found = _TABLE.fullmatch(line)
        if found is None or found.group(1) == "package":
            self._refuse(line)
        if found.group(1) in self._tables:  # TOML has each table once; here it would count twice.
            self._refuse(line)
        self._open_table(found.group(1))

    def _open_table(self, name: str) -> None:
        self._table = name
        if name == "package":
            self._entries.append({})
            self._files.append({})
            self._tables = {table for table in self._tables if not table.startswith("package.")}
        else:
            self._tables.add(name)

    def _read_pair(self, line: str) -> None:
        found = _PAIR.fullmatch(line)
        if found is None:
            self._refuse(line)
        key, value = found.group(1).strip('"'), found.group(2)
        if value == "[":
            self._list = key
            self._open_list(key, line)
        elif _is_whole(value):
            self._take(key, value, line)
        else:
            self._refuse(line)

    def _take(self, key: str, value: str, line: str) -> None:
        if self._table == "package" and key == "files":
            if value != "[]":
                self._refuse(line)
            self._open_list(key, line)
            return
        if self._table == "package" and key == "source":  # Poetry gives it a table of its own.
            self._refuse(line)
        wanted = {"package": ("name", "version"), "package.source": ("type",), "metadata": ("lock-version",)}
        if self._table == "metadata" and key in ("files", "hashes"):
            self._refuse(line)
        if self._table == "metadata.files" and value == "[]":
            self._open_list(key, line)
        elif key in wanted.get(self._table, ()):
            self._keep(key, value, line)

    def _keep(self, key: str, value: str, line: str) -> None:
        text = _TEXT.fullmatch(value)
        into = self._metadata if self._table == "metadata" else self._entries[-1] if self._entries else None
        if text is None or "\\" in value or into is None or key in into:
            self._refuse(line)
        into[key] = text.group(1)

    def _open_list(self, key: str, line: str) -> None:
        if self._holds_files(key):
            into = self._files[-1] if self._table == "package" else self._old_files
            if key in into:
                self._refuse(line)
            into[key] = []

    def _holds_files(self, key: str) -> bool:
        return (self._table == "package" and key == "files") or self._table == "metadata.files"

    def _read_within(self, line: str) -> None:
        key = self._list or ""
        if line == "]":
            self._list = None
        elif self._holds_files(key):
            found = _FILE.fullmatch(line.strip(" ")) if _WITHIN.fullmatch(line) else None
            if found is None:
                self._refuse(line)
            into = self._files[-1] if self._table == "package" else self._old_files
            into[key].append((found.group(1), found.group(2)))
        elif not _WITHIN.fullmatch(line) or any(quotes in line for quotes in _SEVERAL_LINES):
            self._refuse(line)

    def packages(self) -> Iterator[Locked]:
        """Yield what was found, once all lines are read."""
        self._check_end()
        for entry, files in zip(self._entries, self._files):
            if not entry.get("name") or not entry.get("version"):
                refuse(self._subject, "lists a package that has no name or no version.", RELOCK)
            source = entry.get("type", "legacy")
            yield Locked(
                normalized(entry["name"]),
                entry["version"],
                tuple(self._files_of(entry["name"], files)),
                "" if source == "legacy" else source,
            )

    def _check_end(self) -> None:
        if self._list is not None:
            refuse(self._subject, f"ends within the list {self._list!r}: it was cut short.", RELOCK)
        found = self._metadata.get("lock-version", "none")
        if found not in VERSIONS:
            step = "Use the version of the collection that knows it, or lock with a Poetry that is supported."
            refuse(self._subject, f"expected a lock of version {' or '.join(VERSIONS)}, found {found}.", step)

    def _files_of(self, name: str, own: Mapping[str, Sequence[tuple[str, str]]]) -> Sequence[tuple[str, str]]:
        if "files" in own:
            return own["files"]
        # Until lock 1.1 the files of all packages were listed at its end.
        return self._old_files.get(name, ())

    def _refuse(self, line: str) -> NoReturn:
        refuse(
            f"{self._subject}, line {self._number}",
            f"expected what Poetry writes, found {line[:80]!r}.",
            "Restore it from version control, or lock again: poetry lock.",
        )


def _is_whole(value: str) -> bool:
    """Whether a value surely ends where its line does."""
    if _TEXT.fullmatch(value):
        return True
    if any(quotes in value for quotes in _SEVERAL_LINES):
        return False
    return value[0] not in "\"'" and (value[0] not in "[{" or value[-1] in "]}")
