# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of an environment: survey, and, where that is not what is asked, the stages that make it so."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.host.beside import together
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey, install_plan, survey
from ansible_collections.netdevops.python.plugins.module_utils.host.settled import settled

if TYPE_CHECKING:
    from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner


WITHOUT_PLUGIN = "the module was run without its action plugin."


def converge(params: Mapping[str, Any], check_mode: bool, run: Runner | None = None) -> dict[str, Any]:
    """Bring an environment to the state that the parameters of ``wheelhouse_install`` ask for.

    The action plugin adds some of its own: ``source`` says what the controller has (and, alone, asks what the
    host needs of it), ``pin`` which Python that is for; ``delivery`` is where it put that, and ``brought`` says that
    an interpreter that was lacking was installed.

    Raises:
        Refused: when it cannot be done safely.
    """
    try:
        if params["state"] == "absent":
            from ansible_collections.netdevops.python.plugins.module_utils.host.removal import absent

            return absent(params, check_mode)
        if params["state"] == "rolled_back":
            refuse("state rolled_back", WITHOUT_PLUGIN, "Call it as netdevops.python.wheelhouse_install.")
        return present(params, _source(params), check_mode, run)
    except OSError as error:  # From looking; what works on something names its stage.
        refuse(
            str(error.filename or params["venv"]),
            f"{error.strerror or error}.",
            "Use become, or look at what stands there; nothing was changed.",
        )


class Source(NamedTuple):
    """Where wheels come from in this run.

    Attributes:
        identity: ``bundle:<id>`` or ``requirements:<digest>``, as the receipt keeps it.
        bundle: Path of a bundle on this host, whole or holding only what the host lacks; None while the
            controller only asks.
        pin: The pin of the bundle; '' where nobody needs it.
    """

    identity: str
    bundle: str | None
    pin: str = ""


def _source(params: Mapping[str, Any]) -> Source:
    if params.get("source"):
        return Source(params["source"], params.get("delivery"), params.get("pin") or "")
    if not params["remote_src"]:
        refuse(
            "bundle",
            WITHOUT_PLUGIN,
            "Call it as netdevops.python.wheelhouse_install, or set remote_src.",
        )
    from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
        check_bundle_id,
        read_manifest_bytes,
    )
    from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
    from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import parse_manifest

    data = read_manifest_bytes(params["bundle"])
    identity = digest_bytes(data)
    check_bundle_id(params["bundle"], identity, params["bundle_id"])
    pin = parse_manifest(data, params["bundle"]).pin if params.get("interpreter_root") else ""
    return Source(f"bundle:{identity}", params["bundle"], pin)


def present(params: Mapping[str, Any], source: Source, check_mode: bool, run: Runner | None = None) -> dict[str, Any]:
    """Bring the environment to what is asked, or say what that would take.

    Args:
        params: The module's parameters.
        source: Where wheels come from.
        check_mode: Write nothing.
        run: Starts programs.

    Returns:
        The module's result. Without a bundle, and where one is needed, it holds ``needs``: what the
        controller must know to deliver one. So it does with a bundle, where the interpreter is lacking.
    """
    options = parse_options(params, source.identity, source.pin)
    seen = survey(options, whole=source.bundle is None or check_mode)
    if seen.converged:
        return leave(options, seen, check_mode)
    # The rest of the knowledge is loaded only by runs that have something to do: it is four fifths of it.
    from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
    from ansible_collections.netdevops.python.plugins.module_utils.host import install

    if source.bundle is None:
        return install.needs(run or run_process, options, seen)
    brought = bool(params.get("brought"))
    return install.install(run or run_process, options, seen, source.bundle, check_mode, brought)


def leave(options: Options, seen: Survey, check_mode: bool) -> dict[str, Any]:
    """Leave an environment that is all that is asked where it is, see to what is due beside it, and return the result."""
    plan = install_plan(options, seen, seen.found.name, {})
    if options.commands is not None:
        from ansible_collections.netdevops.python.plugins.module_utils.host.beside import check_release

        check_release(options, options.environment.release(seen.found.name))
    pruned = seen.due.foretold().result()
    if plan.changed and not check_mode:
        from ansible_collections.netdevops.python.plugins.module_utils.host import install

        pruned = install.tidy_only(options)
    elif seen.verdict.stale and not check_mode:
        _refresh_index(options, seen)
    return together(settled(options.environment, seen.found, plan), seen.beside.result(), pruned)


def _refresh_index(options: Options, seen: Survey) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host.index import write_index

    receipt = seen.found.receipt
    # The index is a cache: a user who may not write it pays a second reading, nothing else.
    with contextlib.suppress(OSError):
        if receipt:
            write_index(options.environment.release(seen.found.name), receipt.interpreter["path"], options.mode & 0o666)
