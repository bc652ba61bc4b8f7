# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of pip and uv."""

from __future__ import annotations

import pathlib
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit.indexes import (
    approved_hosts,
    is_approved,
    strange_hosts,
    strange_names,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.pip_config import (
    check_pip_configuration,
    check_pip_of,
    pip_trouble,
    uv_trouble,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

Put = Callable[..., pathlib.Path]
SECRET = "s3cr3t"
APPROVED = approved_hosts(["pypi.example.net", "https://files.example.net:8443/simple", "*.inside.example", " "])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[global]\nindex-url = https://pypi.org/simple\n", ["[global] index-url: pypi.org"]),
        (
            "[install]\nextra_index_url = https://PyPI.example.net/simple\n  https://b.example.org\n",
            ["[install] extra_index_url: b.example.org"],
        ),
        (f"[global]\nindex-url = https://ada:{SECRET}@pypi.org/simple\n", ["[global] index-url: pypi.org"]),
        (
            f"[global]\nindex-url = https://ada:{SECRET}@[/simple\n",
            ["[global] index-url: a host that cannot be told"],
        ),
        (f"[global]\nindex-url = https://a@{SECRET}@pypi.org/simple\n", ["[global] index-url: pypi.org"]),
        ("[global]\nfind-links = /srv/wheels\n  file:///srv/more\n", []),
        ("[global]\nno-index = true\nindex-url = https://pypi.org/simple\n", []),
        ("[global]\nno-index = yes\n[install]\nextra-index-url = https://pypi.org/simple\n", []),
        ("[global]\nno-index = true\nfind-links = https://pypi.org/links\n", ["[global] find-links: pypi.org"]),
        ("[global]\ntrusted-host = pypi.org\n  pypi.example.net\n", ["[global] trusted-host: pypi.org"]),
        ("[global]\nindex-url = http://a.inside.example/simple\ntimeout = 5\n", []),
        ("index-url = https://pypi.org/simple\n", ["it cannot be read as a configuration; it names pypi.org"]),
        ("[global]\nindex-url = https://%(x)s.example.org/\n", ["[global] index-url: %(x)s.example.org"]),
        (f"[global]\nproxy = ada:{SECRET}@proxy.example.org:3128\n", ["[global] proxy: proxy.example.org"]),
        (f"[global]\nproxy = http://ada:{SECRET}@proxy.example.org\n", ["[global] proxy: proxy.example.org"]),
        ("[global]\nproxy = pypi.example.net:3128\n", []),
        ("[global]\nno-index = true\nproxy = proxy.example.org:3128\n", []),
        ("", []),
    ],
)
def test_pip(text: str, lines: list[str]) -> None:
    assert [line.replace("_", "-") for line in pip_trouble(text, APPROVED)] == [
        line.replace("_", "-") for line in lines
    ]
    assert SECRET not in str(pip_trouble(text, APPROVED))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('index-url = "https://pypi.org/simple"\n', ["names pypi.org"]),
        (f'[[index]]\nurl = "https://ada:{SECRET}@b.example.org/simple"\n', ["names b.example.org"]),
        ('# index-url = "https://pypi.org/simple"\n', []),
        ('index-url = "https://pypi.example.net/simple#x"\n', []),
        (
            'allow-insecure-host = [\n  "c.example.org:8080", "pypi.example.net"]\n',
            ["allow-insecure-host: c.example.org"],
        ),
        ("offline = true\n", []),
    ],
)
def test_uv(text: str, lines: list[str]) -> None:
    assert uv_trouble(text, APPROVED) == lines


