# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody added by hand to the environment of a project (``sync: false``): it is no drift, and is carried on.

That is each distribution with a RECORD (PEP 376) in the current release of which the receipt knows nothing, with the files that
its RECORD lists and their bytecode. Whatever else is in a release and not in its receipt is drift as everywhere, and so is a
package of the lock that somebody replaced.
"""

from __future__ import annotations

import csv
import functools
import os
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.regular import read_regular
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import Drift, Verdict, examine
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment, Found
from ansible_collections.netdevops.python.plugins.module_utils.host.goal import Goal
from ansible_collections.netdevops.python.plugins.module_utils.host.install import Looks
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import Survey, survey
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt
from ansible_collections.netdevops.python.plugins.module_utils.host.sharing import find_same
from ansible_collections.netdevops.python.plugins.module_utils.poetry.lock_file import normalized

MOST_BYTES = 64 << 20  # of a RECORD
_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


class Distribution(NamedTuple):
    """A distribution that was added by hand.

    Attributes:
        name: Normalized (PEP 503).
        version: As its folder says.
        record: Its RECORD, relative to the release.
        files: What that lists in the release, relative to it; itself among it.
    """

    name: str
    version: str
    record: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def added_by_hand(release: str, receipt: Receipt) -> list[Distribution]:
    """Return the distributions in a release of which its receipt knows nothing, sorted.

    Args:
        release: The folder.
        receipt: Its receipt.
    """
    site = site_packages(receipt)
    listed = {normalized(name) for name in receipt.versions()}
    found = []
    for folder in _folders(f"{release}/{site}"):
        match = _DIST_INFO.fullmatch(folder)
        if match and normalized(match["name"]) not in listed:
            record = f"{site}/{folder}/RECORD"
            files = tuple(path for path, _row in rows_of(release, record, site))
            if files:
                found.append(Distribution(normalized(match["name"]), match["version"], record, (*files, record)))
    return sorted(found)


def site_packages(receipt: Receipt) -> str:
    """Return where the packages of a release are, relative to it."""
    major, minor = parse_target(receipt.interpreter["target"]).python
    return f"lib/python{major}.{minor}/site-packages"


def _folders(site: str) -> list[str]:
    try:
        return os.listdir(site)
    except OSError:
        return []


def rows_of(release: str, record: str, site: str) -> list[tuple[str, list[str]]]:
    """Return path (relative to the release) and fields of each row of a RECORD that names a file in the release."""
    try:
        read = read_regular(f"{release}/{record}", MOST_BYTES, follow=False)
        rows = list(csv.reader((read[0] if read else b"").decode("utf-8").splitlines()))
    except (OSError, ValueError, csv.Error):
        return []
    found = []
    for row in rows:
        path = os.path.normpath(os.path.join(site, row[0])) if row and row[0] else ""
        if path not in ("", ".") and not path.startswith(("../", "/")) and path != ".." and "\0" not in path:
            found.append((path, row))
    return found


def judge(release: str, receipt: Receipt, verify: str) -> Verdict:
    """Compare a release with its receipt as :func:`.host.drift.examine` does; what was added by hand is no drift."""
    verdict = examine(release, receipt, verify)
    if not any(item.what == "added" for item in verdict.drift):
        return verdict
    files = {path for found in added_by_hand(release, receipt) for path in found.files}
    folders = set(_above(files))
    drift = tuple(item for item in verdict.drift if item.what != "added" or not _is_spared(item.path, files, folders))
    return Verdict(drift, stale=not drift)


def _above(files: Collection[str]) -> set[str]:
    folders: set[str] = set()
    for file in files:
        folder = os.path.dirname(file)
        while folder and folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    return folders


def _is_spared(path: str, files: Collection[str], folders: Collection[str]) -> bool:
    return path in files or path in folders or source_of(path) in files


def source_of(path: str) -> str:
    """Return the source that a file of this name is compiled from; '' for no bytecode."""
    folder, _slash, name = path.rpartition("/")
    package, _slash, cache = folder.rpartition("/")
    return f"{package}/{name.split('.', 1)[0]}.py" if cache == "__pycache__" and name.endswith(".pyc") else ""


class Additions(NamedTuple):
    """What of what was added by hand goes on, and what does not.

    Attributes:
        root: The release that it is in.
        kept: What goes on.
        warnings: What does not, and why.
    """

    root: str = ""
    kept: tuple[Distribution, ...] = ()
    warnings: tuple[str, ...] = ()

    def result(self) -> dict[str, list[str]]:
        """Return what a result says of it."""
        return {"added_by_hand": [str(found) for found in self.kept]}


NOTHING = Additions()


def find_additions(
    environment: Environment, found: Found, planned: Mapping[str, str], interpreter: Interpreter | None = None
) -> Additions:
    """Return what was added by hand to the current release, for the one that comes next.

    Args:
        environment: Where.
        found: What stands there.
        planned: Name and version of each package of the next release, the project itself among them.
        interpreter: What that stands on; None where it need not be checked.

    Raises:
        Refused: for another feature version of Python, naming each that cannot be carried on.
    """
    if found.receipt is None:
        return NOTHING
    root = environment.release(found.name)
    kept, warnings = [], []
    for one in added_by_hand(root, found.receipt):
        if one.name in planned:
            lock_has = f"{one.name} {planned[one.name]}"
            warnings.append(f"{one} was added by hand; the lock has {lock_has} by now, which takes its place.")
        else:
            kept.append(one)
    if interpreter is not None:
        _check_python(kept, found.receipt, interpreter)
    return Additions(root, tuple(kept), tuple(warnings))


def _check_python(kept: Sequence[Distribution], receipt: Receipt, interpreter: Interpreter) -> None:
    before, after = parse_target(receipt.interpreter["target"]), interpreter.target
    if before.abi == after.abi:
        return
    refuse_all(
        [
            Problem(
                str(found),
                f"was added by hand for Python {receipt.interpreter['version']}, and cannot be carried on to "
                f"{interpreter.version}.",
                "Remove it, or run once with `sync: true`; add it again afterwards.",
            )
            for found in kept
        ]
    )


def find_same_additions(goal: Goal, seen: Survey) -> str:
    """Return the name of an intact release that is the goal, and to which the same was added as to the current one; '' without."""
    additions = find_additions(goal.options.environment, seen.found, goal.versions())
    wanted = [str(found) for found in additions.kept]

    def is_same(release: str, receipt: Receipt, verify: str) -> Verdict:
        if [str(found) for found in added_by_hand(release, receipt)] != wanted:
            return Verdict((Drift(site_packages(receipt), "edited"),))
        return judge(release, receipt, verify)

    return find_same(goal.options, goal.release, is_same)


# How a run looks at an environment to which people may add.
LOOKS = Looks(functools.partial(survey, judge=judge), find_same_additions)
