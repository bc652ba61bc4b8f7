# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import fcntl
import os
import pathlib
import re
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Wheel
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge
from ansible_collections.netdevops.python.tests.unit.support.hosts import HOST_TARGET, SITE, Host, real_host
from ansible_collections.netdevops.python.tests.unit.support.wheels import flip_byte, pack, snapshot

COMMANDS = "[console_scripts]\nspam = spam:main\n"
MAIN = {"spam/__init__.py": b"def main():\n    print('spam works')\n"}


def test_from_nothing_to_an_environment_and_no_further(host: Host) -> None:
    manifest = host.seal(host.wheel("spam"), host.wheel("eggs"))
    first = host.converge()
    assert first["changed"] is True
    assert first["packages"] == {"count": 2, "added": {"eggs": "1.0", "spam": "1.0"}, "removed": {}, "changed": {}}
    assert first["previous"] == "" and first["bundle_id"] == manifest.id
    assert first["target"] == "cp311-manylinux_2_28_x86_64"
    assert first["delivered"]["wheels"] == 2
    assert first["kept"] == "" and first["drift"] == []
    assert [action["verb"] for action in first["actions"]] == ["build", "switch"]
    assert list(first["seconds"]) == ["lock", "deliver", "verify", "build", "prove", "receipt", "switch", "prune"]
    assert os.readlink(host.venv) == f".venv.releases/{first['release']}"
    assert sorted(os.listdir(host.releases)) == sorted([first["release"], ".journal", ".lock"])
    assert (host.site / "spam" / "__init__.py").read_text() == "VERSION = '1.0'\n"

    before = snapshot(host.root)
    second = host.converge()
    assert second["changed"] is False and second["actions"] == []
    assert second["release"] == second["previous"] == first["release"]
    assert second["bundle_id"] == manifest.id and second["packages"]["count"] == 2
    assert snapshot(host.root) == before


def test_a_converged_run_starts_no_program(host: Host) -> None:
    host.seal(host.wheel())
    host.converge()
    host.run.calls.clear()
    host.converge()
    assert host.run.calls == []


def test_check_mode_says_what_would_be_done_and_writes_nothing(host: Host) -> None:
    host.seal(host.wheel())
    before = snapshot(host.root)
    planned = host.converge(check=True)
    assert snapshot(host.root) == before
    assert planned["changed"] is True
    assert planned["packages"]["added"] == {"spam": "1.0"}
    done = host.converge()
    assert (planned["release"], planned["actions"], planned["diff"]) == (done["release"], done["actions"], done["diff"])


@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_writes_nothing_over_an_environment_either(host: Host, state: str) -> None:
    host.seal(host.wheel())
    host.converge()
    (host.site / "spam" / "__init__.py").write_text("edited")
    host.seal(host.wheel(version="2.0"))
    before = snapshot(host.root)
    assert host.converge(check=True, state=state)["changed"] is True
    assert snapshot(host.root) == before


def test_a_diff_shows_packages_before_and_after(host: Host) -> None:
    host.seal(host.wheel())
    host.converge()
    host.seal(host.wheel(version="2.0"), host.wheel("eggs"))
    result = host.converge()
    assert '"spam": "1.0"' in result["diff"]["before"] and '"spam": "2.0"' in result["diff"]["after"]
    assert result["packages"]["changed"] == {"spam": ["1.0", "2.0"]}
    assert result["packages"]["added"] == {"eggs": "1.0"}


def test_an_upgrade_unpacks_only_what_changed_and_shares_the_rest(host: Host) -> None:
    host.seal(host.wheel("spam"), host.wheel("eggs"))
    old = host.converge()
    old_file = host.site / "eggs" / "__init__.py"
    host.seal(host.wheel("spam", "2.0"), host.wheel("eggs"))
    (host.folder / "wheels" / "eggs-1.0-py3-none-any.whl").unlink()
    new = host.converge()
    assert new["delivered"]["wheels"] == 1 and new["previous"] == old["release"]
    assert (host.site / "eggs" / "__init__.py").stat().st_ino == old_file.stat().st_ino
    assert (host.site / "spam" / "__init__.py").read_text() == "VERSION = '2.0'\n"
    assert host.converge()["changed"] is False


