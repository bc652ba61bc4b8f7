# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import journal, rollback
from ansible_collections.netdevops.python.plugins.module_utils.host.index import write_index
from ansible_collections.netdevops.python.plugins.module_utils.host.past import read_history
from ansible_collections.netdevops.python.plugins.module_utils.host.rollback import roll_back
from ansible_collections.netdevops.python.plugins.module_utils.host.walk import walk
from ansible_collections.netdevops.python.tests.unit.support.hosts import SITE, Host
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot


class Place:
    """A host with three releases of one environment, the last of which is current."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.history = str(host.root / "log/history.jsonl")
        self.names = []
        for version in ("1.0", "2.0", "3.0"):
            host.seal(host.wheel("spam", version), host.wheel("eggs"))
            self.names.append(host.converge(keep=9, prove={"imports": ["spam"]})["release"])

    def back(self, release: str = "", check: bool = False, **changes: Any) -> dict[str, Any]:
        asked = {
            "venv": str(self.host.venv),
            "release": release,
            "prove_timeout": 20,
            "lock_timeout": 1,
            "history": self.history,
            **changes,
        }
        return roll_back(asked, check, self.host.run)

    @property
    def current(self) -> str:
        return os.path.basename(os.readlink(self.host.venv))

    def problem(self, release: str = "", **changes: Any) -> Any:
        """Return why it is refused, after which all is as it was."""
        before, current = self._state(), self.current
        with pytest.raises(Refused) as caught:
            self.back(release, **changes)
        assert (self._state(), self.current) == (before, current)
        return caught.value.problems[0]

    def _state(self) -> dict[str, Any]:
        found = snapshot(self.host.releases)
        return {name: entry[-1] if name.startswith(".") else entry for name, entry in found.items()}


@pytest.fixture
def place(host: Host) -> Place:
    return Place(host)


def test_twice_goes_back_twice_and_no_further(place: Place) -> None:
    one, two, three = place.names
    first = place.back()
    assert (first["changed"], first["release"], first["previous"], place.current) == (True, two, three, two)
    assert place.back()["release"] == one == place.current
    problem = place.problem()
    assert f"expected a release that was current before {one}, found none" in problem.message
    assert f"{one} (current now)" in problem.message and all(name in problem.message for name in place.names)
    assert "Name another one in `release`" in problem.next_step


def test_forward_again_and_back_from_there(place: Place) -> None:
    one, _two, three = place.names
    place.back()
    place.back()
    assert place.back(three)["release"] == three
    assert place.back()["release"] == one


def test_its_index_is_made_anew_where_it_is_stale_and_only_there(place: Place) -> None:
    index = place.host.releases / place.names[1] / "receipt.index"
    index.write_bytes(b"stale\n")
    place.back()
    written = index.stat().st_ino
    assert walk(str(index.parent), str(place.host.python)).digest == index.read_bytes().split(b"\n")[0].decode()
    place.back(place.names[2])
    place.back(place.names[1])
    assert index.stat().st_ino == written


def test_nothing_is_deleted_and_the_next_installation_decides(place: Place) -> None:
    result = place.back()
    assert set(place.names) <= set(os.listdir(place.host.releases))
    assert "The next run that installs brings what the inventory asks for" in result["msg"]
    again = place.host.converge(keep=9, prove={"imports": ["spam"]})
    assert [action["verb"] for action in again["actions"]] == ["switch"] and again["release"] == place.names[2]
    assert place.back()["release"] == place.names[1]


def test_what_it_returns(place: Place) -> None:
    result = place.back()
    assert result["packages"] == {"count": 2, "added": {}, "removed": {}, "changed": {"spam": ["3.0", "2.0"]}}
    assert result["actions"] == [{"verb": "switch", "subject": f"{place.host.venv} -> {place.names[1]}", "reason": ""}]
    assert '"spam": "3.0"' in result["diff"]["before"] and '"spam": "2.0"' in result["diff"]["after"]
    assert list(result["seconds"]) == ["look", "lock", "verify", "prove", "switch"]
    assert len(result["bundle_id"]) == 64 and "warnings" not in result


def test_the_beginning_of_a_name_is_enough(place: Place) -> None:
    assert place.back(f" {place.names[0][:8]} ")["release"] == place.names[0]


def test_a_beginning_of_several_is_refused(place: Place) -> None:
    shutil.copytree(place.host.releases / place.names[0], place.host.releases / f"{place.names[0]}-2", symlinks=True)
    problem = place.problem(place.names[0][:8])
    assert problem.subject == f"release '{place.names[0][:8]}'"
    assert problem.message.endswith(f"it is that of 2: {place.names[0]}, {place.names[0]}-2.")
    assert place.back(place.names[0])["release"] == place.names[0], "a whole name is no beginning"


@pytest.mark.parametrize("name", ["nothing", "../..", ".lock", ".", "/"])
def test_a_name_that_there_is_not_is_refused(place: Place, name: str) -> None:
    problem = place.problem(name)
    assert "found none of that name. There is " in problem.message and place.names[2] in problem.message


def test_where_it_is_already_nothing_is_done(place: Place) -> None:
    place.host.run.calls.clear()
    result = place.back(place.names[2])
    assert result["changed"] is False and result["actions"] == [] and result["release"] == place.names[2]
    assert result["diff"]["before"] == result["diff"]["after"]
    assert "already" in result["msg"] and place.host.run.calls == []
    assert read_history(place.history) == []


class TestLeaving:
    """Who says what is to be left goes back once, however often the job is launched."""

    @pytest.mark.parametrize("check", [True, False])
    @pytest.mark.parametrize("release", ["", "another"])
    def test_what_is_left_already_is_left_alone(self, place: Place, check: bool, release: str) -> None:
        left = place.names[2]
        bundle = place.back(leaving=left)["bundle_id"]
        assert place.current == place.names[1]
        for leaving in (left, left[:6], f" {left} ", f"{left}-2", "f" * 64):
            result = place.back(release, leaving=leaving, check=check)
            assert (result["changed"], result["release"], result["actions"]) == (False, place.names[1], [])
            assert result["bundle_id"] == bundle and place.current == place.names[1]
            assert "and has left the one that `leaving` says already" in result["msg"]
        assert len(read_history(place.history)) == 1

    def test_the_current_one_by_its_bundle_too(self, place: Place) -> None:
        bundle = place.back()["bundle_id"]
        assert place.back(leaving=bundle, check=True)["changed"] and place.back(leaving=bundle[:9])["changed"]
        assert place.current == place.names[0]
        assert place.back(leaving=bundle)["changed"] is False

    def test_what_repaired_it_is_the_same_release(self, place: Place) -> None:
        (place.host.release / SITE / "new.pth").write_text("")
        repaired = place.host.converge(keep=9, prove={"imports": ["spam"]})["release"]
        assert repaired == f"{place.names[2]}-2"
        assert place.back(leaving=place.names[2], check=True)["release"] == place.names[1]
        assert place.back(leaving=f"{place.names[2]}-3")["release"] == place.names[1]

    def test_where_the_link_is_broken(self, place: Place) -> None:
        shutil.rmtree(place.host.releases / place.names[2])
        assert "by its receipt from which bundle" in place.problem(leaving="f" * 64).message
        assert place.back(leaving=place.names[2])["release"] == place.names[1]
        place.host.venv.unlink()
        result = place.back(leaving=place.names[1])
        assert result["changed"] is False and "is at none of its releases" in result["msg"]

    def test_under_the_lock_too(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        real, seen = rollback.find_way, []

        def find_way(*arguments: Any) -> Any:
            way = real(*arguments)
            seen.append(way)
            if len(seen) == 1:
                place.back()
            return way

        monkeypatch.setattr(rollback, "find_way", find_way)
        assert place.back(leaving=place.names[2])["changed"] is False and place.current == place.names[1]


def test_check_mode_says_the_same_and_writes_nothing(place: Place) -> None:
    before = snapshot(place.host.root)
    foretold = place.back(check=True)
    assert snapshot(place.host.root) == before
    done = place.back()
    for key in ("changed", "release", "previous", "actions", "diff", "packages", "bundle_id", "msg"):
        assert foretold[key] == done[key]


class TestDamage:
    """A release that is not what its receipt says is not gone to."""

    @pytest.mark.parametrize("check", [True, False])
    def test_files_are_named_and_the_way_on(self, place: Place, check: bool) -> None:
        root = place.host.releases / place.names[1]
        (root / SITE / "spam" / "__init__.py").write_text("VERSION = '2.1'\n")
        problem = place.problem(check=check)
        assert problem.subject == str(root)
        assert "found 1 otherwise: edited: lib/python3.11/site-packages/spam/__init__.py." in problem.message
        assert f"set `release` to one of: {place.names[0]}." in problem.next_step
        assert "Install its bundle" in problem.next_step
        assert place.back(place.names[0])["changed"] is True

    def test_a_file_of_the_same_size_and_time_too(self, place: Place) -> None:
        file = place.host.releases / place.names[1] / SITE / "spam" / "__init__.py"
        seen = file.stat()
        file.write_text(file.read_text().replace("2.0", "6.6"))
        os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        assert "edited: lib/" in place.problem().message

    def test_a_file_that_its_index_vouches_for_too(self, place: Place) -> None:
        """What no stat tells, such as a disk that forgets: every file is read."""
        root = place.host.releases / place.names[1]
        file = root / SITE / "spam" / "__init__.py"
        file.write_text(file.read_text().replace("2.0", "6.6"))
        write_index(str(root), str(place.host.python), 0o644)
        assert "edited: lib/" in place.problem().message

    def test_many_files_are_a_few_lines(self, place: Place) -> None:
        root = place.host.releases / place.names[1]
        for number in range(40):
            (root / f"{number:02}.pth").write_text("")
        assert "added: 09.pth and 30 more." in place.problem().message

    def test_an_interpreter_that_was_replaced(self, place: Place) -> None:
        place.host.python.write_bytes(b"another")
        assert f"replaced: {place.host.python}" in place.problem().message

    def test_an_interpreter_that_is_gone(self, place: Place) -> None:
        place.host.python.unlink()
        assert f"deleted: {place.host.python}" in place.problem().message

    def test_a_receipt_that_nobody_believes(self, place: Place) -> None:
        (place.host.releases / place.names[1] / "receipt.json").write_text("{}")
        assert "has no receipt that can be believed" in place.problem().message

    def test_an_interpreter_that_does_not_start(self, place: Place) -> None:
        place.host.run.answers["python"] = (127, "libpython3.11.so.1.0: cannot open")
        problem = place.problem()
        assert (
            "does not work (exit 127): libpython3.11.so.1.0: cannot open." in problem.message
            and place.names[1] in problem.subject
        )
        assert "See what changed on the host" in problem.next_step
        [entry] = read_history(place.history)
        assert entry["outcome"] == "failed" and entry["message"].endswith("(exit 127)")


def test_what_was_declared_is_proven_again_where_that_is_asked(place: Place) -> None:
    place.host.run.broken = {"spam": "ImportError: no"}
    assert "import spam" in place.problem(prove_again=True).subject
    place.host.run.calls.clear()
    place.host.run.broken = {}
    assert place.back(prove_again=True, check=True)["changed"] is True
    [call] = place.host.run.calls
    assert "spam" not in call.argv, "check mode runs nothing that was declared"
    place.back(prove_again=True)
    assert place.host.run.calls[-1].argv[-1] == "spam"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes releases for others")
def test_proofs_run_as_the_owner(host: Host) -> None:
    for version in ("1.0", "2.0"):
        host.seal(host.wheel("spam", version))
        host.converge(owner="nobody")
    host.run.calls.clear()
    place = {"venv": str(host.venv), "prove_timeout": 5, "lock_timeout": 1, "history": str(host.root / "log")}
    roll_back(place, False, host.run)
    [call] = host.run.calls
    import pwd

    assert call.options["user"][0] == pwd.getpwnam("nobody").pw_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes releases for others")
def test_a_receipt_gives_nobody_the_rights_of_root(host: Host) -> None:
    """The owner is no part of the release id, and whoever owns the folder writes what they like into it."""
    for version in ("1.0", "2.0"):
        host.seal(host.wheel("spam", version))
        host.converge(owner="nobody")
    [old] = [
        folder for folder in host.releases.iterdir() if folder.name not in os.readlink(host.venv) and folder.is_dir()
    ]
    said = json.loads((old / "receipt.json").read_text())
    (old / "receipt.json").write_text(json.dumps({**said, "owner": [0, 0]}))
    for folder, folders, files in os.walk(old):
        for name in (*folders, *files, "."):
            os.lchown(os.path.join(folder, name), 0, 0)
    (old / "receipt.index").unlink(missing_ok=True)
    host.run.calls.clear()
    place = {"venv": str(host.venv), "prove_timeout": 5, "lock_timeout": 1, "history": str(host.root / "log")}
    roll_back(place, False, host.run)
    [call] = host.run.calls
    assert call.options["user"][0] == os.stat(host.releases).st_uid != 0


@pytest.mark.parametrize(("keep", "drifts"), [(2, 1), (3, 1), (3, 2), (2, 2)])
def test_what_was_repaired_is_no_step_and_leaves_what_is_before_it(host: Host, keep: int, drifts: int) -> None:
    names = []
    for version in ("1.0", "2.0"):
        host.seal(host.wheel("spam", version))
        names.append(host.converge(keep=keep)["release"])
    for number in range(drifts):
        (host.release / SITE / f"{number}.pth").write_text("")
        repaired = host.converge(keep=keep)["release"]
        assert repaired.startswith(names[1])
    found = [name for name in os.listdir(host.releases) if not name.startswith(".")]
    assert names[0] in found and len(found) <= keep
    asked = {"venv": str(host.venv), "prove_timeout": 5, "lock_timeout": 1, "history": str(host.root / "log/h")}
    result = roll_back(asked, False, host.run)
    assert (result["previous"], result["release"]) == (repaired, names[0])


class TestLink:
    """A rollback is wanted most where the link is broken."""

    def test_one_that_dangles(self, place: Place) -> None:
        shutil.rmtree(place.host.releases / place.names[2])
        result = place.back()
        assert (result["previous"], result["release"]) == (place.names[2], place.names[1])
        assert result["packages"]["added"] == {"spam": "2.0", "eggs": "1.0"}

    @pytest.mark.parametrize("target", ["/usr", "/nowhere"])
    def test_one_that_points_elsewhere(self, place: Place, target: str) -> None:
        place.host.venv.unlink()
        place.host.venv.symlink_to(target)
        result = place.back(check=True)
        assert f"points to {target}" in result["actions"][0]["reason"]
        assert place.back()["release"] == place.names[2], "the one that was current last"
        assert place.back()["release"] == place.names[1]

    def test_one_that_was_put_back_by_hand_in_other_words(self, place: Place) -> None:
        """``ln -sfn`` with an absolute path is what people do first; a rollback must not bring back what they left."""
        one, two, _three = place.names
        place.host.venv.unlink()
        place.host.venv.symlink_to(f"{place.host.releases}/{two}/")
        result = place.back(check=True)
        assert result["actions"][0]["reason"] == f"it points to {place.host.releases}/{two}/"
        assert (result["previous"], result["release"]) == (two, one)
        assert result["packages"]["changed"] == {"spam": ["2.0", "1.0"]}
        assert place.back(two)["changed"] is False
        assert place.back()["release"] == one == place.current

    def test_one_that_is_gone(self, place: Place) -> None:
        place.host.venv.unlink()
        assert place.back()["release"] == place.names[2]

    def test_an_ordinary_folder_in_its_place(self, place: Place) -> None:
        place.host.venv.unlink()
        place.host.venv.mkdir()
        with pytest.raises(Refused, match="is an ordinary folder, though there are releases beside it"):
            place.back()


def test_where_nothing_was_installed_nothing_is_made(host: Host) -> None:
    before = snapshot(host.root)
    asked = {"venv": str(host.app / "new/.venv"), "prove_timeout": 5, "lock_timeout": 1}
    with pytest.raises(Refused, match="expected releases beside it, found none"):
        roll_back(asked, False, host.run)
    assert snapshot(host.root) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("check", [True, False])
def test_releases_of_somebody_else_are_not_ours_to_switch(
    place: Place, monkeypatch: pytest.MonkeyPatch, check: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert "belongs to user id 0, this run is of 4242" in place.problem(check=check).message


def test_it_takes_nothing_of_an_installation_to_the_host() -> None:
    """A rollback is to be quick: what it loads is compiled anew on each host, each time."""
    script = (
        "import sys\n"
        "from ansible_collections.netdevops.python.plugins.module_utils.host import rollback\n"
        "print(*(name.rpartition('.')[2] for name in sys.modules if '.module_utils.' in name))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "journal" in loaded and "history" in loaded
    assert not loaded & {"install", "work", "converge", "options", "archive", "proof", "proving", "past", "manifest"}


def test_another_run_is_waited_for(place: Place) -> None:
    with open(place.host.releases / ".lock", "rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        problem = place.problem(lock_timeout=0)
    assert "is busy: another run has held" in problem.message


def test_what_another_run_did_meanwhile_counts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty at once go back one by one: each decides under the lock."""
    real, seen = rollback.find_way, []

    def find_way(*arguments: Any) -> Any:
        way = real(*arguments)
        seen.append(way.to.name)
        if len(seen) == 1:
            place.back()
        return way

    monkeypatch.setattr(rollback, "find_way", find_way)
    assert place.back()["release"] == place.names[0]


