# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One walk over a host's folders, for environments and what belongs to them. It follows no links and enters no environment."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular

CONFIG = "pyvenv.cfg"
RELEASES = ".releases"
# What pyenv_install looks through as well.
PLACES = ("/opt", "/srv", "/home", "/root", "/usr/local", "/var/lib")
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

MOST_BYTES = 1 << 16  # of a pyvenv.cfg, which has some ten lines

_LINE_END = re.compile(r"\r\n?|\n")
_OCTAL = re.compile(r"\\([0-7]{3})")


class Finds(NamedTuple):
    """What a walk came across, each as a list of absolute paths.

    Attributes:
        environments: Folders that hold a ``pyvenv.cfg``, releases among them.
        releases: Folders whose name ends in ``.releases``.
        links: Links that point into the folder of their own name with ``.releases`` added, there or not.
        unreadable: Folders that this user may not look into.
    """

    environments: list[str]
    releases: list[str]
    links: list[str]
    unreadable: list[str]


def find(search: Sequence[str]) -> Finds:
    """Return what is in the folders ``search``; one that is not there holds nothing.

    A file system of another machine is left out where it is mounted somewhere below, and not where it is named.
    """
    finds = Finds([], [], [], [])
    tops = list({top: None for path in search for top in _top(path, finds)})
    closed = frozenset(tops) | mounted_elsewhere()
    for top in tops:
        _walk(top, closed, finds)
    return finds


def _top(path: str, finds: Finds) -> tuple[str, ...]:
    try:
        os.stat(path)
    except PermissionError:
        finds.unreadable.append(path)
    except OSError:
        pass
    return (os.path.realpath(path),) if os.path.isdir(path) else ()


def _walk(top: str, closed: frozenset[str], finds: Finds) -> None:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            below = _look(folder, finds)
        except PermissionError:
            finds.unreadable.append(folder)
        except OSError:
            continue  # gone meanwhile
        else:
            waiting += [path for path in below if path not in closed and not CONTAINERS.fullmatch(path)]


def _look(folder: str, finds: Finds) -> list[str]:
    """Note what is in one folder, and return the folders to go on with: none of an environment."""
    below, links = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == CONFIG:
                finds.environments.append(folder)
                return []
            if entry.is_symlink():
                links.append(entry.path)
            elif entry.name not in NEVER and entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
                if entry.name.endswith(RELEASES):
                    finds.releases.append(entry.path)
    finds.links.extend(path for path in links if _is_into_releases(path))
    return below


def _is_into_releases(link: str) -> bool:
    try:
        return os.readlink(link).startswith(os.path.basename(link) + RELEASES + "/")
    except OSError:
        return False


def mounted_elsewhere() -> frozenset[str]:
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


def read_config(environment: str) -> dict[str, str]:
    """Return what the environment's ``pyvenv.cfg`` says, by names in lower case; nothing where it cannot be read."""
    try:
        found = read_regular(os.path.join(environment, CONFIG), MOST_BYTES)
    except (OSError, ValueError):
        return {}
    return parse_config(found[0].decode("utf-8", "surrogateescape") if found else "")


def parse_config(text: str) -> dict[str, str]:
    """Return what a ``pyvenv.cfg`` says, by names in lower case, as Python itself reads it."""
    pairs = [line.partition("=") for line in _LINE_END.split(text)]
    said = [(name.strip().lower(), value.strip()) for name, equals, value in pairs if equals]
    # Of one that is said twice the last counts (site), and of `home` the first (getpath).
    said += [pair for pair in said if pair[0] == "home"][:1]
    # A path with a NUL in it is none, and no call takes it.
    return {name: value for name, value in dict(said).items() if "\0" not in value}


def home_of(environment: str) -> str:
    """Return the ``bin`` folder of the interpreter that the environment was made from; '' where it does not say."""
    return read_config(environment).get("home", "")
