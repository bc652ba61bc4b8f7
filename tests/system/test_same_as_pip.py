# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our installer makes of the example's wheels, file by file beside what pip and pypa/installer make of them.

Every difference that is allowed is named here with its reason; any other is a failure.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import pathlib
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge
from ansible_collections.netdevops.python.plugins.module_utils.host.staying import STARTUP_FILE
from ansible_collections.netdevops.python.tests.unit.support.wheels import make_wheel, seal

pytestmark = pytest.mark.system

# Files of a dist-info folder that are not the package's.
NOTES = {
    "INSTALLER": "names the program that installed (PEP 376), so each writes its own name",
    "REQUESTED": "pip marks what a person named on its command line; a bundle is a list that nobody typed",
    "direct_url.json": "pip notes the path of the wheel (PEP 610), which means nothing once it is installed",
    "RECORD": "compared row by row, since the rows of these files and of bytecode and scripts differ with them",
}
OWN = ("receipt.json", "receipt.files", "receipt.index")
# Folders whose sources stay uncompiled: Python does it should somebody import one, and it is half of the work.
SUITES = {"test", "tests"}
# A script that came from Windows, without the bit. "Unix installers may need to add the +x bit to these files" says the
# binary distribution format; ours does, and pip and installer leave a command that cannot be run.
FROM_WINDOWS = "bin/odd-windows"

DESCRIBE = """
import json, sys, sysconfig
print(json.dumps(sysconfig.get_paths(scheme="venv" if "venv" in sysconfig.get_scheme_names() else None)))
"""
INSTALLER = """
import json, re, sys
from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile
paths, python, version, wheels = json.load(sys.stdin)
for path in wheels:
    with WheelFile.open(path) as source:
        # Where pip puts them too; the library leaves this to whoever calls it.
        name = re.sub("[-_.]+", "-", source.distribution).lower()
        headers = f"{paths['data']}/include/site/python{version}/{name}"
        scheme = {**{name: paths[name] for name in ("purelib", "platlib", "scripts", "data")}, "headers": headers}
        install(source, SchemeDictionaryDestination(scheme, python, "posix"), {"INSTALLER": b"installer"})
"""


class Made(NamedTuple):
    """An environment: its folder, and the files in it that came from wheels, with their path below it."""

    root: pathlib.Path
    files: Mapping[str, os.stat_result]

    def data(self, path: str) -> bytes:
        """Return the content of a file; of a link, its target."""
        full = self.root / path
        return os.readlink(full).encode() if full.is_symlink() else full.read_bytes()

    def names(self, *, bytecode: bool = False) -> set[str]:
        """Return the paths of bytecode, or of all else that is the packages' own."""
        if bytecode:
            return {path for path in self.files if path.endswith(".pyc")}
        return {path for path in self.files if not path.endswith(".pyc") and not is_note(path)}


def is_note(path: str) -> bool:
    """Whether a path is one of the files that installers write about a package."""
    folder, _unused, name = path.rpartition("/")
    return folder.endswith(".dist-info") and name in NOTES


def walked(root: pathlib.Path, without: Sequence[str] = ()) -> Made:
    """Look at an environment, leaving out the files of an empty one."""
    found = {}
    for folder, folders, names in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in names + links:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = os.lstat(path)
    return Made(root, {path: status for path, status in found.items() if path not in without})


class Bundle(NamedTuple):
    """A bundle to compare by: its folder and wheels, and how many files, commands and compiled modules it has at least."""

    folder: pathlib.Path
    wheels: Sequence[str]
    least: tuple[int, int, int]


def small_bundle(folder: pathlib.Path, pinned: Interpreter) -> Bundle:
    """Make a bundle of what wheels may hold by the specification, and those of the example do not."""
    scripts = {
        "odd-plain": b"#!python\nprint()\n",
        "odd-gui": b"#!pythonw\nprint()\n",
        "odd-flags": b"#!python -E\nprint()\n",
        "odd-three": b"#!python3\nprint()\n",
        "odd-shell": b"#!/bin/sh\necho\n",
        "odd-module.py": b"#!/usr/bin/env python\n",
        "odd-binary": b"\x7fELF\x00#!python\n",
    }
    odd = {
        "odd/__init__.py": b"def main():\n    pass\n",
        "odd/tests/test_odd.py": b"",
        "odd/not_python.py": b"print 'no'\n",
        "odd/\u00fcml\u00e4ut.txt": b"x\n",
        "odd/empty": b"",
        "odd/tool.sh": b"#!/bin/sh\n",
        "{data}/purelib/pure.py": b"PURE = 1\n",
        "{data}/platlib/plat.so": b"\x7fELF",
        "{data}/headers/odd.h": b"int odd;\n",
        "{data}/headers/deep/er.h": b"",
        "{data}/data/share/odd/doc.txt": b"read me\n",
        "{data}/data/etc/odd.conf": b"",
        **{f"{{data}}/scripts/{name}": data for name, data in scripts.items()},
        "{data}/scripts/odd-windows": b"#!python\n",
    }
    points = "[console_scripts]\nodd = odd:main\nOdd.Two = odd.deep:Class.run [extra]\n[gui_scripts]\nodd-window = odd:main\n"
    executable = ["odd/tool.sh", *(f"odd-1!2.0+local.data/scripts/{name}" for name in scripts)]
    wheels = [
        make_wheel(folder / "wheels", "odd", "1!2.0+local", odd, entry_points=points, executable=executable),
        make_wheel(folder / "wheels", "name-space", "1.0", {"space/one.py": b"", "{data}/headers/n.h": b""}),
        make_wheel(folder / "wheels", "other", "1.0", {"space/two.py": b""}),
    ]
    seal(folder, wheels, pinned.target.name, pinned.version)
    return Bundle(folder, [str(folder / "wheels" / wheel.file) for wheel in wheels], (20, 3, 1))


