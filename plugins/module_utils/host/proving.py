# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of a release: declared imports and commands, run in it before anybody can meet it."""

from __future__ import annotations

import functools
import json
import os
import pwd
import shlex
from collections.abc import Mapping, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner
from ansible_collections.netdevops.python.plugins.module_utils.host.index import changes
from ansible_collections.netdevops.python.plugins.module_utils.host.proof import Proofs
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import walk

MOST_LINES = 5
KEEPS = "The environment still is what it was; mend the bundle and run again."

_IMPORTS = r"""
import importlib, json, sys
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = "%s: %s" % (type(error).__name__, error)
sys.stdout.write("\n" + json.dumps({"prefix": sys.prefix, "failed": failed}))
"""


def prove(run: Runner, release: str, proofs: Proofs, timeout: float, home: str) -> None:
    """Run the proofs of ``release``; one that declares none must still start its interpreter.

    Args:
        run: Starts the programs.
        release: The folder of the release.
        proofs: What is declared.
        timeout: Seconds for each program.
        home: The home of the user whom they run as.

    Raises:
        Refused: naming every proof that failed and what it said.
    """
    # Without PYTHONDONTWRITEBYTECODE an import as root leaves files that no receipt lists.
    path = f"{release}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    env = clean_environment(os.environ, HOME=home, PATH=path, VIRTUAL_ENV=release, PYTHONDONTWRITEBYTECODE="1")
    problems = _prove_imports(run, release, proofs.imports, env, timeout)
    for command in proofs.commands:
        problems += _prove_command(run, release, command, env, timeout)
    refuse_all(problems)


def prove_unchanged(
    run: Runner, release: str, interpreter: str, proofs: Proofs, timeout: float, owner: tuple[int, int]
) -> None:
    """Run the proofs of ``release``, and see that they leave it as it was.

    What they change would not be what its receipt says, on this run and each later one.

    Args:
        run: Starts the programs.
        release: The folder of the release.
        interpreter: The path of the one that it stands on.
        proofs: What is declared.
        timeout: Seconds for each program.
        owner: User and group id of the release. Root runs them as those.

    Raises:
        Refused: when a proof fails, or changes a file.
    """
    if os.geteuid() == 0 and owner[0] != 0:
        run = functools.partial(run, user=owner)
    # Without a declared one, Python alone is started, and writes nothing.
    before = walk(release, interpreter) if proofs.is_declared else None
    prove(run, release, proofs, timeout, _home(owner[0]))
    lines = changes(before, walk(release, interpreter)) if before else []
    if lines:
        some = ", ".join(lines[:MOST_LINES]) + (f" and {len(lines) - MOST_LINES} more" if lines[MOST_LINES:] else "")
        refuse(
            release,
            f"its proofs changed it: {some}.",
            "A release never changes: let what they run write elsewhere. The environment still is what it was.",
        )


def _home(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return "/"


def _prove_imports(
    run: Runner, release: str, names: Sequence[str], env: Mapping[str, str], timeout: float
) -> list[Problem]:
    python = f"{release}/bin/python"
    done = run([python, "-I", "-B", "-c", _IMPORTS, *names], env=env, cwd="/", timeout=timeout)
    try:
        said = json.loads(done.stdout.rpartition("\n")[2])
        prefix, failed = said["prefix"], said["failed"]
    except (ValueError, TypeError, KeyError):
        return [Problem(python, f"does not work in the new release {_ending(done)}", KEEPS)]
    if os.path.realpath(prefix) != os.path.realpath(release):
        return [Problem(python, f"expected to run in {release}, it runs in {prefix}.", KEEPS)]
    return [Problem(f"import {name}", f"failed in the new release: {why}.", KEEPS) for name, why in failed.items()]


def _prove_command(
    run: Runner, release: str, command: Sequence[str], env: Mapping[str, str], timeout: float
) -> list[Problem]:
    subject = " ".join(shlex.quote(word) for word in command)
    program = command[0] if os.path.isabs(command[0]) else f"{release}/bin/{command[0]}"
    if not os.access(program, os.X_OK):
        return [Problem(subject, "the new release has no such command.", KEEPS)]
    done = run([program, *command[1:]], env=env, cwd="/", timeout=timeout)
    return [] if done.rc == 0 else [Problem(subject, f"failed in the new release {_ending(done)}", KEEPS)]


def _ending(done: Completed) -> str:
    code = f"exit {done.rc}" if done.rc >= 0 else f"signal {-done.rc}"
    return f"({code}): {(done.tail() or 'it said nothing').rstrip('.')}."
