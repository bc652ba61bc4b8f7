# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there of an interpreter now; only its receipt and its own word count."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import access
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.configured import difference, words_of
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import (
    MISSING,
    RECEIPT,
    Receipt,
    digest_binary,
    load_receipt,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree

INTERRUPTED = "its build was interrupted, or is under way"


class Found(NamedTuple):
    """What is there.

    Attributes:
        state: ``absent``; ``present``: has a receipt, proves itself and is as asked; ``broken``: does not prove itself;
            ``foreign``: proves itself and has no receipt; ``different``: is not as asked.
        reason: Why it is broken, foreign or different, or ''.
        unfinished: Whether what is there is the rest of a build, which nobody wants back.
        leftovers: What interrupted runs left to be deleted.
        receipt: Its receipt, where it has one that can be believed.
        said: What the interpreter says, where it proves itself.
        stale: In what it differs so that it has to be installed again, although what stands on it works; or ''.
        repairs: What has to be done about its owner and permissions.
    """

    state: str
    reason: str = ""
    unfinished: bool = False
    leftovers: tuple[str, ...] = ()
    receipt: Receipt | None = None
    said: Interpreter | None = None
    stale: str = ""
    repairs: tuple[Action, ...] = ()


def inspect(run: Runner, tree: Tree, wanted: Wanted) -> Found:
    """Return what is there of the version; writes nothing.

    Raises:
        Refused: when it belongs to another user, whose program we must not run; when a patch that is asked for cannot be
            read; when the disk or the interpreter did not answer, which says nothing of an interpreter that is in use.
    """
    leftovers, work = tuple(tree.leftovers()), os.path.isdir(tree.work)
    if not os.path.lexists(tree.folder):
        return Found("absent", "", work, leftovers)
    access.refuse_strangers(tree, wanted.owner)
    receipt = _read(tree, wanted)
    if receipt is None and (work or _is_unfinished_elsewhere(tree)):
        return Found("broken", INTERRUPTED, work, leftovers)
    # A receipt is written last: with it, the work folder is only what a run could not delete any more.
    leftovers += (tree.work,) if work else ()
    try:
        reason = _receipt_flaw(receipt, tree) if receipt else ""
        said, reason = (None, reason) if reason else _hear(run, tree.folder, tree.version, wanted.modules)
    except Unheard as unheard:
        if wanted.state == "present":
            raise
        said, reason = None, unheard.problems[0].message.rstrip(".")
    if said is None:
        return Found("broken", reason, False, leftovers, receipt)
    return _judged(tree, wanted, receipt, said)._replace(leftovers=leftovers)


def _judged(tree: Tree, wanted: Wanted, receipt: Receipt | None, said: Interpreter) -> Found:
    """Return what is to be said of an interpreter that proves itself."""
    has = (receipt.configure_opts, receipt.patches) if receipt else (words_of(said.config_args), ())
    lacks = _lacks(said)
    if lacks and receipt is None:
        return Found("broken", lacks, stale=lacks)
    if receipt and set(said.broken) & set(receipt.modules):
        return Found("broken", lacks, receipt=receipt)  # damaged since then: what stands on it needs the repair
    stale = lacks or difference(wanted, *has)
    repairs = access.repairs(tree, wanted.owner, wanted.mode)
    reason = "; ".join([*([stale] if stale else []), *(repair.reason for repair in repairs)])
    if receipt is None:
        return Found("foreign", "works, and somebody else installed it", said=said, stale=stale, repairs=repairs)
    return Found("different" if reason else "present", reason, False, (), receipt, said, stale, repairs)


def _is_unfinished_elsewhere(tree: Tree) -> bool:
    """Whether the version is a link into a tree in which it is being built."""
    real = os.path.realpath(tree.folder)
    above = os.path.dirname(real)
    there = Tree(os.path.dirname(above), os.path.basename(real))
    return os.path.islink(tree.folder) and os.path.basename(above) == "versions" and os.path.isdir(there.work)


def _read(tree: Tree, wanted: Wanted) -> Receipt | None:
    try:
        return load_receipt(tree.folder)
    except OSError as error:
        if wanted.state == "absent":
            return None
        raise _unread(os.path.join(tree.folder, RECEIPT), error) from None


def _unread(path: str, error: OSError) -> Unheard:
    # A disk that failed once says nothing of an interpreter that is in use.
    return Unheard([Problem(path, f"cannot be read: {error.strerror}.", "Run it again, as a user who may read it.")])


def _receipt_flaw(receipt: Receipt, tree: Tree) -> str:
    if receipt.version != tree.version:
        return f"its receipt is of {receipt.version}"
    for name, digest in sorted(receipt.core.items()):
        path = os.path.join(tree.folder, name)
        try:
            if digest_binary(path) != digest:
                return f"{name} is not the file that was installed"
        except OSError as error:
            if error.errno not in MISSING:
                raise _unread(path, error) from None
            return f"{name} cannot be read: {error.strerror}"
    return ""


def prove(run: Runner, folder: str, version: str, modules: tuple[str, ...]) -> tuple[Interpreter | None, str]:
    """Return what the interpreter in ``folder`` says of itself, and '' or, with None, why that is no proof.

    Raises:
        Unheard: when it could not be asked.
    """
    said, reason = _hear(run, folder, version, modules)
    reason = reason or (_lacks(said) if said else "")
    return (None, reason) if reason else (said, "")


def _hear(run: Runner, folder: str, version: str, modules: tuple[str, ...]) -> tuple[Interpreter | None, str]:
    """Return the same as :func:`prove` of one that may lack modules: what stands on it can do without them."""
    user = access.runs_as(folder, version)
    try:
        said = probe(run, os.path.join(folder, "bin", "python"), modules, user)
    except Unheard:
        raise
    except Refused as error:
        return None, error.problems[0].message.rstrip(".")
    reason = _flaw(said, folder, version)
    return (None, reason) if reason else (said, "")


def _flaw(said: Interpreter, folder: str, version: str) -> str:
    if said.version != version:
        return f"it says that it is {said.version}"
    home = os.path.realpath(folder)
    if os.path.realpath(said.base_prefix) != home:
        return f"it lives in {said.base_prefix}, not in {folder}"
    strange = [path for path in said.libpython if not os.path.realpath(path).startswith(home + "/")]
    if strange:
        return f"it runs with {strange[0]}, which is another interpreter's library"
    return ""


def _lacks(said: Interpreter) -> str:
    if not said.broken:
        return ""
    return "these modules do not import: " + "; ".join(f"{name} ({why})" for name, why in sorted(said.broken.items()))


def describe(tree: Tree, found: Found) -> dict[str, Any]:
    """Return ``found`` as the plain data that results and diffs show."""
    plain: dict[str, Any] = {"version": tree.version, "state": found.state}
    if found.state != "absent":
        plain["executable"] = tree.executable
    if found.reason:
        plain["reason"] = found.reason
    if found.leftovers:
        plain["leftovers"] = list(found.leftovers)
    return plain
