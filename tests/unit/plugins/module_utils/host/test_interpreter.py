# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interpreter that a bundle brings; how it gets onto the disk is told by the tests of pyenv."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sys
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.host import interpreter
from ansible_collections.netdevops.python.plugins.module_utils.host.interpreter import Order, bring
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.tests.unit.support.hosts import HOST_TARGET, Host
from ansible_collections.netdevops.python.tests.unit.support.interpreters import TARGET, carried, make_archive
from ansible_collections.netdevops.python.tests.unit.support.keys import allow, make_key, sign
from ansible_collections.netdevops.python.tests.unit.support.travels import travels
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot

PIN = "3.11.7"


class Bare:
    """A host without the interpreter, and a bundle that carries it.

    Attributes:
        asked: What the installation of interpreters was asked for.
        fails: What it then says, where it is to fail.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.root = host.root / "opt" / "pyenv"
        self.archive: Prebuilt = make_archive(host.folder / "interpreters", PIN, TARGET)
        self.manifest: Manifest = host.seal(host.wheel(), pin=PIN)
        self.asked: list[tuple[Wanted, bool]] = []
        self.content = b"an interpreter"
        self.fails = ""
        self.description = b""
        self.stand_at(PIN)
        self.carry()

    def stand_at(self, version: str) -> None:
        """Let interpreters say that they are this version."""
        self.folder = self.root / "versions" / version
        self.python = self.folder / "bin" / "python"
        self.host.run.said.update(version=version, base_prefix=str(self.folder), prefix=str(self.folder))

    def carry(self) -> None:
        """Write the manifest anew, with the archive as it lies there."""
        description = carried(self.archive)._replace(description=digest_file(f"{self.archive.path}.json"))
        self.manifest = self.manifest._replace(interpreters={TARGET: description})
        (self.host.folder / "bundle.json").write_bytes(self.manifest.encode())

    def tar(self) -> pathlib.Path:
        """Return the bundle as a tar."""
        path = self.host.root / "bundle.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(self.host.folder, ".")
        return path

    def ensure(self, wanted: Wanted, check_mode: bool) -> dict[str, Any]:
        """Stand for the installation of an interpreter."""
        self.asked.append((wanted, check_mode))
        if self.fails:
            refuse("cpython.tar.gz", self.fails, "Build another.")
        if not check_mode:
            assert digest_file(wanted.archive) == wanted.archive_sha256
            self.description = pathlib.Path(f"{wanted.archive}.json").read_bytes()
            self.place()
        action = {"verb": "install", "subject": str(self.folder), "reason": "from archive"}
        return {"changed": True, "actions": [action], "diff": {}, "executable": str(self.python), "seconds": 0.1}

    def place(self) -> None:
        """Put an interpreter there."""
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.write_bytes(self.content)

    def module(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        """Run the work of ``wheelhouse_install`` once."""
        return self.host.converge(check, **{"python": None, "interpreter_root": str(self.root), **changes})

    def ask(self) -> dict[str, Any]:
        """Ask the host what it needs."""
        return self.module(source=f"bundle:{self.manifest.id}", pin=PIN, remote_src=False)

    def bring(self, needs: dict[str, Any], check: bool, bundle: str, signers: str = "") -> dict[str, Any]:
        """Run the work of ``wheelhouse_interpreter`` once."""
        aside = self.host.root / "aside"
        try:
            order = Order(bundle, needs["bundle_id"], str(self.root), needs["interpreter"], signers)
            return bring(order, str(aside), check, self.host.run)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def converge(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        """Run what the action plugin runs for a bundle that lies on the host."""
        answer = self.module(check, **changes)
        if "needs" not in answer:
            return answer
        brought = self.bring(answer["needs"], check, changes.get("bundle", str(self.host.folder)))
        result = self.module(check, brought=True, **changes)
        return {
            **result,
            "changed": True,
            "actions": [*brought["actions"], *result["actions"]],
            "interpreter": brought["interpreter"],
        }


def verbs(result: dict[str, Any]) -> list[str]:
    return [action["verb"] for action in result["actions"]]


@pytest.fixture
def bare(host: Host, monkeypatch: pytest.MonkeyPatch) -> Bare:
    found = Bare(host)
    monkeypatch.setattr(interpreter, "ensure", found.ensure)
    return found


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_no_interpreter_is_taken_from_a_bundle_that_nobody_vouches_for(bare: Bare, form: str) -> None:
    key = make_key(bare.host.root / "key")
    signers = str(allow(bare.host.root / "signers", key))
    needs = {"bundle_id": bare.manifest.id, "interpreter": "it is lacking"}

    def take(check: bool) -> dict[str, Any]:
        bundle = str(bare.tar() if form == "tar" else bare.host.folder)
        return bare.bring(needs, check, bundle, signers)

    for check in (True, False):
        with pytest.raises(Refused, match="is not signed"):
            take(check)
    assert bare.asked == []
    sign(bare.host.folder, key)
    assert take(False)["changed"]


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_the_interpreter_comes_first_then_the_environment(bare: Bare, form: str) -> None:
    bundle = bare.tar() if form == "tar" else bare.host.folder
    result = bare.converge(bundle=str(bundle))
    assert verbs(result) == ["install", "build", "switch"]
    [(wanted, check_mode)] = bare.asked
    assert (wanted.version, wanted.root, wanted.source, wanted.remote_src) == (PIN, str(bare.root), "archive", True)
    assert wanted.archive_sha256 == bare.archive.description.sha256 and not check_mode
    said = bare.archive.description
    assert result["interpreter"] == {
        "version": PIN,
        "executable": str(bare.python),
        "file": said.file,
        "size": said.size,
    }
    assert result["delivered"]["wheels"] == 1
    assert sorted(os.listdir(bare.host.releases)) == sorted([result["release"], ".journal", ".lock"])


def test_a_converged_run_asks_nothing_and_loads_nothing_of_interpreters(bare: Bare) -> None:
    bare.converge()
    bare.asked.clear()
    bare.host.run.calls.clear()
    before = snapshot(bare.host.root)
    result = bare.converge()
    assert result["changed"] is False and "interpreter" not in result
    assert (bare.asked, bare.host.run.calls) == ([], [])
    assert snapshot(bare.host.root) == before
    bare.ask()
    assert bare.asked == []


def test_an_installation_takes_nothing_of_pyenv_to_the_host() -> None:
    """Each kilobyte of a module costs a host time on every run, and a function's imports travel too."""
    assert [name for name in travels("wheelhouse_install") if ".pyenv" in name] == []
    assert [name for name in travels("wheelhouse_interpreter") if ".pyenv" in name], "the tool sees nothing"


