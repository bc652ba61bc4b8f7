# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a host as a whole."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.search import PLACES
from ansible_collections.netdevops.python.plugins.module_utils.host import info
from ansible_collections.netdevops.python.plugins.module_utils.host.bounds import MOST_BYTES
from ansible_collections.netdevops.python.plugins.module_utils.host.history import History, recorded
from ansible_collections.netdevops.python.plugins.module_utils.host.info import parse, tell
from ansible_collections.netdevops.python.plugins.module_utils.host.portrait import portray
from ansible_collections.netdevops.python.plugins.modules.environment_info import ARGUMENTS
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host

FLEET, PACKAGES = 20, 100


def params(**given: Any) -> dict[str, Any]:
    return {**{name: argument.get("default") for name, argument in ARGUMENTS.items()}, **given}


def look(host: Host, **given: Any) -> dict[str, Any]:
    (host.root / "proc").mkdir(exist_ok=True)
    place = {} if "venv" in given else {"search": [str(host.root)]}
    return tell(params(**{**place, **given}), proc=str(host.root / "proc"))


def install(host: Host, *versions: str) -> None:
    for version in versions:
        host.seal(host.wheel("spam", version))
        host.converge()


def snapshot(folder: pathlib.Path) -> dict[str, tuple[int, ...]]:
    """Return what says whether anything below a folder was written."""
    found: dict[str, tuple[int, ...]] = {}
    for root, folders, files in os.walk(folder):
        for path in (os.path.join(root, name) for name in folders + files):
            seen = os.lstat(path)
            found[path] = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return found


def test_all_environments_of_a_host(host: Host) -> None:
    install(host, "1.0")
    (host.root / "srv/tool").mkdir(parents=True)
    (host.root / "srv/tool/pyvenv.cfg").write_text("home = /usr/bin\n")
    found = look(host)
    assert [(one["venv"], one["kind"]) for one in found["environments"]] == [
        (str(host.venv), "managed"),
        (str(host.root / "srv/tool"), "ordinary"),
    ]
    assert [one["home"] for one in found["interpreters"]] == ["/opt/python/bin", "/usr/bin"]
    assert (found["changed"], found["unreadable"], found["left_out"]) == (False, [], {})


