# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network is meant to look like: the inventory file and its models."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from netcheck.errors import Unreadable

Asn = Annotated[int, Field(ge=1, le=4_294_967_295)]
Platform = Literal["cisco_ios", "juniper_junos"]
FETCH_SECONDS = 10.0


class Strict(BaseModel):
    """A misspelt key in an inventory is an error, never a check that silently does not happen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InterfaceIntent(Strict):
    """An interface that must exist. ``mtu`` is in bytes; without it any size is accepted."""

    description: str = ""
    up: bool = True
    mtu: int | None = None


class SessionIntent(Strict):
    """A BGP session that must be established and carry at least ``min_prefixes``."""

    asn: Asn
    min_prefixes: int = 0


class DeviceIntent(Strict):
    """One device. ``version`` is a prefix: ``17.9`` accepts ``17.9.4a`` and refuses ``17.90.1``."""

    address: IPv4Address
    platform: Platform
    version: str
    ntp: frozenset[IPv4Address] = frozenset()
    interfaces: dict[str, InterfaceIntent] = {}
    bgp: dict[IPv4Address, SessionIntent] = {}


class Intent(Strict):
    """The whole inventory, by device name."""

    devices: dict[str, DeviceIntent]


def fetch(url: str, transport: httpx.BaseTransport | None = None) -> str:
    """Return the inventory that a source of truth publishes under `url`.

    Raises `Unreadable` when it does not answer with a success within `FETCH_SECONDS`.
    """
    try:
        with httpx.Client(http2=True, timeout=FETCH_SECONDS, transport=transport) as client:
            return client.get(url).raise_for_status().text
    except httpx.HTTPError as error:
        raise Unreadable(f"{url}: {error}") from error


def load(source: str) -> Intent:
    """Read an inventory from a file or an http(s) address. Raises `Unreadable`."""
    try:
        text = fetch(source) if source.startswith(("http://", "https://")) else Path(source).read_text("utf-8")
        return Intent.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise Unreadable(f"{source}: {error.strerror}") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise Unreadable(f"{source}: {error}") from error
