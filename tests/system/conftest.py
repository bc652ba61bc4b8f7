# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures that several system tests share."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.tests.system.cases import Outcome, run_cases


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of the cases of a module: of those alone that were selected, since each costs a second."""
    cases = [
        item.callspec.params["case"]
        for item in request.session.items
        if item.path == request.path and isinstance(item, pytest.Function) and "case" in item.fixturenames
    ]
    return run_cases(cases, tmp_path_factory.mktemp(request.path.stem))
