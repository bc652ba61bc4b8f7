# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pwd
import tempfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.poetry.owner import as_owner

ME = pwd.getpwuid(os.geteuid()).pw_name
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="root alone works for others")
PERSON = "nobody"


@pytest.mark.parametrize("name", ["", ME])
def test_who_works_for_himself_does_it_here(name: str) -> None:
    assert as_owner(name, os.getpid, 5) == os.getpid()


def test_a_name_of_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="owner 'no-such-user': this host knows no such user"):
        as_owner("no-such-user", os.getpid, 5)


def test_only_root_works_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(Refused, match=r"has no right to work for others.*become"):
        as_owner("root", os.getpid, 5)


@AS_ROOT
def test_root_has_the_rights_of_the_owner_and_the_way_out_of_this_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ca.pem")
    monkeypatch.setenv("SECRET_OF_ROOT", "x")
    monkeypatch.setattr(tempfile, "tempdir", "/var/roots-own")
    uid, environ, temporary = as_owner(PERSON, lambda: (os.geteuid(), dict(os.environ), tempfile.gettempdir()), 5)
    assert temporary == "/tmp"
    assert uid == pwd.getpwnam(PERSON).pw_uid
    assert (environ["https_proxy"], environ["SSL_CERT_FILE"]) == ("http://proxy:3128", "/etc/ca.pem")
    assert "SECRET_OF_ROOT" not in environ


@AS_ROOT
def test_a_refusal_arrives_with_its_warnings() -> None:
    def work() -> Any:
        try:
            refuse("lock", "is stale.", "Lock it.")
        except Refused as refused:
            refused.warnings = ("the history cannot be written",)
            raise

    with pytest.raises(Refused, match="lock: is stale") as refused:
        as_owner(PERSON, work, 5)
    assert refused.value.warnings == ("the history cannot be written",)
