# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP as indexes speak it, and as they fail."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import transport
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache, WrongDigest, default_folder
from ansible_collections.netdevops.python.plugins.module_utils.build.credentials import Credentials, check_url
from ansible_collections.netdevops.python.plugins.module_utils.build.fetch import Fetched, fetch_all
from ansible_collections.netdevops.python.plugins.module_utils.build.index import project_files
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice
from ansible_collections.netdevops.python.plugins.module_utils.build.tls import named_bundle, trusting
from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Opener, Unavailable
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

BASIC = "Basic dXNlcjpwYXNz"  # user:pass


class Pauses(list):  # type: ignore[type-arg]
    """Seconds that were waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextlib.contextmanager
def opened(environ: dict[str, str], indexes: dict[str, str], pauses: Pauses | None = None) -> Iterator[Opener]:
    sleep = pauses if pauses is not None else Pauses()
    opener = Opener(Credentials(environ, indexes), ssl.create_default_context(), 5, sleep)
    with contextlib.closing(opener):
        yield opener


@pytest.fixture
def opener() -> Iterator[Opener]:
    with opened({}, {}) as made:
        yield made


def read(answer: transport.Answer) -> bytes:
    return b"".join(iter(lambda: answer.read(1000), b""))


def choice(name: str, file: str, digest: str, source: str = "") -> Choice:
    return Choice(name, "1.0", file, digest, source, ("main",))


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("json", [False, True])
def test_a_project_page(index: Any, opener: Opener, json: bool) -> None:
    index.json = json
    digest = index.add("x", "x-1.0+local-py3-none-any.whl", b"wheel")
    files = project_files(opener, index.url, "x")
    file = files["x-1.0+local-py3-none-any.whl"]
    assert (file.url, file.sha256) == (f"{index.root}/files/x/x-1.0+local-py3-none-any.whl", digest)
    assert file.size == (5 if json else 0)


def test_a_page_with_a_base_and_escapes(index: Any, opener: Opener) -> None:
    body = b"""<html><head><base href="https://files.example.com/a/"></head><body>
    <a href="b/x-1.0%2Blocal.tar.gz#md5=00&amp;x=1">x</a> <a>nothing</a> <a href="../">up</a></body></html>"""
    index.pages["/simple/x/"] = (200, {"Content-Type": "text/html"}, body)
    files = project_files(opener, index.url, "x")
    assert {name: file.url for name, file in files.items()} == {
        "x-1.0+local.tar.gz": "https://files.example.com/a/b/x-1.0%2Blocal.tar.gz"
    }


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (
            "text/html",
            b"<html><title>Sign in to Artifacts</title><form></form></html>",
            "its title is 'Sign in to Artifacts'",
        ),
        ("text/html", b"<p>hello", "it links to no file"),
        ("application/json", b'{"message": "login"}', "its JSON is not that of a simple index"),
        ("application/json", b"<html>", "its JSON is not that of a simple index"),
    ],
)
def test_a_page_that_is_no_index(index: Any, opener: Opener, kind: str, body: bytes, said: str) -> None:
    index.pages["/simple/x/"] = (200, {"Content-Type": kind}, body)
    with pytest.raises(Unavailable, match="simple/x/: ") as caught:
        project_files(opener, index.url, "x")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"<title>Links for x</title>", b'<meta name="pypi:repository-version" content="1.0">']
)
def test_an_empty_page_of_an_index(index: Any, opener: Opener, body: bytes) -> None:
    index.pages["/simple/x/"] = (200, {"Content-Type": "text/html"}, body)
    assert project_files(opener, index.url, "x") == {}


# --- failures that pass, and those that do not -----------------------------------------------------------------------


def test_a_server_that_recovers(index: Any) -> None:
    index.add("x", "x.whl", b"data")
    index.cut["x.whl"] = 2
    pauses = Pauses()
    with opened({}, {}, pauses) as opener:
        assert opener.fetch(f"{index.root}/files/x/x.whl", "", read) == b"data"
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_does_not(index: Any, status: int) -> None:
    index.pages["/x"] = (status, {}, b"sorry")
    pauses = Pauses()
    with opened({}, {}, pauses) as opener, pytest.raises(Unavailable, match=f"the server answered {status}"):
        opener.fetch(f"{index.root}/x?signature=secret", "", read)
    assert len(index.seen) == transport.ATTEMPTS == len(pauses) + 1


def test_what_is_not_there_is_asked_for_once(index: Any, opener: Opener) -> None:
    with pytest.raises(Unavailable) as caught:
        opener.fetch(f"{index.root}/x?signature=secret", "", read)
    assert caught.value.status == 404 and "secret" not in str(caught.value)
    assert len(index.seen) == 1


def test_no_server(index: Any) -> None:
    url = f"{index.root}/x"
    index.shutdown()
    index.server_close()
    with opened({}, {}) as opener, pytest.raises(Unavailable, match="Connection refused"):
        opener.fetch(url, "", read)


def test_redirects_are_followed_to_their_end(index: Any, opener: Opener) -> None:
    index.pages["/a"] = (302, {"Location": "/b"}, b"")
    index.pages["/b"] = (307, {"Location": f"{index.root}/files/x/x.whl"}, b"moved")
    index.add("x", "x.whl", b"data")
    assert opener.fetch(f"{index.root}/a", "", read) == b"data"
    index.pages["/b"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(Unavailable, match="redirected more than 5 times"):
        opener.fetch(f"{index.root}/a", "", read)
    index.pages["/b"] = (302, {"Location": "file:///etc/passwd"}, b"")
    with pytest.raises(Unavailable, match="not as safe"):
        opener.fetch(f"{index.root}/a", "", read)


def test_connections_are_kept(index: Any, opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    connects = []
    connect = http.client.HTTPConnection.connect
    monkeypatch.setattr(http.client.HTTPConnection, "connect", lambda self: (connects.append(1), connect(self))[1])
    index.add("x", "x.whl", b"data")
    for _n in range(3):
        opener.fetch(f"{index.root}/files/x/x.whl", "", read)
    assert len(connects) == 1


def test_an_answer_that_is_not_read_costs_its_connection(index: Any, opener: Opener) -> None:
    index.add("x", "x.whl", b"data" * 100000)
    assert opener.fetch(f"{index.root}/files/x/x.whl", "", lambda answer: answer.read(4)) == b"data"
    assert len(opener.fetch(f"{index.root}/files/x/x.whl", "", read)) == 400000


def test_a_proxy(index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://me:it@127.0.0.1:{index.server_port}")
    monkeypatch.setenv("no_proxy", "other.example.com")
    index.pages["http://index.example.com:8080/x"] = (200, {}, b"through the proxy")
    with opened({}, {}) as opener:
        assert opener.fetch("http://index.example.com:8080/x", "", read) == b"through the proxy"


# --- credentials -----------------------------------------------------------------------------------------------------


def test_a_login_goes_to_its_host_alone(index: Any) -> None:
    index.login = BASIC
    index.add("x", "x.whl", b"data")
    environ = {"POETRY_HTTP_BASIC_MY_CORP_USERNAME": "user", "POETRY_HTTP_BASIC_MY_CORP_PASSWORD": "pass"}
    with opened(environ, {"my-corp": index.url}) as opener:
        assert opener.fetch(f"{index.root}/files/x/x.whl", "", read) == b"data"
        # The same machine by another name is another host.
        elsewhere = f"http://localhost:{index.server_port}/files/x/x.whl"
        index.pages["/moved"] = (302, {"Location": elsewhere}, b"")
        with pytest.raises(Unavailable, match="401"):
            opener.fetch(f"{index.root}/moved", "", read)
    assert [authorization for _path, authorization in index.seen] == [BASIC, BASIC, ""]


def test_the_nearest_path_decides_between_two_logins() -> None:
    environ = {f"POETRY_HTTP_BASIC_{name}_USERNAME": name for name in ("A", "B")}
    credentials = Credentials(environ, {"a": "https://e.com/a/simple/", "b": "https://e.com/b/simple/"})
    login = credentials.login("https://e.com/b/files/x.whl")
    assert login is not None and login.user == "B"
    assert credentials.login("http://e.com/b/") is None
    assert credentials.login("https://e.com:8443/b/") is None


def test_a_netrc_is_read(index: Any, tmp_path: Any) -> None:
    (tmp_path / ".netrc").write_text(
        "machine 127.0.0.1 login user password pass\ndefault login other password secret\n"
    )
    (tmp_path / ".netrc").chmod(0o600)
    credentials = Credentials({"HOME": str(tmp_path)}, {})
    assert credentials.header(index.url) == BASIC
    assert credentials.header("https://elsewhere.example.com/") == ""


def test_a_netrc_that_cannot_be_read(tmp_path: Any) -> None:
    (tmp_path / "rc").write_text("machine\npassword hunter2 what\n")
    with pytest.raises(Refused, match="cannot be read as a netrc file") as caught:
        Credentials({"NETRC": str(tmp_path / "rc")}, {})
    assert "hunter2" not in str(caught.value)


def test_a_login_shows_nothing() -> None:
    environ = {"POETRY_HTTP_BASIC_A_USERNAME": "who", "POETRY_HTTP_BASIC_A_PASSWORD": "hunter2"}
    login = Credentials(environ, {"a": "https://e.com/"}).login("https://e.com/x")
    assert repr(login) == "Login('https://e.com/')"


def test_urls() -> None:
    assert check_url("https://e.com/simple", "index_url") == "https://e.com/simple/"
    with pytest.raises(Refused, match="holds credentials") as caught:
        check_url("https://user:hunter2@e.com/", "index_url")
    assert "hunter2" not in str(caught.value)


# --- the cache and what is fetched into it ---------------------------------------------------------------------------


def test_each_file_is_fetched_once_and_checked(index: Any, opener: Opener, tmp_path: Any) -> None:
    wanted = [choice("x", f"x-{n}.whl", index.add("x", f"x-{n}.whl", b"%d" % n)) for n in range(3)]
    cache = Cache(str(tmp_path))
    assert fetch_all(opener, cache, [*wanted, *wanted], index.url, 2) == Fetched(3, 3)
    assert sorted(index.paths()) == ["/files/x/x-0.whl", "/files/x/x-1.whl", "/files/x/x-2.whl", "/simple/x/"]
    assert all(cache.find(one.sha256) for one in wanted)


def test_all_that_cannot_be_had_comes_together(index: Any, opener: Opener, tmp_path: Any) -> None:
    index.add("here", "here-1.0.whl", b"x")
    digest = index.add("lying", "lying-1.0.whl", b"x")
    index.files["lying"] = {}
    body = f'<a href="/files/here/here-1.0.whl#sha256={digest}">lying-1.0.whl</a>'.replace(
        "here-1.0.whl#", "lying-1.0.whl#"
    )
    index.pages["/simple/lying/"] = (200, {"Content-Type": "text/html"}, body.encode())
    index.pages["/files/here/lying-1.0.whl"] = (200, {}, b"something else")
    wanted = [
        choice("gone", "gone-1.0.whl", "0" * 64),
        choice("here", "here-2.0.whl", "0" * 64),
        choice("here", "here-1.0.whl", "0" * 64),
        choice("lying", "lying-1.0.whl", digest),
    ]
    with pytest.raises(Refused) as caught:
        fetch_all(opener, Cache(str(tmp_path)), wanted, index.url, 4)
    said = str(caught.value)
    assert said.startswith("4 problems:")
    assert "gone 1.0: " in said and "404" in said and "Correct `index_url`" in said
    assert "here-2.0.whl: the lock names it" in said
    assert "here-1.0.whl: the lock says SHA-256" in said and "announces" in said
    assert f"lying-1.0.whl: the lock says SHA-256 {digest}" in said
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_index_that_wants_a_login(index: Any, opener: Opener, tmp_path: Any) -> None:
    index.login = BASIC
    with pytest.raises(Refused, match="POETRY_HTTP_BASIC_<NAME>_USERNAME"):
        fetch_all(opener, Cache(str(tmp_path)), [choice("x", "x.whl", "0" * 64)], index.url, 1)


def test_the_source_of_a_package_wins(index: Any, opener: Opener, tmp_path: Any) -> None:
    digest = index.add("x", "x.whl", b"x")
    wanted = [choice("x", "x.whl", digest, index.url.rstrip("/"))]
    assert fetch_all(opener, Cache(str(tmp_path)), wanted, "http://127.0.0.1:1/simple/", 1).files == 1


def test_a_cache_that_cannot_be_written(index: Any, opener: Opener, tmp_path: Any) -> None:
    digest = index.add("x", "x.whl", b"x")
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(Refused, match=r"cannot be written: Not a directory\. Make room"):
        fetch_all(opener, Cache(str(tmp_path)), [choice("x", "x.whl", digest)], index.url, 1)


def test_a_corrupt_cache_is_seen(tmp_path: Any, make: Any) -> None:
    cache = Cache(str(tmp_path))
    digest = make.sha256(b"data")
    assert cache.store([b"da", b"ta"], digest) == 4
    assert cache.find(digest)
    with open(cache.path(digest), "wb") as stream:
        stream.write(b"dato")
    assert cache.find(digest) == ""
    with pytest.raises(WrongDigest):
        cache.store([b"dato"], digest)


def test_where_the_cache_is() -> None:
    assert default_folder({"XDG_CACHE_HOME": "/var/cache/me"}) == "/var/cache/me/netdevops-python"
    assert default_folder({"XDG_CACHE_HOME": "relative"}).endswith("/.cache/netdevops-python")


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_whose_certificates_are_trusted(tmp_path: Any) -> None:
    assert named_bundle({"PIP_CERT": "/a", "REQUESTS_CA_BUNDLE": "/b"}) == "/b"
    assert named_bundle({"SSL_CERT_FILE": "/c", "REQUESTS_CA_BUNDLE": "/b"}) == "/c"
    assert trusting({}).verify_mode == ssl.CERT_REQUIRED
    assert trusting({"SSL_CERT_DIR": str(tmp_path)}).check_hostname
    assert trusting({"CURL_CA_BUNDLE": str(tmp_path)}).check_hostname
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(Refused, match="expected a bundle of certificate authorities"):
        trusting({"REQUESTS_CA_BUNDLE": str(tmp_path / "empty.pem")})
