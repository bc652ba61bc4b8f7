# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pathlib
import random
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import (
    BYTECODE,
    FILE,
    FOLDER,
    LINK,
    Installed,
    decode_files,
    encode_files,
    read_files,
    write_files,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, read_receipt, release_id
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

ASKED = {"source": "bundle:x", "mode": "0755", "groups": None}
INTERPRETER = {
    "path": "/usr/bin/python3",
    "version": "3.11.7",
    "target": "cp311-manylinux_2_17_x86_64",
    "sha256": "0" * 64,
}
PACKAGES = [["eggs", "2.0", "e" * 64], ["spam", "1.0", "5" * 64]]
FILES = [
    Installed("lib/a.py", FILE, 0o644, 3, "a" * 64, "5" * 64),
    Installed("lib/__pycache__/a.cpython-311.pyc", BYTECODE, 0o644, 9, "b" * 64, "5" * 64 + "+" + "e" * 64),
    Installed("lib64", LINK, 0o777, 0, "lib", ""),
    Installed("include", FOLDER, 0o755, 0, "", ""),
    Installed("lib/with\ttab ü \udcff", FILE, 0o600, 0, "c" * 64, ""),
]


def made(**changes: Any) -> Receipt:
    identity = release_id(ASKED, INTERPRETER["version"], INTERPRETER["target"], PACKAGES)
    return Receipt(identity, ASKED, "b" * 64, INTERPRETER, PACKAGES, [0, 0], "f" * 64)._replace(**changes)


def put(folder: pathlib.Path, receipt: Receipt) -> None:
    (folder / "receipt.json").write_bytes(receipt.encode())


def test_what_was_written_is_read(tmp_path: pathlib.Path) -> None:
    put(tmp_path, made())
    assert read_receipt(str(tmp_path)) == made()
    assert made().versions() == {"eggs": "2.0", "spam": "1.0"}


def test_a_receipt_of_before_locks_were_written_down(tmp_path: pathlib.Path) -> None:
    plain = json.loads(made(lock="c" * 64).encode())
    assert plain.pop("lock") == "c" * 64
    (tmp_path / "receipt.json").write_text(json.dumps(plain))
    assert read_receipt(str(tmp_path)) == made(lock="")


def test_a_release_names_bundle_and_lock_and_its_id_needs_no_lock(host: Host) -> None:
    manifest = host.seal(host.wheel())
    name = host.converge()["release"]
    receipt = read_receipt(str(host.release))
    assert receipt and (receipt.bundle, receipt.lock) == (manifest.id, "0" * 64)
    other = receipt._replace(lock="1" * 64)
    put(host.release, other)
    assert read_receipt(str(host.release)) == other and receipt.release.startswith(name)


def test_no_receipt_is_none(tmp_path: pathlib.Path) -> None:
    assert read_receipt(str(tmp_path)) is None
    assert read_receipt(str(tmp_path / "gone")) is None


def test_a_receipt_cut_short_anywhere_is_none(tmp_path: pathlib.Path) -> None:
    data = made().encode()
    for length in range(len(data) - 1):  # All but its last character, which is a new line.
        (tmp_path / "receipt.json").write_bytes(data[:length])
        assert read_receipt(str(tmp_path)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"release": "0" * 64},
        {"asked": {**ASKED, "mode": "0777"}},
        {"interpreter": {**INTERPRETER, "version": "3.11.8"}},
        {"interpreter": {**INTERPRETER, "target": "cp311-manylinux_2_28_x86_64"}},
        {"packages": PACKAGES[:1]},
        {"packages": [["eggs", "2.1", "e" * 64], PACKAGES[1]]},
    ],
)
def test_a_receipt_whose_id_is_not_that_of_its_content_is_none(tmp_path: pathlib.Path, changes: dict[str, Any]) -> None:
    put(tmp_path, made(**changes))
    assert read_receipt(str(tmp_path)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.update(schema=2),
        lambda plain: plain.pop("schema"),
        lambda plain: plain.pop("files"),
        lambda plain: plain.update(more=1),
        lambda plain: plain.update(interpreter=None),
        lambda plain: plain["interpreter"].pop("path"),
        lambda plain: plain["interpreter"].pop("sha256"),
        lambda plain: plain["interpreter"].update(path=7),
        lambda plain: plain.update(owner=None),
        lambda plain: plain.update(owner=[0]),
        lambda plain: plain.update(owner=["a", "b"]),
        lambda plain: plain.update(packages=7),
        lambda plain: plain.update(asked=7),
        lambda plain: plain.update(files=7),
        lambda plain: plain.update(lock=7),
    ],
)
def test_a_receipt_of_another_form_is_none(tmp_path: pathlib.Path, change: Callable[[dict[str, Any]], Any]) -> None:
    plain = json.loads(made().encode())
    change(plain)
    (tmp_path / "receipt.json").write_text(json.dumps(plain))
    assert read_receipt(str(tmp_path)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"packages": [["eggs", "2.0"]]},
        {"packages": [["eggs", "2.0", "e" * 64, ""]]},
        {"packages": [["eggs", 2, "e" * 64]]},
        {"packages": [[{}, "2.0", "e" * 64]]},
        {"asked": {"source": 7, "mode": "0755"}},
        {"asked": {"source": "bundle:x", "mode": 755}},
        {"asked": {"source": "bundle:x", "mode": "rwx"}},
        {"interpreter": {**INTERPRETER, "version": 3}},
        {"interpreter": {**INTERPRETER, "target": None}},
        {"interpreter": {**INTERPRETER, "path": "/usr\0/bin/python3"}},
        {"packages": [["eggs", "2.0\0", "e" * 64]]},
    ],
)
def test_a_receipt_that_somebody_made_up_is_none(tmp_path: pathlib.Path, changes: dict[str, Any]) -> None:
    """Its id is right; what reads it further on takes texts for granted."""
    plain = made(**changes)
    identity = release_id(plain.asked, plain.interpreter["version"], plain.interpreter["target"], plain.packages)
    put(tmp_path, plain._replace(release=identity))
    assert read_receipt(str(tmp_path)) is None


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"7", b"\xff", b"{}", b"[" * 100_000])
def test_other_files_of_that_name_are_none(tmp_path: pathlib.Path, data: bytes) -> None:
    (tmp_path / "receipt.json").write_bytes(data)
    assert read_receipt(str(tmp_path)) is None


