# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a host of the lab that is reached over SSH, on the network that leads nowhere."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

from ansible_collections.netdevops.python.tests.system.hosts import podman
from ansible_collections.netdevops.python.tests.system.playing import REPOSITORY

NETWORK = "air"
# Each host of the lab is new, at an address that another one had.
OPTIONS = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
FLAGS = tuple(word for option in OPTIONS for word in ("-o", option))


def prepare(key: pathlib.Path) -> str:
    """Make the network where it is not there, and a key pair of which ``key`` is the private half; return the public one."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    subprocess.run([REPOSITORY / "tests/lab/network.sh", "create"], check=True, capture_output=True)
    return key.with_suffix(".pub").read_text()


def address_of(name: str) -> str:
    """Return the address of the host ``name`` in the network."""
    return podman("inspect", "--format", f"{{{{.NetworkSettings.Networks.{NETWORK}.IPAddress}}}}", name).strip()


def variables(address: str, user: str, key: pathlib.Path, **more: Any) -> dict[str, Any]:
    """Return what an inventory says of a host that ``user`` reaches with ``key``."""
    return {
        "ansible_connection": "ssh",
        "ansible_host": address,
        "ansible_user": user,
        "ansible_ssh_private_key_file": str(key),
        "ansible_ssh_common_args": " ".join(FLAGS),
        **more,
    }


def command(address: str, user: str, key: pathlib.Path, *words: str) -> list[str]:
    """Return the command line of ``ssh``; ``words`` are what is run there, or nothing to log in."""
    return ["ssh", "-i", str(key), *FLAGS, "-o", "BatchMode=yes", f"{user}@{address}", *words]
