# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting wheels into a release: unpacked from the archive, or shared with an earlier release.

The rules are those of the binary distribution format (PEP 427), of PEP 376 for RECORD and INSTALLER, and of the
entry points specification.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import REBUILD
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import SUSPECT, Member, WheelArchive
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import (
    BYTECODE,
    FILE,
    RECORD,
    SCRIPT,
    Installed,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import OWN_FILES
from ansible_collections.netdevops.python.plugins.module_utils.host.record import Row, format_record, parse_record
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import (
    console_script,
    entry_points,
    moved,
    rewritten,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

INSTALLER = b"netdevops.python\n"


def install(archive: WheelArchive, tree: Tree) -> None:
    """Unpack a wheel into the release.

    Raises:
        Refused: when a file does not match RECORD, would leave its place or overwrite another wheel's.
    """
    if archive.text("WHEEL").find("Wheel-Version: 1.") < 0:
        refuse(archive.wheel.file, "expected Wheel-Version 1.x in its WHEEL file.", REBUILD)
    rows = []
    for member in archive.members():
        relative, kind = _place(member.name, archive, tree)
        rows.append(_put(member, relative, kind, archive, tree))
    rows += [_add(relative, data, SCRIPT, archive.wheel.sha256, tree) for relative, data in _commands(archive, tree)]
    rows.append(
        _add(f"{tree.site_packages}/{archive.dist_info}/INSTALLER", INSTALLER, FILE, archive.wheel.sha256, tree)
    )
    _write_record(f"{tree.site_packages}/{archive.dist_info}", rows, archive.wheel.sha256, tree)


def _place(name: str, archive: WheelArchive, tree: Tree) -> tuple[str, str]:
    """Return where a member goes, relative to the release, and its kind."""
    data_folder = archive.dist_info[: -len(".dist-info")] + ".data/"
    if not name.startswith(data_folder):
        return f"{tree.site_packages}/{name}", FILE
    scheme, _slash, rest = name[len(data_folder) :].partition("/")
    version = os.path.basename(os.path.dirname(tree.site_packages))
    folders = {
        "purelib": tree.site_packages,
        "platlib": tree.site_packages,
        "scripts": "bin",
        "headers": f"include/site/{version}/{archive.wheel.name}",
        "data": "",
    }
    if scheme not in folders or not rest:
        refuse(archive.wheel.file, f"{name} is of no scheme that wheels have.", REBUILD)
    path = "/".join(filter(None, (folders[scheme], rest)))
    if path in OWN_FILES:
        refuse(archive.wheel.file, f"{name} would overwrite the receipt of the release.", SUSPECT)
    return path, SCRIPT if scheme == "scripts" else FILE


def _put(member: Member, relative: str, kind: str, archive: WheelArchive, tree: Tree) -> Row:
    data, sha256 = member.data, member.sha256
    if kind == SCRIPT:
        data = rewritten(data, tree.python)
        kind = FILE if data is member.data else SCRIPT
        sha256 = hashlib.sha256(data).hexdigest()
    executable = member.executable or relative.startswith("bin/")
    tree.write(relative, data, sha256, archive.wheel.sha256, kind, executable)
    return _row(relative, sha256, len(data), tree)


def _commands(archive: WheelArchive, tree: Tree) -> Iterable[tuple[str, bytes]]:
    for entry in entry_points(archive.text("entry_points.txt"), archive.wheel.file):
        yield f"bin/{entry.name}", console_script(entry, tree.python)


def _add(relative: str, data: bytes, kind: str, wheel: str, tree: Tree) -> Row:
    sha256 = hashlib.sha256(data).hexdigest()
    tree.write(relative, data, sha256, wheel, kind, executable=kind == SCRIPT)
    return _row(relative, sha256, len(data), tree)


def _row(relative: str, sha256: str, size: int, tree: Tree) -> Row:
    return Row(os.path.relpath(relative, tree.site_packages), sha256, str(size))


def _write_record(dist_info: str, rows: Sequence[Row], wheel: str, tree: Tree) -> None:
    path = f"{dist_info}/RECORD"
    data = format_record([*rows, _row(path, "", 0, tree)._replace(size="")])
    has_scripts = any(row.path.startswith("../") for row in rows)
    tree.write(path, data, hashlib.sha256(data).hexdigest(), wheel, RECORD if has_scripts else FILE)


def carry(files: Sequence[Installed], old_root: str, tree: Tree, *, bytecode: bool, link: bool) -> None:
    """Take the files of one wheel over from an earlier release: shared where they are the same there.

    Args:
        files: What that release's receipt lists for the wheel; it has no drift.
        old_root: The earlier release.
        tree: The release being built, for the same feature version of Python.
        bytecode: Whether its bytecode is wanted too.
        link: Whether files may be shared by hard link; else they are copied.
    """
    shared = (FILE, BYTECODE) if bytecode else (FILE,)
    tree.share(old_root, [file for file in files if file.kind in shared], link)
    changed: dict[str, Row] = {}
    for file in files:
        if file.kind == SCRIPT:
            data = moved(_read(old_root, file), f"{old_root}/bin/python", tree.python)
            row = _add(file.path, data, SCRIPT, file.wheel, tree)
            changed[row.path] = row
    for file in files:
        if file.kind == RECORD:
            rows = parse_record(_read(old_root, file).decode("utf-8"), file.path)
            data = format_record([changed.get(path, row) for path, row in rows.items()])
            tree.write(file.path, data, hashlib.sha256(data).hexdigest(), file.wheel, RECORD)


def _read(root: str, file: Installed) -> bytes:
    with open(f"{root}/{file.path}", "rb") as stream:
        return stream.read()
