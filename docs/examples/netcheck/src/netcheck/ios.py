# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco IOS and IOS XE: ntc-templates for the tables, TTP for the configuration."""

import os
from ipaddress import IPv4Address

from ntc_templates.parse import parse_output
from ttp import ttp

from netcheck.capture import BUNDLED, Capture
from netcheck.errors import Unreadable
from netcheck.facts import DeviceFacts, InterfaceFacts, SessionFacts

VERSION = "show version"
INTERFACES = "show interfaces"
BGP = "show ip bgp summary"
CONFIG = "show running-config"
COMMANDS = (VERSION, INTERFACES, BGP, CONFIG)

# TTP keeps a cache, by default in its own package folder. An installed environment is not changed by those who run it.
os.environ.setdefault("TTPCACHEFOLDER", os.devnull)

Row = dict[str, str]


def _table(capture: Capture, command: str) -> list[Row]:
    rows: list[Row] = parse_output(platform="cisco_ios", command=command, data=capture.text(command))
    if not rows:
        raise Unreadable(f"{capture.path(command)}: nothing in it is understood as the output of '{command}'")
    return rows


def _interface(row: Row) -> InterfaceFacts:
    return InterfaceFacts(
        up=row["link_status"] == "up" and row["protocol_status"].startswith("up"),
        description=row["description"],
        mtu=int(row["mtu"]) if row["mtu"] else None,
        packets=int(row["input_packets"] or 0),
        errors=int(row["input_errors"] or 0),
    )


def _session(row: Row) -> SessionFacts:
    # The last column holds the state, or the number of prefixes once the session is up.
    prefixes = row["state_or_prefixes_received"]
    return SessionFacts(
        asn=int(row["neighbor_as"]), established=prefixes.isdigit(), prefixes=int(prefixes) if prefixes.isdigit() else 0
    )


def _ntp(capture: Capture) -> frozenset[IPv4Address]:
    template = (BUNDLED / "ios_ntp.ttp").read_text("utf-8")
    parser = ttp(data=capture.text(CONFIG), template=template, log_level="ERROR")
    parser.parse()
    found = parser.result(structure="flat_list")
    return frozenset(IPv4Address(row["server"]) for entry in found for row in entry.get("ntp", []))


def read(capture: Capture) -> DeviceFacts:
    """Return the facts of an IOS device. Raises `Unreadable`."""
    version = _table(capture, VERSION)[0]
    return DeviceFacts(
        hostname=version["hostname"],
        version=version["version"],
        interfaces={row["interface"]: _interface(row) for row in _table(capture, INTERFACES)},
        bgp={IPv4Address(row["bgp_neighbor"]): _session(row) for row in _table(capture, BGP)},
        ntp=_ntp(capture),
    )
