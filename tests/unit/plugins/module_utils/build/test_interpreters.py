# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which prebuilt interpreters a bundle takes, and how they get into it."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.interpreters import carried, take_interpreters
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Carried, parse_manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive

PIN = "3.11.7"
TARGET = "cp311-manylinux_2_28_x86_64"
NEWER = "cp311-manylinux_2_36_x86_64"


def take(*places: object, targets: tuple[str, ...] = (TARGET,)) -> dict[str, str]:
    """Return the file by target."""
    found = take_interpreters([str(place) for place in places], PIN, [parse_target(name) for name in targets])
    return {name: archive.description.file for name, archive in found.items()}


def test_without_a_place_there_is_none() -> None:
    assert take() == {}


def test_each_target_gets_the_newest_that_it_has_the_c_library_for(tmp_path: pathlib.Path) -> None:
    oldest, older, new = (
        make_archive(tmp_path, PIN, f"cp311-manylinux_2_{minor}_x86_64").description.file for minor in (17, 27, 34)
    )
    make_archive(tmp_path, PIN, "cp311-manylinux_2_17_aarch64")
    make_archive(tmp_path, "3.11.8", TARGET)
    (tmp_path / "notes.txt").write_text("not an archive")
    found = take(tmp_path, targets=(TARGET, NEWER, "cp311-manylinux_2_26_x86_64"))
    assert found == {TARGET: older, NEWER: new, "cp311-manylinux_2_26_x86_64": oldest}


def test_an_archive_by_name_and_one_of_a_folder(tmp_path: pathlib.Path) -> None:
    one = make_archive(tmp_path / "one", PIN, "cp311-manylinux_2_17_x86_64")
    other = make_archive(tmp_path / "more", PIN, "cp311-manylinux_2_17_aarch64")
    aarch64 = "cp311-manylinux_2_28_aarch64"
    found = take(one.path, tmp_path / "more", targets=(TARGET, aarch64))
    assert found == {TARGET: one.description.file, aarch64: other.description.file}


def test_what_a_manifest_says_of_it(tmp_path: pathlib.Path) -> None:
    archive = make_archive(tmp_path)
    description = digest_file(archive.path + ".json")
    assert carried(archive) == Carried(
        os.path.basename(archive.path), digest_file(archive.path), len("an interpreter"), description
    )


def test_every_target_that_none_fits_is_named(tmp_path: pathlib.Path) -> None:
    make_archive(tmp_path, PIN, NEWER)
    with pytest.raises(Refused) as caught:
        take(tmp_path, targets=(TARGET, NEWER, "cp311-manylinux_2_28_aarch64"))
    assert [problem.subject for problem in caught.value.problems] == [
        f"interpreters, target {TARGET}",
        "interpreters, target cp311-manylinux_2_28_aarch64",
    ]
    assert f"expected an archive of Python 3.11.7 that runs there, found Python 3.11.7 for {NEWER}" in str(caught.value)


def test_another_version_is_not_the_pin(tmp_path: pathlib.Path) -> None:
    other = make_archive(tmp_path, "3.11.8")
    with pytest.raises(Refused, match=rf"expected an archive of Python 3.11.7 .* found Python 3.11.8 for {TARGET}"):
        take(other.path)
    with pytest.raises(Refused, match=r"found none\. Make one"):
        take(tmp_path)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("relative", "expected an absolute path"),
        ("nothing", "found nothing"),
        ("alone", "expected its description at"),
        ("renamed", "its description is of cpython-3.11.7"),
        ("edited", "is not in canonical form: it was edited"),
        ("cut", "expected 14 bytes, as its description says, found 13"),
        ("changed", "expected SHA-256 [0-9a-f]{64}, as its description says, found"),
    ],
)
def test_what_cannot_be_taken_says_why(tmp_path: pathlib.Path, fault: str, says: str) -> None:
    path = pathlib.Path(make_archive(tmp_path).path)
    beside = pathlib.Path(f"{path}.json")
    place: object = path
    if fault == "relative":
        place = path.name
    elif fault == "nothing":
        place = tmp_path / "elsewhere.tar.gz"
    elif fault == "alone":
        beside.unlink()
    elif fault == "renamed":
        place = path.rename(tmp_path / "python.tar.gz")
        beside.rename(tmp_path / "python.tar.gz.json")
    elif fault == "edited":
        beside.write_text(json.dumps(json.loads(beside.read_text()), indent=1))
    elif fault == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.write_bytes(b"An interpreter")
    with pytest.raises(Refused, match=says):
        take(place)


def test_all_bad_places_are_told_together(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused) as caught:
        take(tmp_path / "a.tar.gz", tmp_path / "b.tar.gz")
    assert len(caught.value.problems) == 2


def test_two_archives_of_one_name_cannot_lie_in_one_folder(tmp_path: pathlib.Path) -> None:
    musl, glibc = "cp311-musllinux_1_2_x86_64", "cp311-manylinux_2_17_x86_64"
    make_archive(tmp_path / "a", PIN, glibc, file="cpython-3.11.7+x.tar.gz")
    make_archive(tmp_path / "b", PIN, musl, b"another", file="cpython-3.11.7+x.tar.gz")
    for folder, target in (("a", glibc), ("b", musl)):
        for end in ("", ".json"):
            (tmp_path / folder / f"cpython-3.11.7-{target}.tar.gz{end}").rename(
                tmp_path / folder / f"cpython-3.11.7+x.tar.gz{end}"
            )
    with pytest.raises(Refused, match=r"has the name of .*, and is another one"):
        take(tmp_path / "a", tmp_path / "b", targets=(TARGET, musl))


