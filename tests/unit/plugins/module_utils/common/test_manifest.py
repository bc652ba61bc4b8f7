# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import random
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json, digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    Carried,
    Manifest,
    Wheel,
    parse_manifest,
)

TARGET = "cp311-manylinux_2_28_x86_64"
OLDER = "cp311-manylinux_2_17_x86_64"
SPAM = Wheel("spam", "1.0", "spam-1.0-py3-none-any.whl", "a" * 64, 10)
EGGS = Wheel(
    "eggs",
    "2!1.0+x",
    "eggs-2!1.0+x-3-cp311-cp311-linux_x86_64.whl",
    "b" * 64,
    20,
    ("dev", "junos"),
    (("kind", "sdist"),),
)
MANIFEST = Manifest(
    {"name": "demo", "version": ""},
    "3.11.7",
    {"format": "poetry.lock", "sha256": "c" * 64},
    ("dev", "junos", "main"),
    ("x",),
    {TARGET: (EGGS, SPAM), OLDER: ()},
)

CARRIED = Carried("cpython-3.11.7-cp311-manylinux_2_17_x86_64.tar.gz", "d" * 64, 30, "e" * 64)
WITH_INTERPRETER = MANIFEST._replace(interpreters={TARGET: CARRIED})


def parse(plain: Any) -> Manifest:
    return parse_manifest(canonical_json(plain), "bundle.json")


def edited(change: Callable[[dict[str, Any]], Any], manifest: Manifest = MANIFEST) -> Any:
    plain = json.loads(manifest.encode())
    change(plain)
    return plain


def test_what_was_written_is_read() -> None:
    assert parse_manifest(MANIFEST.encode(), "bundle.json") == MANIFEST


def test_its_id_is_the_digest_of_its_bytes() -> None:
    assert MANIFEST.id == digest_bytes(MANIFEST.encode())


def test_a_wheel_that_was_a_wheel_has_no_origin() -> None:
    assert "origin" not in SPAM.as_dict()
    assert EGGS.as_dict()["origin"] == {"kind": "sdist"}


def test_groups_choose_wheels() -> None:
    assert MANIFEST.wheels(TARGET) == (EGGS, SPAM)
    assert MANIFEST.wheels(TARGET, ["main"]) == (SPAM,)
    assert MANIFEST.wheels(TARGET, ["junos", "dev"]) == (EGGS,)
    assert MANIFEST.wheels(TARGET, []) == ()


def test_each_unknown_group_is_named_with_those_that_exist() -> None:
    with pytest.raises(Refused) as caught:
        MANIFEST.wheels(TARGET, ["main", "cisco", "nokia"])
    assert [problem.subject for problem in caught.value.problems] == ["group 'cisco'", "group 'nokia'"]
    assert "dev, junos, main" in str(caught.value)


def test_every_truncation_is_refused() -> None:
    data = MANIFEST.encode()
    for length in range(len(data)):
        with pytest.raises(Refused, match=r"cut short or was edited|not in canonical form"):
            parse_manifest(data[:length], "bundle.json")


def test_every_change_of_one_byte_is_refused_or_is_another_bundle() -> None:
    data = MANIFEST.encode()
    for offset in range(len(data)):
        changed = data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :]
        try:
            assert parse_manifest(changed, "bundle.json").id != MANIFEST.id
        except Refused:
            continue


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b'"x"', b"\xff", b"7", b"[" * 100_000], ids=lambda data: repr(data[:8])
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"bundle.json: is not a bundle's manifest: it is cut short or was edited"):
        parse_manifest(data, "bundle.json")


def test_a_manifest_in_other_words_was_edited() -> None:
    with pytest.raises(Refused, match="not in canonical form: it was edited"):
        parse_manifest(json.dumps(MANIFEST.as_dict(), indent=1).encode(), "bundle.json")


def test_an_unknown_field_was_added_by_hand() -> None:
    with pytest.raises(Refused, match="it was edited"):
        parse(edited(lambda plain: plain.update(note="mine")))


def test_another_schema_is_for_another_version() -> None:
    with pytest.raises(Refused, match="has schema 2, this version reads 1"):
        parse(edited(lambda plain: plain.update(schema=2)))


def wheels_of(plain: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain["targets"][TARGET]["wheels"]
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("pin"),
        lambda plain: plain.update(pin=3),
        lambda plain: plain.update(groups=[1]),
        lambda plain: plain.update(targets=[]),
        lambda plain: plain.update(project={"name": None}),
        lambda plain: plain["targets"].update({TARGET: {}}),
        lambda plain: wheels_of(plain)[0].update(file="../evil-1.0-py3-none-any.whl"),
        lambda plain: wheels_of(plain)[0].update(file="/evil-1.0-py3-none-any.whl"),
        lambda plain: wheels_of(plain)[0].update(file="evil.tar.gz"),
        lambda plain: wheels_of(plain)[0].update(file=None),
        lambda plain: wheels_of(plain)[0].update(sha256="A" * 64),
        lambda plain: wheels_of(plain)[0].update(sha256="a" * 63),
        lambda plain: wheels_of(plain)[0].update(size="many"),
        lambda plain: wheels_of(plain)[0].update(size=1.5),
        lambda plain: wheels_of(plain)[0].update(size=-1),
        lambda plain: wheels_of(plain)[0].update(origin=[]),
    ],
)
def test_what_makes_no_sense_is_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    with pytest.raises(Refused, match=r"is not a valid manifest|it was edited"):
        parse(edited(change))


