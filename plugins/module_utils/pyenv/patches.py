# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches of the user's, and how python-build gets to apply them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused

FOLDER = "patches"

_OF_GIT = re.compile(rb"^diff --git a/", re.MULTILINE)


def patch_digests(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the SHA-256 of each patch.

    Raises:
        Refused: with all that cannot be read.
    """
    digests, problems = [], []
    for path in paths:
        try:
            digests.append(digest_file(path))
        except OSError as error:
            problems.append(Problem(path, f"cannot be read: {error.strerror}.", "Correct `patches`."))
    if problems:
        raise Refused(problems)
    return tuple(digests)


def patch_problems(paths: Sequence[str], own: str, package: str) -> list[Problem]:
    """Return why the patches cannot be applied together with those of python-build's own in the folder ``own``."""
    # python-build puts all of them into one file, and takes one level of folders off if one of them is of git.
    kinds: dict[bool, str] = {}
    for path in [*_files(os.path.join(own, package) if own else ""), *paths]:
        try:
            with open(path, "rb") as stream:
                kinds.setdefault(bool(_OF_GIT.search(stream.read())), path)
        except OSError as error:
            return [Problem(path, f"cannot be read: {error.strerror}.", "Correct `patches`.")]
    if paths and len(kinds) > 1:
        return [
            Problem(
                kinds[False],
                f"names its files without a/ and b/, and {kinds[True]} with them: python-build cannot apply both.",
                "Write all patches with `git diff`.",
            )
        ]
    return []


def lay_patches(folder: str, name: str, package: str, own: str, paths: Sequence[str]) -> None:
    """Lay patches beside a private definition in ``folder``, where python-build looks for them.

    Args:
        folder: Holds the definition.
        name: The definition's file name.
        package: The package that the user's patches are for, such as ``Python-3.11.7``.
        own: The folder of the definition's own patches, or ''.
        paths: The user's, to be applied after those, in this order.

    Raises:
        OSError: when they cannot be copied.
    """
    target = os.path.join(folder, FOLDER, name)
    os.makedirs(os.path.join(target, package))
    for other in os.listdir(own) if own else ():
        os.makedirs(os.path.join(target, other), exist_ok=True)
        for path in _files(os.path.join(own, other)):
            # python-build applies them in the order of their names.
            shutil.copyfile(path, os.path.join(target, other, f"0-{os.path.basename(path)}"))
    for number, path in enumerate(paths):
        shutil.copyfile(path, os.path.join(target, package, f"1-{number:04d}-{os.path.basename(path)}"))


def _files(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    paths = (os.path.join(folder, name) for name in sorted(os.listdir(folder)))
    return [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]
