# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the source archive comes from; nothing reaches python-build whose digest we did not check."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.download import NoAnswer, OpenUrl, answer, download

REPLACE = "Put the archive there again, from a source you trust."


class Source(NamedTuple):
    """A place that has one of the archives.

    Attributes:
        kind: ``cache``, ``mirror`` or ``internet``.
        place: The file or the URL.
        archive: Which archive it is.
        stay: Whether a redirection to another server is refused.
    """

    kind: str
    place: str
    archive: Archive
    stay: bool = True


def locate(archives: Sequence[Archive], cache: str, mirror: str, offline: bool, open_url: OpenUrl) -> Source:
    """Return the first place that has one of ``archives``: the cache, the mirror, and the internet only when not ``offline``.

    A file in the cache counts only with the right digest; of the others the digest is checked by :func:`obtain`.

    Raises:
        Refused: when no place has one, or when the cache holds a wrong one.
    """
    tried: list[Problem] = []
    found = _in_cache(archives, cache, tried) or _at_mirror(archives, mirror, offline, open_url, tried)
    if found:
        return found
    if not offline:
        return _on_internet(archives, open_url, tried)
    nowhere = Problem(
        archives[0].package,
        "has to be built, and no source for it is named.",
        "Name a `cache` folder or a `mirror`, or set `offline: false`.",
    )
    raise Refused(tried or [nowhere])


def obtain(source: Source, folder: str, open_url: OpenUrl, seconds: float) -> str:
    """Put the archive of ``source`` into ``folder`` under the name that python-build asks for; return its path.

    A server may take ``seconds`` for it.

    Raises:
        Refused: when it cannot be had or its digest is wrong; the file is then gone again.
        OSError: when it cannot be written.
    """
    path = os.path.join(folder, source.archive.file)
    try:
        digest, note = _copied(source, path) if source.kind == "cache" else _downloaded(source, path, open_url, seconds)
        if digest != source.archive.sha256:
            raise Refused([_wrong(source.place, source.archive, digest, note)])
    except BaseException:
        if os.path.exists(path):
            os.unlink(path)
        raise
    return path


def _copied(source: Source, path: str) -> tuple[str, str]:
    shutil.copyfile(source.place, path)
    return digest_file(path), _size_note(os.path.getsize(path), -1)


def _in_cache(archives: Sequence[Archive], cache: str, tried: list[Problem]) -> Source | None:
    if not cache:
        return None
    if not os.path.isdir(cache):
        refuse(cache, "expected a folder of source archives on the host, found none.", "Create it, or correct `cache`.")
    wrong: list[Problem] = []
    for archive in archives:
        for path in (os.path.join(cache, name) for name in archive.names):
            if not os.path.isfile(path):
                continue
            digest = digest_file(path)
            if digest == archive.sha256:
                return Source("cache", path, archive)
            wrong.append(_wrong(path, archive, digest, _size_note(os.path.getsize(path), -1)))
    if wrong:
        raise Refused(wrong)
    names = ", ".join(dict.fromkeys(name for archive in archives for name in archive.names[1:]))
    tried.append(Problem(cache, f"expected one of {names}; found none.", "Put one of them there."))
    return None


def _at_mirror(
    archives: Sequence[Archive], mirror: str, offline: bool, open_url: OpenUrl, tried: list[Problem]
) -> Source | None:
    if not mirror:
        return None
    reasons: dict[str, list[str]] = {}
    for archive in archives:
        for name in archive.names:
            place = f"{mirror}/{name}"
            try:
                answer(open_url, place, offline).close()
                return Source("mirror", place, archive, offline)
            except NoAnswer as error:
                reasons.setdefault(error.reason, []).append(name)
                if error.final:
                    refuse(place, f"the mirror {error.reason}.", "See whether the host reaches it, or use `cache`.")
    for reason, names in reasons.items():
        tried.append(
            Problem(
                mirror,
                f"the mirror {reason} when asked for {', '.join(names)}.",
                "Put the archive there under one of these names.",
            )
        )
    return None


def _on_internet(archives: Sequence[Archive], open_url: OpenUrl, tried: Sequence[Problem]) -> Source:
    problems = list(tried)
    for archive in archives:
        try:
            answer(open_url, archive.url, False).close()
            return Source("internet", archive.url, archive, False)
        except NoAnswer as error:
            problems.append(
                Problem(archive.url, f"{error.reason}.", "Use `cache` or `mirror` where the internet is not reachable.")
            )
    raise Refused(problems)


def _downloaded(source: Source, path: str, open_url: OpenUrl, seconds: float) -> tuple[str, str]:
    try:
        with open(path, "wb") as target:
            digest, size, announced = download(open_url, source.place, source.stay, target, seconds)
    except NoAnswer as error:
        refuse(source.place, f"{error.reason}.", "Run it again, or see what is wrong with the server.")
    return digest, _size_note(size, announced)


def _size_note(size: int, announced: int) -> str:
    return f"{size} bytes" if announced in (-1, size) else f"{size} of {announced} bytes: it is cut short"


def _wrong(place: str, archive: Archive, digest: str, note: str) -> Problem:
    return Problem(place, f"expected SHA-256 {archive.sha256}, found {digest} ({note}).", REPLACE)
