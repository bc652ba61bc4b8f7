# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bad disk, or somebody, makes of files: whatever is done next ends with one release, whole, or says why not."""

from __future__ import annotations

import os
import pathlib
import random
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.tests.system import direct
from ansible_collections.netdevops.python.tests.system.faults import (
    CRASHED,
    FULL,
    LANES,
    SEED,
    Child,
    Trial,
    in_lanes,
    judge,
)
from ansible_collections.netdevops.python.tests.system.receipts import mismatches
from ansible_collections.netdevops.python.tests.system.stands import ABSENT, Stand

pytestmark = pytest.mark.system

STRIDE = 1 if FULL else 9


def flipped(path: pathlib.Path) -> None:
    data = bytearray(path.read_bytes())
    data[random.Random(f"{SEED}-{path.name}-{len(data)}").randrange(len(data))] ^= 1
    write(path, bytes(data))


def cut_in_half(path: pathlib.Path) -> None:
    data = path.read_bytes()
    write(path, data[: len(data) // 2])


def emptied(path: pathlib.Path) -> None:
    write(path, b"")


def zeroed(path: pathlib.Path) -> None:
    write(path, bytes(path.stat().st_size))


def of_another_kind_of_json(path: pathlib.Path) -> None:
    write(path, b'{"schema": 1, "commands": [], "stack": {}, "left": 3}\n[[[[\n')


def a_folder(path: pathlib.Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("")


def an_empty_folder(path: pathlib.Path) -> None:
    path.unlink()
    path.mkdir()


def a_link(path: pathlib.Path) -> None:
    """Put a link there, to what it was."""
    away = next(folder for folder in path.parents if folder.name.startswith("lane-")) / f"away-{path.name}"
    shutil.move(str(path), str(away))
    path.symlink_to(away)


def a_dangling_link(path: pathlib.Path) -> None:
    path.unlink()
    path.symlink_to("/nonexistent/nowhere")


def a_pipe(path: pathlib.Path) -> None:
    path.unlink()
    os.mkfifo(path)


def gone(path: pathlib.Path) -> None:
    path.unlink()


def write(path: pathlib.Path, data: bytes) -> None:
    """Write as somebody does who takes no care: into the file that is there, for all who have it by a hard link."""
    with open(path, "wb") as stream:
        stream.write(data)


WAYS: tuple[Callable[[pathlib.Path], None], ...] = (
    *(flipped, cut_in_half, emptied, zeroed, of_another_kind_of_json, a_folder, a_link, a_dangling_link, a_pipe, gone),
)
OF_A_LINK = (an_empty_folder, a_dangling_link, gone)
# Without these the environment goes on as it is. What is not among them is part of what runs.
STATE = (".journal", ".commands", ".held", "receipt.json", "receipt.files", "receipt.index")
RUNS = ("link", "pyvenv.cfg", "alpha/__init__.py", "bin/alpha")


class Damaged(Stand):
    """Two releases, of which something is then damaged."""

    name = "damaged"
    keep = 3

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder)
        self.versions = ["1.0", "2.0", "3.0"]

    def prepare(self) -> None:
        """Make them anew."""
        for path in [self.app, *self.folder.glob("away-*")]:
            remove(path)
        if os.path.lexists(self.launcher):
            remove(self.launcher)
        for version in self.versions[:2]:
            self.install(version, compile=False)
        direct.install(self.venv, self.bundle("2.0"), **{**self.asked, "hold": [self.current()]})
        self.old = self.new = "2.0"

    def path(self, what: str) -> pathlib.Path:
        """Return the file that is to be damaged."""
        release = self.releases / self.current()
        site = next(release.glob("lib/python*/site-packages"))
        places = {
            "link": self.venv,
            "alpha/__init__.py": site / "alpha/__init__.py",
            **{name: self.releases / name for name in STATE if name.startswith(".")},
        }
        return places.get(what) or release / what

    @property
    def asked(self) -> dict[str, Any]:
        """Return the options of each installation."""
        exposed = {"commands": ["alpha"], "commands_path": str(self.bin)}
        return {"compile": False, "keep": self.keep, "history": str(self.history), **exposed}

    def nothing(self) -> None:
        """Do nothing about it."""

    def again(self) -> None:
        """Install what is there."""
        self.install("2.0", compile=False)

    def upgrade(self) -> None:
        """Install another version."""
        self.install("3.0", compile=False)

    def rollback(self) -> None:
        """Go back."""
        direct.rollback(self.venv, history=str(self.history))

    def removal(self) -> None:
        """Take all away."""
        self.install("2.0", state="absent")

    def work(self) -> bool:
        """Install what is to be there in the end."""
        return self.install("2.0", compile=False)


DEEDS = (Damaged.nothing, Damaged.again, Damaged.upgrade, Damaged.rollback, Damaged.prune, Damaged.removal)


def remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


@pytest.mark.parametrize("what", [*STATE, *RUNS])
def test_of_an_environment(what: str, tmp_path: pathlib.Path) -> None:
    """Damage one thing in each way, do each thing next, and then what puts it in order."""
    # Of a link there is nothing to flip. Python itself waits for a module that is a pipe.
    ways = OF_A_LINK if what == "link" else WAYS if what in STATE else [way for way in WAYS if way is not a_pipe]
    cases = [(way, deed) for way in ways for deed in DEEDS]

    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        stand = Damaged(folder)
        for way, deed in cases[number * STRIDE :: LANES * STRIDE]:
            stand.prepare()
            way(stand.path(what))
            yield after_damage(stand, what, way.__name__, deed)

    judge(in_lanes(tmp_path, lane))


def after_damage(stand: Damaged, what: str, way: str, deed: Callable[[Damaged], object]) -> Trial:
    fault = f"{what} {way}"
    # What goes on as it is must not notice; the rest is broken until it is put in order.
    wrong = []
    if what in STATE and stand.answer() != "2.0":
        wrong.append(f"it answers {stand.answer()}")
    child = Child(lambda: deed(stand))
    child.begin()
    end = child.end()
    if end.code == CRASHED:
        wrong.append(f"{deed.__name__} crashed: {end.said}")
    found = stand.answer()
    if deed is Damaged.upgrade and (end.code, found) != (0, "3.0"):
        wrong.append(f"it is not upgraded, and answers {found}: {end.said}")
    if what in STATE and found not in ("1.0", "2.0", "3.0", ABSENT):
        wrong.append(f"after {deed.__name__} it answers {found}")
    if deed is Damaged.again and end.code == 0 and found != "2.0":
        wrong.append(f"it was installed again, and answers {found}")
    try:
        stand.work()
        wrong += in_order(stand)
    except Refused as refused:
        wrong.append(f"after {deed.__name__} it does not converge: {refused}")
    return Trial("damaged", what, way, tuple(f"{fault}: {line}" for line in wrong))


def in_order(stand: Damaged) -> list[str]:
    """Return what is wrong with an environment that was just put in order. The release that was damaged stands beside it."""
    wrong = mismatches(stand.venv.resolve())
    if stand.answer() != "2.0":
        wrong.append(f"it answers {stand.answer()} in the end")
    wrong += [
        f"left over: {name}"
        for name in stand.leftovers()
        if not name.startswith(".venv.kept-") and not (stand.releases / name).is_dir()
    ]
    if stand.work():
        wrong.append("a further run changed something")
    return wrong


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    public = path.with_name("key.pub").read_text(encoding="ascii")
    path.with_name("signers").write_text(f"release {public}", encoding="ascii")
    return path


class Signed(Damaged):
    """An environment whose next bundle is signed, and then damaged."""

    key = pathlib.Path()

    def bundle(self, version: str) -> pathlib.Path:
        """Return a bundle that is signed."""
        is_there = (self.folder / "bundles" / version).exists()
        folder = super().bundle(version)
        if not is_there:
            words = ["-q", "-Y", "sign", "-n", "netdevops-bundle", "-f", str(self.key), str(folder / "bundle.json")]
            subprocess.run(["ssh-keygen", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True)
        return folder

    def upgrade(self) -> None:
        """Install another version, if it is signed."""
        self.install("3.0", compile=False, allowed_signers=str(self.key.with_name("signers")))


@pytest.mark.parametrize("what", ["wheel", "bundle.json", "bundle.json.sig"])
def test_of_a_bundle(what: str, key: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A bundle that is damaged is refused, and nothing else has happened; the same one, mended, is installed."""

    def lane(number: int, folder: pathlib.Path) -> Iterator[Trial]:
        stand = Signed(folder)
        stand.key = key
        for first in (False, True):
            stand.versions = ["1.0", "2.0", "3.0"]
            for way in [way for way in WAYS if way is not a_pipe][number::LANES]:
                remove(stand.app) if first else stand.prepare()
                yield of_a_bundle(stand, what, way, ABSENT if first else "2.0")

    judge(in_lanes(tmp_path, lane))


def of_a_bundle(stand: Signed, what: str, way: Callable[[pathlib.Path], None], old: str) -> Trial:
    folder = stand.bundle("3.0")
    way(next(folder.glob("wheels/alpha-*")) if what == "wheel" else folder / what)
    child = Child(stand.upgrade)
    child.begin()
    end = child.end()
    wrong = [f"it crashed: {end.said}"] if end.code == CRASHED else []
    found = stand.answer()
    if found != (old if end.code else "3.0"):
        wrong.append(f"exit {end.code}, and it answers {found}")
    if end.code == 0 and way is not a_link:
        wrong.append("it was taken")
    shutil.rmtree(folder)
    for path in stand.folder.glob("away-*"):
        remove(path)
    stand.upgrade()
    wrong += [*mismatches(stand.venv.resolve())]
    if stand.answer() != "3.0":
        wrong.append(f"mended, it answers {stand.answer()}")
    wrong += [f"left over: {name}" for name in stand.leftovers()]
    said = "refused" if end.code else "taken"
    return Trial(
        "first" if old == ABSENT else "upgrade", f"{what} damaged", said, tuple(f"{way.__name__}: {w}" for w in wrong)
    )