@pytest.fixture(scope="module", params=["example", "small"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pinned: Interpreter) -> Bundle:
    if request.param == "small":
        return small_bundle(tmp_path_factory.mktemp("small"), pinned)
    folder: pathlib.Path = request.getfixturevalue("netcheck_bundle")
    (target,) = json.loads((folder / "bundle.json").read_bytes())["targets"].values()
    wheels = [str(folder / "wheels" / wheel["file"]) for wheel in target["wheels"]]
    assert len(wheels) >= 90
    return Bundle(folder, wheels, (5_000, 20, 20))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> pathlib.Path:
    return tmp_path_factory.mktemp("same")


def plain_environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull}


def run(argv: Sequence[str], said: str = "") -> str:
    done = subprocess.run(argv, input=said, env=plain_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def empty_environment(root: pathlib.Path, python: str) -> pathlib.Path:
    run([python, "-I", "-m", "venv", "--without-pip", "--symlinks", str(root)])
    return root


@pytest.fixture(scope="module")
def bare(place: pathlib.Path, pinned: Interpreter) -> list[str]:
    """The files of an environment without packages, which every way starts from."""
    return sorted(walked(empty_environment(place / "bare", pinned.path)).files)


@pytest.fixture(scope="module")
def ours(place: pathlib.Path, pinned: Interpreter, bundle: Bundle, bare: list[str]) -> Made:
    parameters = {
        "venv": str(place / "ours" / ".venv"),
        "state": "present",
        "bundle": str(bundle.folder),
        "bundle_id": None,
        "remote_src": True,
        "python": pinned.path,
        "mode": "0755",
        "compile": True,
        "verify": "stat",
        "keep": 1,
        "lock_timeout": 5,
        "prove_timeout": 60,
    }
    assert converge(parameters, check_mode=False)["changed"] is True
    root = (place / "ours" / ".venv").resolve()
    # Of the environment and of no wheel: what keeps a process with its release.
    (startup,) = root.glob(f"lib/python3.*/site-packages/{STARTUP_FILE}")
    return walked(root, [*bare, *OWN, str(startup.relative_to(root))])


@pytest.fixture(scope="module")
def pips(place: pathlib.Path, pinned: Interpreter, bundle: Bundle, bare: list[str]) -> Made:
    """pip with its bytecode, into an environment that has no pip."""
    root = empty_environment(place / "pip", pinned.path)
    options = [
        "--isolated",
        "--no-deps",
        "--no-index",
        "--no-cache-dir",
        "--no-input",
        "--quiet",
        "--root-user-action=ignore",
    ]
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(root / "bin/python"),
            "install",
            "--disable-pip-version-check",
            *options,
            *bundle.wheels,
        ]
    )
    return walked(root, bare)


@pytest.fixture(scope="module")
def installers(place: pathlib.Path, pinned: Interpreter, bundle: Bundle, bare: list[str]) -> Made:
    root = empty_environment(place / "installer", pinned.path)
    paths = json.loads(run([str(root / "bin/python"), "-I", "-c", DESCRIBE]))
    version = ".".join(pinned.version.split(".")[:2])
    run([sys.executable, "-I", "-c", INSTALLER], json.dumps([paths, str(root / "bin/python"), version, bundle.wheels]))
    return walked(root, bare)


