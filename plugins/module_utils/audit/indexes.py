# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether packages come from where they may: the hosts of indexes, told without what stands before the ``@``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

# Of each URL the scheme and what follows up to the path: `https://user:secret@host:443`.
URL = re.compile(r"(?i)\b((?:[a-z]+\+)?(?:https?|ftp|ssh|git))://([^\s/\"'<>\\,;]+)")


PORTS = {"http": 80, "https": 443, "ftp": 21, "ssh": 22, "git": 9418}
OPTION = "approved_indexes"
UNKNOWN = "a host that cannot be told"
_HOST = re.compile(r"[\w*-]+(\.[\w*-]+)*|\[[0-9a-f:.]+\]")
_ENTRY = re.compile(r"(?P<host>\[.*\]|[^:]*)(:(?P<port>[0-9]+))?")


def approved_hosts(indexes: Sequence[str]) -> tuple[str, ...]:
    """Return each approved index as a host or ``host:port``; one with a port approves this port alone.

    Args:
        indexes: Hosts, patterns of hosts, both with or without a port, or URLs. Of text with several lines, each is one.

    Raises:
        Refused: naming each that is no host. It is told by its number: a URL may hold a password.
    """
    entries = [line.strip() for index in indexes for line in index.splitlines() if line.strip()]
    places = [_place(entry) for entry in entries]
    refuse_all(
        [
            Problem(
                OPTION,
                f"expected a host, host:port or URL, found entry {number} that is none.",
                "Write it as pypi.example.net, *.example.net, pypi.example.net:8443 or a URL of an index.",
            )
            for number, (host, _port) in enumerate(places, 1)
            if not _HOST.fullmatch(host)
        ]
    )
    return tuple(_written(host, port) for host, port in places)


def _place(url: str) -> tuple[str, int]:
    """Return host and port that a URL or ``host:port`` names, without credentials; ('', 0) for none, 0 for no port."""
    try:
        parts = urlsplit(url.strip() if "://" in url else f"//{url.strip()}")
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return "", 0
    return (f"[{host}]" if ":" in host else host), port or 0


def _written(host: str, port: int) -> str:
    return f"{host}:{port}" if port else host


def is_approved(host: str, approved: Sequence[str], port: int = 0) -> bool:
    """Whether a host is approved on a port, or on each where it is 0; ``*`` in an entry stands for anything."""
    return any(_fits(host, port, entry) for entry in approved)


def _fits(host: str, port: int, entry: str) -> bool:
    match = _ENTRY.fullmatch(entry)
    if not match:
        return False
    pattern, wanted = match.group("host"), match.group("port")
    # An address of IPv6 has brackets, which mean something else in a pattern.
    named = fnmatch.fnmatchcase(host, pattern) if "*" in pattern else host == pattern
    return named and (not wanted or int(wanted) == port)


def strange_hosts(text: str, approved: Sequence[str]) -> list[str]:
    """Return the hosts of all URLs in a text that are not approved, each once, in order; no other part of any URL."""
    found = []
    for scheme, rest in URL.findall(text):
        host, port = _place(f"{scheme}://{rest}")
        found.append((host, port or PORTS[scheme.rpartition("+")[2].lower()]))
    return _strange(found, approved)


def strange_names(text: str, approved: Sequence[str]) -> list[str]:
    """Return the hosts in a text of bare host names, as ``trusted-host`` has them, that are not approved."""
    return _strange([_place(word if "://" in word else word.rpartition("@")[2]) for word in text.split()], approved)


def _strange(places: Sequence[tuple[str, int]], approved: Sequence[str]) -> list[str]:
    strange = [(host, port) for host, port in places if not host or not is_approved(host, approved, port)]
    return list(dict.fromkeys(_told(host, port, approved) for host, port in strange))


def _told(host: str, port: int, approved: Sequence[str]) -> str:
    """Return a host; with the port where it is the port that is not approved."""
    ports = [match.group("port") for match in map(_ENTRY.fullmatch, approved) if match]
    others = any(wanted and _fits(host, int(wanted), entry) for wanted, entry in zip(ports, approved))
    if not host or not others:
        return host or UNKNOWN
    return _written(host, port) if port else f"{host} on each port"


def strange_proxies(text: str, approved: Sequence[str]) -> list[str]:
    """Return the host of a proxy that is not approved: a URL, or ``user:secret@host:port`` without a scheme."""
    if "://" in text or "$" in text:
        return strange_hosts(text, approved)
    return strange_names(text, approved)
