# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures that several system tests share."""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Iterator

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.find_python import find_python
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import read_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
from ansible_collections.netdevops.python.tests.system.cases import Outcome, run_cases
from ansible_collections.netdevops.python.tests.system.hosts import Host
from ansible_collections.netdevops.python.tests.system.playing import CACHE, REPOSITORY, here, succeeded

EXAMPLE = REPOSITORY / "docs/examples/netcheck"


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of the cases of a module: of those alone that were selected, since each costs a second."""
    cases = [
        item.callspec.params["case"]
        for item in request.session.items
        if item.path == request.path and isinstance(item, pytest.Function) and "case" in item.fixturenames
    ]
    return run_cases(cases, tmp_path_factory.mktemp(request.path.stem))


@pytest.fixture(scope="session")
def pinned() -> Interpreter:
    """The interpreter that the example project pins, which bootstrap installs."""
    pin = read_pin(str(EXAMPLE))
    found = find_python(run_process, pin, "", os.environ)
    assert found, f"Python {pin} is not here: run ./bootstrap.sh --interpreter {pin}"
    return found


@pytest.fixture(scope="session")
def netcheck_bundle(pinned: Interpreter) -> pathlib.Path:
    """The bundle of the example project. It is built where it is not there or not up to date, and kept between sessions."""
    dest = CACHE / "system" / "netcheck"
    constraints = EXAMPLE / "build-constraints.txt"
    arguments = {
        "project": str(EXAMPLE),
        "dest": str(dest),
        "build_constraints": str(constraints),
        "python": pinned.path,
    }
    # The tests' own environment is a build box: it has Poetry and packaging.
    hosts = {"here": {"ansible_python_interpreter": sys.executable}}
    succeeded(here([{"netdevops.python.wheelhouse_build": arguments}], hosts=hosts)[0])
    return dest


@pytest.fixture(scope="session")
def debian(pinned: Interpreter) -> Iterator[Host]:
    """A host with no network, with the interpreter that the example pins, and an account ``netops``."""
    host = Host(f"netdevops-system-{os.getpid()}", [pathlib.Path(pinned.base_prefix)])
    try:
        host.run("useradd", "--create-home", "netops")
        yield host
    finally:
        host.close()
