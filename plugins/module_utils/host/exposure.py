# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launchers of an environment as they are found: which are asked for, which are recorded, and what stands at their paths."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.common.temporary import TEMPORARY_PREFIX
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.launcher import MODE, launcher, names_environment
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options

STATE_FILE = ".commands"

# What stands at the path of a launcher; all but FOREIGN may be replaced, and all but FOREIGN and GONE removed.
GONE, CURRENT, DRIFTED, UNFINISHED, FOREIGN = "gone", "current", "drifted", "unfinished", "foreign"

# As scripts.py takes names from entry points; what begins with a dot would be hidden, and could be a path.
_NAME = re.compile(r"[\w+@-][\w.+@-]*( [\w.+@-]+)*")
_INTERPRETER = re.compile(r"python[\d.]*")
_LONGEST_NAME = 200
LONGEST = 65536  # bytes; a launcher has some 600 and three times its path
_LONGEST_RECORD = 1 << 20


class Difference(NamedTuple):
    """What differs between the launchers that are asked for and those that are there.

    Attributes:
        due: Those that are to be put, by their path: what stands there now.
        surplus: Those that are recorded and no longer asked for, by their path: the command.
    """

    due: dict[str, str]
    surplus: dict[str, str]


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
        return {path: name for path, name in pairs if _is_launcher_of(path, name)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # Whether a file is ours does not depend on it.


def _is_launcher_of(path: str, name: str) -> bool:
    return os.path.isabs(path) and os.path.basename(path) == name != "" and "\0" not in path


def wanted_commands(options: Options) -> dict[str, str]:
    """Return the commands that are asked for by the paths of their launchers, as the kernel knows these."""
    folder = os.path.realpath(options.commands_path)
    return {os.path.join(folder, name): name for name in options.commands or ()}


def difference(options: Options) -> Difference:
    """Return what differs from the launchers that are asked for; nothing where nobody asks for any."""
    if options.commands is None:
        return Difference({}, {})
    venv = options.environment.venv
    wanted, known = wanted_commands(options), exposed(options.environment)
    found = {path: look_at(venv, path, name) for path, name in wanted.items()}
    due = {path: state for path, state in found.items() if state != CURRENT or path not in known}
    return Difference(due, {path: name for path, name in known.items() if path not in wanted})


def standing(options: Options) -> list[str]:
    """Return the paths of the launchers that are there and as they should be."""
    venv = options.environment.venv
    both = {**exposed(options.environment), **wanted_commands(options)}
    return sorted(path for path, name in both.items() if look_at(venv, path, name) == CURRENT)


def check_commands(options: Options, root: str) -> None:
    """Check that the release in the folder ``root`` has what launchers are to start, or start already.

    Raises:
        Refused: naming all commands that it lacks.
    """
    names = options.commands
    if names is None:
        venv, known = options.environment.venv, exposed(options.environment)
        names = tuple(name for path, name in known.items() if look_at(venv, path, name) not in (GONE, FOREIGN))
    lacking = [name for name in names if not _is_program(os.path.join(root, "bin", name))]
    found = f"release {os.path.basename(root)} has no such command."
    next_step = "Take it out of commands, or mend the bundle; the environment still is what it was."
    refuse_all([Problem(f"commands {name!r}", found, next_step) for name in lacking])


def look_at(venv: str, path: str, name: str, folder: int | None = None) -> str:
    """Say what stands at ``path``, which is relative to the open ``folder`` where that is given."""
    try:
        read = read_regular(path, LONGEST, follow=False, folder=folder)
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
    return UNFINISHED if folder is None and os.path.lexists(temporary(venv, path)) else CURRENT


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def temporary(venv: str, path: str) -> str:
    """Return the one name that a launcher has while it is written: what a killed run leaves is found again by it."""
    digest = hashlib.sha256(os.fsencode(f"{venv}\0{path}")).hexdigest()[:16]
    return os.path.join(os.path.dirname(path), f"{TEMPORARY_PREFIX}{digest}")
