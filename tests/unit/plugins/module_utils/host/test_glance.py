# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A glance says what the whole run would say, or nothing at all."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host import walk
from ansible_collections.netdevops.python.plugins.module_utils.host.glance import glance
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot


class Stand:
    """A host with an environment of two releases, of which one is held, and with two commands.

    Attributes:
        asked: What an environment that is left alone is asked for.
    """

    def __init__(self, host: Host, folder: pathlib.Path) -> None:
        self.host, self.folder = host, folder
        self.asked: dict[str, Any] = {"commands": ["spam", "eggs"], "commands_path": str(folder)}
        self.bundle("1.0")
        self.asked["hold"] = [self.install()["release"][:5]]
        self.bundle("2.0")
        self.install()

    def bundle(self, version: str) -> None:
        files = {"spam/__init__.py": f"VERSION = {version!r}\ndef main(): ...\n".encode()}
        scripts = "[console_scripts]\nspam = spam:main\neggs = spam:main\n"
        manifest = self.host.seal(self.host.wheel(version=version, files=files, entry_points=scripts))
        self.asked["source"] = f"bundle:{manifest.id}"

    def install(self, **changes: Any) -> dict[str, Any]:
        return self.host.converge(**{**self.asked, **changes, "source": None})

    def glance(self, **changes: Any) -> dict[str, Any] | None:
        params = self.host.params(**{**self.asked, "remote_src": False, **changes})
        return glance(params, params["source"], params.get("pin") or "")

    def whole(self, check: bool, **changes: Any) -> dict[str, Any]:
        return self.host.converge(check, **{**self.asked, "remote_src": False, **changes})

    def turn(self, target: str) -> None:
        self.host.venv.unlink()
        self.host.venv.symlink_to(target)

    def go_back(self) -> None:
        names = {name for name in os.listdir(self.host.releases) if not name.startswith(".")}
        [other] = names - {self.host.release.name}
        self.turn(f".venv.releases/{other}")


@pytest.fixture
def stand(host: Host, monkeypatch: pytest.MonkeyPatch) -> Stand:
    # Above the folders of a test is that of its user, and a group may write there.
    monkeypatch.setattr(ground, "steps", lambda path: iter([path]))
    folder = host.root / "usr/local/bin"
    folder.mkdir(parents=True)
    return Stand(host, folder)


SETTLED: dict[str, dict[str, Any]] = {
    "as it was installed": {},
    "of the receipt alone": {"verify": "receipt"},
    "nothing said of others": {"hold": None, "commands": None},
    "just as many as are kept": {"keep": 2},
    "releases of some days stay": {"keep_days": 7},
    "a day for what is not there": {"legacy_until": "2027-01-31"},
    "a list that nobody answered": {"groups": [""], "commands": [""]},
    "who and why": {"by": {"login": "eve"}, "reason": "change 7", "history": "/nowhere/history"},
    "signers of what is not fetched": {"allowed_signers": "/nowhere/signers"},
}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("changes", SETTLED.values(), ids=SETTLED)
def test_a_settled_environment_gets_the_answer_of_the_whole_run(
    stand: Stand, changes: dict[str, Any], check: bool
) -> None:
    before = snapshot(stand.host.root)
    answer = stand.glance(**changes)
    assert snapshot(stand.host.root) == before
    assert answer is not None and answer == stand.whole(check, **changes)
    assert json.loads(json.dumps(answer)) == answer and answer["changed"] is False


ASKED: dict[str, dict[str, Any]] = {
    "another source": {"source": f"bundle:{'0' * 64}"},
    "another interpreter": {"python": "/usr/bin/python3"},
    "other groups": {"groups": ["dev"]},
    "other proofs": {"prove": {"imports": ["spam"]}},
    "another mode": {"mode": "0750"},
    "another owner": {"owner": "nobody"},
    "with bytecode": {"compile": True},
    "nothing held": {"hold": []},
    "held, and not there": {"hold": ["no-such-release"]},
    "a command less": {"commands": ["spam"]},
    "a command that it lacks": {"commands": ["spam", "eggs", "ham"]},
    "no commands": {"commands": []},
    "commands elsewhere": {"commands_path": "/nowhere"},
    "no name of a command": {"commands": ["../spam"]},
    "a day that is none": {"legacy_until": "soon"},
    "a mode that is none": {"mode": "0777"},
    "a path that is none": {"venv": "spam"},
    "another environment": {"venv": "/nowhere/app/.venv"},
    "no pin": {"interpreter_root": "/opt/pyenv"},
    "a number that is none": {"keep": 0},
}


@pytest.mark.parametrize("changes", ASKED.values(), ids=ASKED)
def test_where_anything_else_is_asked_it_says_nothing(stand: Stand, changes: dict[str, Any]) -> None:
    before = snapshot(stand.host.root)
    assert stand.glance(**changes) is None
    assert snapshot(stand.host.root) == before
    try:
        answer = stand.whole(True, **changes)
    except Refused:
        return
    assert answer["changed"] or "needs" in answer


def _write(path: pathlib.Path, text: str = "x") -> None:
    path.write_text(text)


