# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreters that count: those in the folders of versions, and those that environments stand on."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.environments import Examined
from ansible_collections.netdevops.python.plugins.module_utils.audit.eol import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.audit.owners import Owners
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION

_FEATURE = re.compile(r"python(3\.[0-9]+)t?")


def find_interpreters(
    reader: Reader, roots: Sequence[str], environments: Sequence[Examined], owners: Owners | None
) -> list[Interpreter]:
    """Return each interpreter once, by its folder; none is started.

    Args:
        reader: Reads the host.
        roots: The folders that hold ``versions/``.
        environments: The environments of the host; those that nobody starts any more stand on nothing.
        owners: The package manager; None where there is none.
    """
    found: dict[str, Interpreter] = {}
    for root in roots:
        for name in reader.names(f"{root}/versions"):
            folder = f"{root}/versions/{name}"
            # A name with a dot in front is on its way out; others are pyenv-virtualenv's environments.
            if EXACT_VERSION.fullmatch(name) and reader.is_folder(folder):
                found[os.path.realpath(folder)] = Interpreter(folder, name)
    for one in environments:
        if one.python and not one.is_kept:
            _add(found, one)
    shipped = _shipped([one.folder for one in found.values()], owners)
    return sorted(one._replace(is_distribution=one.folder in shipped) for one in found.values())


def _add(found: dict[str, Interpreter], one: Examined) -> None:
    folder = os.path.dirname(os.path.dirname(one.python))
    key = os.path.realpath(folder)
    known = found.get(key) or Interpreter(folder, one.version or _feature(key))
    found[key] = known._replace(venvs=(*known.venvs, one.standing.path), version=known.version or one.version)


def _feature(folder: str) -> str:
    """Return the feature version of the one Python whose library is in a folder; '' where there are several or none."""
    try:
        names = [match.group(1) for match in map(_FEATURE.fullmatch, os.listdir(f"{folder}/lib")) if match]
    except OSError:
        return ""
    return names[0] if len(names) == 1 else ""


def _shipped(folders: Sequence[str], owners: Owners | None) -> set[str]:
    """Return the folders of the distribution's own interpreters: its package manager knows their program."""
    candidates = {folder: os.path.realpath(f"{folder}/bin/python3") for folder in folders}
    if owners is None or not candidates:
        return set()
    # Most interpreters are far from the distribution's folders, and no package manager need be asked.
    likely = {path for path in candidates.values() if path.startswith(("/usr/bin/", "/usr/libexec/", "/bin/"))}
    owned = owners.owned(likely) if likely else set()
    return {folder for folder, path in candidates.items() if path in owned}
