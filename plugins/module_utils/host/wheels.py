# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release is made from: the wheels of a bundle, and what an earlier release shares of them."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import open_bundle
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.host import installer
from ansible_collections.netdevops.python.plugins.module_utils.host.archive import WheelArchive
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey
from ansible_collections.netdevops.python.plugins.module_utils.host.sharing import Earlier, open_earlier, places
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import (
    Holder,
    Selection,
    check_room,
    open_wheels,
)


class Wheels:
    """The wheels of one release.

    Args:
        options: What is asked.
        interpreter: What the release stands on.
        selection: The wheels.
        bundle: Path of the bundle that has them, whole or without those that an earlier release has.

    Attributes:
        count: How many are unpacked.
        size: Their size in bytes.
    """

    def __init__(self, options: Options, interpreter: Interpreter, selection: Selection, bundle: str) -> None:
        self._options = options
        self._interpreter = interpreter
        self._selection = selection
        self._bundle = bundle
        self._archives: Sequence[WheelArchive] = ()
        self._earlier: Sequence[Earlier] = ()
        self.count = self.size = 0

    def collect(self, seen: Survey, incoming: str, stages: Stages) -> None:
        """Have all of them at hand, checked, before a release is begun.

        Args:
            seen: The environment, looked at under its lock.
            incoming: A folder that may be made for what has to be unpacked of a bundle; the caller removes it.
            stages: Where seconds are noted.

        Raises:
            Refused: naming each wheel that is missing or not what it says, or the disk that has too little room.
        """
        releases = self._options.environment.releases
        with stages.stage("deliver", releases):
            holder = self._open(incoming)
        with stages.stage("verify", releases):
            wanted = {wheel.sha256 for wheel in self._selection.wheels}
            found = places(self._options, seen, self._interpreter, wanted)
            shared = {wheel: name for wheel, name in found.items() if wheel in wanted}
            lacking = [wheel for wheel in self._selection.wheels if wheel.sha256 not in shared]
            self._archives = open_wheels(holder, lacking)
            check_room(releases, self._archives, self._options.compile)
            self._earlier = open_earlier(self._options, shared)
        self.count, self.size = len(lacking), sum(wheel.size for wheel in lacking)

    def _open(self, incoming: str) -> Holder:
        return open_bundle(self._bundle, incoming)

    def fill(self, tree: Tree) -> None:
        """Put them into the empty environment of a release.

        Raises:
            Refused: when a wheel is not what it says.
            OSError: when the disk fails.
        """
        for release in self._earlier:
            _share(release, tree, self._options, self._interpreter)
        for archive in self._archives:
            installer.install(archive, tree)


def _share(earlier: Earlier, tree: Tree, options: Options, interpreter: Interpreter) -> None:
    receipt = earlier.receipt
    same_bytecode = options.compile and receipt.interpreter["version"] == interpreter.version
    # A link shares its owner and mode with the earlier release; where these are to change, it has to be a copy.
    linkable = receipt.asked["mode"] == f"{options.mode:04o}" and tuple(receipt.owner) == options.owner_ids()
    for files in earlier.files.values():
        installer.carry(files, earlier.root, tree, bytecode=same_bytecode, link=linkable)