# ---- in a bundle


def manifest_in(folder: pathlib.Path) -> Any:
    return parse_manifest((folder / "bundle.json").read_bytes(), "bundle.json")


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with an archive for the target of the world."""
    make_archive(tmp_path / "interpreters", PIN, "cp311-manylinux_2_27_x86_64")
    return tmp_path / "interpreters"


def with_it(world: Any, place: pathlib.Path, **options: Any) -> tuple[bool, Any]:
    changed, result = world.build(interpreters=(str(place),), **options)
    return changed, result


def test_the_bundle_carries_it_and_a_second_build_copies_nothing(world: Any, place: pathlib.Path) -> None:
    _changed, without = world.build()
    changed, result = with_it(world, place)
    assert changed and result["bundle_id"] != without["bundle_id"]
    [file] = [name for name in os.listdir(place) if name.endswith(".gz")]
    assert result["interpreters"] == {TARGET: file}
    assert [action["verb"] for action in result["actions"]] == ["copy", "replace"]
    assert result["actions"][1]["reason"] == "other interpreters"
    assert world.tree(world.dest / "interpreters") == world.tree(place)
    assert (world.dest / "interpreters" / file).stat().st_mode & 0o777 == 0o644
    assert manifest_in(world.dest).interpreters[TARGET].file == file

    before = world.tree(world.dest)
    changed, second = with_it(world, place)
    assert (changed, second["actions"], second["bundle_id"]) == (False, [], result["bundle_id"])
    assert world.tree(world.dest) == before


def test_check_mode_tells_of_it_and_writes_nothing(world: Any, place: pathlib.Path) -> None:
    world.build()
    before = world.tree()
    changed, checked = with_it(world, place, check_mode=True)
    assert changed and world.tree() == before
    _changed, done = with_it(world, place)
    assert (checked["actions"], checked["bundle_id"]) == (done["actions"], done["bundle_id"])


def test_an_option_that_is_gone_takes_the_files_along(world: Any, place: pathlib.Path) -> None:
    _changed, without = world.build()
    plain = world.tree(world.dest)
    with_it(world, place)
    changed, result = world.build()
    assert changed and result["bundle_id"] == without["bundle_id"]
    assert not (world.dest / "interpreters").exists()
    assert world.tree(world.dest).keys() == plain.keys()
    assert b"interpreters" not in (world.dest / "bundle.json").read_bytes()


@pytest.mark.parametrize("damage", ["archive", "description", "missing", "stray"])
def test_what_is_damaged_in_the_bundle_is_put_right(world: Any, place: pathlib.Path, damage: str) -> None:
    _changed, first = with_it(world, place)
    whole = world.tree(world.dest / "interpreters")
    folder = world.dest / "interpreters"
    [file] = [name for name in os.listdir(folder) if name.endswith(".gz")]
    if damage == "archive":
        (folder / file).write_bytes(b"x" * 14)
    elif damage == "description":
        (folder / f"{file}.json").write_bytes(b"{}")
    elif damage == "missing":
        (folder / file).unlink()
    else:
        (folder / "another.tar.gz").write_bytes(b"x")
    changed, result = with_it(world, place)
    assert changed and result["bundle_id"] == first["bundle_id"]
    assert [action["verb"] for action in result["actions"]] == ["repair", "replace"]
    assert world.tree(folder) == whole
    assert with_it(world, place)[0] is False


def test_the_diff_shows_it(world: Any, place: pathlib.Path) -> None:
    from ansible_collections.netdevops.python.plugins.module_utils.build.build import Build

    world.build()
    plan = Build(world.request(interpreters=(str(place),)), world.run, world.environ()).prepare().plan
    diff = plan.diff("bundle")
    assert "cpython-3.11.7" in diff["after"] and "cpython-3.11.7" not in diff["before"]
    with_it(world, place)
    assert json.loads(diff["after"])["interpreters"] == manifest_in(world.dest).as_dict()["interpreters"]


def test_a_bill_and_the_provenance_name_it(world: Any, place: pathlib.Path) -> None:
    with_it(world, place)
    carried_ = manifest_in(world.dest).interpreters[TARGET]
    bill = json.loads((world.dest / "sbom.cdx.json").read_text())
    [platform] = [component for component in bill["components"] if component["type"] == "platform"]
    assert (platform["name"], platform["version"]) == ("cpython", PIN)
    assert platform["hashes"] == [{"alg": "SHA-256", "content": carried_.sha256}]
    assert {"name": "netdevops.python:target", "value": TARGET} in platform["properties"]
    account = json.loads((world.dest / "provenance.json").read_text())
    assert account["interpreters"] == {carried_.file: str(place / carried_.file)}


def test_a_target_without_one_writes_nothing(world: Any, place: pathlib.Path) -> None:
    before = world.tree()
    with pytest.raises(Refused, match=r"interpreters, target cp311-manylinux_2_17_x86_64: expected an archive"):
        with_it(world, place, targets=(TARGET, "cp311-manylinux_2_17_x86_64"))
    assert world.tree() == before


def test_one_archive_for_two_targets_lies_there_once(world: Any, place: pathlib.Path) -> None:
    with_it(world, place, targets=(TARGET, NEWER))
    manifest = manifest_in(world.dest)
    assert manifest.interpreters[TARGET] == manifest.interpreters[NEWER]
    assert len(os.listdir(world.dest / "interpreters")) == 2
