# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the archive comes from, and what is never taken for it."""

from __future__ import annotations

import http.client
import pathlib
import urllib.error
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.download import stay_here
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.source import Source, locate, obtain

XZ = Archive("Python-3.11.2", "https://python.example/Python-3.11.2.tar.xz", digest_bytes(b"xz archive"))
GZ = Archive("Python-3.11.2", "https://python.example/Python-3.11.2.tgz", digest_bytes(b"gz archive"))
BOTH = [XZ, GZ]
MIRROR = "https://mirror.example/pythons"


@pytest.mark.parametrize("name", [GZ.sha256, "Python-3.11.2.tgz", "Python-3.11.2.tar.gz"])
def test_finds_the_cache_file_under_every_name(host: Any, name: str) -> None:
    (host.cache / name).write_bytes(b"gz archive")
    assert locate(BOTH, str(host.cache), MIRROR, True, host.web) == Source("cache", str(host.cache / name), GZ)
    assert not host.web.asked


def test_refuses_a_wrong_cache_file_without_asking_elsewhere(host: Any) -> None:
    (host.cache / "Python-3.11.2.tar.xz").write_bytes(b"xz arch")
    host.web.pages[f"{MIRROR}/{XZ.sha256}"] = b"xz archive"
    with pytest.raises(Refused) as caught:
        locate(BOTH, str(host.cache), MIRROR, False, host.web)
    assert f"expected SHA-256 {XZ.sha256}, found {digest_bytes(b'xz arch')} (7 bytes)" in str(caught.value)
    assert not host.web.asked


def test_takes_the_right_one_beside_a_wrong_one(host: Any) -> None:
    (host.cache / "Python-3.11.2.tar.xz").write_bytes(b"broken")
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    assert locate(BOTH, str(host.cache), "", True, host.web).archive == GZ


def test_refuses_a_cache_that_is_no_folder(host: Any) -> None:
    with pytest.raises(Refused, match="expected a folder of source archives"):
        locate(BOTH, str(host.cache / "none"), "", True, host.web)


@pytest.mark.parametrize("name", [XZ.sha256, "Python-3.11.2.tar.xz", GZ.sha256, "Python-3.11.2.tgz"])
def test_asks_the_mirror_for_every_name(host: Any, name: str) -> None:
    host.web.pages[f"{MIRROR}/{name}"] = b"whatever"
    found = locate(BOTH, str(host.cache), MIRROR, True, host.web)
    assert (found.kind, found.place, found.stay) == ("mirror", f"{MIRROR}/{name}", True)
    assert host.web.asked[0] == f"{MIRROR}/{XZ.sha256}", "as pyenv does"


def test_tells_all_that_was_tried(host: Any) -> None:
    with pytest.raises(Refused) as caught:
        locate(BOTH, str(host.cache), MIRROR, True, host.web)
    told = str(caught.value)
    assert "expected one of Python-3.11.2.tar.xz, Python-3.11.2.tar.gz, Python-3.11.2.tgz; found none" in told
    assert "the mirror answers 404 Not Found when asked for" in told
    assert not any("python.example" in url for url in host.web.asked), "offline is refused, not only unused"


def test_stops_asking_a_mirror_that_is_down(host: Any) -> None:
    host.web.pages[f"{MIRROR}/{XZ.sha256}"] = urllib.error.URLError(ConnectionRefusedError(111, "Connection refused"))
    with pytest.raises(Refused, match=r"the mirror cannot be used: .*Connection refused"):
        locate(BOTH, "", MIRROR, True, host.web)
    assert len(host.web.asked) == 1


def test_a_login_page_is_no_archive(host: Any) -> None:
    for archive in BOTH:
        for name in archive.names:
            host.web.pages[f"{MIRROR}/{name}"] = (b"<form>", "text/html; charset=utf-8")
    with pytest.raises(Refused, match="a web page instead of an archive; a login page"):
        locate(BOTH, "", MIRROR, True, host.web)


def test_no_source_is_an_error_of_its_own(host: Any) -> None:
    with pytest.raises(Refused, match="no source for it is named"):
        locate(BOTH, "", "", True, host.web)


