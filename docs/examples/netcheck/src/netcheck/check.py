# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole check: read every device, compare it, audit it."""

from collections.abc import Sequence
from pathlib import Path

from netcheck import platforms
from netcheck.capture import Capture
from netcheck.compare import compare, partitions
from netcheck.errors import Unreadable
from netcheck.facts import DeviceFacts
from netcheck.finding import Finding
from netcheck.intent import Intent


def select(intent: Intent, devices: Sequence[str]) -> Intent:
    """Return the part of `intent` that `devices` names; all of it when they name none. Raises `Unreadable`."""
    unknown = sorted(set(devices) - intent.devices.keys())
    if unknown:
        raise Unreadable(f"not in the inventory: {', '.join(unknown)}. It has: {', '.join(intent.devices)}")
    return Intent(devices={name: intent.devices[name] for name in devices or intent.devices})


def observe(intent: Intent, captures: Path) -> dict[str, DeviceFacts]:
    """Return what each device of the inventory showed. Raises one `Unreadable` that names all problems."""
    facts, problems = {}, []
    for name, device in intent.devices.items():
        try:
            facts[name] = platforms.read(device.platform, Capture(captures, name))
        except Unreadable as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise Unreadable("\n".join(problems))
    return facts


def check(intent: Intent, captures: Path) -> list[Finding]:
    """Return every finding of every device, in the order of the inventory. Raises `Unreadable`."""
    facts = observe(intent, captures)
    findings = [row for name in facts for row in compare(name, intent.devices[name], facts[name])]
    for name, device in intent.devices.items():
        if device.platform == "cisco_ios":
            findings += platforms.load("netcheck.audit").audit(Capture(captures, name))
    return findings + partitions(intent, facts)
