# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on an interpreter: environments, running processes, and the global pin."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

CONFIG = "pyvenv.cfg"
RELEASES = ".releases"
# Other machines' disks, which can be slow, dead or endless; and what holds no files of people at all.
ELSEWHERE = re.compile(
    r"9p|afs|autofs|beegfs|ceph|cifs|coda|davfs|fuse\.(rclone|s3fs|sshfs|glusterfs)|glusterfs|gpfs|lustre|nfs4?|ocfs2"
    r"|orangefs|smb3|smbfs|virtiofs|cgroup2?|debugfs|dev(pts|tmpfs)|mqueue|proc|pstore|securityfs|sysfs|tracefs"
)
# Large, and never home to an environment.
NEVER = frozenset((".git", ".hg", ".svn", "__pycache__", "node_modules", "site-packages"))
# The disks of containers: what is named in there is another machine's path.
CONTAINERS = re.compile(
    r"/var/lib/(docker|containerd|lxc|lxd|incus|machines|kubelet|snapd|flatpak)|.*/containers/storage|.*/docker/overlay2"
)

_OCTAL = re.compile(r"\\([0-7]{3})")


class Dependent(NamedTuple):
    """Something that stops to work when the interpreter goes.

    Attributes:
        kind: ``environment``, ``process`` or ``global``.
        path: The environment (of a release in use: its stable path), the folder of the process below /proc, or the pin.
        detail: What it has to do with the interpreter.
    """

    kind: str
    path: str
    detail: str


class Environment(NamedTuple):
    """An environment, and the ``bin`` folder of the interpreter that it was made from."""

    path: str
    home: str


def find_dependents(folder: str, search: Sequence[str], proc: str = "/proc") -> list[Dependent]:
    """Return everything that stands on the interpreter in ``folder``; writes nothing.

    Args:
        folder: ``<root>/versions/X.Y.Z``. Of a link, only what goes through the link stands on it.
        search: The folders in which environments are looked for; what cannot be read there is not looked at.
        proc: Where the kernel tells of processes.
    """
    return dependents_of(folder, find_environments(search), proc)


def dependents_of(folder: str, environments: Iterable[Environment], proc: str = "/proc") -> list[Dependent]:
    """Return which of ``environments`` stand on the interpreter in ``folder``, and what else does."""
    standing = [_named(one) for one in environments if _is_below(one.home, folder)]
    return sorted(standing) + _processes(folder, proc) + _pins(folder)


def find_environments(search: Sequence[str]) -> list[Environment]:
    """Return all environments in the folders ``search``, without following links.

    A file system of another machine is left out where it is mounted somewhere below, and not where it is named.
    """
    tops = list({os.path.realpath(path): None for path in search if os.path.isdir(path)})
    closed = frozenset(tops) | _mounted_elsewhere()
    found = {path: None for top in tops for path in _walk(top, closed)}
    return [Environment(path, home) for path in found for home in [_home(path)] if home]


def _walk(top: str, closed: frozenset[str]) -> Iterator[str]:
    """Yield each folder below ``top`` that holds a ``pyvenv.cfg``; such a one is not entered."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                below = []
                for entry in entries:
                    if entry.name == CONFIG:
                        yield folder
                        break
                    if entry.name not in NEVER and entry.is_dir(follow_symlinks=False):
                        below.append(entry.path)
                else:
                    waiting += [path for path in below if path not in closed and not CONTAINERS.fullmatch(path)]
        except OSError:
            continue  # gone meanwhile, or not ours to read


def _mounted_elsewhere() -> frozenset[str]:
    """Return where file systems are mounted that are not entered (proc(5), mountinfo)."""
    found = set()
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
            for line in stream:
                place, _dash, kind = line.partition(" - ")
                if ELSEWHERE.fullmatch(kind.partition(" ")[0]):
                    found.add(_OCTAL.sub(lambda code: chr(int(code.group(1), 8)), place.split()[4]))
    except OSError:
        pass
    return frozenset(found)


def _home(environment: str) -> str:
    """Return what the environment's ``pyvenv.cfg`` names as home; '' where it names none."""
    try:
        with open(os.path.join(environment, CONFIG), encoding="utf-8", errors="surrogateescape") as stream:
            pairs = (line.partition("=") for line in stream)
            return next((value.strip() for name, _equals, value in pairs if name.strip().lower() == "home"), "")
    except OSError:
        return ""


def _is_below(path: str, folder: str) -> bool:
    lexical = os.path.normpath(path).startswith(folder + "/")
    if os.path.islink(folder):
        return lexical
    return lexical or os.path.realpath(path).startswith(os.path.realpath(folder) + "/")


def _named(environment: Environment) -> Dependent:
    """Return the dependent under the name that people know; of a release, that is the link to it."""
    path, said = environment.path, f"its {CONFIG} names {environment.home}"
    above = os.path.dirname(path)
    if not above.endswith(RELEASES):
        return Dependent("environment", path, said)
    stable = above[: -len(RELEASES)]
    if os.path.realpath(stable) == os.path.realpath(path):
        return Dependent("environment", stable, said)
    return Dependent("environment", path, f"{said}; it is an earlier release of {stable}")


def _processes(folder: str, proc: str) -> list[Dependent]:
    if os.path.islink(folder):
        return []  # what runs is behind the link, and stays there
    start = os.path.realpath(folder) + "/"
    found = []
    for name in sorted((name for name in os.listdir(proc) if name.isdigit()), key=int):
        path = os.path.join(proc, name)
        try:
            program = os.readlink(os.path.join(path, "exe"))
        except OSError:
            continue  # ended meanwhile, a part of the kernel, or another user's
        if program.startswith(start):
            found.append(Dependent("process", path, f"it runs {program}"))
    return found


def _pins(folder: str) -> list[Dependent]:
    versions, version = os.path.split(folder)
    path = os.path.join(os.path.dirname(versions), "version")
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            lines = [line.partition("#")[0] for line in stream]
    except OSError:
        return []
    pinned = version in [word for line in lines for word in line.split()]
    return [Dependent("global", path, f"it pins {version} for everybody")] if pinned else []
