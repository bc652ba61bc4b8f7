# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prebuilt interpreters that the controller has for a host."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import SUFFIX
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, find
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.standalone import describe_archive

_VERSION = re.compile(r"cpython-([0-9]+\.[0-9]+\.[0-9]+)[-+]")


def open_stock(arguments: Mapping[str, Any], local_path: Callable[[str], str]) -> list[Prebuilt] | None:
    """Return the archives that a task offers to its host; None when it has none to offer.

    Args:
        arguments: The checked arguments of the task.
        local_path: Finds a relative path where Ansible looks for files.

    Raises:
        Refused: when the archive that is named is not there, or is not described.
    """
    if not arguments["archive"] or arguments["remote_src"] or arguments["source"] == "build":
        return None
    place, sha256 = local_path(arguments["archive"]), arguments["archive_sha256"] or ""
    if os.path.isdir(place):
        versions = [arguments["version"]] if arguments["version"] else _versions(place)
        return [one for version in versions for one in find(place, version)]
    if sha256 and not os.path.exists(place + SUFFIX):
        return [Prebuilt(place, describe_archive(place, sha256.lower()))]
    return find(place, arguments["version"] or "")


def _versions(folder: str) -> list[str]:
    """Return the versions in ``folder``: which one is asked for stands in a file on the host."""
    names = map(os.path.basename, glob.glob(os.path.join(glob.escape(folder), f"cpython-*{SUFFIX}")))
    return sorted({found.group(1) for found in map(_VERSION.match, names) if found})


def take(stock: list[Prebuilt], file: str) -> Prebuilt:
    """Return the archive that a host asks for by its file name.

    Raises:
        Refused: when it is not there any more, or was cut short.
    """
    one = next((one for one in stock if one.description.file == file), None)
    if one is None:
        refuse(file, "the host asks for an archive that was not offered.", "Use one version of this collection.")
    refuse_all(_look(one))
    return one


def _look(one: Prebuilt) -> list[Problem]:
    step = "Copy it there again."
    try:
        size = os.stat(one.path).st_size
    except OSError as error:
        return [Problem(one.path, f"cannot be read: {error.strerror}.", step)]
    if size != one.description.size:
        return [Problem(one.path, f"expected {one.description.size} bytes, found {size}: it was cut short.", step)]
    return []
