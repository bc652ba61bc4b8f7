# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at a time in the sample, and the one finding that it must give."""

from pathlib import Path

import pytest
from conftest import edit

from netcheck.check import check, select
from netcheck.errors import Unreadable
from netcheck.intent import load

PAR = "captures/par-core-1/"
FRA = "captures/fra-mx-1/"
FAULTS = [
    (PAR + "show_version.txt", "17.9.4a", "17.90.1", ("version", "17.9", "17.90.1")),
    (PAR + "show_version.txt", "par-core-1 uptime", "par-core-9 uptime", ("hostname", "par-core-1", "par-core-9")),
    (PAR + "show_interfaces.txt", "/0/1 is up, line protocol is up", "/0/1 is up, line protocol is down",
     ("GigabitEthernet0/0/1", "up", "down")),
    (PAR + "show_interfaces.txt", "fra-mx-1 ge-0/0/0", "spare",
     ("GigabitEthernet0/0/1", "description 'fra-mx-1 ge-0/0/0'", "'spare'")),
    (PAR + "show_ip_bgp_summary.txt", "12w4d          21", "00:03:10        2",
     ("bgp 192.0.2.3", "at least 10 prefixes", "2")),
    (PAR + "show_ip_bgp_summary.txt", "12w4d          21", "00:03:10 Idle (Admin)",
     ("bgp 192.0.2.3", "established", "down")),
    (PAR + "show_running_config.txt", "ntp server 192.0.2.124\n", "",
     ("ntp", "192.0.2.123, 192.0.2.124", "192.0.2.123")),
    (PAR + "show_running_config.txt", "line vty 5 15\n access-class MANAGEMENT in\n", "line vty 5 15\n",
     ("line vty 5 15", "an inbound access-class", "none")),
    (PAR + "show_running_config.txt", " neighbor 192.0.2.3 description fra-mx-1\n", "",
     ("bgp 192.0.2.3", "a description", "none")),
    (FRA + "show_version.xml", "22.4R3-S2.11", "21.2R1.9", ("version", "22.4R3", "21.2R1.9")),
    (FRA + "show_interfaces_media.xml", "<mtu>9014</mtu>", "<mtu>1514</mtu>", ("ge-0/0/0", "mtu 9014", "1514")),
    (FRA + "show_bgp_neighbor.xml", "<peer-as>64501</peer-as>", "<peer-as>64502</peer-as>",
     ("bgp 203.0.113.1", "AS 64501", "AS 64502")),
]  # fmt: skip


def findings(sample: Path) -> list[tuple[str, str, str]]:
    """Return the findings without their device."""
    return [tuple(row)[1:] for row in check(load(str(sample / "intent.yml")), sample / "captures")]


def test_the_sample_is_as_intended(sample: Path) -> None:
    assert findings(sample) == []


@pytest.mark.parametrize(("file", "old", "new", "expected"), FAULTS)
def test_a_fault_is_one_finding(sample: Path, file: str, old: str, new: str, expected: tuple[str, str, str]) -> None:
    edit(sample / file, old, new)
    assert findings(sample) == [expected]


def test_a_session_that_nobody_intended_is_found(sample: Path) -> None:
    edit(sample / "intent.yml", "      203.0.113.1: {asn: 64501, min_prefixes: 5}\n", "")
    assert findings(sample) == [("bgp 203.0.113.1", "not configured", "AS 64501")]


def test_a_device_without_any_session_to_the_others_is_cut_off(sample: Path) -> None:
    edit(sample / "captures/par-core-1/show_ip_bgp_summary.txt", "41w2d        1083", "00:00:12 Active")
    edit(sample / "captures/ams-edge-1/show_ip_bgp_summary.txt", "41w2d          44", "00:00:12 Active")
    assert ("bgp mesh", "a path to par-core-1", "none") in findings(sample)


def test_all_unreadable_captures_are_named_at_once(sample: Path) -> None:
    (sample / "captures/ams-edge-1/show_version.txt").unlink()
    (sample / "captures/fra-mx-1/show_bgp_neighbor.xml").write_text("<rpc-reply><output>error</output></rpc-reply>")
    with pytest.raises(Unreadable, match=r"(?s)ams-edge-1: .*show_version.txt.*fra-mx-1: .*no <bgp-information>"):
        findings(sample)


def test_output_that_no_template_understands_is_no_empty_table(sample: Path) -> None:
    (sample / "captures/par-core-1/show_interfaces.txt").write_text("% Invalid input detected\n")
    with pytest.raises(Unreadable, match=r"show_interfaces\.txt"):
        findings(sample)


def test_an_unknown_device_is_refused(sample: Path) -> None:
    with pytest.raises(Unreadable, match="not in the inventory: par-core-7"):
        select(load(str(sample / "intent.yml")), ["par-core-7"])
