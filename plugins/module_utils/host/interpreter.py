# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter that a bundle carries, installed on a host that lacks it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    check_bundle_id,
    interpreter_files,
    read_description,
    read_manifest_bytes,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    DESCRIPTION_SUFFIX,
    INTERPRETERS_FOLDER,
    REBUILD,
    Carried,
    Manifest,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, run_process
from ansible_collections.netdevops.python.plugins.module_utils.common.target import best_target
from ansible_collections.netdevops.python.plugins.module_utils.host.ground import host_target
from ansible_collections.netdevops.python.plugins.module_utils.host.signature import check_signature
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import parse_description
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import wanted


class Order(NamedTuple):
    """What is asked.

    Attributes:
        bundle: Path of the bundle on this host, whole or only the part that was delivered.
        bundle_id: The id that it must have.
        root: The folder that holds ``versions/``.
        reason: Why the interpreter is lacking.
        allowed_signers: Absolute path of the file that says whose signatures count; '' where none is asked for.
    """

    bundle: str
    bundle_id: str
    root: str
    reason: str
    allowed_signers: str = ""


def bring(order: Order, aside: str, check_mode: bool, run: Runner = run_process) -> dict[str, Any]:
    """Install the interpreter of the bundle that is for this host, and return the module's result.

    The signature, where one is asked for, and the id vouch for the manifest, that for the description, and that for the
    archive: each is checked before the next is believed.

    Args:
        order: What is asked.
        aside: A new folder for what must be unpacked of a tar; the caller takes it away.
        check_mode: Write nothing; the archive need not be there.
        run: Starts the Python that runs this, to ask what kind of host it is.

    Raises:
        Refused: when the bundle carries none for this host, it is not what was asked for, does not run here, or cannot be
            installed; what was there before is then there again.
    """
    data = read_manifest_bytes(order.bundle)
    if order.allowed_signers:
        check_signature(run, order.allowed_signers, order.bundle, data)
    manifest = parse_manifest(data, order.bundle)
    check_bundle_id(order.bundle, manifest.id, order.bundle_id)
    carried = manifest.interpreter(best_target(manifest.targets, host_target(run, manifest.pin)), order.reason)
    said = read_description(order.bundle, carried)
    description = _described(said, manifest, carried)
    place: dict[str, Any] = {"archive": carried.file, "offered": [description]}
    if not check_mode:
        place = {"archive": _set_aside(order.bundle, carried, said, aside), "remote_src": True}
    asked = {
        "version": manifest.pin,
        "root": order.root,
        "source": "archive",
        "archive_sha256": carried.sha256,
        **place,
    }
    try:
        result = ensure(wanted(asked), check_mode)
    except Refused as refused:
        raise Refused([_as_known_here(problem, carried) for problem in refused.problems]) from None
    return _result(manifest, carried, result)


def _set_aside(bundle: str, carried: Carried, description: bytes, aside: str) -> str:
    """Return the path of the archive, in a folder where the description that was checked lies beside it.

    Whoever may write to the bundle could put another one there by now. The archive itself is checked while it is unpacked.
    """
    place = interpreter_files(bundle, carried, aside)
    path = os.path.join(aside, carried.file)
    if place != path:
        os.mkdir(aside, 0o700)
        os.symlink(os.path.abspath(place), path)
    write_atomic(path + DESCRIPTION_SUFFIX, description, 0o600)
    return path


def _described(data: bytes, manifest: Manifest, carried: Carried) -> dict[str, Any]:
    """Return the description of an archive, which is the one that the manifest names."""
    subject = f"{INTERPRETERS_FOLDER}/{carried.file}{DESCRIPTION_SUFFIX}"
    said = parse_description(data, subject)
    if (said.version, said.file, said.sha256, said.size) != (manifest.pin, *carried[:3]):
        refuse(subject, "describes another archive than the manifest of the bundle.", REBUILD)
    return said.as_dict()


def _as_known_here(problem: Problem, carried: Carried) -> Problem:
    """Return a problem in the words of a bundle: the archive is part of it, and the root has another name."""
    subject = problem.subject
    if os.path.basename(subject) == carried.file:
        subject = f"{INTERPRETERS_FOLDER}/{carried.file}"
    return problem._replace(subject=subject, next_step=problem.next_step.replace("`root`", "`interpreter_root`"))


def _result(manifest: Manifest, carried: Carried, result: Mapping[str, Any]) -> dict[str, Any]:
    facts = {"version": manifest.pin, "executable": result["executable"], "file": carried.file, "size": carried.size}
    return {
        "changed": result["changed"],
        "actions": result["actions"],
        "diff": result["diff"],
        "interpreter": facts,
        "seconds": {"interpreter": result["seconds"]},
    }
