# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of this program, while it can still be read.

Ansible takes a module to a host as one archive, which only the user that it connects as can read. Whoever gives up that
user's rights can import no more of it then: not what a function loads when it is called, either.
"""

from __future__ import annotations

import importlib
import pkgutil
import zipimport
from typing import Any

_PACKAGE = __name__.rsplit(".", 2)[0]


def load_the_rest(package: str = _PACKAGE) -> None:
    """Import every module of ``package`` that came in the same archive; nothing where it did not come in one."""
    top = importlib.import_module(package)
    loader: Any = getattr(top.__spec__, "loader", None)
    if isinstance(loader, zipimport.zipimporter):
        for found in pkgutil.walk_packages(top.__path__, f"{package}."):
            importlib.import_module(found.name)
