# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import json
import os
import pathlib
import platform
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import probe
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Unheard, run_process
from ansible_collections.netdevops.python.tests.unit.support.hosts import base_interpreter

SAID: dict[str, Any] = {
    "version": "3.11.7",
    "implementation": "cpython",
    "cache_tag": "cpython-311",
    "free_threaded": False,
    "arch": "x86_64",
    "bits": 64,
    "libc": "glibc",
    "libc_version": "2.36",
    "prefix": "/opt/python",
    "base_prefix": "/opt/python",
    "broken": {},
    "libpython": [],
    "config_args": "",
}


class Saying:
    def __init__(self, stdout: str, rc: int = 0, stderr: str = "") -> None:
        self.answer = Completed((), rc, stdout, stderr)
        self.argv: Sequence[str] = ()

    def __call__(self, argv: Sequence[str], **options: Any) -> Completed:
        self.argv, self.options = argv, options
        return self.answer


@pytest.fixture
def python(tmp_path: pathlib.Path) -> str:
    (tmp_path / "python3").write_text("")
    return str(tmp_path / "python3")


def test_the_real_interpreter_tells_the_truth() -> None:
    path = base_interpreter()
    found = probe(run_process, path, ["json", "no_such_module"])
    assert found.path == path
    assert found.version == platform.python_version()
    assert found.target.python == sys.version_info[:2]
    assert found.target.arch == platform.machine()
    assert found.cache_tag == sys.implementation.cache_tag
    assert os.path.realpath(found.prefix) == os.path.realpath(found.base_prefix) == os.path.realpath(sys.base_prefix)
    assert list(found.broken) == ["no_such_module"]
    assert found.broken["no_such_module"].startswith("ModuleNotFoundError: ")


def test_a_hostile_environment_does_not_reach_it(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    (tmp_path / "platform.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    assert probe(run_process, base_interpreter()).version == platform.python_version()


def test_it_is_asked_in_isolation_and_not_for_ever(python: str) -> None:
    run = Saying(json.dumps(SAID))
    found = probe(run, python, ["ssl"])
    assert run.argv[:4] == [python, "-I", "-S", "-c"] and run.argv[5:] == ["ssl"]
    assert run.options["timeout"] == 30
    assert found.target.name == "cp311-manylinux_2_36_x86_64"


def test_threads_without_a_lock_are_another_abi(python: str) -> None:
    found = probe(Saying(json.dumps({**SAID, "version": "3.13.0", "free_threaded": True})), python)
    assert found.target.abi == "cp313t"


def test_musl_is_another_kind(python: str) -> None:
    found = probe(Saying(json.dumps({**SAID, "libc": "musl", "libc_version": "1.2", "version": "3.14.0rc1"})), python)
    assert found.target.name == "cp314-musllinux_1_2_x86_64"


def test_a_name_on_path_is_refused() -> None:
    with pytest.raises(Refused, match="expected an absolute path to an interpreter"):
        probe(Saying(""), "python3")


def test_a_missing_one_says_how_to_get_it(tmp_path: pathlib.Path) -> None:
    with pytest.raises(
        Refused, match=r"expected an interpreter, found nothing. Install it first \(netdevops.python.pyenv_install\)"
    ):
        probe(Saying(""), str(tmp_path / "python3"))


def test_silence_is_no_answer(python: str) -> None:
    def hangs(argv: Sequence[str], **options: Any) -> Completed:
        raise Unheard([Problem(argv[0], "did not end within 30 seconds and was stopped.")])

    says = rf"{python}: could not be asked what it is: it did not end within 30 seconds and was stopped\. Run it again"
    with pytest.raises(Unheard, match=says):
        probe(hangs, python)
    with pytest.raises(Unheard, match=r"could not be asked what it is: it was killed by signal 9\."):
        probe(Saying("", -9), python)


def test_a_disk_that_fails_is_no_missing_interpreter(python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", fails)
        with pytest.raises(Unheard, match="could not be asked what it is: it cannot be looked at: Input/output error"):
            probe(Saying(""), python)


@pytest.mark.parametrize("stdout", ["", "pyenv: version not found", "{", "3", "[]", "null", "{}"])
def test_one_that_does_not_work_shows_its_last_words(python: str, stdout: str) -> None:
    with pytest.raises(Refused, match=r"is there and does not work \(exit 127\): pyenv: no such version"):
        probe(Saying(stdout, 127, "pyenv: no such version\n"), python)


def test_one_that_says_nothing_is_told_from_one_that_does(python: str) -> None:
    with pytest.raises(Refused, match="it said nothing"):
        probe(Saying("", 1), python)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"implementation": "pypy"}, "expected a 64-bit CPython, found 64-bit pypy"),
        ({"bits": 32}, "expected a 64-bit CPython, found 32-bit cpython"),
        ({"libc": "musl", "libc_version": ""}, "neither glibc nor musl"),
    ],
)
def test_other_kinds_are_refused(python: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        probe(Saying(json.dumps({**SAID, **change})), python)


def test_a_file_that_is_no_program_is_refused(python: str) -> None:
    with pytest.raises(Refused, match="cannot be started"):
        probe(run_process, python)


def test_modules_that_import_without_their_half_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    halves = "import sys, hashlib; sys.modules['_uuid'] = None; hashlib.sha256 = lambda data: 1 / 0\n"

    def run(argv: Sequence[str], **options: Any) -> Completed:
        return run_process([halves + word if "import importlib" in word else word for word in argv], **options)

    assert probe(run_process, base_interpreter(), ["hashlib", "uuid"]).broken == {}
    found = probe(run, base_interpreter(), ["hashlib", "uuid", "json"])
    assert sorted(found.broken) == ["hashlib", "uuid"]


def test_which_libpython_runs_is_asked_of_the_process() -> None:
    found = probe(run_process, base_interpreter())
    shared = "--enable-shared" in found.config_args
    assert bool(found.libpython) == shared
    assert all(os.path.basename(path).startswith("libpython3") for path in found.libpython)


def test_root_may_have_it_run_by_its_owner(python: str) -> None:
    said = Saying(json.dumps(SAID))
    probe(said, python, user=(1000, 1000))
    assert said.options["user"] == (1000, 1000)
