# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RECORD: what a wheel says of its own files (PEP 376, binary distribution format)."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# The wheel format lets these alone go without a digest.
UNSIGNED = ("RECORD", "RECORD.jws", "RECORD.p7s")


class Row(NamedTuple):
    """One row: the path as written, the SHA-256 as hex ('' where the row has none), the size in bytes as text."""

    path: str
    sha256: str
    size: str


def parse_record(text: str, subject: str) -> dict[str, Row]:
    """Return the rows of a RECORD by their path.

    Raises:
        Refused: for rows that are malformed or not SHA-256, naming ``subject``, the wheel.
    """
    rows = {}
    for fields in _fields(text, subject):
        if len(fields) != 3:
            refuse(
                subject,
                f"its RECORD has a row that is not of three fields: {','.join(fields)[:120]!r}.",
                "Build the wheel again.",
            )
        path, digest, size = fields
        rows[path] = Row(path, _hex_digest(path, digest, subject), size)
    return rows


def _fields(text: str, subject: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error as error:
        refuse(subject, f"its RECORD cannot be read: {error}.", "Build the wheel again.")


def _hex_digest(path: str, digest: str, subject: str) -> str:
    if not digest:
        return ""
    name, _equals, value = digest.partition("=")
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        raw = b""
    if name != "sha256" or len(raw) != 32:
        refuse(subject, f"its RECORD gives no usable SHA-256 for {path}: {digest!r}.", "Build the wheel again.")
    return raw.hex()


def format_record(rows: Iterable[Row]) -> bytes:
    """Return the text of a RECORD for ``rows``, sorted by path, digests in the form that PEP 376 asks for."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for row in sorted(rows):
        digest = base64.urlsafe_b64encode(bytes.fromhex(row.sha256)).rstrip(b"=").decode() if row.sha256 else ""
        writer.writerow((row.path, f"sha256={digest}" if digest else "", row.size))
    return stream.getvalue().encode("utf-8")
