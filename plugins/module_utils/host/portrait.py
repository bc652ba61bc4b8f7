# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One environment, as plain data for a result: what it is, what is in it, since when, and who uses it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.search import read_config
from ansible_collections.netdevops.python.plugins.module_utils.host.census import KEPT, ORDINARY, Standing
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Drift, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import exposed
from ansible_collections.netdevops.python.plugins.module_utils.host.held import read_held
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import previous
from ansible_collections.netdevops.python.plugins.module_utils.host.kept import kept_folders
from ansible_collections.netdevops.python.plugins.module_utils.host.legacy import packages_of
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import drift_lines
from ansible_collections.netdevops.python.plugins.module_utils.host.reach import may_all_run
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import RECEIPT_FILE, Receipt, read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.tenure import current_since, last_current
from ansible_collections.netdevops.python.plugins.module_utils.host.usage import Use

DAY = 86400
MOST_USES = 20
COUNT, VERSIONS, WHOLE = "count", "versions", "whole"


class Wanted(NamedTuple):
    """How much is told of each environment.

    Attributes:
        packages: ``count``, ``versions`` or ``whole``.
        verify: ``receipt``, ``stat`` or ``content``, as for an installation.
        cyclonedx: Whether to add a bill of materials.
        disk: Whether to add up the bytes on the disk.
    """

    packages: str = VERSIONS
    verify: str = "stat"
    cyclonedx: bool = False
    disk: bool = False


class Look(NamedTuple):
    """What a look at the files of one environment gave.

    Attributes:
        interpreter: ``path``, ``version``, ``target`` and ``sha256``, as far as they are known.
        packages: Name, version and SHA-256 of the wheel per package; '' where nobody knows it.
        drift: How its release differs from its receipt.
    """

    interpreter: Mapping[str, str]
    packages: Sequence[Sequence[str]]
    drift: tuple[Drift, ...] = ()


def folders_of(standing: Standing) -> list[str]:
    """Return the folders whose use by a process is a use of this environment: its releases, and its stable path."""
    environment = Environment(standing.path)
    return [*(environment.release(name) for name in standing.releases), standing.path]


