# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests for making an interpreter live at another path."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.relocate import holds_prefix, moved, relocate

OLD, NEW = "/opt/pyenv/versions/3.11.7", "/srv/py/3.11.7"


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("{}", True),
        ("prefix={}\n", True),
        ("'-L{}/lib -Wl,-rpath,{}/lib'", True),
        ("-I{}/include", False),  # no option: it follows nothing
        (" -I{}/include", True),
        ("--prefix={}' ", True),
        ("file://{}/x", True),
        ("'./{}'".replace("/{}", "{}"), True),
        ("#!{}/bin/python3.11\n", True),
        ("{}-old", False),
        ("{}.1/lib", False),
        ("{}1", False),
        ("/mnt{}", False),
        ("x{}/lib", False),
        ("\0{}", False),
        ("nothing", False),
    ],
)
def test_where_the_prefix_is_a_path_of_its_own(text: str, there: bool) -> None:
    data = text.format(OLD, OLD).encode()
    assert holds_prefix(data, OLD) is there
    if b"\0" not in data:
        expected = data.replace(OLD.encode(), NEW.encode()) if there else data
        assert moved(data, OLD, NEW) == expected


def test_a_common_word_is_not_taken_for_a_path() -> None:
    text = b"prefix=/install\nfrom distutils.command/install.py import x\n/install_only /usr/install '/install/lib'\n"
    expected = text.replace(b"prefix=/install", b"prefix=/new").replace(b"'/install/lib'", b"'/new/lib'")
    assert moved(text, "/install", "/new") == expected


def test_a_new_path_is_taken_as_it_is() -> None:
    assert moved(b"a=/old b", "/old", r"/new\1\g<0>") == rb"a=/new\1\g<0> b"


def test_a_first_line_that_is_too_long_for_the_kernel_goes_by_way_of_a_shell(tmp_path: pathlib.Path) -> None:
    deep = tmp_path / ("d" * 140) / "bin"
    deep.mkdir(parents=True)
    (deep / "python3").symlink_to(sys.executable)
    data = moved(
        f"#!{OLD}/bin/python3 -I\nimport sys; print(sys.flags.isolated, sys.argv[1:])\n".encode(), OLD, str(deep.parent)
    )
    assert data.startswith(b"#!/bin/sh\n'''exec' \"")
    (tmp_path / "script").write_bytes(data)
    os.chmod(tmp_path / "script", 0o700)
    said = subprocess.run([tmp_path / "script", "a b", "c"], check=True, capture_output=True, text=True).stdout
    assert said == "1 ['a b', 'c']\n"


@pytest.mark.parametrize("length", [126, 127, 128])
def test_the_limit_of_a_first_line(length: int) -> None:
    new = "/" + "n" * (length - len("#!//bin/python\n"))
    line = moved(f"#!{OLD}/bin/python\n".encode(), OLD, new).split(b"\n")[0]
    assert line.startswith(b"#!/n") is (length <= 127)


def test_a_first_line_of_another_program_stays() -> None:
    data = b"#!/bin/bash\nexec " + OLD.encode() + b"/bin/python\n"
    assert moved(data, OLD, NEW) == b"#!/bin/bash\nexec " + NEW.encode() + b"/bin/python\n"


def tree(folder: pathlib.Path) -> pathlib.Path:
    cache = folder / "lib/__pycache__"
    cache.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/pip").write_text(f"#!{OLD}/bin/python\n")
    (folder / "bin/pip").chmod(0o755)
    (folder / "lib/data.py").write_text(f"prefix = '{OLD}'\n")
    for name in ("data.cpython-311.pyc", "data.cpython-311.opt-1.pyc", "database.cpython-311.pyc"):
        (cache / name).write_bytes(OLD.encode())
    return folder


def test_the_listed_files_alone_are_changed(tmp_path: pathlib.Path) -> None:
    folder = tree(tmp_path / "new")
    (folder / "bin/other").write_text(OLD)
    relocate(str(folder), ["bin/pip", "lib/data.py"], OLD, NEW, "a.tar.gz")
    assert (folder / "bin/pip").read_text() == f"#!{NEW}/bin/python\n"
    assert (folder / "lib/data.py").read_text() == f"prefix = '{NEW}'\n"
    assert (folder / "bin/other").read_text() == OLD
    modes = {name: os.stat(folder / name).st_mode & 0o777 for name in ("bin/pip", "lib/data.py")}
    assert modes == {"bin/pip": 0o755, "lib/data.py": 0o644}


def test_bytecode_of_a_changed_file_is_gone(tmp_path: pathlib.Path) -> None:
    """It could pass for fresh: the same time, and with a path of the same length the same size."""
    folder = tree(tmp_path / "new")
    relocate(str(folder), ["lib/data.py"], OLD, NEW, "a.tar.gz")
    assert [path.name for path in (folder / "lib/__pycache__").iterdir()] == ["database.cpython-311.pyc"]


def test_at_its_own_path_nothing_is_written(tmp_path: pathlib.Path) -> None:
    folder = tree(tmp_path / "new")
    before = os.stat(folder / "bin/pip").st_ino
    relocate(str(folder), ["bin/pip", "lib/data.py"], OLD, OLD, "a.tar.gz")
    assert os.stat(folder / "bin/pip").st_ino == before
    assert len(list((folder / "lib/__pycache__").iterdir())) == 3


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/hostname", "lib/../bin/pip", "lib/out/file", "lib/link", "lib//data.py"]
)
def test_a_listed_file_that_leads_elsewhere_is_refused(tmp_path: pathlib.Path, name: str) -> None:
    folder = tree(tmp_path / "new")
    (tmp_path / "outside").write_text(OLD)
    (tmp_path / "far").mkdir()
    (tmp_path / "far/file").write_text(OLD)
    (folder / "lib/out").symlink_to(tmp_path / "far")
    (folder / "lib/link").symlink_to("data.py")
    with pytest.raises(Refused, match="leads outside or through a link"):
        relocate(str(folder), [name], OLD, NEW, "a.tar.gz")
    assert (tmp_path / "outside").read_text() == (tmp_path / "far/file").read_text() == OLD


@pytest.mark.parametrize("name", ["lib/none", "lib"])
def test_a_listed_file_that_is_none_is_refused(tmp_path: pathlib.Path, name: str) -> None:
    with pytest.raises(Refused, match=f"{name} is listed as a file that names its path, and is not there"):
        relocate(str(tree(tmp_path / "new")), [name], OLD, NEW, "a.tar.gz")


def test_a_listed_file_that_is_no_text_is_refused(tmp_path: pathlib.Path) -> None:
    folder = tree(tmp_path / "new")
    (folder / "lib/binary").write_bytes(b"\x7fELF\0" + OLD.encode())
    with pytest.raises(Refused, match="lib/binary is listed as text"):
        relocate(str(folder), ["lib/binary"], OLD, NEW, "a.tar.gz")


@pytest.mark.parametrize("new", ["relative", "/a b", "/a'b", "/a/../b", "/", "/a$b", "/a\nb", "/a:b", "//a"])
def test_a_path_that_scripts_cannot_hold_is_refused(tmp_path: pathlib.Path, new: str) -> None:
    with pytest.raises(Refused, match=re.escape(new)):
        relocate(str(tmp_path), [], OLD, new, "a.tar.gz")
