# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small wheels and bundles, right or wrong in one respect, made in milliseconds."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import platform
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel

PIN = platform.python_version()
# Old enough a C library for every host.
TARGET = f"cp{sys.version_info[0]}{sys.version_info[1]}-manylinux_2_17_{platform.machine()}"
ANY = "py3-none-any"
CLOCK = (2026, 1, 1, 0, 0, 0)
LINK = 0o120777 << 16

Content = Mapping[str, str]


def wheel(
    folder: pathlib.Path,
    name: str = "alpha",
    version: str = "1.0",
    files: Content | None = None,
    *,
    commands: Content | None = None,
    tag: str = ANY,
    record: Content | None = None,
    unrecorded: Content | None = None,
    links: Content | None = None,
    requires: Sequence[str] = (),
) -> pathlib.Path:
    """Write a wheel and return its path.

    Args:
        folder: Where to.
        name: Name of the project and of its one module.
        version: Its version.
        files: Text by member name; a module that knows its version when it is None.
        commands: Console scripts, ``module:function`` by name.
        tag: Its compatibility tag.
        record: Rows of RECORD that are not true: the text that they claim the member has.
        unrecorded: Members that RECORD does not list.
        links: Members that are symbolic links, and what they point to.
        requires: What it depends on, as ``Requires-Dist`` has it.
    """
    module = {f"{name}/__init__.py": f'VERSION = "{version}"\n'} if files is None else dict(files)
    info = f"{name}-{version}.dist-info"
    scripts = "".join(f"{command} = {target}\n" for command, target in (commands or {}).items())
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        **({f"{info}/entry_points.txt": f"[console_scripts]\n{scripts}"} if scripts else {}),
    }
    members = {**module, **metadata}
    rows = [_row(path, text) for path, text in {**members, **(links or {}), **(record or {})}.items()]
    members[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in {**members, **(unrecorded or {})}.items():
            archive.writestr(zipfile.ZipInfo(member, CLOCK), text, zipfile.ZIP_DEFLATED)
        for member, target in (links or {}).items():
            entry = zipfile.ZipInfo(member, CLOCK)
            entry.external_attr = LINK
            archive.writestr(entry, target)
    return path


def _row(path: str, text: str) -> str:
    data = text.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


def digest(path: pathlib.Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(path: pathlib.Path, groups: Sequence[str] = ("main",)) -> Wheel:
    """Return what a manifest says of a wheel."""
    name, version = path.name.split("-")[:2]
    return Wheel(name.replace("_", "-").lower(), version, path.name, digest(path), path.stat().st_size, tuple(groups))


def manifest(
    wheels: Sequence[Wheel], *, pin: str = PIN, target: str = TARGET, groups: Sequence[str] = ("main",)
) -> Manifest:
    """Return a manifest of one target."""
    lock = {"format": "poetry.lock", "sha256": "0" * 64}
    return Manifest({"name": "small", "version": "1.0"}, pin, lock, tuple(groups), (), {target: tuple(sorted(wheels))})


class Made:
    """A bundle's folder, as a test makes it and breaks it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.file = folder / "bundle.json"

    def __str__(self) -> str:
        return str(self.folder)

    def seal(self, *, pin: str = PIN, target: str = TARGET, groups: Mapping[str, Sequence[str]] | None = None) -> Made:
        """Write the manifest of the wheels that lie there; ``groups`` says which want a file, by its project."""
        found = [entry(path, (groups or {}).get(path.name.split("-")[0], ["main"])) for path in self.wheels.iterdir()]
        names = sorted({group for one in found for group in one.groups})
        self.file.write_bytes(manifest(found, pin=pin, target=target, groups=names).encode())
        return self

    @property
    def id(self) -> str:
        """The bundle's id."""
        return digest(self.file)

    def wheel(self, name: str = "alpha") -> pathlib.Path:
        """Return the wheel of a project."""
        return next(self.wheels.glob(f"{name}-*.whl"))

    def tar(self, extra: Sequence[tarfile.TarInfo] = ()) -> pathlib.Path:
        """Return a tar of it, with members added that have no content."""
        path = self.folder.with_suffix(".tar")
        with tarfile.open(path, "w") as archive:
            archive.add(self.file, "bundle.json")
            for file in sorted(self.wheels.iterdir()):
                archive.add(file, f"wheels/{file.name}")
            for member in extra:
                archive.addfile(member)
        return path


SHOWS = """
import json, os, sys
def main():
    said = {"environ": dict(os.environ), "path": sys.path, "prefix": sys.prefix, "modules": sorted(sys.modules),
            "ids": [os.getuid(), os.getgid(), os.getgroups()], "cwd": os.getcwd()}
    with open(sys.argv[1], "w") as stream:
        json.dump(said, stream)
"""


def small(folder: pathlib.Path, version: str = "1.0") -> Made:
    """Make a bundle of two wheels: ``alpha`` with a module and commands, and ``beta``, always the same.

    The command ``alpha`` prints the version. ``alpha-shows FILE`` writes down what it sees of the world.
    """
    made = Made(folder)
    main = f'VERSION = "{version}"\ndef main():\n    import beta\n    print("alpha", VERSION, "beta", beta.VERSION)\n'
    files = {"alpha/__init__.py": main, "alpha/shows.py": SHOWS, "alpha/data/table.txt": "a b c\n" * 50}
    wheel(made.wheels, "alpha", version, files, commands={"alpha": "alpha:main", "alpha-shows": "alpha.shows:main"})
    wheel(made.wheels, "beta", "2.0")
    return made.seal()


def says(venv: pathlib.Path) -> str:
    """Return what the command of a small bundle says in an environment, without a trace of having run there.

    A root that imports without bytecode leaves some, which is no drift and would still be no file of the receipt.
    """
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([str(venv / "bin/alpha")], env=env, capture_output=True, text=True, check=True).stdout
