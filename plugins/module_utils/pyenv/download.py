# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a mirror: over HTTP, by us, and with every odd answer told apart."""

from __future__ import annotations

import hashlib
import time
from typing import IO, TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.request import HTTPRedirectHandler
# http.client and urllib.request are loaded where a server is asked: that is half of what a run would load that finds all in order.

READ_SECONDS = 30
CHUNK = 1 << 18
# How mirrors answer with a page: a login, a proxy's block page, an index.
PAGES = ("text/html", "application/xhtml+xml")


class NoAnswer(Exception):
    """Raised when a URL gives no archive; ``final`` when asking the same server again is useless."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class OpenUrl(Protocol):
    """Opens ``url``; with ``stay``, refuses to be sent on to another server."""

    def __call__(self, url: str, *, stay: bool) -> Any:
        """Return the open answer; it has ``headers``, ``read`` and ``close``."""


def open_http(url: str, *, stay: bool) -> Any:
    """Open ``url`` with urllib; with ``stay``, a redirection to another server is an error."""
    import urllib.request

    handlers = [stay_here()] if stay else []
    headers = {"User-Agent": "netdevops.python", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  # the options let http and https through only
    return urllib.request.build_opener(*handlers).open(request, timeout=READ_SECONDS)


def stay_here() -> HTTPRedirectHandler:
    """Return what follows a redirection only where it stays on the server that was asked."""
    import urllib.error
    import urllib.request

    class StayHere(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            target = urlsplit(newurl).netloc
            if target != urlsplit(req.full_url).netloc:
                raise urllib.error.URLError(f"it sends us to another server, {target}")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return StayHere()


def answer(open_url: OpenUrl, url: str, stay: bool) -> Any:
    """Return the open answer of ``url``, to be closed by the caller.

    Raises:
        NoAnswer: when there is none, or when it is a web page.
    """
    import http.client
    import urllib.error

    try:
        response = open_url(url, stay=stay)
    except urllib.error.HTTPError as error:
        error.close()
        raise NoAnswer(f"answers {error.code} {error.reason}") from None
    except (
        OSError,
        http.client.HTTPException,
        ValueError,
    ) as error:  # ValueError: of a URL, also of one we are sent to
        raise NoAnswer(f"cannot be used: {getattr(error, 'reason', None) or error}", final=True) from None
    kind = str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    if kind in PAGES:
        response.close()
        raise NoAnswer("answers with a web page instead of an archive; a login page?")
    return response


def download(open_url: OpenUrl, url: str, stay: bool, target: IO[bytes], seconds: float) -> tuple[str, int, int]:
    """Write what ``url`` gives to ``target``; return its SHA-256, its size and the announced size (-1: none).

    Raises:
        NoAnswer: when the answer fails, breaks off or takes more than ``seconds``.
        OSError: when ``target`` cannot be written.
    """
    digest, size, give_up = hashlib.sha256(), 0, time.monotonic() + seconds
    with answer(open_url, url, stay) as response:
        announced = _announced(response)
        for chunk in iter(lambda: _read(response), b""):
            # One that sends a byte now and then never meets the time limit of a single read.
            if time.monotonic() > give_up:
                raise NoAnswer(f"is too slow: it sent {size} bytes in {seconds:g} seconds", final=True)
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
    return digest.hexdigest(), size, announced


def _announced(response: Any) -> int:
    try:
        return max(int(response.headers.get("Content-Length") or -1), -1)
    except ValueError:  # it is no number
        return -1


def _read(response: Any) -> bytes:
    import http.client

    try:
        return bytes(response.read1(CHUNK))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"broke off: {error}", final=True) from None