def test_one_environment_is_not_searched_for(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    install(host, "1.0")
    monkeypatch.setattr(os, "scandir", lambda folder: pytest.fail(f"looked into {folder}"))
    found = look(host, venv=str(host.venv), processes=False)
    [one] = found["environments"]
    assert (one["venv"], one["processes"]) == (str(host.venv), None)
    assert found["interpreters"][0]["dependents"]["count"] == 1


def test_one_environment_and_who_else_stands_on_its_interpreter(host: Host) -> None:
    install(host, "1.0")
    (host.root / "srv/tool").mkdir(parents=True)
    (host.root / "srv/tool/pyvenv.cfg").write_text("home = /opt/python/bin\n")
    found = look(host, venv=str(host.venv), search=[str(host.root)])
    assert [one["venv"] for one in found["environments"]] == [str(host.venv)]
    paths = [one["path"] for one in found["interpreters"][0]["dependents"]["some"]]
    assert paths == [str(host.venv), str(host.root / "srv/tool")]


def test_where_nothing_is_there_is_none(host: Host) -> None:
    assert look(host, venv=str(host.root / "none/.venv"))["environments"] == []
    assert look(host, search=["/nowhere"])["environments"] == []


def test_the_history_of_the_host_and_of_one_environment(host: Host) -> None:
    install(host, "1.0")
    file = str(host.root / "log/history.jsonl")
    for number, venv in enumerate((str(host.venv), "/opt/other/.venv", str(host.venv))):
        with recorded(History(file, {}), "install", venv, {}, {"release": f"r{number}"}):
            pass
    assert look(host, history_file=file)["history"] == []
    assert [one["to"]["release"] for one in look(host, history=2, history_file=file)["history"]] == ["r1", "r2"]
    found = look(host, venv=str(host.venv), history=5, history_file=file)["history"]
    assert [(one["outcome"], one["to"]["release"]) for one in found] == [("done", "r0"), ("done", "r2")]


def test_it_writes_nothing(host: Host) -> None:
    install(host, "1.0", "2.0")
    (host.release / "receipt.index").unlink()  # What an installation that finds it stale would write again.
    before = snapshot(host.root)
    look(host, verify="content", packages="whole", cyclonedx=True, disk=True, history=5)
    look(host, venv=str(host.venv))
    (host.root / "proc").rmdir()
    assert {path: seen for path, seen in snapshot(host.root).items() if seen != before.get(path)} == {}


def test_what_is_asked_is_where_it_is_looked_for(tmp_path: pathlib.Path) -> None:
    assert parse(params()).search == PLACES
    assert parse(params(venv="/opt/app/.venv")).search == ()
    assert parse(params(venv="/opt/app/.venv", search=["/opt"])).search == ("/opt",)
    assert parse(params(venv="", search=[""])).search == PLACES, "an unanswered question is ''"
    assert parse(params(history_file=str(tmp_path))).history_file == str(tmp_path)
    assert parse(params()).history_file.endswith("/history.jsonl")


def test_everything_that_is_wrong_is_named() -> None:
    with pytest.raises(Refused) as refused:
        tell(params(search=["opt", "srv"], history=-1, history_file="file"))
    assert [problem.subject for problem in refused.value.problems] == ["search", "search", "history", "history_file"]
    with pytest.raises(Refused, match="expected an absolute path"):
        tell(params(venv="opt/.venv"))


def fleet(host: Host) -> None:
    """Lay out many environments by one that is real: a result must hold them all."""
    host.seal(*(host.wheel(f"package-number-{number}", f"{number}.10.0") for number in range(PACKAGES)))
    host.converge()
    for number in range(1, FLEET):
        shutil.copytree(host.app, host.root / f"opt/app{number}", symlinks=True)


def test_the_result_for_a_large_host_is_small(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(host)
    sizes = {}
    for packages in ("count", "versions", "whole"):
        found = look(host, packages=packages, verify="receipt")
        assert [one["packages"]["count"] for one in found["environments"]] == [PACKAGES] * FLEET
        sizes[packages] = len(json.dumps(found))
        assert sizes[packages] <= MOST_BYTES
        assert packages == "whole" or not any(one["cut"] for one in found["environments"])
    assert sizes["count"] < sizes["versions"] / 2 < sizes["whole"]
    found = look(host, packages="whole", cyclonedx=True, verify="receipt")
    assert len(json.dumps(found)) <= MOST_BYTES
    assert found["environments"][-1]["cut"][0] == "cyclonedx"
    monkeypatch.setattr(info, "bounded", lambda told: told)
    assert len(json.dumps(look(host, packages="whole", cyclonedx=True, verify="receipt"))) > 700_000, "lost in AWX"


def test_a_name_that_is_no_utf_8_is_legible(host: Host) -> None:
    folder = os.path.join(os.fsencode(host.root), b"srv/caf\xe9")
    os.makedirs(folder)
    with open(folder + b"/pyvenv.cfg", "wb") as stream:
        stream.write(b"home = /usr/caf\xe9\n")
    found = look(host)
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    assert [one["venv"] for one in found["environments"]] == [f"{host.root}/srv/caf\\udce9"]


@pytest.mark.parametrize("always", [False, True])
def test_what_nobody_thought_of_loses_one_environment(
    host: Host, monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    install(host, "1.0")
    (host.root / "srv/tool").mkdir(parents=True)
    (host.root / "srv/tool/pyvenv.cfg").write_text("home = /usr/bin\n")
    real = portray

    def fails(standing: Any, *words: Any) -> dict[str, Any]:
        if standing.path == str(host.venv) and (always or standing.receipt):
            raise RuntimeError("what is in a file")
        return real(standing, *words)

    monkeypatch.setattr(info, "portray", fails)
    found = look(host)
    said = [(one["venv"], one["kind"], one["detail"]) for one in found["environments"]]
    lost = [] if always else [(str(host.venv), "unreadable", "cannot be told: RuntimeError")]
    tool = (str(host.root / "srv/tool"), "ordinary", "a virtual environment that is no release")
    assert said == [*lost, tool] and found["unreadable"] == [str(host.venv)]