FOUND: dict[str, Callable[[Stand], Any]] = {
    "an edited file": lambda s: _write(s.host.site / "spam/__init__.py"),
    "an added file": lambda s: _write(s.host.site / "new.py"),
    "a deleted file": lambda s: (s.host.site / "spam/__init__.py").unlink(),
    "an edited receipt": lambda s: _write(s.host.release / "receipt.json"),
    "a replaced interpreter": lambda s: _write(s.host.python),
    "no interpreter": lambda s: s.host.python.unlink(),
    "no link": lambda s: s.host.venv.unlink(),
    "a link elsewhere": lambda s: s.turn("/usr"),
    "the other release": lambda s: s.go_back(),
    "no release": lambda s: shutil.rmtree(s.host.release),
    "an ordinary folder": lambda s: (s.host.venv.unlink(), s.host.venv.mkdir()),
    "half a release": lambda s: (s.host.releases / "0123456789abcdef").mkdir(),
    "a file of an interrupted run": lambda s: _write(s.host.releases / ".tmp-1"),
    "no held release": lambda s: (s.host.releases / ".held").unlink(),
    "no launcher": lambda s: (s.folder / "spam").unlink(),
    "an edited launcher": lambda s: _write(s.folder / "spam", (s.folder / "spam").read_text() + "#"),
    "a foreign command": lambda s: ((s.folder / "spam").unlink(), _write(s.folder / "spam")),
    "no record of launchers": lambda s: (s.host.releases / ".commands").unlink(),
}


@pytest.mark.parametrize("plant", FOUND.values(), ids=FOUND)
def test_where_anything_else_is_found_it_says_nothing(stand: Stand, plant: Callable[[Stand], Any]) -> None:
    plant(stand)
    before = snapshot(stand.host.root)
    assert stand.glance() is None
    assert snapshot(stand.host.root) == before
    try:
        answer = stand.whole(True)
    except Refused:
        return
    assert answer["changed"] or "needs" in answer


def test_a_program_that_is_gone_and_its_launcher_is_not(stand: Stand) -> None:
    """Of a look at the receipt alone, that is all that is seen."""
    (stand.host.release / "bin/spam").unlink()
    assert stand.glance(verify="receipt") is None
    with pytest.raises(Refused, match="has no such command"):
        stand.whole(True, verify="receipt")


def test_an_interpreter_that_is_gone_is_seen_without_a_look_at_files(stand: Stand) -> None:
    stand.host.python.unlink()
    assert stand.glance(verify="receipt") is None


def test_what_takes_more_than_a_glance_is_left_to_the_whole_run(stand: Stand) -> None:
    assert stand.glance(verify="content") is None
    assert stand.whole(False, verify="content")["changed"] is False
    assert stand.glance(keep=1) is None
    assert list(stand.whole(True, keep=1)["spared"].values()) == ["a rollback goes back to it"]
    os.utime(stand.host.site / "spam/__init__.py")  # It has to be read.
    assert stand.glance() is None
    assert stand.whole(False)["changed"] is False
    assert stand.glance() is not None


@pytest.mark.parametrize("until", [None, "2999-12-31"])
def test_what_is_kept_is_told_and_what_is_due_is_not(stand: Stand, until: str | None) -> None:
    stand.host.venv.unlink()
    stand.host.venv.mkdir()
    kept = stand.install()["kept"]
    answer = stand.glance(legacy_until=until)
    assert answer is not None and answer == stand.whole(True, legacy_until=until)
    assert (answer["kept"], answer["kept_until"]) == (kept, until or "")
    assert stand.glance(legacy_until="2000-01-01") is None
    assert stand.whole(True, legacy_until="2000-01-01")["changed"] is True
    os.rmdir(kept)
    for day in (until, "2000-01-01"):
        answer = stand.glance(legacy_until=day)
        assert answer is not None and "kept" not in answer and answer == stand.whole(True, legacy_until=day)


def test_an_error_of_the_system_is_left_to_the_whole_run(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(release: str, interpreter: str) -> None:
        raise PermissionError(13, "Permission denied", release)

    monkeypatch.setattr(walk, "walk", fail)
    assert stand.glance() is None
    with pytest.raises(Refused, match="Permission denied"):
        stand.whole(False)


def test_files_are_looked_at_last(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(release: str, interpreter: str) -> None:
        raise AssertionError("it looked at each file for nothing")

    monkeypatch.setattr(walk, "walk", fail)
    for changes in ASKED.values():
        assert stand.glance(**changes) is None
    assert stand.glance(verify="receipt") is not None


def test_the_interpreter_of_the_pin_is_known_by_its_place(stand: Stand) -> None:
    python = stand.host.root / "pyenv/versions/3.11.7/bin/python"
    python.parent.mkdir(parents=True)
    stand.host.python.rename(python)
    root = {"python": None, "interpreter_root": str(stand.host.root / "pyenv"), "pin": "3.11.7"}
    assert stand.glance(**root) is None
    stand.install(python=str(python))
    assert stand.glance(**root) == stand.whole(False, **root)
    assert stand.glance(**{**root, "pin": "3.11.8"}) is None
