# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that pin the version: pyenv's global one, and that of a project."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import PIN_FILE
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted

GLOBAL_FILE = "version"
MODE = 0o644


class Pin(NamedTuple):
    """A pin that says something else than it is to say.

    Attributes:
        name: ``global`` or ``local``.
        path: Its file.
        before: What it says, on one line; '' when it is not there.
    """

    name: str
    path: str
    before: str


def wrong_pins(wanted: Wanted) -> tuple[Pin, ...]:
    """Return the pins that are asked for and say something else.

    Raises:
        Refused: when one is a link, or when somebody else could put another file in its place.
    """
    asked = [("global", os.path.join(wanted.root, GLOBAL_FILE))] if wanted.pin_global else []
    if wanted.local:
        _check_project(wanted.local)
        asked.append(("local", os.path.join(wanted.local, PIN_FILE)))
    pins = [Pin(name, path, _text(path)) for name, path in asked]
    return tuple(pin for pin in pins if pin.before != wanted.version)


def write_pin(pin: Pin, version: str) -> None:
    """Let the pin say ``version``.

    Raises:
        OSError: when it cannot be written.
    """
    write_atomic(pin.path, f"{version}\n".encode(), MODE)


def _check_project(folder: str) -> None:
    if not os.path.isdir(folder):
        refuse(folder, "expected the folder of a project, found none.", "Create it first, or correct `local`.")
    # Whoever works on the project may change its pin.
    check_ground(folder, lent=True)


def _text(path: str) -> str:
    if os.path.islink(path):
        refuse(path, "is a link, and would be replaced by a file.", "Pin what it points to, or remove it.")
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return " ".join(stream.read().split())
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        refuse(path, "expected a file, found a folder.", "Move it away.")
