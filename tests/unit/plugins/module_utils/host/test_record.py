# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import string

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.record import Row, format_record, parse_record

DIGEST = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_rows_are_read_by_path() -> None:
    rows = parse_record(f"a.py,sha256={DIGEST},0\nb/RECORD,,\n", "x.whl")
    assert rows == {"a.py": Row("a.py", HEX, "0"), "b/RECORD": Row("b/RECORD", "", "")}


def test_digests_may_be_padded_and_lines_may_end_as_they_do_on_windows() -> None:
    assert parse_record(f"a.py,sha256={DIGEST}=,0\r\n", "x.whl")["a.py"].sha256 == HEX


def test_names_with_commas_and_quotes_survive() -> None:
    rows = [Row('a,"b".py', HEX, "1"), Row("ü.py", HEX, "2")]
    assert list(parse_record(format_record(rows).decode(), "x").values()) == sorted(rows)


def test_what_is_written_is_sorted_and_unpadded() -> None:
    text = format_record([Row("b", HEX, "0"), Row("a", "", "")])
    assert text == f"a,,\nb,sha256={DIGEST},0\n".encode()


@pytest.mark.parametrize(
    "text",
    [
        "a.py\n",
        "a,b\n",
        "a,b,c,d\n",
        "a,md5=xx,1\n",
        f"a,{DIGEST},1\n",
        "a,sha256=,1\n",
        "a,sha256=AAAA,1\n",
        "a,sha256=é,1\n",
        "\n",
        '"' + "x" * 140_000 + '",,',
    ],
)
def test_any_other_row_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"x\.whl: its RECORD"):
        parse_record(text, "x.whl")


def test_any_text_is_read_or_refused() -> None:
    chance = random.Random(23)
    letters = string.printable + 'sha256=,,,,\n\n""é'
    for _unused in range(2000):
        text = "".join(chance.choice(letters) for _unused in range(chance.randrange(80)))
        try:
            parse_record(text, "x.whl")
        except Refused:
            continue
