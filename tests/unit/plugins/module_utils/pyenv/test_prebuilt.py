# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for prebuilt interpreters: which there are, which runs here, and the way onto the disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pathlib
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import known_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import relocate as relocation
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.machine import Machine
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import (
    Prebuilt,
    choose,
    find,
    obstacles,
    unpack,
)
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive

HOST = Machine("x86_64", "glibc", (2, 34), lambda name: name == "libssl.so.3")


def messages(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [f"{problem.subject}: {problem.message}" for problem in caught.value.problems]


def test_in_a_folder_those_of_the_version_are_found(tmp_path: pathlib.Path) -> None:
    ours = make_archive(tmp_path)
    newer = make_archive(tmp_path, target="cp311-manylinux_2_34_x86_64")
    make_archive(tmp_path, version="3.11.70")
    make_archive(tmp_path, version="3.12.1", target="cp312-manylinux_2_28_x86_64")
    theirs = make_archive(tmp_path / "x", file="cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz")
    for suffix in ("", ".json"):
        os.rename(theirs.path + suffix, str(tmp_path / theirs.description.file) + suffix)
    (tmp_path / "cpython-3.11.7-undescribed.tar.gz").touch()
    (tmp_path / "cpython-3.11.70-broken.tar.gz.json").touch()
    assert sorted(one.path for one in find(str(tmp_path), "3.11.7")) == sorted(
        [ours.path, newer.path, str(tmp_path / theirs.description.file)]
    )
    assert find(str(tmp_path), "3.9.18") == []


def test_a_file_is_itself(tmp_path: pathlib.Path) -> None:
    one = make_archive(tmp_path, version="3.12.1", target="cp312-manylinux_2_28_x86_64")
    assert find(one.path, "3.11.7") == [one]


def test_what_cannot_be_found_is_refused(tmp_path: pathlib.Path) -> None:
    one = make_archive(tmp_path)
    with pytest.raises(Refused, match="expected an interpreter's archive or a folder of them, found nothing"):
        find(str(tmp_path / "none"), "3.11.7")
    os.unlink(one.path)
    with pytest.raises(Refused, match="expected the archive beside its description"):
        find(str(tmp_path), "3.11.7")
    make_archive(tmp_path)
    (tmp_path / f"{one.description.file}.json").write_bytes(b"{}")
    with pytest.raises(Refused, match="not in canonical form"):
        find(one.path, "3.11.7")
    os.unlink(one.path + ".json")
    with pytest.raises(Refused, match=r"expected its description at .*archive_sha256"):
        find(one.path, "3.11.7")


def test_the_one_with_the_newest_libc_that_runs_here_is_chosen(tmp_path: pathlib.Path) -> None:
    made = [make_archive(tmp_path, target=f"cp311-manylinux_2_{minor}_x86_64") for minor in (17, 28, 34, 35)]
    assert choose(made, "3.11.7", HOST) == made[2]
    assert choose(made, "3.11.7", HOST._replace(libc_version=(2, 31))) == made[1]
    with pytest.raises(Refused, match=r"this host has 3\.0"):
        choose(made, "3.11.7", HOST._replace(libc_version=(3, 0)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "3.11.8"}, "holds Python 3.11.8, 3.11.7 is asked for."),
        ({"target": "cp311-manylinux_2_28_aarch64"}, "is for aarch64, this host is x86_64."),
        ({"target": "cp311-musllinux_1_2_x86_64"}, "needs musl, this host has glibc."),
        ({"target": "cp311-manylinux_2_35_x86_64"}, "needs glibc 2.35 or newer, this host has 2.34."),
        ({"target": "cp311-manylinux_3_1_x86_64"}, "needs glibc 3.1 or newer, this host has 2.34."),
        (
            {"libraries": ("libffi.so.8", "libssl.so.3", "libz.so.1")},
            "needs shared libraries that this host does not have: libffi.so.8, libz.so.1.",
        ),
        (
            {"target": "cp311-manylinux_2_36_x86_64", "version": "3.11.1", "libraries": ("libz.so.1",)},
            (
                "holds Python 3.11.1, 3.11.7 is asked for; needs glibc 2.36 or newer, this host has 2.34; "
                "needs shared libraries that this host does not have: libz.so.1."
            ),
        ),
        ({"libraries": ("libssl.so.3",), "optional": ("libtk8.6.so",)}, ""),
    ],
)
def test_why_an_archive_does_not_run_here(tmp_path: pathlib.Path, changes: dict[str, Any], reason: str) -> None:
    made = make_archive(tmp_path, **changes)
    problems = obstacles(made.description, "3.11.7", HOST)
    assert [(problem.subject, problem.message) for problem in problems] == (
        [(made.description.file, reason)] if reason else []
    )


