# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files as pip and uv read them."""

from __future__ import annotations

import configparser

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.guard.seal import sealed
from ansible_collections.netdevops.python.plugins.module_utils.guard.text import (
    Sources,
    marker_text,
    pip_text,
    uv_text,
)

INDEX, MORE = "https://pypi.example.net/simple", "https://more.example.net/50%25/simple"
SOURCES = Sources(INDEX, (MORE, INDEX + "/x"), False, "/etc/ca.pem", 30)


def read(text: str) -> configparser.RawConfigParser:
    """Read a file as pip does; ours begins with its head."""
    parser = configparser.RawConfigParser()
    parser.read_string(sealed(text, 1).decode())
    return parser


@pytest.mark.parametrize("notice", ["One.", "Ünï 100 %: a = b\n\n[x]\nc = d\n\n\n  e", "$ pip # yes\n%(x)s"])
def test_pip_shows_all_lines_of_a_notice(notice: str) -> None:
    shown = read(marker_text(notice, ""))["externally-managed"]["error"]
    assert shown.splitlines() == [line.strip() for line in notice.splitlines()]
    assert read(marker_text(notice, "net ops")).sections() == ["externally-managed"]
    assert "Ask net ops for" in read(marker_text(notice, "net ops"))["externally-managed"]["error"]


def test_the_sentence_of_its_own_says_what_to_do() -> None:
    shown = marker_text("", "")
    for word in ("poetry_venv", ".venv/bin/pip", "-m venv", "Ask whoever looks after this host"):
        assert word in shown


def test_pip_reads_what_is_asked() -> None:
    parser = read(pip_text(SOURCES, True))
    assert {name: dict(parser[name]) for name in parser.sections()} == {
        "global": {
            "index-url": INDEX,
            "extra-index-url": f"\n{MORE}\n{INDEX}/x",
            "cert": "/etc/ca.pem",
            "timeout": "30",
        },
        # Not in [global]: that would stop `pip download`, and `pip check` of older ones.
        "install": {"require-virtualenv": "true"},
        "uninstall": {"require-virtualenv": "true"},
    }
    assert dict(read(pip_text(Sources(no_index=True), False))["global"]) == {"no-index": "true"}
    assert pip_text(Sources(), False) == uv_text(Sources(cert="/etc/ca.pem", timeout=3)) == ""


def test_uv_is_told_the_same() -> None:
    assert uv_text(Sources(INDEX, (MORE,))) == (
        f'[[index]]\nurl = "{INDEX}"\ndefault = true\n\n[[index]]\nurl = "{MORE}"\n'
    )
    assert uv_text(Sources(no_index=True)) == "no-index = true\n"
