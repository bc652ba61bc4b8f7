# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for what the files of an interpreter need of a host."""

from __future__ import annotations

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.elf import Elf, RunPath, read_elf
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.survey import (
    OPTIONAL,
    OWN_LIBRARIES,
    Needs,
    build_variables,
    check_programs,
    configure_options,
    needs_of,
    relative_run_path,
)
from ansible_collections.netdevops.python.tests.unit.support.installations import files_of

PREFIX = "/opt/pyenv/versions/3.11.7"
MUSL = "/lib/ld-musl-x86_64.so.1"


def elves(**changes: Elf) -> dict[str, Elf]:
    files = files_of(PREFIX)
    return {**{name: read_elf(data, name) for name, data in files.items() if data.startswith(b"\x7fELF")}, **changes}


def plain(**fields: object) -> Elf:
    return Elf("x86_64", "", "", (), (), ())._replace(**fields)


def test_what_it_needs() -> None:
    found = elves()
    found = {name: elf for name, elf in found.items() if "_testcapi" not in name}
    assert needs_of(found, OPTIONAL, "python") == Needs("x86_64", "glibc", (2, 34), ("libssl.so.3",), ("libtk8.6.so",))
    assert needs_of(found, (), "python").libraries == ("libssl.so.3", "libtk8.6.so")


def test_a_library_that_another_module_needs_too_is_not_optional() -> None:
    found = elves(**{"lib/python3.11/lib-dynload/_other.so": plain(needed=("libtk8.6.so",))})
    assert "libtk8.6.so" in needs_of(found, OPTIONAL, "python").libraries


def test_a_package_is_no_optional_module_whatever_its_name() -> None:
    found = elves(**{"lib/python3.11/site-packages/_tkinter.so": plain(needed=("libodd.so.1",))})
    assert "libodd.so.1" in needs_of(found, OPTIONAL, "python").libraries


def test_what_it_holds_itself_need_not_be_on_the_host() -> None:
    held = {
        "lib/libssl.so.3": plain(),
        "lib/x/renamed.so": plain(soname="libtk8.6.so"),
        "lib/a": plain(needed=("libssl.so.3",)),
    }
    assert needs_of(elves(**held), (), "python").libraries == ("libnever.so.1",)


@pytest.mark.parametrize("name", ["$ORIGIN/../lib/libpython3.11.so.1.0", "${ORIGIN}/../lib/libpython3.11.so.1.0"])
def test_a_library_of_its_own_may_be_needed_by_its_path(name: str) -> None:
    """python-build-standalone does that, so that LD_LIBRARY_PATH leads to no other one."""
    found = elves()
    found["bin/python3.11"] = found["bin/python3.11"]._replace(needed=(name, "libc.so.6"))
    assert needs_of(found, OPTIONAL, "python") == needs_of(elves(), OPTIONAL, "python")
    check_programs(found, PREFIX, "python")


@pytest.mark.parametrize(
    "name", ["/opt/lib/libx.so", "$ORIGIN/../../lib/libx.so", "$ORIGIN/libpython3.11.so.1.0", "./a"]
)
def test_another_one_may_not(name: str) -> None:
    with pytest.raises(Refused, match=r"bin/a needs .*, which is not in it"):
        needs_of(elves(**{"bin/a": plain(needed=(name,))}), OPTIONAL, "python")


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        (("GLIBC_2.9", "GLIBC_2.17"), (2, 34)),
        (("GLIBC_2.38", "OPENSSL_3.9"), (2, 38)),
        (("GLIBC_ABI_DT_RELR",), (2, 36)),
        (("GLIBC_PRIVATE", "GLIBC_2.35.1"), (2, 35)),
    ],
)
def test_the_newest_version_of_glibc_counts(versions: tuple[str, ...], newest: tuple[int, int]) -> None:
    assert needs_of(elves(**{"lib/new.so": plain(versions=versions)}), (), "python").glibc == newest


def test_musl_marks_no_versions() -> None:
    found = needs_of({"bin/python3.11": plain(interpreter=MUSL, needed=("libc.musl-x86_64.so.1",))}, (), "python")
    assert found == Needs("x86_64", "musl", None, (), ())


