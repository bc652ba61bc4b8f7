# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python versions a project allows, in Poetry's notation or that of PEP 440."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

_CLAUSE = re.compile(r"(\^|~(?!=)|==|!=|>=|<=|~=|>|<|=)?\s*([0-9][0-9A-Za-z]*(?:\.[0-9A-Za-z]+)*(?:\.\*)?|\*)")


def allows(range_: str, version: str, subject: str) -> bool:
    """Whether ``version`` lies in ``range_``, such as ``>=3.11,<3.13``, ``^3.11`` or ``~3.9 || >=3.11``.

    Raises:
        Refused: when the range cannot be read, naming ``subject``.
    """
    return any(alternative.contains(version, prereleases=True) for alternative in specifiers(range_, subject))


def specifiers(range_: str, subject: str) -> list[Any]:
    """Return the alternatives of ``range_`` as ``packaging.specifiers.SpecifierSet`` values.

    Raises:
        Refused: when the range cannot be read, naming ``subject``.
    """
    return [_specifier_set(part, range_, subject) for part in re.split(r"\|\|?", range_)]


def _specifier_set(part: str, range_: str, subject: str) -> Any:
    if not _CLAUSE.sub("", part).replace(",", "").strip():
        clauses = [_pep440(operator, version) for operator, version in _CLAUSE.findall(part)]
        try:
            return _packaging.specifiers.SpecifierSet(",".join(clause for clause in clauses if clause))
        except _packaging.specifiers.InvalidSpecifier:
            pass
    refuse(
        subject,
        f"expected a range of Python versions, found {range_!r}.",
        "Write it as in PEP 440, for example >=3.11,<3.13.",
    )


def _pep440(operator: str, version: str) -> str:
    """Return one of Poetry's clauses in the notation of PEP 440; '' for "any"."""
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_after(version, 1)}"
    if operator == "~":
        return f">={version},<{_after(version, 2)}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _after(version: str, kept: int) -> str:
    """Return the first version after all that share the first ``kept`` numbers of ``version``.

    The leading number of Python is never 0, so the caret's rule for 0.x is not needed.
    """
    numbers = [int(number) for number in re.findall(r"[0-9]+", version)][:kept]
    return ".".join(str(number) for number in [*numbers[:-1], numbers[-1] + 1])
