# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as one HTML file that needs nothing else: no network, no other file, and no script to be read."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

import jinja2

from ansible_collections.netdevops.python.plugins.plugin_utils.report.fleet import (
    SEVERITIES,
    Environment,
    Finding,
    Fleet,
    Host,
    Interpreter,
    by_severity,
    days_left,
)
from ansible_collections.netdevops.python.plugins.plugin_utils.report.summary import (
    Place,
    Summary,
    by_path,
    standing,
    summarise,
)

SHORT = 12
_ASSETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "assets")
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Life(NamedTuple):
    """How long a version of Python is supported. ``state`` is unknown, over, soon or supported."""

    state: str
    day: str
    days: int


class Row(NamedTuple):
    """A row of the table: an environment of a host, the host itself where ``environment`` is None.

    Attributes:
        order: Its place by host and path.
        anchor: The fragment that leads to the host; of its rows only the one that comes first has it.
        standing: How its bundle stands beside those of other hosts; '' for a host itself.
        counts: How many findings of each severity count.
        weight: What sorts by findings: the gravest decide first.
    """

    host: Host
    environment: Environment | None
    order: int
    anchor: str
    standing: str
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    weight: int
    life: Life

    @property
    def worst(self) -> str:
        """The gravest severity that counts; '' where nothing does."""
        return next((severity for severity in SEVERITIES if self.counts[severity]), "")


def render_page(fleet: Fleet) -> bytes:
    """Return the page. The same fleet gives the same bytes."""
    summary = summarise(fleet)
    style, script = _asset("page.css"), _asset("page.js")
    text = _template().render(
        fleet=fleet,
        summary=summary,
        places=[place for place in summary.places if place.shares[0].bundle],
        rows=_rows(fleet, summary),
        severities=SEVERITIES,
        sentences=list(_sentences(summary)),
        style=style,
        script=script,
        policy=content_policy(style, script),
    )
    return text.encode("utf-8")


def content_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy under which exactly this style and this script run, and nothing is fetched."""
    rules = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _asset(name: str) -> str:
    with open(os.path.join(_ASSETS, name), encoding="utf-8") as stream:
        return stream.read()


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters.update(
        anchor=anchor, holds=_holds, minute=_minute, path=_path, short=_short, versions=_versions
    )
    return environment.from_string(_asset("page.html.j2"))


def _rows(fleet: Fleet, summary: Summary) -> list[Row]:
    """Return all rows: first hosts that did not answer, then what is worst."""
    places = by_path(summary)
    every = [row for host in fleet.hosts for row in _rows_of(host, places)]
    placed = [row._replace(order=number) for number, row in enumerate(every)]
    placed.sort(key=lambda row: (row.host.answered, -row.weight))
    first = {row.host.name: row for row in reversed(placed)}
    return [row._replace(anchor=anchor(row.host.name)) if row is first[row.host.name] else row for row in placed]


def _rows_of(host: Host, places: dict[str, Place]) -> list[Row]:
    """Return the rows of a host: itself where there is something to say of it, and its environments."""
    itself = host.findings_of("")
    rows = [_row(host, environment, places) for environment in host.environments]
    if itself or not rows:
        rows.insert(0, Row(host, None, 0, "", "", itself, *_weighed(itself), Life("unknown", "", 0)))
    return rows


def _row(host: Host, environment: Environment, places: dict[str, Place]) -> Row:
    findings = host.findings_of(environment.venv)
    where = standing(host, environment, places)
    return Row(host, environment, 0, "", where, findings, *_weighed(findings), life_of(host, environment.version))


def _weighed(findings: tuple[Finding, ...]) -> tuple[dict[str, int], int]:
    counts = by_severity(findings)
    weight = 0
    for severity in SEVERITIES:
        weight = weight * 1000 + min(counts[severity], 999)
    return counts, weight


def life_of(host: Host, version: str) -> Life:
    """Return how long a version was still supported when the host was audited."""
    day = host.end_of_life(version)
    left = days_left(day, host.audited_at)
    if left is None:
        return Life("unknown", "", 0)
    state = "over" if left < 0 else "soon" if host.ends_soon(version) else "supported"
    return Life(state, day, left)


def anchor(name: str) -> str:
    """Return the fragment that leads to a host: no two hosts have the same, whatever they are called."""
    return "host-" + re.sub(r"[^A-Za-z0-9._-]", lambda found: f"~{ord(found.group()):x}~", name)


def _sentences(summary: Summary) -> list[str]:
    """Return what an engineer asks first."""
    said = [
        (
            summary.unanswered,
            f"{summary.unanswered} of {summary.hosts} hosts did not answer, and nothing is known of them.",
        ),
        (summary.unapproved, f"{_are(summary.unapproved)} not on the approved bundle."),
        (summary.apart, f"{_are(summary.apart)} on another bundle than most hosts have at the same path."),
        (summary.drifted, f"{_have(summary.drifted)} drifted."),
    ]
    found = [sentence for number, sentence in said if number]
    found += [_there_are(severity, number) for severity, number in summary.findings.items() if number][:1]
    if found:
        return found
    if not summary.hosts:
        return ["There are no hosts."]
    if summary.suppressed:
        known = "1 finding is" if summary.suppressed == 1 else f"{summary.suppressed} findings are"
        return [f"All {summary.hosts} hosts answered, and nothing is wrong that is not known: {known} suppressed."]
    return [f"All {summary.hosts} hosts answered, and nothing is wrong."]


def _are(number: int) -> str:
    return "1 environment is" if number == 1 else f"{number} environments are"


def _have(number: int) -> str:
    return "1 environment has" if number == 1 else f"{number} environments have"


def _there_are(severity: str, number: int) -> str:
    what = "critical findings" if severity == "critical" else f"findings of severity {severity}"
    return f"There is 1 {what.replace('findings', 'finding')}." if number == 1 else f"There are {number} {what}."


def _short(identifier: str) -> str:
    return identifier[:SHORT]


def _minute(moment: str) -> str:
    """Return 2026-11-20 17:00 for 2026-11-20T17:00:00Z, and anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ", moment)
    return f"{found.group(1)} {found.group(2)}" if found else moment


def _path(venv: str) -> tuple[str, str, str]:
    """Return a path in three parts; the one in the middle is what people call the environment."""
    head, _slash, tail = venv.rpartition("/")
    if not tail.startswith("."):
        return f"{head}/" if head or venv.startswith("/") else "", tail, ""
    above, _slash, name = head.rpartition("/")
    return f"{above}/" if head.startswith("/") or above else "", name, f"/{tail}"


def _holds(one: Environment) -> str:
    """Return 87 packages, 2 releases, 70 MiB: as much of it as is known."""
    counts = [
        f"{number} {word}{'s' * (number != 1)}"
        for number, word in ((one.packages, "package"), (one.releases, "release"))
        if number
    ]
    return ", ".join(counts if one.size is None else [*counts, _size(one.size)])


def _versions(interpreters: Sequence[Interpreter]) -> str:
    told = [
        f"{one.version} in {one.folder}" + (f", end of life {one.end_of_life}" if one.end_of_life else "")
        for one in interpreters
    ]
    return "; ".join(told)


def _size(number: int) -> str:
    amount = float(number)
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if amount >= 10 or unit == "B" else f"{amount:.1f} {unit}"
