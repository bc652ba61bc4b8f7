# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import tarfile
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action import wheelhouse_install
from ansible_collections.netdevops.python.plugins.action.wheelhouse_install import ActionModule
from ansible_collections.netdevops.python.tests.unit.support.interpreters import carried, make_archive
from ansible_collections.netdevops.python.tests.unit.support.wheels import TARGET, make_wheel, seal

NEEDS = {"changed": False, "needs": {"target": "cp311-manylinux_2_36_x86_64", "python_version": "3.11.7", "have": []}}
DONE = {"changed": True, "release": "r1", "delivered": {"wheels": 99, "bytes": 99}}


class Rig:
    """The action plugin with a real task and connection; the host is a list of answers."""

    def __init__(self, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.bundle = root / "bundle"
        self.wheels = [make_wheel(self.bundle / "wheels", name) for name in ("eggs", "spam")]
        self.manifest = seal(self.bundle, self.wheels)
        self.answers: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.sent: list[tuple[list[str], str]] = []
        self.removed: list[Any] = []
        self.monkeypatch = monkeypatch

    def action(self, check: bool = False, **arguments: Any) -> ActionModule:
        loader = DataLoader()
        loader.set_basedir(str(self.root))
        task = Task()
        task.check_mode = check
        task.async_val = 0
        given = {
            "venv": "/opt/app/.venv",
            "python": "/usr/bin/python3",
            "bundle": str(self.bundle),
            "allow_container": True,
            **arguments,
        }
        task.args = {name: value for name, value in given.items() if value is not None}
        task._ansible_internal_redirect_list = []
        shell = types.SimpleNamespace(tmpdir="/remote/tmp", join_path=os.path.join)
        connection = types.SimpleNamespace(transport="local", _shell=shell)
        action = ActionModule(task, connection, None, loader, Templar(loader), None)
        for name, replacement in (
            ("_execute_module", self.execute),
            ("_transfer_file", self.transfer),
            ("_fixup_perms2", lambda paths: None),
            ("_remove_tmp_path", self.removed.append),
        ):
            self.monkeypatch.setattr(action, name, replacement)
        return action

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert module_name == "netdevops.python.wheelhouse_install"
        self.asked.append(module_args)
        return dict(self.answers.pop(0))

    def transfer(self, path: str, remote: str) -> None:
        with tarfile.open(path) as archive:
            self.sent.append((archive.getnames(), remote))

    def run(self, *answers: dict[str, Any], **options: Any) -> dict[str, Any]:
        self.answers = list(answers)
        result = self.action(**options).run(None, {"inventory_hostname": "h1"})
        assert self.answers == []
        return result


@pytest.fixture
def rig(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


def test_a_converged_host_is_asked_once_and_gets_nothing(rig: Rig) -> None:
    result = rig.run({"changed": False, "release": "r1"})
    assert result["changed"] is False and result["release"] == "r1"
    assert rig.asked[0]["source"] == f"bundle:{rig.manifest.id}" and "delivery" not in rig.asked[0]
    assert rig.sent == []
    assert rig.removed == ["/remote/tmp"]


def test_what_a_host_lacks_travels_in_one_transfer(rig: Rig) -> None:
    eggs, spam = rig.wheels
    needs = {**NEEDS, "needs": {**NEEDS["needs"], "have": [eggs.sha256]}}  # type: ignore[dict-item]
    result = rig.run(needs, DONE)
    assert rig.sent == [(["bundle.json", f"wheels/{spam.file}"], "/remote/tmp/delivery.tar")]
    assert rig.asked[1]["delivery"] == "/remote/tmp/delivery.tar"
    assert rig.asked[1]["source"] == rig.asked[0]["source"]
    assert result["changed"] is True and result["delivered"] == {"wheels": 1, "bytes": spam.size}
    assert "needs" not in result


def test_in_check_mode_no_wheel_travels(rig: Rig) -> None:
    result = rig.run(NEEDS, DONE, check=True)
    assert rig.sent == [(["bundle.json"], "/remote/tmp/delivery.tar")]
    assert result["delivered"] == DONE["delivered"]


def test_the_interpreter_comes_in_the_same_transfer(rig: Rig) -> None:
    archive = make_archive(rig.bundle / "interpreters")
    manifest = rig.manifest._replace(pin="3.11.7", interpreters={TARGET: carried(archive)})
    (rig.bundle / "bundle.json").write_bytes(manifest.encode())
    needs = {**NEEDS, "needs": {**NEEDS["needs"], "interpreter": "it is not in /opt/pyenv"}}  # type: ignore[dict-item]
    result = rig.run(needs, DONE, python=None, interpreter_root="/opt/pyenv")
    wheels = [f"wheels/{wheel.file}" for wheel in rig.wheels]
    file = f"interpreters/{archive.description.file}"
    assert rig.sent == [(["bundle.json", f"{file}.json", *wheels, file], "/remote/tmp/delivery.tar")]
    assert [asked["pin"] for asked in rig.asked] == ["3.11.7", "3.11.7"]
    assert result["delivered"]["wheels"] == 2


def test_who_names_the_interpreter_needs_no_pin(rig: Rig) -> None:
    rig.run({"changed": False})
    assert "pin" not in rig.asked[0]


def test_a_failure_on_the_host_is_handed_on_and_tidied(rig: Rig) -> None:
    result = rig.run(NEEDS, {"failed": True, "msg": "disk full", "changed": False})
    assert result["failed"] is True and result["msg"] == "disk full"
    assert rig.removed == ["/remote/tmp"]


def test_a_refusal_on_the_controller_is_a_failure_with_its_problems(rig: Rig) -> None:
    (rig.bundle / "wheels" / rig.wheels[0].file).unlink()
    result = rig.run(NEEDS)
    assert result["failed"] is True and result["changed"] is False
    assert "expected a wheel of the bundle, found nothing" in result["msg"]
    assert result["problems"][0]["subject"].endswith(rig.wheels[0].file)
    assert rig.sent == [] and rig.removed == ["/remote/tmp"]


def test_no_bundle_is_refused_before_the_host_is_asked(rig: Rig) -> None:
    result = rig.run(bundle=str(rig.root / "nothing"))
    assert result["failed"] is True and "expected a bundle with bundle.json, found none" in result["msg"]
    assert rig.asked == []


@pytest.mark.parametrize("arguments", [{"remote_src": True}, {"state": "absent"}])
def test_what_concerns_the_host_alone_goes_straight_there(rig: Rig, arguments: dict[str, Any]) -> None:
    rig.run(DONE, **arguments)
    assert len(rig.asked) == 1 and "source" not in rig.asked[0]


def test_a_relative_bundle_is_found_where_ansible_looks(rig: Rig) -> None:
    os.makedirs(rig.root / "files")
    (rig.root / "files" / "mine").symlink_to(rig.bundle)
    rig.run({"changed": False}, bundle="mine")
    assert rig.asked[0]["source"] == f"bundle:{rig.manifest.id}"


def test_a_container_that_is_thrown_away_is_no_host(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.path.exists
    monkeypatch.setattr(wheelhouse_install.os.path, "exists", lambda path: path == "/run/.containerenv" or real(path))
    result = rig.run(allow_container=False)
    assert result["failed"] is True and "this controller is a container (/run/.containerenv)" in result["msg"]
    assert rig.asked == []
    rig.run({"changed": False}, allow_container="yes")


def test_arguments_are_checked_on_the_controller(rig: Rig) -> None:
    from ansible.errors import AnsibleError

    with pytest.raises(AnsibleError, match="verify must be one of"):
        rig.run(verify="never")


def test_a_remote_folder_is_made_where_there_is_none_yet(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    action = rig.action()
    action._connection._shell.tmpdir = None

    def make() -> None:
        action._connection._shell.tmpdir = "/made"

    monkeypatch.setattr(action, "_make_tmp_path", make)
    rig.answers = [NEEDS, DONE]
    action.run(None, None)
    assert rig.sent[0][1] == "/made/delivery.tar"
