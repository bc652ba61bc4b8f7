# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of an environment in a folder for everybody: launchers that are ours alone, and what is known of them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from typing import NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.files import owner_of, sync_folder, write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import (
    CURRENT,
    DRIFTED,
    FOREIGN,
    GONE,
    LONGEST,
    STATE_FILE,
    UNFINISHED,
    difference,
    exposed,
    look_at,
    temporary,
    wanted_commands,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import MARKER, MODE, launcher
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options

EXPOSE, WITHDRAW = "expose", "withdraw"

_REASONS = {GONE: "", DRIFTED: "it was edited, or its owner or mode changed", UNFINISHED: "left by an interrupted run"}


def plan_commands(options: Options) -> tuple[Action, ...]:
    """Return the steps that bring the launchers to what is asked; none where nothing is asked.

    Raises:
        Refused: naming all files that are in the way and not launchers of this environment; where the folder for
            launchers is none, or others can write into it.
    """
    venv, (due, surplus) = options.environment.venv, difference(options)
    refuse_all([_foreign(venv, path) for path, state in due.items() if state == FOREIGN])
    if due:
        _check_folder(options)
    # In this order: what cannot be put in its new place is not lost from its old one.
    expose = [Action(EXPOSE, path, _REASONS.get(state, "not recorded")) for path, state in due.items()]
    withdraw = [_withdrawal(venv, path, name) for path, name in surplus.items()]
    return (*expose, *withdraw)


def withdrawal_plan(environment: Environment) -> tuple[Action, ...]:
    """Return the steps that take all launchers of an environment away."""
    return tuple(_withdrawal(environment.venv, path, name) for path, name in exposed(environment).items())


def apply_commands(options: Options) -> None:
    """Bring the launchers to what is asked. The caller holds the lock of the environment.

    What is about to be made is recorded first, so that a run that is killed leaves nothing that nobody knows of.

    Raises:
        Refused: as :func:`plan_commands` does.
    """
    actions = plan_commands(options)
    if not actions:
        return
    environment, wanted = options.environment, wanted_commands(options)
    _record(environment, {**exposed(environment), **wanted})
    for action in actions:
        if action.verb == WITHDRAW:
            _withdraw(environment.venv, action.subject)
        else:
            _expose(environment.venv, action.subject)
    _record(environment, wanted)


def remove_commands(environment: Environment) -> None:
    """Take away all launchers of an environment that are still its own. The caller holds its lock."""
    for path in exposed(environment):
        _withdraw(environment.venv, path)
    _record(environment, {})


def _withdrawal(venv: str, path: str, name: str) -> Action:
    reasons = {GONE: "it is gone already", FOREIGN: "it is somebody else's by now, and stays"}
    return Action(WITHDRAW, path, reasons.get(look_at(venv, path, name), ""))


def _foreign(venv: str, path: str) -> Problem:
    next_step = "Move it away, take the name out of commands, or choose another commands_path."
    return Problem(path, f"expected nothing or a launcher of {venv}, found {_describe(path)}.", next_step)


def _describe(path: str) -> str:
    if os.path.islink(path):
        return f"a link to {os.readlink(path)}"
    if not os.path.isfile(path):
        return "something that is no file"
    with contextlib.suppress(OSError):
        read = read_regular(path, LONGEST)
        second = os.fsdecode(read[0]).split("\n", 2)[1:2] if read else []
        if second and second[0].startswith(MARKER):
            return f"a launcher of {second[0][len(MARKER) :]}"
    return "another file"


def _check_folder(options: Options) -> None:
    path = options.commands_path
    if not os.path.isabs(path) or not os.path.isdir(path):
        refuse(f"commands_path {path!r}", "expected an absolute path of a folder.", "Create it, or name another one.")
    inside = os.path.realpath(path) + "/"
    environment = options.environment
    if inside.startswith(tuple(os.path.realpath(one) + "/" for one in (environment.venv, environment.releases))):
        refuse(f"commands_path {path!r}", "is inside of the environment, which never changes.", "Name another folder.")
    if not os.access(path, os.W_OK):
        refuse(f"commands_path {path!r}", "this user may not write there.", "Use become, or name another folder.")
    from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground  # few runs need it

    check_ground(path)


def _expose(venv: str, path: str) -> None:
    name = os.path.basename(path)
    aside = temporary(venv, path)
    state = look_at(venv, path, name)
    if state == FOREIGN:  # It was not, when this was planned.
        _refuse_foreign(venv, path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)
    try:
        _write(aside, launcher(venv, name))
        if state == GONE:
            # Unlike a rename, it fails where another run has just put something there.
            os.link(aside, path)
            os.unlink(aside)
        else:
            os.replace(aside, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        if isinstance(error, FileExistsError):
            _refuse_foreign(venv, path)
        raise
    sync_folder(os.path.dirname(path))


def _refuse_foreign(venv: str, path: str) -> NoReturn:
    problem = _foreign(venv, path)
    refuse(problem.subject, problem.message, problem.next_step)


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as stream:
        # Debian's /usr/local/bin gives files its own group.
        os.fchown(descriptor, os.geteuid(), os.getegid())
        os.fchmod(descriptor, MODE)
        stream.write(data)
        stream.flush()
        os.fsync(descriptor)


def _withdraw(venv: str, path: str) -> None:
    """Remove a launcher that is still ours, and what a killed run left beside it.

    The record lies with the owner of the environment, who may have written any path there, and may move folders
    meanwhile: what was looked at is in the one open folder, and so is what is removed.
    """
    try:
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        name = os.path.basename(path)
        if look_at(venv, name, name, folder) in (CURRENT, DRIFTED):
            os.unlink(name, dir_fd=folder)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.basename(temporary(venv, path)), dir_fd=folder)
        os.fsync(folder)
    finally:
        os.close(folder)


def _record(environment: Environment, commands: Mapping[str, str]) -> None:
    path = environment.release(STATE_FILE)
    if commands:
        data = json.dumps({"commands": dict(commands)}, indent=1, sort_keys=True).encode() + b"\n"
        write_atomic(path, data, owner=owner_of(environment.releases))
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
