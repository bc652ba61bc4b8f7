# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module reads which platform. They load on demand: a bastion has the groups that it needs."""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from netcheck.capture import Capture
from netcheck.errors import Unreadable
from netcheck.facts import DeviceFacts
from netcheck.intent import Platform

Reader = Callable[[Capture], DeviceFacts]
READERS: dict[Platform, str] = {"cisco_ios": "netcheck.ios", "juniper_junos": "netcheck.junos"}
GROUPS = {"netcheck.junos": "junos", "netcheck.audit": "cisco"}


def load(module: str) -> ModuleType:
    """Import `module`. Raises `Unreadable` that names the dependency group when a library is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        group = GROUPS.get(module)
        hint = f"install the dependency group '{group}'" if group else "the installation is damaged"
        raise Unreadable(f"{module} needs {error.name}, which is not installed: {hint}") from error


def commands(platform: Platform) -> tuple[str, ...]:
    """Return the commands whose output `read` wants."""
    return tuple(load(READERS[platform]).COMMANDS)


def read(platform: Platform, capture: Capture) -> DeviceFacts:
    """Return what the device showed. Raises `Unreadable`."""
    reader: Reader = load(READERS[platform]).read
    return reader(capture)