def test_the_old_release_is_the_same_after_an_upgrade(host: Host) -> None:
    host.seal(host.wheel("spam"), host.wheel("eggs"))
    old = host.releases / host.converge()["release"]
    before = {path: entry[:1] + entry[3:] for path, entry in snapshot(old).items()}
    host.seal(host.wheel("spam", "2.0"), host.wheel("eggs"))
    host.converge()
    assert {path: entry[:1] + entry[3:] for path, entry in snapshot(old).items()} == before


def test_going_back_is_a_switch_to_the_release_that_is_there(host: Host) -> None:
    first = host.wheel("spam")
    host.seal(first)
    old = host.converge()["release"]
    host.seal(host.wheel("spam", "2.0"))
    host.converge()
    host.seal(host.wheel("spam"))
    back = host.converge()
    assert back["release"] == old and back["delivered"]["wheels"] == 0
    assert [action["verb"] for action in back["actions"]] == ["switch"]
    assert host.converge()["changed"] is False


@pytest.mark.parametrize("stays", ["one", "two"])
@pytest.mark.parametrize("compiled", [True, False])
def test_a_file_that_two_wheels_share_outlives_either_of_them(host: Host, stays: str, compiled: bool) -> None:
    def wheel(name: str) -> Wheel:
        return host.wheel(
            name, files={"common/__init__.py": b"# both\n", f"common/{name}.py": b"", "{data}/scripts/x": b"#!python\n"}
        )

    host.seal(wheel("one"), wheel("two"))
    host.converge(compile=compiled)
    host.seal(wheel(stays))
    result = host.converge(compile=compiled)
    assert result["delivered"]["wheels"] == 0
    assert sorted(path.name for path in (host.site / "common").glob("*.py")) == ["__init__.py", f"{stays}.py"]
    assert len(list((host.site / "common").glob("*/*.pyc"))) == 2 * compiled
    assert (host.release / "bin" / "x").read_text() == f"#!{host.release}/bin/python\n"
    assert host.converge(compile=compiled, verify="content")["changed"] is False


def test_a_shared_file_that_drifted_is_asked_of_both_its_wheels(host: Host) -> None:
    def wheel(name: str) -> Wheel:
        return host.wheel(name, files={"common/__init__.py": b"# both\n", f"common/{name}.py": b""})

    host.seal(wheel("one"), wheel("two"), host.wheel("three"))
    host.converge()
    (host.site / "common" / "__init__.py").write_text("edited")
    assert host.converge()["delivered"]["wheels"] == 2
    assert (host.site / "common" / "__init__.py").read_text() == "# both\n"
    assert host.converge()["changed"] is False


def test_two_wheels_with_different_content_for_one_file_are_refused(host: Host) -> None:
    host.seal(
        host.wheel("one", files={"common/__init__.py": b"1"}), host.wheel("two", files={"common/__init__.py": b"2"})
    )
    before = snapshot(host.app)
    with pytest.raises(Refused, match="would overwrite the file of"):
        host.converge()
    assert snapshot(host.app) == before


def test_surplus_releases_go_oldest_first_and_the_current_one_never(host: Host) -> None:
    names = []
    for number in range(4):
        host.seal(host.wheel(version=f"{number}.0"))
        names.append(host.converge(keep=2)["release"])
    assert sorted(os.listdir(host.releases)) == sorted([*names[2:], ".journal", ".lock"])


