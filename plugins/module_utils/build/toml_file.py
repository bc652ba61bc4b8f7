# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading TOML, which the standard library does from Python 3.11 on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

if TYPE_CHECKING:
    import tomllib
else:
    try:
        import tomllib
    except ImportError:
        try:
            import tomli as tomllib
        except ImportError:
            tomllib = None


def read_bytes(path: str, next_step: str) -> bytes:
    """Return the content of the file at ``path``.

    Raises:
        Refused: when it is missing or unreadable, with ``next_step``.
    """
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        refuse(path, f"cannot be read: {error.strerror}.", next_step)


def parse_toml(data: bytes, subject: str) -> dict[str, Any]:
    """Return the tables in ``data``.

    Raises:
        Refused: when it is no TOML, or when this Python has no reader for it.
    """
    if tomllib is None:
        refuse(
            "the build box",
            "needs Python 3.11 or newer, or the Python library tomli.",
            "Install it beside Ansible's interpreter: pip install tomli.",
        )
    try:
        tables: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        refuse(subject, f"is no valid TOML: {error}.", "Restore it from version control.")
    return tables
