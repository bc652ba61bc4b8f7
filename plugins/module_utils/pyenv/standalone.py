# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ``install_only`` archive of python-build-standalone that nobody described: what it says of itself, unrun."""

from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import Description


def describe_archive(path: str, sha256: str) -> Description:
    """Return the description of the archive at ``path``, read from its own ELF files, headers and ``sysconfig`` data.

    Args:
        path: The archive; it is read to its end, and nothing of it is run or written.
        sha256: The digest that it must have, lower-case hex; checked before anything else is looked at.

    Raises:
        Refused: when it is missing, has another digest, is not safe to unpack, or is no such archive.
    """
    raise NotImplementedError
