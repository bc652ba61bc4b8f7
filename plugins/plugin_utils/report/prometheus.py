# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of one host as Prometheus text, for the textfile collector of node_exporter.

Times are seconds since the epoch and no ages: the file lies there until the next audit, and the server computes how long ago that was.
Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import calendar
import collections
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import (
    SEVERITIES,
    Environment,
    Host,
    by_severity,
)

PREFIX = "netdevops_python_"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_DAY = "%Y-%m-%d"


class Sample(NamedTuple):
    """One value of a metric, with its labels."""

    labels: dict[str, str]
    value: float


class Metric(NamedTuple):
    """A gauge: its name without the prefix, what it means, and its values."""

    name: str
    help: str
    samples: Sequence[Sample]


def render_prometheus(host: Host) -> str:
    """Return the text of a host. A metric without a value is left out."""
    return "".join(_render(metric) for metric in _metrics(host) if metric.samples)


def _render(metric: Metric) -> str:
    name = PREFIX + metric.name
    rows = [f"# HELP {name} {metric.help}", f"# TYPE {name} gauge"]
    rows += [f"{name}{_labels(sample.labels)} {_number(sample.value)}" for sample in metric.samples]
    return "\n".join(rows) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _metrics(host: Host) -> Iterator[Metric]:
    yield from _of_the_audit(host)
    yield from _of_environments(host)
    ends = {(one.folder, one.version): _epoch(one.end_of_life, _DAY) for one in host.interpreters}
    yield Metric(
        "interpreter_end_of_life_timestamp_seconds",
        "When a version of Python gets its last security fix, in seconds since the epoch.",
        [Sample({"folder": key[0], "version": key[1]}, end) for key, end in ends.items() if end is not None],
    )


def _of_the_audit(host: Host) -> Iterator[Metric]:
    yield Metric("audit_info", "The name of the host in the inventory.", [Sample({"inventory_hostname": host.name}, 1)])
    at = _epoch(host.audited_at, _MOMENT)
    moment = [] if at is None else [Sample({}, at)]
    yield Metric("audit_timestamp_seconds", "When the host was audited, in seconds since the epoch.", moment)
    yield Metric("audit_duration_seconds", "How long the audit took.", [Sample({}, host.seconds)])
    counts = by_severity(host.findings)
    found = [Sample({"severity": severity}, counts[severity]) for severity in SEVERITIES]
    yield Metric("audit_findings", "Findings that are not suppressed.", found)
    suppressed = sum(one.suppressed is not None for one in host.findings)
    yield Metric("audit_findings_suppressed", "Findings that are suppressed.", [Sample({}, suppressed)])
    codes = collections.Counter((one.code, one.severity, one.venv) for one in host.findings if one.suppressed is None)
    yield Metric(
        "audit_findings_by_code",
        "Findings that are not suppressed, by code and environment; none is no sample.",
        [Sample(dict(zip(("code", "severity", "venv"), key)), codes[key]) for key in sorted(codes)],
    )


def _of_environments(host: Host) -> Iterator[Metric]:
    # Two samples with the same labels make node_exporter drop the whole file.
    every = list({one.venv: one for one in host.environments}.values())
    yield Metric("environment_info", "What an environment is.", [Sample(_info(one), 1) for one in every])
    built = [(one, _epoch(one.built_at, _MOMENT)) for one in every]
    yield Metric(
        "environment_built_timestamp_seconds",
        "When the release of an environment was built, in seconds since the epoch.",
        [Sample({"venv": one.venv}, at) for one, at in built if at is not None],
    )
    # Without a release there is nothing to differ from, and a 0 would look like one that is whole.
    drift = [Sample({"venv": one.venv}, one.drift) for one in every if one.release]
    yield Metric("environment_drift", "Differences between a release and its receipt.", drift)
    packages = [Sample({"venv": one.venv}, one.packages) for one in every]
    yield Metric("environment_packages", "Packages in an environment.", packages)
    releases = [Sample({"venv": one.venv}, one.releases) for one in every]
    yield Metric("environment_releases", "Releases of an environment that are on the host.", releases)
    sizes = [Sample({"venv": one.venv}, one.size) for one in every if one.size is not None]
    yield Metric(
        "environment_size_bytes", "What the files of the current release have, as its receipt names them.", sizes
    )


def _info(one: Environment) -> dict[str, str]:
    named = {"venv": one.venv, "kind": one.kind, "release": one.release, "bundle": one.bundle}
    return {**named, "lock": one.lock, "python_version": one.version}


def _epoch(text: str, form: str) -> float | None:
    try:
        return calendar.timegm(time.strptime(text, form))
    except ValueError:
        return None
