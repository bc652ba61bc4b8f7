# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is to reach on this host: the packages for it, and the release that they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import check_bundle_id, read_manifest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, parse_manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import release_id
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import Selection, select


class Goal(NamedTuple):
    """What is to be reached, whatever it is made from.

    Attributes:
        options: What was asked.
        interpreter: What the probe said of the interpreter.
        release: The id of the release.
        target: The target that its packages are for.
        packages: Name, version and SHA-256 of the wheel per package, sorted; the last is '' where nobody knows it.
        bundle: Id of the bundle that they come from; '' without one.
        lock: SHA-256 of the lock that they come from; '' where nobody knows it.
    """

    options: Options
    interpreter: Interpreter
    release: str
    target: str
    packages: Sequence[Sequence[str]]
    bundle: str
    lock: str

    def versions(self) -> dict[str, str]:
        """Return the version of each package by its name."""
        return {package[0]: package[1] for package in self.packages}


def set_goal(options: Options, interpreter: Interpreter, manifest: Manifest) -> tuple[Goal, Selection]:
    """Return the goal that a bundle sets, and the wheels that make it.

    Raises:
        Refused: when it is not one for this host.
    """
    selection = select(manifest, interpreter, options.groups)
    packages = selection.packages()
    release = release_id(options.asked(), interpreter.version, selection.target, packages)
    lock = manifest.lock.get("sha256", "")
    return Goal(options, interpreter, release, selection.target, packages, manifest.id, lock), selection


def read_manifest(run: Runner, options: Options, path: str) -> Manifest:
    """Return the manifest of the bundle at ``path``. What is used of the bundle later is what its digests name.

    Raises:
        Refused: when it is not the bundle that was asked for, or nobody vouches for it who has to.
    """
    data = read_manifest_bytes(path)
    if options.allowed_signers:
        from ansible_collections.netdevops.python.plugins.module_utils.host.signature import check_signature

        check_signature(run, options.allowed_signers, path, data)
    manifest = parse_manifest(data, path)
    if options.source.startswith("bundle:"):
        check_bundle_id(path, manifest.id, options.source.partition(":")[2])
    return manifest
