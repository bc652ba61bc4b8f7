# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of pip on a host: the options of ``pip_guard``, checked together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.url import split_url
from ansible_collections.netdevops.python.plugins.module_utils.guard.text import Sources

ARGUMENTS: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "roots": {"type": "list", "elements": "path", "default": ["/opt/pyenv"]},
    "interpreters": {"type": "list", "elements": "path", "default": []},
    "notice": {"type": "str", "default": ""},
    "contact": {"type": "str", "default": ""},
    "require_virtualenv": {"type": "bool", "default": False},
    "index_url": {"type": "str", "default": ""},
    "extra_index_urls": {"type": "list", "elements": "str", "default": []},
    "no_index": {"type": "bool", "default": False},
    "cert": {"type": "path", "default": ""},
    "timeout": {"type": "int"},
    "config": {"type": "path", "default": "/etc/pip.conf"},
    "uv": {"type": "bool", "default": False},
    "uv_config": {"type": "path", "default": "/etc/uv/uv.toml"},
    "replace": {"type": "bool", "default": False},
}
MOST_LETTERS = 4000
_URL = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
# pip asks no other host without TLS (SECURE_ORIGINS), and says only in passing that it does not.
_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        present: Whether the guard is to be there.
        roots: Trees with interpreters in ``versions``; absolute.
        interpreters: Further executables; absolute.
        notice: What pip says, or '' for the default.
        contact: Whom to ask, or ''.
        require_virtualenv: Whether pip's configuration asks for an environment as well.
        sources: Where packages come from.
        config: The configuration of pip.
        uv: Whether uv is told the same.
        uv_config: The configuration of uv.
        replace: Whether a configuration of somebody else's gives way, and what was edited is undone.
    """

    present: bool
    roots: tuple[str, ...]
    interpreters: tuple[str, ...]
    notice: str
    contact: str
    require_virtualenv: bool
    sources: Sources
    config: str
    uv: bool
    uv_config: str
    replace: bool


def asked(params: Mapping[str, Any]) -> Asked:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them. A URL is never told: it may hold a password.
    """
    notice = (params["notice"] or "").replace("\r\n", "\n").strip()
    contact = (params["contact"] or "").strip()
    sources = _sources(params)
    roots, interpreters = _given(params["roots"]), _given(params["interpreters"])
    refuse_all(
        [
            *_bad_text("notice", notice),
            *_bad_text("contact", contact, "\n"),
            *_bad_sources(sources, params["timeout"]),
            *_bad_paths([("roots", root) for root in roots]),
            *_bad_paths([("interpreters", path) for path in interpreters]),
            *_bad_paths([(name, params[name] or "") for name in ("config", "uv_config")]),
        ]
    )
    return Asked(
        present=params["state"] == "present",
        roots=tuple(map(os.path.normpath, roots)),
        interpreters=interpreters,
        notice=notice,
        contact=contact,
        require_virtualenv=params["require_virtualenv"],
        sources=sources,
        config=os.path.normpath(params["config"]),
        uv=params["uv"],
        uv_config=os.path.normpath(params["uv_config"]),
        replace=params["replace"],
    )


def secrets(params: Mapping[str, Any]) -> set[str]:
    """Return the URLs of ``params`` that may hold a password: a refusal must not repeat them among the module's arguments."""
    urls = [params.get("index_url") or "", *(params.get("extra_index_urls") or ())]
    return {url for url in urls if "@" in url or "?" in url}


def _given(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values or () if value))


def _sources(params: Mapping[str, Any]) -> Sources:
    return Sources(
        index_url=params["index_url"] or "",
        extra_index_urls=_given(params["extra_index_urls"]),
        no_index=params["no_index"],
        cert=params["cert"] or "",
        timeout=params["timeout"] or 0,
    )


def _bad_text(option: str, text: str, forbidden: str = "\0") -> list[Problem]:
    if len(text) > MOST_LETTERS or _CONTROL.search(text) or forbidden in text:
        kind = "one line" if forbidden == "\n" else "text"
        return [Problem(option, f"expected {kind} of at most {MOST_LETTERS} letters, without control characters.")]
    if any(line.lstrip()[:1] in ("#", ";") for line in text.splitlines() if line.strip()):
        return [
            Problem(option, "has a line that begins with # or ;, which pip takes for a comment.", "Begin it otherwise.")
        ]
    return []


def _bad_paths(paths: list[tuple[str, str]]) -> list[Problem]:
    return [
        Problem(option, f"expected an absolute path, found {path!r}.", "Write it from / on.")
        for option, path in paths
        if not os.path.isabs(path) or not path.strip("/") or not path.isprintable()
    ]


def _bad_sources(sources: Sources, timeout: int | None) -> list[Problem]:
    problems = list(_bad_url("index_url", sources.index_url)) if sources.index_url else []
    for number, url in enumerate(sources.extra_index_urls, 1):
        problems += _bad_url(f"extra_index_urls, entry {number}", url)
    if sources.no_index and (sources.index_url or sources.extra_index_urls):
        problems.append(Problem("no_index", "excludes index_url and extra_index_urls.", "Name an index, or none."))
    elif sources.extra_index_urls and not sources.index_url:
        problems.append(
            Problem("extra_index_urls", "would stand beside PyPI without index_url.", "Name the internal index there.")
        )
    if sources.cert:
        problems += _bad_paths([("cert", sources.cert)])
    if timeout is not None and not 0 <= timeout <= 3600:
        problems.append(Problem("timeout", f"expected 0 to 3600 seconds, found {timeout}."))
    return problems


def _bad_url(option: str, url: str) -> Iterator[Problem]:
    step = "Write it as https://pypi.example.net/simple."
    parts = split_url(url)
    if not parts or not _URL.fullmatch(url) or not (parts.hostname or parts.scheme == "file"):
        yield Problem(option, "expected the URL of an index, in ASCII without blanks.", step)
    elif "@" in parts.netloc:
        next_step = "Each person has it in their own ~/.netrc; or use an index that asks for none."
        yield Problem(option, "holds a user or a password, and the file is everybody's to read.", next_step)
    elif "?" in url or "#" in url:
        yield Problem(option, "has a part after ? or #, which no index takes.", step)
    elif parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or ""):
        yield Problem(option, "is not encrypted, and pip asks no such index of another host.", "Use https.")
    elif parts.scheme not in ("https", "http", "file"):
        yield Problem(option, "expected https, or file.", step)
