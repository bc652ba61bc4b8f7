# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a root for pyenv, archives of it, and stand-ins for the programs."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.checkout.converge import Edges, ensure
from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, HANDOVER, asked
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed

FILES = {
    "bin/pyenv": "-> ../libexec/pyenv",
    "libexec/pyenv": "#!/bin/sh\n",
    "libexec/pyenv---version": "2.6.30",
    "plugins/python-build/bin/python-build": "#!/bin/sh\n",
    "plugins/python-build/share/python-build/3.11.7": "a definition\n",
    "pyenv.d/rehash/conda.bash": "a hook\n",
    "README.md": "read me\n",
}
COMMIT = "f6a5b409" * 5


def write_tar(path: pathlib.Path, files: Mapping[str, str], top: str = "pyenv-2.6.30/", mode: int = 0o664) -> str:
    """Write an archive and return its digest; a text that begins with an arrow is a link."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(top + name)
            member.mode = 0o777 if text.startswith("#!") else mode
            if text.startswith("-> "):
                member.type, member.linkname = tarfile.SYMTYPE, text[3:]
                archive.addfile(member)
            else:
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Host:
    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.root, self.bin = folder, folder / "opt/pyenv", folder / "bin"
        self.bin.mkdir()
        for tool in ("bash", "git"):
            (self.bin / tool).write_text("#!/bin/sh\n")
            (self.bin / tool).chmod(0o755)
        self.calls: list[tuple[tuple[str, ...], Mapping[str, str]]] = []
        self.fails: Callable[[tuple[str, ...]], str] = lambda argv: ""
        self.definitions = "3.11.7\n3.12.1\npypy3.9-7.3.8\n"
        self.commit = COMMIT

    def archive(self, version: str = "2.6.30", **more: str) -> dict[str, Any]:
        """Make an archive, and return the options that install it from there."""
        path = self.folder / f"pyenv-{version}.tar.gz"
        digest = write_tar(path, {**FILES, "libexec/pyenv---version": version, **more})
        return {"archive": str(path), "sha256": digest, "remote_src": True}

    def ensure(self, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        defaults = {name: one.get("default") for name, one in {**ARGUMENTS, **HANDOVER}.items()}
        params = {**defaults, "root": str(self.root), "timeout": 5, **options}
        return ensure(asked(params), check_mode, Edges(self.run, {"PATH": f"{self.bin}:/x/.pyenv/shims"}))

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], **options: Any) -> Completed:
        self.calls.append((tuple(argv), env))
        trouble = self.fails(tuple(argv))
        if trouble:
            return Completed(tuple(argv), 1, "", trouble)
        return Completed(tuple(argv), 0, self._says(argv), "")

    def _says(self, argv: Sequence[str]) -> str:
        if argv[0] == "git":
            return self._git(argv)
        if argv[-1] == "--definitions":
            return self.definitions
        return "pyenv " + pathlib.Path(argv[0]).parent.parent.joinpath("libexec/pyenv---version").read_text()

    def _git(self, argv: Sequence[str]) -> str:
        for word in argv:
            if word.startswith("--output="):
                write_tar(pathlib.Path(word[len("--output=") :]), FILES, top="pyenv/")
        return f"{self.commit}\n" if "rev-parse" in argv else ""

    def tree(self) -> dict[str, str]:
        """Return all that is below the root, without what the lock needs."""
        found = {}
        for above, folders, files in os.walk(self.root):
            for name in folders + files:
                path = pathlib.Path(above, name)
                if ".locks" not in path.parts:
                    text = f"-> {os.readlink(path)}" if path.is_symlink() else "" if path.is_dir() else path.read_text()
                    found[str(path.relative_to(self.root))] = text
        return found


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    tmp_path.chmod(0o755)
    return Host(tmp_path)
