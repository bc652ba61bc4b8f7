# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether packages come from where they may: the hosts of indexes, told without what stands before the ``@``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

# Of each URL the scheme and what follows up to the path: `https://user:secret@host:443`.
URL = re.compile(r"(?i)\b((?:[a-z]+\+)?(?:https?|ftp|ssh|git))://([^\s/\"'<>\\,;]+)")


def approved_hosts(indexes: Sequence[str]) -> tuple[str, ...]:
    """Return the host of each approved index, which may be written as a host, a pattern of hosts or a URL."""
    return tuple((host_of(index) if "://" in index else index.strip().lower()) for index in indexes if index.strip())


def host_of(url: str) -> str:
    """Return the host that a URL names, in lower case and without port and credentials; '' for none."""
    try:
        return (urlsplit(url.strip()).hostname or "").lower()
    except ValueError:
        return ""


def is_approved(host: str, approved: Sequence[str]) -> bool:
    """Whether a host is among the approved ones; ``*`` in them stands for anything."""
    return any(fnmatch.fnmatchcase(host, pattern) for pattern in approved)


def strange_hosts(text: str, approved: Sequence[str]) -> list[str]:
    """Return the hosts of all URLs in a text that are not approved, each once, in order; no other part of any URL."""
    hosts = []
    for scheme, rest in URL.findall(text):
        hosts.append(host_of(f"{scheme}://{rest}") or "a host that cannot be told")
    return [host for host in dict.fromkeys(hosts) if not is_approved(host, approved)]


def strange_names(text: str, approved: Sequence[str]) -> list[str]:
    """Return the hosts in a text of bare host names, as ``trusted-host`` has them, that are not approved."""
    names = [host_of("//" + word.rpartition("@")[2]) or "a host that cannot be told" for word in text.split()]
    return [name for name in dict.fromkeys(names) if not is_approved(name, approved)]


def strange_proxies(text: str, approved: Sequence[str]) -> list[str]:
    """Return the host of a proxy that is not approved: a URL, or ``user:secret@host:port`` without a scheme."""
    if "://" in text or "$" in text:
        return strange_hosts(text, approved)
    return strange_names(text, approved)
