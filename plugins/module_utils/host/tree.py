# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release under construction: files are created in it, never replaced."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import FILE, FOLDER, LINK, SHARED, Installed


class Tree:
    """The folder of a release that is being built.

    Args:
        root: Its absolute path, where it will stay.
        python_folder: ``lib/python3.11`` and the like, relative to it.
        mode: Permission bits of folders and of files that may be run; others get them without x.

    The caller has set the umask to 0, so that modes are as declared under every login.
    """

    def __init__(self, root: str, python_folder: str, mode: int) -> None:
        self.root = root
        self.here = (
            root  # where its files are reached while it is built: the same folder, by a name that nobody can move
        )
        self.site_packages = f"{python_folder}/site-packages"
        self.mode = mode
        self.made: os.stat_result | None = None  # the folder itself, whatever its path leads to by now
        self.files: dict[str, Installed] = {}
        self._folders = {""}

    @property
    def python(self) -> str:
        """The environment's interpreter, as scripts name it."""
        return f"{self.root}/bin/python"

    def path(self, relative: str) -> str:
        """Return a path by which ``relative`` is reached."""
        return f"{self.here}/{relative}"

    def file_mode(self, executable: bool) -> int:
        """Return the permission bits of a file."""
        return self.mode if executable else self.mode & 0o666

    def write(
        self, relative: str, data: bytes, sha256: str, wheel: str, kind: str = FILE, executable: bool = False
    ) -> None:
        """Create a file.

        Raises:
            Refused: when another wheel put a different file there.
        """
        mode = self.file_mode(executable)
        self.make_folder(os.path.dirname(relative))
        try:
            descriptor = os.open(self.path(relative), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except (FileExistsError, IsADirectoryError):
            self.clash(relative, sha256, wheel)
            return
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
        self.files[relative] = Installed(relative, kind, mode, len(data), sha256, wheel)

    def share(self, old_root: str, files: Iterable[Installed], link: bool) -> None:
        """Make files of an earlier release part of this one, by hard link where that is wanted and possible, else by copy."""
        by_folder: dict[str, list[Installed]] = {}
        for file in files:
            if file.path in self.files:
                self.clash(file.path, file.sha256, file.wheel)
            else:
                by_folder.setdefault(file.path.rpartition("/")[0], []).append(file)
        for folder, inside in by_folder.items():
            self.make_folder(folder)
            for file in self._link(old_root, folder, inside) if link else inside:
                self._copy(old_root, file)

    def _link(self, old_root: str, folder: str, files: Sequence[Installed]) -> Sequence[Installed]:
        """Link files of one folder, and return those that could not be linked."""
        left = []
        # From the folders' descriptors: two long paths to look up are more work than the link.
        with _opened(f"{old_root}/{folder}") as source, _opened(self.path(folder)) as target:
            for file in files:
                if _linked(file.path.rpartition("/")[2], source, target):
                    self.files[file.path] = file
                else:
                    left.append(file)
        return left

    def _copy(self, old_root: str, file: Installed) -> None:
        with open(f"{old_root}/{file.path}", "rb") as stream:
            data = stream.read()
        self.write(file.path, data, file.sha256, file.wheel, file.kind, bool(file.mode & 0o111))

    def clash(self, relative: str, sha256: str, wheel: str) -> None:
        """Accept the same file from a second wheel; refuse a different one."""
        there = self.files.get(relative)
        if there is None or there.sha256 != sha256:
            owner = there.wheel[:16] if there and there.wheel else "the environment itself"
            refuse(
                relative,
                f"wheel {wheel[:16]} would overwrite the file of {owner}.",
                "Two packages cannot share a file; drop one of them from the lock.",
            )
        if there.wheel and wheel not in there.wheels():  # Either may go in a later release, and the file stays then.
            self.files[relative] = there._replace(wheel=there.wheel + SHARED + wheel)

    def make_folder(self, relative: str) -> None:
        """Create a folder and those above it."""
        if relative in self._folders:
            return
        self.make_folder(os.path.dirname(relative))
        try:
            os.mkdir(self.path(relative), self.mode)
        except FileExistsError:
            # A link to a folder (lib64) is none: what is written through it would have two names.
            if not stat.S_ISDIR(os.lstat(self.path(relative)).st_mode):
                refuse(
                    relative,
                    "is a folder of one wheel, and a file of another or of the environment itself.",
                    "Drop one of them from the lock.",
                )
        self._folders.add(relative)

    def adopt(self, relatives: Iterable[str]) -> None:
        """Take what another program created (``venv``) as this release's own: declared mode, digest."""
        for relative in relatives:
            path = self.path(relative)
            found = os.lstat(path)
            if stat.S_ISDIR(found.st_mode):
                os.chmod(path, self.mode)
                self._folders.add(relative)
                if not os.listdir(path):
                    self.files[relative] = Installed(relative, FOLDER, self.mode, 0, "", "")
            elif stat.S_ISLNK(found.st_mode):
                self.files[relative] = Installed(relative, LINK, 0o777, 0, os.readlink(path), "")
            else:
                self._adopt_file(relative, bool(found.st_mode & 0o100))

    def _adopt_file(self, relative: str, executable: bool) -> None:
        path = self.path(relative)
        mode = self.file_mode(executable)
        os.chmod(path, mode)
        # A library can be larger than the memory of the host.
        self.files[relative] = Installed(relative, FILE, mode, os.path.getsize(path), digest_file(path), "")


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of ``data``: one call may write less, and at most 2 GiB."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextlib.contextmanager
def _opened(folder: str) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _linked(name: str, source: int, target: int) -> bool:
    try:
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return False  # Too many links, or a file system without them.
    return True
