# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may see which password: each goes to the host it is for, and nowhere else."""

from __future__ import annotations

import base64
import netrc
import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


class Login(NamedTuple):
    """A user and password for one index; shows neither."""

    url: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.url!r})"

    def header(self) -> str:
        """Return the value of the ``Authorization`` header (RFC 7617)."""
        text = f"{self.user}:{self.password}".encode()
        return "Basic " + base64.b64encode(text).decode("ascii")


def check_url(url: str, subject: str) -> str:
    """Return ``url`` with one final slash.

    Raises:
        Refused: when it is not HTTP(S), or holds a user or password, which would end in logs.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        refuse(subject, "expected the URL of a simple index, such as https://pypi.org/simple/.", "Correct it.")
    if parts.username or parts.password:
        step = "Put them into POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD, or into ~/.netrc."
        refuse(subject, f"the URL for {parts.hostname} holds credentials.", step)
    return url.rstrip("/") + "/"


class Credentials:
    """The logins for a set of indexes.

    Args:
        environ: The environment; POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD, NETRC and HOME are read.
        indexes: Name to URL of the indexes, as the project or the lock names them.

    Raises:
        Refused: when the netrc file cannot be read.
    """

    def __init__(self, environ: Mapping[str, str], indexes: Mapping[str, str]) -> None:
        found = (_from_environment(environ, name, url) for name, url in indexes.items())
        self._logins = tuple(login for login in found if login)
        self._netrc = _read_netrc(environ)

    def login(self, url: str) -> Login | None:
        """Return the login for ``url``: one of the same scheme, host and port, the nearest path first."""
        here = [login for login in self._logins if _origin(login.url) == _origin(url)]
        if here:
            return max(here, key=lambda login: len(os.path.commonpath([login.url, url])))
        host = urlsplit(url).hostname or ""
        # The `default` entry of a netrc is left out: it would go to every host that a page links to.
        entry = self._netrc.hosts.get(host) if self._netrc and host != "default" else None
        return Login(url, entry[0], entry[2] or "") if entry else None

    def header(self, url: str) -> str:
        """Return the ``Authorization`` value for ``url``, or ''."""
        login = self.login(url)
        return login.header() if login else ""


def _from_environment(environ: Mapping[str, str], name: str, url: str) -> Login | None:
    prefix = "POETRY_HTTP_BASIC_" + re.sub(r"[-.]", "_", name.upper())
    user, password = environ.get(prefix + "_USERNAME"), environ.get(prefix + "_PASSWORD")
    return Login(url, user or "", password or "") if user or password else None


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _read_netrc(environ: Mapping[str, str]) -> netrc.netrc | None:
    path = environ.get("NETRC") or os.path.join(environ.get("HOME", "/nonexistent"), ".netrc")
    if not os.path.isfile(path):
        return None
    try:
        return netrc.netrc(path)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None)
        where = f" at line {line}" if line else ""
        refuse(path, f"cannot be read as a netrc file{where}.", "Correct it, or move it away.")
