# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release a rollback goes to: the one that was current before, or one that is named."""

from __future__ import annotations

import time
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    ELSEWHERE,
    FOLDER,
    Environment,
    Found,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import (
    LAST_MOMENT,
    identity,
    pointed,
    previous,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, read_receipt

MOST_RELEASES = 10


class Side(NamedTuple):
    """A release that is left or gone to.

    Attributes:
        name: Its name; '' for none.
        receipt: Its receipt; None where it has none that can be believed.
    """

    name: str = ""
    receipt: Receipt | None = None

    @property
    def bundle(self) -> str:
        """The id of its bundle, as far as it is known."""
        return self.receipt.bundle if self.receipt else ""

    @property
    def packages(self) -> dict[str, str]:
        """The version of each package by its name, as far as they are known."""
        return self.receipt.versions() if self.receipt else {}


class Way(NamedTuple):
    """From where to where.

    Attributes:
        start: The release that the link says, whether that is there or not.
        to: The release to go to.
        elsewhere: What the link says where it does not say a release as we do; '' where it does, or there is no link.
        has_left: Whether nobody wants to go anywhere: the release that was to be left is not the current one.
    """

    start: Side
    to: Side
    elsewhere: str = ""
    has_left: bool = False


def find_way(environment: Environment, wanted: str, leaving: str = "") -> Way:
    """Return the way from the current release to the one that is wanted.

    Args:
        environment: Where.
        wanted: Its name, or its first characters; '' for the one that was current before.
        leaving: The release or the bundle that is to be left, or its first characters; '' for whatever is current.

    Raises:
        Refused: when there is none, or several are meant.
    """
    if not environment.names():
        refuse(environment.venv, "expected releases beside it, found none.", "Install a bundle with state=present.")
    found = look(environment)
    if found.state == FOLDER:
        refuse(
            environment.venv,
            "is an ordinary folder, though there are releases beside it.",
            "Move it away, or take its place with state=present, which keeps it.",
        )
    start = _left(environment, pointed(environment), found)
    if leaving and not _is_at(environment, start, leaving):
        return Way(start, start, found.target, has_left=True)
    name = _named(environment, wanted) if wanted else _before(environment, start.name)
    return Way(start, Side(name, read_receipt(environment.release(name))), found.target)


def others(environment: Environment, way: Way) -> str:
    """Return what else there is for who cannot go there."""
    names = [name for name in environment.names() if name not in (way.start.name, way.to.name)]
    return f"set `release` to one of: {', '.join(names[:MOST_RELEASES])}" if names else "there is no further release"


def _left(environment: Environment, start: str, found: Found) -> Side:
    # A link that says it in other words than ours points elsewhere, and yet to this release.
    is_reworded = start and found.state == ELSEWHERE
    return Side(start, read_receipt(environment.release(start)) if is_reworded else found.receipt)


def _is_at(environment: Environment, start: Side, leaving: str) -> bool:
    """Whether the current release is what is to be left; what repaired that is the same release."""
    is_it = start.name.startswith(identity(leaving) or leaving) or start.bundle.startswith(leaving)
    if not is_it and start.name and not start.receipt:
        refuse(
            environment.venv,
            f"expected to be told by its receipt from which bundle release {start.name} is, found none that can be believed.",
            f"Write {start.name} in `leaving` if that is to be left, or leave it out.",
        )
    return is_it


def _before(environment: Environment, start: str) -> str:
    name = previous(environment, start)
    if not name:
        refuse(
            environment.venv,
            f"expected a release that was current before {start or 'now'}, found none. {_known(environment)}",
            "Name another one in `release`, or install a bundle with state=present.",
        )
    return name


def _named(environment: Environment, wanted: str) -> str:
    names = environment.names()
    if wanted in names:
        return wanted
    found = sorted(name for name in names if name.startswith(wanted))
    if len(found) > 1:
        refuse(
            f"release {wanted!r}",
            f"expected the beginning of one name, it is that of {len(found)}: {', '.join(found[:MOST_RELEASES])}.",
            "Write more of its characters.",
        )
    if not found:
        refuse(
            f"release {wanted!r}",
            f"expected a release of {environment.venv}, found none of that name. {_known(environment)}",
            "Name one of them, or its first characters.",
        )
    return found[0]


def _known(environment: Environment) -> str:
    """Return a sentence that names the releases, the last current one first."""
    from ansible_collections.netdevops.python.plugins.module_utils.host.tenure import last_current  # few runs need it

    times, current = last_current(environment), pointed(environment)
    names = sorted(times, key=lambda name: times[name], reverse=True)
    some = [f"{name} ({_when(times[name], name == current)})" for name in names[:MOST_RELEASES]]
    more = f" and {len(names) - MOST_RELEASES} more" if names[MOST_RELEASES:] else ""
    return f"There is {', '.join(some)}{more}."


def _when(seconds: float, is_current: bool) -> str:
    # The time of a receipt may be one that no calendar has.
    clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(seconds, 0), LAST_MOMENT)))
    return "current now" if is_current else f"last current or built {clock}"
