# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a build can have."""

from __future__ import annotations

import pathlib

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.memory import UNLIMITED, free_memory


def lay(folder: pathlib.Path, **texts: str) -> pathlib.Path:
    for name, text in texts.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_available_and_swap_count(tmp_path: pathlib.Path) -> None:
    lay(
        tmp_path,
        meminfo="MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable:  1000 kB\nSwapFree: 24 kB\nHugePages_Total: 0\n",
    )
    assert free_memory(str(tmp_path / "meminfo"), str(tmp_path)) == 1024 * 1024


def test_a_control_group_limits(tmp_path: pathlib.Path) -> None:
    meminfo = str(lay(tmp_path, meminfo="MemAvailable: 1000000 kB\n") / "meminfo")
    second = lay(tmp_path / "v2", **{"memory.max": "64000000\n", "memory.current": "4000000\n"})
    first = lay(
        tmp_path / "v1",
        **{"memory__memory.limit_in_bytes": "64000000\n", "memory__memory.usage_in_bytes": "65000000\n"},
    )
    none = lay(tmp_path / "none", **{"memory.max": "max\n", "memory.current": "4000000\n"})
    huge = lay(
        tmp_path / "huge",
        **{"memory__memory.limit_in_bytes": "9223372036854771712\n", "memory__memory.usage_in_bytes": "1\n"},
    )
    assert free_memory(meminfo, str(second)) == 60_000_000
    assert free_memory(meminfo, str(first)) == 0
    assert free_memory(meminfo, str(none)) == free_memory(meminfo, str(huge)) == 1_024_000_000


def test_the_cache_of_files_is_free(tmp_path: pathlib.Path) -> None:
    meminfo = str(lay(tmp_path, meminfo="MemAvailable: 1000000 kB\n") / "meminfo")
    full = {"memory.max": "64000000\n", "memory.current": "64000000\n"}
    statistics = "anon 1\ninactive_file 20000000\nactive_file 10000000\nfile 99\nno number at all\n"
    cached = lay(tmp_path / "cached", **full, **{"memory.stat": statistics})
    odd = lay(tmp_path / "odd", **full, **{"memory.stat": "active_file x\n"})
    assert free_memory(meminfo, str(cached)) == 30_000_000
    assert free_memory(meminfo, str(odd)) == 0


def test_what_is_not_told_does_not_limit(tmp_path: pathlib.Path) -> None:
    assert free_memory(str(tmp_path / "none"), str(tmp_path)) == UNLIMITED
    assert free_memory() > 0
