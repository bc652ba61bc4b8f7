# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import locale
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import runner
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Unheard, run_process

ENV = {"PATH": "/usr/bin:/bin"}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as somebody else")


def test_output_return_code_and_arguments_come_back() -> None:
    done = run_process(["sh", "-c", "echo out; echo err >&2; exit 3"], env=ENV)
    assert done == Completed(("sh", "-c", "echo out; echo err >&2; exit 3"), 3, "out\n", "err\n")


def test_a_program_gets_exactly_its_environment_folder_and_input(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "not for it")
    done = run_process(["sh", "-c", "pwd; env; cat"], env={"A": "1", **ENV}, cwd=str(tmp_path), stdin="said ü\n")
    lines = done.stdout.splitlines()
    assert lines[0] == str(tmp_path) and lines[-1] == "said ü"
    assert "A=1" in lines and not [line for line in lines if line.startswith("SECRET")]


@pytest.mark.parametrize("own", [0, 0o077])
def test_what_a_program_writes_only_its_user_changes(own: int) -> None:
    before = os.umask(own)
    try:
        assert run_process(["sh", "-c", "umask"], env=ENV).stdout == "0022\n"
        assert os.umask(own) == own
    finally:
        os.umask(before)


def test_without_input_it_reads_nothing() -> None:
    assert run_process(["cat"], env=ENV, timeout=10).stdout == ""


def test_a_program_holds_what_it_is_told_to_hold_and_nothing_else(tmp_path: pathlib.Path) -> None:
    one, other = (os.open(tmp_path, os.O_RDONLY) for _number in range(2))
    try:
        script = f"import os\nos.fstat({one})\ntry: os.fstat({other})\nexcept OSError: print('closed')"
        assert run_process([sys.executable, "-I", "-S", "-c", script], env=ENV, hold=one).stdout == "closed\n"
    finally:
        os.close(one)
        os.close(other)


def test_bytes_that_are_no_text_do_not_stop_the_work() -> None:
    assert run_process(["printf", r"\377x"], env=ENV).stdout == "�x"


def test_text_is_utf8_whatever_the_locale_of_this_process_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getpreferredencoding", lambda do_setlocale=True: "ascii")
    done = run_process(["sh", "-c", r"printf '\303\251\377'; cat >&2"], env=ENV, stdin="é")
    assert (done.stdout, done.stderr) == ("é\ufffd", "é")


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.EIO])
def test_what_cannot_be_started_for_now_is_told_from_what_never_will(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def popen(*_arguments: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(Unheard, match=rf"cannot be started: {os.strerror(number)}\. Run it again"):
        run_process(["true"], env=ENV)


@pytest.mark.parametrize("argv", [["/nonexistent/program"], ["/etc/passwd"], ["/"]])
def test_what_cannot_be_started_is_refused(argv: list[str]) -> None:
    with pytest.raises(Refused, match=r"cannot be started: (No such file|Permission denied)") as caught:
        run_process(argv, env=ENV)
    assert caught.value.problems[0].subject == argv[0]
    assert not isinstance(caught.value, Unheard)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def test_at_the_time_limit_the_whole_group_ends(tmp_path: pathlib.Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(Unheard, match=r"sh: did not end within 0\.5 seconds and was stopped"):
        run_process(["sh", "-c", script], env=ENV, timeout=0.5)
    grandchild = int((tmp_path / "pid").read_text())
    assert wait_until_gone(grandchild)


def test_a_grandchild_that_left_the_group_does_not_hold_the_run_up(tmp_path: pathlib.Path) -> None:
    """It keeps the pipes open: waiting for their end would be waiting for it."""
    script = f"import os, time\nif os.fork():\n    time.sleep(300)\nos.setsid()\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    start = time.monotonic()
    try:
        with pytest.raises(Refused, match="was stopped"):
            run_process([sys.executable, "-I", "-S", "-c", script], env=ENV, timeout=0.7)
        assert time.monotonic() - start < 10
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_an_interrupted_run_ends_its_program(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = []

    def interrupted(process: subprocess.Popen[bytes], *args: object) -> tuple[str, str]:
        pids.append(process.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_hear", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_process(["sleep", "300"], env=ENV)
    assert wait_until_gone(pids[0])


def test_a_group_that_is_gone_already_is_no_error() -> None:
    process = subprocess.Popen(["true"], start_new_session=True, text=True, stdout=subprocess.PIPE)
    process.communicate()
    runner.end_group(process)
    assert process.returncode == 0


@AS_ROOT
def test_another_user_is_whom_it_runs_as_without_further_groups() -> None:
    done = run_process(["sh", "-c", "id -u; id -g; id -G"], env=ENV, user=(65534, 65533))
    assert done.stdout.split() == ["65534", "65533", "65533"]


def test_a_tail_is_short_and_prefers_errors() -> None:
    assert Completed((), 1, "out", " \n").tail() == "out"
    assert Completed((), 1, "out", "err").tail() == "err"
    assert Completed((), 1, "", "\n".join(map(str, range(100)))).tail().splitlines() == [str(n) for n in range(80, 100)]


def test_a_program_that_does_not_stop_talking_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MOST_BYTES", 1 << 20)
    with pytest.raises(Refused) as caught:
        run_process([sys.executable, "-c", "while True: print('x' * 9999)"], env={}, timeout=60)
    (problem,) = caught.value.problems
    assert "said more than 1 MB and was stopped" in problem.message and len(str(caught.value)) < 600


def test_what_is_shown_of_what_a_program_said_is_short() -> None:
    done = Completed(("x",), 1, "", "".join(f"{number} {'x' * 100_000}\n" for number in range(99)))
    assert len(done.tail()) < 5_000


def test_long_input_and_long_output_do_not_wait_for_each_other() -> None:
    code = "import sys; said = sys.stdin.read(); print(said); print(said, file=sys.stderr)"
    done = run_process([sys.executable, "-c", code], env={}, stdin="é\r\n" * 300_000, timeout=60)
    assert done.stdout == done.stderr == "é\n" * 300_000 + "\n"


def test_input_that_nobody_reads_is_dropped() -> None:
    assert run_process([sys.executable, "-c", "pass"], env={}, stdin="x" * 3_000_000, timeout=60).rc == 0
