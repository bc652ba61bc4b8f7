# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands as a person runs them: what they print and how they exit."""

import json
import sys
from pathlib import Path

import pytest
from conftest import edit
from typer.testing import CliRunner

from netcheck import __version__, cli, collect, report

runner = CliRunner()


def test_version() -> None:
    assert runner.invoke(cli.app, ["--version"]).output == f"netcheck {__version__}\n"


def test_the_sample_passes_without_arguments() -> None:
    result = runner.invoke(cli.app, [])
    assert result.exit_code == 0
    assert "fra-mx-1" in result.output
    assert "Findings" not in result.output


def test_findings_are_exit_code_1(sample: Path) -> None:
    edit(sample / "captures/fra-mx-1/show_bgp_neighbor.xml", "Established", "Active")
    result = runner.invoke(cli.app, ["fra-mx-1", "--captures", str(sample / "captures")])
    assert result.exit_code == 1
    assert "203.0.113.1" in result.output


def test_what_cannot_be_read_is_exit_code_2(sample: Path) -> None:
    result = runner.invoke(cli.app, ["--captures", str(sample / "nowhere")])
    assert result.exit_code == 2
    assert "netcheck-collect" in result.stderr


@pytest.mark.parametrize(("library", "group"), [("jxmlease", "junos"), ("ciscoconfparse2", "cisco")])
def test_a_missing_library_names_its_group(monkeypatch: pytest.MonkeyPatch, library: str, group: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    for module in ("netcheck.junos", "netcheck.audit"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    result = runner.invoke(cli.app, [])
    assert result.exit_code == 2
    assert f"dependency group '{group}'" in result.stderr


def test_the_report_marks_the_port_with_errors() -> None:
    rows = json.loads(runner.invoke(report.app, ["--format", "json"]).output)
    assert [row["interface"] for row in rows if row["outlier"]] == ["GigabitEthernet0/0/3"]
    assert {row["errors_per_million"] for row in rows if not row["packets"]} == {None}


def test_the_report_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    assert runner.invoke(report.app, ["--output", str(target)]).output == ""
    assert target.read_text().splitlines()[0] == "device,interface,up,mtu,packets,errors,errors_per_million,outlier"
    assert len(target.read_text().splitlines()) == 11


def test_collect_asks_for_credentials(monkeypatch: pytest.MonkeyPatch, sample: Path) -> None:
    monkeypatch.delenv("NETCHECK_USERNAME", raising=False)
    monkeypatch.setenv("NETCHECK_PASSWORD", "secret")
    result = runner.invoke(collect.app, [str(sample / "new"), "--intent", str(sample / "intent.yml")])
    assert result.exit_code == 2
    assert "set NETCHECK_USERNAME in the environment" in result.stderr
