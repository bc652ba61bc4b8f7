# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os

from ansible_collections.netdevops.python.plugins.module_utils.common.legible import legible


def test_every_text_of_a_result_is_utf_8() -> None:
    name = os.fsdecode(b"/opt/caf\xe9")
    told = {"a": [name, {name: (name, 1, None, True, 0.5)}], "b": "caf\u00e9"}
    assert legible(told) == {
        "a": ["/opt/caf\\udce9", {"/opt/caf\\udce9": ["/opt/caf\\udce9", 1, None, True, 0.5]}],
        "b": "caf\u00e9",
    }
    json.dumps(legible(told), ensure_ascii=False).encode("utf-8")
