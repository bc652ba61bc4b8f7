# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of the module's options, and what '' means."""

from __future__ import annotations

import os
import pathlib
import pwd
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import MODULES, SEARCH
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import wanted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"version": "3.11"}, "version: expected an exact CPython version such as 3.11.7, found '3.11'"),
        ({"version": "3.11.7 3.12.1"}, "version: expected an exact CPython version"),
        ({"version": "../../etc"}, "version: expected an exact CPython version"),
        ({"version": ""}, "version, version_file: expected one of them, found neither"),
        ({"version_file": "/srv/x"}, "version, version_file: expected one of them, found both"),
        ({"root": "opt/pyenv"}, "root: expected an absolute path to a folder of its own, found 'opt/pyenv'"),
        ({"root": "/"}, "root: expected an absolute path to a folder of its own, found '/'"),
        ({"root": "//"}, "root: expected an absolute path"),
        ({"root": "/opt/my pyenv"}, "has a character that CPython's build cannot take"),
        ({"mirror": "ftp://mirror/x"}, "mirror: expected an http or https URL"),
        ({"mirror": "mirror.example"}, "mirror: expected an http or https URL"),
        ({"mirror": "http://[bad"}, "mirror: expected an http or https URL."),
        ({"mirror": "http://mirror.example:x/"}, "mirror: expected an http or https URL."),
        ({"mirror": "https://mirror.example/p\u00f6thons"}, "mirror: expected ASCII without blanks"),
        ({"mirror": "https://mirror.example/my pythons"}, "mirror: expected ASCII without blanks"),
        ({"sha256": "abc"}, "sha256: expected 64 hex digits"),
        ({"configure_opts": ["--with-lto --x"]}, "configure_opts: expected words without blanks"),
        ({"make_opts": [""]}, "make_opts: expected words without blanks"),
        ({"modules": ["ssl; import os"]}, "modules: expected names of modules"),
        ({"cache": "files"}, "cache: expected an absolute path on the host, found 'files'"),
        ({"pyenv": "pyenv"}, "pyenv: expected an absolute path on the host"),
        ({"jobs": -1}, "jobs: expected 1 or more, found -1"),
        ({"jobs": 0}, "jobs: expected 1 or more, found 0"),
        ({"timeout": 0}, "timeout: expected 1 or more, found 0"),
        ({"lease": -1}, "lease: expected 1 or more, found -1"),
        ({"archive_sha256": "abc"}, "archive_sha256: expected 64 hex digits"),
        ({"mode": "0777"}, "mode: expected permissions in octal that let the owner in and nobody else write"),
        ({"mode": "0655"}, "mode: expected permissions in octal"),
        ({"mode": "rwx"}, "mode: expected permissions in octal"),
        ({"owner": "nobody-of-that-name"}, "owner 'nobody-of-that-name': this host knows no such user"),
        ({"group": "nobody-of-that-name"}, "group 'nobody-of-that-name': this host knows no such group"),
        ({"keep": ["3.11"]}, "keep: expected exact versions such as 3.11.7, found '3.11'"),
        ({"patches": ["a.patch"]}, "patches: expected an absolute path on the host, found 'a.patch'"),
        ({"search": ["srv"]}, "search: expected an absolute path on the host, found 'srv'"),
        ({"local": "project"}, "local: expected an absolute path on the host"),
        ({"archive": "x", "remote_src": True}, "archive: expected an absolute path on the host, found 'x'"),
        ({"source": "archive"}, "archive: expected an archive with `source: archive`, found none"),
        ({"state": "absent", "global": True}, "global: cannot pin a version that is to be absent"),
        ({"state": "absent", "local": "/srv"}, "local: cannot pin a version that is to be absent"),
        ({"timeout": -5}, "timeout: expected 1 or more, found -5"),
    ],
)
def test_refuses(host: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        host.wanted(**given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("https://me:hunter2@mirror.example/x", "holds a password"),
        ("https://me:hunter2@[mirror/x", "expected an http or https URL."),
        ("https://me:hunter2@mirror.example:x/", "expected an http or https URL."),
        ("me:hunter2@mirror.example/x", "expected an http or https URL."),
    ],
)
def test_refuses_a_password_without_repeating_it(host: Any, place: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        host.wanted(mirror=place)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_tells_everything_that_is_wrong_at_once(host: Any) -> None:
    with pytest.raises(Refused) as caught:
        host.wanted(version="3", root="x", sha256="y", modules=["1"])
    assert [problem.subject for problem in caught.value.problems] == ["version", "root", "sha256", "modules"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3.11.7\n3.12.1\n", "found several: 3.11.7, 3.12.1"),
        ("3.11.7 # pinned", "found a comment"),
        ("", "found nothing"),
        ("system", "found 'system'"),
    ],
)
def test_refuses_a_bad_pin(host: Any, tmp_path: pathlib.Path, text: str, message: str) -> None:
    (tmp_path / ".python-version").write_text(text)
    with pytest.raises(Refused) as caught:
        host.wanted(version=None, version_file=str(tmp_path))
    assert message in str(caught.value)
    assert str(tmp_path / ".python-version") in str(caught.value)


def test_reads_the_pin_of_a_folder(host: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / ".python-version").write_text("3.11.2\n")
    assert host.wanted(version="", version_file=str(tmp_path)).version == "3.11.2"


def test_an_empty_text_is_not_given(host: Any) -> None:
    asked = host.wanted(version_file="", pyenv="", cache="", mirror="", sha256="", jobs=None)
    assert asked.pyenv == (str(host.root), "/opt/pyenv", "/usr/share/pyenv", os.path.expanduser("~/.pyenv"))
    assert (asked.cache, asked.mirror, asked.sha256) == ("", "", "")
    assert asked.jobs == 0


def test_what_is_left_out_has_its_default(host: Any) -> None:
    asked = wanted({"version": "3.11.2"})
    assert (asked.root, asked.state, asked.source, asked.mode) == ("/opt/pyenv", "present", "auto", 0o755)
    assert (asked.owner, asked.offered, asked.lease, asked.ask) == (None, None, 0, False)
    assert asked.modules == MODULES
    assert asked.search == SEARCH


def test_an_archive_of_the_controller_may_be_relative(host: Any) -> None:
    assert host.wanted(archive="files/interpreters").archive == "files/interpreters"


def test_an_owner_becomes_ids(host: Any) -> None:
    me = pwd.getpwuid(os.geteuid())
    assert host.wanted(owner=me.pw_name).owner == (me.pw_uid, me.pw_gid)
