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
_Key = tuple[str, str]  # the real folder and the feature version


def find_interpreters(
    reader: Reader, roots: Sequence[str], environments: Sequence[Examined], owners: Owners | None
) -> list[Interpreter]:
    """Return each interpreter once; none is started. A folder such as /usr/local holds one of each feature version.

    Args:
        reader: Reads the host.
        roots: The folders that hold ``versions/``.
        environments: The environments of the host; those that nobody starts any more stand on nothing.
        owners: The package manager; None where there is none.
    """
    found: dict[_Key, Interpreter] = {}
    for root in roots:
        for name in reader.names(f"{root}/versions"):
            folder = f"{root}/versions/{name}"
            # A name with a dot in front is on its way out; others are pyenv-virtualenv's environments.
            if EXACT_VERSION.fullmatch(name) and reader.is_folder(folder):
                found[_key(folder, name)] = Interpreter(folder, name)
    for one in environments:
        if one.python and not one.is_kept:
            _add(found, one)
    shipped = _shipped([one.folder for one in found.values()], owners)
    return sorted(one._replace(is_distribution=one.folder in shipped) for one in found.values())


def _key(folder: str, version: str) -> _Key:
    return os.path.realpath(folder), ".".join(version.split(".")[:2])


def _add(found: dict[_Key, Interpreter], one: Examined) -> None:
    folder = os.path.dirname(os.path.dirname(one.python))
    version = _version_of(one) or _feature(os.path.realpath(folder))
    key = _key(folder, version)
    known = found.get(key) or Interpreter(folder, version)
    found[key] = known._replace(venvs=(*known.venvs, one.standing.path))


def _version_of(one: Examined) -> str:
    """Return what the program that an environment starts is called after, and what its configuration says where that agrees."""
    program = os.path.basename(os.path.realpath(f"{one.standing.path}/bin/python"))
    named = _FEATURE.fullmatch(program)
    if named is None or _key("/", one.version) == _key("/", named.group(1)):
        return one.version
    return named.group(1)


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