def test_fewer_releases_to_keep_is_a_change_of_its_own(host: Host) -> None:
    names = []
    for number in range(4):
        host.seal(host.wheel(version=f"{number}.0"))
        names.append(host.converge(keep=4)["release"])
    planned = host.converge(check=True, keep=1)
    assert [action["verb"] for action in planned["actions"]] == ["prune", "prune"]
    assert planned["pruned"] == [names[1], names[0]] and planned["freed_bytes"] == 0
    assert len(os.listdir(host.releases)) == 6
    pruned = host.converge(keep=1)
    assert pruned["changed"] is True and pruned["actions"] == planned["actions"]
    assert pruned["pruned"] == planned["pruned"] and pruned["freed_bytes"] > 0
    # The one before stays whatever keep says.
    assert pruned["spared"] == {names[2]: "a rollback goes back to it"}
    assert sorted(os.listdir(host.releases)) == sorted([*names[2:], ".journal", ".lock"])
    assert host.converge(keep=1)["changed"] is False


@pytest.mark.parametrize(
    ("option", "value"),
    [("mode", "0750"), ("compile", True), ("groups", ["main"]), ("prove", {"imports": ["spam"]})],
)
def test_another_option_is_another_release(host: Host, option: str, value: Any) -> None:
    host.seal(host.wheel())
    first = host.converge()
    second = host.converge(**{option: value})
    assert second["changed"] is True and second["release"] != first["release"]
    assert f"another {option}" in second["actions"][0]["reason"]
    assert host.converge(**{option: value})["changed"] is False


@pytest.mark.parametrize(
    ("option", "value"),
    [("keep", 5), ("verify", "content"), ("verify", "receipt"), ("lock_timeout", 1), ("prove_timeout", 1)],
)
def test_options_of_the_run_are_no_change(host: Host, option: str, value: Any) -> None:
    host.seal(host.wheel())
    host.converge()
    assert host.converge(**{option: value})["changed"] is False


def test_groups_choose_packages(host: Host) -> None:
    host.seal(host.wheel("spam"), host.wheel("eggs", groups=["junos"]), host.wheel("ham", groups=["main", "junos"]))
    assert set(host.converge(groups=["junos"])["packages"]["added"]) == {"eggs", "ham"}
    assert host.converge(groups=["main"])["packages"]["removed"] == {"eggs": "1.0"}
    with pytest.raises(Refused, match="group 'cisco': the bundle was compiled for: junos, main"):
        host.converge(groups=["cisco"])


def test_a_tar_is_as_good_as_a_folder(host: Host) -> None:
    manifest = host.seal(host.wheel())
    tar = pack(host.folder, host.root / "bundle.tar")
    assert host.converge(bundle=str(tar))["bundle_id"] == manifest.id
    assert host.converge()["changed"] is False
    assert sorted(name[0] for name in os.listdir(host.releases) if not name.startswith(".lock")) != ["."]


def test_a_bundle_that_was_not_approved_is_refused(host: Host) -> None:
    manifest = host.seal(host.wheel())
    with pytest.raises(Refused, match="expected the bundle 0000"):
        host.converge(bundle_id="0" * 64)
    assert host.converge(bundle_id=manifest.id)["changed"] is True


def test_without_its_action_plugin_the_module_has_no_bundle(host: Host) -> None:
    with pytest.raises(Refused, match="run without its action plugin"):
        host.converge(remote_src=False)


