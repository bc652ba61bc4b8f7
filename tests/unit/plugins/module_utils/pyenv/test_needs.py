# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks is told at once, by the names of its packages."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import needs
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.needs import (
    fitting_jobs,
    header_hint,
    memory_problems,
    missing_needs,
    usable,
)

TOOLS = ("bash", "make", "tar", "xz")


def ask(host: Any, modules: tuple[str, ...] = ("ssl", "zlib", "lzma"), **env: str) -> list[str]:
    environ = {"PATH": str(host.bin), **env}
    return [str(problem) for problem in missing_needs(host.run, environ, TOOLS, modules, str(host.root))]


def test_a_host_with_everything(host: Any) -> None:
    assert ask(host) == []


def test_tells_tools_and_headers_together(host: Any) -> None:
    (host.bin / "make").unlink()
    (host.bin / "xz").unlink()
    host.missing_headers = {"lzma.h", "zlib.h", "bzlib.h"}
    told = ask(host)
    assert [line.split(":")[0] for line in told] == ["make", "xz", "lzma.h", "zlib.h"], "bz2 is not asked for"
    assert "Install liblzma-dev (Debian, Ubuntu) or xz-devel (RHEL, Fedora)." in told[2]


def test_no_compiler(host: Any) -> None:
    (host.bin / "gcc").unlink()
    assert ask(host) == [f"C compiler: expected gcc or cc or clang on PATH, found none. {needs.COMPILER_STEP}"]


def test_a_compiler_is_named(host: Any) -> None:
    assert "expected icc on PATH" in ask(host, CC="icc -O2")[0]
    host.install("icc")
    assert ask(host, CC="icc -O2", CPPFLAGS="-I/opt/ssl") == []
    assert host.calls[-1][0][1:3] == ("-O2", "-I/opt/ssl")


def test_a_compiler_that_does_not_work(host: Any) -> None:
    def broken(argv: Any, **_: Any) -> Completed:
        return Completed(tuple(argv), 127, "", "cc1: not found")

    problems = missing_needs(broken, {"PATH": str(host.bin)}, TOOLS, (), str(host.root))
    assert "does not work (exit 127): cc1: not found" in str(problems[0])


def test_no_space(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "DISK_BYTES", 1 << 62)
    told = ask(host)
    assert told[0].startswith(f"{host.folder}: expected 4611686018427 MB of disk, ")


def test_too_little_memory() -> None:
    assert memory_problems(3, 600_000_000) == []
    assert str(memory_problems(8, 1_000_000_000)[0]) == (
        "memory: 8 compilers at once need 1350 MB or more, 1000 MB are free. Set `jobs: 5`, or add memory or swap."
    )
    assert str(memory_problems(1, 200_000_000)[0]).endswith("200 MB are free. Add memory or swap.")


@pytest.mark.parametrize("free", [300_000_000, 449_999_999, 450_000_000, 1_000_000_000])
def test_as_many_jobs_as_there_is_memory_for(free: int) -> None:
    jobs = fitting_jobs(100, free)
    assert memory_problems(jobs, free) == []
    assert memory_problems(jobs + 1, free)
    assert fitting_jobs(1, free) == fitting_jobs(8, 1000) == 1


def test_the_c_half_of_uuid_needs_a_header(host: Any) -> None:
    host.missing_headers = {"uuid/uuid.h"}
    assert (
        "uuid/uuid.h: expected this C header, found none. Install uuid-dev (Debian, Ubuntu) or libuuid-devel"
        in (ask(host, modules=("uuid",))[0])
    )


def test_an_archive_that_tar_can_read_comes_first(host: Any) -> None:
    xz, gz = (Archive("Python-1", f"https://x/Python-1.{end}", "") for end in ("tar.xz", "tgz"))
    environ = {"PATH": str(host.bin)}
    assert usable([xz, gz], environ) == [xz, gz]
    (host.bin / "xz").unlink()
    assert usable([xz, gz], environ) == [gz]
    assert usable([xz], environ) == [xz]


def test_hints_name_packages() -> None:
    assert "libssl-dev" in header_hint(["ssl", "asyncio"])
    assert header_hint(["asyncio"]) == "Read the log, and the list in `modules`."
