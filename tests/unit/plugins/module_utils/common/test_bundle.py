# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import os
import pathlib
import random
import tarfile

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import bundle as bundles
from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    check_bundle_id,
    interpreter_files,
    open_bundle,
    read_manifest_bytes,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.tests.unit.support.interpreters import carried, make_archive
from ansible_collections.netdevops.python.tests.unit.support.wheels import TARGET, make_wheel, pack, seal


class Made:
    def __init__(self, root: pathlib.Path) -> None:
        self.folder = root / "bundle"
        self.wheels = [make_wheel(self.folder / "wheels", name) for name in ("spam", "eggs")]
        self.manifest: Manifest = seal(self.folder, self.wheels)
        self.unpacked = str(root / "unpacked")


@pytest.fixture
def made(tmp_path: pathlib.Path) -> Made:
    return Made(tmp_path)


def test_a_folder_is_used_where_it_lies(made: Made) -> None:
    bundle = open_bundle(str(made.folder), made.unpacked)
    assert bundle.manifest == made.manifest
    assert bundle.wheel_path("x.whl") == str(made.folder / "wheels" / "x.whl")
    assert not os.path.exists(made.unpacked)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_unpacked_for_its_reader_alone(made: Made, tmp_path: pathlib.Path, mode: str) -> None:
    tar = pack(made.folder, tmp_path / "bundle.tar", mode)
    umask = os.umask(0)
    try:
        bundle = open_bundle(str(tar), made.unpacked)
    finally:
        os.umask(umask)
    assert bundle.manifest == made.manifest
    for wheel in made.wheels:
        path = pathlib.Path(bundle.wheel_path(wheel.file))
        assert path.read_bytes() == (made.folder / "wheels" / wheel.file).read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
    for folder in (made.unpacked, f"{made.unpacked}/wheels"):
        assert os.stat(folder).st_mode & 0o777 == 0o700


def test_a_tar_of_the_folder_itself_is_a_bundle_too(made: Made, tmp_path: pathlib.Path) -> None:
    tar = tmp_path / "bundle.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(made.folder, ".")
    bundle = open_bundle(str(tar), made.unpacked)
    assert sorted(os.listdir(pathlib.Path(bundle.folder, "wheels"))) == sorted(os.listdir(made.folder / "wheels"))


def test_what_is_no_bundle_says_what_to_do(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match=r"expected a bundle with bundle.json, found none. Build it first"):
        read_manifest_bytes(str(tmp_path))
    with pytest.raises(Refused, match="found none"):
        read_manifest_bytes(str(tmp_path / "nothing"))


def test_a_tar_of_something_else_is_refused(tmp_path: pathlib.Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("other"))
    with pytest.raises(Refused, match=r"with bundle.json at its top"):
        read_manifest_bytes(str(tmp_path / "x.tar"))


def test_a_folder_named_as_the_manifest_in_a_tar_is_no_manifest(tmp_path: pathlib.Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        head = tarfile.TarInfo("bundle.json")
        head.type = tarfile.DIRTYPE
        archive.addfile(head)
    with pytest.raises(Refused, match="expected a tar of a bundle"):
        open_bundle(str(tmp_path / "x.tar"), str(tmp_path / "unpacked"))


def test_a_file_that_is_no_tar_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"hello" * 1000)
    with pytest.raises(Refused, match="cannot be read as a bundle"):
        read_manifest_bytes(str(tmp_path / "x.tar"))


def test_a_wheel_that_the_manifest_does_not_name_is_refused(made: Made, tmp_path: pathlib.Path) -> None:
    make_wheel(made.folder / "wheels", "stray")
    with pytest.raises(Refused) as caught:
        open_bundle(str(made.folder), made.unpacked)
    assert str(caught.value).startswith(
        "wheels/stray-1.0-py3-none-any.whl: is in the bundle, and its manifest does not name it."
    )
    tar = pack(made.folder, tmp_path / "bundle.tar")
    with pytest.raises(Refused, match=r"wheels/stray-1.0"):
        open_bundle(str(tar), made.unpacked)


def test_a_bundle_without_any_wheel_is_one(tmp_path: pathlib.Path) -> None:
    seal(tmp_path / "bundle", [])
    os.rmdir(tmp_path / "bundle" / "wheels")
    assert open_bundle(str(tmp_path / "bundle"), str(tmp_path / "unpacked")).manifest.wheels


