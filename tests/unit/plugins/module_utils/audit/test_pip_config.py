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
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.pip_config import (
    check_pip_configuration,
    check_pip_of,
    pip_trouble,
    uv_trouble,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

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
    assert APPROVED == ("pypi.example.net", "files.example.net", "*.inside.example")
    assert is_approved("a.b.inside.example", APPROVED)
    assert not is_approved("inside.example", APPROVED)
    assert strange_hosts("git+ssh://git@code.example.org/x git+https://code.example.org", ()) == ["code.example.org"]
