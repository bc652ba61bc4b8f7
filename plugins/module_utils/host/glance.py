# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A glance at an environment: is it all that is asked, so that nothing is to be done?

Most runs find that. They get their answer here, with a fifth of what an installation loads. Whoever adds something to do
to :mod:`.plan` adds to :func:`_is_settled` whether there is none of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Plan
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import KEPT_RECORD, look
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.retention import Pruned, leaves_all
from ansible_collections.netdevops.python.plugins.module_utils.host.settled import settled, shown


def glance(params: Mapping[str, Any], source: str, pin: str = "") -> dict[str, Any] | None:
    """Return the result of ``wheelhouse_install`` for an environment of which certainly nothing is to be done.

    Args:
        params: The parameters of that module, for state ``present``.
        source: What is to be in the environment.
        pin: The pin of the bundle; '' where nobody needs it.

    Returns:
        The result; None where something may be to be done, or refused: who does it, or refuses it, looks for himself.
    """
    try:
        options = parse_options(params, source, pin)
        found = look(options.environment)
        receipt = found.receipt
        if receipt is None or options.differs(receipt.asked):
            return None
        kept = _kept(options)
        if kept is None or not _is_settled(options, found.name, receipt):
            return None
    except (Refused, OSError):
        return None
    state = shown(found.name, receipt.versions())
    return {**settled(options.environment, found, Plan(state, state)), **kept, **Pruned().result()}


def _kept(options: Options) -> dict[str, str] | None:
    """Return what a result says of what is kept beside the environment; None where it is due to go."""
    if not os.path.lexists(options.environment.release(KEPT_RECORD)):
        return {}
    # Few environments have any.
    from ansible_collections.netdevops.python.plugins.module_utils.host.day import is_over
    from ansible_collections.netdevops.python.plugins.module_utils.host.kept import kept_folders, told

    folders = [one.folder for one in kept_folders(options.environment)]
    return None if folders and is_over(options.legacy_until) else told(folders, options.legacy_until)


def _is_settled(options: Options, name: str, receipt: Receipt) -> bool:
    # What is beside it costs less to look at than its files.
    environment = options.environment
    return (
        not environment.leftovers()
        and leaves_all(environment, options.retention)
        and _has_commands(options, name)
        and _is_intact(options, name, receipt)
    )


def _has_commands(options: Options, name: str) -> bool:
    if options.commands is None:
        return True
    # Few runs need it.
    from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import check_commands, difference

    check_commands(options, options.environment.release(name))
    return not any(difference(options))


def _is_intact(options: Options, name: str, receipt: Receipt) -> bool:
    """Whether the release is as its receipt says, as far as ``verify`` wants to know and no file has to be read for it."""
    interpreter = receipt.interpreter["path"]
    if options.verify == "receipt":
        return os.path.exists(interpreter)
    if options.verify != "stat":
        return False
    from ansible_collections.netdevops.python.plugins.module_utils.host.walk import walk

    release = options.environment.release(name)
    return walk(release, interpreter).is_indexed(release)
