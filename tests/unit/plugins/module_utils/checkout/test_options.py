# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of pyenv_checkout, good and bad."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, HANDOVER, Asked, asked
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

ARCHIVE = {"archive": "/srv/pyenv.tar.gz", "sha256": "AB" * 32}
GIT = {"git": "https://git.example/pyenv.git", "commit": "AB" * 20}


def given(**options: Any) -> Asked:
    defaults = {name: one.get("default") for name, one in {**ARGUMENTS, **HANDOVER}.items()}
    return asked({**defaults, **options})


def test_an_archive() -> None:
    found = given(**ARCHIVE, remote_src=True, root="/opt/pyenv/")
    assert (found.kind, found.digest, found.checkout) == ("archive", "ab" * 32, "ab" * 8)
    assert (found.path, found.root) == ("/srv/pyenv.tar.gz", "/opt/pyenv")
    assert given(**ARCHIVE).path == "" and given(**ARCHIVE, delivery="/tmp/x").path == "/tmp/x"


def test_a_commit() -> None:
    assert given(**GIT).origin == {"kind": "git", "place": GIT["git"], "commit": "ab" * 20}


def test_absent_needs_no_source() -> None:
    assert given(state="absent", archive="", git="").digest == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "archive, git: expected one of them, found neither"),
        ({**ARCHIVE, **GIT}, "found both"),
        ({"archive": "/x"}, "sha256: expected the archive's 64 hex digits, found none"),
        ({"archive": "/x", "sha256": "abc"}, "found 'abc'"),
        ({**ARCHIVE, "archive": "x", "remote_src": True}, "expected an absolute path on the host"),
        ({"git": "/srv/pyenv"}, "commit: expected a whole commit of 40 hex digits, found none"),
        ({"git": "/srv/pyenv", "commit": "v2.6.30"}, "a branch or a tag can be moved"),
        ({**GIT, "git": "ext::sh -c evil"}, "expected a path or a URL of https"),
        ({**GIT, "git": "--upload-pack=evil"}, "expected a path or a URL"),
        ({**GIT, "git": "pyenv"}, "expected a path or a URL"),
        ({**GIT, "git": "https://me:secret@[bad"}, "expected a path or a URL"),
        ({**GIT, "git": "https://me:secret@git.example/x"}, "holds a user or a password"),
        ({**GIT, "git": "https://token@git.example/x"}, "holds a user or a password"),
        ({**ARCHIVE, "root": "relative"}, "root: expected an absolute path"),
        ({**ARCHIVE, "root": "/"}, "root: expected an absolute path"),
        ({**ARCHIVE, "root": "/opt/my pyenv"}, "without blanks and quotes"),
        ({**ARCHIVE, "timeout": 0}, "timeout: expected 1 or more, found 0"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        given(**options)
    assert message in str(caught.value) and "secret" not in str(caught.value) and "token@" not in str(caught.value)


@pytest.mark.parametrize("url", ["ssh://git@git.example/pyenv.git", "file:///srv/pyenv.git", "/srv/pyenv.git"])
def test_other_ways_to_a_repository(url: str) -> None:
    assert given(**{**GIT, "git": url}).place == url


def test_all_problems_at_once() -> None:
    with pytest.raises(Refused, match="3 problems"):
        given(archive="/x", root="x", timeout=0)
