# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside an environment, pin and lock, against what is in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION, PIN_FILE, parse_pin

LOCKS = ("poetry.lock", "uv.lock", "pylock.toml")
# What makes a folder a project, which somebody may make an environment of.
PROJECT = ("pyproject.toml", "setup.py", "requirements.txt", *LOCKS)
LARGEST = 64 << 20
SHOWN = 12
# Short, and of numbers alone: no password is one.
_VERSION = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3}){0,2}((a|b|rc)[0-9]{1,2})?")


def check_pin(reader: Reader, venv: str, version: str, is_ordinary: bool) -> Iterator[Finding]:
    """Yield what is wrong with the pin beside an environment.

    A release has its pin from its bundle: it needs none beside it, unless a project lies there too.

    Args:
        reader: Reads the host.
        venv: The environment.
        version: That of its interpreter; '' where nothing says it.
        is_ordinary: Whether it is no release.
    """
    folder = venv.rpartition("/")[0]
    path = f"{folder}/{PIN_FILE}"
    text = reader.text(path)
    if text is None:
        projects = [name for name in PROJECT if reader.exists(f"{folder}/{name}")]
        if path not in reader.unreadable and (is_ordinary or projects):
            beside = f"beside {', '.join(projects)}" if projects else "beside an ordinary environment"
            yield Finding("pin-missing", path, (f"expected {beside}",), venv)
        return
    try:
        pin = parse_pin(text, path)
    except Refused:
        yield Finding("pin-unreadable", path, (_found_in(text),), venv)
        return
    if EXACT_VERSION.fullmatch(version) and pin != version:
        yield Finding("pin-differs", path, (f"pinned {pin}, the environment stands on {version}",), venv)


def _found_in(text: str) -> str:
    """Say what is wrong with a pin without a word of it: what a link made of the file may be nobody's business."""
    words = text.split()
    if len(words) == 1 and _VERSION.fullmatch(words[0]):
        return f"expected one exact version such as 3.11.7, found {words[0]}"
    return f"expected one exact version such as 3.11.7, found {len(words)} word{'' if len(words) == 1 else 's'}"


def check_lock(reader: Reader, venv: str, lock: str) -> Iterator[Finding]:
    """Yield a finding where lock files lie beside an environment and none is the one of its release.

    Args:
        reader: Reads the host.
        venv: The environment.
        lock: SHA-256 of the lock that its release was compiled from; '' where that is not known.
    """
    folder = venv.rpartition("/")[0]
    found = {}
    for name in LOCKS if lock else ():
        data = reader.data(f"{folder}/{name}", LARGEST)
        if data is not None:
            found[name] = hashlib.sha256(data).hexdigest()
    if found and lock not in found.values():
        lines = [
            f"{name} has SHA-256 {digest[:SHOWN]}, the release was compiled from {lock[:SHOWN]}"
            for name, digest in found.items()
        ]
        yield Finding("lock-differs", f"{folder}/{min(found)}", tuple(lines), venv)
