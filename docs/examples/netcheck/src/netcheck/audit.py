# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for an IOS configuration that no show command tells. Needs the dependency group ``cisco``."""

from collections.abc import Iterator

from ciscoconfparse2 import CiscoConfParse

from netcheck.capture import Capture
from netcheck.finding import Finding
from netcheck.ios import CONFIG


def _unguarded_lines(config: CiscoConfParse) -> Iterator[str]:
    for line in config.find_objects(r"^line vty"):
        if not line.find_child_objects(r"access-class \S+ in"):
            yield line.text.strip()


def _undescribed_sessions(config: CiscoConfParse) -> Iterator[str]:
    for router in config.find_objects(r"^router bgp"):
        text = [child.text.strip() for child in router.all_children]
        peers = {line.split()[1] for line in text if line.startswith("neighbor ") and " remote-as " in line}
        described = {line.split()[1] for line in text if line.startswith("neighbor ") and " description " in line}
        yield from sorted(peers - described)


def audit(capture: Capture) -> list[Finding]:
    """Return what the running configuration of an IOS device lacks. Raises `Unreadable`."""
    config = CiscoConfParse(capture.text(CONFIG).splitlines(), syntax="ios")
    return [
        *(Finding(capture.device, line, "an inbound access-class", "none") for line in _unguarded_lines(config)),
        *(Finding(capture.device, f"bgp {peer}", "a description", "none") for peer in _undescribed_sessions(config)),
    ]
