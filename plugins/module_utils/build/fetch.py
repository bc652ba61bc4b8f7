# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing locked files into the cache: in parallel, one index page per project, digests checked by us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache, WrongDigest
from ansible_collections.netdevops.python.plugins.module_utils.build.index import File, project_files
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice
from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Answer, Opener, Unavailable, shown
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

CHUNK = 1 << 18
TAMPERED = "Someone replaced the file after it was locked: find out who, before you lock again."


class Fetched(NamedTuple):
    """How much came over the network: the number of files, and their bytes."""

    files: int
    bytes: int


def fetch_all(opener: Opener, cache: Cache, choices: Iterable[Choice], default_index: str, jobs: int) -> Fetched:
    """Bring every file of ``choices`` into ``cache``, ``jobs`` projects at a time.

    Raises:
        Refused: with every file that could not be had or has another digest than the lock says.
    """
    projects: dict[tuple[str, str], list[Choice]] = {}
    for choice in sorted(set(choices)):
        projects.setdefault((_slashed(choice.source or default_index), choice.name), []).append(choice)
    worker = _Worker(opener, cache)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        outcomes = [outcome for found in pool.map(worker.project, projects.items()) for outcome in found]
    refuse_all([outcome for outcome in outcomes if isinstance(outcome, Problem)])
    sizes = [outcome for outcome in outcomes if isinstance(outcome, int)]
    return Fetched(len(sizes), sum(sizes))


def _slashed(url: str) -> str:
    return url.rstrip("/") + "/"


class _Worker:
    """Fetches the files of one project after the other; says what went wrong instead of raising it."""

    def __init__(self, opener: Opener, cache: Cache) -> None:
        self._opener = opener
        self._cache = cache

    def project(self, item: tuple[tuple[str, str], Sequence[Choice]]) -> list[int | Problem]:
        (index, name), choices = item
        try:
            page = project_files(self._opener, index, name)
        except Unavailable as error:
            return [Problem(f"{name} {choices[0].version}", f"{error}.", _step(error))]
        return [self._file(choice, page.get(choice.file), index) for choice in choices]

    def _file(self, choice: Choice, file: File | None, index: str) -> int | Problem:
        if file is None:
            return Problem(
                choice.file,
                f"the lock names it, {shown(index)} does not have it.",
                "Name the index that has it in `index_url`, or lock again.",
            )
        if file.sha256 and file.sha256 != choice.sha256:
            return _tampered(choice, f"{shown(index)} announces", file.sha256)
        try:
            return self._opener.fetch(file.url, "*/*", lambda answer: self._store(answer, choice))
        except WrongDigest as error:
            return _tampered(choice, f"{shown(file.url)} is", error.found)
        except Unavailable as error:
            return Problem(choice.file, f"{error}.", _step(error))
        except OSError as error:
            return Problem(
                self._cache.path(choice.sha256),
                f"cannot be written: {error.strerror}.",
                "Make room, or name another folder in `cache`.",
            )

    def _store(self, answer: Answer, choice: Choice) -> int:
        return self._cache.store(iter(lambda: answer.read(CHUNK), b""), choice.sha256)


def _tampered(choice: Choice, what: str, found: str) -> Problem:
    return Problem(choice.file, f"the lock says SHA-256 {choice.sha256}, {what} {found}.", TAMPERED)


def _step(error: Unavailable) -> str:
    if error.status in (200, 404):
        return "Correct `index_url`, or the source in pyproject.toml."
    if error.status in (401, 403, 407):
        return "Give credentials in POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD, or in ~/.netrc."
    return "See that the build box reaches the index, and run again: what is there stays."