def test_all_candidates_are_accounted_for(tmp_path: pathlib.Path) -> None:
    made = [
        make_archive(tmp_path, target=name) for name in ("cp311-manylinux_2_35_x86_64", "cp311-musllinux_1_2_x86_64")
    ]
    with pytest.raises(Refused) as caught:
        choose(made, "3.11.7", HOST)
    assert messages(caught) == [
        f"{made[0].description.file}: needs glibc 2.35 or newer, this host has 2.34.",
        f"{made[1].description.file}: needs musl, this host has glibc.",
    ]
    with pytest.raises(Refused, match=r"archive of Python 3.11.7: found none"):
        choose([], "3.11.7", HOST)


OLD = "/opt/pyenv/versions/3.11.7"


def make_real(folder: pathlib.Path, **changes: Any) -> Prebuilt:
    """Write an archive that can be unpacked."""
    stream = io.BytesIO()
    files = {"python/bin/python3.11": b"\x7fELF", "python/bin/pip": f"#!{OLD}/bin/python\n".encode()}
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    said = {"prefix": OLD, "relocate": ("bin/pip",), "unpacked": sum(map(len, files.values())), **changes}
    return make_archive(folder, data=gzip.compress(stream.getvalue()), **said)


def test_an_archive_is_unpacked_for_another_path(tmp_path: pathlib.Path) -> None:
    unpack(make_real(tmp_path), str(tmp_path / "build"), "/srv/py/versions/3.11.7")
    assert (tmp_path / "build/bin/python3.11").read_bytes() == b"\x7fELF"
    assert (tmp_path / "build/bin/pip").read_text() == "#!/srv/py/versions/3.11.7/bin/python\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, f"expected SHA-256 {'0' * 64}, found "),
        ({"size": 1}, "expected 1 bytes, found "),
        ({"unpacked": 1 << 39}, "needs 549756 MB for Python 3.11.7, found "),
    ],
)
def test_nothing_is_unpacked_before_the_description_is_true(
    tmp_path: pathlib.Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused) as caught:
        unpack(make_real(tmp_path, **changes), str(tmp_path / "build"), OLD)
    assert caught.value.problems[0].message.startswith(message)
    assert not (tmp_path / "build").exists()


def test_what_is_unpacked_is_what_was_checked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another file takes the archive's name when its digest is known."""
    made = make_real(tmp_path)
    real = hashlib.sha256

    def swapping(*words: Any) -> Any:
        (tmp_path / "evil").write_bytes(b"evil")
        os.replace(tmp_path / "evil", made.path)
        return real(*words)

    monkeypatch.setattr(hashlib, "sha256", swapping)
    unpack(made, str(tmp_path / "build"), OLD)
    assert (tmp_path / "build/bin/pip").is_file()


def test_an_archive_that_is_rewritten_in_its_place_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest was right, and its descriptor is open: the same bytes have to come out of it once more."""
    made = make_real(tmp_path)
    evil = gzip.compress(gzip.decompress(pathlib.Path(made.path).read_bytes()).replace(b"\x7fELF", b"EVIL"))
    real = known_file._check
    relocated: list[Any] = []

    def checked(*words: Any) -> int:
        size = real(*words)
        pathlib.Path(made.path).write_bytes(evil)
        return size

    monkeypatch.setattr(known_file, "_check", checked)
    monkeypatch.setattr(relocation, "relocate", lambda *words: relocated.append(words))
    with pytest.raises(Refused, match="was changed while it was read"):
        unpack(made, str(tmp_path / "build"), OLD)
    assert relocated == []