class TestDelivery:
    """The two halves of a run from the controller."""

    def ask(self, host: Host, source: str, **changes: Any) -> dict[str, Any]:
        return host.converge(remote_src=False, source=source, **changes)

    def test_a_host_says_what_it_is_and_what_it_has(self, host: Host) -> None:
        wheel = host.wheel()
        manifest = host.seal(wheel)
        before = snapshot(host.app)
        answer = self.ask(host, f"bundle:{manifest.id}")
        assert answer == {"changed": False, "needs": {"target": HOST_TARGET, "python_version": "3.11.7", "have": []}}
        assert snapshot(host.app) == before
        host.converge()
        assert self.ask(host, f"bundle:{manifest.id}")["changed"] is False
        assert self.ask(host, "bundle:" + "0" * 64)["needs"]["have"] == [wheel.sha256]

    def test_a_damaged_wheel_is_asked_for_again(self, host: Host) -> None:
        spam, eggs = host.wheel("spam"), host.wheel("eggs")
        manifest = host.seal(spam, eggs)
        host.converge()
        (host.site / "spam" / "__init__.py").write_text("edited")
        for verify in ("stat", "content"):
            assert self.ask(host, f"bundle:{manifest.id}", verify=verify)["needs"]["have"] == [eggs.sha256]
        assert self.ask(host, "bundle:" + "0" * 64, verify="receipt")["needs"]["have"] == [eggs.sha256]

    def test_only_what_is_missing_is_in_the_delivery(self, host: Host) -> None:
        host.seal(host.wheel("spam"), host.wheel("eggs"))
        host.converge()
        manifest = host.seal(host.wheel("spam", "2.0"), host.wheel("eggs"))
        (host.folder / "wheels" / "eggs-1.0-py3-none-any.whl").unlink()
        result = self.ask(host, f"bundle:{manifest.id}", delivery=str(pack(host.folder, host.root / "delivery.tar")))
        assert result["changed"] is True and result["delivered"]["wheels"] == 1
        assert host.converge()["changed"] is False

    def test_another_bundle_than_was_spoken_of_is_refused(self, host: Host) -> None:
        host.seal(host.wheel())
        with pytest.raises(Refused, match="expected the bundle 0000"):
            self.ask(host, "bundle:" + "0" * 64, delivery=str(host.folder))

    def test_a_plain_wheelhouse_is_known_by_its_inputs(self, host: Host) -> None:
        manifest = host.seal(host.wheel())
        source = "requirements:" + "1" * 64
        result = self.ask(host, source, delivery=str(host.folder))
        assert result["changed"] is True and result["bundle_id"] == manifest.id
        assert self.ask(host, source)["changed"] is False


def test_a_failure_leaves_everything_as_it_was(host: Host) -> None:
    host.seal(host.wheel())
    host.converge()
    host.converge()
    before = snapshot(host.app)
    wheel = host.wheel(version="2.0")
    host.seal(wheel)
    flip_byte(host.folder / "wheels" / wheel.file)
    with pytest.raises(Refused, match=r"spam-2\.0-py3-none-any\.whl: expected SHA-256"):
        host.converge()
    assert snapshot(host.app) == before


def test_a_first_run_that_fails_leaves_nothing_at_all(host: Host) -> None:
    wheel = host.wheel()
    host.seal(wheel)
    (host.folder / "wheels" / wheel.file).unlink()
    host.app.rmdir()
    before = set(snapshot(host.root))
    with pytest.raises(Refused, match="found nothing"):
        host.converge()
    assert set(snapshot(host.root)) == before


