# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict reader of the text format of Prometheus, after https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (-?[0-9.e+]+)")
_COMMENT = re.compile(rf"# (HELP|TYPE) ({_NAME}) (.+)")
_UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Sample(NamedTuple):
    """A value with the name of its metric and its labels."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def read_samples(text: str) -> list[Sample]:
    """Return the samples of a text; raises AssertionError where node_exporter or a server would not take it."""
    assert text.endswith("\n") and "\r" not in text
    typed: dict[str, str] = {}
    helped: set[str] = set()
    samples: list[Sample] = []
    for line in text[:-1].split("\n"):
        comment = _COMMENT.fullmatch(line)
        if comment is None:
            samples.append(_sample(line, typed, samples))
            continue
        kind, name, rest = comment.groups()
        assert name not in {sample.name for sample in samples}, f"{name}: its {kind} stands after its samples"
        if kind == "TYPE":
            assert name not in typed and name in helped and rest == "gauge", line
            typed[name] = rest
        else:
            assert name not in helped, line
            helped.add(name)
    assert len({sample[:2] for sample in samples}) == len(samples), "two samples have the same labels"
    return samples


def _sample(line: str, typed: dict[str, str], before: list[Sample]) -> Sample:
    found = _SAMPLE.fullmatch(line)
    assert found, f"no sample: {line!r}"
    name, inside, value = found.groups()
    assert name in typed, f"{name} has no type"
    names = [sample.name for sample in before]
    assert name not in names or names[-1] == name, f"the samples of {name} do not stand together"
    return Sample(name, _labels(inside or ""), float(value))


def _labels(inside: str) -> tuple[tuple[str, str], ...]:
    labels, at = [], 0
    while at < len(inside):
        found = _LABEL.match(inside, at)
        assert found, f"no label: {inside[at:]!r}"
        assert inside[found.end() : found.end() + 1] in ("", ",")
        value = re.sub(r"\\.", lambda escape: _UNESCAPED[escape.group()], found.group(2))
        labels.append((found.group(1), value))
        at = found.end() + 1
    assert len(dict(labels)) == len(labels), f"a label is there twice: {inside}"
    return tuple(labels)
