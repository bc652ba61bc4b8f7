# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible sends to a host with a module: all that it imports, and what that imports, inside functions too."""

from __future__ import annotations

import ast
import pathlib
import zlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[3]
COLLECTION = "ansible_collections.netdevops.python."


def travels(module: str) -> list[str]:
    """Return the names of this collection's files that go with a module, below ``plugins.module_utils``."""
    found: set[str] = set()
    waiting = [ROOT / "plugins/modules" / f"{module}.py"]
    while waiting:
        for name in set(_imports(waiting.pop())) - found:
            path = ROOT / (name.replace(".", "/") + ".py")
            if path.is_file():
                found.add(name)
                waiting.append(path)
    return sorted(found)


def packed(module: str) -> int:
    """Return how many bytes go with a module and are this collection's, about as a zip holds them."""
    paths = [ROOT / "plugins/modules" / f"{module}.py"]
    paths += [ROOT / (name.replace(".", "/") + ".py") for name in travels(module)]
    return sum(len(zlib.compress(path.read_bytes())) for path in paths)


def _imports(path: pathlib.Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(COLLECTION):
            yield node.module[len(COLLECTION) :]
            yield from (f"{node.module}.{alias.name}"[len(COLLECTION) :] for alias in node.names)
