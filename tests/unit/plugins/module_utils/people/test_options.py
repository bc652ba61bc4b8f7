# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of pyenv_users, good and bad."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people.options import ARGUMENTS, Asked, asked


def given(**options: Any) -> Asked:
    return asked({**{name: one.get("default") for name, one in ARGUMENTS.items()}, "users": ["ada", ""], **options})


def test_what_is_not_given_counts_as_such() -> None:
    found = given(versions=[], **{"global": ""})
    assert (found.users, found.versions, found.pin, found.shared) == (("ada",), None, "", "/opt/pyenv")


def test_versions_once_each() -> None:
    assert given(versions=["3.11.7", "3.11.7"]).versions == ("3.11.7",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "/home/ada/.pyenv"}, "expected a folder below the home"),
        ({"folder": "../x"}, "expected a folder below the home"),
        ({"folder": "a/../../x"}, "expected a folder below the home"),
        ({"folder": "."}, "expected a folder below the home"),
        ({"folder": ""}, "expected a folder below the home"),
        ({"shared": "opt/pyenv"}, "shared: expected an absolute path"),
        ({"shared": "/"}, "shared: expected an absolute path"),
        ({"versions": ["3.11"]}, "3.11"),
        ({"versions": ["../../etc"]}, "versions, global"),
        ({"versions": ["3.11.7"], "global": "3.12.1"}, "global: 3.12.1 is not among the versions 3.11.7"),
        ({"timeout": 0}, "timeout: expected 1 or more"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        given(**options)
    assert message in str(caught.value)
