# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a launcher: a command outside of an environment that finds the current release once, and stays with it.

A link to ``<venv>/bin/<name>`` would be opened twice, by the kernel for its first line and by Python for the rest. A switch
between the two gives the program of one release to the interpreter of another. A link into a release would have to be
changed with each switch, one command after the other.
"""

from __future__ import annotations

import os
import shlex

MARKER = "# A launcher of netdevops.python for "
MODE = 0o755

# Its one variable has a name of its own, for the shell hands on what somebody exported under the same name. `cd` and `test`
# may be functions where /bin/sh is bash, and functions can be exported; nothing can stand before `unset`.
_TEXT = """\
#!/bin/sh
{marker}
# wheelhouse_install writes it again when it is edited. It finds the current release once, and stays with it.
unset -f cd pwd test printf
if netdevops_python_release=$(cd -P -- {venv} 2>/dev/null && pwd -P); then
    test -x "$netdevops_python_release"/bin/{name} && exec "$netdevops_python_release"/bin/{name} "$@"
    printf '%s\\n' {name}": the release $netdevops_python_release has no such command." >&2
else
    printf '%s\\n' {name}': no release can be reached at '{venv} >&2
fi
exit 127
"""


def marker(venv: str) -> bytes:
    """Return the line by which a launcher of an environment is known, its second one."""
    return os.fsencode(MARKER + venv)


def launcher(venv: str, name: str) -> bytes:
    """Return the launcher of the command ``name`` of the environment at ``venv``, for any POSIX shell.

    Args:
        venv: Absolute path of the environment, of which ``check_path`` has seen that it holds no line break.
        name: The command, which ``parse_commands`` has seen.
    """
    text = _TEXT.format(marker=MARKER + venv, venv=shlex.quote(venv), name=shlex.quote(name))
    return os.fsencode(text)


def names_environment(data: bytes, venv: str) -> bool:
    """Whether the beginning of a file says that it is a launcher of the environment at ``venv``, edited or not."""
    return data.split(b"\n", 2)[:2] == [b"#!/bin/sh", marker(venv)]
