# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up reports of audits, as ``environment_audit`` returns them: of one host, and of a fleet of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

AT = "2026-11-20T17:00:00Z"
PROJECTS = ("bgp-linter", "config-backup", "netcheck")
SITES = ("fra", "ams", "lon", "par", "waw")
REMEDY = "Run the play of the environment: it builds the release anew."


def identifier(*words: object) -> str:
    """Return an id like that of a bundle."""
    return hashlib.sha256(repr(words).encode()).hexdigest()


def finding(code: str, severity: str, venv: str = "", **more: Any) -> dict[str, Any]:
    """Return a finding."""
    made = {"code": code, "severity": severity, "subject": venv or "/usr/lib/python3", "venv": venv}
    texts = {"message": f"about {code}", "evidence": ["a line", "another"], "remedy": REMEDY, "suppressed": None}
    return {**made, **texts, **more}


def environment(project: str = "netcheck", number: int = 7, **more: Any) -> dict[str, Any]:
    """Return an environment that is as it should be."""
    made = {
        "venv": f"/opt/netops/{project}/.venv",
        "kind": "managed",
        "release": identifier(project, number, "release")[:32],
        "bundle": identifier(project, number),
        "lock": identifier(project, number, "lock"),
        "python": "/opt/pyenv/versions/3.11.7/bin/python",
        "version": "3.11.7",
        "built_at": "2026-11-01T09:30:00Z",
        "age_days": 19,
        "packages": 87,
        "drift": {"count": 0, "some": []},
        "previous": identifier(project, number - 1, "release")[:32],
        "releases": 2,
        "commands": [f"/usr/local/bin/{project}"],
        "bytes": 73_400_320,
    }
    return {**made, **more}


def report(
    environments: Sequence[dict[str, Any]] = (), findings: Sequence[dict[str, Any]] = (), **more: Any
) -> dict[str, Any]:
    """Return the report of a host."""
    counted = [one["severity"] for one in findings if not one["suppressed"]]
    made = {
        "schema": 1,
        "audited_at": AT,
        "seconds": 1.24,
        "environments": list(environments),
        "interpreters": [
            {"folder": "/opt/pyenv/versions/3.11.7", "version": "3.11.7", "end_of_life": "2027-10-31"},
            {"folder": "/opt/pyenv/versions/3.9.18", "version": "3.9.18", "end_of_life": "2025-10-31"},
        ],
        "findings": list(findings),
        "counts": {severity: counted.count(severity) for severity in ("critical", "high", "medium", "low")},
        "suppressed": len(findings) - len(counted),
    }
    return {**made, **more}


def fleet(size: int) -> dict[str, Any]:
    """Return the answers of ``size`` hosts with three environments each. Every 41st or so is not as it should be, each in its own way."""
    return {_name(number): _answer(number) for number in range(1, size + 1)}


def _name(number: int) -> str:
    return f"{SITES[number % len(SITES)]}-edge-{number}"


def _answer(number: int) -> Any:
    if number % 97 == 3:
        return {
            "unreachable": True,
            "changed": False,
            "msg": "Failed to connect to the host via ssh: Connection timed out",
        }
    made = [environment(project) for project in PROJECTS]
    found: list[dict[str, Any]] = []
    for every, spoil in (
        (41, _old_bundle),
        (37, _drifted),
        (53, _dangling),
        (67, _ordinary),
        (29, _old_python),
        (31, _suppressed),
    ):
        if number % every == min(2, every - 1):
            spoil(made, found)
    if number % 11 == 2:
        found.append(_foreign_packages())
    return report(made, found)


