# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wheel that was built here, and the check that it is the one that was wanted."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.build.project import normalized
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import wheel_fits
from ansible_collections.netdevops.python.plugins.module_utils.build.wheel_bytes import normalize_wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.target import Target

# What SOURCE_DATE_EPOCH says to backends: 1980-01-01, the first time that a zip archive can hold.
EPOCH = "315532800"


class Built(NamedTuple):
    """A built wheel: its file name, its bytes' digest and number, its version, and its path when it lies in a cache."""

    file: str
    sha256: str
    size: int


def only_wheel(folder: str, name: str, version: str, subject: str) -> tuple[str, bytes]:
    """Return file name and normalized bytes of the one wheel in ``folder``.

    Raises:
        Refused: when there is not exactly one, or it is of another project or version; '' takes any version.
    """
    files = sorted(os.listdir(folder))
    if len(files) != 1 or not files[0].endswith(".whl"):
        refuse(
            subject,
            f"expected its build to give one wheel, found {', '.join(files) or 'nothing'}.",
            "See what its build backend does.",
        )
    found = _name_version(files[0], subject)
    if found[0] != normalized(name) or (version and found[1] != _packaging.version.Version(version)):
        refuse(
            subject,
            f"expected its build to give {name} {version}, found {files[0]}.",
            "See what its build backend does.",
        )
    with open(os.path.join(folder, files[0]), "rb") as stream:
        return files[0], normalize_wheel(stream.read(), subject)


def described(file: str, data: bytes) -> Built:
    """Return what the manifest says of the wheel."""
    return Built(file, digest_bytes(data), len(data))


def wheel_version(file: str) -> str:
    """Return the normalized version in a wheel's file name."""
    return str(_packaging.utils.parse_wheel_filename(file)[1])


def unfit(file: str, subject: str, target: Target, builder: Target | None) -> Problem | None:
    """Return why a wheel that was built by ``builder`` cannot serve ``target``, or None.

    A compiled wheel without a manylinux tag needs a libc that is not older than the build box's.
    """
    step = f"Build it on a box of {target.name} and give its wheel to an index that the project names."
    if not wheel_fits(file, target):
        return Problem(subject, f"its build gave {file}, which does not fit target {target.name}.", step)
    if file.endswith(f"-linux_{target.arch}.whl") and builder and not builder.runs_on(target):
        return Problem(
            subject, f"it was compiled on {builder.name}, which target {target.name} cannot be trusted to run.", step
        )
    return None


def _name_version(file: str, subject: str) -> tuple[Any, Any]:
    try:
        name, version = _packaging.utils.parse_wheel_filename(file)[:2]
    except _packaging.utils.InvalidWheelFilename as error:
        refuse(subject, f"its build gave a wheel with a wrong name: {error}.", "See what its build backend does.")
    return name, version
