# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each environment of a host: what the census says of it, whether it drifted, and its row in the report."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding, short_lines, short_path
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.user_site import read_config
from ansible_collections.netdevops.python.plugins.module_utils.host import census
from ansible_collections.netdevops.python.plugins.module_utils.host.census import Standing
from ansible_collections.netdevops.python.plugins.module_utils.host.comparison import digest_bounded
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import examine
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.exposure import exposed
from ansible_collections.netdevops.python.plugins.module_utils.host.index import read_index
from ansible_collections.netdevops.python.plugins.module_utils.host.journal import previous
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import read_files
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import LOCK_FILE, is_free
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import MOST_BYTES, RECEIPT_FILE, Receipt

SHOWN_DRIFT, SHOWN_COMMANDS = 5, 20
_STARTUP = (".pth", "customize.py", "customize.pyc")
_VERSION = re.compile(r"3\.[0-9]+(\.[0-9]+[a-z0-9]*)?")


class Examined(NamedTuple):
    """One environment, looked at.

    Attributes:
        standing: What the census says.
        python: Its interpreter; '' where nothing says it.
        version: That one's version; '' where nothing says it.
        owner: The user id that it belongs to.
        drift: A line per difference.
        commands: Its commands by the paths of their launchers.
        startup: Paths of the start-up files that its receipt names, relative to it.
        size: Bytes of all files that its receipt names; None where it has none.
    """

    standing: Standing
    python: str
    version: str
    owner: int
    drift: tuple[str, ...]
    commands: dict[str, str]
    startup: tuple[str, ...] = ()
    size: int | None = None

    @property
    def is_ordinary(self) -> bool:
        """Whether it is a virtual environment that is no release."""
        return self.standing.kind == census.ORDINARY

    @property
    def is_kept(self) -> bool:
        """Whether a release took its place, so that nobody starts it any more."""
        return self.standing.kind == census.KEPT


def examine_environment(reader: Reader, standing: Standing, verify: str) -> Examined:
    """Look at one environment; ``verify`` is ``stat`` or ``content``, as :func:`host.drift.examine` has it."""
    receipt, venv = standing.receipt, standing.path
    if receipt is None:
        config = read_config(reader, venv) if standing.home else {}
        said = _VERSION.match(config.get("version") or config.get("version_info") or "")
        python = f"{standing.home}/python3" if standing.home else ""
        return Examined(
            standing, python, said.group() if said else "", _owner(reader, venv), (), exposed(Environment(venv))
        )
    python, version = receipt.interpreter["path"], receipt.interpreter["version"]
    drift = _drift(reader, standing, receipt, verify)
    files = read_files(Environment(venv).release(standing.release), receipt)
    startup = tuple(file.path for file in files or () if file.path.endswith(_STARTUP))
    size = None if files is None else sum(file.size for file in files)
    return Examined(standing, python, version, receipt.owner[0], drift, exposed(Environment(venv)), startup, size)


def unknown(standing: Standing) -> Examined:
    """Return an environment of which nothing is known but where it stands."""
    return Examined(standing._replace(receipt=None), "", "", 0, (), {})


def _owner(reader: Reader, venv: str) -> int:
    """Return whose an environment is: of its link, or of its releases where the link is gone."""
    for path in (venv, Environment(venv).releases):
        try:
            return os.lstat(path).st_uid
        except FileNotFoundError:
            continue
        except OSError as error:
            reader.missed(path, error)
            break
    return 0


def _drift(reader: Reader, standing: Standing, receipt: Receipt, verify: str) -> tuple[str, ...]:
    release = Environment(standing.path).release(standing.release)
    try:
        found = examine(release, receipt, verify).drift
        lines = [f"{one.what}: {one.path}" for one in found]
        # Only the index knows what the receipt was, and a comparison of all content does not ask it.
        known = read_index(release).receipt
        edited = f"edited: {RECEIPT_FILE}"
        if known and edited not in lines and digest_bounded(os.path.join(release, RECEIPT_FILE), MOST_BYTES) != known:
            lines.append(edited)
    except OSError as error:
        reader.missed(str(error.filename or release) if os.path.isabs(str(error.filename)) else release, error)
        return ()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        # Whoever may write to a release may write anything into its receipt.
        reader.unreadable[release] = "its receipt says what cannot be followed"
        return ()
    return tuple(lines)


