# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which wheels a target runs, told by their file names, with the standard library alone.

A build box chooses with ``packaging``; a host only checks the choice once more. Both are held
against each other in the unit tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

_FIRST_ABI3 = 2  # abi3 starts with CPython 3.2 (PEP 384)


def file_tags(file: str) -> Iterator[tuple[str, str, str]]:
    """Yield the (python, abi, platform) tags of a wheel's file name, compressed sets expanded (PEP 425)."""
    python, abi, platform = file[: -len(".whl")].split("-")[-3:]
    for one in python.split("."):
        for two in abi.split("."):
            for three in platform.split("."):
                yield one, two, three


def fits(file: str, target: Target) -> bool:
    """Whether the wheel named ``file`` is made for ``target``."""
    platforms = set(target.platforms())
    return any(
        _platform_fits(abi, platform, platforms) and _python_fits(python, abi, target)
        for python, abi, platform in file_tags(file)
    )


def _platform_fits(abi: str, platform: str, platforms: set[str]) -> bool:
    # What is compiled against an ABI is compiled for some platform.
    return platform in platforms or (platform == "any" and abi == "none")


def _python_fits(python: str, abi: str, target: Target) -> bool:
    minor = target.python[1]
    plain = target.abi.rstrip("t")
    stable = "abi3" if target.abi == plain else "abi3t"  # A free-threaded interpreter has one of its own (PEP 803).
    if abi == target.abi:
        return python == plain
    if abi == stable:
        return python in {f"cp3{n}" for n in range(_FIRST_ABI3, minor + 1)}
    return abi == "none" and python in {plain, "py3"} | {f"py3{n}" for n in range(minor + 1)}
