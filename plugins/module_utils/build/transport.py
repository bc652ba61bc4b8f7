# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP with connections that are kept, proxies, redirects and a few more attempts."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, TypeVar
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from ansible_collections.netdevops.python.plugins.module_utils.build.credentials import Credentials, Login

ATTEMPTS = 4
PAUSE = 0.5
REDIRECTS = 5
LARGEST_ERROR = 1 << 20
AGENT = "netdevops-python/0.1"

T = TypeVar("T")
_MOVED = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)


class Unavailable(Exception):
    """A URL did not give what was asked for.

    Attributes:
        status: The HTTP status, or 0 when there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _Again(Exception):
    """What may be gone at the next attempt, unless it is the kind that is not."""

    may_pass = True


class Answer(NamedTuple):
    """A successful answer: where it came from in the end, its headers and its body."""

    url: str
    headers: Mapping[str, str]
    read: Callable[[int], bytes]


class Opener:
    """Fetches URLs; each thread keeps its connections, since a handshake per file would be most of the time.

    Args:
        credentials: Who gets which password.
        context: How servers are verified.
        timeout: Seconds without any progress.
        sleep: Waits between attempts.
    """

    def __init__(
        self,
        credentials: Credentials,
        context: ssl.SSLContext,
        timeout: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._credentials = credentials
        self._context = context
        self._timeout = timeout
        self._sleep = sleep
        self._proxies = getproxies()
        self._mine = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def fetch(self, url: str, accept: str, consume: Callable[[Answer], T]) -> T:
        """GET ``url`` and return what ``consume`` makes of the answer; ``consume`` may be called again.

        Raises:
            Unavailable: when no attempt gave a whole answer.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._follow(url, accept, consume)
            except _Again as error:
                self._mine.last = None
                if attempt + 1 == ATTEMPTS or not error.may_pass:
                    raise Unavailable(f"{shown(url)}: {error}") from error
            finally:
                self._forget_broken()
            self._sleep(PAUSE * 2**attempt)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the connections of all threads; they must have ended, or be at rest."""
        for connection in self._opened:
            connection.close()

    def _follow(self, url: str, accept: str, consume: Callable[[Answer], T]) -> T:
        start = url
        for _hop in range(REDIRECTS + 1):
            response = self._send(url, accept)
            if response.status == 200:
                return self._consumed(response, url, consume)
            _reader(response)(LARGEST_ERROR)
            if response.status in _PASSING:
                raise _Again(f"the server answered {response.status} {response.reason}")
            if response.status not in _MOVED:
                raise Unavailable(
                    f"{shown(url)}: the server answered {response.status} {response.reason}", response.status
                )
            url = _moved(url, response.getheader("Location", ""))
        raise Unavailable(f"{shown(start)}: redirected more than {REDIRECTS} times")

    def _send(self, url: str, accept: str) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        headers = {"User-Agent": AGENT, "Accept": accept or "*/*", "Accept-Encoding": "identity"}
        authorization = self._credentials.header(url)
        if authorization:
            headers["Authorization"] = authorization
        connection, prefix, extra = self._connection(parts.scheme, parts.hostname or "", parts.port)
        self._mine.last = None
        target = prefix + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("GET", target, headers={**headers, **extra})
            response: http.client.HTTPResponse = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise _again(error) from error
        self._mine.last = response
        return response

    def _consumed(self, response: http.client.HTTPResponse, url: str, consume: Callable[[Answer], T]) -> T:
        headers = {name.lower(): value for name, value in response.getheaders()}
        return consume(Answer(url, headers, _reader(response)))

    def _connection(self, scheme: str, host: str, port: int | None) -> tuple[Any, str, Mapping[str, str]]:
        """Return a connection, what stands before the path, and the headers for a proxy."""
        kept = self._mine.__dict__.setdefault("kept", {})
        key = (scheme, host, port)
        if key not in kept:
            kept[key] = self._connect(scheme, host, port)
            self._opened.append(kept[key][0])
        found: tuple[Any, str, Mapping[str, str]] = kept[key]
        return found

    def _connect(self, scheme: str, host: str, port: int | None) -> tuple[Any, str, Mapping[str, str]]:
        proxy = "" if proxy_bypass(host) else self._proxies.get(scheme, "")
        if not proxy:
            return self._plain(scheme, host, port), "", {}
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        via = self._plain(parts.scheme, parts.hostname or "", parts.port)
        headers = _proxy_headers(parts.username, parts.password)
        if scheme == "http":
            return via, f"http://{host}{f':{port}' if port else ''}", headers
        tunnel = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 80, timeout=self._timeout, context=self._context
        )
        tunnel.set_tunnel(host, port or 443, headers=dict(headers))
        return tunnel, "", {}

    def _plain(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _forget_broken(self) -> None:
        """Drop the connections unless the last answer was read to its end: the next would begin in its middle."""
        mine = self._mine.__dict__
        last = mine.pop("last", None)
        if last is None or not last.isclosed():
            for connection, _prefix, _extra in mine.pop("kept", {}).values():
                connection.close()


def shown(url: str) -> str:
    """Return ``url`` as a message may show it: a query can be a signature, which is a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _reader(response: http.client.HTTPResponse) -> Callable[[int], bytes]:
    """Return a read that raises when the connection ends before the body does."""

    def read(size: int) -> bytes:
        try:
            data = response.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise _again(error) from error
        # http.client ends a read(n) of a cut body without a word; `length` is what was still to come.
        if not data and response.length:
            raise _Again("the connection ended before the file did")
        return data

    return read


def _again(error: Exception) -> _Again:
    again = _Again(_reason(error))
    again.may_pass = not isinstance(error, ssl.SSLCertVerificationError)
    return again


def _moved(url: str, location: str) -> str:
    target = urljoin(url, location)
    if urlsplit(target).scheme not in ("http", "https") or (
        url.startswith("https:") and not target.startswith("https:")
    ):
        raise Unavailable(f"{shown(url)}: redirected to {shown(target)}, which is not as safe")
    return target


def _proxy_headers(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    return {"Proxy-Authorization": Login("", unquote(user), unquote(password or "")).header()}


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; name your authority's bundle in SSL_CERT_FILE"
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "no answer within the time limit"
    return str(error) or type(error).__name__