def test_the_internet_comes_last_and_only_when_allowed(host: Any) -> None:
    host.web.pages[GZ.url] = b"gz archive"
    found = locate(BOTH, str(host.cache), MIRROR, False, host.web)
    assert (found.kind, found.place, found.stay) == ("internet", GZ.url, False)
    assert host.web.asked[-2:] == [XZ.url, GZ.url]


def test_the_internet_may_have_nothing_too(host: Any) -> None:
    with pytest.raises(Refused, match="answers 404"):
        locate(BOTH, "", "", False, host.web)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (b"gz archivf", "found " + digest_bytes(b"gz archivf") + " (10 bytes)"),
        ((b"gz arch", "application/gzip", 10), "(7 of 10 bytes: it is cut short)"),
        ((b"<form>", "text/html"), "answers with a web page"),
        (http.client.IncompleteRead(b""), "cannot be used: "),
        (UnicodeEncodeError("ascii", "\u00f6", 0, 1, "ordinal not in range"), "cannot be used: "),
        (ValueError("Invalid IPv6 URL"), "cannot be used: Invalid IPv6 URL"),
    ],
)
def test_what_a_mirror_gives_is_checked(host: Any, tmp_path: pathlib.Path, page: Any, message: str) -> None:
    host.web.pages["https://m/x"] = page
    with pytest.raises(Refused) as caught:
        obtain(Source("mirror", "https://m/x", GZ), str(host.cache), host.web, 60)
    assert message in str(caught.value)
    assert not (host.cache / GZ.file).exists()


def test_a_broken_transfer_is_told(host: Any) -> None:
    class Breaks:
        headers: dict[str, str] = {}  # noqa: RUF012

        def read1(self, size: int) -> bytes:
            raise ConnectionResetError(104, "Connection reset by peer")

        def close(self) -> None:
            pass

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    with pytest.raises(Refused, match=r"broke off: .*Connection reset"):
        obtain(Source("mirror", "https://m/x", GZ), str(host.cache), lambda url, *, stay: Breaks(), 60)


@pytest.mark.parametrize("announced", ["abc", "-7", "", "9" * 5000])
def test_a_length_that_is_none_is_not_counted_on(host: Any, tmp_path: pathlib.Path, announced: Any) -> None:
    host.web.pages["https://m/x"] = (b"gz archive", "application/gzip", announced)
    assert obtain(Source("mirror", "https://m/x", GZ), str(tmp_path), host.web, 60)
    host.web.pages["https://m/x"] = (b"gz arch", "application/gzip", announced)
    with pytest.raises(Refused, match="expected SHA-256"):
        obtain(Source("mirror", "https://m/x", GZ), str(tmp_path), host.web, 60)


def test_a_mirror_that_is_too_slow(host: Any, tmp_path: pathlib.Path) -> None:
    host.web.pages["https://m/x"] = b"gz archive"
    with pytest.raises(Refused, match=r"is too slow: it sent 0 bytes in -1 seconds"):
        obtain(Source("mirror", "https://m/x", GZ), str(tmp_path), host.web, -1)
    assert not (tmp_path / GZ.file).exists()


def test_a_cache_file_that_changed_since_is_refused(host: Any, tmp_path: pathlib.Path) -> None:
    (host.cache / "given").write_bytes(b"changed")
    with pytest.raises(Refused, match="expected SHA-256"):
        obtain(Source("cache", str(host.cache / "given"), GZ), str(tmp_path), host.web, 60)
    assert not (tmp_path / GZ.file).exists()


def test_obtains_under_the_name_that_python_build_wants(host: Any, tmp_path: pathlib.Path) -> None:
    host.web.pages["https://m/x"] = b"gz archive"
    path = obtain(Source("mirror", "https://m/x", GZ), str(tmp_path), host.web, 60)
    assert path == str(tmp_path / "Python-3.11.2.tar.gz")
    assert pathlib.Path(path).read_bytes() == b"gz archive"


def test_a_redirection_may_stay_on_its_server() -> None:
    import urllib.request

    asked = urllib.request.Request("https://mirror.example/a")
    followed = stay_here().redirect_request(asked, None, 302, "Found", {}, "https://mirror.example/b")
    assert followed.full_url == "https://mirror.example/b"
    with pytest.raises(urllib.error.URLError, match=r"another server, pyenv\.example"):
        stay_here().redirect_request(asked, None, 302, "Found", {}, "https://pyenv.example/b")
