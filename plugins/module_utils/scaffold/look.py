# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at the paths of a repository. No link is followed, and nothing of another owner is touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground

MOST_BYTES = 8 << 20
_ASIDE = "Move it away, or leave that file out."


class Found(NamedTuple):
    """A file that is there: its content, its permission bits, and its group id."""

    data: bytes
    mode: int
    gid: int

    @property
    def executable(self) -> bool:
        """Whether its owner may run it."""
        return bool(self.mode & stat.S_IXUSR)


def check_repository(path: str) -> None:
    """Check that ``path`` is a folder of this user, and that nobody else decides what is there.

    Raises:
        Refused: when it is not.
    """
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        refuse(path, "expected the folder of a repository, found nothing.", "Clone it first, or correct the path.")
    if not stat.S_ISDIR(found.st_mode):
        refuse(path, "expected the folder of a repository, found something else.", "Correct the path.")
    if found.st_uid != os.geteuid():
        refuse(
            path,
            f"is someone else's: it belongs to user id {found.st_uid}, and this run is of {os.geteuid()}.",
            "Name its owner in `owner` and use become, or run as its owner.",
        )
    check_ground(path, lent=True)


def look(repository: str, paths: Iterable[str]) -> dict[str, Found]:
    """Return the files that are at ``paths``; what is not there is not in it.

    Raises:
        Refused: for each link, folder, device or file of another owner in the way, before anything is written.
    """
    found, problems = {}, []
    for path in sorted(set(paths)):
        flaws = list(_in_the_way(repository, path))
        problems += flaws
        if not flaws:
            one = read(repository, path)
            found.update({path: one} if one else {})
    refuse_all(list(dict.fromkeys(problems)))
    return found


def read(repository: str, path: str) -> Found | None:
    """Return the file at ``path``, or None when there is none; :func:`look` has seen that it is a file."""
    full = os.path.join(repository, path)
    try:
        read_data = read_regular(full, MOST_BYTES + 1, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if read_data is None:
        refuse(full, "expected a file, found something else.", _ASIDE)
    data, status = read_data
    if len(data) > MOST_BYTES:
        refuse(full, f"expected at most {MOST_BYTES >> 20} MiB, found more.", _ASIDE)
    return Found(data, stat.S_IMODE(status.st_mode), status.st_gid)


def _in_the_way(repository: str, path: str) -> Iterator[Problem]:
    """Yield what keeps a regular file from being at ``path``: the first thing on the way to it."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        step = os.path.join(repository, *parts[:count])
        try:
            status = os.lstat(step)
        except (FileNotFoundError, NotADirectoryError):
            return
        wanted, fits = ("file", stat.S_ISREG) if count == len(parts) else ("folder", stat.S_ISDIR)
        if not fits(status.st_mode):
            yield Problem(step, f"expected a {wanted} or nothing, found {_kind(status.st_mode)}.", _ASIDE)
            return
        if status.st_uid != os.geteuid():
            yield Problem(
                step,
                f"belongs to user id {status.st_uid}, and the repository to {os.geteuid()}.",
                "Give it to the owner of the repository.",
            )
            return


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a file" if stat.S_ISREG(mode) else "a pipe or device"
