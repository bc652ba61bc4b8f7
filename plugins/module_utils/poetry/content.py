# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Poetry puts into a release: fetched and installed by it, then compared with its plan and taken in as the release's own."""

from __future__ import annotations

import base64
import contextlib
import glob
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import packages_of
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import LINK, Installed
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import shebang
from ansible_collections.netdevops.python.plugins.module_utils.host.skeleton import everything
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.poetry.originals import Originals
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection
from ansible_collections.netdevops.python.plugins.module_utils.poetry.tool import Poetry
from ansible_collections.netdevops.python.plugins.module_utils.poetry.versions import is_same_version

KEEPS = "The environment still is what it was."


class Fetched:
    """What Poetry installs by itself.

    Args:
        run: Starts programs.
        poetry: Poetry.
        selection: What of the project is installed.
        goal: What is to be in the release afterwards.
        originals: The files that it may be installed from.
        check: Is called at the end; may refuse.

    Attributes:
        count: How many wheels this collection unpacked: none.
        size: Their size in bytes.
        warnings: What there was to say beside.
    """

    def __init__(
        self,
        run: Runner,
        poetry: Poetry,
        selection: Selection,
        goal: Goal,
        originals: Originals,
        check: Callable[[], None],
    ) -> None:
        self._run = run
        self._check = check
        self._poetry = poetry
        self._selection = selection
        self._goal = goal
        self._originals = originals
        self.count = self.size = 0
        self.warnings: tuple[str, ...] = ()

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Make the folder in which Poetry fetches what it installs, with what is at hand of that.

        It is there for this run alone, and swept by the next one where this one is killed.
        """
        with stages.stage("deliver", incoming):
            self._poetry = self._poetry.at(private_folder(incoming))
            self._originals.seed(self._poetry.artifacts)

    def fill(self, tree: Tree) -> None:
        """Let Poetry fill the empty environment of a release.

        Raises:
            Refused: when it fails, puts there what it did not plan, or takes files that the lock does not name.
        """
        try:
            self.warnings = self._poetry.install(self._selection, tree.root)
        finally:
            self._originals.keep(self._poetry.artifacts)
        self._originals.check(self._poetry.artifacts)
        take_in(self._run, tree, self._goal)
        self._check()


def private_folder(incoming: str) -> str:
    """Make the folder ``incoming`` of a run, and return one in it for Poetry; both are this user's alone."""
    folder = f"{incoming}/poetry"
    for one in (incoming, folder):
        with contextlib.suppress(FileExistsError):  # What is unpacked of a bundle may have made the first.
            os.mkdir(one, 0o700)
        os.chmod(one, 0o700)
    return folder


def take_in(run: Runner, tree: Tree, goal: Goal) -> None:
    """Compare what is in a release with what was planned, and make it the release's own: declared modes, digests.

    Raises:
        Refused: when the packages are others, or the environment itself is no longer what it was made as.
    """
    _check_own(tree)
    _check_interpreter(run, tree, goal)
    refuse_all(_strange(packages_of(tree.root), goal))
    _repair_scripts(tree)
    tree.adopt(sorted(set(everything(tree.root)) - set(tree.files)))


def _repair_scripts(tree: Tree) -> None:
    """Let the project's own commands start: Poetry names their interpreter as it is, and the kernel takes no blank and no long path."""
    if shebang(tree.python).startswith(f"#!{tree.python}\n".encode()):
        return
    first = re.compile(rb"#!(%s/bin/python[0-9.]*)\n" % re.escape(os.fsencode(tree.root)))
    changed = {}
    for name in sorted(os.listdir(tree.path("bin"))):
        path = tree.path(f"bin/{name}")
        data = b"" if os.path.islink(path) else _read(path)
        found = first.match(data)
        if found:
            new = shebang(os.fsdecode(found[1])) + data[found.end() :]
            with open(path, "wb") as stream:
                stream.write(new)
            changed[_recorded(data)] = _recorded(new)
    if changed:
        _record(tree, changed)


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _recorded(data: bytes) -> bytes:
    """Return what a RECORD says of a file beside its name."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return b"sha256=%s,%d" % (digest, len(data))


def _record(tree: Tree, changed: Mapping[bytes, bytes]) -> None:
    for path in glob.glob(f"{glob.escape(tree.path(tree.site_packages))}/*.dist-info/RECORD"):
        data = new = _read(path)
        for old, other in changed.items():
            new = new.replace(old, other)
        if new != data:
            with open(path, "wb") as stream:
                stream.write(new)


def _check_own(tree: Tree) -> None:
    changed = sorted(path for path, file in tree.files.items() if not file.wheel and not _is_as_made(tree, file))
    if changed:
        refuse(
            tree.root,
            f"Poetry, or a package that it built, changed what the environment itself consists of: {', '.join(changed[:5])}.",
            f"See what the project's build does. {KEEPS}",
        )


def _is_as_made(tree: Tree, file: Installed) -> bool:
    path = tree.path(file.path)
    try:
        mode = os.lstat(path).st_mode
        if file.kind == LINK:
            return os.readlink(path) == file.sha256
        if not stat.S_ISREG(mode):
            return stat.S_ISDIR(mode) and not file.sha256  # an empty folder; Poetry may have filled it
        return digest_file(path) == file.sha256
    except OSError:
        return False


def _check_interpreter(run: Runner, tree: Tree, goal: Goal) -> None:
    wanted, found = goal.interpreter, probe(run, tree.python)
    if (found.version, os.path.realpath(found.base_prefix)) == (wanted.version, os.path.realpath(wanted.base_prefix)):
        return
    refuse(
        tree.python,
        f"expected Python {wanted.version} of {wanted.base_prefix}, found {found.version} of {found.base_prefix}.",
        f"See that no setting of the project has Poetry choose an interpreter. {KEEPS}",
    )


def _strange(found: dict[str, str], goal: Goal) -> list[Problem]:
    """Return a problem for each package that is not as planned."""
    planned, step = goal.versions(), f"Run it again; if it stays so, look at how the package is built. {KEEPS}"
    problems = []
    for name in sorted({*planned, *found}):
        if name not in found:
            problems.append(Problem(f"{name} {planned[name]}", "was planned, and Poetry did not install it.", step))
        elif name not in planned:
            problems.append(Problem(f"{name} {found[name]}", "is there, and Poetry did not plan it.", step))
        elif not is_same_version(found[name], planned[name]):
            problems.append(Problem(name, f"expected {planned[name]}, as planned, found {found[name]}.", step))
    return problems
