# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment on a host: the stable path, the releases beside it, and the link between them."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.temporary import TEMPORARY_PREFIX
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import RECEIPT_FILE, Receipt, read_receipt

RELEASES_SUFFIX = ".releases"
KEPT_RECORD = ".kept"  # among the releases: names folders that made room for the link
IGNORE_FILE = ".gitignore"  # where the releases stand in somebody's repository
NAME_DIGITS = 16
RUBBISH_PREFIX, INCOMING_PREFIX, LINK_PREFIX = ".rubbish-", ".incoming-", ".link-"
LEFTOVERS = (RUBBISH_PREFIX, INCOMING_PREFIX, LINK_PREFIX, TEMPORARY_PREFIX)
# What is written down of an environment, beside its releases.
RECORDS = frozenset((".lock", ".journal", ".held", ".commands", KEPT_RECORD, IGNORE_FILE))
_RELEASE_NAME = re.compile(r"[0-9a-f]{16}(-[0-9]+)?")

# A long path is named in a script's second line, between a shell's double quotes.
_UNQUOTABLE = re.compile(r"""[\x00-\x1f\x7f"\\$`]""")

ABSENT, CURRENT, DANGLING, ELSEWHERE, FOLDER = "absent", "current", "dangling", "elsewhere", "folder"


class Environment(NamedTuple):
    """The paths of one environment. ``venv`` is the absolute path that people use."""

    venv: str

    @property
    def releases(self) -> str:
        """The folder that holds the releases and nothing of anybody else's."""
        return self.venv + RELEASES_SUFFIX

    def release(self, name: str) -> str:
        """The folder of the release ``name``."""
        return os.path.join(self.releases, name)

    def link_target(self, name: str) -> str:
        """What the environment's link says for the release ``name``: relative, so that the tree can be mounted elsewhere."""
        return os.path.join(os.path.basename(self.releases), name)

    def names(self) -> list[str]:
        """Return the names of the releases that have a receipt, the newest receipt first."""
        times = {}
        for name in self._entries():
            if not _RELEASE_NAME.fullmatch(name):  # What is on its way out has a receipt as well.
                continue
            try:
                times[name] = os.stat(os.path.join(self.release(name), RECEIPT_FILE)).st_mtime_ns
            except OSError:
                continue
        return sorted(times, key=lambda name: times[name], reverse=True)

    def leftovers(self) -> list[str]:
        """Return what no finished run leaves: folders without a receipt, deliveries, temporary files and links.

        It is rubbish only where no other run is at work: where the lock is free, or the caller's. What the link names
        is none, whatever it has lost: it runs until another release takes its place.
        """
        try:
            current = os.path.basename(os.readlink(self.venv))
        except OSError:
            current = ""
        return sorted(name for name in self._entries() if name != current and self._is_leftover(name))

    def _is_leftover(self, name: str) -> bool:
        path = self.release(name)
        if name in RECORDS:  # These are files. A folder in the place of one would be in the way for ever.
            return os.path.isdir(path) and not os.path.islink(path)
        if is_release_name(name):
            return os.path.isdir(path) and not os.path.exists(os.path.join(path, RECEIPT_FILE))
        return name.startswith(LEFTOVERS)

    def strangers(self) -> list[str]:
        """Return the names of what lies among the releases and was not put there by this collection."""
        return sorted(name for name in self._entries() if not _is_ours(name))

    def _entries(self) -> list[str]:
        return os.listdir(self.releases) if os.path.isdir(self.releases) else []

    def free_name(self, release_id: str) -> str:
        """Return a name that no folder has yet for the release ``release_id``.

        A release that drifted keeps its folder, so the one that repairs it stands beside it.
        """
        name, count = release_id[:NAME_DIGITS], 1
        while os.path.lexists(self.release(name)):
            count += 1
            name = f"{release_id[:NAME_DIGITS]}-{count}"
        return name


def is_release_name(name: str) -> bool:
    """Whether a folder of this name may be a release."""
    return _RELEASE_NAME.fullmatch(name) is not None


def _is_ours(name: str) -> bool:
    return name in RECORDS or name.startswith(LEFTOVERS) or is_release_name(name)


class Found(NamedTuple):
    """What stands at the environment's path.

    Attributes:
        state: ``absent``, ``current`` (a link to a release), ``dangling`` (a link to a release that is gone
            or has no receipt), ``elsewhere`` (a link of ours that somebody turned to another place: there are releases
            beside it) or ``folder`` (an ordinary one).
        name: The release's name; '' where there is none.
        receipt: Its receipt; None where there is none.
        target: What a link that points elsewhere says; '' for any other state.
    """

    state: str
    name: str = ""
    receipt: Receipt | None = None
    target: str = ""


def check_path(venv: str) -> Environment:
    """Return the environment at ``venv``.

    Raises:
        Refused: for a path that cannot be one.
    """
    path = venv.rstrip("/")
    # POSIX lets two slashes at the start mean something of its own, and normpath leaves them.
    if not os.path.isabs(venv) or path.startswith("//") or os.path.normpath(path or "/") != (path or "/"):
        refuse(
            f"venv {venv!r}",
            "expected an absolute path without '.', '..' or '//'.",
            "Name the folder in full, for example /opt/netops/app/.venv.",
        )
    if path.count("/") < 2:
        refuse(
            f"venv {venv!r}",
            "expected a path below some folder, found the root or a folder of the system.",
            "Name for example /opt/netops/app/.venv.",
        )
    if _UNQUOTABLE.search(path):
        refuse(f"venv {venv!r}", "holds a character that no script's first line can hold.", "Choose another path.")
    return Environment(path)


def look(environment: Environment) -> Found:
    """Say what stands at the environment's path, touching nothing.

    Raises:
        Refused: for what this collection did not make and will not replace.
    """
    try:
        found = os.lstat(environment.venv)
    except FileNotFoundError:
        return Found(ABSENT)
    except OSError as error:
        refuse(environment.venv, f"cannot be looked at: {error.strerror}.", "Check the folders above it.")
    if stat.S_ISLNK(found.st_mode):
        return _look_behind(environment)
    if stat.S_ISDIR(found.st_mode):
        return Found(FOLDER)
    refuse(
        environment.venv, "expected an environment or nothing, found a file.", "Move it away, or choose another path."
    )


def _look_behind(environment: Environment) -> Found:
    target = os.readlink(environment.venv)
    name = os.path.basename(target)
    if target != environment.link_target(name):
        return _look_elsewhere(environment, target)
    receipt = read_receipt(environment.release(name))
    return Found(CURRENT if receipt else DANGLING, name, receipt)


def _look_elsewhere(environment: Environment, target: str) -> Found:
    # A receipt beside the link says whose the link is.
    if any(read_receipt(environment.release(name)) for name in environment.names()):
        return Found(ELSEWHERE, target=target)
    state = "a link" if os.path.exists(environment.venv) else "a dangling link"
    refuse(
        environment.venv,
        f"expected a link to one of its releases, found {state} to {target}.",
        "Remove the link, or choose another path.",
    )
