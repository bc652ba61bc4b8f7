# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's edge: options in, result or refusal out."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any, ClassVar

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Action, Plan
from ansible_collections.netdevops.python.plugins.modules import wheelhouse_build


class Build:
    """Stands for the build: has a plan, and remembers whether it was carried out."""

    plan = Plan({"pin": "3.11.6"}, {"pin": "3.11.7"}, (Action("write", "/b"),))
    refusal: Exception | None = None
    made: ClassVar[list[Build]] = []

    def __init__(self, request: Any, run: Any, environ: Any) -> None:
        self.request = request
        self.applied = False
        self.made.append(self)

    def prepare(self) -> Any:
        if self.refusal:
            raise self.refusal

        class Prepared:
            plan = self.plan
            manifest = "the manifest"

            class found:  # noqa: N801
                path = "/b"

        return Prepared

    def apply(self, prepared: Any) -> str:
        self.applied = True
        return "the new manifest"


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> type[Build]:
    class Fresh(Build):
        made: ClassVar[list[Build]] = []

    def outcome(build: Any, prepared: Any, manifest: Any, done: bool) -> dict[str, Any]:
        return {"manifest": manifest, "done": done}

    monkeypatch.setattr(wheelhouse_build, "Build", Fresh)
    monkeypatch.setattr(wheelhouse_build, "outcome", outcome)
    return Fresh


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    old = os.umask(0o022)
    try:
        with patch_module_args(options), pytest.raises(SystemExit):
            wheelhouse_build.main()
    finally:
        os.umask(old)
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_options_become_a_request(
    build: type[Build], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    run(
        capsys, project="/p", dest="/b", targets="cp311-manylinux_2_28_x86_64", root="no", only=["a"], extras="", pin=""
    )
    request = build.made[0].request
    assert (request.project, request.lock, request.pin, request.root) == ("/p", "", "", False)
    assert (request.targets, request.asked) == (
        ("cp311-manylinux_2_28_x86_64",),
        Asked(only=("a",)),
    )
    assert (request.cache, request.jobs, request.timeout) == ("/var/cache/me/netdevops-python", 8, 600)
    assert request.index_url == "https://pypi.org/simple/"


def test_a_run_a_check_and_a_diff(build: type[Build], capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, project="/p", dest="/b", _ansible_diff=True)
    assert (result["changed"], result["manifest"], result["done"], build.made[-1].applied) == (
        True,
        "the new manifest",
        True,
        True,
    )
    assert '"3.11.6"' in result["diff"]["before"] and '"3.11.7"' in result["diff"]["after"]
    result = run(capsys, project="/p", dest="/b", _ansible_check_mode=True)
    assert (result["changed"], result["manifest"], result["done"], build.made[-1].applied) == (
        True,
        "the manifest",
        False,
        False,
    )


def test_nothing_to_do(build: type[Build], capsys: pytest.CaptureFixture[str]) -> None:
    build.plan = Plan({"pin": "3.11.7"}, {"pin": "3.11.7"})
    result = run(capsys, project="/p", dest="/b")
    assert (result["changed"], result["done"], build.made[-1].applied) == (False, True, False)


def test_failures_are_told_and_not_traced(build: type[Build], capsys: pytest.CaptureFixture[str]) -> None:
    build.refusal = Refused([Problem("dest '/'", "is the root of the file system.", "Name another.")])
    result = run(capsys, project="/p", dest="/")
    assert result["msg"] == "dest '/': is the root of the file system. Name another." and len(result["problems"]) == 1
    build.refusal = OSError(28, "No space left on device", "/b/wheels/x.whl")
    assert (
        run(capsys, project="/p", dest="/b")["msg"] == "/b/wheels/x.whl: No space left on device. Nothing was replaced."
    )


def test_neither_project_nor_lock(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    assert "expected exactly one of them" in run(capsys, dest=str(tmp_path / "b"), project="", lock="")["msg"]


def test_the_documentation_has_every_option() -> None:
    documented = yaml.safe_load(wheelhouse_build.DOCUMENTATION)["options"]
    assert documented.keys() == wheelhouse_build.ARGUMENTS.keys()
    for name, argument in wheelhouse_build.ARGUMENTS.items():
        assert documented[name].get("default") == argument.get("default"), name
        assert documented[name]["type"] == argument["type"], name
