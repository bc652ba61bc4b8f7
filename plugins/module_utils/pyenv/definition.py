# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python-build and what its definitions say: which archive a version is built from, and its digest."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

SCRIPTS = ("plugins/python-build/bin/python-build", "bin/python-build")
NEAR = 5

_PACKAGE = re.compile(
    r'install_package\s+"(?P<package>Python-[^"]+)"\s+"(?P<url>[^"#]+)(?:#(?P<sha256>[0-9A-Fa-f]{64}))?"'
)


class Archive(NamedTuple):
    """One source archive that a definition names.

    Attributes:
        package: The folder that it unpacks to, such as ``Python-3.11.2``.
        url: Where the definition fetches it from.
        sha256: Its expected digest, lower-case hex; '' when nobody named one.
    """

    package: str
    url: str
    sha256: str

    @property
    def tool(self) -> str:
        """The program that tar needs to unpack it."""
        return {"xz": "xz", "bz2": "bzip2"}.get(self.url.rsplit(".", 1)[-1], "gzip")

    @property
    def file(self) -> str:
        """The only name under which python-build looks for it in its cache; never ``.tgz``."""
        return self.package + {"xz": ".tar.xz", "bzip2": ".tar.bz2", "gzip": ".tar.gz"}[self.tool]

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a cache or a mirror may give it, pyenv's own mirror name first."""
        return tuple(dict.fromkeys(name for name in (self.sha256, self.file, os.path.basename(self.url)) if name))


class Definition(NamedTuple):
    """A definition of python-build.

    Attributes:
        script: The python-build that it belongs to.
        path: The definition's file.
        archives: What CPython is built from, in python-build's order of preference.
        patches: The folder of patches that python-build applies, '' when it has none.
    """

    script: str
    path: str
    archives: tuple[Archive, ...]
    patches: str


def find_script(folder: str) -> str:
    """Return python-build's script below ``folder`` with links resolved, or '' when there is none."""
    for name in SCRIPTS:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return os.path.realpath(path)
    return ""


def choose_script(folders: Sequence[str], version: str) -> str:
    """Return the first python-build below ``folders`` that defines ``version``, else the first one.

    Raises:
        Refused: when there is none, or when it is someone else's, who could make us run what they like.
    """
    scripts = [script for script in map(find_script, folders) if script]
    if not scripts:
        looked = ", ".join(dict.fromkeys(folders))
        refuse(
            "python-build",
            f"expected a pyenv below one of: {looked}; found none.",
            "Put a pyenv there, or name its folder in `pyenv`.",
        )
    able = [script for script in scripts if os.path.isfile(_definition_path(script, version))]
    script = (able or scripts)[0]
    if os.stat(script).st_uid not in (0, os.geteuid()):
        refuse(
            script,
            "belongs to another user, who can change what it does.",
            "Use a pyenv that root or the task's user owns.",
        )
    return script


def read_definition(script: str, version: str) -> Definition:
    """Return the definition of ``version`` that belongs to the python-build at ``script``.

    Raises:
        Refused: when there is none, or when it names no archive of CPython.
    """
    path = _definition_path(script, version)
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except FileNotFoundError:
        _refuse_unknown(script, version)
    archives = tuple(_archives(text, f"Python-{version}"))
    if not archives:
        refuse(path, f"names no archive of Python-{version}.", "Update pyenv, or choose another version.")
    patches = os.path.join(os.path.dirname(path), "patches", version)
    return Definition(script, path, archives, patches if os.path.isdir(patches) else "")


def with_digest(text: str, archive: Archive) -> str:
    """Return the definition ``text`` with the digest of ``archive`` in place of its own."""
    return re.sub(re.escape(archive.url) + r'(#[^"]*)?"', f'{archive.url}#{archive.sha256}"', text)


def near_versions(names: Sequence[str], version: str) -> list[str]:
    """Return those ``names`` of the same feature version that are nearest to ``version``, in order."""
    series, wanted = version.rsplit(".", 1)
    patch = int(re.sub(r"[^0-9].*", "", wanted))  # a pre-release such as 3.15.0b1 is near 3.15.0
    same = {int(name[len(series) + 1 :]) for name in names if re.fullmatch(re.escape(series) + r"\.[0-9]+", name)}
    nearest = sorted(same, key=lambda number: abs(number - patch))[:NEAR]
    return [f"{series}.{number}" for number in sorted(nearest)]


def _definition_path(script: str, version: str) -> str:
    return os.path.join(os.path.dirname(os.path.dirname(script)), "share", "python-build", version)


def _archives(text: str, package: str) -> list[Archive]:
    found = (match.groupdict(default="") for match in _PACKAGE.finditer(text))
    return [Archive(one["package"], one["url"], one["sha256"].lower()) for one in found if one["package"] == package]


def _refuse_unknown(script: str, version: str) -> NoReturn:
    folder = os.path.dirname(_definition_path(script, version))
    names = os.listdir(folder) if os.path.isdir(folder) else []
    near = ", ".join(near_versions(names, version)) or "none of this feature version"
    refuse(
        f"version {version}",
        f"{script} has no definition of it; it knows {near}.",
        "Update that pyenv, or choose one of these.",
    )
