# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real starts of this Python: through the link of an environment, past it, and where the tree has been moved."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.host.environment import Environment
from ansible_collections.netdevops.python.plugins.module_utils.host.listing import FILE
from ansible_collections.netdevops.python.plugins.module_utils.host.scripts import EntryPoint, console_script
from ansible_collections.netdevops.python.plugins.module_utils.host.staying import (
    STARTUP_FILE,
    startup_text,
    write_startup,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree

FEATURE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f"lib/{FEATURE}/site-packages"
PYTHON = os.path.realpath(sys.executable)
SAYS = """
import json, site, sys
print(json.dumps({
    "places": [sys.prefix, sys.exec_prefix, sys.executable, *site.PREFIXES], "path": sys.path,
    "seen": getattr(sys, "seen", []), "original": site.addpackage.__name__ == "addpackage" and
    site.addpackage.__code__.co_filename != "<string>"}))
"""
# What it sees is what a namespace package of the old kind takes for its place.
SEES = "import sys; sys.seen = getattr(sys, 'seen', []) + [sys._getframe(1).f_locals['sitedir']]\n"
SWITCHES = "import os; os.replace({new!r}, {link!r}) if os.path.lexists({new!r}) else None\n"


def release(environment: Environment, name: str, startup: bool = True) -> pathlib.Path:
    root = pathlib.Path(environment.release(name))
    (root / SITE).mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin/python").symlink_to(PYTHON)
    (root / "pyvenv.cfg").write_text(f"home = {os.path.dirname(PYTHON)}\ninclude-system-site-packages = false\n")
    for module in ("one", "two"):
        (root / SITE / f"{module}.py").write_text(f"RELEASE = {name!r}\n")
    (root / SITE / "zz.pth").write_text(SEES)
    if startup:
        (root / SITE / STARTUP_FILE).write_bytes(startup_text(str(root)))
    return root


def point(environment: Environment, name: str) -> None:
    link = pathlib.Path(environment.venv)
    aside = link.with_name("aside")
    aside.symlink_to(environment.link_target(name))
    os.replace(aside, link)


@pytest.fixture(params=["plain", 'it\'s a "n\u00f6rdlich" place {x}'])
def environment(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Environment:
    return made(tmp_path / request.param)


def made(folder: pathlib.Path, startup: bool = True) -> Environment:
    folder.mkdir()
    environment = Environment(str(folder / ".venv"))
    for name in ("a", "b"):
        release(environment, name, startup)
    point(environment, "a")
    return environment


def start(
    python: object, *words: str, code: str = SAYS, cwd: str = "/", **env: str
) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **env}
    argv = [str(python), *words, "-c", code]
    return subprocess.run(argv, env=clean, cwd=cwd, capture_output=True, text=True, check=False)


def said(python: object, *words: str, **options: Any) -> Any:
    done = start(python, *words, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def check_stays(found: Any, root: str) -> None:
    assert found["places"] == [root, root, f"{root}/bin/python", *[root] * (len(found["places"]) - 3)]
    assert found["path"].count(f"{root}/{SITE}") == 1
    assert not [entry for entry in found["path"] if ".venv/" in entry]
    assert set(found["seen"]) == {f"{root}/{SITE}"}


@pytest.mark.parametrize("words", [[], ["-I"], ["-E", "-s"], ["-X", "utf8"]])
def test_a_start_through_the_link_belongs_to_its_release(environment: Environment, words: Sequence[str]) -> None:
    found = said(f"{environment.venv}/bin/python", *words)
    check_stays(found, environment.release("a"))
    assert found["original"], "site is as it was when the start is over"


def test_a_python_that_has_a_lib64_as_well_stays_too(tmp_path: pathlib.Path) -> None:
    """As Fedora's; there, lib64 of an environment is a link to its lib."""
    environment = made(tmp_path / "place")
    for name in ("a", "b"):
        pathlib.Path(environment.release(name), "lib64").symlink_to("lib")
    code = f"import sys; sys.platlibdir = 'lib64'; import site; site.main(); {SAYS.strip()}"
    found = said(f"{environment.venv}/bin/python", "-S", code=code)
    root = environment.release("a")
    sites = [f"{root}/lib64/{FEATURE}/site-packages", f"{root}/{SITE}"]
    assert [entry for entry in found["path"] if "/.venv" in entry] == sites
    assert set(found["seen"]) == set(sites)


def test_a_start_by_its_own_path_is_what_it_was_without(tmp_path: pathlib.Path) -> None:
    with_file, without = made(tmp_path / "one"), made(tmp_path / "two", startup=False)
    found, expected = (json.dumps(said(f"{e.release('a')}/bin/python")) for e in (with_file, without))
    assert found.replace("/one/", "/two/") == expected


def test_without_the_file_a_start_through_the_link_has_the_links_path(tmp_path: pathlib.Path) -> None:
    """The control."""
    environment = made(tmp_path / "place", startup=False)
    assert said(f"{environment.venv}/bin/python")["places"][0] == environment.venv


@pytest.mark.parametrize("startup", [True, False])
def test_what_is_imported_after_a_switch_is_of_the_same_release(tmp_path: pathlib.Path, startup: bool) -> None:
    environment = made(tmp_path / "place", startup)
    new = f"{environment.venv}-new"
    os.symlink(environment.link_target("b"), new)
    code = f"import os, one; os.replace({new!r}, {environment.venv!r}); import two; print(one.RELEASE, two.RELEASE)"
    assert start(f"{environment.venv}/bin/python", code=code).stdout == ("a a\n" if startup else "a b\n")


def test_children_stay_too(environment: Environment) -> None:
    code = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {SAYS!r}]))"
    check_stays(said(f"{environment.venv}/bin/python", code=code), environment.release("a"))


