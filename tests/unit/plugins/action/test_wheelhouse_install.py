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

from ansible import errors
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdevops.python.plugins.action import wheelhouse_install
from ansible_collections.netdevops.python.plugins.action.wheelhouse_install import ActionModule
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.tests.unit.support.interpreters import carried, make_archive
from ansible_collections.netdevops.python.tests.unit.support.travels import packed, travels
from ansible_collections.netdevops.python.tests.unit.support.wheels import TARGET, make_wheel, seal

NEEDS = {"changed": False, "needs": {"target": "cp311-manylinux_2_36_x86_64", "python_version": "3.11.7", "have": []}}
DONE = {"changed": True, "release": "r1", "delivered": {"wheels": 99, "bytes": 99}}


class Rig:
    """The action plugin with a real task and connection; the host is a list of answers.

    Attributes:
        survey: The answer to the first question, whether all is as it is asked.
        surveyed: How often that was asked, with what.
        asked: All other questions.
    """

    def __init__(self, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.bundle = root / "bundle"
        self.wheels = [make_wheel(self.bundle / "wheels", name) for name in ("eggs", "spam")]
        self.manifest = seal(self.bundle, self.wheels)
        self.answers: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.survey: dict[str, Any] = {"changed": False, "settled": False}
        self.surveyed: list[dict[str, Any]] = []
        self.sent: list[tuple[list[str], str]] = []
        self.removed: list[Any] = []
        self.variables: dict[str, Any] = {"inventory_hostname": "h1"}
        self.monkeypatch = monkeypatch

    def given(self, **arguments: Any) -> dict[str, Any]:
        """Return what a task says."""
        plain = {
            "venv": "/opt/app/.venv",
            "python": "/usr/bin/python3",
            "bundle": str(self.bundle),
            "allow_container": True,
            **arguments,
        }
        return {name: value for name, value in plain.items() if value is not None}

    def action(self, check: bool = False, **arguments: Any) -> ActionModule:
        loader = DataLoader()
        loader.set_basedir(str(self.root))
        task = Task()
        task.check_mode = check
        task.async_val = 0
        task.args = self.given(**arguments)
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
        if module_name == wheelhouse_install.SURVEY:
            self.surveyed.append(module_args)
            return dict(self.survey)
        self.asked.append({**module_args, "module": module_name.rpartition(".")[2]})
        return dict(self.answers.pop(0))

    def transfer(self, path: str, remote: str) -> None:
        with tarfile.open(path) as archive:
            self.sent.append((archive.getnames(), remote))

    def run(self, *answers: dict[str, Any], **options: Any) -> dict[str, Any]:
        self.answers = list(answers)
        result = self.action(**options).run(None, self.variables)
        assert self.answers == []
        return result


@pytest.fixture
def rig(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


@pytest.mark.parametrize("check", [False, True])
def test_a_settled_host_is_asked_once_and_gets_nothing(rig: Rig, check: bool) -> None:
    rig.survey = {"changed": False, "settled": True, "release": "r1"}
    result = rig.run(check=check, keep="2", groups=None, reason="change 7")
    assert result["changed"] is False and result["release"] == "r1" and "settled" not in result
    assert rig.asked == [] and rig.sent == [] and rig.removed == ["/remote/tmp"]
    [question] = rig.surveyed
    # As the task says it: what a ~ stands for is known on the host. Who runs it matters to nobody where nothing is done.
    assert question == {"asked": rig.given(keep="2", reason="change 7"), "source": f"bundle:{rig.manifest.id}"}


def test_a_survey_that_failed_answers_nothing(rig: Rig) -> None:
    rig.survey = {"failed": True, "settled": True, "msg": "MODULE FAILURE"}
    assert "failed" not in rig.run(NEEDS, DONE)


def test_the_pin_goes_along_with_the_survey(rig: Rig) -> None:
    carry(rig)
    rig.survey = {"changed": False, "settled": True, "release": "r1"}
    on_root(rig)
    assert rig.surveyed[0]["pin"] == "3.11.7" and rig.asked == []


@pytest.mark.parametrize("arguments", [{"verify": "content"}, {"remote_src": True}, {"state": "absent"}])
def test_what_no_survey_can_answer_is_asked_of_none(rig: Rig, arguments: dict[str, Any]) -> None:
    rig.run({"changed": False}, **arguments)
    assert rig.surveyed == []


def test_what_a_survey_takes_to_a_host_is_little() -> None:
    """Each kB costs some 0.4 ms there, and most runs are a survey and nothing else."""
    heavy = ("plan", "converge", "install", "comparison", "commands", "legacy", "surplus", "journal", "usage", "beside")
    names = travels("wheelhouse_survey")
    assert "plugins.module_utils.host.walk" in names
    assert [name for name in heavy if f"plugins.module_utils.host.{name}" in names] == []
    assert packed("wheelhouse_survey") < 32_000 < packed("wheelhouse_install") / 4


def test_a_converged_host_is_asked_once_more_and_gets_nothing(rig: Rig) -> None:
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


BROUGHT = {
    "changed": True,
    "interpreter": {"version": "3.11.7"},
    "actions": [{"verb": "unpack"}],
    "diff": {"after": "python"},
    "seconds": {"interpreter": 2.0},
}
BUILT = {**DONE, "actions": [{"verb": "build"}], "seconds": {"build": 1.0}, "diff": {"after": "wheels"}}
LACKING = {**NEEDS, "needs": {**NEEDS["needs"], "interpreter": "it is not in /opt/pyenv"}}  # type: ignore[dict-item]


def carry(rig: Rig) -> Prebuilt:
    archive = make_archive(rig.bundle / "interpreters")
    rig.manifest = rig.manifest._replace(pin="3.11.7", interpreters={TARGET: carried(archive)})
    (rig.bundle / "bundle.json").write_bytes(rig.manifest.encode())
    return archive


def on_root(rig: Rig, *answers: dict[str, Any], **options: Any) -> dict[str, Any]:
    return rig.run(*answers, **{"python": None, "interpreter_root": "/opt/pyenv", **options})


def test_who_may_sign_is_told_to_whoever_takes_something_from_the_bundle(rig: Rig) -> None:
    carry(rig)
    (rig.bundle / "bundle.json.sig").write_bytes(b"signed")
    on_root(rig, LACKING, BROUGHT, BUILT, allowed_signers="/etc/signers")
    assert [asked["allowed_signers"] for asked in rig.asked] == ["/etc/signers"] * 3
    assert rig.sent[0][0][:2] == ["bundle.json", "bundle.json.sig"]


def test_requirements_have_no_signature(rig: Rig) -> None:
    asked = {
        "requirements": "requirements.txt",
        "wheelhouse": "wheels",
        "bundle": None,
        "allowed_signers": "/etc/signers",
    }
    with pytest.raises(errors.AnsibleError, match=r"mutually exclusive: requirements.*allowed_signers"):
        rig.run(**asked)


def test_the_interpreter_comes_in_the_same_transfer_and_is_installed_first(rig: Rig) -> None:
    archive = carry(rig)
    result = on_root(rig, LACKING, BROUGHT, BUILT)
    wheels = [f"wheels/{wheel.file}" for wheel in rig.wheels]
    file = f"interpreters/{archive.description.file}"
    assert rig.sent == [(["bundle.json", f"{file}.json", *wheels, file], "/remote/tmp/delivery.tar")]
    question, interpreter, install = rig.asked
    assert interpreter == {
        "module": "wheelhouse_interpreter",
        "bundle": "/remote/tmp/delivery.tar",
        "bundle_id": rig.manifest.id,
        "root": "/opt/pyenv",
        "reason": "it is not in /opt/pyenv",
    }
    assert (question["pin"], install["pin"], install["brought"]) == ("3.11.7", "3.11.7", True)
    assert "brought" not in question and install["delivery"] == "/remote/tmp/delivery.tar"
    assert result["changed"] and result["delivered"]["wheels"] == 2
    assert result["actions"] == [{"verb": "unpack"}, {"verb": "build"}]
    assert result["interpreter"] == {"version": "3.11.7"}
    assert result["diff"] == [{"after": "python"}, {"after": "wheels"}]
    assert result["seconds"] == {"interpreter": 2.0, "build": 1.0}


def test_a_host_that_has_the_interpreter_is_asked_for_wheels_alone(rig: Rig) -> None:
    carry(rig)
    on_root(rig, NEEDS, BUILT)
    assert [asked["module"] for asked in rig.asked] == ["wheelhouse_install"] * 2
    assert not [name for name in rig.sent[0][0] if name.startswith("interpreters")]
    on_root(rig, {"changed": False})
    assert len(rig.asked) == 3 and len(rig.sent) == 1


def test_an_environment_that_is_as_asked_on_a_new_interpreter_is_a_change(rig: Rig) -> None:
    carry(rig)
    nothing = {"changed": False, "actions": [], "seconds": {"lock": 0.0}, "delivered": {"wheels": 0, "bytes": 0}}
    result = on_root(rig, LACKING, BROUGHT, nothing)
    assert result["changed"] is True and result["actions"] == [{"verb": "unpack"}]


def test_what_another_run_installed_meanwhile_is_not_told(rig: Rig) -> None:
    carry(rig)
    result = on_root(rig, LACKING, {**BROUGHT, "changed": False}, BUILT)
    assert "interpreter" not in result and result["actions"] == [{"verb": "build"}]


def test_an_interpreter_that_cannot_be_installed_is_the_end(rig: Rig) -> None:
    carry(rig)
    result = on_root(rig, LACKING, {"failed": True, "changed": False, "msg": "needs glibc 2.39"})
    assert result["failed"] and result["msg"] == "needs glibc 2.39" and len(rig.asked) == 2


def test_an_environment_that_fails_on_a_new_interpreter_has_changed_the_host(rig: Rig) -> None:
    carry(rig)
    result = on_root(rig, LACKING, BROUGHT, {"failed": True, "changed": False, "msg": "disk full"})
    assert (result["failed"], result["changed"], result["msg"]) == (True, True, "disk full")
    assert result["interpreter"] == {"version": "3.11.7"}


def test_an_interpreter_that_goes_away_again_is_told(rig: Rig) -> None:
    carry(rig)
    result = on_root(rig, LACKING, BROUGHT, {"changed": False, "needs": {"interpreter": "it is not there"}})
    assert result["failed"] and "the interpreter is lacking again: it is not there." in result["msg"]
    result = on_root(rig, NEEDS, {"changed": False, "needs": {"interpreter": "it is not there"}})
    assert result["failed"] and "needs" not in result


def test_a_bundle_that_lies_on_the_host_brings_it_too(rig: Rig) -> None:
    lacking = {"changed": False, "needs": {"interpreter": "broken", "bundle_id": "b" * 64}}
    result = on_root(rig, lacking, BROUGHT, BUILT, remote_src=True, bundle="~/bundle.tar", interpreter_root="~/pyenv")
    question, interpreter, install = rig.asked
    assert (interpreter["bundle"], interpreter["bundle_id"], interpreter["root"]) == (
        "~/bundle.tar",
        "b" * 64,
        "~/pyenv",
    )
    assert "source" not in question and "source" not in install and install["brought"] is True
    assert result["actions"] == [{"verb": "unpack"}, {"verb": "build"}] and rig.sent == []


def test_in_check_mode_the_description_alone_travels(rig: Rig) -> None:
    archive = carry(rig)
    result = on_root(rig, LACKING, BROUGHT, BUILT, check=True)
    assert rig.sent[0][0] == ["bundle.json", f"interpreters/{archive.description.file}.json"]
    assert result["actions"] == [{"verb": "unpack"}, {"verb": "build"}]


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


def test_who_runs_it_goes_along_with_every_question(rig: Rig) -> None:
    rig.variables = {"awx_job_id": 7, "awx_user_name": "eve", "ansible_password": "hunter2"}
    rig.run(NEEDS, DONE)
    for asked in rig.asked:
        assert asked["by"]["awx_job_id"] == "7" and asked["by"]["awx_user_name"] == "eve"
        assert asked["by"]["controller_user"] and "hunter2" not in str(asked)


class TestRollback:
    """A rollback concerns the host alone, by a module of its own."""

    def back(self, rig: Rig, *answers: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        return rig.run(*answers, **{"state": "rolled_back", "bundle": None, "python": None, **arguments})

    def test_it_is_a_lean_module_with_what_it_takes(self, rig: Rig) -> None:
        result = self.back(rig, DONE, release="3f9c", reason="change 7", prove_again="yes", lock_timeout=5)
        [asked] = rig.asked
        assert asked.pop("by")["controller_user"]
        assert asked == {
            "module": "wheelhouse_rollback",
            "venv": "/opt/app/.venv",
            "release": "3f9c",
            "reason": "change 7",
            "prove_again": "yes",
            "lock_timeout": 5,
        }
        assert result["changed"] is True and rig.sent == []

    def test_what_means_nothing_to_it_is_refused_at_once(self, rig: Rig) -> None:
        result = self.back(rig, bundle="/b", keep=2, prove={"imports": ["x"]}, reason="change 7")
        assert [problem["subject"] for problem in result["problems"]] == ["bundle", "keep", "prove"]
        assert "means nothing with state=rolled_back" in result["msg"] and rig.asked == []

    def test_a_question_that_nobody_answered_is_not_given(self, rig: Rig) -> None:
        self.back(rig, DONE, bundle="", release="")
        assert "bundle" not in rig.asked[0]

    @pytest.mark.parametrize("arguments", [{}, {"state": "absent"}])
    def test_what_is_a_rollbacks_alone_is_refused_elsewhere(self, rig: Rig, arguments: dict[str, Any]) -> None:
        result = rig.run(release="3f9c", prove_again=True, **arguments)
        assert [problem["subject"] for problem in result["problems"]] == ["prove_again", "release"]
        assert "Leave it out, or set state to rolled_back." in result["msg"]

    def test_a_container_that_is_thrown_away_is_no_host(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheelhouse_install.os.path, "exists", lambda path: path == "/run/.containerenv")
        assert self.back(rig, allow_container=False)["failed"] is True


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