def test_a_failure_of_the_clean_up_does_not_hide_the_first_one(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import work

    host.seal(host.wheel())
    host.run.broken = {"spam": "ImportError: no"}

    def fail(environment: Any, names: list[str]) -> int:
        raise OSError(30, "Read-only file system", names[0])

    monkeypatch.setattr(work, "take_away", fail)
    with pytest.raises(Refused, match="import spam"):
        host.converge(prove={"imports": ["spam"]})


def test_a_proof_that_fails_keeps_the_old_release(host: Host) -> None:
    host.seal(host.wheel())
    old = host.converge()["release"]
    host.seal(host.wheel(version="2.0"))
    host.run.broken = {"spam": "ImportError: no libfoo.so"}
    with pytest.raises(Refused, match=r"import spam: failed in the new release: ImportError: no libfoo\.so"):
        host.converge(prove={"imports": ["spam"]})
    assert sorted(os.listdir(host.releases)) == sorted([old, ".journal", ".lock"])
    assert os.readlink(host.venv).endswith(old)


def test_another_run_that_was_faster_leaves_nothing_to_do(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import install

    host.seal(host.wheel())
    real = install.set_goal

    def set_goal(*arguments: Any) -> Any:
        monkeypatch.setattr(install, "set_goal", real)
        host.converge()
        return real(*arguments)

    monkeypatch.setattr(install, "set_goal", set_goal)
    result = host.converge()
    assert result["changed"] is False and result["release"] == os.path.basename(os.readlink(host.venv))


def test_an_ordinary_environment_is_kept_beside_the_new_one(host: Host) -> None:
    host.seal(host.wheel())
    host.venv.mkdir()
    (host.venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (host.venv / "bin").mkdir()
    (host.venv / "bin/mine").write_text("precious")
    result = host.converge()
    assert host.venv.is_symlink()
    assert (pathlib.Path(result["kept"]) / "bin/mine").read_text() == "precious"
    assert result["kept"].startswith(f"{host.venv}.kept-")
    assert "kept beside it" in result["actions"][1]["reason"]
    assert host.converge()["changed"] is False


def test_an_empty_folder_is_taken_over(host: Host) -> None:
    host.seal(host.wheel())
    host.venv.mkdir()
    assert host.converge()["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_a_folder_that_is_no_environment_is_nobodys_to_take(host: Host, check: bool) -> None:
    host.seal(host.wheel())
    host.venv.mkdir()
    (host.venv / "thesis.tex").write_text("precious")
    before = snapshot(host.app)
    with pytest.raises(Refused, match="is a folder with content and no virtual environment"):
        host.converge(check=check)
    assert snapshot(host.app) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes folders for others")
def test_a_folder_of_somebody_else_is_not_taken(host: Host) -> None:
    host.seal(host.wheel())
    host.venv.mkdir()
    os.chown(host.venv, 4242, 4242)
    with pytest.raises(Refused, match="is a folder of user id 4242, and the environment is to be root's"):
        host.converge()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_owner_gets_every_file_and_runs_the_proofs(host: Host) -> None:
    host.seal(host.wheel(entry_points=COMMANDS, files=MAIN))
    host.run.answers["spam"] = (0, "")
    host.converge(owner="nobody", group="daemon", prove={"commands": ["spam --version"]})
    owners = {entry[1:3] for entry in snapshot(host.release).values()}
    import grp
    import pwd

    expected = (pwd.getpwnam("nobody").pw_uid, grp.getgrnam("daemon").gr_gid)
    own = {(0, 0)} if os.stat(host.release / "receipt.json").st_uid == 0 else set()
    assert owners - own == {expected}
    assert os.stat(host.releases).st_uid == expected[0]
    proofs = [call for call in host.run.calls if call.argv[0].startswith(str(host.releases))]
    assert [call.options["user"] for call in proofs] == [expected, expected]
    assert proofs[1].env["HOME"] == pwd.getpwnam("nobody").pw_dir
    assert host.converge(owner="nobody", group="daemon", prove={"commands": ["spam --version"]})["changed"] is False


class TestAbsent:
    def test_link_and_releases_go_and_what_was_kept_stays(self, host: Host) -> None:
        host.seal(host.wheel())
        host.venv.mkdir()
        (host.venv / "pyvenv.cfg").write_text("")
        kept = host.converge()["kept"]
        host.seal(host.wheel(version="2.0"))
        current = host.converge()["release"]
        foretold = host.converge(state="absent", python=None, bundle=None, check=True)
        result = host.converge(state="absent", python=None, bundle=None)
        assert result["changed"] is True and result["previous"] == current and result["release"] == ""
        for said in (foretold, result):
            assert said["kept"] == kept and said["kept_until"] == ""
            assert said["warnings"] == [f"No run removes {kept} any more. Remove that by hand once nobody needs it."]
        assert [action["verb"] for action in result["actions"]] == ["unlink", "remove"]
        assert os.listdir(host.app) == [os.path.basename(kept)]
        assert host.converge(state="absent")["changed"] is False

    @pytest.mark.parametrize("installed", [True, False])
    def test_a_folder_with_somebodys_files_is_left_alone(self, host: Host, installed: bool) -> None:
        if installed:
            host.seal(host.wheel())
            host.converge()
        data = host.releases / "v1/data"
        data.mkdir(parents=True)
        before = snapshot(host.root)
        with pytest.raises(Refused, match="found v1"):
            host.converge(state="absent", python=None, bundle=None)
        assert snapshot(host.root) == before and data.is_dir()

    def test_what_is_not_there_is_absent(self, host: Host) -> None:
        before = snapshot(host.root)
        result = host.converge(state="absent")
        assert result["changed"] is False and result["actions"] == []
        assert snapshot(host.root) == before

    def test_a_dangling_link_of_ours_goes(self, host: Host) -> None:
        host.venv.symlink_to(".venv.releases/0123456789abcdef")
        assert host.converge(state="absent")["changed"] is True
        assert os.listdir(host.app) == []

    def test_releases_without_a_link_go(self, host: Host) -> None:
        host.seal(host.wheel())
        host.converge()
        host.venv.unlink()
        assert host.converge(state="absent")["changed"] is True
        assert os.listdir(host.app) == []

    def test_an_ordinary_folder_is_not_ours_to_remove(self, host: Host) -> None:
        host.venv.mkdir()
        with pytest.raises(Refused, match="is an ordinary folder, which this module did not make"):
            host.converge(state="absent")
        assert host.venv.is_dir()


def test_an_error_of_the_system_is_a_sentence_also_while_looking(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import walk

    host.seal(host.wheel())
    host.converge()

    def fail(release: str, interpreter: str) -> None:
        raise PermissionError(13, "Permission denied", release)

    monkeypatch.setattr(walk, "walk", fail)
    with pytest.raises(Refused, match="Permission denied"):
        host.converge()


def test_the_whole_road_with_a_real_interpreter(tmp_path: pathlib.Path) -> None:
    """Everything for real once: probe, venv, bytecode, proof, sync of the disk."""
    import platform
    import sys

    host = real_host(tmp_path)
    target = f"cp3{sys.version_info[1]}-manylinux_2_17_{platform.machine()}"
    host.seal(host.wheel(files=MAIN, entry_points=COMMANDS), target=target, pin=platform.python_version())
    asked: dict[str, Any] = {
        "compile": True,
        "prove": {"imports": ["spam"], "commands": ["spam", ["python", "-c", "import spam"]]},
    }
    first = host.converge(**asked)
    assert first["changed"] is True and first["target"] == target
    caches = list(host.release.glob("lib/python*/site-packages/spam/__pycache__/*.pyc"))
    assert [path.name for path in caches] == [f"__init__.{sys.implementation.cache_tag}.pyc"]
    assert host.converge(**asked)["changed"] is False
    said = host.run([str(host.venv / "bin" / "spam")], env={})
    assert said.stdout == "spam works\n"


def test_parameters_may_come_without_the_private_ones(host: Host) -> None:
    host.seal(host.wheel())
    params = host.params()
    del params["source"], params["delivery"]
    assert converge(params, False, host.run)["bundle_id"] == digest_bytes((host.folder / "bundle.json").read_bytes())


class TestLeftovers:
    """What a run left that was killed."""

    @pytest.fixture
    def left(self, host: Host) -> Host:
        host.seal(host.wheel())
        host.converge()
        (host.releases / "0123456789abcdef" / "lib").mkdir(parents=True)
        (host.releases / ".incoming-7" / "wheels").mkdir(parents=True)
        return host

    def test_it_is_swept_and_is_a_change_of_its_own(self, left: Host) -> None:
        planned = left.converge(check=True)
        assert [(action["verb"], action["subject"]) for action in planned["actions"]] == [
            ("sweep", ".incoming-7"),
            ("sweep", "0123456789abcdef"),
        ]
        assert (left.releases / ".incoming-7").exists()
        done = left.converge()
        assert done["changed"] is True and done["actions"] == planned["actions"]
        assert sorted(os.listdir(left.releases)) == sorted([left.release.name, ".journal", ".lock"])
        assert left.converge()["changed"] is False

    def test_it_is_not_touched_while_somebody_is_at_work(self, left: Host) -> None:
        with open(left.releases / ".lock", "rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            assert left.converge()["changed"] is False
        assert (left.releases / ".incoming-7").exists()

    def test_it_is_swept_before_a_build_and_before_a_switch_back(self, left: Host) -> None:
        left.seal(left.wheel(version="2.0"))
        left.converge()
        assert not (left.releases / ".incoming-7").exists()
        (left.releases / ".incoming-8").mkdir()
        left.seal(left.wheel())
        assert left.converge()["delivered"]["wheels"] == 0
        assert not (left.releases / ".incoming-8").exists()


class TestSharing:
    """What releases that are not the current one give to the next."""

    def upgrade(self, host: Host, *versions: str) -> dict[str, Any]:
        host.seal(host.wheel("spam", versions[0]), host.wheel("eggs", versions[1]))
        return host.converge()

    def test_a_wheel_of_an_older_release_need_not_be_delivered(self, host: Host) -> None:
        for versions in (("1.0", "1.0"), ("2.0", "1.0")):
            self.upgrade(host, *versions)
        assert self.upgrade(host, "1.0", "2.0")["delivered"]["wheels"] == 1

    @pytest.mark.parametrize("damage", ["edited", "deleted", "link", "mode", "list", "receipt", "other"])
    def test_a_damaged_one_gives_nothing(self, host: Host, damage: str) -> None:
        old = host.releases / self.upgrade(host, "1.0", "1.0")["release"]
        self.upgrade(host, "2.0", "1.0")
        path = old / SITE / "spam" / "__init__.py"
        if damage == "edited":
            path.write_text("VERSION = '6.6'\n")
        elif damage == "deleted":
            path.unlink()
        elif damage == "link":
            path.rename(host.root / "moved")
            path.symlink_to(host.root / "moved")
        elif damage == "mode":
            path.chmod(0o666)
        elif damage == "list":
            (old / "receipt.files").unlink()
        elif damage == "receipt":
            (old / "receipt.json").write_text("{}")
        else:
            (old / SITE / "other.py").write_text("not of any wheel")
        assert self.upgrade(host, "1.0", "2.0")["delivered"]["wheels"] == (1 if damage == "other" else 2)
        assert (host.site / "spam" / "__init__.py").read_text() == "VERSION = '1.0'\n"
        assert host.converge(verify="content")["changed"] is False

    def test_another_python_shares_nothing(self, host: Host) -> None:
        host.seal(host.wheel())
        host.converge()
        host.run.said["version"] = "3.12.1"
        other = host.root / "python3.12"
        other.write_bytes(b"another interpreter")
        host.seal(host.wheel(), target="cp312-manylinux_2_28_x86_64")
        assert host.converge(python=str(other))["delivered"]["wheels"] == 1

    def test_another_mode_is_a_copy_and_not_a_link(self, host: Host) -> None:
        host.seal(host.wheel())
        host.converge()
        old = host.site / "spam" / "__init__.py"
        assert host.converge(mode="0750")["delivered"]["wheels"] == 0
        assert (
            old.stat().st_mode & 0o777 == 0o644 and (host.site / "spam" / "__init__.py").stat().st_mode & 0o777 == 0o640
        )

    def test_a_new_patch_of_python_shares_sources_and_compiles_anew(self, host: Host) -> None:
        host.seal(host.wheel())
        host.converge(compile=True)
        old = host.site
        host.run.said["version"] = "3.11.8"
        other = host.root / "python3.11.8"
        other.write_bytes(b"another interpreter")
        assert host.converge(compile=True, python=str(other))["delivered"]["wheels"] == 0
        assert (host.site / "spam" / "__init__.py").samefile(old / "spam" / "__init__.py")
        (cache,) = (host.site / "spam" / "__pycache__").iterdir()
        assert not cache.samefile(old / "spam" / "__pycache__" / cache.name)


def test_an_interpreter_that_makes_no_environment_is_told(host: Host) -> None:
    host.seal(host.wheel())
    host.run.answers["venv"] = (1, "No module named venv")
    with pytest.raises(Refused, match="cannot make a virtual environment: No module named venv"):
        host.converge()
    assert os.listdir(host.app) == []


def test_a_switch_that_fails_leaves_no_release_that_nobody_points_to(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import work

    def fail(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    host.seal(host.wheel())
    monkeypatch.setattr(work, "switch", fail)
    with pytest.raises(Refused, match="No space left on device, in stage switch"):
        host.converge()
    assert os.listdir(host.app) == []


def test_a_switch_that_fails_after_the_link_is_there_keeps_what_it_points_to(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import switch

    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    host.seal(host.wheel())
    monkeypatch.setattr(switch, "sync_folder", fail)
    with pytest.raises(Refused, match="Input/output error, in stage switch"):
        host.converge()
    monkeypatch.undo()
    assert host.release.is_dir()
    assert host.converge()["changed"] is False


def test_a_release_is_flushed_before_its_receipt(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import release

    seen = []
    monkeypatch.setattr(release, "sync_file_system", lambda path: seen.append(sorted(os.listdir(path))))
    host.seal(host.wheel())
    host.converge()
    assert len(seen) == 1 and "receipt.files" in seen[0] and "receipt.json" not in seen[0]


def test_proofs_meet_a_release_that_is_no_release_yet(host: Host) -> None:
    """It has no receipt while it is proven, and what cannot be proven never gets one."""
    host.seal(host.wheel())
    seen = []
    real = host.run._answer

    def answer(argv: Any) -> Any:
        if argv[0].startswith(str(host.releases)):
            seen.append(os.path.exists(os.path.dirname(os.path.dirname(argv[0])) + "/receipt.json"))
        return real(argv)

    host.run._answer = answer
    host.converge()
    assert seen == [False]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda site: (site / "spam" / "cache.txt").write_text("x"), "added: {}/spam/cache.txt"),
        (lambda site: (site / "spam" / "__init__.py").write_text("x"), "edited: {}/spam/__init__.py"),
        (lambda site: (site / "spam" / "__init__.py").unlink(), "deleted: {}/spam/__init__.py"),
        (lambda site: (site / "spam" / "__init__.py").chmod(0o600), "edited: {}/spam/__init__.py"),
    ],
)
def test_a_proof_that_changes_the_release_is_none(host: Host, change: Any, line: str) -> None:
    host.seal(host.wheel(entry_points=COMMANDS, files=MAIN))
    proving(host, change)
    with pytest.raises(Refused, match="its proofs changed it: " + re.escape(line.format(SITE))):
        host.converge(prove={"commands": ["spam"]})
    assert os.listdir(host.app) == []


def test_a_proof_that_leaves_bytecode_is_one(host: Host) -> None:
    def change(site: pathlib.Path) -> None:
        (site / "spam" / "__pycache__").mkdir()
        (site / "spam" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"x")

    host.seal(host.wheel(entry_points=COMMANDS, files=MAIN))
    proving(host, change)
    assert host.converge(prove={"commands": ["spam"]})["changed"] is True
    assert host.converge(prove={"commands": ["spam"]})["changed"] is False


def proving(host: Host, change: Any) -> None:
    """Let the command that proves a release change it."""
    real = host.run._answer

    def answer(argv: Any) -> Any:
        if not argv[0].endswith("/bin/spam"):
            return real(argv)
        change(pathlib.Path(argv[0]).parents[1] / SITE)
        return 0, ""

    host.run._answer = answer


def test_a_proof_that_changes_a_lot_makes_a_short_message(host: Host) -> None:
    def change(site: pathlib.Path) -> None:
        for number in range(100):
            (site / f"made{number:03}").write_text("")

    host.seal(host.wheel(entry_points=COMMANDS, files=MAIN))
    proving(host, change)
    with pytest.raises(Refused, match=r"made000.* and \d+ more\.") as caught:
        host.converge(prove={"commands": ["spam"]})
    assert len(str(caught.value)) < 4000


def test_a_user_without_an_account_has_no_home() -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.host import proving

    assert proving._home(987654) == "/"
