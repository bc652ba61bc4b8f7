# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process with a person's rights may do, and how its end is told."""

from __future__ import annotations

import errno
import os
import pathlib
import pwd
import signal
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.people import rights
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.rights import with_rights

pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="the process closes what it inherited by way of /proc"
)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def nobody(tmp_path: pathlib.Path) -> Person:
    """Somebody without rights: nobody for root, and oneself for everybody else."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Person(entry.pw_name, entry.pw_uid, entry.pw_gid, str(tmp_path))


def test_it_has_the_persons_rights_alone(nobody: Person) -> None:
    os.environ["SECRET_OF_ROOT"] = "x"
    try:
        inherited = os.open("/etc/hostname", os.O_RDONLY)
        os.set_inheritable(inherited, True)

        def work() -> Any:
            mask = os.umask(0)
            files = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
            where = os.getcwd(), dict(os.environ), f"{mask:03o}"
            return [os.getresuid(), os.getresgid(), os.getgroups(), where, len(files), os.getsid(0) == os.getpid()]

        uids, gids, groups, (folder, environ, mask), files, leads = with_rights(nobody, work, 5)
    finally:
        del os.environ["SECRET_OF_ROOT"]
        os.close(inherited)
    assert uids == [nobody.uid] * 3 and gids == [nobody.gid] * 3
    if os.geteuid() == 0:
        assert 0 not in groups
    assert (folder, mask, leads) == ("/", "022", True)
    assert environ["HOME"] == nobody.home and "SECRET_OF_ROOT" not in environ
    assert files == 4  # three of nothing, and the pipe


@root_only
def test_root_cannot_be_had_back(nobody: Person) -> None:
    def work() -> str:
        for attempt in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
            try:
                attempt()
            except PermissionError:
                continue
            return "root again"
        return "gone for good"

    assert with_rights(nobody, work, 5) == "gone for good"


@root_only
def test_a_path_that_only_root_may_write_is_closed(nobody: Person, tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(Refused, match=r"Permission denied\..*Correct the permissions"):
        with_rights(nobody, lambda: (tmp_path / "x").write_text(""), 5)
    assert os.listdir(tmp_path) == []


@root_only
def test_root_itself_is_nobodys_person(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match="the rights of this process are not the person's alone"):
        with_rights(Person("root", 0, 0, "/root"), lambda: "done", 5)


def test_a_refusal_and_an_accident_come_through(nobody: Person) -> None:
    def refusing() -> None:
        refuse("/home/x", "is not there.", "Create it.")

    with pytest.raises(Refused, match=r"/home/x: is not there\. Create it\."):
        with_rights(nobody, refusing, 5)
    with pytest.raises(Refused, match=f"{nobody.home}: failed: ZeroDivisionError: "):
        with_rights(nobody, lambda: 1 // 0, 5)


def test_what_is_worked_on_is_what_a_problem_is_of(nobody: Person) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for work, said in ((full, "No space left"), (lambda: 1 // 0, "failed: ZeroDivisionError")):
        with pytest.raises(Refused, match=f"^/srv/netcheck: {said}"):
            with_rights(nobody, work, 5, "/srv/netcheck")
    with pytest.raises(Refused, match="the work in /srv/netcheck was ended"):
        with_rights(nobody, lambda: os.kill(os.getpid(), signal.SIGKILL), 5, "/srv/netcheck")


def test_the_time_limit_ends_it(nobody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.monotonic()
    with pytest.raises(Refused, match=r"did not end within 0\.3 seconds"):
        with_rights(nobody, lambda: time.sleep(60), 0.3)
    monkeypatch.setattr(rights, "_GRACE", 0.2)

    def stubborn() -> None:  # a person may stop a process of theirs
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGSTOP)

    with pytest.raises(Refused, match=r"did not end within 0\.3 seconds"):
        with_rights(nobody, stubborn, 0.3)
    assert time.monotonic() - started < 5


def test_a_killed_one_is_told(nobody: Person) -> None:
    with pytest.raises(Refused, match="was ended"):
        with_rights(nobody, lambda: os.kill(os.getpid(), signal.SIGKILL), 5)


def test_nonsense_is_no_result(nobody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for nonsense in ({"problems": [{"evil": 1}]}, {}, [1], "x"):
        monkeypatch.setattr(rights, "_answer", lambda person, work, subject, said=nonsense: said)
        with pytest.raises(Refused, match="was ended"):
            with_rights(nobody, lambda: None, 5)


def test_no_process_stays(nobody: Person) -> None:
    for _time in range(3):
        with_rights(nobody, lambda: "done", 5)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
