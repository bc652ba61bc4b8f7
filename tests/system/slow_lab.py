# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CPython that "compiles" object by object, and a run of Ansible that is looked at while it goes on."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.progress import expected_objects
from ansible_collections.netdevops.python.tests.system.playing import Task, read_results, start
from ansible_collections.netdevops.python.tests.system.pyenv_lab import FEATURE, PACKAGE, VERSION, Lab

OBJECTS = 12
# It holds where a file of that name stands in the folder of switches, and says there who waits.
HOLD = "if test -e SWITCHES/{0}; then echo $$ > SWITCHES/pid; while test -e SWITCHES/{0}; do sleep 0.1; done; fi"

CONFIGURE = f"""#!/bin/sh
for word; do case $word in --prefix=*) prefix=${{word#--prefix=}} ;; esac; done
echo "checking build system type... none"
{HOLD.format("configure")}
sed "s:@PREFIX@:$prefix:g" Makefile.in > Makefile
echo "configure: creating Makefile"
"""
# What it says is what CPython's says; the names of the objects are in it before one is compiled.
MAKEFILE = """all: build_all
build_all: OBJECTS
OBJECTS:
\t: gcc -c -o $@ x.c
\t@mkdir -p $(dir $@) && touch $@ && sleep 0.1
\t@case $@ in *07.o) HOLD_compile ;; esac
install:
\techo "Creating directory @PREFIX@/bin"
\tmkdir -p @PREFIX@/bin @PREFIX@/lib
\t@HOLD_install
\tcp SEED/bin/pythonFEATURE @PREFIX@/bin/
\tcp -R SEED/lib/. @PREFIX@/lib/
\tln -s BASE/lib/pythonFEATURE @PREFIX@/lib/pythonFEATURE
"""


class SlowLab(Lab):
    """Its build holds in the stages that a test names, until it lets go."""

    def _archive(self, mode: str) -> pathlib.Path:
        path = self.archives / f"{PACKAGE}.{'tar.xz' if mode == 'xz' else 'tgz'}"
        with tarfile.open(path, f"w:{mode}") as archive:
            for name, text in (("configure", CONFIGURE), ("Makefile.in", self.makefile())):
                data = text.replace("SWITCHES", str(self.switches)).encode()
                member = tarfile.TarInfo(f"{PACKAGE}/{name}")
                member.size, member.mode = len(data), 0o755
                archive.addfile(member, io.BytesIO(data))
        return path

    def makefile(self) -> str:
        """Return the Makefile before configure fills in the prefix."""
        text = MAKEFILE.replace("OBJECTS", " ".join(f"Objects/{number:02}.o" for number in range(1, OBJECTS + 1)))
        for stage in ("compile", "install"):
            text = text.replace(f"HOLD_{stage}", HOLD.format(stage).replace("$$", "$$$$"))
        words = {"SEED": str(self.seed), "BASE": sys.base_prefix, "FEATURE": FEATURE}
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    @property
    def total(self) -> int:
        """How many objects it is expected to have: more than it has, where setup.py is expected."""
        return expected_objects(self.makefile(), VERSION)

    def hold(self, *stages: str) -> None:
        """Let the build stop in these stages."""
        for stage in stages:
            (self.switches / stage).touch()

    def let_go(self, *stages: str) -> None:
        """Let it go on."""
        for stage in stages or ("configure", "compile", "install"):
            with contextlib.suppress(FileNotFoundError):
                (self.switches / stage).unlink()

    def task(self, **options: Any) -> dict[str, Any]:
        """Return the task that builds it; its lease is so short that it is asked about every two seconds."""
        asked = {"version": VERSION, "root": str(self.root), "pyenv": str(self.pyenv), "cache": str(self.cache)}
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "CC": "cc", "TOKEN": "s3cret"}
        arguments = {**asked, "allow_container": True, "jobs": 1, "lease": 20, **options}
        return {"netdevops.python.pyenv_install": arguments, "environment": environment}

    def is_building(self) -> bool:
        """Whether the process that holds is there."""
        recorded = self.switches / "pid"
        if not recorded.exists() or not recorded.read_text().strip():
            return False
        try:
            words = pathlib.Path(f"/proc/{recorded.read_text().strip()}/cmdline").read_bytes()
        except OSError:
            return False
        return str(self.switches).encode() in words


class Running:
    """A run of ansible-playbook, and what it said so far."""

    def __init__(self, process: subprocess.Popen[str], folder: str) -> None:
        self.process, self._folder = process, folder
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        """What it said so far."""
        return "\n".join(self.lines)

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Wait until it says so while it still runs."""
        until(lambda: text in self.text or self.process.poll() is not None, seconds, lambda: self.text)
        assert self.process.poll() is None, f"it ended before it said {text!r}:\n{self.text}"

    def results(self) -> dict[str, list[dict[str, Any]]]:
        """Wait for its end and return what its tasks said, by host."""
        self.process.wait(timeout=120)
        self._reader.join(timeout=10)
        return read_results(self._folder)

    def result(self) -> dict[str, Any]:
        """Wait for its end and return what the one task on the one host said."""
        [results] = list(self.results().values())
        assert len(results) == 1, f"{len(results)} results:\n{self.text}"
        return results[0]

    def kill(self) -> None:
        """End it as a cancelled job ends: all of it, and nothing of it can tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        # A worker of a killed run holds the pipe until it sees that it is alone.
        self._reader.join(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()


@contextlib.contextmanager
def running(
    tasks: list[Task], folder: pathlib.Path, env: Mapping[str, str] | None = None, **keywords: Any
) -> Iterator[Running]:
    """Run tasks while the caller looks on; what still runs at the end is killed."""
    folder.mkdir(exist_ok=True)
    # Into a pipe, Ansible writes what it says in blocks; on a terminal, by the line.
    run = Running(start(tasks, str(folder), env={"PYTHONUNBUFFERED": "1", **(env or {})}, **keywords), str(folder))
    try:
        yield run
    finally:
        run.kill()


def until(happened: Callable[[], bool], seconds: float = 30, why: Callable[[], str] = lambda: "") -> None:
    """Wait until something happened."""
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, f"it did not happen in {seconds} s: {why()}"
        time.sleep(0.05)