class TestHistory:
    """Who did it, and why, stands on the host."""

    def test_a_rollback_is_written_down(self, place: Place) -> None:
        result = place.back(reason="change 7", by={"login": "ansible", "awx_job_id": "12"})
        [entry] = read_history(place.history)
        assert (entry["what"], entry["outcome"], entry["venv"]) == ("rollback", "done", str(place.host.venv))
        assert entry["from"]["release"] == place.names[2] and entry["to"]["release"] == place.names[1]
        assert entry["to"]["bundle"] == result["bundle_id"] and len(entry["from"]["bundle"]) == 64
        assert entry["by"] == {"login": "ansible", "awx_job_id": "12"} and entry["reason"] == "change 7"

    def test_one_that_cannot_be_written_is_a_warning(self, place: Place) -> None:
        pathlib.Path(place.history).parent.write_text("")
        result = place.back()
        assert result["changed"] is True and "the history cannot be written" in result["warnings"][0]

    def test_a_refusal_is_written_down_too(self, place: Place) -> None:
        (place.host.releases / place.names[1] / "new.pth").write_text("")
        place.problem()
        [entry] = read_history(place.history)
        assert entry["outcome"] == "failed" and "added: new.pth" in entry["message"]

    def test_a_path_that_is_not_absolute_is_refused_before_anything(self, place: Place) -> None:
        assert place.problem(history="log/x", check=True).subject == "history 'log/x'"
        assert place.problem(history="log/x").next_step.startswith("Name the file in full")


def test_a_full_disk_does_not_keep_anybody_from_going_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal, "write_atomic", full)
    assert [place.back()["release"], place.back()["release"]] == [place.names[1], place.names[0]]
    monkeypatch.undo()
    assert place.back(place.names[2])["changed"] is True
    assert place.back()["release"] == place.names[0]


def test_a_link_that_cannot_be_made_is_a_sentence(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/opt")

    monkeypatch.setattr(rollback, "switch", fail)
    assert "Read-only file system, in stage switch" in place.problem().message