def odd(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    head = tarfile.TarInfo(name)
    head.type, head.linkname = kind, target
    return head


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (odd("../evil"), "would leave the folder"),
        (odd("wheels/../../evil"), "would leave the folder"),
        (odd("/etc/evil"), "would leave the folder"),
        (odd("wheels/evil.whl", tarfile.SYMTYPE, "/etc/passwd"), "is neither a file nor a folder"),
        (odd("wheels/evil.whl", tarfile.LNKTYPE, "bundle.json"), "is neither a file nor a folder"),
        (odd("wheels/evil.whl", tarfile.FIFOTYPE), "is neither a file nor a folder"),
        (odd("wheels/evil.whl", tarfile.CHRTYPE), "is neither a file nor a folder"),
        (odd("wheels/deep/evil.whl"), "its manifest does not name it"),
    ],
)
def test_a_tar_with_an_unsafe_member_is_refused_and_nothing_is_written(
    made: Made, tmp_path: pathlib.Path, member: tarfile.TarInfo, message: str
) -> None:
    tar = pack(made.folder, tmp_path / "bundle.tar")
    with tarfile.open(tar, "a") as archive:
        archive.addfile(member)
    with pytest.raises(Refused, match=message):
        open_bundle(str(tar), made.unpacked)
    assert os.listdir(made.unpacked + "/wheels") == []
    assert sorted(os.listdir(tmp_path)) == ["bundle", "bundle.tar", "unpacked"]


