# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A case is one thing that is measured; a group is measured interleaved: A B C A B C."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Callable, NamedTuple

from measure import Sample, run

_RECAP = re.compile(r"^host\d+\s+: ok=1\s+changed=(\d)\s+unreachable=0\s+failed=0 ", re.MULTILINE)


class Case(NamedTuple):
    """One thing that is measured.

    Attributes:
        name: As the table says it.
        argv: The command of the n-th repetition.
        env: Its whole environment.
        hosts: Inventory hosts of the run; the CPU time is divided by it. 0 for a run without Ansible.
        times: Repetitions, at most those of the group.
        changed: What Ansible must say of every host: 1 or 0.
        prepare: What is done before each repetition, unmeasured.
        tells: Whether the command says itself, in a last line of JSON, what it took: its start does not count.
        check: What is looked at after the n-th repetition, unmeasured; raises where it is not as it should be.
    """

    name: str
    argv: Callable[[int], Sequence[str]]
    env: Mapping[str, str]
    hosts: int = 0
    times: int = 1
    changed: int = 0
    prepare: Callable[[], None] = lambda: None
    tells: bool = False
    check: Callable[[int], None] = lambda repetition: None

    def once(self, repetition: int) -> Sample:
        """Measure one repetition; raises RuntimeError where it did not do what it is measured for."""
        self.prepare()
        sample = run(self.argv(repetition), self.env)
        said = _RECAP.findall(sample.output)
        if self.hosts and said != [str(self.changed)] * self.hosts:
            raise RuntimeError(f"{self.name}: expected changed={self.changed} of {self.hosts} hosts:\n{sample.output}")
        self.check(repetition)
        return sample._replace(**json.loads(sample.output.splitlines()[-1])) if self.tells else sample


class Measured(NamedTuple):
    """A case with its samples."""

    case: Case
    samples: Sequence[Sample]


def measure(title: str, cases: Sequence[Case]) -> list[Measured]:
    """Measure a group; a case with fewer repetitions than the others is spread over theirs."""
    most = max(case.times for case in cases)
    samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
    begun = time.monotonic()
    for repetition in range(most):
        for case in cases:
            done = len(samples[case.name])
            if repetition * case.times >= done * most and done < case.times:
                samples[case.name].append(case.once(repetition))
        print(f"==> {title}: {repetition + 1} of {most}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return [Measured(case, samples[case.name]) for case in cases]
