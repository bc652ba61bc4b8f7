# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An index of packages that asks for a password, and remembers who asked it for what."""

from __future__ import annotations

import base64
import pathlib
import socketserver
import threading
import wsgiref.simple_server
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.tests.system import bundles

LOCAL = "127.0.0.1"
USER, PASSWORD = "engineer", "s3cret-of-the-index"


class Request(NamedTuple):
    """What an index was asked.

    Attributes:
        method: GET or HEAD.
        path: What for.
        user: As whom; '' without credentials.
        status: What it answered.
    """

    method: str
    path: str
    user: str
    status: int


class _Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True

    def handle_error(self, *_unused: Any) -> None:
        """Somebody hung up, which is no concern of ours."""


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_unused: Any) -> None:
        pass


class Index:
    """A pypiserver over a folder of wheels.

    Args:
        folder: The wheels.
        address: Where it listens; a host of the lab without a way out reaches ``10.91.0.1``.
        user: Who may read; everyone may when it is ''.
        password: With this.
        digests: Whether it gives the SHA-256 of a file.

    Attributes:
        digests: As it was given, for when it comes back.
        log: All that it was asked, in order.
        port: Where it listens; the same one when it comes back after :meth:`stop`.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        *,
        address: str = LOCAL,
        user: str = USER,
        password: str = PASSWORD,
        digests: bool = True,
    ) -> None:
        self.folder, self.address, self.user, self.password, self.port = folder, address, user, password, 0
        self.digests = digests
        self.log: list[Request] = []
        self._server: _Server | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def __enter__(self) -> Index:  # noqa: PYI034
        return self

    def __exit__(self, *_unused: object) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        """Return its address, such as ``http://127.0.0.1:4321``."""
        return f"http://{self.address}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address of its simple index."""
        return f"{self.origin}/simple/"

    def start(self) -> None:
        """Listen, also again."""
        app = self._app()
        maker = wsgiref.simple_server.make_server
        self._server = maker(self.address, self.port, app, server_class=_Server, handler_class=_Quiet)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Be down: whoever asks is refused a connection."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def wheel(self, *args: Any, **options: Any) -> pathlib.Path:
        """Put a wheel there, see ``bundles.wheel``."""
        return bundles.wheel(self.folder, *args, **options)

    def _app(self) -> Callable[..., Iterable[bytes]]:
        # Loading it takes a while, and not each test that needs Poetry needs an index.
        import pypiserver  # type: ignore[import-untyped]

        algorithm = "sha256" if self.digests else None
        asked = {"roots": [self.folder], "disable_fallback": True, "hash_algo": algorithm, "backend_arg": "simple-dir"}
        if self.user:
            asked.update(authenticate=["download", "list", "update"], auther=self._may)
        else:
            asked.update(authenticate=[], password_file=".")
        return self._logged(pypiserver.app(**asked))

    def _may(self, user: str, password: str) -> bool:
        return (user, password) == (self.user, self.password)

    def _logged(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            user = _user(environ.get("HTTP_AUTHORIZATION", ""))

            def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                # As proxies and repositories of companies do: who keeps the answer keeps what it varies by.
                headers = [*headers, ("Vary", "Authorization"), ("Cache-Control", "max-age=600")]
                request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], user, int(status[:3]))
                self.log.append(request)
                return start_response(status, headers, *rest)

            # Whoever asks for a part of a file leaves it open.
            environ.pop("HTTP_RANGE", None)
            body = app(environ, started)
            content = b"".join(body)
            # It leaves a file open otherwise.
            getattr(body, "close", bool)()
            return [content]

        return answer


def _user(authorization: str) -> str:
    encoded = authorization.partition(" ")[2]
    return base64.b64decode(encoded).decode().partition(":")[0] if encoded else ""
