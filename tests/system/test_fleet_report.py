# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``audit`` publishes: on one page the hosts that answered and those that did not, and on each host what Prometheus reads."""

from __future__ import annotations

import json
import pathlib
import stat
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.playing import play, succeeded
from ansible_collections.netdevops.python.tests.unit.support.fleets import NASTY, fleet
from ansible_collections.netdevops.python.tests.unit.support.metrics import read_samples

pytestmark = pytest.mark.system

REPORT = "netdevops.python.audit_report"
# A port that nobody listens on.
SILENT = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}


def audit(
    folder: pathlib.Path, hosts: dict[str, Any], *options: str, **variables: Any
) -> dict[str, list[dict[str, Any]]]:
    search = folder / "search"
    search.mkdir(exist_ok=True)
    given = {
        "audit_search": [str(search)],
        "audit_roots": [str(search)],
        "audit_dest": str(folder / "report"),
        **variables,
    }
    survey = folder / "survey.yml"
    lines = [f"{name}: {json.dumps(value) if value != '' else '!unsafe ' + repr('')}" for name, value in given.items()]
    survey.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return play(
        # As in a play of somebody's own: what fails, and is not ignored by the role, ends it for the host.
        [{"block": [{"ansible.builtin.include_role": {"name": "netdevops.python.audit"}}], "ignore_errors": False}],
        hosts=hosts,
        options=["-e", f"@{survey}", *options],
    )


def read(folder: pathlib.Path, name: str = "audit") -> dict[str, Any]:
    told = json.loads((folder / "report" / f"{name}.json").read_text(encoding="utf-8"))
    return {host["name"]: host for host in told["hosts"]}


def test_who_did_not_answer_is_on_the_page(tmp_path: pathlib.Path) -> None:
    textfiles = tmp_path / "textfiles"
    textfiles.mkdir()
    audit(
        tmp_path,
        {"a-silent": SILENT, "here": {}, "broken": {"ansible_python_interpreter": "/bin/false"}},
        audit_textfile_dir=str(textfiles),
    )
    hosts = read(tmp_path)
    assert {name: host["answered"] for name, host in hosts.items()} == {
        "a-silent": False,
        "broken": False,
        "here": True,
    }
    assert "could not be reached" in hosts["a-silent"]["problem"] and hosts["broken"]["problem"]
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "2 of 3 hosts did not answer" in page and "<title>Python environments</title>" in page
    suites = ET.parse(tmp_path / "report/audit.xml").getroot()
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [
        ("a-silent", "1"),
        ("broken", "1"),
        ("here", "0"),
    ]
    (written,) = textfiles.iterdir()
    assert written.name == "netdevops_python.prom" and stat.S_IMODE(written.stat().st_mode) == 0o644
    assert len(read_samples(written.read_text(encoding="utf-8"))) > 5


