# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter of the pin on the build box: needed only to build what has no wheel."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target


def find_python(run: Runner, pin: str, named: str, environ: Mapping[str, str]) -> Interpreter | None:
    """Return an interpreter that proves to be ``pin``, or None when this machine has none.

    Args:
        run: Starts it, to ask what it is.
        pin: The exact version.
        named: The path that the user gave, or ''.
        environ: HOME, PATH and PYENV_ROOT are read.

    Raises:
        Refused: when the one that the user named is not there or is another version.
    """
    if named:
        found = probe(run, named)
        if found.version != pin:
            refuse(
                named,
                f"expected Python {pin}, found {found.version}.",
                "Name an interpreter of the pin in `python`, or leave it out.",
            )
        return found
    proven = (_proven(run, path, pin) for path in _candidates(pin, environ))
    return next((found for found in proven if found), None)


def this_target(run: Runner, pin: str, found: Interpreter | None) -> Target:
    """Return the target that this machine is for ``pin``; without its interpreter, libc and architecture of our own."""
    if found:
        return found.target
    abi = "cp" + "".join(pin.split(".")[:2])
    return probe(run, sys.executable).target._replace(abi=abi)


def _candidates(pin: str, environ: Mapping[str, str]) -> Iterator[str]:
    roots = [environ.get("PYENV_ROOT", ""), os.path.join(environ.get("HOME", ""), ".pyenv"), "/opt/pyenv"]
    yield from (os.path.join(root, "versions", pin, "bin", "python") for root in roots if os.path.isabs(root))
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        path = shutil.which("python" + ".".join(pin.split(".")[:2]), path=folder)
        if path and os.path.isabs(path):
            yield path
    yield sys.executable


def _proven(run: Runner, path: str, pin: str) -> Interpreter | None:
    # A pyenv shim of a version that is not selected exits with 127: it is passed over like any other.
    if not os.path.exists(path):
        return None
    try:
        found = probe(run, path)
    except Refused:
        return None
    return found if found.version == pin else None
