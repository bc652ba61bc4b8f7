# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of this program, while it can still be read.

Ansible takes a module to a host as one archive, which only the user that it connects as can read. Whoever gives up that
user's rights can import no more of it then: not what a function loads when it is called, either.
"""

from __future__ import annotations

import codecs
import importlib
import pkgutil
import zipimport
from typing import Any

_PACKAGE = __name__.rsplit(".", 2)[0]
# An interpreter that only that user can read was seen as well: it looks for a codec when one is first named.
_CODECS = ("ascii", "latin-1", "utf-8")


def load_the_rest(package: str = _PACKAGE) -> None:
    """Import every module of ``package`` that came in the same archive, none where it did not come in one, and find common codecs."""
    for name in _CODECS:
        codecs.lookup(name)
    top = importlib.import_module(package)
    loader: Any = getattr(top.__spec__, "loader", None)
    if isinstance(loader, zipimport.zipimporter):
        for found in pkgutil.walk_packages(top.__path__, f"{package}."):
            importlib.import_module(found.name)