def _old_bundle(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    made[2] = environment("netcheck", 6, age_days=83, built_at="2026-08-29T09:30:00Z")
    venv = made[2]["venv"]
    more = {
        "message": "a bundle that the baseline does not name",
        "evidence": [f"approved: {identifier('netcheck', 7)}"],
    }
    found.append(finding("bundle-not-approved", "high", venv, remedy="Install the approved bundle.", **more))


def _drifted(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    some = ["changed lib/python3.11/site-packages/jinja2/runtime.py", "added lib/python3.11/site-packages/debug.pth"]
    made[0]["drift"] = {"count": 2, "some": some}
    message = "files that are not as they were installed"
    found.append(finding("environment-drifted", "high", made[0]["venv"], message=message, evidence=some))
    code = "writable-by-others"
    evidence = ["drwxrwxrwx root root /opt/netops/bgp-linter"]
    message = "a path of an environment that others can write to"
    found.append(finding(code, "critical", made[0]["venv"], message=message, evidence=evidence))


def _dangling(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    gone: dict[str, Any] = {
        "kind": "dangling",
        "release": "",
        "bundle": "",
        "lock": "",
        "age_days": None,
        "packages": 0,
        "version": "",
    }
    made[1].update(gone, python="", built_at="")
    found.append(
        finding("environment-dangling", "critical", made[1]["venv"], message="an environment whose release is gone")
    )


def _ordinary(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    venv = "/home/jdoe/scratch/venv"
    own: dict[str, Any] = {
        "kind": "ordinary",
        "release": "",
        "bundle": "",
        "lock": "",
        "age_days": None,
        "previous": "",
        "releases": 0,
    }
    made.append(environment("scratch", venv=venv, commands=[], built_at="", bytes=None, **own))
    found.append(finding("environment-unmanaged", "medium", venv, message="an ordinary virtual environment"))


def _old_python(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    made[1].update(version="3.9.18", python="/opt/pyenv/versions/3.9.18/bin/python")
    message = "an interpreter past its end of life; it ended on 2025-10-31"
    found.append(
        finding(
            "interpreter-end-of-life", "high", made[1]["venv"], subject="/opt/pyenv/versions/3.9.18", message=message
        )
    )


def _suppressed(made: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    why = {"reason": "CHG0042: the collector of this site needs it until it is replaced", "until": "2027-01-31"}
    found.append(finding("index-not-approved", "high", subject="/etc/pip.conf", suppressed=why))


def _foreign_packages() -> dict[str, Any]:
    message = "packages in a system Python that no package manager knows"
    return finding("system-package-foreign", "low", message=message, evidence=["requests 2.31.0", "urllib3 2.0.7"])


# What a host may send as a name, a path or a message: markup, the ends of scripts and comments, control characters, quotes, templates,
# characters that no XML may hold, half a surrogate pair, and what turns the direction of the text around it.
NASTY = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>--><x>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "a\x00b\x1b[31mred\x7f\x85",
    "\ud800 half",
    "\ufffe\uffff\U0001fffe",
    "\u202egnp.exe\u2066",
    "{{ 7 * 7 }}{% raw %}",
    'back\\slash "quote"\nnew line\r\ttab',
    "&amp;&#0;",
    "javascript:alert(1)",
    "größer 日本 🐍",
    "long" * 100,
)


def nasty() -> dict[str, Any]:
    """Return a fleet in which every text is one of those, and hosts whose reports are of a wrong type throughout."""
    hosts: dict[str, Any] = {text: report([_nasty_environment(text)], _nasty_findings(text)) for text in NASTY}
    wrong = {
        "schema": 1,
        "environments": "no list",
        "findings": [7, None, {}],
        "audited_at": [],
        "seconds": float("nan"),
    }
    values = {"venv": 5, "age_days": "old", "packages": -3, "drift": 7, "commands": "x", "bytes": float("inf")}
    more = {"not a report": 7, "text": NASTY[0], "later": {"schema": 2}, "none": None}
    return {**hosts, **more, "wrong": wrong, "wrong values": {"schema": 1, "environments": [values]}}


def _nasty_environment(text: str) -> dict[str, Any]:
    made = {name: text if isinstance(value, str) else value for name, value in environment().items()}
    return {**made, "commands": [text], "drift": {"count": 1, "some": [text]}}


def _nasty_findings(text: str) -> list[dict[str, Any]]:
    one = dict.fromkeys(("code", "subject", "venv", "message", "remedy", "severity"), text)
    return [{**one, "evidence": [text], "suppressed": None}, {**one, "suppressed": {"reason": text, "until": text}}]