def test_a_path_and_a_root_that_say_the_same_are_one_environment(bare: Bare) -> None:
    first = bare.converge()
    assert bare.converge(python=str(bare.python), interpreter_root=None)["changed"] is False
    assert bare.converge(python=str(bare.python))["release"] == first["release"]
    assert bare.converge(interpreter_root=f"{bare.root}//")["changed"] is False


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"python": "/usr/bin/python3"}, r"expected python to be .*/versions/3\.11\.7/bin/python or not given"),
        ({"interpreter_root": "opt/pyenv"}, "interpreter_root 'opt/pyenv': expected an absolute path"),
        ({"interpreter_root": "/"}, "interpreter_root '/': expected an absolute path to a folder of its own"),
        ({"interpreter_root": ""}, "python '': expected an absolute path"),
        ({"source": "bundle:x", "pin": ""}, "interpreter_root: the bundle pins no version of Python"),
    ],
)
def test_options_that_make_no_sense_are_refused(bare: Bare, changes: dict[str, Any], says: str) -> None:
    before = snapshot(bare.host.root)
    with pytest.raises(Refused, match=says):
        bare.converge(**changes)
    assert snapshot(bare.host.root) == before


def test_what_is_there_and_is_the_pin_is_taken_as_it_is(bare: Bare) -> None:
    bare.place()
    result = bare.converge()
    assert verbs(result) == ["build", "switch"]
    assert bare.asked == [] and "interpreter" not in result


