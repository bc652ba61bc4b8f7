# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which of the links in a YAML file are not inside the given network."""

from __future__ import annotations

import sys

import netaddr
import yaml


def outside(links: dict[str, str], network: str) -> list[str]:
    """Return the names of ``links`` whose address is not in ``network``."""
    return [name for name, address in links.items() if address not in netaddr.IPNetwork(network)]


def main() -> None:
    """``linkcheck 10.0.0.0/8 <links.yml``: exit 1 and their names when links lie outside."""
    network = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0/0"
    strays = outside(yaml.safe_load(sys.stdin) or {}, network)
    print("\n".join(strays) or f"all links are in {network}")
    sys.exit(bool(strays))
