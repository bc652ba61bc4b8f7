# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: a piece of work is killed, or denied its disk, where the test says. What came of each trial is counted.

The work runs in a fork of this very process, to which strace attaches before it begins. So the first system call that counts is
the first one of the work, and a trial takes a tenth of the time that a new Python takes to start.
"""

from __future__ import annotations

import collections
import json
import mmap
import os
import pathlib
import pickle
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

FULL = bool(os.environ.get("NETDEVOPS_FULL"))
SEED = int(os.environ.get("NETDEVOPS_SEED") or 2026)
# Where the gate adds up what all tests counted.
TRIALS_FILE = os.environ.get("NETDEVOPS_TRIALS", "")
LANES = 2

# Whatever changes the disk: a death between any two of them is a death at one of them. A file that is made is written to next.
STEPS = (
    "write,pwrite64,sendfile,copy_file_range,ftruncate,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,"
    "linkat,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utimensat,fsync,fdatasync,syncfs,flock"
)
# Of these, what takes room, or tells that there was none.
TAKES_ROOM = (
    "write,pwrite64,sendfile,copy_file_range,ftruncate,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,"
    "fsync,fdatasync,syncfs"
)
DONE, REFUSED, CRASHED = 0, 3, 4
KILLED = -signal.SIGKILL
TRIAL_SECONDS = 30
ROOM_FOR_WORDS = 1 << 16
_CALL = re.compile(r"[a-z0-9_]+(?=\()")


class Trial(NamedTuple):
    """What came of one fault.

    Attributes:
        work: What was at work, such as ``upgrade``.
        fault: What happened to it, such as ``killed at a step``.
        met: What was found afterwards: ``old``, ``new`` or ``absent``.
        wrong: All that should not be, a line each; a trial without any is no failure.
    """

    work: str
    fault: str
    met: str
    wrong: tuple[str, ...] = ()


class End(NamedTuple):
    """How a piece of work ended: its exit code (a signal is negative), and what it said."""

    code: int
    said: str


class Step(NamedTuple):
    """A system call of a piece of work, such as its third ``rename``: strace counts each call for itself."""

    call: str
    count: int


class Child:
    """A piece of work in a fork of this process. It waits to be told to begin."""

    def __init__(self, work: Callable[[], object]) -> None:
        # Shared memory: a pipe or a file would be one more thing that a fault can meet.
        self._words = mmap.mmap(-1, ROOM_FOR_WORDS)
        waiting, self._go = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._go)
            self._work(work, waiting)
        os.close(waiting)

    def _work(self, work: Callable[[], object], waiting: int) -> None:
        code = CRASHED
        try:
            os.setpgid(0, 0)
            os.read(waiting, 1)
            work()
            code = DONE
        except Refused as refused:
            code = REFUSED
            self._say(str(refused))
        except BaseException:  # noqa: BLE001 - it is told, and the process ends
            self._say(traceback.format_exc())
        finally:
            os._exit(code)

    def _say(self, text: str) -> None:
        data = text.encode("utf-8", "replace")[: ROOM_FOR_WORDS - 1]
        self._words[: len(data)] = data

    def begin(self) -> None:
        """Let it work."""
        os.write(self._go, b"x")
        os.close(self._go)

    def end(self) -> End:
        """Wait for its end."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        said = self._words[:].rstrip(b"\0").decode("utf-8", "replace")
        self._words.close()
        return End(code, said)


def run_to_the_end(work: Callable[[], object]) -> float:
    """Do the work, which must not fail, and return how many seconds it took."""
    child = Child(work)
    begun = time.monotonic()
    child.begin()
    end = child.end()
    assert end.code == DONE, end.said
    return time.monotonic() - begun


def kill_after(work: Callable[[], object], seconds: float) -> End:
    """Begin the work and kill it at that moment, if it is still at work."""
    child = Child(work)
    child.begin()
    time.sleep(seconds)
    # Not its children: who started them is gone, and they go on until they see that.
    os.kill(child.pid, signal.SIGKILL)
    return child.end()