def test_an_interpreter_that_is_another_version_is_lacking(bare: Bare) -> None:
    bare.place()
    said = bare.host.run.said
    bare.host.run.said = {**said, "version": "3.11.6"}
    answer = bare.ask()
    assert answer["needs"]["interpreter"] == "it says that it is 3.11.6"
    assert (answer["needs"]["target"], answer["needs"]["python_version"]) == (HOST_TARGET, PIN)


def test_an_unfinished_build_is_lacking_whatever_a_probe_says(bare: Bare) -> None:
    bare.place()
    (bare.root / ".builds" / PIN).mkdir(parents=True)
    answer = bare.ask()
    assert answer["needs"]["interpreter"] == "its build was interrupted, or is under way"
    assert str(bare.python) not in [call.argv[0] for call in bare.host.run.calls]
    (bare.folder / "receipt.json").write_text("{}")
    assert "interpreter" not in bare.ask()["needs"]


def test_an_interpreter_that_could_not_be_asked_is_not_lacking(bare: Bare) -> None:
    bare.place()
    plain = bare.host.run

    def run(argv: Any, **options: Any) -> Completed:
        if argv[0] == str(bare.python):
            raise Unheard([Problem(argv[0], "did not end within 30 seconds and was stopped.")])
        done: Completed = plain(argv, **options)
        return done

    bare.host.run = run
    with pytest.raises(Unheard, match="could not be asked what it is"):
        bare.ask()


def test_an_interpreter_that_lives_elsewhere_is_lacking(bare: Bare) -> None:
    bare.place()
    bare.host.run.said.update(base_prefix="/usr")
    answer = bare.ask()
    assert "it lives in /usr" in answer["needs"]["interpreter"]


def test_an_interpreter_that_runs_with_anothers_library_is_lacking(bare: Bare) -> None:
    bare.place()
    bare.host.run.said.update(libpython=[f"{bare.folder}/lib/libpython3.11.so.1.0"])
    assert "interpreter" not in bare.ask()["needs"]
    bare.host.run.said.update(libpython=["/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"])
    assert "another interpreter's library" in bare.ask()["needs"]["interpreter"]


def test_the_question_tells_what_is_lacking_and_writes_nothing(bare: Bare) -> None:
    before = snapshot(bare.host.root)
    answer = bare.ask()
    needs = {"target": HOST_TARGET, "python_version": PIN, "have": [], "interpreter": f"it is not in {bare.root}"}
    assert answer == {"changed": False, "needs": needs}
    assert snapshot(bare.host.root) == before
    bare.place()
    again = bare.ask()
    assert "interpreter" not in again["needs"]


@pytest.mark.parametrize("form", ["folder", "tar", "tar without the archive"])
def test_check_mode_tells_of_it_and_writes_nothing(bare: Bare, form: str) -> None:
    data = pathlib.Path(bare.archive.path).read_bytes()
    if form.endswith("archive"):
        os.unlink(bare.archive.path)
    bundle = str(bare.host.folder if form == "folder" else bare.tar())
    before = snapshot(bare.host.root)
    planned = bare.converge(check=True, bundle=bundle)
    assert snapshot(bare.host.root) == before
    [(wanted, check_mode)] = bare.asked
    assert check_mode and wanted.offered == (bare.archive.description.as_dict(),)
    pathlib.Path(bare.archive.path).write_bytes(data)
    done = bare.converge()
    assert (planned["actions"], planned["release"]) == (done["actions"], done["release"])
    assert (planned["packages"], planned["interpreter"]) == (done["packages"], done["interpreter"])


