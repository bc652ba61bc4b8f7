# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle folder is written aside and switched into place."""

from __future__ import annotations

import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import writer
from ansible_collections.netdevops.python.plugins.module_utils.build.writer import (
    copy_checked,
    replace_folder,
    write_file,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused

COLLECTIONS = str(pathlib.Path(writer.__file__).parents[6])


def fill(folder: str) -> None:
    write_file(folder, "sub/new.txt", b"new")


def test_a_new_folder(tmp_path: pathlib.Path) -> None:
    replace_folder(str(tmp_path / "a" / "bundle"), fill)
    assert (tmp_path / "a" / "bundle" / "sub" / "new.txt").read_text() == "new"
    assert os.listdir(tmp_path / "a") == ["bundle"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_an_old_folder_is_replaced_whole(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "old.txt").write_text("old")
    if not can_exchange:
        monkeypatch.setattr(writer, "rename_exchange", lambda one, other: False)
    replace_folder(str(tmp_path / "bundle"), fill)
    assert [p.name for p in (tmp_path / "bundle").rglob("*")] == ["sub", "new.txt"]
    assert os.listdir(tmp_path) == ["bundle"]


def test_without_exchange_a_failed_switch_is_undone(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "old.txt").write_text("old")
    rename = os.rename

    def failing(source: str, target: str) -> None:
        if target == str(tmp_path / "bundle") and not source.endswith(".old"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(writer, "rename_exchange", lambda one, other: False)
    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="No space"):
        replace_folder(str(tmp_path / "bundle"), fill)
    assert [p.name for p in tmp_path.rglob("*")] == ["bundle", "old.txt"]


def test_what_fails_leaves_the_old_folder(tmp_path: pathlib.Path) -> None:
    replace_folder(str(tmp_path / "bundle"), fill)

    def half(folder: str) -> None:
        write_file(folder, "other.txt", b"x")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        replace_folder(str(tmp_path / "bundle"), half)
    assert [p.name for p in tmp_path.rglob("*")] == ["bundle", "sub", "new.txt"]


KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.netdevops.python.plugins.module_utils.build.writer import replace_folder, write_file
def fill(folder):
    write_file(folder, "half.txt", b"half")
    print("filling", flush=True)
    time.sleep(60)
replace_folder(sys.argv[2], fill)
"""


def test_a_killed_run_is_swept_and_a_living_one_is_not(tmp_path: pathlib.Path) -> None:
    dest = str(tmp_path / "bundle")
    replace_folder(dest, fill)
    command = [sys.executable, "-c", KILLED, COLLECTIONS, dest]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "filling\n"
        replace_folder(dest, fill)
        assert len(os.listdir(tmp_path)) == 2, "the living run's folder was swept"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert sorted(os.listdir(tmp_path)) != ["bundle"]
    assert (tmp_path / "bundle" / "sub" / "new.txt").read_text() == "new"
    replace_folder(dest, fill)
    assert os.listdir(tmp_path) == ["bundle"]


def test_other_names_are_not_swept(tmp_path: pathlib.Path) -> None:
    for name in (".other.staging-1", ".bundle.staging", "bundle.staging-1"):
        (tmp_path / name).mkdir()
    replace_folder(str(tmp_path / "bundle"), fill)
    assert len(os.listdir(tmp_path)) == 4


def test_the_parent_is_not_kept_locked(tmp_path: pathlib.Path) -> None:
    def check(folder: str) -> None:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)

    started = time.monotonic()
    replace_folder(str(tmp_path / "bundle"), check)
    assert time.monotonic() - started < 5


def test_copies_are_checked(tmp_path: pathlib.Path) -> None:
    (tmp_path / "source").write_bytes(b"data")
    digest = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"
    copy_checked(str(tmp_path / "source"), str(tmp_path), "sub/copy", digest)
    assert (tmp_path / "sub" / "copy").read_bytes() == b"data"
    assert (tmp_path / "sub" / "copy").stat().st_mode & 0o777 == 0o644
    with pytest.raises(Refused, match="expected SHA-256 0000"):
        copy_checked(str(tmp_path / "source"), str(tmp_path), "sub/other", "0" * 64)
