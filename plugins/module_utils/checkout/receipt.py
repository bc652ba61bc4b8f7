# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of a checkout of pyenv: what it came from, and what each of its files is. No receipt, no checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic

RECEIPT = "receipt.json"
_SCHEMA = 1


class Receipt(NamedTuple):
    """What a checkout says of itself.

    Attributes:
        version: What ``pyenv --version`` said, such as ``2.6.30``.
        origin: ``kind`` (archive or git), ``place`` (file name or URL), and its ``sha256`` or ``commit``.
        installed_at: UTC, ISO 8601, to the second.
        contents: By relative path what is there, as :func:`..contents.contents` writes it.
    """

    version: str
    origin: Mapping[str, str]
    installed_at: str
    contents: Mapping[str, str]


def read_receipt(folder: str) -> Receipt | None:
    """Return the receipt of the checkout in ``folder``; None when there is none that can be read."""
    try:
        with open(os.path.join(folder, RECEIPT), "rb") as stream:
            return _parse(json.loads(stream.read()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_receipt(folder: str, receipt: Receipt) -> None:
    """Write and sync it; this is the last step of making a checkout.

    Raises:
        OSError: when it cannot be written.
    """
    write_atomic(os.path.join(folder, RECEIPT), canonical_json({"schema": _SCHEMA, **receipt._asdict()}))


def _parse(data: Any) -> Receipt | None:
    if data["schema"] != _SCHEMA:
        return None
    texts = {str(name): str(value) for name, value in data["origin"].items()}
    files = {str(name): str(value) for name, value in data["contents"].items()}
    return Receipt(str(data["version"]), texts, str(data["installed_at"]), files)