def test_a_switch_between_two_path_files_changes_nothing(environment: Environment) -> None:
    """The names that site has listed are of the first release; what they say is read from it as well."""
    new = f"{environment.venv}-new"
    os.symlink(environment.link_target("b"), new)
    switches = SWITCHES.format(new=new, link=environment.venv).replace("\u00f6", "\\xf6")
    pathlib.Path(environment.release("a"), SITE, "a.pth").write_text(switches, encoding="ascii")
    check_stays(said(f"{environment.venv}/bin/python"), environment.release("a"))
    assert os.readlink(environment.venv) == environment.link_target("b")


def test_a_link_that_was_switched_before_the_file_is_read_leads_to_the_next_release(environment: Environment) -> None:
    """Its text is the next release's by then, and so is all else that is read."""
    new = f"{environment.venv}-new"
    os.symlink(environment.link_target("b"), new)
    switches = SWITCHES.format(new=new, link=environment.venv).replace("\u00f6", "\\xf6")
    # Sorts before ours.
    pathlib.Path(environment.release("a"), SITE, "!.pth").write_text(switches, encoding="ascii")
    check_stays(said(f"{environment.venv}/bin/python"), environment.release("b"))


def test_another_way_to_the_link_is_no_other_environment(environment: Environment, tmp_path: pathlib.Path) -> None:
    (tmp_path / "way").symlink_to(os.path.dirname(environment.venv))
    (tmp_path / "straight").symlink_to(environment.venv)
    for way in (tmp_path / "way/.venv", tmp_path / "straight"):
        check_stays(said(f"{way}/bin/python"), environment.release("a"))
    check_stays(said("bin/python", cwd=environment.venv), environment.release("a"))


@pytest.mark.parametrize("gone", [True, False])
def test_a_tree_that_was_moved_or_copied_is_left_as_it_is(tmp_path: pathlib.Path, gone: bool) -> None:
    environment = made(tmp_path / "place")
    copy = tmp_path / "elsewhere"
    shutil.copytree(os.path.dirname(environment.venv), copy, symlinks=True)
    if gone:
        shutil.rmtree(tmp_path / "place")
    found = said(copy / ".venv/bin/python")
    assert found["places"][0] == str(copy / ".venv")
    assert set(found["seen"]) == {str(copy / ".venv" / SITE)}


def test_another_python_that_takes_the_folder_in_keeps_its_own_place(environment: Environment) -> None:
    site = f"{environment.venv}/{SITE}"
    code = f"import site, sys; before = sys.prefix; site.addsitedir({site!r}); import one; print(sys.prefix == before, one.__file__)"
    done = start(PYTHON, "-I", code=code)
    assert (done.stdout, done.stderr) == (f"True {environment.release('a')}/{SITE}/one.py\n", "")


def test_a_site_that_nobody_knows_starts_as_well(environment: Environment) -> None:
    """Such as that of a later Python: the line is run with other names, or with none."""
    line = startup_text(environment.release("a")).decode().splitlines()[-1]
    names: tuple[dict[str, object], ...] = ({}, {"sitedir": None}, {"sitedir": environment.venv}, {"sitedir": "x"})
    for given in names:
        before = list(sys.path), sys.prefix
        exec(line, {}, dict(given))
        assert (list(sys.path), sys.prefix) == before


def test_it_is_the_first_that_site_runs() -> None:
    others = ["distutils-precedence.pth", "__editable__.x.pth", "00-first.pth", "-x.pth", "_virtualenv.pth", "A.pth"]
    assert min(*others, STARTUP_FILE) == STARTUP_FILE


def test_it_is_ascii_and_one_line_of_code() -> None:
    text = startup_text("/opt/n\u00f6rdlich/.venv.releases/a")
    assert text.isascii() and text.endswith(b"\n")
    assert [line[:7] for line in text.splitlines() if not line.startswith(b"#")] == [b"import "]


def test_it_is_a_file_of_the_environment_itself(tmp_path: pathlib.Path) -> None:
    (tmp_path / SITE).mkdir(parents=True)
    tree = Tree(str(tmp_path), f"lib/{FEATURE}", 0o750)
    write_startup(tree)
    path = f"{SITE}/{STARTUP_FILE}"
    assert list(tree.files) == [path]
    file = tree.files[path]
    assert (file.kind, file.mode, file.wheel) == (FILE, 0o640, "")
    assert (tmp_path / path).read_bytes() == startup_text(str(tmp_path))


def command(environment: Environment, name: str, module: str) -> None:
    script = pathlib.Path(environment.release(name), "bin/run")
    script.write_bytes(console_script(EntryPoint("run", module, "main"), f"{environment.release(name)}/bin/python"))
    script.chmod(0o755)
    text = f"import sys\ndef main():\n    import __main__\n    print({name!r}, sys.argv[1:], __main__.__file__)\n"
    pathlib.Path(environment.release(name), SITE, f"{module}.py").write_text(text)


def test_the_rest_of_a_command_is_of_the_release_of_its_first_line(environment: Environment) -> None:
    """The kernel has read the first line of one release, and Python finds the text of another: its function has moved."""
    command(environment, "a", "before")
    command(environment, "b", "after")
    clean = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    for first, text in (("a", "a"), ("a", "b"), ("b", "a")):
        point(environment, text)
        argv = [f"{environment.release(first)}/bin/python", f"{environment.venv}/bin/run", "x y"]
        done = subprocess.run(argv, env=clean, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == (f"{text} ['x y'] {environment.release(text)}/bin/run\n", "")
