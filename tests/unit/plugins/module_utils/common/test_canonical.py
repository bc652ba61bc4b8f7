# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import math
import pathlib
import random

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import (
    CHUNK,
    canonical_json,
    digest_bytes,
    digest_file,
    digest_value,
)


def test_keys_are_sorted_spaces_are_gone_and_text_is_utf8() -> None:
    assert canonical_json({"b": [1, None], "a": "Zürich"}) == '{"a":"Zürich","b":[1,null]}\n'.encode()


def test_order_of_insertion_does_not_matter() -> None:
    keys = [f"key{number}" for number in range(50)]
    shuffled = random.Random(7).sample(keys, len(keys))
    assert digest_value(dict.fromkeys(keys, 1)) == digest_value(dict.fromkeys(shuffled, 1))


def test_order_of_lists_does_matter() -> None:
    assert digest_value([1, 2]) != digest_value([2, 1])


def test_no_number_is_written_that_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"a": math.nan})


def test_digest_of_a_value_is_that_of_its_bytes() -> None:
    assert digest_value({}) == digest_bytes(b"{}\n") == hashlib.sha256(b"{}\n").hexdigest()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_digest_of_a_file_is_that_of_all_of_it(tmp_path: pathlib.Path, size: int) -> None:
    data = bytes(size % 251 for size in range(size))
    (tmp_path / "file").write_bytes(data)
    assert digest_file(str(tmp_path / "file")) == hashlib.sha256(data).hexdigest()
