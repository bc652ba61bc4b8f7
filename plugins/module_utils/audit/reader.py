# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a host: small files and folders below a root, and a memory of what could not be read."""

from __future__ import annotations

import os
import stat

from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import steps

LARGEST = 1 << 20
MOST_LINKS = 40  # as the kernel counts (ELOOP)


class Reader:
    """Reads below ``root``; every path is given as the host knows it, such as ``/etc/pip.conf``.

    What is not there is no trouble. What is there and cannot be read is remembered: it must never pass for clean.

    Args:
        root: ``/``, or the folder of a test that looks like a host.

    Attributes:
        unreadable: Why, by path.
    """

    def __init__(self, root: str = "/") -> None:
        self.root = root.rstrip("/")
        self.unreadable: dict[str, str] = {}

    def real(self, path: str) -> str:
        """Return where ``path`` is on this machine."""
        return self.root + path

    def names(self, folder: str) -> list[str]:
        """Return what is in a folder, sorted; nothing where there is none."""
        try:
            return sorted(os.listdir(self.real(folder)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError) as error:
            self.missed(folder, error)
            return []

    def text(self, path: str) -> str | None:
        """Return the text of a file; None where there is none, or none that can be read."""
        data = self.data(path)
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, path: str, largest: int = LARGEST) -> bytes | None:
        """Return the bytes of a regular file of at most ``largest`` bytes, as :meth:`text` does."""
        try:
            read = read_regular(self.real(path), largest, check=lambda found: self._check(path, found, largest))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            self.missed(path, error)
            return None
        if read is None:
            self._not_regular(path)
        return read[0] if read else None

    def _check(self, path: str, found: os.stat_result, largest: int) -> None:
        if found.st_size > largest:
            raise ValueError(f"has {found.st_size} bytes, more than a file of its kind")
        # A person's link may lead to what only root can read, and the audit is published.
        for step in steps(self.real(path)):
            link = os.lstat(step)
            if stat.S_ISLNK(link.st_mode) and link.st_uid not in (0, found.st_uid):
                raise ValueError(f"a link of user id {link.st_uid} leads to a file of user id {found.st_uid}")

    def _not_regular(self, path: str) -> None:
        found = self._stat(path, follow=True)
        # As people turn a configuration off.
        if found is not None and not stat.S_ISCHR(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            self.unreadable[path] = "is no regular file"

    def exists(self, path: str) -> bool:
        """Whether something is there, a dangling link included."""
        return self._stat(path, follow=False) is not None

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, or a link to one."""
        found = self._stat(path, follow=True)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def is_link(self, path: str) -> bool:
        """Whether it is a link."""
        found = self._stat(path, follow=False)
        return found is not None and stat.S_ISLNK(found.st_mode)

    def target(self, path: str) -> str:
        """Return what a link finally leads to, as the host knows it; the path itself where it is none."""
        for _step in range(MOST_LINKS):
            if not self.is_link(path):
                break
            try:
                target = os.readlink(self.real(path))
            except OSError:
                break  # gone meanwhile
            path = os.path.normpath(os.path.join(os.path.dirname(path), target))
        return path

    def _stat(self, path: str, follow: bool) -> os.stat_result | None:
        try:
            return os.stat(self.real(path), follow_symlinks=follow)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            self.missed(path, error)
            return None

    def missed(self, path: str, error: Exception) -> None:
        """Remember that ``path`` could not be read."""
        self.unreadable[path] = f"{getattr(error, 'strerror', '') or error}".lower()
