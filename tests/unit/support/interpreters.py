# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of interpreters as far as their bytes and their descriptions go: nobody unpacks them."""

from __future__ import annotations

import hashlib
import pathlib
from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Carried
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import Description
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt

TARGET = "cp311-manylinux_2_28_x86_64"


def make_archive(
    folder: pathlib.Path, version: str = "3.11.7", target: str = TARGET, data: bytes = b"an interpreter", **changes: Any
) -> Prebuilt:
    """Write an archive and its description into ``folder``."""
    kind = parse_target(target)
    file = f"cpython-{version}-{target}.tar.gz"
    said: dict[str, Any] = {
        "version": version,
        "implementation": "cpython",
        "target": target,
        "arch": kind.arch,
        "libc": kind.libc,
        "libc_version": ".".join(map(str, kind.libc_version)),
        "libraries": (),
        "optional": (),
        "prefix": f"/opt/pyenv/versions/{version}",
        "configure_opts": (),
        "relocate": (),
        "kind": "pyenv",
        "without": (),
        "tree": "",
        "file": file,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "unpacked": 1 << 20,
    }
    description = Description(**{**said, **changes})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(data)
    (folder / f"{file}.json").write_bytes(description.encode())
    return Prebuilt(str(folder / file), description)


def carried(archive: Prebuilt) -> Carried:
    """Return what a manifest says of an archive."""
    said = archive.description
    return Carried(said.file, said.sha256, said.size, digest_bytes(said.encode()))