@pytest.mark.parametrize(
    "files",
    [
        {"bin/python3.11": plain(interpreter="/lib/x"), "lib/a.so": plain(machine="aarch64")},
        {"bin/python3.11": plain()},
        {"bin/python3.11": plain(interpreter="/lib/x"), "bin/python3.11d": plain(interpreter="/lib/y")},
        {},
    ],
    ids=["two processors", "static", "two loaders", "nothing"],
)
def test_what_is_no_interpreter_for_one_kind_of_host_is_refused(files: dict[str, Elf]) -> None:
    with pytest.raises(Refused, match="for one processor and one loader"):
        needs_of(files, (), "python")


@pytest.mark.parametrize(
    "name",
    [
        "libc.so.6",
        "libm.so.6",
        "libpthread.so.0",
        "ld-linux-x86-64.so.2",
        "ld-linux-aarch64.so.1",
        "libc.musl-aarch64.so.1",
    ],
)
def test_libraries_of_the_c_library(name: str) -> None:
    assert OWN_LIBRARIES.fullmatch(name)


@pytest.mark.parametrize("name", ["libcrypt.so.1", "libnsl.so.2", "libcom_err.so.2", "libgcc_s.so.1", "libmpdec.so.3"])
def test_libraries_that_are_packages_of_their_own(name: str) -> None:
    assert not OWN_LIBRARIES.fullmatch(name)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("bin/python3.11", f"{PREFIX}/lib", "$ORIGIN/../lib"),
        ("lib/libpython3.11.so.1.0", f"{PREFIX}/lib", "$ORIGIN"),
        ("lib/python3.11/lib-dynload/_ssl.so", f"{PREFIX}/lib/", "$ORIGIN/../.."),
        ("lib/python3.11/lib-dynload/_ssl.so", f"{PREFIX}/openssl/lib", "$ORIGIN/../../../openssl/lib"),
        ("bin/a", f"/usr/local/lib:{PREFIX}/lib:$ORIGIN", "/usr/local/lib:$ORIGIN/../lib:$ORIGIN"),
        ("bin/a", PREFIX, "$ORIGIN/.."),
        ("bin/a", f"{PREFIX}-other/lib", f"{PREFIX}-other/lib"),
        ("bin/a", "/usr/lib", "/usr/lib"),
        ("bin/a", "", ""),
    ],
)
def test_run_paths_become_relative(path: str, text: str, expected: str) -> None:
    assert relative_run_path(path, RunPath("RUNPATH", text, 0), PREFIX) == expected


def test_a_program_that_finds_its_own_library() -> None:
    check_programs(elves(), PREFIX, "python")
    found = {
        name: elf._replace(run_paths=(RunPath("RPATH", "/usr/lib:${ORIGIN}/../lib", 0),))
        for name, elf in elves().items()
    }
    check_programs(found, PREFIX, "python")


@pytest.mark.parametrize("run_paths", [(), (RunPath("RUNPATH", "/usr/lib", 0),), (RunPath("RUNPATH", "$ORIGIN", 0),)])
def test_a_program_that_would_take_the_distributions_library_is_refused(run_paths: tuple[RunPath, ...]) -> None:
    found = elves()
    found["bin/python3.11"] = found["bin/python3.11"]._replace(run_paths=run_paths)
    with pytest.raises(
        Refused, match=r"bin/python3.11 needs libpython3.11.so.1.0 and has no run path that leads there"
    ):
        check_programs(found, PREFIX, "python")


def test_variables_are_read_and_not_run() -> None:
    text = b"import os\nos.mkdir('/evil')\nbase = str(1)\nbuild_time_vars = {'prefix': '/install', 'N': 8, 'F': f'{base}/lib'}\n"
    assert build_variables(text, "data.py") == {"prefix": "/install", "N": 8}


@pytest.mark.parametrize("text", [b"a = (", b"\0", b"a = " + b"(" * 5000, b"\xff\xfe"])
def test_variables_that_are_no_python_are_refused(text: bytes) -> None:
    with pytest.raises(Refused, match="found no Python"):
        build_variables(text, "data.py")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "'--prefix=/a' '--enable-shared' 'LDFLAGS=-L/a -Wl,x' '--with-lto=full'",
            ("--enable-shared", "--with-lto=full"),
        ),
        ("--libdir=/a CC=clang --build=x --without-doc-strings", ("--without-doc-strings",)),
        ("'unbalanced", ()),
        ("", ()),
    ],
)
def test_options_of_configure(text: str, words: tuple[str, ...]) -> None:
    assert configure_options(text) == words
