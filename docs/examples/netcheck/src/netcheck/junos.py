# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Junos, from XML: the tables of PyEZ, jxmlease for the rest. Needs the dependency group ``junos``."""

from ipaddress import IPv4Address
from typing import Any

import jxmlease
from jnpr.junos.factory import loadyaml
from jnpr.junos.jxml import remove_namespaces
from lxml import etree

from netcheck.capture import BUNDLED, Capture
from netcheck.errors import Unreadable
from netcheck.facts import DeviceFacts, InterfaceFacts, SessionFacts

VERSION = "show version | display xml"
INTERFACES = "show interfaces media | display xml"
BGP = "show bgp neighbor | display xml"
COMMANDS = (VERSION, INTERFACES, BGP)

TABLES = loadyaml(str(BUNDLED / "junos_tables.yml"))


def _body(capture: Capture, command: str, element: str) -> Any:
    path = capture.path(command)
    try:
        body = remove_namespaces(etree.parse(path).getroot()).find(element)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{path}: {error}") from error
    if body is None:
        raise Unreadable(f"{path}: it has no <{element}>, so it is not the reply to '{command}'")
    return body


def _interfaces(capture: Capture) -> Any:
    return TABLES["InterfaceTable"](xml=_body(capture, INTERFACES, "interface-information"))


def _sessions(capture: Capture) -> Any:
    return TABLES["SessionTable"](xml=_body(capture, BGP, "bgp-information"))


def _software(capture: Capture) -> Any:
    return jxmlease.parse_etree(_body(capture, VERSION, "software-information"))["software-information"]


def _interface(row: Any) -> InterfaceFacts:
    return InterfaceFacts(
        up=row.admin == "up" and row.oper == "up",
        description=row.description or "",
        mtu=row.mtu,
        packets=row.rx_packets or 0,
        errors=row.rx_errors or 0,
    )


def _session(row: Any) -> SessionFacts:
    established = row.state == "Established"
    return SessionFacts(asn=row.peer_as, established=established, prefixes=(row.prefixes or 0) if established else 0)


def _address(peer: str) -> IPv4Address:
    # Junos adds the TCP port of the session: 192.0.2.1+179.
    return IPv4Address(peer.partition("+")[0])


def read(capture: Capture) -> DeviceFacts:
    """Return the facts of a Junos device. Raises `Unreadable`."""
    software = _software(capture)
    return DeviceFacts(
        hostname=str(software["host-name"]),
        version=str(software["junos-version"]),
        interfaces={row.name: _interface(row) for row in _interfaces(capture)},
        bgp={_address(row.peer): _session(row) for row in _sessions(capture)},
    )
