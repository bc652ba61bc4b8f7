# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is to reach on this host: the bundle's wheels for it, and the release that they make."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import check_bundle_id, read_manifest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, parse_manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import release_id
from ansible_collections.netdevops.python.plugins.module_utils.host.verify import Selection, select


class Goal(NamedTuple):
    """What is to be reached.

    Attributes:
        options: What was asked.
        interpreter: What the probe said of the interpreter.
        manifest: The bundle's.
        selection: The wheels for this host.
        release: The id of the release that follows from them.
    """

    options: Options
    interpreter: Interpreter
    manifest: Manifest
    selection: Selection
    release: str


def set_goal(options: Options, interpreter: Interpreter, manifest: Manifest) -> Goal:
    """Return the goal that a bundle sets.

    Raises:
        Refused: when it is not one for this host.
    """
    selection = select(manifest, interpreter, options.groups)
    release = release_id(options.asked(), interpreter.version, selection.target, selection.packages())
    return Goal(options, interpreter, manifest, selection, release)


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
