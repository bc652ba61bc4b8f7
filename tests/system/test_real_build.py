# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CPython that is really compiled, on a host without a way out."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.tests.system.interpreters import SOURCE, compiled
from ansible_collections.netdevops.python.tests.system.pyenv_lab import sha256

pytestmark = pytest.mark.system


def test_through_the_mirror() -> None:
    built = compiled("mirror")
    digest = sha256(SOURCE)
    assert (built.result["source"], built.result["archive"]["sha256"]) == ("mirror", digest)
    assert built.result["archive"]["place"].endswith(f"/{digest}")
    assert f"/{digest}" in built.asked
    assert "Network is unreachable" in built.outside
    assert (built.result["before"]["state"], built.result["after"]["state"]) == ("absent", "present")
    print(f"compiled in {built.seconds:.0f} s, {built.cpu:.0f} CPU s")