@pytest.fixture(params=["pips", "installers"])
def theirs(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


def test_it_is_worth_comparing(ours: Made, bundle: Bundle) -> None:
    """Commands, compiled code, data files: all that an installer treats in its own way."""
    names = ours.names()
    files, commands, compiled = bundle.least
    assert len(names) > files
    assert sum(name.startswith("bin/") for name in names) > commands
    assert sum(".so" in name for name in names) >= compiled
    assert [name for name in names if name.split("/")[0] not in ("bin", "lib")]


def test_the_files_are_the_same(ours: Made, theirs: Made) -> None:
    assert sorted(ours.names() ^ theirs.names()) == []


def test_the_notes_are_as_explained(ours: Made, pips: Made) -> None:
    """Each package has an INSTALLER and a RECORD of ours, and pip adds exactly what is named above."""

    def notes(made: Made) -> set[str]:
        return {path for path in made.files if is_note(path)}

    packages = {os.path.dirname(path) for path in notes(ours)}
    assert notes(ours) == {f"{package}/{name}" for package in packages for name in ("INSTALLER", "RECORD")}
    assert notes(pips) - notes(ours) == {
        f"{package}/{name}" for package in packages for name in ("REQUESTED", "direct_url.json")
    }
    assert {ours.data(path) for path in notes(ours) if path.endswith("INSTALLER")} == {b"netdevops.python\n"}


def test_the_content_is_the_same(ours: Made, theirs: Made) -> None:
    different = [
        path for path in sorted(ours.names()) if not path.startswith("bin/") and ours.data(path) != theirs.data(path)
    ]
    assert different == []


def test_what_may_be_run_is_the_same(ours: Made, theirs: Made) -> None:
    def executable(made: Made) -> set[str]:
        return {path for path in made.names() if made.files[path].st_mode & 0o111}

    assert sorted((executable(ours) ^ executable(theirs)) - {FROM_WINDOWS}) == []


def test_links_are_none(ours: Made, theirs: Made) -> None:
    assert [
        path for made in (ours, theirs) for path, status in made.files.items() if stat.S_ISLNK(status.st_mode)
    ] == []


class Command(NamedTuple):
    """What a console script does: imports a name from a module and calls something of it."""

    module: str
    name: str
    call: str


def command_of(text: bytes) -> Command | None:
    """Return what a console script does, read from its syntax; None for a script that is no console script.

    The text around it differs (each template cuts an ``.exe`` off the name in its own way, for Windows).
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    exits = [
        node.args[0].func
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "sys.exit"
        and node.args
        and isinstance(node.args[0], ast.Call)
    ]
    if len(imports) != 1 or len(exits) != 1 or len(imports[0].names) != 1:
        return None
    return Command(str(imports[0].module), imports[0].names[0].name, ast.unparse(exits[0]))


def interpreter_of(made: Made, path: str) -> str:
    """Return the program that a script starts, from its first line or from the shell's second."""
    lines = made.data(path).split(b"\n")
    if lines[0] == b"#!/bin/sh" and lines[1].startswith(b"'''exec'"):
        return lines[1].split(b'"')[1].decode() if b'"' in lines[1] else lines[1].split()[1].decode()
    return lines[0][len(b"#!") :].decode()


def declared_commands(made: Made) -> Iterator[tuple[str, str]]:
    """Yield the commands that the packages declare, with what each refers to."""
    for path in made.names():
        if path.endswith(".dist-info/entry_points.txt"):
            section = ""
            for line in made.data(path).decode().splitlines():
                if line.startswith("["):
                    section = line.strip()
                elif section in ("[console_scripts]", "[gui_scripts]") and "=" in line:
                    name, _unused, reference = line.partition("=")
                    yield name.strip(), reference.split("[")[0].replace(" ", "")


def test_commands_call_what_the_packages_declare(ours: Made, theirs: Made, bundle: Bundle) -> None:
    declared = dict(declared_commands(ours))
    assert len(declared) >= bundle.least[1]
    for name, reference in declared.items():
        module, _unused, attribute = reference.partition(":")
        expected = Command(module, attribute.split(".")[0], attribute)
        assert command_of(ours.data(f"bin/{name}")) == command_of(theirs.data(f"bin/{name}")) == expected


def test_other_scripts_differ_in_their_first_line_alone(ours: Made, theirs: Made) -> None:
    others = {path for path in ours.names() if path.startswith("bin/")} - {
        f"bin/{name}" for name, _unused in declared_commands(ours)
    }
    for path in others:
        mine, its = (made.data(path).partition(b"\n") for made in (ours, theirs))
        assert mine[1:] == its[1:]
        assert mine[0] == its[0] or interpreter_of(ours, path) == f"{ours.root}/bin/python"


def test_every_script_starts_the_interpreter_of_its_own_environment(ours: Made, theirs: Made) -> None:
    for made in (ours, theirs):
        for name, _unused in declared_commands(made):
            assert interpreter_of(made, f"bin/{name}") == f"{made.root}/bin/python"


def record(made: Made, path: str) -> dict[str, tuple[str, str]]:
    """Return the rows of a RECORD that can be the same: without notes, bytecode and what lies in bin."""
    rows = csv.reader(io.StringIO(made.data(path).decode()))
    kept = {file: (digest, size) for file, digest, size in rows if not file.endswith(".pyc") and "/bin/" not in file}
    # installer writes ./x for what came from .data/platlib.
    return {os.path.normpath(file): row for file, row in kept.items() if not is_note(file)}


def test_records_say_the_same(ours: Made, theirs: Made, bundle: Bundle) -> None:
    records = [path for path in ours.files if is_note(path) and path.endswith("/RECORD")]
    assert len(records) == len(bundle.wheels)
    for path in records:
        assert record(ours, path) == record(theirs, path)


def test_records_list_exactly_what_is_there(ours: Made) -> None:
    """Bytecode is not among it: a RECORD need not list what Python may write itself (PEP 376)."""
    listed = set()
    for path in ours.files:
        if path.endswith(".dist-info/RECORD"):
            site = os.path.dirname(os.path.dirname(path))
            rows = csv.reader(io.StringIO(ours.data(path).decode()))
            listed |= {os.path.normpath(os.path.join(site, row[0])) for row in rows}
    assert sorted(listed ^ {path for path in ours.files if not path.endswith(".pyc")}) == []


def source_of(path: str) -> str:
    """Return the source that bytecode belongs to."""
    folder, name = os.path.split(path)
    return f"{os.path.dirname(folder)}/{name.split('.')[0]}.py"


def test_bytecode_is_pips_but_for_what_nobody_imports(ours: Made, pips: Made) -> None:
    """Ours leaves out test suites and what lies outside site-packages; Python compiles those when somebody imports them."""
    mine, its = ours.names(bytecode=True), pips.names(bytecode=True)
    assert mine and mine <= its
    site = next(iter(path for path in mine)).split("/site-packages/")[0] + "/site-packages/"
    for path in its - mine:
        inside = source_of(path)[len(site) :].split("/")[:-1] if path.startswith(site) else None
        assert inside is None or SUITES.intersection(inside), path


CHECK = r"""
import importlib.util, marshal, os, struct, sys
root, wrong = sys.argv[1], []
for line in sys.stdin.read().splitlines():
    cached, source = line.split("\t")
    with open(os.path.join(root, cached), "rb") as stream:
        data = stream.read()
    with open(os.path.join(root, source), "rb") as stream:
        text, found = stream.read(), os.fstat(stream.fileno())
    head = (importlib.util.MAGIC_NUMBER, 0, int(found.st_mtime), found.st_size)
    fresh = compile(text, source, "exec", dont_inherit=True, optimize=0)
    if struct.unpack("<4sIII", data[:16]) != head or marshal.loads(data[16:]) != fresh:
        wrong.append(cached)
print("\n".join(wrong))
"""


def test_bytecode_is_that_of_a_fresh_compile(ours: Made) -> None:
    """Every one of them, header and code, judged by the interpreter that will read it."""
    pairs = "".join(f"{path}\t{source_of(path)}\n" for path in sorted(ours.names(bytecode=True)))
    said = run([str(ours.root / "bin/python"), "-I", "-W", "ignore", "-c", CHECK, str(ours.root)], pairs)
    assert said.split() == []


def test_python_takes_the_bytecode_for_its_own(ours: Made, pinned: Interpreter) -> None:
    """An import writes nothing: what is there is what it would have written."""
    before = walked(ours.root).files
    modules = [path for path in sorted(ours.names(bytecode=True)) if path.endswith(f"__init__.{pinned.cache_tag}.pyc")]
    names = [source_of(path).split("/site-packages/")[1].split("/")[:-1] for path in modules]
    wanted = [words[0] for words in names if len(words) == 1 and words[0] in ("odd", "pandas", "netmiko", "numpy")]
    said = run(
        [str(ours.root / "bin/python"), "-I", "-c", f"import {', '.join(wanted)}; print({wanted[-1]}.__cached__)"]
    )
    assert said.strip() in {str(ours.root / path) for path in modules}
    after = walked(ours.root).files
    assert {path: status.st_mtime_ns for path, status in after.items()} == {
        path: status.st_mtime_ns for path, status in before.items()
    }


def test_the_reader_of_commands_can_tell_them_apart() -> None:
    """The judge above must not find everything equal."""
    text = "import sys\nfrom a.b import c\nsys.exit(c.d())\n"
    assert command_of(text.encode()) == Command("a.b", "c", "c.d")
    assert command_of(text.replace("c.d", "c.e").encode()) != command_of(text.encode())
    assert command_of(b"import sys\nsys.exit(1)\n") is None
    assert command_of(b"#!/bin/sh\necho\n") is None
