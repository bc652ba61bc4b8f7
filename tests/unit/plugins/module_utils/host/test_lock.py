# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import lock
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.lock import is_free, locked
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages

ME = (os.geteuid(), os.getegid())
HOLDER = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(300)
"""


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    return Environment(str(tmp_path / "opt" / "app" / ".venv"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.005)


@contextlib.contextmanager
def held(path: pathlib.Path) -> Iterator[subprocess.Popen[str]]:
    """Hold a lock in another process."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_missing_folders_are_made_and_go_again_when_nothing_was_left(
    environment: Environment, tmp_path: pathlib.Path
) -> None:
    with locked(environment, 1, ME, Stages()):
        assert os.listdir(environment.releases) == [".lock"]
        assert os.stat(environment.releases).st_mode & 0o777 == 0o755
        assert os.stat(environment.releases + "/.lock").st_mode & 0o077 == 0
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_lock_is_for_the_owner_of_the_releases_too(environment: Environment) -> None:
    os.makedirs(environment.release("r1"))
    os.chown(environment.releases, 4242, 4343)
    path = environment.release(".lock")
    with locked(environment, 1, ME, Stages()):
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (4242, 4343)
    os.chown(path, 1, 1)
    with locked(environment, 1, ME, Stages()):
        assert os.stat(path).st_uid == 1, "one that was there is not given away"


def test_folders_have_their_mode_under_any_umask(environment: Environment) -> None:
    umask = os.umask(0o077)
    try:
        with locked(environment, 1, ME, Stages()):
            assert os.stat(os.path.dirname(environment.venv)).st_mode & 0o777 == 0o755
    finally:
        os.umask(umask)


def test_what_was_left_stays_and_so_does_the_lock_file(environment: Environment) -> None:
    with locked(environment, 1, ME, Stages()):
        os.mkdir(environment.release("r1"))
    assert sorted(os.listdir(environment.releases)) == [".lock", "r1"]


def test_folders_of_others_stay(environment: Environment, tmp_path: pathlib.Path) -> None:
    (tmp_path / "opt").mkdir()
    with locked(environment, 1, ME, Stages()):
        pass
    assert os.listdir(tmp_path) == ["opt"] and os.listdir(tmp_path / "opt") == []