def check_environment(reader: Reader, one: Examined) -> Iterator[Finding]:
    """Yield what is wrong with an environment itself: its kind, drift, receipts, leftovers and interpreter."""
    standing, venv = one.standing, one.standing.path
    if standing.kind in _KINDS and not _is_damaged(standing):
        yield Finding(_KINDS[standing.kind], venv, (standing.detail,), venv)
    if standing.kind == census.UNREADABLE:
        reader.unreadable[venv] = standing.detail
    yield from _receipts(standing)
    yield from _leftovers(reader, standing)
    broken = _broken(reader, one)
    if broken:
        yield Finding("interpreter-broken", venv, (broken,), venv)
    drift = tuple(line for line in one.drift if not (broken and line == f"deleted: {one.python}"))
    if drift:
        yield Finding("environment-drifted", venv, drift, venv)


_KINDS = {
    census.DANGLING: "environment-dangling",
    census.ELSEWHERE: "environment-elsewhere",
    census.ORDINARY: "environment-unmanaged",
    census.ORPHANED: "releases-orphaned",
}


def _is_damaged(standing: Standing) -> bool:
    """Whether the release is there, and only its receipt cannot be believed."""
    return standing.kind == census.DANGLING and standing.release in standing.broken


def _receipts(standing: Standing) -> Iterator[Finding]:
    for name in standing.broken:
        path = os.path.join(Environment(standing.path).release(name), RECEIPT_FILE)
        which = "the current release" if name == standing.release else "an earlier release"
        yield Finding("receipt-damaged", path, (f"{which}, {name}",), standing.path)


def _leftovers(reader: Reader, standing: Standing) -> Iterator[Finding]:
    environment = Environment(standing.path)
    found = [name for name in standing.leftovers if name != standing.release]
    if not found:
        return
    lock = environment.release(LOCK_FILE)
    if os.path.exists(lock) and not os.access(lock, os.R_OK):
        reader.unreadable[lock] = "permission denied: whether a run is at work cannot be told"
    elif is_free(environment):
        yield Finding("leftovers", environment.releases, tuple(found), standing.path)


def _broken(reader: Reader, one: Examined) -> str:
    """Return why its interpreter cannot start; '' where it is there. Nothing is started to learn it."""
    if not (one.standing.receipt or one.is_ordinary):
        return ""
    started = [f"{one.standing.path}/bin/python"] if one.is_ordinary else [one.python]
    for path in started:
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return f"{os.path.realpath(path)} is not there"
        except OSError as error:
            reader.missed(path, error)
            return ""
        if not os.access(path, os.X_OK):
            return f"{os.path.realpath(path)} cannot be executed"
    return ""


def row(one: Examined, now: dt.datetime) -> dict[str, Any]:
    """Return an environment as the report has it.

    Args:
        one: The environment.
        now: The time of the audit, in UTC.
    """
    standing, receipt = one.standing, one.standing.receipt
    built = _built_at(standing)
    told = {
        "venv": standing.path,
        "kind": standing.kind,
        "release": standing.release,
        "bundle": receipt.bundle if receipt else "",
        "lock": getattr(receipt, "lock", ""),
        "python": one.python,
        "version": one.version,
        "built_at": built.strftime("%Y-%m-%dT%H:%M:%SZ") if built else "",
        "age_days": (now - built).days if built else None,
        "packages": len(receipt.packages) if receipt else 0,
        "drift": {"count": len(one.drift), "some": short_lines(one.drift, SHOWN_DRIFT)},
        "previous": previous(Environment(standing.path), standing.release) if receipt else "",
        "releases": len(standing.releases),
        "commands": short_lines(sorted(one.commands), SHOWN_COMMANDS),
        "bytes": one.size,
    }
    return {name: short_path(value) if isinstance(value, str) else value for name, value in told.items()}


def _built_at(standing: Standing) -> dt.datetime | None:
    """Return when the release was finished: its receipt is written last."""
    if not standing.receipt:
        return None
    try:
        path = os.path.join(Environment(standing.path).release(standing.release), RECEIPT_FILE)
        return dt.datetime.fromtimestamp(int(os.stat(path).st_mtime), dt.timezone.utc)
    except (OSError, ValueError, OverflowError):  # Whoever owns it may set any time.
        return None