def test_an_interpreter_that_went_away_comes_back_and_the_release_stays(bare: Bare) -> None:
    first = bare.converge()
    bare.python.unlink()
    bare.folder.joinpath("bin").rmdir()
    bare.folder.rmdir()
    assert bare.converge(check=True)["changed"] is True
    result = bare.converge()
    assert verbs(result) == ["install"]
    assert (result["changed"], result["release"]) == (True, first["release"])
    assert bare.converge()["changed"] is False


def test_another_interpreter_in_its_place_makes_another_release(bare: Bare) -> None:
    first = bare.converge()
    bare.python.unlink()
    bare.content = b"another interpreter"
    result = bare.converge()
    assert verbs(result) == ["install", "build", "switch"]
    assert result["release"] != first["release"]


def test_a_bundle_of_the_next_patch_stands_beside_and_the_old_one_is_a_switch_away(bare: Bare) -> None:
    first = bare.converge()
    old = (bare.host.folder / "bundle.json").read_bytes()
    for end in ("", ".json"):
        os.rename(bare.archive.path + end, bare.host.root / f"old{end}")
    bare.archive = make_archive(bare.host.folder / "interpreters", "3.11.8", TARGET)
    bare.manifest = bare.manifest._replace(pin="3.11.8")
    bare.carry()
    bare.stand_at("3.11.8")
    second = bare.converge()
    assert verbs(second) == ["install", "build", "switch"] and second["interpreter"]["version"] == "3.11.8"
    assert sorted(os.listdir(bare.root / "versions")) == [PIN, "3.11.8"]

    (bare.host.folder / "bundle.json").write_bytes(old)
    for end in ("", ".json"):
        os.unlink(bare.archive.path + end)
    bare.stand_at(PIN)
    back = bare.converge()
    assert verbs(back) == ["switch"] and back["release"] == first["release"]


def test_a_host_whose_own_python_is_another_is_asked_for_the_pin(bare: Bare) -> None:
    plain = bare.host.run

    def run(argv: Any, **options: Any) -> Completed:
        done: Completed = plain(argv, **options)
        said = {**json.loads(done.stdout), "version": "3.13.5"} if argv[0] == sys.executable else None
        return done._replace(stdout=json.dumps(said)) if said else done

    bare.host.run = run
    needs = bare.ask()["needs"]
    assert (needs["target"], needs["python_version"]) == (HOST_TARGET, PIN)
    assert verbs(bare.converge()) == ["install", "build", "switch"]


def test_an_interpreter_that_is_still_lacking_is_told_again(bare: Bare) -> None:
    before = snapshot(bare.host.root)
    assert "interpreter" in bare.module(brought=True)["needs"]
    assert snapshot(bare.host.root) == before


# ---- refusals


def refused(bare: Bare, says: str, **changes: Any) -> None:
    before = content(bare.host.root)
    for check in (True, False):
        with pytest.raises(Refused, match=says):
            bare.converge(check, **changes)
    assert content(bare.host.root) == before


def content(root: pathlib.Path) -> dict[str, tuple[Any, ...]]:
    """Return a snapshot without times: the lock's folder comes and goes."""
    return {path: entry[:3] + entry[4:] for path, entry in snapshot(root).items()}


def test_a_bundle_that_carries_none_says_how_to_get_one(bare: Bare) -> None:
    bare.host.seal(bare.host.wheel(), pin=PIN)
    says = rf"Python 3\.11\.7: it is not in .*; the bundle carries no interpreter for target {TARGET}, it has none"
    for end in ("", ".json"):
        os.unlink(bare.archive.path + end)
    refused(bare, says)


