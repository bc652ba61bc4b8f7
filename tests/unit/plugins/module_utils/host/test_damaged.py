# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host


def harm(receipt: pathlib.Path, how: str) -> None:
    if how == "deleted":
        receipt.unlink()
    else:
        receipt.write_text(receipt.read_text().replace('"1.0"', '"1.1"'))


@pytest.mark.parametrize("how", ["deleted", "edited"])
def test_a_release_with_a_damaged_receipt_runs_until_another_takes_its_place(
    host: Host, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.seal(host.wheel())
    old = host.converge()["release"]
    harm(host.releases / old / "receipt.json", how)
    run, there = host.run, []

    def looks(argv: Any, **options: Any) -> Any:
        there.append((host.releases / old / "bin").is_dir())
        return run(argv, **options)

    monkeypatch.setattr(host, "run", looks)
    new = host.converge()["release"]
    assert there and all(there)
    assert new != old and os.readlink(host.venv) == f".venv.releases/{new}"
    assert not (host.releases / old).exists()
    assert not host.converge()["changed"]


@pytest.mark.parametrize("how", ["deleted", "edited"])
def test_it_stays_while_a_process_uses_it(host: Host, how: str) -> None:
    host.seal(host.wheel())
    old = host.converge()["release"]
    harm(host.releases / old / "receipt.json", how)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=host.releases / old)
    try:
        host.converge()
        for keep in (2, 1):
            host.seal(host.wheel(version=f"{keep}.5"))
            host.converge(keep=keep)
            assert not host.converge(keep=keep)["changed"]
            prune({**host.params(), "keep": keep}, False)
            assert (host.releases / old).exists()
    finally:
        process.communicate(b"\n")
    assert prune({**host.params(), "keep": 1}, False)["changed"]
    assert not (host.releases / old).exists()
