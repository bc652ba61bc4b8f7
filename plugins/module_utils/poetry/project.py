# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's folder as it is found: whose it is, its lock, its pin, and what of its other files decides. It is only read."""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
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
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tables import deciding, mentioned

LOCK, PYPROJECT, SETTINGS = "poetry.lock", "pyproject.toml", "poetry.toml"
FILES = (PYPROJECT, LOCK, PIN_FILE, SETTINGS)
_MAY_LACK = (PIN_FILE, SETTINGS)
MOST_BYTES = 64 << 20
WRITABLE_BY_OTHERS = 0o022
_HOW_TO = {
    LOCK: "Run `poetry lock` where the project is developed, and commit the lock: it is never made here.",
    PYPROJECT: "Name the folder that holds it, or check the project out again.",
}


class Project(NamedTuple):
    """What was found.

    Attributes:
        folder: Its absolute path.
        place: The same without links. Scripts of an environment name it, and so does what is installed editable.
        lock: SHA-256 of ``poetry.lock``.
        decides: SHA-256 of what of ``pyproject.toml`` decides what is installed.
        settings: The same of ``poetry.toml``, which says how it is built; of nothing where there is none.
        pin: Text of ``.python-version``; '' where there is none.
        needs: Which of the folders are there that are dependencies.
        code: Which of the places are there that the project itself may have its code at, and the digests of scripts that build it
            or are copied from it.
    """

    folder: str
    place: str
    lock: str
    decides: str
    settings: str
    pin: str
    needs: tuple[str, ...] = ()
    code: tuple[str, ...] = ()

    def source(self, selection: Mapping[str, Any], sync: bool) -> str:
        """Return what a receipt names as that which an environment is made from.

        Args:
            selection: What is installed of the project, as plain data.
            sync: Whether that is all that is installed.
        """
        plain: dict[str, Any] = {"lock": self.lock, "project": self.decides, "settings": self.settings}
        plain.update(place=self.place, pin=self.pin.split(), selection=dict(selection), needs=self.needs)
        if selection.get("root"):
            plain["code"] = self.code
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
        Refused: when it is no folder of this user's, lacks one of its files, or others could change one: all of them are named.
    """
    check_folder(folder)
    problems: list[Problem] = []
    read = {}
    for name in FILES:
        try:
            read[name] = read_file(folder, name)
        except Refused as refused:
            problems += refused.problems
    refuse_all(problems)
    said = mentioned(read[PYPROJECT].decode("utf-8", "replace"))
    return Project(
        folder,
        os.path.realpath(folder),
        digest_bytes(read[LOCK]),
        _digest_of_deciding(read[PYPROJECT]),
        _digest_of_deciding(read[SETTINGS]),
        _text(folder, read[PIN_FILE]),
        tuple(name for name in _there(folder, said.get("path", [])) if os.path.isdir(os.path.join(folder, name))),
        (*_there(folder, _places(said)), *_scripts(folder, said)),
    )


def check_folder(folder: str) -> None:
    """Check that a project's folder is there and this user's, and that nobody else could put something into it.

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
    check_own(folder, found)
    if found.st_uid == 0:  # What is in the project decides which programs run.
        from ansible_collections.netdevops.python.plugins.module_utils.people.ground import (
            check_ground,
        )  # as in check_own

        check_ground(folder)


def check_own(path: str, found: os.stat_result) -> None:
    """Check that what a project has at ``path`` is this user's or root's, and that nobody else may write it.

    Raises:
        Refused: when it is not: who writes there decides what runs.
    """
    user = os.geteuid()
    if found.st_uid not in (0, user):
        message = f"belongs to user id {found.st_uid}, who decides then what runs; this run is of {user}."
        refuse(path, message, "Check the project out again as its owner, or give it to them.")
    if not found.st_mode & WRITABLE_BY_OTHERS:  # Of an access control list the bits of the group are the mask (acl(5)).
        return
    from ansible_collections.netdevops.python.plugins.module_utils.people.ground import writers  # not on every host

    who = writers(found, {0, user}, path)
    if who:
        bits = "o-w" if who == "everybody" else "g-w"
        message = f"can be written by {who}, who decides then what runs."
        refuse(path, message, f"Take that permission away: chmod {bits} {path}")


def read_file(folder: str, name: str) -> bytes:
    """Return a file of a project; b"" for one that it may lack and does.

    Raises:
        Refused: when it is no regular file that can be read, or others could change it.
    """
    path = f"{folder}/{name}"
    try:
        found = read_regular(path, MOST_BYTES + 1, follow=False, check=lambda seen: check_own(path, seen))
    except FileNotFoundError:
        if name in _MAY_LACK:
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


def _places(said: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield where the code of a project may be: what it is called, and what is said of its packages, beside it or in ``src``."""
    names = [re.sub(r"[-_.]+", "_", name).lower() for name in said.get("name", ())]
    names += [name.partition("*")[0].rstrip("/") for name in said.get("include", ())]
    yield from ("src", *said.get("from", ()))
    for folder in (".", "src", *said.get("from", ())):
        for name in names:
            yield from (f"{folder}/{name}", f"{folder}/{name}.py")


def _there(folder: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name and os.path.exists(os.path.join(folder, name))})


def _scripts(folder: str, said: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the names and digests of the scripts of a project that build it, or that are copied into an environment."""
    for name in sorted({*said.get("script", ()), *said.get("build", ()), *said.get("reference", ())}):
        path = os.path.join(folder, name)
        try:
            found = read_regular(path, MOST_BYTES, check=functools.partial(check_own, path))
        except (OSError, ValueError):  # Most are none: a reference is the name of a function, as a rule.
            continue
        if found:
            yield f"{name} {digest_bytes(found[0])}"


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