def steps_of(work: Callable[[], object], calls: str) -> list[Step]:
    """Do the work, which must not fail, and return the steps that it took, in their order."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as log:
        end = _traced(work, ["-o", log.name, "-e", f"trace={calls}"])
        assert end.code == DONE, end.said
        names = [match.group() for match in map(_CALL.match, log) if match]
    return [Step(name, names[: place + 1].count(name)) for place, name in enumerate(names)]


def share_of(steps: Sequence[Step], number: int, stride: int) -> Sequence[Step]:
    """Return the steps that a lane tries: each one in turn where all are asked for, and some of a short work too."""
    stride = 1 if FULL else max(1, min(stride, len(steps) // 10))
    return steps[number * stride :: LANES * stride]


def inject(work: Callable[[], object], step: Step, what: str) -> End:
    """Do the work while strace does something to a step of it, such as ``signal=SIGKILL`` or ``error=ENOSPC``."""
    words = ["-e", f"trace={step.call}", "-e", f"inject={step.call}:{what}:when={step.count}"]
    return _traced(work, ["-o", "/dev/null", *words])


def _traced(work: Callable[[], object], words: Sequence[str]) -> End:
    child = Child(work)
    # Not -f: whom the work starts sees its pipes close.
    tracer = subprocess.Popen(["strace", "-q", *words, "-p", str(child.pid)], stderr=subprocess.PIPE, text=True)
    while _tracer_of(child.pid) == 0:
        assert tracer.poll() is None, tracer.stderr.read() if tracer.stderr else ""
        time.sleep(0.001)
    child.begin()
    end = child.end()
    tracer.communicate(timeout=30)
    return end


def _tracer_of(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    return 0


def in_lanes(folder: pathlib.Path, lane: Callable[[int, pathlib.Path], Iterable[Trial]]) -> list[Trial]:
    """Run ``lane(number, folder of its own)`` for each processor at once, and return the trials of all."""
    started = []
    for number in range(LANES):
        own = folder / f"lane-{number}"
        own.mkdir(parents=True)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _in_lane(number, own, lane)
        started.append((pid, own))
    codes = [os.waitpid(pid, 0)[1] for pid, _own in started]
    trials: list[Trial] = []
    for (_pid, own), code in zip(started, codes):
        found = pickle.loads((own / "trials").read_bytes()) if (own / "trials").exists() else f"died: {code}"
        assert isinstance(found, list), found
        trials += found
    return trials


def _in_lane(number: int, own: pathlib.Path, lane: Callable[[int, pathlib.Path], Iterable[Trial]]) -> None:
    found: list[Trial] | str = []
    try:
        signal.signal(signal.SIGALRM, _too_long)
        found = []
        signal.alarm(TRIAL_SECONDS)
        for trial in lane(number, own):
            found.append(trial)
            signal.alarm(TRIAL_SECONDS)
        signal.alarm(0)
    except BaseException:  # noqa: BLE001 - it is told, and the process ends
        found = traceback.format_exc()
    finally:
        (own / "trials").write_bytes(pickle.dumps(found))
        os._exit(0)


def _too_long(_number: int, _frame: object) -> None:
    raise TimeoutError(f"a trial took more than {TRIAL_SECONDS} seconds")


def moments(number: int) -> Iterator[float]:
    """Yield parts of a whole for a lane, the same ones for the same seed."""
    numbers = random.Random(f"{SEED}-{number}")
    while True:
        yield numbers.uniform(0.0, 1.05)


def judge(trials: Sequence[Trial]) -> None:
    """Count the trials, print what came of them, and fail for each that went wrong."""
    assert trials, "nothing was tried"
    if TRIALS_FILE:
        with open(TRIALS_FILE, "a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(trial._replace(wrong=bool(trial.wrong))) + "\n" for trial in trials)  # type: ignore[arg-type]
    print("\n".join(table(trials)))
    wrong = [f"{trial.work}, {trial.fault}, {trial.met}: {line}" for trial in trials for line in trial.wrong[:3]]
    assert not wrong, "\n".join(wrong[:40])


def table(trials: Iterable[Trial]) -> list[str]:
    """Return a line for each kind of fault: how many trials, how many failures, and what was met."""
    kinds: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        kinds.setdefault((trial.work, trial.fault), []).append(trial)
    lines = [f"{'work':<12} {'fault':<34} {'trials':>6} {'failures':>8}  met"]
    for (work, fault), some in kinds.items():
        met = ", ".join(f"{what} {count}" for what, count in sorted(collections.Counter(t.met for t in some).items()))
        lines.append(f"{work:<12} {fault:<34} {len(some):>6} {_failures(some):>8}  {met}")
    every = [trial for some in kinds.values() for trial in some]
    return [*lines, f"{'together':<12} {'seed ' + str(SEED):<34} {len(every):>6} {_failures(every):>8}"]


def _failures(trials: Iterable[Trial]) -> int:
    return sum(bool(trial.wrong) for trial in trials)


def main(path: str) -> int:
    """Print the table of a file that tests wrote, and say whether there were failures."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    trials = [
        Trial(work, fault, met, ("failed",) if wrong else ()) for work, fault, met, wrong in map(json.loads, lines)
    ]
    print("\n".join(table(trials)))
    return bool(_failures(trials)) or not trials


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