def test_a_failure_inside_frees_the_lock(environment: Environment, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(environment, 1, ME, Stages()):
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []
    with locked(environment, 0, ME, Stages()):
        pass


def test_a_second_run_is_told_who_waits_for_what(environment: Environment) -> None:
    os.makedirs(environment.releases)
    path = pathlib.Path(environment.releases, ".lock")
    with held(path):
        start = time.monotonic()
        with pytest.raises(Refused) as caught, locked(environment, 0.2, ME, Stages()):
            pytest.fail("two at once")
        assert 0.2 <= time.monotonic() - start < 5
    assert (
        str(caught.value)
        == f"{environment.venv}: is busy: another run has held {path} for 0.2 seconds. Wait for it, or raise lock_timeout."
    )
    assert os.listdir(environment.releases) == [".lock"]


def test_a_run_that_was_killed_holds_nothing(environment: Environment) -> None:
    os.makedirs(environment.releases)
    with held(pathlib.Path(environment.releases, ".lock")) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(environment, 2, ME, Stages()):
            pass


def test_the_seconds_of_waiting_are_noted(environment: Environment) -> None:
    stages = Stages()
    with locked(environment, 1, ME, stages):
        assert list(stages.seconds) == ["lock"]


def test_a_lock_that_was_taken_away_meanwhile_is_no_lock(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last holder removed the file between open and flock: whoever comes next would lock another one."""
    os.makedirs(environment.releases)
    path = os.path.join(environment.releases, ".lock")
    real, tries = fcntl.flock, []

    def flock(descriptor: int, operation: int) -> None:
        real(descriptor, operation)
        if not tries:
            os.unlink(path)
        tries.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(environment, 5, ME, Stages()):
        assert len(tries) == 2
        assert os.stat(path).st_ino == tries[-1]


def test_a_run_that_waited_goes_on_when_the_one_before_left_nothing(
    environment: Environment, tmp_path: pathlib.Path
) -> None:
    ready, go, order = threading.Event(), threading.Event(), []

    def first() -> None:
        with locked(environment, 5, ME, Stages()):
            ready.set()
            go.wait(5)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    ready.wait(5)
    threading.Timer(0.05, go.set).start()
    with locked(environment, 5, ME, Stages()):
        order.append("second")
        os.mkdir(environment.release("r1"))
    thread.join()
    assert order == ["first", "second"]
    assert sorted(os.listdir(environment.releases)) == [".lock", "r1"]


def test_two_first_runs_at_once_make_the_folders_once(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.mkdir

    def mkdir(path: str, mode: int = 0o777) -> None:
        monkeypatch.setattr(os, "mkdir", real)
        real(path, mode)
        real(path, mode)  # The other run's folder is there by now.

    monkeypatch.setattr(os, "mkdir", mkdir)
    with locked(environment, 1, ME, Stages()):
        assert os.listdir(environment.releases) == [".lock"]


def test_many_runs_never_overlap(environment: Environment) -> None:
    inside, most, failures = [], [], []

    def run() -> None:
        try:
            with locked(environment, 20, ME, Stages()):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()
        except Refused as refused:
            failures.append(str(refused))

    threads = [threading.Thread(target=run) for _unused in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and most == [1] * 12
    assert not os.path.exists(environment.releases)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_of_releases_is_refused(environment: Environment, tmp_path: pathlib.Path, kind: str) -> None:
    path = pathlib.Path(environment.releases)
    path.parent.mkdir(parents=True)
    (tmp_path / "theirs").mkdir()
    path.write_text("") if kind == "file" else path.symlink_to(tmp_path / "theirs")
    with (
        pytest.raises(Refused, match="expected a folder of releases, found a file or a link"),
        locked(environment, 1, ME, Stages()),
    ):
        pytest.fail("not ours")
    assert os.listdir(tmp_path / "theirs") == []


def test_a_lock_file_that_is_a_link_is_not_followed(environment: Environment, tmp_path: pathlib.Path) -> None:
    os.makedirs(environment.releases)
    os.symlink(tmp_path / "victim", environment.releases + "/.lock")
    with pytest.raises(Refused, match="in stage lock"), locked(environment, 1, ME, Stages()):
        pytest.fail("not ours")
    assert not (tmp_path / "victim").exists()


def test_releases_of_somebody_else_are_refused(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    os.makedirs(environment.releases)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with (
        pytest.raises(Refused, match=f"belongs to user id {ME[0]}, this run is of 4242"),
        locked(environment, 1, (4242, ME[1]), Stages()),
    ):
        pytest.fail("not ours")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_new_folders_belong_to_the_owner(environment: Environment, tmp_path: pathlib.Path) -> None:
    with locked(environment, 1, (4242, 4343), Stages()):
        for path in (tmp_path / "opt", environment.releases):
            assert (os.stat(path).st_uid, os.stat(path).st_gid) == (4242, 4343)


def test_a_folder_that_cannot_be_made_is_a_sentence_and_leaves_nothing(
    environment: Environment, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.mkdir

    def mkdir(path: str, mode: int = 0o777) -> None:
        if path.endswith(".releases"):
            raise OSError(28, "No space left on device", path)
        real(path, mode)

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(Refused, match="No space left on device, in stage lock"), locked(environment, 1, ME, Stages()):
        pytest.fail("no folder")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_can_never_be_made_is_told_after_the_time_limit(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mkdir(path: str, mode: int = 0o777) -> None:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(os, "mkdir", mkdir)
    with (
        pytest.raises(Refused, match="No such file or directory, in stage lock"),
        locked(environment, 0.02, ME, Stages()),
    ):
        pytest.fail("no folder")


def test_whether_a_lock_is_free_is_told_without_a_trace(environment: Environment, tmp_path: pathlib.Path) -> None:
    assert is_free(environment)
    assert os.listdir(tmp_path) == []
    with locked(environment, 1, ME, Stages()):
        assert not is_free(environment)
        os.mkdir(environment.release("r1"))
    assert is_free(environment)


def test_a_lock_that_may_not_be_opened_counts_as_held(environment: Environment, tmp_path: pathlib.Path) -> None:
    os.makedirs(environment.releases)
    (tmp_path / "theirs").write_text("")
    os.symlink(tmp_path / "theirs", environment.releases + "/.lock")
    assert not is_free(environment)


def test_a_program_that_outlives_its_run_keeps_the_lock(environment: Environment) -> None:
    """It may still write into a release: who swept that away under it would be left with what it writes next."""
    with locked(environment, 0, ME, Stages()) as descriptor:
        (pathlib.Path(environment.releases) / "release").mkdir()
        left = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor]
        )
    with pytest.raises(Refused, match="is busy"), locked(environment, 0, ME, Stages()):
        pass
    assert not is_free(environment)
    left.communicate()
    with locked(environment, 0, ME, Stages()):
        pass


def test_a_pipe_in_the_place_of_a_lock_keeps_nobody_waiting(environment: Environment) -> None:
    os.makedirs(environment.releases)
    os.mkfifo(environment.releases + "/.lock")
    assert not is_free(environment)
    with pytest.raises(Refused, match="expected a file to lock"), locked(environment, 1, ME, Stages()):
        pytest.fail("not ours")


def test_who_looks_is_no_run(environment: Environment) -> None:
    """One that looks does not make another one's look say "held", and a run that is not to wait is not refused for it."""
    os.makedirs(environment.releases)
    looking = os.open(environment.releases + "/.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(looking, fcntl.LOCK_SH)
    assert is_free(environment)
    threading.Timer(0.01, os.close, (looking,)).start()
    with locked(environment, 0, ME, Stages()):
        assert not is_free(environment)
