# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of an environment in a folder for everybody: launchers that are ours alone, and what is known of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.files import (
    TEMPORARY_PREFIX,
    owner_of,
    sync_folder,
    write_atomic,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import (
    MARKER,
    MODE,
    launcher,
    names_environment,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options

STATE_FILE = ".commands"
EXPOSE, WITHDRAW = "expose", "withdraw"

# What stands at the path of a launcher; all but FOREIGN may be replaced, and all but FOREIGN and GONE removed.
GONE, CURRENT, DRIFTED, UNFINISHED, FOREIGN = "gone", "current", "drifted", "unfinished", "foreign"
_REASONS = {GONE: "", DRIFTED: "it was edited, or its owner or mode changed", UNFINISHED: "left by an interrupted run"}

# As scripts.py takes names from entry points; what begins with a dot would be hidden, and could be a path.
_NAME = re.compile(r"[\w+@-][\w.+@-]*( [\w.+@-]+)*")
_INTERPRETER = re.compile(r"python[\d.]*")
_LONGEST_NAME = 200
_LONGEST = 65536  # bytes; a launcher has some 600 and three times its path
_LONGEST_RECORD = 1 << 20


def parse_commands(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names of commands that are asked for; None where nobody said anything.

    Raises:
        Refused: naming all that are no names of commands.
    """
    # A list that came from a text is [''] where the text is empty, and that is what an unanswered question gives.
    if names is None or (names and not any(names)):
        return None
    asked = tuple(sorted({name for name in names if name}))
    refuse_all([problem for name in asked for problem in _name_problem(name)])
    return asked


def _name_problem(name: str) -> list[Problem]:
    if _INTERPRETER.fullmatch(name):
        found = "would take the place of the host's own Python for everybody."
        return [Problem(f"commands {name!r}", found, "Name console scripts of the environment.")]
    if _NAME.fullmatch(name) and len(os.fsencode(name)) <= _LONGEST_NAME:
        return []
    found = "expected the plain name of a console script, without '/' and without a dot in front."
    return [Problem(f"commands {name!r}", found, "Name for example 'netcheck'.")]


def exposed(environment: Environment) -> dict[str, str]:
    """Return the paths at which launchers of an environment were put, or may have been, and their commands."""
    try:
        read = read_regular(environment.release(STATE_FILE), _LONGEST_RECORD, follow=False)
        pairs = sorted(json.loads(read[0])["commands"].items()) if read else []
        return {path: name for path, name in pairs if os.path.isabs(path) and os.path.basename(path) == name != ""}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # Whether a file is ours does not depend on it.


def plan_commands(options: Options) -> tuple[Action, ...]:
    """Return the steps that bring the launchers to what is asked; none where nothing is asked.

    Raises:
        Refused: naming all files that are in the way and not launchers of this environment; where the folder for
            launchers is none, or others can write into it.
    """
    if options.commands is None:
        return ()
    venv = options.environment.venv
    wanted, known = wanted_commands(options), exposed(options.environment)
    found = {path: _look(venv, path, name) for path, name in wanted.items()}
    refuse_all([_foreign(venv, path) for path, state in found.items() if state == FOREIGN])
    due = {path: state for path, state in found.items() if state != CURRENT or path not in known}
    if due:
        _check_folder(options)
    # In this order: what cannot be put in its new place is not lost from its old one.
    expose = [Action(EXPOSE, path, _REASONS.get(state, "not recorded")) for path, state in due.items()]
    withdraw = [_withdrawal(venv, path, name) for path, name in known.items() if path not in wanted]
    return (*expose, *withdraw)


def wanted_commands(options: Options) -> dict[str, str]:
    """Return the commands that are asked for by the paths of their launchers, as the kernel knows these."""
    folder = os.path.realpath(options.commands_path)
    return {os.path.join(folder, name): name for name in options.commands or ()}


def standing(options: Options) -> list[str]:
    """Return the paths of the launchers that are there and as they should be."""
    venv = options.environment.venv
    both = {**exposed(options.environment), **wanted_commands(options)}
    return sorted(path for path, name in both.items() if _look(venv, path, name) == CURRENT)


def withdrawal_plan(environment: Environment) -> tuple[Action, ...]:
    """Return the steps that take all launchers of an environment away."""
    return tuple(_withdrawal(environment.venv, path, name) for path, name in exposed(environment).items())


def check_commands(options: Options, root: str) -> None:
    """Check that the release in the folder ``root`` has what launchers are to start, or start already.

    Raises:
        Refused: naming all commands that it lacks.
    """
    names = options.commands
    if names is None:
        venv, known = options.environment.venv, exposed(options.environment)
        names = tuple(name for path, name in known.items() if _look(venv, path, name) not in (GONE, FOREIGN))
    lacking = [name for name in names if not _is_program(os.path.join(root, "bin", name))]
    found = f"release {os.path.basename(root)} has no such command."
    next_step = "Take it out of commands, or mend the bundle; the environment still is what it was."
    refuse_all([Problem(f"commands {name!r}", found, next_step) for name in lacking])


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


def _look(venv: str, path: str, name: str, folder: int | None = None) -> str:
    """Say what stands at ``path``, which is relative to the open ``folder`` where that is given."""
    try:
        read = read_regular(path, _LONGEST, follow=False, folder=folder)
    except (FileNotFoundError, NotADirectoryError):
        return GONE
    except OSError:  # A link, a socket, or what this user may not read.
        return FOREIGN
    if read is None or not names_environment(read[0], venv):
        return FOREIGN
    data, seen = read
    # Whoever owns it may edit it at any time.
    own = seen.st_uid in (0, os.geteuid()) and stat.S_IMODE(seen.st_mode) == MODE
    if not own or data != launcher(venv, name):
        return DRIFTED
    return UNFINISHED if folder is None and os.path.lexists(_temporary(venv, path)) else CURRENT


def _withdrawal(venv: str, path: str, name: str) -> Action:
    reasons = {GONE: "it is gone already", FOREIGN: "it is somebody else's by now, and stays"}
    return Action(WITHDRAW, path, reasons.get(_look(venv, path, name), ""))


def _foreign(venv: str, path: str) -> Problem:
    next_step = "Move it away, take the name out of commands, or choose another commands_path."
    return Problem(path, f"expected nothing or a launcher of {venv}, found {_describe(path)}.", next_step)


def _describe(path: str) -> str:
    if os.path.islink(path):
        return f"a link to {os.readlink(path)}"
    if not os.path.isfile(path):
        return "something that is no file"
    with contextlib.suppress(OSError):
        read = read_regular(path, _LONGEST)
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


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _temporary(venv: str, path: str) -> str:
    """Return the one name that a launcher has while it is written: what a killed run leaves is found again by it."""
    digest = hashlib.sha256(os.fsencode(f"{venv}\0{path}")).hexdigest()[:16]
    return os.path.join(os.path.dirname(path), f"{TEMPORARY_PREFIX}{digest}")


def _expose(venv: str, path: str) -> None:
    name = os.path.basename(path)
    temporary = _temporary(venv, path)
    is_new = _look(venv, path, name) == GONE
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    try:
        _write(temporary, launcher(venv, name))
        if is_new:
            # Unlike a rename, it fails where another run has just put something there.
            os.link(temporary, path)
            os.unlink(temporary)
        else:
            os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
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
        if _look(venv, name, name, folder) in (CURRENT, DRIFTED):
            os.unlink(name, dir_fd=folder)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.basename(_temporary(venv, path)), dir_fd=folder)
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
