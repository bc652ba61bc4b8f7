# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import os
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.plugin_utils.who import who


@pytest.fixture(autouse=True)
def _controller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ops")


def test_without_a_job_it_is_the_two_users() -> None:
    assert who({"inventory_hostname": "h1", "ansible_password": "hunter2"}, "ansible") == {
        "login": "ansible",
        "controller_user": "ops",
    }


@pytest.mark.parametrize("prefix", ["awx_", "tower_"])
def test_a_job_is_named_in_one_way(prefix: str) -> None:
    variables = {
        f"{prefix}job_id": 12,
        f"{prefix}user_name": "eve",
        f"{prefix}project_revision": "ab12",
        f"{prefix}job_template_name": "Prod",
        f"{prefix}user_email": "eve@example.org",
    }
    assert who(variables, None) == {
        "controller_user": "ops",
        "awx_job_id": "12",
        "awx_user_name": "eve",
        "awx_project_revision": "ab12",
        "awx_job_template_name": "Prod",
    }


def test_the_newer_name_counts_where_both_are_there() -> None:
    assert who({"awx_job_id": 1, "tower_job_id": 2}, "")["awx_job_id"] == "1"


@pytest.mark.parametrize("value", ["", None, "{{ lookup('env', 'TOKEN') }}", "{% x %}", ["a"], {"a": "b"}, True, "  "])
def test_what_is_no_plain_text_is_nobodys_name(value: Any) -> None:
    assert who({"awx_user_name": value}, value if isinstance(value, str) else None) == {"controller_user": "ops"}


def test_names_are_short() -> None:
    assert len(who({"awx_user_name": "x" * 5000}, None)["awx_user_name"]) == 200


def test_a_container_may_know_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", fail)
    assert who({}, None) == {"controller_user": f"user id {os.geteuid()}"}
