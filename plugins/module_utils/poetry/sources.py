# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks a private index: its name in pyproject.toml, a user and a password. The password shows up nowhere."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import (
    Problem,
    Refused,
    refuse_all,
)

HIDDEN = "********"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What stands between the scheme and the host of a URL (RFC 3986): somebody's user and password.
# Up to the last @: one that was not quoted may hold a slash or an @ itself.
_IN_URL = re.compile(r"(?<=://)[^\s'\"]+(?=@)")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


class Source(NamedTuple):
    """A user and a password for a source of pyproject.toml; shows the password to nobody.

    Attributes:
        name: Its name there.
        user: The user.
        password: The password or token.
        url: Where the password may go; '' for wherever pyproject.toml says, but for http.
    """

    name: str
    user: str
    password: str
    url: str = ""

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {self.user!r})"

    @property
    def key(self) -> str:
        """The name as Poetry looks for it in the environment (poetry/config/config.py)."""
        return re.sub(r"[-.]", "_", self.name.upper())


def parse_sources(given: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Return the option ``sources`` in order.

    Raises:
        Refused: with every name or password that is missing, and every two names that Poetry takes for one.
    """
    problems: list[Problem] = []
    sources = []
    for number, one in enumerate(given, 1):
        source = Source(*(str(one.get(part) or "") for part in ("name", "user", "password", "url")))
        problems += _flaws(source, f"sources {source.name!r}" if source.name else f"sources, number {number}")
        sources.append(source)
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [Problem(f"sources {name!r}", "is given twice.", "Give it once.") for name in twice if name]
    refuse_all(problems or collisions(names))
    return tuple(sources)


def collisions(names: Iterable[str]) -> list[Problem]:
    """Return the pairs of names that Poetry takes for one in the environment: one's password would go to the other."""
    first: dict[str, str] = {}
    problems = []
    for name in names:
        other = first.setdefault(Source(name, "", "").key, name)
        if other != name:
            message = f"is the same to Poetry as {other!r}: the password of one would be sent to the other."
            step = "Give one of them another name in pyproject.toml, and lock again."
            problems.append(Problem(f"source {name!r}", message, step))
    return problems


def misdirected(source: Source, url: str) -> list[Problem]:
    """Return why a password must not go where pyproject.toml would have it sent.

    Args:
        source: Whose password it is.
        url: What pyproject.toml says of the source.
    """
    subject = f"sources {source.name!r}"
    if source.url:
        if source.url.rstrip("/") == url.rstrip("/"):
            return []
        step = "Find out who changed it; correct `url`, or pyproject.toml."
        return [
            Problem(subject, f"expected that it is {source.url}, as `url` says, found {url} in pyproject.toml.", step)
        ]
    parts = _split(url)
    if not parts or parts[0] == "https" or _LOOPBACK.fullmatch(parts[1]):
        return []
    step = f"Let it be https; or say url: {url} in `sources`, if everybody on the way may read the password."
    return [Problem(subject, f"its password would be sent unencrypted: pyproject.toml says {url}.", step)]


def _split(url: str) -> tuple[str, str] | None:
    """Return scheme and host of a URL, in lower case; None for '', which is PyPI."""
    try:
        found = urlsplit(url)
        return (found.scheme, found.hostname or "") if url else None
    except ValueError:
        return "", ""


def environment(sources: Iterable[Source]) -> dict[str, str]:
    """Return the variables that hand the passwords to Poetry."""
    pairs = {}
    for source in sources:
        pairs[f"POETRY_HTTP_BASIC_{source.key}_USERNAME"] = source.user
        pairs[f"POETRY_HTTP_BASIC_{source.key}_PASSWORD"] = source.password
    return pairs


class Scrubber:
    """Takes passwords out of what programs say.

    Args:
        sources: Whose passwords.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        forms = {form for source in sources for form in _forms(source) if form}
        # The longest first: a part that is taken out before leaves the rest.
        joined = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
        self._forms = re.compile(joined) if joined else None

    def text(self, text: str) -> str:
        """Return ``text`` without any of the passwords, in whatever form, and without what URLs hold of the kind."""
        clean = self._forms.sub(HIDDEN, text) if self._forms else text
        return _IN_URL.sub(HIDDEN, clean)

    def refused(self, refused: Refused) -> Refused:
        """Return the like of what was refused, without any of the passwords."""
        problems = [Problem(*(self.text(part) for part in problem)) for problem in refused.problems]
        return type(refused)(problems)


def _forms(source: Source) -> Iterable[str]:
    """Return how a password may be written: as it is, in URLs, in headers (RFC 7617) and as programs quote texts."""
    password = source.password
    yield from (password, repr(password)[1:-1])
    yield from (json.dumps(password, ensure_ascii=escape)[1:-1] for escape in (True, False))
    for text in (quote(password, safe=""), quote(password), quote_plus(password)):
        yield text
        yield re.sub("%[0-9A-F]{2}", lambda code: code.group().lower(), text)
    for encoding in ("utf-8", "latin-1"):
        for text in (password, f"{source.user}:{password}"):
            data = text.encode(encoding)
            yield from (encode(data).decode().rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode))


def _flaws(source: Source, subject: str) -> list[Problem]:
    missing = [name for name in ("name", "user", "password") if not getattr(source, name)]
    if missing:
        # Without a password it would be the user that is secret, and that is shown.
        step = "Give name, user and password; an index that knows no users takes any name for one."
        return [Problem(subject, f"expected a {' and a '.join(missing)}, found none.", step)]
    problems = []
    if "=" in source.name or _CONTROL.search(source.name):
        message = "expected the name of a source of pyproject.toml, found what can be none."
        problems.append(Problem(subject, message, "Correct it."))
    if source.url and (_CONTROL.search(source.url) or not re.match(r"https?://[^\s@]+$", source.url)):
        message = "expected its url as http:// or https:// without user and password, found something else."
        problems.append(Problem(subject, message, "Give it as pyproject.toml has it."))
    if ":" in source.user or _CONTROL.search(source.user):
        message = "expected a user without colons and line breaks (RFC 7617), found one with."
        problems.append(Problem(subject, message, "Correct it."))
    if _CONTROL.search(source.password):
        step = "Give it without: a file that is read ends with one."
        problems.append(Problem(subject, "its password holds a line break or the like.", step))
    if not (_is_latin(source.user) and _is_latin(source.password)):
        message = "its user or password has letters that Poetry cannot send: it writes them in Latin-1."
        problems.append(Problem(subject, message, "Have a token made for it."))
    return problems


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)