def portray(
    standing: Standing, wanted: Wanted, users: Mapping[str, Sequence[Use]] | None, now: float
) -> dict[str, Any]:
    """Return all that is told of one environment.

    Args:
        standing: What the census says of it.
        wanted: How much to tell.
        users: The processes that use each of :func:`folders_of`; None where nobody looked.
        now: The time, in seconds since the epoch.
    """
    environment = Environment(standing.path)
    receipt, look = standing.receipt, _look(standing, wanted)
    built = _built(environment, standing.release) if receipt else 0.0
    told = {
        "venv": standing.path,
        "kind": standing.kind,
        "detail": standing.detail,
        "release": standing.release,
        "bundle": receipt.bundle if receipt else "",
        "lock": receipt.lock if receipt else "",
        "interpreter": {**look.interpreter, "ok": _is_ok(look)},
        "packages": _packages(look.packages, wanted.packages),
        "drift": {"count": len(look.drift), "some": drift_lines(look.drift)},
        "built_at": moment(built),
        "age_days": int((now - built) // DAY) if built else None,
        "current_since": moment(current_since(environment)) if receipt else "",
        "previous": previous(environment, standing.release) if standing.releases else "",
        "releases": _releases(standing, users),
        "broken": list(standing.broken),
        "leftovers": list(standing.leftovers),
        "commands": exposed(environment),
        "public": may_all_run(os.path.join(standing.path, "bin", "python")),
        "kept": [one.folder for one in kept_folders(environment)],
        "processes": _processes(standing, users),
        "bytes": _bytes(standing) if wanted.disk else None,
    }
    if wanted.cyclonedx:
        told["cyclonedx"] = _bill(standing, look, moment(built))
    return told


def moment(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC; '' for 0, and for what is no time at all."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds > 0 else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _look(standing: Standing, wanted: Wanted) -> Look:
    receipt = standing.receipt
    if receipt:
        folder = Environment(standing.path).release(standing.release)
        return Look(receipt.interpreter, receipt.packages, _drift(folder, receipt, wanted.verify))
    if standing.kind in (ORDINARY, KEPT):
        try:
            packages = [[name, version, ""] for name, version in packages_of(standing.path).items()]
        except OSError:
            packages = []
        return Look(_interpreter_of(standing), packages)
    return Look({"path": "", "version": "", "target": "", "sha256": ""}, [])


def _drift(folder: str, receipt: Receipt, verify: str) -> tuple[Drift, ...]:
    try:
        return examine(folder, receipt, verify).drift
    except OSError as error:  # Also what may not be read is no release as its receipt says.
        return (Drift(str(error.filename or folder), "unreadable"),)


def _interpreter_of(standing: Standing) -> dict[str, str]:
    """Return what the configuration of an ordinary environment says (venv, virtualenv and uv write different names)."""
    said = read_config(standing.path)
    found = said.get("executable") or (os.path.join(standing.home, "python3") if standing.home else "")
    version = said.get("version") or said.get("version_info") or ""
    return {"path": found, "version": ".".join(version.split(".")[:3]), "target": "", "sha256": ""}


def _is_ok(look: Look) -> bool:
    path = look.interpreter["path"]
    return bool(path) and os.path.exists(path) and path not in [item.path for item in look.drift]


def _packages(packages: Sequence[Sequence[str]], how: str) -> dict[str, Any]:
    told: dict[str, Any] = {"count": len(packages)}
    if how != COUNT:
        told["versions"] = {package[0]: package[1] for package in packages}
    if how == WHOLE:
        told["wheels"] = {package[0]: package[2] for package in packages if package[2]}
    return told


def _releases(standing: Standing, users: Mapping[str, Sequence[Use]] | None) -> list[dict[str, Any]]:
    environment = Environment(standing.path)
    held, last = read_held(environment), last_current(environment) if standing.releases else {}
    found = []
    for name in standing.releases:
        folder = environment.release(name)
        receipt = standing.receipt if name == standing.release else read_receipt(folder)
        found.append(
            {
                "name": name,
                "bundle": receipt.bundle if receipt else "",
                "lock": receipt.lock if receipt else "",
                "built_at": moment(_built(environment, name)),
                "last_current": moment(last.get(name, 0.0)),
                "current": name == standing.release,
                "held": name in held,
                "in_use": None if users is None else bool(users.get(folder)),
            }
        )
    return found


def _built(environment: Environment, name: str) -> float:
    try:
        return os.stat(os.path.join(environment.release(name), RECEIPT_FILE)).st_mtime
    except OSError:
        return 0.0


def _processes(standing: Standing, users: Mapping[str, Sequence[Use]] | None) -> dict[str, Any] | None:
    """Return who uses the environment. One that names its stable path alone may be in any release that was current since."""
    if users is None:
        return None
    environment = Environment(standing.path)
    names = {environment.release(name): name for name in standing.releases}
    found: dict[int, dict[str, Any]] = {}
    for folder in folders_of(standing):
        for use in users.get(folder, ()):
            found.setdefault(use.pid, {**use._asdict(), "release": names.get(folder, "")})
    return {"count": len(found), "some": [found[pid] for pid in sorted(found)[:MOST_USES]]}


def _bytes(standing: Standing) -> int:
    """Return what the environment takes on the disk; files that its releases share count once."""
    seen: dict[tuple[int, int], int] = {}
    top = standing.path if standing.kind in (ORDINARY, KEPT) else Environment(standing.path).releases
    for folder, _folders, files in os.walk(top):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            _count(path, seen)
    return sum(seen.values())


def _count(path: str, seen: dict[tuple[int, int], int]) -> None:
    try:
        found = os.lstat(path)
    except OSError:
        return
    seen[found.st_dev, found.st_ino] = found.st_blocks * 512


def _bill(standing: Standing, look: Look, built_at: str) -> dict[str, Any]:
    from ansible_collections.netdevops.python.plugins.module_utils.host.cyclonedx import Content, bill_of

    receipt = standing.receipt
    bundle, lock = (receipt.bundle, receipt.lock) if receipt else ("", "")
    return bill_of(Content(standing.path, standing.release, bundle, lock, look.interpreter, look.packages, built_at))
