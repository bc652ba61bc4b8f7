# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import types
from typing import Any

import pytest

pytest.importorskip("ansible.plugins.action", reason="action plugins run on controllers alone")

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action import audit_report
from ansible_collections.netdevops.python.plugins.action.audit_report import ActionModule
from ansible_collections.netdevops.python.plugins.modules import audit_report as stub
from ansible_collections.netdevops.python.tests.unit.support.fleets import fleet

DEST = "/srv/www/python"
USUAL = [f"{DEST}/index.html", f"{DEST}/audit.json", f"{DEST}/audit.xml"]


class Rig:
    """The action plugin with a real task; the host is a dictionary of files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.files: dict[str, dict[str, Any]] = {}
        self.folders: list[dict[str, Any]] = []
        self.copied: list[str] = []
        self.removed: list[Any] = []
        self.fails: dict[str, str] = {}
        self.transport = "ssh"
        self.contents: dict[str, bytes] = {}
        self.inventory: list[str] = []

    def run(self, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        loader, task = DataLoader(), Task()
        task.check_mode, task.diff, task.async_val = check, diff, 0
        given = {"reports": fleet(5), "dest": DEST, **arguments}
        task.args = {name: value for name, value in given.items() if value is not None}
        task._ansible_internal_redirect_list = []
        connection = types.SimpleNamespace(transport=self.transport, _shell=types.SimpleNamespace(tmpdir="/remote/tmp"))
        plugins = types.SimpleNamespace(action_loader=types.SimpleNamespace(get=self.copy))
        action = ActionModule(task, connection, None, loader, Templar(loader), None)
        self.monkeypatch.setattr(action, "_shared_loader_obj", plugins)
        self.monkeypatch.setattr(action, "_execute_module", self.execute)
        self.monkeypatch.setattr(action, "_remove_tmp_path", self.removed.append)
        result: dict[str, Any] = action.run(None, {"groups": {"all": self.inventory}})
        return result

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        kind = module_name.rpartition(".")[2]
        if kind in self.fails:
            return {"failed": True, "msg": self.fails[kind]}
        if kind == "stat":
            return {"changed": False, "stat": self.files.get(module_args["path"], {"exists": False})}
        if kind == "slurp":
            return {"changed": False, "content": base64.b64encode(self.contents[module_args["path"]]).decode()}
        self.folders.append(module_args)
        return {"changed": True}

    def copy(self, name: str, task: Any, **parts: Any) -> Any:
        assert name == "ansible.legacy.copy" and task.diff is False
        return types.SimpleNamespace(run=lambda task_vars: self.place(**task.args))

    def place(self, src: str, dest: str, mode: str, decrypt: bool) -> dict[str, Any]:
        if "copy" in self.fails:
            return {"failed": True, "msg": self.fails["copy"]}
        data = pathlib.Path(src).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.files[dest] = {"exists": True, "isreg": True, "checksum": digest, "mode": mode}
        self.copied.append(dest)
        self.contents[dest] = data
        return {"changed": True}


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(audit_report, "CONTAINER_MARKS", ())
    return Rig(monkeypatch)


def test_three_files_are_written_and_then_none(rig: Rig) -> None:
    first = rig.run()
    assert first["changed"] is True and first["files"] == USUAL == rig.copied
    assert rig.folders == [{"path": DEST, "state": "directory", "mode": "0755"}]
    assert (first["hosts"], first["unanswered"], first["counts"]["critical"]) == (5, ["par-edge-3"], 2)
    assert [action["reason"] for action in first["actions"]] == ["is lacking"] * 3
    second = rig.run()
    assert second["changed"] is False and second["actions"] == [] and len(rig.copied) == 3 == len(second["files"])
    assert len(rig.folders) == 1 and rig.removed == ["/remote/tmp"] * 2


def test_a_diff_has_no_content_of_files(rig: Rig) -> None:
    assert "<html" not in str(rig.run(diff=True)) and len(rig.copied) == 3


def test_what_differs_is_written_and_a_folder_keeps_its_mode(rig: Rig) -> None:
    rig.run()
    rig.files[DEST] = {"exists": True, "isdir": True, "mode": "0700"}
    rig.files[USUAL[1]]["checksum"] = "another"
    result = rig.run()
    assert result["actions"] == [{"verb": "write", "subject": USUAL[1], "reason": "differs"}]
    assert rig.copied[3:] == [USUAL[1]] and "mode" not in rig.folders[-1]


def test_a_mode_that_somebody_changed_is_put_right(rig: Rig) -> None:
    rig.run(mode="0640")
    rig.files[USUAL[0]]["mode"] = "0666"
    assert [action["subject"] for action in rig.run(mode="0640")["actions"]] == [USUAL[0]]


def test_check_mode_writes_nothing_and_says_what_it_would(rig: Rig) -> None:
    result = rig.run(check=True, diff=True)
    assert result["changed"] is True and rig.copied == [] == rig.folders
    assert '"index.html": ""' in result["diff"]["before"] and "mode 0640" in result["diff"]["after"]
    assert "<html" not in str(result["diff"]) and len(str(result)) < 4000


def test_reports_of_one_folder_have_names(rig: Rig) -> None:
    rig.run(name="slice-1")
    rig.run(name="slice-2", formats=["json"])
    assert [os.path.basename(path) for path in rig.copied] == [
        "slice-1.html",
        "slice-1.json",
        "slice-1.xml",
        "slice-2.json",
    ]


def hosts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)


@pytest.mark.parametrize("formats", [["html", "json", "junit"], ["html"]])
@pytest.mark.parametrize("check", [False, True])
def test_a_report_of_other_hosts_stays(rig: Rig, check: bool, formats: list[str]) -> None:
    rig.run(reports=hosts("a", "d", "g"))
    result = rig.run(reports=hosts("b", "e", "h"), check=check, formats=formats)
    assert result["failed"] and result["problems"][0]["subject"] == USUAL[1] and len(rig.copied) == 3
    assert "also about a, d, g." in result["msg"] and "a name of its own" in result["msg"]
    assert rig.run(reports=hosts("b", "e", "h"), name="slice-2")["changed"]
    assert rig.run(reports=hosts("b", "e", "h"), replace=True)["changed"] and len(rig.copied) == 9


def test_a_run_on_some_hosts_is_not_the_report_of_all(rig: Rig) -> None:
    rig.inventory = list("abcdefgh")
    rig.run(reports=hosts(*"abcdefgh"))
    result = rig.run(reports=hosts(*"abcdefg"))
    assert result["failed"] and "also about h." in result["msg"]
    result = rig.run(reports=hosts("a"))
    assert "also about b, c, d, e, f and 2 more." in result["msg"]


def test_hosts_come_and_go(rig: Rig) -> None:
    rig.run(reports=hosts(*"abcd"))
    rig.inventory = list("cdefg")
    assert rig.run(reports=hosts(*"cdefg"))["changed"]
    rig.inventory = list("gx")
    assert rig.run(reports=hosts(*"gx"))["failed"]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"hosts": 5}', b"\xff", b'{"hosts": [{}]}', b"[" * 100000])
def test_what_is_no_report_names_nobody(rig: Rig, data: bytes) -> None:
    rig.run(reports=hosts("a"))
    rig.contents[USUAL[1]] = data
    assert rig.run(reports=hosts("b"))["changed"]


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "a b", "\n", "-x"])
def test_a_name_stays_in_its_folder(rig: Rig, name: str) -> None:
    result = rig.run(name=name)
    assert result["failed"] and result["problems"][0]["subject"] == "name" and rig.copied == []


@pytest.mark.parametrize("dest", ["reports", "./x", ""])
def test_a_folder_is_named_from_the_root_on(rig: Rig, dest: str) -> None:
    result = rig.run(dest=dest)
    assert result["failed"] and "expected an absolute path" in result["msg"]


def test_a_folder_in_the_place_of_a_file(rig: Rig) -> None:
    rig.files[USUAL[0]] = {"exists": True, "isreg": False, "isdir": True, "mode": "0755"}
    result = rig.run()
    assert result["failed"] and result["problems"][0]["subject"] == USUAL[0] and rig.copied == []


@pytest.mark.parametrize("what", ["stat", "file", "copy"])
def test_a_host_that_cannot_write_is_told_and_not_traced(rig: Rig, what: str) -> None:
    rig.fails[what] = "No space left on device."
    result = rig.run()
    assert result["failed"] and result["changed"] is False
    assert "cannot be read or written: No space left on device. Free space" in result["msg"]


@pytest.mark.parametrize(("transport", "said"), [("local", True), ("ssh", False)])
def test_a_controller_that_is_a_container_is_named(
    rig: Rig, tmp_path: pathlib.Path, transport: str, said: bool
) -> None:
    rig.monkeypatch.setattr(audit_report, "CONTAINER_MARKS", (str(tmp_path),))
    rig.transport = transport
    assert ("warnings" in rig.run()) is said


def test_the_documentation_and_the_plugin_have_the_same_options() -> None:
    assert stub.ARGUMENTS == audit_report.ARGUMENTS
