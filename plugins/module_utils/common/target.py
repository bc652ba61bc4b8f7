# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target: one kind of host, named like a wheel tag (``cp311-manylinux_2_28_x86_64``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse

_NAME = re.compile(r"(cp3[0-9]+)(t?)-(manylinux|musllinux)_([0-9]+)_([0-9]+)_(x86_64|aarch64)")
# PEP 600 keeps the older names as aliases of these glibc versions.
_LEGACY_GLIBC = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
_LIBC_OF = {"manylinux": "glibc", "musllinux": "musl"}
_FAMILY_OF = {libc: family for family, libc in _LIBC_OF.items()}


class Target(NamedTuple):
    """One kind of host.

    Attributes:
        abi: The ABI tag, such as ``cp311`` or ``cp313t``.
        libc: ``glibc`` or ``musl``.
        libc_version: Its major and minor number; wheels of the target need no newer one.
        arch: ``x86_64`` or ``aarch64``.
    """

    abi: str
    libc: str
    libc_version: tuple[int, int]
    arch: str

    @property
    def name(self) -> str:
        """The name that bundles and messages use."""
        major, minor = self.libc_version
        return f"{self.abi}-{_FAMILY_OF[self.libc]}_{major}_{minor}_{self.arch}"

    @property
    def python(self) -> tuple[int, int]:
        """The feature version, such as ``(3, 11)``."""
        return 3, int(self.abi.rstrip("t")[3:])

    def runs_on(self, host: Target) -> bool:
        """Whether wheels of this target run on ``host``: same kind, and a libc that is not older there."""
        kind = (self.abi, self.libc, self.arch) == (host.abi, host.libc, host.arch)
        return kind and self.libc_version[0] == host.libc_version[0] and self.libc_version <= host.libc_version

    def platforms(self) -> list[str]:
        """Return the platform tags that run here, best first (PEP 600, PEP 656)."""
        major, minor = self.libc_version
        if self.libc == "musl":
            return [f"musllinux_{major}_{n}_{self.arch}" for n in range(minor, -1, -1)] + [f"linux_{self.arch}"]
        tags = []
        for n in range(minor, _OLDEST_GLIBC[self.arch] - 1, -1):
            tags.append(f"manylinux_{major}_{n}_{self.arch}")
            if n in _LEGACY_GLIBC:
                tags.append(f"{_LEGACY_GLIBC[n]}_{self.arch}")
        return [*tags, f"linux_{self.arch}"]


def parse_target(name: str) -> Target:
    """Return the target that ``name`` stands for.

    Raises:
        Refused: when it is not of the form ``cp311-manylinux_2_28_x86_64``.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        refuse(
            f"target {name!r}",
            "expected a name such as cp311-manylinux_2_28_x86_64.",
            "Supported: x86_64, aarch64; manylinux_X_Y, musllinux_X_Y.",
        )
    abi, threads, family, major, minor, arch = match.groups()
    return Target(abi + threads, _LIBC_OF[family], (int(major), int(minor)), arch)


def best_target(names: Iterable[str], host: Target) -> str:
    """Return the name that fits ``host`` best: the newest libc among those that run there.

    Raises:
        Refused: when none of them runs there.
    """
    targets: Sequence[Target] = [parse_target(name) for name in names]
    fitting = [target for target in targets if target.runs_on(host)]
    if fitting:
        return max(fitting, key=lambda target: target.libc_version).name
    known = ", ".join(sorted(target.name for target in targets)) or "none"
    raise Refused(
        [
            Problem(
                f"host {host.name}",
                f"the bundle has no target that runs here; it has {known}.",
                f"Build it with targets: [{host.name}] added.",
            )
        ]
    )
