# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a build: what is at the destination, what is to be there, and the steps between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build.bundle_folder import Found
from ansible_collections.netdevops.python.plugins.module_utils.build.contents import Contents
from ansible_collections.netdevops.python.plugins.module_utils.build.inputs import Inputs
from ansible_collections.netdevops.python.plugins.module_utils.build.interpreters import carried
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice
from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import SIGNATURE_FILE
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import INTERPRETERS_FOLDER, Manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan

SIGN = "sign"


def make_plan(
    inputs: Inputs,
    contents: Contents,
    found: Found,
    fetch: Sequence[Choice],
    manifest: Manifest | None,
    wrong: Mapping[str, str],
    unsigned: str = "",
) -> Plan:
    """Return the plan.

    Args:
        inputs: What was asked.
        contents: What the bundle is to hold.
        found: What is there.
        fetch: The files that are nowhere on this machine.
        manifest: The manifest to be, or None while it cannot be known.
        wrong: File name below the bundle to what is wrong with it.
        unsigned: Why the manifest is to be signed; '' where that is not asked for, or done.
    """
    actions = [Action("fetch", choice.file, "it is neither in the cache nor in the old bundle") for choice in fetch]
    actions += [
        Action("build", f"{choice.name} {choice.version}", f"the lock has only {choice.file}")
        for choice in contents.sdists()
    ]
    actions += [
        Action("copy", name, "the bundle does not hold it yet")
        for name in _copied(contents, found)
        if name not in wrong
    ]
    actions += [Action("repair", name, reason) for name, reason in sorted(wrong.items())]
    if found.manifest is None:
        actions.append(Action("write", found.path, "there is no bundle that can be read"))
    elif manifest != found.manifest or wrong:
        actions.append(Action("replace", found.path, _difference(found.manifest, manifest) or "files are wrong"))
    if unsigned:
        actions.append(Action(SIGN, SIGNATURE_FILE, unsigned))
    before: dict[str, Any] = {**_state(found.manifest), **({"wrong": dict(sorted(wrong.items()))} if wrong else {})}
    return Plan(before, _wanted(inputs, contents), tuple(actions))


def _copied(contents: Contents, found: Found) -> list[str]:
    files = {archive.description.file: archive.description.sha256 for archive in contents.interpreters.values()}
    return [f"{INTERPRETERS_FOLDER}/{file}" for file, sha256 in sorted(files.items()) if sha256 not in found.whole]


def _difference(old: Manifest, new: Manifest | None) -> str:
    """Name the parts of the manifest that change."""
    if new is None:
        return "its wheels change"
    parts = [field for field in Manifest._fields if getattr(old, field) != getattr(new, field)]
    return f"other {', '.join(parts)}" if parts else ""


def _state(manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        return {}
    plain = manifest.as_dict()
    plain["targets"] = {name: [wheel.file for wheel in wheels] for name, wheels in sorted(manifest.targets.items())}
    return plain


def _wanted(inputs: Inputs, contents: Contents) -> dict[str, Any]:
    """Return what is wanted in the form of :func:`_state`, as far as it is known."""
    own = [contents.root[0]] if contents.root else []
    targets = {}
    for name, choices in sorted(contents.chosen.items()):
        files = [(choice.name, _file(name, choice, contents)) for choice in choices] + [
            (inputs.name, file) for file in own
        ]
        targets[name] = [file for _name, file in sorted(files)]
    wanted: dict[str, Any] = {
        "schema": 1,
        "project": {"name": inputs.name, "version": inputs.version(own)},
        "pin": inputs.wanted.python,
        "lock": {"format": inputs.lock.format, "sha256": inputs.lock.sha256},
        "groups": list(inputs.wanted.groups),
        "extras": list(inputs.wanted.extras),
        "targets": targets,
    }
    if contents.interpreters:
        wanted["interpreters"] = {name: carried(archive)._asdict() for name, archive in contents.interpreters.items()}
    return wanted


def _file(target: str, choice: Choice, contents: Contents) -> str:
    built = None if choice.is_wheel else contents.built.get((target, choice.sha256))
    return built.file if built else choice.file