def test_one_for_another_target_is_not_one(bare: Bare) -> None:
    older = "cp311-manylinux_2_17_x86_64"
    targets = {**bare.manifest.targets, older: bare.manifest.targets[TARGET]}
    manifest = bare.manifest._replace(targets=targets, interpreters={older: bare.manifest.interpreters[TARGET]})
    (bare.host.folder / "bundle.json").write_bytes(manifest.encode())
    refused(bare, f"no interpreter for target {TARGET}, it has {older}")


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_an_edited_description_is_refused(bare: Bare, form: str) -> None:
    beside = pathlib.Path(f"{bare.archive.path}.json")
    beside.write_bytes(beside.read_bytes().replace(b'"libc_version":"2.28"', b'"libc_version":"2.17"'))
    bundle = str(bare.tar() if form == "tar" else bare.host.folder)
    refused(
        bare,
        r"interpreters/cpython.*\.json: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}: it was edited",
        bundle=bundle,
    )
    assert bare.asked == []


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_a_description_that_is_exchanged_after_it_was_checked_is_not_used(
    bare: Bare, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    path = pathlib.Path(f"{bare.archive.path}.json")
    good = path.read_bytes()
    real = interpreter.interpreter_files

    def exchanged(*given: Any) -> str:
        place = real(*given)
        pathlib.Path(f"{place}.json").write_bytes(b'{"forged": 1}')
        return place

    monkeypatch.setattr(interpreter, "interpreter_files", exchanged)
    bundle = str(bare.host.folder if form == "folder" else bare.tar())
    bare.bring({"interpreter": "", "bundle_id": bare.manifest.id}, check=False, bundle=bundle)
    assert bare.description == good


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_a_missing_description_is_refused(bare: Bare, form: str) -> None:
    os.unlink(f"{bare.archive.path}.json")
    bundle = str(bare.tar() if form == "tar" else bare.host.folder)
    refused(bare, r"interpreters/cpython.*\.json: expected it in the bundle, found nothing", bundle=bundle)


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": 99}, {"version": "3.11.8"}])
def test_a_description_of_another_archive_is_refused(bare: Bare, change: dict[str, Any]) -> None:
    description = bare.archive.description._replace(**change)
    pathlib.Path(f"{bare.archive.path}.json").write_bytes(description.encode())
    bare.carry()
    refused(bare, "describes another archive than the manifest of the bundle")
    assert bare.asked == []


def test_what_cannot_be_installed_leaves_nothing(bare: Bare) -> None:
    bare.fails = "needs glibc 2.38 or newer, this host has 2.36."
    refused(bare, r"needs glibc 2\.38 or newer, this host has 2\.36")
    refused(bare, r"needs glibc 2\.38", bundle=str(bare.tar()))


def test_a_refusal_names_the_bundles_file_and_this_modules_option(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    def ensure(wanted: Wanted, check_mode: bool) -> dict[str, Any]:
        raise Refused(
            [
                Problem(wanted.archive, "is damaged.", "Copy it."),
                Problem("/opt/pyenv", "is another user's.", "Choose another `root`."),
            ]
        )

    monkeypatch.setattr(interpreter, "ensure", ensure)
    with pytest.raises(Refused) as caught:
        bare.converge(bundle=str(bare.tar()))
    damaged, owned = caught.value.problems
    assert damaged.subject == f"interpreters/{bare.archive.description.file}"
    assert owned == Problem("/opt/pyenv", "is another user's.", "Choose another `interpreter_root`.")


def test_an_unknown_group_is_refused_before_the_interpreter_is_installed(bare: Bare) -> None:
    refused(bare, "group 'cisco'", groups=["cisco"])
    assert bare.asked == []


def test_an_installation_that_fails_leaves_the_environment_that_was_there(bare: Bare) -> None:
    bare.place()
    bare.converge()
    bare.python.unlink()
    bare.fails = "No space left on device."
    before = snapshot(bare.host.app)
    with pytest.raises(Refused, match="No space left on device"):
        bare.converge()
    assert snapshot(bare.host.app) == before


def test_a_bundle_that_was_exchanged_meanwhile_is_refused(bare: Bare) -> None:
    needs = bare.module()["needs"]
    assert needs["bundle_id"] == bare.manifest.id
    bare.host.seal(bare.host.wheel(version="2.0"), pin=PIN)
    with pytest.raises(Refused, match=f"expected the bundle {needs['bundle_id']}, found"):
        bare.bring(needs, check=False, bundle=str(bare.host.folder))
    assert bare.asked == []
