# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter that was built for one path, made to live at another: the text files that name the path.

Programs and libraries name it too, in places that do not matter: CPython finds its home by where it was started, and
the run paths were made relative when the archive was packed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import LONGEST_SHEBANG
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import is_inner_path, is_prefix

SUSPECT = "Do not use this archive; find out where it comes from."

_SHEBANG = re.compile(rb"#![ \t]*(?P<program>/[^\s]+)(?P<words>[^\n]*)\n")


def holds_prefix(data: bytes, prefix: str) -> bool:
    """Whether ``data`` is text that names ``prefix``, or something below it."""
    return b"\0" not in data and _named(prefix).search(data) is not None


def _named(prefix: str) -> re.Pattern[bytes]:
    """Return what finds ``prefix`` as a path: not the end of a longer one, nor the beginning of another name.

    A path may follow a compiler's option (``-L/install/lib``), a URL's slashes, or the dot of CPython's own
    ``WASM_ASSETS_DIR`` (``'./install'``).
    """
    before = rb"(?:(?<![\w./+-])|(?<=[\s'\"=,:;]-[A-Z])|(?<=://)|(?<=['\"]\.))"
    return re.compile(before + re.escape(prefix.encode()) + rb"(?![\w.+-])")


def relocate(folder: str, files: Sequence[str], old: str, new: str, subject: str) -> None:
    """Let the ``files`` of the interpreter in ``folder`` say ``new`` where they say ``old``.

    Args:
        folder: Where it lies now.
        files: Paths below it, of plain text.
        old: The absolute path that it was built for.
        new: The absolute path at which ``folder`` is going to be found.
        subject: The archive's name in messages.

    Raises:
        Refused: when a file is none, no text, or outside of ``folder``; when ``new`` is a path that a Makefile or a shell
            would take apart.
        OSError: when one cannot be written.
    """
    if not is_prefix(new):
        refuse(new, "expected an absolute path of letters, digits and ._-/ to live at.", "Choose another `root`.")
    for name in files if old != new else ():
        path = _plain_file(folder, name, subject)
        with open(path, "rb") as stream:
            data = stream.read()
        if b"\0" in data:
            refuse(subject, f"{name} is listed as text that names its path, and is no text.", SUSPECT)
        write_atomic(path, moved(data, old, new), stat.S_IMODE(os.stat(path).st_mode))
        _drop_bytecode(path)


def moved(data: bytes, old: str, new: str) -> bytes:
    """Return the text ``data`` with ``new`` for ``old``, and a first line that the kernel can read."""
    changed = _named(old).sub(lambda _found: new.encode(), data)
    line = _SHEBANG.match(changed)
    if line is None or not line["program"].startswith(f"{new}/".encode()) or line.end() <= LONGEST_SHEBANG:
        return changed
    # Shell and Python both read this: a command for the one, a string for the other.
    command = b" ".join([b'"' + line["program"] + b'"', *line["words"].split()])
    return b"#!/bin/sh\n'''exec' " + command + b" \"$0\" \"$@\"\n' '''\n" + changed[line.end() :]


def _plain_file(folder: str, name: str, subject: str) -> str:
    path = os.path.join(folder, name)
    if not is_inner_path(name) or os.path.realpath(path) != os.path.join(os.path.realpath(folder), name):
        refuse(
            subject, f"{name!r} is listed as a file that names its path, and leads outside or through a link.", SUSPECT
        )
    if not os.path.isfile(path):
        refuse(subject, f"{name} is listed as a file that names its path, and is not there.", SUSPECT)
    return path


def _drop_bytecode(path: str) -> None:
    """Delete what was compiled from ``path``: it could still pass for fresh, or never be compared."""
    if not path.endswith(".py"):
        return
    cache, stem = os.path.join(os.path.dirname(path), "__pycache__"), os.path.basename(path)[: -len("py")]
    for name in os.listdir(cache) if os.path.isdir(cache) else ():
        if name.startswith(stem) and name.endswith(".pyc"):
            os.unlink(os.path.join(cache, name))