def test_where_it_is_looked(reader: Reader, put: Put) -> None:
    pip, uv = "[global]\nindex-url=https://pypi.org\n", 'index-url = "https://pypi.org"\n'
    venv, interpreter = "/opt/app/.venv", "/opt/pyenv/versions/3.11.7"
    files = {
        **dict.fromkeys(
            ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "/home/a/.config/pip/pip.conf", "/home/a/.pip/pip.conf"), pip
        ),
        **dict.fromkeys((f"{venv}/pip.conf", f"{interpreter}/pip.conf", "/usr/pip.conf"), pip),
        **dict.fromkeys(("/etc/uv/uv.toml", "/home/a/.config/uv/uv.toml", "/opt/app/uv.toml"), uv),
    }
    for path, text in files.items():
        put(path, text)
    folders = [(interpreter, ""), (venv, venv)]
    found = [*check_pip_configuration(reader, ["/home/a"], ()), *check_pip_of(reader, folders, ())]
    assert {one.subject for one in found} == set(files)
    assert {one.subject for one in found if one.venv} == {f"{venv}/pip.conf", "/opt/app/uv.toml"}
    assert not list(check_pip_configuration(reader, ["/home/a"], ("pypi.org",)))
    assert not list(check_pip_of(reader, folders, ("pypi.org",)))


def test_hosts() -> None:
    assert APPROVED == ("pypi.example.net", "files.example.net:8443", "*.inside.example")
    assert is_approved("a.b.inside.example", APPROVED)
    assert not is_approved("inside.example", APPROVED)
    assert strange_hosts("git+ssh://git@code.example.org/x git+https://code.example.org", ()) == ["code.example.org"]


@pytest.mark.parametrize(
    ("entry", "fits", "not_these"),
    [
        (
            "pypi.example.net:8443",
            ["https://pypi.example.net:8443/simple"],
            ["https://pypi.example.net/simple", "https://pypi.example.net:8444", "https://other.example.net:8443"],
        ),
        ("pypi.example.net", ["https://PYPI.example.net:8443/simple", "http://pypi.example.net./"], ["https://net"]),
        ("https://pypi.example.net/simple", ["https://pypi.example.net:8443/simple"], ["https://example.net"]),
        ("pypi.example.net:443", ["https://pypi.example.net/x"], ["http://pypi.example.net/x"]),
        ("*.example.net:8443", ["https://a.example.net:8443"], ["https://a.example.net"]),
        ("[2001:DB8::1]:8443", ["https://[2001:db8::1]:8443/x"], ["https://[2001:db8::1]/x", "https://2/x"]),
        ("https://ada:s3cr3t@pypi.example.net/simple", ["https://pypi.example.net"], ["https://ada"]),
    ],
)
def test_ports(entry: str, fits: list[str], not_these: list[str]) -> None:
    approved = approved_hosts([entry])
    assert not [url for url in fits if strange_hosts(url, approved)]
    assert not [url for url in not_these if not strange_hosts(url, approved)]


def test_a_port_is_told_where_it_is_what_is_wrong() -> None:
    approved = approved_hosts(["pypi.example.net:8443"])
    assert strange_hosts("https://pypi.example.net/ https://b.example.net:1/", approved) == [
        "pypi.example.net:443",
        "b.example.net",
    ]
    assert strange_names("pypi.example.net pypi.example.net:8443", approved) == ["pypi.example.net on each port"]


def test_a_text_of_several_lines_is_several_entries() -> None:
    assert approved_hosts(["a.example.net\n\n  b.example.net:1 \r\n", "", "c"]) == (
        "a.example.net",
        "b.example.net:1",
        "c",
    )


@pytest.mark.parametrize(
    "entry",
    [
        "a b",
        "a.example.net, b.example.net",
        "file:///srv",
        "https://[/x",
        "a:port",
        "a:99999",
        "a..b",
        "https://",
        "[::x]",
    ],
)
def test_what_is_no_host(entry: str) -> None:
    with pytest.raises(Refused, match="found entry 2 that is none") as refused:
        approved_hosts(["fine", entry + f"?{SECRET}"])
    assert SECRET not in str(refused.value)
    with pytest.raises(Refused, match="found entry 1 that is none"):
        approved_hosts([entry])
