# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Console scripts: from entry points, and the ``#!python`` scripts that wheels bring."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# The kernel reads the first line up to here (binfmt_script); a longer one starts the wrong program or none.
LONGEST_SHEBANG = 127

_REFERENCE = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<attribute>[\w.]+)\s*(\[.*\])?")
_SAFE_NAME = re.compile(r"[\w.+@-]+( [\w.+@-]+)*")

# Reached through the link of the environment, the first line and the rest may be of two releases: the kernel opens the file
# for the one and Python for the other, and the link may be switched in between. The text then starts over in its own release.
# Whoever opens the file again (a child process of multiprocessing) is led past the link.
# The last guard keeps such a child, which imports this file, from starting the command.
_BODY = """\
import sys

{release}
if __name__ == "__main__" and sys.prefix.rpartition("/")[0] == RELEASE.rpartition("/")[0]:
    __file__ = RELEASE + {place}
    if sys.prefix != RELEASE:
        import os

        os.execv(RELEASE + "/bin/python", [RELEASE + "/bin/python", __file__, *sys.argv[1:]])

from {module} import {first}

if __name__ == "__main__":
    sys.exit({attribute}())
"""


class EntryPoint(NamedTuple):
    """A command and the function it calls."""

    name: str
    module: str
    attribute: str


def entry_points(text: str, subject: str) -> Iterator[EntryPoint]:
    """Yield the commands that an ``entry_points.txt`` declares (entry points specification).

    Raises:
        Refused: for a name that is a path, or a reference that is no function.
    """
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        refuse(subject, f"its entry_points.txt cannot be read: {error}.", "Build the wheel again.")
    for section in ("console_scripts", "gui_scripts"):
        for name, reference in parser.items(section) if parser.has_section(section) else ():
            match = _REFERENCE.fullmatch(reference)
            if match is None or not _SAFE_NAME.fullmatch(name):
                refuse(subject, f"declares {name} = {reference}, which is no command.", "Build the wheel again.")
            yield EntryPoint(name, match["module"], match["attribute"])


def shebang(python: str) -> bytes:
    """Return the first line that starts ``python``; by way of a shell where the kernel could not."""
    line = f"#!{python}\n".encode()
    if len(line) <= LONGEST_SHEBANG and " " not in python:
        return line
    # Shell and Python both read this: a command for the one, a string for the other.
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n".encode()


def console_script(entry: EntryPoint, python: str) -> bytes:
    """Return the text of the command ``entry`` for the interpreter of an environment."""
    first, place = entry.attribute.split(".")[0], ascii(f"/bin/{entry.name}")
    body = _BODY.format(
        release=_assigned(python), place=place, module=entry.module, first=first, attribute=entry.attribute
    )
    return shebang(python) + body.encode()


def _assigned(python: str) -> str:
    """Return the line of a command that names its release."""
    return f"RELEASE = {python.rpartition('/bin/')[0]!a}"


def rewritten(data: bytes, python: str) -> bytes:
    """Return a script of a wheel with its line that starts with ``#!python`` naming ``python`` (PEP 427); others as they are."""
    rest = data.partition(b"\n")[2]
    return shebang(python) + rest if data.startswith(b"#!python") else data


def moved(data: bytes, old: str, new: str) -> bytes:
    """Return a script that was written for the interpreter ``old`` as one for ``new``."""
    start = shebang(old)
    if not data.startswith(start):
        return data
    return shebang(new) + data[len(start) :].replace(_assigned(old).encode(), _assigned(new).encode(), 1)
