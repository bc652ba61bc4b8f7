# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One version in one form: Poetry, a lock and a wheel each write the same one in their own."""

from __future__ import annotations

import re

# The pattern of the version specifiers' specification, appendix; what it calls letters are all small here.
_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?"
    r"(?:-(?P<post_1>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_n>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_RELEASE = re.compile(r"(\d+!)?\d+(\.\d+)*")
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


def normal_version(version: str) -> str:
    """Return a version in the form that all tools can agree on (PEP 440, normalization), or as it is when it is none."""
    found = _VERSION.fullmatch(version.strip().lower())
    if not found:
        return version
    part = found.groupdict()
    text = f"{int(part['epoch'])}!" if int(part["epoch"] or 0) else ""
    text += ".".join(str(int(number)) for number in part["release"].split("."))
    if part["pre"]:
        text += f"{_PRE.get(part['pre'], part['pre'])}{int(part['pre_n'] or 0)}"
    if part["post"] or part["post_1"]:
        text += f".post{int(part['post_1'] or part['post_n'] or 0)}"
    if part["dev"]:
        text += f".dev{int(part['dev_n'] or 0)}"
    if part["local"]:
        numbers = re.split(r"[-_.]", part["local"])
        text += "+" + ".".join(str(int(number)) if number.isdigit() else number for number in numbers)
    return text


def is_same_version(one: str, other: str) -> bool:
    """Whether two versions are equal: zeros at the end of a release mean nothing (PEP 440, version matching)."""
    return _without_zeros(normal_version(one)) == _without_zeros(normal_version(other))


def _without_zeros(version: str) -> str:
    found = _RELEASE.match(version)
    return re.sub(r"(\.0)+$", "", found[0]) + version[found.end() :] if found else version
