# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib
import re
import time
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import read_fleet
from ansible_collections.netdevops.python.plugins.plugin_utils.report.prometheus import render_prometheus
from ansible_collections.netdevops.python.tests.unit.support.fleets import environment, finding, fleet, nasty, report
from ansible_collections.netdevops.python.tests.unit.support.metrics import Sample, read_samples

VENV = "/opt/netops/netcheck/.venv"
ALERTS = pathlib.Path(__file__).absolute().parents[5] / "roles/audit/files/alerts.yml"


def rendered(answer: Any, name: str = "edge-1") -> list[Sample]:
    (host,) = read_fleet({name: answer}, "").hosts
    return read_samples(render_prometheus(host))


def values(samples: list[Sample], name: str) -> dict[tuple[str, ...], float]:
    found = [sample for sample in samples if sample.name == f"netdevops_python_{name}"]
    return {tuple(value for _label, value in sample.labels): sample.value for sample in found}


def test_a_host_and_its_environment() -> None:
    own = environment()
    suppressed = {"reason": "r", "until": "2027-01-31"}
    found = [
        finding("a", "high", VENV),
        finding("a", "high", VENV),
        finding("b", "low"),
        finding("c", "critical", suppressed=suppressed),
    ]
    samples = rendered(report([{**own, "drift": {"count": 3, "some": []}}], found))
    assert values(samples, "audit_info") == {("edge-1",): 1}
    assert values(samples, "audit_timestamp_seconds") == {(): 1795194000}
    assert values(samples, "audit_duration_seconds") == {(): 1.24}
    assert values(samples, "audit_findings") == {("critical",): 0, ("high",): 2, ("medium",): 0, ("low",): 1}
    assert values(samples, "audit_findings_suppressed") == {(): 1}
    assert values(samples, "audit_findings_by_code") == {("a", "high", VENV): 2, ("b", "low", ""): 1}
    info = (VENV, "managed", own["release"], own["bundle"], own["lock"], "3.11.7")
    assert values(samples, "environment_info") == {info: 1}
    assert values(samples, "environment_built_timestamp_seconds") == {(VENV,): 1793525400}
    assert values(samples, "environment_drift") == {(VENV,): 3}
    assert values(samples, "environment_packages") == {(VENV,): 87}
    assert values(samples, "environment_releases") == {(VENV,): 2}
    assert values(samples, "environment_size_bytes") == {(VENV,): 73_400_320}
    ends = values(samples, "interpreter_end_of_life_timestamp_seconds")
    assert ends == {
        ("/opt/pyenv/versions/3.9.18", "3.9.18"): 1761868800,
        ("/opt/pyenv/versions/3.11.7", "3.11.7"): 1824940800,
    }


def test_what_is_not_known_is_left_out() -> None:
    own = environment(bytes=None, built_at="", age_days=None)
    samples = rendered(
        report([own], audited_at="", interpreters=[{"folder": "/usr", "version": "3.13.5", "end_of_life": ""}])
    )
    names = {sample.name for sample in samples}
    gone = {"environment_size_bytes", "environment_built_timestamp_seconds", "audit_timestamp_seconds"}
    assert not names & {f"netdevops_python_{name}" for name in {*gone, "interpreter_end_of_life_timestamp_seconds"}}


def test_a_size_is_of_what_a_receipt_names_and_not_of_the_disk() -> None:
    (host,) = read_fleet({"a": report([environment()])}, "").hosts
    (told,) = re.findall(r"# HELP \w+_size_bytes (.*)", render_prometheus(host))
    assert told == "What the files of the current release have, as its receipt names them."


def test_staging_ahead_of_production_is_no_alarm() -> None:
    (rule,) = (
        part
        for part in ALERTS.read_text(encoding="utf-8").split("- alert: ")
        if part.startswith("PythonBundlesDiverge")
    )
    assert "count by (env, venv) (count by (env, venv, bundle)" in rule and "for: 7d" in rule


def test_a_metric_without_a_value_is_not_named() -> None:
    (host,) = read_fleet({"a": report()}, "").hosts
    assert "environment_" not in render_prometheus(host)


def test_times_are_utc_wherever_the_controller_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert values(rendered(report()), "audit_timestamp_seconds") == {(): 1795194000}
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_has_no_release_has_no_drift() -> None:
    gone = environment("gone", kind="dangling", release="", bundle="")
    assert values(rendered(report([environment(), gone])), "environment_drift") == {(VENV,): 0}


def test_a_clean_host_has_zeros() -> None:
    samples = rendered(report())
    assert set(values(samples, "audit_findings").values()) == {0} and values(samples, "environment_info") == {}


@pytest.mark.parametrize("name", sorted(nasty()))
def test_whatever_a_host_sends_is_read(name: str) -> None:
    (host,) = read_fleet({name: nasty()[name]}, "").hosts
    samples = read_samples(render_prometheus(host))
    assert values(samples, "audit_info") == {(host.name,): 1}
    for environment_found in host.environments:
        assert environment_found.venv in {labels[0] for labels in values(samples, "environment_info")}


def test_the_same_environment_twice_would_lose_the_whole_file() -> None:
    rendered(report([environment(), environment(number=6)]))


def test_every_host_of_a_fleet() -> None:
    for name, answer in fleet(120).items():
        if "audit" in answer or "schema" in answer:
            assert rendered(answer, name)


def test_alerts_ask_for_what_is_written() -> None:
    own = environment(drift={"count": 1, "some": []})
    samples = rendered(report([own], [finding("a", "high", VENV)]))
    written = {sample.name: {name for name, _value in sample.labels} | {"instance"} for sample in samples}
    text = ALERTS.read_text(encoding="utf-8")
    asked = set(re.findall(r"netdevops_python_\w+", text)) - {"netdevops_python"}
    assert asked and asked <= set(written)
    for rule in text.split("- alert: ")[1:]:
        known = set().union(
            *(written[name] for name in set(re.findall(r"netdevops_python_\w+", rule.partition("annotations:")[0])))
        )
        assert set(re.findall(r"\$labels\.(\w+)", rule)) <= known, rule
