# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One difference between intent and device."""

from typing import NamedTuple


class Finding(NamedTuple):
    """``subject`` is the part of the device, such as ``bgp 192.0.2.1`` or an interface name."""

    device: str
    subject: str
    expected: str
    found: str
