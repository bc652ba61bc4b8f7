# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was to be looked at and is not there: gone must never pass for clean."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.audit.baseline import Approved
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES

_WILDCARDS = re.compile(r"[*?\[]")


def search_notes(search: Sequence[str]) -> list[str]:
    """Return a note for each folder to search that is not there; none of those that nobody named."""
    if tuple(search) == PLACES:
        return []
    return [f"{path} is no folder of this host: nothing was found there" for path in search if not _is_there(path)]


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except PermissionError:  # a finding of its own
        return True
    except OSError:
        return False
    return os.path.isdir(path)


def check_absent(reader: Reader, baseline: Sequence[Approved], venvs: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each entry of the baseline that names an environment by its whole path, where none was found.

    Args:
        reader: Remembers what could not be read.
        baseline: What is approved.
        venvs: Paths of the environments that were found.
    """
    for venv in dict.fromkeys(os.path.normpath(one.venv) for one in baseline if not _WILDCARDS.search(one.venv)):
        if venv in venvs:
            continue
        try:
            os.lstat(venv)
        except (FileNotFoundError, NotADirectoryError):
            said = "nothing is there"
        except OSError as error:
            reader.missed(venv, error)
            continue
        else:
            said = "what is there is no environment, or not where was searched"
        yield Finding("environment-missing", venv, (said,), venv)
