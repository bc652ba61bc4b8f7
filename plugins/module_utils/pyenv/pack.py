# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installed interpreter that is to become an archive: whether it is fit for it, and what its description says."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file, digest_value
from ansible_collections.netdevops.python.plugins.module_utils.common.elf import Elf, is_elf, read_elf, with_run_path
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import pack_select, survey
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.access import refuse_strangers
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import (
    SUFFIX,
    Description,
    description_from,
    is_prefix,
    parse_description,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_select import Entry
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import Receipt, core_digests, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.relocate import holds_prefix
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import prove
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.unpack import FILE

# Part of the digest that tells whether an archive is up to date: another way of packing makes another archive.
FORMAT = 1
UNKNOWN = "0" * 64
INSTALL = "Install the version again."


class Origin(NamedTuple):
    """The installed interpreter that is packed.

    Attributes:
        folder: Where it lies, links resolved.
        said: What it says of itself.
        receipt: Its receipt, or None when another tool installed it.
        entries: What of it is packed.
        tree: The digest of that list and of all that decides on the archive.
    """

    folder: str
    said: Interpreter
    receipt: Receipt | None
    entries: list[Entry]
    tree: str


class Content(NamedTuple):
    """What its files say, once they are read.

    Attributes:
        origin: The interpreter.
        description: The description; digest and size of the archive are not known yet.
        changed: The new content of files that do not go into the archive as they are.
    """

    origin: Origin
    description: Description
    changed: Mapping[str, bytes]


def look(wanted: Wanted, run: Runner) -> Origin:
    """Return the installed interpreter that is asked for; writes nothing.

    Raises:
        Refused: when it is not there, not finished, not what its receipt says, or does not prove itself.
        OSError: when it cannot be read.
    """
    place = os.path.join(wanted.root, "versions", wanted.version)
    if not os.path.isdir(place):
        refuse(
            place, "expected an installed interpreter, found none.", "Install it with netdevops.python.pyenv_install."
        )
    refuse_strangers(Tree(wanted.root, wanted.version), None)
    receipt = read_receipt(place)
    _check_finished(wanted, place, receipt)
    said, reason = prove(_without_traces(run), place, wanted.version, ())
    if said is None:
        refuse(place, f"does not prove itself: {reason}.", INSTALL)
    folder = os.path.realpath(place)
    entries = pack_select.select(folder, wanted.without)
    pack_select.check_complete(entries, folder)
    return Origin(folder, said, receipt, entries, _digest(wanted, receipt, entries))


def _without_traces(run: Runner) -> Runner:
    """Return a runner that starts the interpreter so that it leaves no bytecode: looking must not change what is packed."""

    def start(argv: Sequence[str], **options: Any) -> Completed:
        return run([argv[0], "-B", *argv[1:]], **options)

    return start


def _check_finished(wanted: Wanted, place: str, receipt: Receipt | None) -> None:
    if receipt is None and os.path.isdir(Tree(wanted.root, wanted.version).work):
        refuse(place, "its installation was interrupted, or is under way.", INSTALL)
    if receipt is not None and core_digests(place, wanted.version) != dict(receipt.core):
        refuse(place, "its own binaries are not those that its receipt names.", INSTALL)


def _digest(wanted: Wanted, receipt: Receipt | None, entries: Sequence[Entry]) -> str:
    # Not the content: 5,000 files are looked at in a tenth of a second, and read in two. Who changes a file and
    # sets its time back deceives this, as he deceives make and git.
    built = [list(receipt.configure_opts), list(receipt.patches)] if receipt else None
    return digest_value([FORMAT, wanted.without, wanted.optional_modules, built, entries])


def find_current(wanted: Wanted, origin: Origin) -> Description | None:
    """Return the description of the archive in ``dest`` that was made of just this tree; None when there is none."""
    start = os.path.join(glob.escape(wanted.dest), f"cpython-{glob.escape(wanted.version)}-*.tar.gz")
    for path in sorted(glob.glob(start)):
        try:
            with open(path + SUFFIX, "rb") as stream:
                found = parse_description(stream.read(), path + SUFFIX)
            if found.tree == origin.tree and found.file == os.path.basename(path) and _is_whole(path, found):
                return found
        except (OSError, Refused):
            continue  # it is not an archive of this tree, whatever it is
    return None


def _is_whole(path: str, found: Description) -> bool:
    return os.stat(path).st_size == found.size and digest_file(path) == found.sha256


def read_content(wanted: Wanted, origin: Origin) -> Content:
    """Read all files that are packed, and return what they need and what is to be changed in them.

    Raises:
        Refused: when they cannot become an archive.
        OSError: when one cannot be read.
    """
    variables = _variables(origin)
    prefix = str(variables.get("prefix", ""))
    if not is_prefix(prefix):
        refuse(origin.folder, f"the variables of its build name no path that it can move from: {prefix!r}.", INSTALL)
    elves, changed, texts, unpacked = _read_files(origin, prefix)
    survey.check_programs(elves, prefix, origin.folder)
    needs = survey.needs_of(elves, wanted.optional_modules, origin.folder)
    here = origin.said.target
    fields = survey.fields_of(needs, here.abi, here.libc_version)
    options = survey.configure_options(str(variables.get("CONFIG_ARGS", "")))
    receipt = origin.receipt
    plain = Description(
        version=wanted.version,
        implementation=origin.said.implementation,
        prefix=prefix,
        configure_opts=receipt.configure_opts if receipt else options,
        relocate=tuple(texts),
        kind="pyenv",
        without=wanted.without,
        tree=origin.tree,
        file=f"cpython-{wanted.version}-{fields['target']}.tar.gz",
        sha256=UNKNOWN,
        size=1,
        unpacked=unpacked,
        patches=receipt.patches if receipt else (),
        **fields,
    )
    return Content(origin, description_from(plain.as_dict(), origin.folder), changed)


def _variables(origin: Origin) -> Mapping[str, Any]:
    paths = [entry.path for entry in origin.entries if survey.SYSCONFIG.fullmatch(entry.path)]
    if not paths:
        refuse(origin.folder, "holds no variables of its build (_sysconfigdata).", INSTALL)
    path = os.path.join(origin.folder, paths[0])
    with open(path, "rb") as stream:
        return survey.build_variables(stream.read(), path)


def _read_files(origin: Origin, prefix: str) -> tuple[dict[str, Elf], dict[str, bytes], list[str], int]:
    """Return the ELF files as they are packed, what changes, the texts that name the prefix, and the sum of sizes."""
    elves, changed, texts, unpacked = {}, {}, [], 0
    for entry in origin.entries:
        if entry.kind != FILE:
            continue
        path = os.path.join(origin.folder, entry.path)
        with open(path, "rb") as stream:
            data = stream.read()
        if is_elf(data):
            moved = _movable(data, entry.path, prefix, path)
            elves[entry.path] = read_elf(moved, path)
            if moved != data:
                changed[entry.path] = moved
        elif prefix.encode() in data and holds_prefix(data, prefix):
            texts.append(entry.path)
        unpacked += len(data)
    return elves, changed, texts, unpacked


def _movable(data: bytes, inner: str, prefix: str, subject: str) -> bytes:
    """Return an ELF file with run paths that hold wherever the tree lies."""
    for run_path in read_elf(data, subject).run_paths:
        text = survey.relative_run_path(inner, run_path, prefix)
        if text != run_path.text:
            data = with_run_path(data, run_path, text, subject)
    return data
