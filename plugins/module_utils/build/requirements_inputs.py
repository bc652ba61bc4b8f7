# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity of a plain wheelhouse: cheap enough to ask for on every run."""

from __future__ import annotations

import os

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_value
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse


def inputs_digest(text: str, wheels_folder: str) -> str:
    """Return the SHA-256 over a requirements text and the names and sizes of the wheels in a folder.

    Equal digests say that compiling again gives the same manifest, unless a wheel was replaced by one of
    the same size; its digest is then wrong and the installer refuses it.

    Raises:
        Refused: when the folder cannot be read.
    """
    try:
        with os.scandir(wheels_folder) as entries:
            found = sorted((entry.name, entry.stat().st_size) for entry in entries if entry.name.endswith(".whl"))
    except OSError as error:
        refuse(wheels_folder, f"expected a folder of wheels: {error.strerror}.", "Name the folder in `wheelhouse`.")
    return digest_value({"requirements": text, "wheels": found})
