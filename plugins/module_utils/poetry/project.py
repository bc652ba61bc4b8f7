# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's folder as it is found: whose it is, its lock, what of its pyproject.toml decides, and its pin. It is only read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes, digest_value
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import (
    Problem,
    Refused,
    refuse,
    refuse_all,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import PIN_FILE, parse_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tables import deciding

LOCK, PYPROJECT = "poetry.lock", "pyproject.toml"
MOST_BYTES = 64 << 20
_HOW_TO = {
    LOCK: "Run `poetry lock` where the project is developed, and commit the lock: it is never made here.",
    PYPROJECT: "Name the folder that holds it, or check the project out again.",
}


class Project(NamedTuple):
    """What was found.

    Attributes:
        folder: Its absolute path.
        lock: SHA-256 of ``poetry.lock``.
        decides: SHA-256 of what of ``pyproject.toml`` decides what is installed.
        pin: Text of ``.python-version``; '' where there is none.
    """

    folder: str
    lock: str
    decides: str
    pin: str

    def source(self, selection: Mapping[str, Any], sync: bool) -> str:
        """Return what a receipt names as that which an environment is made from.

        Args:
            selection: What is installed of the project, as plain data.
            sync: Whether that is all that is installed.
        """
        plain = {"lock": self.lock, "project": self.decides, "pin": self.pin.split(), "selection": dict(selection)}
        return f"poetry:{digest_value(plain if sync else {**plain, 'sync': False})}"

    def placed(self, root: str) -> str:
        """Return where the interpreter of the pin is, below ``root``.

        Raises:
            Refused: when the project pins none.
        """
        subject = f"{self.folder}/{PIN_FILE}"
        if not self.pin:
            step = "Name the interpreter in `python`, or write the version into that file, for example 3.11.7."
            refuse(subject, "expected the version of Python that the project runs on, found none.", step)
        if not root:
            refuse("interpreter_root", "is empty, and python is not given.", "Give one of the two.")
        return f"{root}/versions/{parse_pin(self.pin, subject)}/bin/python"

    def check_version(self, version: str, python: str) -> None:
        """Check the version of an interpreter against the pin, which may name the first numbers alone where ``python`` is given.

        Raises:
            Refused: when it is another one.
        """
        pins = [line.partition("#")[0].strip() for line in self.pin.splitlines()]
        wanted = " ".join(pins).split()
        if wanted and not any(version == pin or version.startswith(f"{pin}.") for pin in wanted):
            refuse(
                f"{self.folder}/{PIN_FILE}",
                f"expected Python {', '.join(wanted)}, found {version} in {python}.",
                "Install the interpreter of the pin, or correct the one that is wrong of `python` and the file.",
            )


def read_project(folder: str) -> Project:
    """Return what is in a project's folder.

    Raises:
        Refused: when it is no folder of this user's, or lacks one of its files: all of them are named.
    """
    check_folder(folder)
    problems: list[Problem] = []
    read = {}
    for name in (PYPROJECT, LOCK, PIN_FILE):
        try:
            read[name] = read_file(folder, name)
        except Refused as refused:
            problems += refused.problems
    refuse_all(problems)
    return Project(
        folder, digest_bytes(read[LOCK]), _digest_of_deciding(read[PYPROJECT]), _text(folder, read[PIN_FILE])
    )


def check_folder(folder: str) -> None:
    """Check that a project's folder is there and this user's.

    Raises:
        Refused: when it is not.
    """
    try:
        found = os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        refuse(
            folder, "expected a project's folder, found nothing.", "Check the project out first, or correct the path."
        )
    except OSError as error:
        refuse(folder, f"cannot be looked at: {error.strerror}.", "Name the owner of the project in `owner`.")
    if not stat.S_ISDIR(found.st_mode):
        refuse(folder, "expected a project's folder, found a file.", "Name the folder that holds pyproject.toml.")
    if found.st_uid != os.geteuid():
        refuse(
            folder,
            f"is someone else's project: it belongs to user id {found.st_uid}, and this run is of {os.geteuid()}.",
            "Name its owner in `owner`, and become root; or become its owner.",
        )


def read_file(folder: str, name: str) -> bytes:
    """Return a file of a project; b"" for a pin that is not there.

    Raises:
        Refused: when it is no regular file that can be read.
    """
    path = f"{folder}/{name}"
    try:
        found = read_regular(path, MOST_BYTES + 1, follow=False)
    except FileNotFoundError:
        if name == PIN_FILE:
            return b""
        refuse(path, "expected a file of the project, found none.", _HOW_TO[name])
    except OSError as error:
        what = "is a link" if os.path.islink(path) else f"cannot be read: {error.strerror}"
        refuse(path, f"expected a regular file, it {what}.", "Put the file itself there, readable for its owner.")
    if found is None:
        refuse(path, "expected a regular file, found something else.", "Put the file itself there.")
    if len(found[0]) > MOST_BYTES:
        refuse(path, f"is longer than {MOST_BYTES >> 20} MiB.", "See what it is.")
    return found[0]


def _digest_of_deciding(data: bytes) -> str:
    try:
        return digest_bytes(deciding(data.decode("utf-8")).encode("utf-8"))
    except UnicodeDecodeError:  # What is wrong with it is Poetry's to say.
        return digest_bytes(data)


def _text(folder: str, data: bytes) -> str:
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        refuse(f"{folder}/{PIN_FILE}", "is no text.", "Write one exact version into it, for example 3.11.7.")
