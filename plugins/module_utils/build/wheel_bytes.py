# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making two builds of the same wheel the same bytes."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# Raise it when the output changes: it is part of the key under which built wheels are kept.
FORM = "1"
OLDEST = (1980, 1, 1, 0, 0, 0)


def normalize_wheel(data: bytes, subject: str) -> bytes:
    """Return the wheel in ``data`` with sorted members, one time, two modes and a RECORD of what it holds.

    Members are stored, not deflated: two zlibs give two results, and a host unpacks the wheel once anyway.

    Raises:
        Refused: when ``data`` is no wheel with exactly one RECORD.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {
                info.filename: (_mode(info), archive.read(info)) for info in archive.infolist() if not info.is_dir()
            }
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        refuse(subject, f"is no wheel: {error}.", "See what its build backend does.")
    records = [name for name in members if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
    if len(records) != 1:
        refuse(subject, f"expected a wheel with one RECORD, found {len(records)}.", "See what its build backend does.")
    members[records[0]] = (0o644, _record(members, records[0]))
    return _archive(members, records[0])


def _mode(info: zipfile.ZipInfo) -> int:
    return 0o755 if (info.external_attr >> 16) & 0o111 else 0o644


def _record(members: dict[str, tuple[int, bytes]], record: str) -> bytes:
    """Return the text of RECORD (PEP 376, PEP 427): backends write its rows in the order they met the files."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name in sorted(members.keys() - {record}):
        content = members[name][1]
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
        rows.writerow([name, f"sha256={digest}", len(content)])
    rows.writerow([record, "", ""])
    return text.getvalue().encode("utf-8")


def _archive(members: dict[str, tuple[int, bytes]], record: str) -> bytes:
    stream = io.BytesIO()
    dist_info = record.rsplit("/", 1)[0] + "/"
    # PEP 427 wants .dist-info at the end of the archive, and RECORD is what it ends with.
    order = sorted(members, key=lambda name: (name.startswith(dist_info), name == record, name))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in order:
            mode, content = members[name]
            info = zipfile.ZipInfo(name, OLDEST)
            info.create_system = 3
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)
    return stream.getvalue()
