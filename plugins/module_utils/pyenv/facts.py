# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interpreters a host has, from what and since when, as their receipts say; nothing is started to learn it."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.files import declared_modes, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import RECEIPT, Receipt, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

# Setup takes the name of a fact from the name of its file, and runs a file that is executable.
NAME = "netdevops_python"
SUFFIX = ".fact"
MODE = 0o644


def tell(roots: Sequence[str], path: str, state: str, check_mode: bool) -> dict[str, Any]:
    """Bring the fact file at ``path`` up to date, or remove it; return the module's result.

    Args:
        roots: The folders that hold ``versions/``.
        path: The fact file; '' to write none.
        state: ``present`` or ``absent``.
        check_mode: Whether to write nothing.

    Raises:
        Refused: when an option is wrong, a root cannot be read, or the file cannot be written.
    """
    refuse_all(_bad_paths(roots, path))
    try:
        known = gather(roots)
        plan = draw(known, path, state)
        if plan.changed and not check_mode:
            _apply(known, path, state)
    except OSError as error:
        problem = Problem(
            str(error.filename or path), f"{error.strerror or error}.", "Correct it, or run the task with become."
        )
        raise Refused([problem]) from error
    return {
        "changed": plan.changed,
        "fact_file": path,
        "actions": plan.summary(),
        "diff": plan.diff(path),
        "ansible_facts": {"ansible_local": {NAME: known}},
        **known,
    }


def gather(roots: Sequence[str]) -> dict[str, Any]:
    """Return what the receipts below ``roots`` say: ``interpreters``, and ``without_receipt`` with a reason each.

    A root that is not there has no interpreters.

    Raises:
        OSError: when the folder of the versions cannot be listed.
    """
    told: list[dict[str, Any]] = []
    others: list[dict[str, str]] = []
    for tree in sorted(_trees(roots), key=lambda tree: (_order(tree.version), tree.root)):
        said, reason = _read(tree)
        if reason:
            others.append({"path": tree.folder, "reason": reason})
        else:
            told.append(said)
    return {"interpreters": told, "without_receipt": others}


def draw(known: Mapping[str, Any], path: str, state: str) -> Plan:
    """Return what there is to do about the fact file at ``path``; writes nothing.

    Raises:
        Refused: when something other than a file is there, or when another user could put something there.
        OSError: when it is there and cannot be read.
    """
    if not path:
        return Plan({}, {})
    _check_place(path)
    before = _on_disk(path)
    after = {} if state == "absent" else {"mode": f"{MODE:04o}", "content": encode(known).decode()}
    verb = "write" if after else "remove"
    return Plan(_readable(before), _readable(after), (Action(verb, path),) if before != after else ())


def encode(known: Mapping[str, Any]) -> bytes:
    """Return the bytes of the fact file: sorted, for people too, and without a time of its own."""
    return (json.dumps(known, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _trees(roots: Sequence[str]) -> Iterator[Tree]:
    for root in sorted({os.path.normpath(root) for root in roots if root}):
        versions = os.path.join(root, "versions")
        if os.path.isdir(versions):
            # Other names are pyenv-virtualenv's environments, or dot names that are on their way out.
            yield from (Tree(root, name) for name in os.listdir(versions) if EXACT_VERSION.fullmatch(name))


def _order(version: str) -> str:
    """Return what sorts 3.9.2 before 3.11.2, and 3.13.0rc1 before 3.13.0."""
    return re.sub(r"[0-9]+", lambda number: number.group().zfill(6), version) + "~"


def _read(tree: Tree) -> tuple[dict[str, Any], str]:
    """Return what the version's receipt says, and '' or why there is nothing to believe."""
    try:
        owner = os.stat(tree.folder).st_uid
        if owner not in (0, os.geteuid()):
            return {}, f"belongs to user {owner}, whose word does not count here"
        receipt = read_receipt(tree.folder)
    except OSError as error:
        return {}, f"cannot be read: {error.strerror}"
    except Refused as refused:
        return {}, refused.problems[0].message.rstrip(".")
    if receipt is None:
        return {}, _why_none(tree)
    if receipt.version != tree.version:
        return {}, f"its receipt is of {receipt.version}"
    return _said(tree, receipt), ""


def _said(tree: Tree, receipt: Receipt) -> dict[str, Any]:
    return {
        "version": receipt.version,
        "root": tree.root,
        "executable": tree.executable,
        "target": receipt.target,
        "origin": dict(receipt.origin),
        "configure_opts": list(receipt.configure_opts),
        "patches": list(receipt.patches),
        "installed_at": receipt.installed_at,
    }


def _why_none(tree: Tree) -> str:
    if os.path.lexists(os.path.join(tree.folder, RECEIPT)):
        return "its receipt cannot be believed"
    return "its build is not finished" if os.path.isdir(tree.work) else "holds no receipt"


def _bad_paths(roots: Sequence[str], path: str) -> list[Problem]:
    problems = [
        Problem("roots", f"expected absolute paths on the host, found {root!r}.", "Write the whole path.")
        for root in roots
        if root and not os.path.isabs(root)
    ]
    if path and (not os.path.isabs(path) or not path.endswith(SUFFIX)):
        problems.append(
            Problem(
                "path",
                f"expected an absolute path that ends in {SUFFIX}, found {path!r}.",
                f"Write it as /etc/ansible/facts.d/{NAME}{SUFFIX}.",
            )
        )
    return problems


def _check_place(path: str) -> None:
    if os.path.isdir(path):
        refuse(path, "expected a file, found a folder.", "Choose another `path`, or move it away.")
    check_ground(os.path.dirname(path))


def _on_disk(path: str) -> dict[str, str]:
    try:
        with open(path, "rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            return {"mode": f"{mode:04o}", "content": stream.read().decode(errors="replace")}
    except FileNotFoundError:
        return {}


def _readable(found: Mapping[str, str]) -> dict[str, Any]:
    """Return the file for a diff: its data where it is JSON, so that a line of the diff is a fact."""
    if not found:
        return {}
    try:
        return {"mode": found["mode"], "content": json.loads(found["content"])}
    except ValueError:
        return dict(found)


def _apply(known: Mapping[str, Any], path: str, state: str) -> None:
    if state == "absent":
        os.unlink(path)
        return
    _make_folders(os.path.dirname(path))
    write_atomic(path, encode(known), MODE)


def _make_folders(folder: str) -> None:
    # makedirs gives its mode to the last folder alone.
    with declared_modes():
        os.makedirs(folder, exist_ok=True)
