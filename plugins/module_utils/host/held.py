# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases of an environment that are held: somebody named them, so retention spares them until they are no longer named."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment

HELD_FILE = ".held"
MOST_BYTES = 1 << 16


def read_held(environment: Environment) -> tuple[str, ...]:
    """Return the names that were said last, sorted; those of releases that are gone are left out."""
    try:
        # Its folder may be somebody's who would have root wait for a pipe.
        found = read_regular(environment.release(HELD_FILE), MOST_BYTES, follow=False)
    except OSError:
        return ()
    named = found[0].decode("utf-8", "replace").split() if found else ()
    return tuple(sorted(set(named) & set(environment.names())))


def resolve_held(environment: Environment, hold: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the releases that ``hold`` means, each by its name or its first characters.

    Raises:
        Refused: for every one that means no release or several. Whoever holds a release relies on it.
    """
    names = environment.names()
    meant = {said: [said] if said in names else [name for name in names if name.startswith(said)] for said in hold}
    refuse_all([_problem(said, found, names) for said, found in meant.items() if len(found) != 1])
    return tuple(sorted({name for found in meant.values() for name in found}))


def _problem(said: str, found: Sequence[str], names: Sequence[str]) -> Problem:
    return Problem(
        f"hold {said!r}",
        f"expected the name of one release or its first characters, found {', '.join(found) or 'no such release'}.",
        f"Releases here: {', '.join(names) or 'none'}.",
    )
