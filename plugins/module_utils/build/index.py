# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simple index (PEP 503 as HTML, PEP 691 as JSON): where the files of a project are."""

from __future__ import annotations

import html.parser
import json
import re
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Answer, Opener, Unavailable, shown

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
LARGEST_PAGE = 64 << 20
_FILES = (".whl", ".tar.gz", ".zip", ".egg", ".tar.bz2", ".exe", ".tgz", ".rpm")


class File(NamedTuple):
    """One file of a project.

    Attributes:
        url: Where it is, without a fragment.
        sha256: The digest that the index gives, or ''.
        size: In bytes, or 0 when the index does not say.
    """

    url: str
    sha256: str = ""
    size: int = 0


def project_files(opener: Opener, index: str, name: str) -> dict[str, File]:
    """Return file name to file for the project ``name`` on ``index``, which ends with a slash.

    Raises:
        Unavailable: when the index does not know the project, does not answer, or is no index.
    """
    return opener.fetch(f"{index}{name}/", ACCEPT, _parse)


def _parse(answer: Answer) -> dict[str, File]:
    body = _read(answer)
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    return _from_json(answer.url, body) if kind.endswith("json") else _from_html(answer.url, body)


def _read(answer: Answer) -> bytes:
    parts, length = [], 0
    for part in iter(lambda: answer.read(1 << 16), b""):
        parts.append(part)
        length += len(part)
        if length > LARGEST_PAGE:
            raise Unavailable(
                f"{shown(answer.url)}: a page of more than {LARGEST_PAGE >> 20} MiB is no project's page", 200
            )
    return b"".join(parts)


def _from_json(url: str, body: bytes) -> dict[str, File]:
    try:
        entries = json.loads(body.decode("utf-8"))["files"]
        return {entry["filename"]: _json_file(url, entry) for entry in entries}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unavailable(f"{shown(url)}: its JSON is not that of a simple index (PEP 691)", 200) from None


def _json_file(url: str, entry: Any) -> File:
    return File(urljoin(url, entry["url"]), entry.get("hashes", {}).get("sha256", ""), int(entry.get("size") or 0))


def _from_html(url: str, body: bytes) -> dict[str, File]:
    page = _Page(url)
    page.feed(body.decode("utf-8", "replace"))
    if not page.files and not page.is_index():
        title = f"its title is {page.title.strip()!r}" if page.title.strip() else "it links to no file"
        raise Unavailable(
            f"{shown(url)}: expected a page of a simple index, {title}; it may be a login page or a web site", 200
        )
    return page.files


class _Page(html.parser.HTMLParser):
    """The links of a page to files, relative to its base."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.files: dict[str, File] = {}
        self.title = ""
        self._base = url
        self._in_title = False
        self._versioned = False

    def is_index(self) -> bool:
        """Whether an empty page is that of an index: PEP 629's version, or the title that indexes use."""
        return self._versioned or self.title.strip().lower().startswith("links for")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "base" and given.get("href"):
            self._base = urljoin(self._base, given["href"] or "")
        elif tag == "meta" and given.get("name") == "pypi:repository-version":
            self._versioned = True
        elif tag == "a" and given.get("href"):
            self._link(given["href"] or "")
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""

    def _link(self, href: str) -> None:
        url, _hash, fragment = urljoin(self._base, href).partition("#")
        name = unquote(urlsplit(url).path.rsplit("/", 1)[-1])
        if name.endswith(_FILES):
            digest = re.search(r"(?:^|&)sha256=([0-9a-fA-F]{64})(?:&|$)", fragment)
            self.files[name] = File(url, digest.group(1).lower() if digest else "")
