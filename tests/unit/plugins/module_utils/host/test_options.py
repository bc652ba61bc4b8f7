# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import grp
import os
import pwd
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options

PARAMS: dict[str, Any] = {
    "venv": "/opt/app/.venv",
    "python": "/usr/bin/python3",
    "groups": None,
    "prove": None,
    "owner": None,
    "group": None,
    "mode": "0755",
    "compile": True,
    "verify": "stat",
    "keep": 3,
    "lock_timeout": 60,
    "prove_timeout": 120,
}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def parsed(**changes: Any) -> Options:
    return parse_options({**PARAMS, **changes}, "bundle:x")


@pytest.mark.parametrize(
    ("mode", "bits"),
    [("0755", 0o755), ("755", 0o755), ("0750", 0o750), ("0700", 0o700), ("0711", 0o711), (None, 0o755), ("", 0o755)],
)
def test_a_mode_is_octal(mode: Any, bits: int) -> None:
    assert parsed(mode=mode).mode == bits


@pytest.mark.parametrize("mode", ["0777", "0775", "0757", "0722", "0770"])
def test_a_mode_that_lets_others_write_is_refused(mode: str) -> None:
    with pytest.raises(Refused, match="would let others than the owner write into what people run"):
        parsed(mode=mode)


@pytest.mark.parametrize(
    "mode", ["0644", "0555", "u=rwx", "493", "488", "0", "-1", "04755", "01755", "rwxr-xr-x", "7.5", 493]
)
def test_any_other_mode_is_refused(mode: Any) -> None:
    with pytest.raises(Refused, match="expected permission bits in octal that start with 7"):
        parsed(mode=mode)


@pytest.mark.parametrize("python", ["python3", "./python3", "~/python3", ""])
def test_an_interpreter_is_named_in_full(python: str) -> None:
    with pytest.raises(Refused, match="expected an absolute path"):
        parsed(python=python)


@pytest.mark.parametrize("keep", [0, -1])
def test_the_current_release_stays(keep: int) -> None:
    with pytest.raises(Refused, match=f"keep {keep}: expected at least 1"):
        parsed(keep=keep)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (None, None),
        ([], None),
        ([""], None),
        (["junos", "main", "junos"], ("junos", "main")),
        (["", "main"], ("main",)),
    ],
)
def test_groups_have_one_form_and_an_unanswered_question_is_none(groups: Any, expected: Any) -> None:
    assert parsed(groups=groups).groups == expected


def test_the_venv_is_checked() -> None:
    with pytest.raises(Refused, match="expected an absolute path without"):
        parsed(venv="opt/app")


def test_what_is_asked_leaves_out_what_only_concerns_the_run() -> None:
    first = parsed()
    assert first.asked() == parsed(keep=9, verify="content", lock_timeout=1, prove_timeout=1, venv="/opt/other").asked()
    assert first.asked() == {
        "source": "bundle:x",
        "python": "/usr/bin/python3",
        "groups": None,
        "prove": {"imports": [], "commands": []},
        "owner": "",
        "group": "",
        "mode": "0755",
        "compile": True,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"groups": ["main"]},
        {"mode": "0750"},
        {"owner": "root"},
        {"group": "daemon"},
        {"compile": False},
        {"python": "/x"},
        {"prove": {"imports": ["x"]}},
    ],
)
def test_what_is_asked_holds_all_that_changes_a_release(change: dict[str, Any]) -> None:
    assert parsed(**change).asked() != parsed().asked()


def test_without_a_name_files_belong_to_whom_the_module_runs_as() -> None:
    assert parsed().owner_ids() == (os.geteuid(), os.getegid())


@AS_ROOT
def test_an_owner_brings_its_group_unless_another_is_named() -> None:
    nobody = pwd.getpwnam("nobody")
    assert parsed(owner="nobody").owner_ids() == (nobody.pw_uid, nobody.pw_gid)
    assert parsed(owner="nobody", group="daemon").owner_ids() == (nobody.pw_uid, grp.getgrnam("daemon").gr_gid)
    assert parsed(group="daemon").owner_ids() == (0, grp.getgrnam("daemon").gr_gid)


def test_a_name_that_the_host_does_not_know_is_refused() -> None:
    with pytest.raises(Refused, match="owner 'no_such_user': this host knows no such user"):
        parsed(owner="no_such_user").owner_ids()
    with pytest.raises(Refused, match="group 'no_such_group': this host knows no such group"):
        parsed(group="no_such_group").owner_ids()


def test_a_user_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 987654)
    with pytest.raises(Refused, match="owner 987654: this host knows no such user"):
        parsed().owner_ids()


def test_only_root_gives_files_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(os, "geteuid", lambda: nobody.pw_uid)
    assert parsed(owner="nobody").owner_ids()[0] == nobody.pw_uid
    with pytest.raises(
        Refused, match=f"owner 'root': the module runs as user id {nobody.pw_uid} and cannot give files away"
    ):
        parsed(owner="root").owner_ids()