def counts(said: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what the next job gets."""
    (told,) = (
        result["ansible_stats"]["data"] for results in said.values() for result in results if "ansible_stats" in result
    )
    return dict(told)


def test_with_nobody_left_there_is_a_page_and_the_play_fails(tmp_path: pathlib.Path) -> None:
    (tmp_path / "report").mkdir()
    page = tmp_path / "report/index.html"
    page.write_text("of yesterday", encoding="utf-8")
    said = audit(tmp_path, {"a-silent": SILENT, "broken": {"ansible_python_interpreter": "/bin/false"}})
    assert "2 of 2 hosts did not answer" in page.read_text(encoding="utf-8")
    assert [host["answered"] for host in read(tmp_path).values()] == [False, False]
    for results in said.values():
        assert results[-1]["failed"] and "was not looked over: " in results[-1]["msg"], results[-1]
        assert "unreachable" not in results[-1]
    zeros = dict.fromkeys(("critical", "high", "medium", "low", "hosts"), 0)
    assert counts(said) == {"audit_counts_a_silent": {**zeros, "unanswered": 2}}


def test_who_fails_an_audit_does_so_once_the_page_is_there(tmp_path: pathlib.Path) -> None:
    (tmp_path / "search/.venv/bin").mkdir(parents=True)
    (tmp_path / "search/.venv/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n", encoding="utf-8")
    said = audit(tmp_path, {"a-silent": SILENT, "here": {}}, audit_fail_on="low")
    assert (
        "findings are low or graver" in said["here"][-1]["msg"]
        and f"is in {tmp_path}/report on the controller" in (said["here"][-1]["msg"])
    )
    assert {name: host["answered"] for name, host in read(tmp_path).items()} == {"a-silent": False, "here": True}
    (key,) = counts(said)
    assert key == "audit_counts_a_silent"


def test_a_folder_for_prometheus_that_is_not_there_costs_no_page(tmp_path: pathlib.Path) -> None:
    said = audit(tmp_path, {"here": {}}, audit_textfile_dir=str(tmp_path / "none"))
    assert said["here"][-1]["failed"] and read(tmp_path)["here"]["answered"]


def test_a_page_that_cannot_be_written_costs_no_textfile_and_is_not_green(tmp_path: pathlib.Path) -> None:
    said = audit(tmp_path, {"here": {}}, audit_dest="/dev/null/report", audit_textfile_dir=str(tmp_path))
    assert (tmp_path / "netdevops_python.prom").is_file()
    assert said["here"][-1]["failed"] and "The report was not written: /dev/null/report" in said["here"][-1]["msg"]


@pytest.mark.parametrize("name", ["slice-2", ""])
def test_as_awx_launches_it(tmp_path: pathlib.Path, name: str) -> None:
    empty = dict.fromkeys(
        (
            "audit_title",
            "audit_formats",
            "audit_report_host",
            "audit_report_become",
            "audit_report_mode",
            "audit_report_replace",
            "audit_textfile_dir",
        ),
        "",
    )
    # What the inventory says of becoming somebody else is for the hosts alone: this could become nobody.
    hosts = {
        "here": {"ansible_become": False},
        "localhost": {"ansible_become": True, "ansible_become_user": "nobody", "ansible_become_exe": "/bin/false"},
    }
    said = audit(tmp_path, hosts, "--limit", "here", audit_report_name=name, **empty)
    assert [succeeded(result) for result in said["here"]]
    stem = {"slice-2": ["slice-2.html", "slice-2.json", "slice-2.xml"], "": ["audit.json", "audit.xml", "index.html"]}[
        name
    ]
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == stem


def test_a_slice_leaves_the_report_of_another_alone(tmp_path: pathlib.Path) -> None:
    hosts: dict[str, Any] = {"a": {}, "b": {}, "c": {}}
    audit(tmp_path, hosts, "--limit", "a")
    assert list(read(tmp_path)) == ["a"]
    said = audit(tmp_path, hosts, "--limit", "b,c")
    assert list(read(tmp_path)) == ["a"] and "also about a. Give each slice" in said["b"][-1]["msg"]
    assert said["b"][-1]["failed"] and said["c"][-1]["failed"]
    name = "{{ ansible_play_hosts_all | first | regex_replace('[^A-Za-z0-9._-]', '_') }}"
    assert succeeded(audit(tmp_path, hosts, "--limit", "b,c", audit_report_name=name)["b"][-1])
    assert list(read(tmp_path, "b")) == ["b", "c"]
    assert succeeded(audit(tmp_path, hosts, "--limit", "b,c", audit_report_replace="yes")["b"][-1])
    assert list(read(tmp_path)) == ["b", "c"]


def test_equal_reports_change_nothing_and_check_mode_writes_nothing(tmp_path: pathlib.Path) -> None:
    task = {
        REPORT: {
            "reports": {**fleet(4), NASTY[0]: None, "{{ 7 * 7 }}": None},
            "dest": str(tmp_path / "a/b"),
            "formats": ["html", "json"],
        }
    }
    other = {REPORT: {**task[REPORT], "reports": fleet(5)}}
    (checked,) = play([task], options=["--check", "--diff"])["here"]
    assert succeeded(checked)["changed"] and not (tmp_path / "a").exists()
    first, second, third = play([task, task, other], options=["--diff"])["here"]
    assert [succeeded(result)["changed"] for result in (first, second, third)] == [True, False, True]
    assert [stat.S_IMODE((tmp_path / "a/b" / name).stat().st_mode) for name in ("", "index.html")] == [0o755, 0o640]
    assert "index.html" in first["diff"]["after"] and len(json.dumps(first)) < 4000
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["audit.json", "index.html"]
