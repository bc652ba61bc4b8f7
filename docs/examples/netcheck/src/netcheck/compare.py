# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intent against facts. Each check yields findings; no finding means that all is as intended."""

from collections.abc import Iterator, Mapping

import networkx as nx

from netcheck.facts import DeviceFacts, InterfaceFacts, SessionFacts
from netcheck.finding import Finding
from netcheck.intent import DeviceIntent, Intent, InterfaceIntent, SessionIntent


def _is_version(wanted: str, found: str) -> bool:
    # 17.9 is 17.9.4a and 17.9(3), but not 17.90.1.
    return found.startswith(wanted) and not found[len(wanted) :][:1].isdigit()


def _interface(name: str, wanted: InterfaceIntent, found: InterfaceFacts | None) -> Iterator[tuple[str, str, str]]:
    if found is None:
        yield name, "present", "missing"
        return
    if found.up != wanted.up:
        yield name, "up" if wanted.up else "down", "up" if found.up else "down"
    if wanted.description and found.description != wanted.description:
        yield name, f"description '{wanted.description}'", f"'{found.description}'"
    if wanted.mtu and found.mtu != wanted.mtu:
        yield name, f"mtu {wanted.mtu}", str(found.mtu)


def _session(peer: str, wanted: SessionIntent, found: SessionFacts | None) -> Iterator[tuple[str, str, str]]:
    subject = f"bgp {peer}"
    if found is None:
        yield subject, "configured", "missing"
        return
    if found.asn != wanted.asn:
        yield subject, f"AS {wanted.asn}", f"AS {found.asn}"
    if not found.established:
        yield subject, "established", "down"
    elif found.prefixes < wanted.min_prefixes:
        yield subject, f"at least {wanted.min_prefixes} prefixes", str(found.prefixes)


def _device(wanted: DeviceIntent, found: DeviceFacts) -> Iterator[tuple[str, str, str]]:
    if not _is_version(wanted.version, found.version):
        yield "version", wanted.version, found.version
    if found.ntp is not None and found.ntp != wanted.ntp:
        yield "ntp", _listed(wanted.ntp), _listed(found.ntp)
    for name, interface in wanted.interfaces.items():
        yield from _interface(name, interface, found.interfaces.get(name))
    for peer, session in wanted.bgp.items():
        yield from _session(str(peer), session, found.bgp.get(peer))
    for peer in found.bgp.keys() - wanted.bgp.keys():
        yield f"bgp {peer}", "not configured", f"AS {found.bgp[peer].asn}"


def _listed(addresses: frozenset[object]) -> str:
    return ", ".join(sorted(map(str, addresses))) or "none"


def compare(name: str, wanted: DeviceIntent, found: DeviceFacts) -> list[Finding]:
    """Return every difference of one device."""
    findings = [Finding(name, *row) for row in _device(wanted, found)]
    if found.hostname != name:
        findings.insert(0, Finding(name, "hostname", name, found.hostname))
    return findings


def partitions(intent: Intent, facts: Mapping[str, DeviceFacts]) -> list[Finding]:
    """Return one finding for each device that no established session joins to the first one."""
    names = {device.address: name for name, device in intent.devices.items()}
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(facts)
    for name, device in facts.items():
        ours = ((names.get(peer), session) for peer, session in device.bgp.items())
        graph.add_edges_from((name, peer) for peer, session in ours if peer in facts and session.established)
    first = next(iter(facts), None)
    joined = nx.node_connected_component(graph, first) if first else set()
    return [Finding(name, "bgp mesh", f"a path to {first}", "none") for name in facts if name not in joined]
