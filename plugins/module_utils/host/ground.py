# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter that an environment stands on: the one that is there, or the one that the bundle is to bring."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter, probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options


class Ground(NamedTuple):
    """What an environment is to stand on.

    Attributes:
        interpreter: What it says of itself; while it is lacking, what it will say.
        lacking: Why the bundle must bring it; '' where it is there.
    """

    interpreter: Interpreter
    lacking: str = ""


def find_ground(run: Runner, options: Options) -> Ground:
    """Return the interpreter of the options, which may be lacking where the bundle can bring it.

    This is all that an installation must know of interpreters. How one is installed is the work of another module:
    with pipelining each kilobyte of a module costs a host 0.4 ms of CPU, on every run.

    Raises:
        Refused: when the interpreter that is named in ``python`` is not there or does not work; when the one that the
            bundle can bring is there and could not be asked: it may well be in use.
    """
    if not options.interpreter_root:
        return Ground(probe(run, options.python))
    folder = os.path.dirname(os.path.dirname(options.python))
    reason = _unfinished(options, folder)
    if not reason:
        try:
            found = probe(run, options.python)
            reason = _flaw(found, options.pin, folder)
        except Unheard:
            raise
        except Refused as refused:
            reason = refused.problems[0].message.rstrip(".")
        else:
            if not reason:
                return Ground(found)
    digits = "".join(options.pin.split(".")[:2])
    target = host_target(run, options.pin)
    return Ground(
        Interpreter(options.python, options.pin, "cpython", target, folder, folder, f"cpython-{digits}", {}), reason
    )


def _unfinished(options: Options, folder: str) -> str:
    """Return why an interpreter that might answer a probe is none yet."""
    if not os.path.lexists(folder):
        return f"it is not in {options.interpreter_root}"
    # As pyenv_install leaves them: the work folder is there until the end of a build, and the receipt comes last.
    is_at_work = os.path.isdir(os.path.join(options.interpreter_root, ".builds", options.pin))
    has_receipt = os.path.exists(os.path.join(folder, "receipt.json"))
    return "its build was interrupted, or is under way" if is_at_work and not has_receipt else ""


def _flaw(found: Interpreter, pin: str, folder: str) -> str:
    if found.version != pin:
        return f"it says that it is {found.version}"
    home = os.path.realpath(folder)
    if os.path.realpath(found.base_prefix) != home:
        return f"it lives in {found.base_prefix}, not in {folder}"
    # One that was moved starts with the distribution's library, without a word.
    strange = [path for path in found.libpython if not os.path.realpath(path).startswith(home + "/")]
    return f"it runs with {strange[0]}, which is another interpreter's library" if strange else ""


def host_target(run: Runner, pin: str) -> Target:
    """Return the target that this host is for ``pin``, as far as it is known without that Python: by the one that runs this."""
    abi = "cp" + "".join(pin.split(".")[:2])
    return probe(run, sys.executable).target._replace(abi=abi)
