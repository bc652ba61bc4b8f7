# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives that somebody prepared, and what becomes of them."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.checkout import members
from ansible_collections.netdevops.python.plugins.module_utils.checkout.unpack import read_archive, unpack
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused


def pack(path: pathlib.Path, *more: tuple[str, Any], top: str = "p/") -> pathlib.Path:
    """Write a tar of a small pyenv and more members: a text is a file, (type, target) something else."""
    with tarfile.open(path, "w") as archive:
        for name, content in ((f"{top}libexec/pyenv", "#!/bin/sh\n"), *more):
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.size, member.mode = len(content), 0o4755
                archive.addfile(member, io.BytesIO(content.encode()))
            else:
                member.type, member.linkname = content
                archive.addfile(member)
    return path


def run(path: pathlib.Path, folder: pathlib.Path) -> None:
    with path.open("rb") as stream:
        unpack(stream, str(folder), path.name)


HOSTILE = {
    "absolute": (("/etc/passwd", "x"), "would leave the folder"),
    "up": (("p/../../x", "x"), "would leave the folder"),
    "link up": (("p/a", (tarfile.SYMTYPE, "../x")), "link 'a' to '../x' would leave"),
    "absolute link": (("p/a", (tarfile.SYMTYPE, "/etc")), "link 'a' to '/etc' would leave"),
    "hard link": (("p/a", (tarfile.LNKTYPE, "p/libexec/pyenv")), "neither a file, a folder nor a symbolic link"),
    "device": (("p/a", (tarfile.CHRTYPE, "")), "neither a file"),
    "pipe": (("p/a", (tarfile.FIFOTYPE, "")), "neither a file"),
    "beside": (("q/a", "x"), "is beside the folder p/"),
    "twice": (("p/libexec/pyenv", "x"), "holds 'p/libexec/pyenv' twice"),
    "below a file": (("p/libexec/pyenv/x", "x"), "below 'libexec/pyenv', which is no folder"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_member_is_refused_before_anything_is_written(case: str, tmp_path: pathlib.Path) -> None:
    member, message = HOSTILE[case]
    archive = pack(tmp_path / "a.tar", member)
    with pytest.raises(Refused, match="a.tar: .*" + message.replace("(", r"\(")):
        run(archive, tmp_path / "new")
    assert os.listdir(tmp_path) == ["a.tar"]


def test_nothing_is_written_through_a_link(tmp_path: pathlib.Path) -> None:
    archive = pack(tmp_path / "a.tar", ("p/out", (tarfile.SYMTYPE, "libexec")), ("p/out/x", "evil"))
    with pytest.raises(Refused, match="below 'out', which is no folder"):
        run(archive, tmp_path / "new")


def test_a_link_by_way_of_another_one_leads_nowhere(tmp_path: pathlib.Path) -> None:
    links = [("p/here", (tarfile.SYMTYPE, ".")), ("p/a", (tarfile.SYMTYPE, "here/.."))]
    with pytest.raises(Refused, match=r"'here/\.\.' would leave"):
        run(pack(tmp_path / "a.tar", *links), tmp_path / "new")


@pytest.mark.parametrize("top", ["", "./", "pyenv-2.6.30/", "./pyenv/"])
def test_files_are_at_the_top_or_in_one_folder(top: str, tmp_path: pathlib.Path) -> None:
    run(pack(tmp_path / "a.tar", (f"{top}bin/pyenv", (tarfile.SYMTYPE, "../libexec/pyenv")), top=top), tmp_path / "new")
    program = tmp_path / "new/bin/pyenv"
    assert program.read_text() == "#!/bin/sh\n" and program.stat().st_mode & 0o7777 == 0o755


def test_what_a_pyenv_gathers_in_use_is_left_out(tmp_path: pathlib.Path) -> None:
    names = [".git/config", "versions/3.9.9/bin/python", "shims/python", "version", "libexec/pyenv-realpath.dylib"]
    more = [(f"p/{name}", "x") for name in (*names, "plugins/version")]
    run(pack(tmp_path / "a.tar", *more, ("p/.git/out", (tarfile.SYMTYPE, "/etc"))), tmp_path / "new")
    files = {str(path.relative_to(tmp_path / "new")) for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert files == {"libexec/pyenv", "plugins/version"}


def test_something_else_is_no_pyenv(tmp_path: pathlib.Path) -> None:
    archive = pack(tmp_path / "a.tar", top="p/deeper/")
    with pytest.raises(Refused, match="expected a pyenv: libexec/pyenv, at the top or in one folder"):
        run(archive, tmp_path / "new")


@pytest.mark.parametrize("keep", [0, 100, 700, 1600, 4000])
def test_a_damaged_archive_is_called_so(tmp_path: pathlib.Path, keep: int) -> None:
    archive = pack(tmp_path / "a.tar", ("p/big", "x" * 4096))
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(Refused, match=r"a\.tar: (is cut short, damaged or no tar|expected a pyenv)"):
        run(archive, tmp_path / "new")


def test_a_tar_without_an_end_is_noticed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 3)
    with pytest.raises(Refused, match="holds more than 3 members"):
        run(pack(tmp_path / "a.tar", *((f"p/{number}", "x") for number in range(5))), tmp_path / "new")
    monkeypatch.setattr(members, "MOST_BYTES", 3)
    with pytest.raises(Refused, match="or 0 MB"):
        run(pack(tmp_path / "a.tar"), tmp_path / "new")


def test_an_archive_is_read_when_it_is_the_one_that_is_expected(tmp_path: pathlib.Path) -> None:
    good = pack(tmp_path / "a.tar")
    data = good.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert read_archive(str(good), digest, "a.tar") == data
    with pytest.raises(Refused, match=rf"a\.tar: expected SHA-256 {'0' * 64}, found {digest}"):
        read_archive(str(good), "0" * 64, "a.tar")
    with pytest.raises(Refused, match=r"a\.tar: cannot be read: No such file"):
        read_archive("/nowhere", digest, "a.tar")
