# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a receipt keeps, and which ones are not believed."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import (
    LARGEST,
    core_digests,
    digest_binary,
    load_receipt,
    read_receipt,
)


def test_what_is_written_is_read(host: Any) -> None:
    host.lay()
    receipt = host.sign(configure_opts=("--with-lto",), patches=("b" * 64,))
    path = host.version / "receipt.json"
    assert read_receipt(str(host.version)) == receipt
    assert path.stat().st_mode & 0o777 == 0o644, "as readable as the folder, and nothing to execute"
    assert path.read_bytes() == receipt.encode()
    assert os.listdir(host.version).count("receipt.json") == 1


def test_a_private_interpreter_has_a_private_receipt(host: Any) -> None:
    host.lay()
    host.version.chmod(0o700)
    host.sign()
    assert (host.version / "receipt.json").stat().st_mode & 0o777 == 0o600


def test_its_own_binaries_are_what_counts(host: Any) -> None:
    host.lay(
        "bin/python3.11",
        "bin/python3.11-config",
        "bin/python3.11-gdb.py",
        "bin/pip3.11",
        "lib/libpython3.11.so.1.0",
        "lib/libssl.so.3",
    )
    (host.version / "bin/python").symlink_to("python3.11")
    (host.version / "lib/libpython3.11.so").symlink_to("libpython3.11.so.1.0")
    digest = digest_bytes(b"an interpreter")
    found = core_digests(str(host.version), "3.11.2")
    assert found == {"bin/python3.11": digest, "lib/libpython3.11.so.1.0": digest}


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"version": 3},
        {"core": {}},
        {"core": {"bin/python3.11": 7}},
        {"core": {"../../../../dev/zero": "a" * 64}},
        {"core": {"/dev/zero": "a" * 64}},
        {"core": {"lib/./libpython3.11.so": "a" * 64}},
        {"core": {f"lib/libpython3.{number}.so": "a" * 64 for number in range(65)}},
        {"origin": {"kind": "cache"}},
        {"origin": "cache"},
        {"configure_opts": [1]},
        {"configure_opts": None},
        {"patches": 5},
        {"more": "than known"},
    ],
)
def test_what_is_no_receipt(host: Any, change: dict[str, Any]) -> None:
    host.install_version()
    path: pathlib.Path = host.version / "receipt.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert read_receipt(str(host.version)) is None


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\udce4", "[" * 100_000])
def test_what_is_not_even_an_object(host: Any, text: str) -> None:
    host.lay()
    (host.version / "receipt.json").write_text(text, errors="surrogateescape")
    assert read_receipt(str(host.version)) is None


@pytest.fixture
def soon() -> Iterator[None]:
    """End what would hang."""

    def end(*_arguments: Any) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", ["pipe", "endless", "link", "large", "folder"])
def test_what_would_never_end_is_no_receipt(host: Any, soon: None, kind: str) -> None:
    host.install_version()
    path = host.version / "receipt.json"
    content = path.read_bytes()
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "link":
        (host.folder / "elsewhere").write_bytes(content)
        path.symlink_to(host.folder / "elsewhere")
    elif kind == "large":
        path.write_bytes(content + b" " * LARGEST)
    else:
        path.mkdir()
    assert read_receipt(str(host.version)) is load_receipt(str(host.version)) is None


def test_a_receipt_that_cannot_be_read_is_told_from_none(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str, flags: int) -> int:
        raise OSError(errno.EIO, "Input/output error", path)

    host.install_version()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", fails)
        assert read_receipt(str(host.version)) is None
        with pytest.raises(OSError, match="Input/output error"):
            load_receipt(str(host.version))


def test_only_files_are_binaries(soon: None, tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", (1 << 30) + 1)
    (tmp_path / "small").write_bytes(b"x")
    (tmp_path / "link").symlink_to("small")
    for name in ("pipe", "endless"):
        with pytest.raises(OSError, match="It is not a file"):
            digest_binary(str(tmp_path / name))
    with pytest.raises(OSError, match="File too large"):
        digest_binary(str(tmp_path / "large"))
    assert digest_binary(str(tmp_path / "link")) == digest_bytes(b"x"), "an adopted program can be a link"


def test_none_where_there_is_none(tmp_path: pathlib.Path) -> None:
    assert read_receipt(str(tmp_path)) is None
