# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the releases that are there can give to the next one: whole wheels, installed and intact."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Judge, Verdict, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import SHARED, Installed, read_files
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import OWN_FILES, Receipt, read_receipt


class Earlier(NamedTuple):
    """A release whose files may be shared: its folder, its receipt, and its files by the SHA-256 of their wheel."""

    root: str
    receipt: Receipt
    files: Mapping[str, Sequence[Installed]]


def places(
    options: Options, seen: Survey, interpreter: Interpreter, wanted: Collection[str] | None = None
) -> dict[str, str]:
    """Return, for each wheel that need not be delivered, the name of a release that has it intact.

    The current release is asked first; of the others, only what it lacks, so that an upgrade reads few files.
    Only the ``wanted`` wheels are looked for, where they are known already.
    """
    found: dict[str, str] = {}
    for name, receipt in _releases(options, seen, interpreter):
        if name == seen.found.name:
            usable = _usable_of_current(options, seen, receipt)
        else:
            lacking = [wheel for wheel in _wheels(receipt, wanted) if wheel not in found]
            usable = _intact(options.environment.release(name), receipt, lacking) if lacking else []
        found.update((wheel, name) for wheel in usable if wheel not in found)
    return found


def _wheels(receipt: Receipt, wanted: Collection[str] | None) -> list[str]:
    wheels = [package[2] for package in receipt.packages]
    return wheels if wanted is None else [wheel for wheel in wheels if wheel in wanted]


def _releases(options: Options, seen: Survey, interpreter: Interpreter) -> list[tuple[str, Receipt]]:
    names = options.environment.names()
    ordered = sorted(names, key=lambda name: name != seen.found.name)  # A stable sort: the newest stay first.
    read = [(name, read_receipt(options.environment.release(name))) for name in ordered]
    abi = interpreter.target.abi
    return [(name, receipt) for name, receipt in read if receipt and receipt.interpreter["target"].split("-")[0] == abi]


def _usable_of_current(options: Options, seen: Survey, receipt: Receipt) -> list[str]:
    verdict = seen.verdict
    if options.verify == "receipt":  # Good enough to leave a release alone, not to build the next one on.
        verdict = examine(options.environment.release(seen.found.name), receipt, "stat")
    return _undamaged(receipt, verdict)


def _undamaged(receipt: Receipt, verdict: Verdict) -> list[str]:
    """Return the SHA-256 of the wheels whose installed files can be shared: they have no drift."""
    if any(item.path in OWN_FILES for item in verdict.drift):
        return []
    damaged = {wheel for item in verdict.drift for wheel in item.wheel.split(SHARED)}
    return [package[2] for package in receipt.packages if package[2] not in damaged]


def _intact(release: str, receipt: Receipt, wheels: Sequence[str]) -> list[str]:
    # The index of a release that is not current is stale: its files have gained and lost links. So they are read.
    files = read_files(release, receipt)
    if files is None:
        return []
    damaged: set[str] = set()
    wanted = set(wheels)
    for file in files:
        asked = wanted.intersection(file.wheels()) - damaged
        if asked and not _is_right(f"{release}/{file.path}", file):
            damaged |= asked
    return [wheel for wheel in wheels if wheel not in damaged]


def _is_right(path: str, file: Installed) -> bool:
    try:
        found = os.lstat(path)
        # The mode counts too: a hard link brings it along.
        same = stat.S_ISREG(found.st_mode) and (stat.S_IMODE(found.st_mode), found.st_size) == (file.mode, file.size)
        return same and digest_file(path) == file.sha256
    except OSError:
        return False


def open_earlier(options: Options, places: Mapping[str, str]) -> list[Earlier]:
    """Return the releases that ``places`` names, each with the files of the wheels that are taken from it."""
    opened = []
    for name in sorted(set(places.values())):
        root = options.environment.release(name)
        receipt = read_receipt(root)
        wheels = [wheel for wheel, place in places.items() if place == name]
        if receipt:
            opened.append(Earlier(root, receipt, _by_wheel(read_files(root, receipt) or (), wheels)))
    return opened


def _by_wheel(files: Sequence[Installed], wheels: Sequence[str]) -> dict[str, list[Installed]]:
    by_wheel: dict[str, list[Installed]] = {wheel: [] for wheel in wheels}
    for file in files:
        if file.wheel in by_wheel:
            by_wheel[file.wheel].append(file)
            continue
        for wheel in file.wheels():  # More than one, or none that is wanted.
            if wheel in by_wheel:
                by_wheel[wheel].append(file._replace(wheel=wheel))
    return by_wheel


def find_same(options: Options, release_id: str, judge: Judge = examine) -> str:
    """Return the name of a release that already is what is asked, and intact as ``judge`` says; '' where there is none."""
    verify = "content" if options.verify == "content" else "stat"
    for name in options.environment.names():
        root = options.environment.release(name)
        receipt = read_receipt(root)
        if receipt and receipt.release == release_id and not judge(root, receipt, verify).drift:
            return name
    return ""
