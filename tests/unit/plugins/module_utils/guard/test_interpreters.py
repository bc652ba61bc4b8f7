# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which standard libraries get a marker, found without starting anything."""

from __future__ import annotations

import pathlib
import sys
import sysconfig

from ansible_collections.netdevops.python.plugins.module_utils.guard.interpreters import see
from ansible_collections.netdevops.python.tests.unit.plugins.module_utils.guard.conftest import Place


def test_pip_would_look_in_the_same_folder() -> None:
    seen = see((), (sys.executable if sys.prefix == sys.base_prefix else str(pathlib.Path(sys.executable).resolve()),))
    assert [one.folder for one in seen.libraries] == [str(pathlib.Path(sysconfig.get_path("stdlib")).resolve())]


def test_a_version_is_found_once_whatever_its_names(place: Place) -> None:
    library = place.install()
    (place.root / "versions/3.12").symlink_to("3.12.1")
    (place.root / "versions/.gone-3.11.7-1/lib/python3.11").mkdir(parents=True)
    (place.root / "versions/.gone-3.11.7-1/lib/python3.11/os.py").touch()
    (place.root / "versions/half").mkdir()
    (place.root / "versions/note.txt").touch()
    (library.parent.parent / "lib64").symlink_to("lib")
    seen = see((str(place.root),) * 2, (str(library.parent.parent / "bin/python"),))
    assert [one.folder for one in seen.libraries] == [str(library)]
    assert (seen.notes, seen.missing, seen.problems) == ((), (), ())


def test_what_leads_out_of_a_tree_is_passed_over(place: Place) -> None:
    library = place.install(prefix="home/ada/python")
    (place.root / "versions").mkdir(parents=True)
    (place.root / "versions/3.12.1").symlink_to(library.parent.parent)
    half = place.root / "versions/3.11.7"
    half.mkdir()
    (half / "lib").symlink_to(library.parent)
    seen = see((str(place.root),), ())
    assert not seen.libraries and len(seen.notes) == 2
    assert seen.notes[1] == (
        f"{place.root}/versions/3.12.1 leads out of {place.root}, to {library}: name it in `interpreters` if it is to be guarded."
    )


def test_an_environment_gets_none(place: Place) -> None:
    library = place.install()
    for folder in (place.root / "versions/venv", place.folder / "venv"):
        (folder / "bin").mkdir(parents=True)
        (folder / "pyvenv.cfg").touch()
        (folder / "lib/python3.12").mkdir(parents=True)
        (folder / "lib/python3.12/os.py").touch()
        (folder / "bin/python").symlink_to(library.parent.parent / "bin/python")
    seen = see((str(place.root),), (str(place.folder / "venv/bin/python"),))
    assert [one.folder for one in seen.libraries] == [str(library)]
    assert [problem.message for problem in seen.problems] == ["is of an environment, in which people may install."]


def test_a_link_into_an_environment_is_of_it(place: Place) -> None:
    library = place.install()
    base, venv = library.parent.parent / "bin/python", place.folder / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    (venv / "bin/python").symlink_to(base)
    (place.folder / "link").symlink_to("venv/bin/python")
    (place.folder / "other").mkdir()
    (place.folder / "other/bin").symlink_to("../venv/bin")
    named = [str(place.folder / name) for name in ("link", "other/bin/python")]
    seen = see((), named)
    assert not seen.libraries and [problem.subject for problem in seen.problems] == named
    # An interpreter may well be in a folder of an environment's.
    (place.folder / "pyvenv.cfg").touch()
    assert [one.folder for one in see((), (str(base),)).libraries] == [str(library)]


def test_of_several_in_one_prefix_the_one_that_is_named(place: Place) -> None:
    one, other = place.install("3.9.2", prefix="usr"), place.folder / "usr/lib/python3.11"
    other.mkdir()
    (other / "os.py").touch()
    (place.folder / "usr/bin/python3.11").touch()
    (place.folder / "usr/bin/shim").touch()
    named = [str(place.folder / "usr/bin" / name) for name in ("python3.9", "python3.11", "shim")]
    seen = see((), named)
    assert [found.folder for found in seen.libraries] == [str(one), str(other)]
    assert [problem.subject for problem in seen.problems] == [named[2]]


def test_the_oldest_pip_counts(place: Place) -> None:
    usr = place.install("3.11.2", "24.0", prefix="usr")
    system = place.folder / "usr/lib/python3/dist-packages"
    system.mkdir(parents=True)
    (system / "pip-20.3.4.egg-info").mkdir()
    (system / "pip_tools-7.0.dist-info").mkdir()
    bare, new = place.install("3.13.0", ""), place.install("3.14.0", "26.3")
    rc = place.install("3.10.1", "23.0.dev0")
    seen = {one.folder: one for one in see((str(place.root),), (str(place.folder / "usr/bin/python"),)).libraries}
    assert [seen[str(one)].pip for one in (usr, bare, new, rc)] == ["20.3.4", "", "26.3", "23.0.dev0"]
    assert [seen[str(one)].is_deaf for one in (usr, bare, new, rc)] == [True, False, False, False]
