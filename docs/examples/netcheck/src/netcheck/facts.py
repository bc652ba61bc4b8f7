# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device showed, in one form for all platforms."""

from ipaddress import IPv4Address

from pydantic import BaseModel


class InterfaceFacts(BaseModel):
    """Counters are totals since they were last cleared; ``mtu`` is in bytes."""

    up: bool
    description: str = ""
    mtu: int | None = None
    packets: int = 0
    errors: int = 0


class SessionFacts(BaseModel):
    """One BGP session. ``prefixes`` counts received routes and is 0 while it is not established."""

    asn: int
    established: bool
    prefixes: int = 0


class DeviceFacts(BaseModel):
    """All that the checks look at. ``ntp`` is None where the platform's captures do not show it."""

    hostname: str
    version: str
    interfaces: dict[str, InterfaceFacts]
    bgp: dict[IPv4Address, SessionFacts]
    ntp: frozenset[IPv4Address] | None = None