def test_a_link_that_waits_in_the_target_folder_is_not_followed(
    made: Made, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tar = pack(made.folder, tmp_path / "bundle.tar")
    real = os.mkdir

    def mkdir(path: str, mode: int = 0o777) -> None:
        real(path, mode)
        os.symlink(tmp_path / "victim", f"{path}/{made.wheels[0].file}")

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(OSError, match="File exists"):
        open_bundle(str(tar), made.unpacked)
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_a_tar_cut_short_anywhere_is_refused_or_whole(made: Made, tmp_path: pathlib.Path, mode: str) -> None:
    data = pack(made.folder, tmp_path / "whole.tar", mode).read_bytes()
    for number, length in enumerate(range(0, len(data), max(1, len(data) // 23))):
        (tmp_path / "cut.tar").write_bytes(data[:length])
        folder = str(tmp_path / f"unpacked{number}")
        try:
            bundle = open_bundle(str(tmp_path / "cut.tar"), folder)
        except Refused:
            continue
        for name in os.listdir(folder + "/wheels"):
            assert (
                (made.folder / "wheels" / name)
                .read_bytes()
                .startswith(pathlib.Path(bundle.wheel_path(name)).read_bytes())
            )


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_tar_with_a_changed_byte_never_ends_in_a_traceback(made: Made, tmp_path: pathlib.Path, mode: str) -> None:
    data = pack(made.folder, tmp_path / "whole.tar", mode).read_bytes()
    chance = random.Random(3)
    for number in range(40):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (tmp_path / "damaged.tar").write_bytes(bytes(damaged))
        try:
            open_bundle(str(tmp_path / "damaged.tar"), str(tmp_path / f"unpacked{number}"))
        except Refused:
            continue


def test_another_bundle_than_the_approved_one_is_refused() -> None:
    check_bundle_id("b", "a" * 64, None)
    check_bundle_id("b", "a" * 64, "")
    check_bundle_id("b", "a" * 64, "a" * 64)
    with pytest.raises(Refused, match=r"expected the bundle b+, found a+"):
        check_bundle_id("b", "a" * 64, "b" * 64)


def test_the_last_word_of_a_tar_is_its_manifest(made: Made, tmp_path: pathlib.Path) -> None:
    """What is checked and what is used must be the same member, also where one name comes twice."""
    tar = pack(made.folder, tmp_path / "bundle.tar")
    other = made.manifest._replace(pin="3.9.18").encode()
    with tarfile.open(tar, "a") as archive:
        head = tarfile.TarInfo("bundle.json")
        head.size = len(other)
        archive.addfile(head, io.BytesIO(other))
    assert read_manifest_bytes(str(tar)) == open_bundle(str(tar), made.unpacked).manifest.encode() == other


def test_a_manifest_that_is_a_pipe_or_endless_is_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MOST_BYTES", 10)
    with pytest.raises(Refused, match="larger than"):
        read_manifest_bytes(str(made.folder))
    (made.folder / "bundle.json").unlink()
    os.mkfifo(made.folder / "bundle.json")
    with pytest.raises(Refused):
        read_manifest_bytes(str(made.folder))


# ---- interpreters


@pytest.fixture
def archive(made: Made) -> Prebuilt:
    """The archive that the bundle carries; it is long enough to be damaged."""
    found = make_archive(made.folder / "interpreters", data=bytes(range(256)) * 64)
    manifest = made.manifest._replace(interpreters={TARGET: carried(found)})
    (made.folder / "bundle.json").write_bytes(manifest.encode())
    return found


def test_an_interpreter_of_a_folder_is_used_where_it_lies(made: Made, archive: Prebuilt) -> None:
    assert open_bundle(str(made.folder), made.unpacked).manifest.interpreters == {TARGET: carried(archive)}
    assert interpreter_files(str(made.folder), carried(archive), made.unpacked) == archive.path
    assert not os.path.exists(made.unpacked)


@pytest.mark.parametrize("top", ["", "./"])
def test_an_interpreter_of_a_tar_is_unpacked_when_it_is_asked_for(
    made: Made, archive: Prebuilt, tmp_path: pathlib.Path, top: str
) -> None:
    tar = tmp_path / "bundle.tar"
    with tarfile.open(tar, "w") as written:
        for name in ("bundle.json", "wheels", "interpreters"):
            written.add(made.folder / name, top + name)
    bundle = open_bundle(str(tar), made.unpacked)
    assert os.listdir(bundle.folder) == ["wheels"]
    path = interpreter_files(str(tar), carried(archive), str(tmp_path / "aside"))
    for end in ("", ".json"):
        assert pathlib.Path(path + end).read_bytes() == pathlib.Path(archive.path + end).read_bytes()
        assert os.stat(path + end).st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path / "aside")) == sorted(os.listdir(made.folder / "interpreters"))


def test_an_archive_that_stayed_behind_is_missing(made: Made, archive: Prebuilt, tmp_path: pathlib.Path) -> None:
    os.unlink(archive.path)
    tar = tmp_path / "bundle.tar"
    with tarfile.open(tar, "w") as written:
        written.add(made.folder, ".")
    path = interpreter_files(str(tar), carried(archive), str(tmp_path / "aside"))
    assert os.path.exists(f"{path}.json") and not os.path.exists(path)


@pytest.mark.parametrize("kind", ["folder", "tar"])
def test_an_interpreter_that_nobody_names_is_refused(
    made: Made, archive: Prebuilt, tmp_path: pathlib.Path, kind: str
) -> None:
    make_archive(made.folder / "interpreters", "3.11.8")
    path = made.folder
    if kind == "tar":
        path = tmp_path / "bundle.tar"
        with tarfile.open(path, "w") as written:
            written.add(made.folder, ".")
    with pytest.raises(Refused) as caught:
        open_bundle(str(path), made.unpacked)
    name = "interpreters/cpython-3.11.8-cp311-manylinux_2_28_x86_64.tar.gz"
    assert [problem.subject for problem in caught.value.problems] == [name, f"{name}.json"]
    assert "its manifest does not name it" in str(caught.value)


def test_a_damaged_tar_says_so(made: Made, archive: Prebuilt, tmp_path: pathlib.Path) -> None:
    tar = tmp_path / "bundle.tar.gz"
    with tarfile.open(tar, "w:gz") as written:
        written.add(made.folder, ".")
    data = tar.read_bytes()
    said = []
    for number, end in enumerate(range(0, len(data), 97)):
        tar.write_bytes(data[:end])
        try:
            path = interpreter_files(str(tar), carried(archive), str(tmp_path / f"aside-{number}"))
        except Refused as problem:
            said.append(problem.problems[0].message)
        else:  # Nothing but the end of the tar is missing, or, from the middle of a header, whole members.
            whole = pathlib.Path(archive.path).read_bytes()
            assert not os.path.exists(path) or pathlib.Path(path).read_bytes() == whole
    assert len(said) > number // 2
    assert all(message.startswith("is cut short or damaged") for message in said)
