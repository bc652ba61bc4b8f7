# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Poetry downloads is what the lock names, and that alone is kept."""

from __future__ import annotations

import hashlib
import os
import pathlib
from collections.abc import Sequence

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.poetry.lock_file import Locked
from ansible_collections.netdevops.python.plugins.module_utils.poetry.originals import (
    STORE,
    Originals,
    check_store,
    find_store,
)

WHEEL, SDIST = "spam-1.0-py3-none-any.whl", "spam-1.0.tar.gz"
GOOD = b"as it was locked"
PLACE, OTHER = "aa/bb/cc/" + "0" * 58, "aa/bb/cd/" + "1" * 58


def locked(*files: str, source: str = "", kind: str = "sha256", version: str = "1.0") -> Locked:
    digest = f"{kind}:{hashlib.new(kind, GOOD).hexdigest()}"
    return Locked("spam", version, tuple((file, digest) for file in files), source)


def fetched(tmp_path: pathlib.Path, file: str, data: bytes = GOOD, place: str = PLACE) -> str:
    """Return a folder of downloads with a file."""
    folder = tmp_path / "artifacts"
    (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / place / file).write_bytes(data)
    return str(folder)


def check(folder: str, *entries: Locked, planned: Sequence[tuple[str, str]] = (("spam", "1.0"),)) -> None:
    Originals(entries, planned, "").check(folder)


@pytest.mark.parametrize("kind", ["sha256", "sha512"])
def test_what_is_named_by_name_and_digest_will_do(tmp_path: pathlib.Path, kind: str) -> None:
    check(fetched(tmp_path, WHEEL), locked(WHEEL, SDIST, kind=kind))


@pytest.mark.parametrize(
    ("file", "data", "words"),
    [
        (WHEEL, b"another", "found another"),
        ("spam-1.0-1-py3-none-any.whl", GOOD, "is no file that poetry.lock names"),
        ("Spam-1.0.0-py3-none-any.whl", b"another", "is no file that poetry.lock names"),
        ("spam-1.0.zip", b"another", "is no file that poetry.lock names"),
        ("main.zip", b"another", "is no file that poetry.lock names"),
    ],
)
def test_what_is_not_is_refused_whatever_lies_beside(
    tmp_path: pathlib.Path, file: str, data: bytes, words: str
) -> None:
    fetched(tmp_path, WHEEL)
    folder = fetched(tmp_path, file, data, OTHER)
    with pytest.raises(Refused, match=words) as refused:
        check(folder, locked(WHEEL, SDIST))
    assert [problem.subject for problem in refused.value.problems] == [file]


def test_a_package_that_came_from_nowhere_is_refused(tmp_path: pathlib.Path) -> None:
    folder = fetched(tmp_path, "tool-1.0-py3-none-any.whl")
    for entries in ([locked(WHEEL)], [locked(WHEEL, kind="md5")], [locked()], []):
        with pytest.raises(
            Refused, match=r"spam 1\.0: was installed, and no file of it was fetched that poetry.lock names"
        ):
            check(folder, *entries)


def test_what_a_build_needs_and_what_is_built_need_no_digest(tmp_path: pathlib.Path) -> None:
    fetched(tmp_path, "setuptools-80.0-py3-none-any.whl", b"for the build", OTHER)
    fetched(tmp_path, SDIST)
    folder = fetched(tmp_path, WHEEL, b"built")
    check(folder, locked(SDIST))
    (tmp_path / "artifacts" / PLACE / SDIST).write_bytes(b"another")
    with pytest.raises(Refused, match=SDIST):
        check(folder, locked(SDIST))


@pytest.mark.parametrize("source", ["git", "directory", "file"])
def test_what_comes_from_no_index_has_no_file_there(tmp_path: pathlib.Path, source: str) -> None:
    check(str(tmp_path / "none"), locked(source=source))
    check(fetched(tmp_path, WHEEL, b"built"), locked(source=source))


def test_what_comes_from_a_url_is_looked_at(tmp_path: pathlib.Path) -> None:
    check(fetched(tmp_path, "main.zip"), locked("main.zip", source="url"))
    with pytest.raises(Refused):
        check(fetched(tmp_path, "main.zip", b"another"), locked("main.zip", source="url"))


def test_the_store_gets_and_gives_what_the_lock_names_and_nothing_else(tmp_path: pathlib.Path) -> None:
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    fetched(tmp_path, SDIST)
    folder = fetched(tmp_path, WHEEL, b"built")
    one = Originals([locked(SDIST)], [], str(store))
    before = os.umask(0)  # as it is while a release is built
    try:
        one.keep(folder)
    finally:
        os.umask(before)
    assert [path.name for path in store.rglob("*") if path.is_file()] == [SDIST]
    assert {path.stat().st_mode & 0o777 for path in store.rglob("*") if path.is_dir()} == {0o700}
    kept = store / PLACE / SDIST
    for stray in (store / "poisoned" / SDIST, store / PLACE / WHEEL):
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(GOOD)
    one.seed(str(tmp_path / "second"))
    assert [str(path.relative_to(tmp_path / "second")) for path in (tmp_path / "second").rglob("*.*")] == [
        f"{PLACE}/{SDIST}"
    ]

    kept.unlink()
    kept.write_bytes(b"damaged")
    one.seed(str(tmp_path / "third"))
    assert not (tmp_path / "third").exists()
    one.keep(folder)
    assert kept.read_bytes() == GOOD
    assert {*os.listdir(kept.parent)} == {SDIST, WHEEL}


def test_a_link_in_the_store_is_not_followed(tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(GOOD)
    (tmp_path / "store" / PLACE).mkdir(parents=True)
    (tmp_path / "store" / PLACE / WHEEL).symlink_to(outside)
    Originals([locked(WHEEL)], [], str(tmp_path / "store")).seed(str(tmp_path / "artifacts"))
    assert not (tmp_path / "artifacts").exists()


def test_a_store_that_cannot_be_written_costs_downloads_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/aa").write_text("in the way")
    Originals([locked(WHEEL)], [], str(tmp_path / "store")).keep(fetched(tmp_path, WHEEL))


def test_the_store_is_in_the_home_and_this_users_alone(tmp_path: pathlib.Path) -> None:
    before = os.umask(0)
    try:
        found = find_store("", str(tmp_path))
    finally:
        os.umask(before)
    assert found == f"{tmp_path}/{STORE}"
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / ".cache").rglob("*")} == {0o700}
    assert find_store("", str(tmp_path / "none")) == ""
    assert not (tmp_path / "none").exists()
    for mode in (0o755, 0o777):
        os.chmod(found, mode)
        assert find_store("", str(tmp_path)) == ""
        with pytest.raises(Refused):
            find_store(found, str(tmp_path))


def test_a_store_that_is_named_is_refused_where_it_cannot_be_one(tmp_path: pathlib.Path) -> None:
    check_store(str(tmp_path / "new"))
    assert find_store(str(tmp_path / "new/folder"), "") == str(tmp_path / "new/folder")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="expected a folder"):
        check_store(str(tmp_path / "file"))
    with pytest.raises(Refused, match="cannot be"):
        find_store(str(tmp_path / "file/below"), "")
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(Refused, match="expected a folder of mode 0700, found 0755"):
        check_store(str(tmp_path / "open"))
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        check_store(str(tmp_path / "open/below"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users")
def test_another_users_store_is_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(Refused, match="belongs to user id 65534"):
        check_store(str(tmp_path / "theirs"))