def test_a_pipe_of_that_name_is_not_waited_for(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "receipt.json")
    assert read_receipt(str(tmp_path)) is None


def test_an_id_follows_from_options_interpreter_and_wheels_only() -> None:
    base = release_id(ASKED, "3.11.7", "t", PACKAGES)
    assert base == release_id(
        dict(reversed(list(ASKED.items()))), "3.11.7", "t", [tuple(package) for package in PACKAGES]
    )
    others = {
        release_id({**ASKED, "mode": "0750"}, "3.11.7", "t", PACKAGES),
        release_id(ASKED, "3.11.8", "t", PACKAGES),
        release_id(ASKED, "3.11.7", "u", PACKAGES),
        release_id(ASKED, "3.11.7", "t", PACKAGES[:1]),
    }
    assert len(others | {base}) == 5


def test_files_survive_the_way_to_the_disk_and_back(tmp_path: pathlib.Path) -> None:
    digest = write_files(str(tmp_path), FILES, 0o644)
    assert read_files(str(tmp_path), made(files=digest)) == sorted(FILES)
    assert os.stat(tmp_path / "receipt.files").st_mode & 0o777 == 0o644


def test_the_order_of_files_does_not_matter() -> None:
    shuffled = random.Random(1).sample(FILES, len(FILES))
    assert encode_files(shuffled) == encode_files(FILES)


def test_a_list_that_is_gone_or_another_one_is_none(tmp_path: pathlib.Path) -> None:
    digest = write_files(str(tmp_path), FILES, 0o644)
    path = tmp_path / "receipt.files"
    data = path.read_bytes()
    path.write_bytes(data + b"file\t644\t1\taa\tbb\tlib/evil.py\n")
    assert read_files(str(tmp_path), made(files=digest)) is None
    path.unlink()
    assert read_files(str(tmp_path), made(files=digest)) is None


def test_a_list_of_another_form_is_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "receipt.files").write_bytes(b"file\tx\n")
    assert read_files(str(tmp_path), made(files=digest_bytes(b"file\tx\n"))) is None
    with pytest.raises(ValueError, match="not enough values"):
        decode_files(b"file\t644\n")


def test_a_file_knows_all_its_wheels() -> None:
    assert [len(file.wheels()) for file in FILES] == [1, 2, 0, 0, 0]
    assert FILES[1].wheels() == ["5" * 64, "e" * 64]