@pytest.mark.parametrize("number", [b"Infinity", b"-Infinity", b"NaN", b"1e999"])
def test_a_size_that_is_no_size_is_refused(number: bytes) -> None:
    with pytest.raises(Refused, match="is not a valid manifest"):
        parse_manifest(MANIFEST.encode().replace(b'"size":20', b'"size":' + number), "bundle.json")


def test_text_that_has_no_bytes_is_refused() -> None:
    with pytest.raises(Refused, match=r"is not a valid manifest|it was edited"):
        parse_manifest(MANIFEST.encode().replace(b'"name":"demo"', b'"name":"\\ud800"'), "bundle.json")


def test_a_package_listed_twice_for_one_target_is_named() -> None:
    with pytest.raises(Refused, match="lists spam twice for one target"):
        parse(edited(lambda plain: wheels_of(plain).append(SPAM.as_dict())))


def test_a_target_of_no_known_kind_is_refused() -> None:
    with pytest.raises(Refused, match="target 'cp311-win_amd64'"):
        parse(edited(lambda plain: plain["targets"].update({"cp311-win_amd64": {"wheels": []}})))


def test_any_manifest_survives_the_way_to_the_disk_and_back() -> None:
    chance = random.Random(11)
    for _unused in range(100):
        wheels = tuple(
            Wheel(
                f"p{n}",
                f"{n}.{chance.randrange(9)}",
                f"p{n}-1-py3-none-any.whl",
                f"{chance.getrandbits(256):064x}",
                chance.randrange(10**9),
            )
            for n in range(chance.randrange(5))
        )
        manifest = MANIFEST._replace(targets={TARGET: wheels}, pin=chance.choice(["", "3.9.18"]))
        assert parse_manifest(manifest.encode(), "x") == manifest


# ---- interpreters


def test_a_bundle_without_an_interpreter_is_what_it_always_was() -> None:
    assert "interpreters" not in MANIFEST.as_dict()
    assert MANIFEST.id == "a8856a4ade92fc74bf8691a797c9a0c6ddc825f48f2367c35dbca8b4bb37d442"


def test_an_interpreter_is_part_of_the_id_and_is_read_again() -> None:
    assert WITH_INTERPRETER.id != MANIFEST.id
    read = parse_manifest(WITH_INTERPRETER.encode(), "bundle.json")
    assert read == WITH_INTERPRETER and read.interpreters[TARGET] == CARRIED
    assert CARRIED.digests() == {CARRIED.file: "d" * 64, f"{CARRIED.file}.json": "e" * 64}


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.update(interpreters={}),
        lambda plain: plain.update(interpreters=[]),
        lambda plain: plain.update(interpreters=None),
        lambda plain: plain["interpreters"].update(other=CARRIED._asdict()),
        lambda plain: plain["interpreters"].update({OLDER: {**CARRIED._asdict(), "sha256": "f" * 64}}),
        lambda plain: plain["interpreters"].update({TARGET: {}}),
        lambda plain: plain["interpreters"][TARGET].update(file="../python.tar.gz"),
        lambda plain: plain["interpreters"][TARGET].update(file="/python.tar.gz"),
        lambda plain: plain["interpreters"][TARGET].update(file=".python.tar.gz"),
        lambda plain: plain["interpreters"][TARGET].update(file="python.tar.gz.json"),
        lambda plain: plain["interpreters"][TARGET].update(file=None),
        lambda plain: plain["interpreters"][TARGET].update(sha256="D" * 64),
        lambda plain: plain["interpreters"][TARGET].update(description=""),
        lambda plain: plain["interpreters"][TARGET].update(description=None),
        lambda plain: plain["interpreters"][TARGET].update(size=-1),
        lambda plain: plain["interpreters"][TARGET].update(note="mine"),
    ],
)
def test_an_interpreter_that_makes_no_sense_is_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    with pytest.raises(Refused, match=r"is not a valid manifest|it was edited"):
        parse(edited(change, WITH_INTERPRETER))


def test_every_changed_byte_of_it_is_refused_or_is_another_bundle() -> None:
    data = WITH_INTERPRETER.encode()
    for offset in range(len(data)):
        changed = data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :]
        try:
            assert parse_manifest(changed, "bundle.json").id != WITH_INTERPRETER.id
        except Refused:
            continue
