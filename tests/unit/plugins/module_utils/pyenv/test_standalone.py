# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for what an ``install_only`` archive says of itself."""

from __future__ import annotations

import gzip
import pathlib
import random
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, unpack
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.standalone import describe_archive
from ansible_collections.netdevops.python.tests.unit.support.elves import make_elf
from ansible_collections.netdevops.python.tests.unit.support.installations import make_install_only

NAME = "cpython-3.11.7+20240107-x86_64-unknown-linux-gnu-install_only.tar.gz"
VARIABLES = "lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py"
# What newer releases write: the path is found when the file is imported.
NEWER = b"""from pathlib import Path
installed_base = str(Path(__file__).resolve().parent.parent.parent)
build_time_vars = {
    'CONFIG_ARGS': "'--prefix=/install' '--enable-optimizations'",
    'LIBDIR': f'{installed_base}/lib',
    'prefix': f'{installed_base}',
}
"""


def described(path: pathlib.Path) -> Any:
    return describe_archive(str(path), digest_file(str(path)))


def refusal(path: pathlib.Path) -> str:
    with pytest.raises(Refused) as caught:
        described(path)
    return caught.value.problems[0].message


def test_its_description(tmp_path: pathlib.Path) -> None:
    path = make_install_only(tmp_path / NAME)
    found = described(path)
    assert (found.version, found.target, found.kind) == ("3.11.7", "cp311-manylinux_2_34_x86_64", "install_only")
    assert (found.prefix, found.configure_opts) == ("/install", ("--enable-shared",))
    assert found.libraries == ("libnever.so.1", "libssl.so.3")
    assert found.optional == ("libtk8.6.so",)
    assert (found.file, found.size) == (NAME, path.stat().st_size)
    assert found.relocate == (
        "bin/idle3.11",
        "bin/pip3.11",
        "lib/pkgconfig/python-3.11.pc",
        VARIABLES,
        "lib/python3.11/config-3.11-x86_64-linux-gnu/Makefile",
    )


def test_it_can_be_unpacked_and_lives_at_its_new_path(tmp_path: pathlib.Path) -> None:
    path = make_install_only(tmp_path / NAME, **{"lib/python3.11/setup.py": b"a = '/install/x'\n"})
    unpack(Prebuilt(str(path), described(path)), str(tmp_path / "new"), "/srv/py")
    assert (tmp_path / "new/bin/pip").read_text().startswith("#!/srv/py/bin/python3.11\n")
    assert "'prefix': '/srv/py'" in (tmp_path / "new" / VARIABLES).read_text()
    # Its prefix is a common word: only the files that are known to name it are changed.
    assert (tmp_path / "new/lib/python3.11/setup.py").read_text() == "a = '/install/x'\n"


def test_newer_ones_find_their_path_themselves(tmp_path: pathlib.Path) -> None:
    found = described(make_install_only(tmp_path / NAME, **{VARIABLES: NEWER}))
    assert (found.prefix, found.configure_opts) == ("/install", ("--enable-optimizations",))
    assert VARIABLES in found.relocate


def test_a_musl_one_and_a_free_threaded_one(tmp_path: pathlib.Path) -> None:
    musl = make_elf(interpreter="/lib/ld-musl-x86_64.so.1", needed=("libc.so",))
    header = {
        "include/python3.13t/patchlevel.h": b'#define PY_VERSION      "3.13.0rc2+"\n',
        "include/python3.11/patchlevel.h": b"",
    }
    found = described(make_install_only(tmp_path / NAME, **{"bin/python3.11": musl, **header}))
    assert (found.version, found.target, found.libc_version) == ("3.13.0rc2", "cp313t-musllinux_1_2_x86_64", "1.2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"include/python3.11/patchlevel.h": b""}, "holds no header that tells the version of CPython."),
        ({"include/python3.11/patchlevel.h": b'#define PY_VERSION "4.0"'}, "holds no header that tells the version"),
        ({VARIABLES: b""}, "holds no variables of its build (_sysconfigdata)."),
        ({VARIABLES: b"x = 1"}, "holds no variables of its build (_sysconfigdata)."),
        ({VARIABLES: b"x = {'prefix': ''}"}, "prefix cannot be ''."),
        ({VARIABLES: b"build_time_vars = {'prefix': '/'}"}, "prefix cannot be '/'."),
        ({VARIABLES: b"no python"}, "expected the variables of the build, found no Python"),
        ({"bin/python3.11": make_elf()}, "expected programs and libraries for one processor and one loader"),
        ({"bin/python3.11": b"\x7fELF\x01"}, "is cut short, or points past its end"),
        ({"bin/python3.11": make_elf(machine=183)}, "for one processor and one loader, found aarch64, x86_64"),
    ],
)
def test_what_is_no_such_archive_is_refused(tmp_path: pathlib.Path, changes: dict[str, bytes], message: str) -> None:
    assert message in refusal(make_install_only(tmp_path / NAME, **changes))


def test_its_name_is_part_of_the_description(tmp_path: pathlib.Path) -> None:
    assert "whose name ends with .tar.gz" in refusal(make_install_only(tmp_path / "python.tgz"))


def test_another_digest_is_refused_before_anything_is_read(tmp_path: pathlib.Path) -> None:
    (tmp_path / NAME).write_bytes(b"no archive at all")
    with pytest.raises(Refused, match="expected SHA-256 000"):
        describe_archive(str(tmp_path / NAME), "0" * 64)


def test_random_damage_ends_in_a_refusal_or_an_answer(tmp_path: pathlib.Path) -> None:
    good = gzip.decompress(make_install_only(tmp_path / NAME).read_bytes())
    chance = random.Random(3)
    for _unused in range(150):
        data = bytearray(good)
        for _unused in range(chance.randrange(1, 40)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / NAME).write_bytes(gzip.compress(bytes(data), 1))
        try:
            described(tmp_path / NAME)
        except Refused:
            continue
