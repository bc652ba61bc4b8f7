# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.proof import Proofs, parse_proofs
from ansible_collections.netdevops.python.plugins.module_utils.host.proving import prove
from ansible_collections.netdevops.python.plugins.module_utils.host.release import open_umask


class Release:
    """The folder of a release whose python is the one that runs these tests."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root / "r1"
        (self.root / "bin").mkdir(parents=True)
        (self.root / "bin" / "python").symlink_to(sys.executable)
        (self.root / "pyvenv.cfg").write_text(
            f"home = {pathlib.Path(sys.executable).parent}\ninclude-system-site-packages = false\n"
        )

    def command(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)

    def prove(self, imports: Any = (), commands: Any = (), timeout: float = 20, run: Any = run_process) -> None:
        prove(run, str(self.root), parse_proofs({"imports": imports, "commands": commands}), timeout, "/home/x")


@pytest.fixture
def release(tmp_path: pathlib.Path) -> Release:
    return Release(tmp_path)


def refusal(release: Release, **options: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        release.prove(**options)
    assert all("The environment still is what it was" in problem.next_step for problem in caught.value.problems)
    return [f"{problem.subject}: {problem.message}" for problem in caught.value.problems]


def test_what_works_is_proven(release: Release) -> None:
    release.command("tool", 'test "$1" = "a b"\n')
    release.prove(["json", "email.message"], ["tool 'a b'", ["tool", "a b"], "/bin/true"])


def test_without_any_proof_the_interpreter_must_start(release: Release) -> None:
    release.prove()
    (release.root / "bin" / "python").unlink()
    release.command("python", "echo broken >&2; exit 3\n")
    assert refusal(release) == [f"{release.root}/bin/python: does not work in the new release (exit 3): broken."]


def test_an_interpreter_of_another_place_is_no_proof(release: Release) -> None:
    release.command("other", "")
    (release.root / "bin" / "python").unlink()
    release.command("python", f'exec {sys.executable} "$@"\n')
    (found,) = refusal(release)
    assert f"expected to run in {release.root}, it runs in " in found


def test_every_proof_that_fails_is_named_with_what_it_said(release: Release) -> None:
    release.command("bad", "echo no route to host >&2; exit 4\n")
    release.command("killed", "kill -9 $$\n")
    found = refusal(
        release,
        imports=["json", "no_such", "antigravity.x"],
        commands=["bad 'x y'", "killed", "missing --help", "/bin/false", "/no/such"],
    )
    assert found[0] == "import no_such: failed in the new release: ModuleNotFoundError: No module named 'no_such'."
    assert found[1].startswith("import antigravity.x: failed")
    assert found[2] == "bad 'x y': failed in the new release (exit 4): no route to host."
    assert found[3] == "killed: failed in the new release (signal 9): it said nothing."
    assert found[4] == "missing --help: the new release has no such command."
    assert found[5] == "/bin/false: failed in the new release (exit 1): it said nothing."
    assert found[6] == "/no/such: the new release has no such command."
    assert len(found) == 7


def test_a_module_that_leaves_or_talks_is_no_trouble(release: Release, tmp_path: pathlib.Path) -> None:
    site = release.root / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    site.mkdir(parents=True)
    (site / "leaves.py").write_text("raise SystemExit('bye')")
    (site / "talks.py").write_text("print('hello', end='')")
    assert refusal(release, imports=["leaves", "talks"]) == [
        "import leaves: failed in the new release: SystemExit: bye."
    ]
    assert not (site / "__pycache__").exists()


def test_commands_run_in_the_release_at_the_root_and_without_bytecode(
    release: Release, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("PIP_INDEX_URL", "http://evil")
    release.command("tool", f"env > {tmp_path}/env; pwd >> {tmp_path}/env\n")
    release.prove(commands=["tool"])
    lines = (tmp_path / "env").read_text().splitlines()
    assert lines[-1] == "/"
    assert f"VIRTUAL_ENV={release.root}" in lines and "HOME=/home/x" in lines and "PYTHONDONTWRITEBYTECODE=1" in lines
    assert next(line for line in lines if line.startswith("PATH=")).startswith(f"PATH={release.root}/bin:")
    assert not [line for line in lines if "evil" in line]


def test_what_a_proof_leaves_elsewhere_only_its_user_changes(release: Release, tmp_path: pathlib.Path) -> None:
    release.command("tool", f"mkdir {tmp_path}/cache; touch {tmp_path}/cache/file\n")
    with open_umask():  # as everything is that is done under the lock
        release.prove(commands=["tool"])
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("cache", "cache/file")] == [0o755, 0o644]


def test_a_command_that_hangs_is_stopped(release: Release) -> None:
    release.command("hangs", "sleep 300\n")
    with pytest.raises(Refused, match=r"bin/hangs: did not end within 0\.3 seconds"):
        release.prove(commands=["hangs"], timeout=0.3)


@pytest.mark.parametrize("stdout", ["", "x", "\n7", "\nnull", "\n{}", "\n[]"])
def test_an_answer_that_is_none_is_told(release: Release, stdout: str) -> None:
    def run(argv: Any, **options: Any) -> Completed:
        return Completed(tuple(argv), 0, stdout, "")

    (found,) = refusal(release, run=run)
    assert "does not work in the new release (exit 0)" in found


def test_a_release_that_is_reached_through_a_link_is_itself(release: Release, tmp_path: pathlib.Path) -> None:
    def run(argv: Any, **options: Any) -> Completed:
        return Completed(tuple(argv), 0, "\n" + json.dumps({"prefix": str(tmp_path / "link"), "failed": {}}), "")

    (tmp_path / "link").symlink_to("r1")
    release.prove(run=run)


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (None, Proofs()),
        ({}, Proofs()),
        ({"imports": None, "commands": None}, Proofs()),
        ({"imports": ["a", "b"]}, Proofs(("a", "b"))),
        ({"commands": ["a 'b c'", ["d", 7]]}, Proofs((), (("a", "b c"), ("d", "7")))),
    ],
)
def test_proofs_have_one_form(option: Any, expected: Proofs) -> None:
    assert parse_proofs(option) == expected


@pytest.mark.parametrize("command", ["", "  ", []])
def test_a_command_that_is_none_is_refused(command: Any) -> None:
    with pytest.raises(Refused, match=r"prove\.commands"):
        parse_proofs({"commands": [command]})


@pytest.mark.parametrize("command", ["a 'b", 'a "', "a \\", 7, {"a": 1}, None])
def test_a_command_that_is_malformed_is_refused(command: Any) -> None:
    with pytest.raises(Refused, match=r"prove\.commands"):
        parse_proofs({"commands": [command]})
