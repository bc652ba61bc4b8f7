# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters in the folders of versions: whether they are as they were installed, and who may write to them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.writable import check_tree
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import (
    MISSING,
    core_files,
    digest_binary,
    load_receipt,
)

IN_USE = ("bin", "lib")


def check_installed(reader: Reader, one: Interpreter, roots: Sequence[str], owner: int) -> Iterator[Finding]:
    """Yield what is wrong with an interpreter's own files; nothing of one that is in no folder of versions.

    Args:
        reader: Remembers what could not be read.
        one: The interpreter.
        roots: The folders that hold ``versions/``.
        owner: The user id that may write there beside root.
    """
    if os.path.dirname(one.folder) not in {f"{root}/versions" for root in roots}:
        return
    altered = tuple(_altered(reader, one.folder))
    if altered:
        yield Finding("interpreter-altered", one.folder, altered)
    # The receipt knows the programs and the shared library alone; of all else it is only seen who could have changed it.
    for name in IN_USE:
        yield from check_tree(f"{one.folder}/{name}", owner, reader.missed, is_environment=False)


def _altered(reader: Reader, folder: str) -> Iterator[str]:
    try:
        receipt = load_receipt(folder)
    except OSError as error:
        reader.missed(str(error.filename or folder), error)
        return
    if receipt is None:  # one that pyenv made, or that waits to be adopted
        return
    for name in sorted({*receipt.core, *core_files(folder, receipt.version)}):
        path = os.path.join(folder, name)
        try:
            digest = digest_binary(path)
        except OSError as error:
            if error.errno in MISSING:
                yield f"deleted: {name}"
            else:
                reader.missed(path, error)
            continue
        if digest != receipt.core.get(name):
            yield f"{'edited' if name in receipt.core else 'added'}: {name}"
