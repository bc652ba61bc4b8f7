# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an archive: the module's options, checked together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_version, read_pin
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import is_archive_name, is_prefix
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.pack_select import CHOICES
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.survey import OPTIONAL

WITHOUT = ("optimized_caches", "static_library", "tests")
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "version": {"type": "str"},
    "version_file": {"type": "path"},
    "root": {"type": "path", "default": "/opt/pyenv"},
    "dest": {"type": "path", "required": True},
    "without": {"type": "list", "elements": "str", "choices": list(CHOICES), "default": list(WITHOUT)},
    "optional_modules": {"type": "list", "elements": "str", "default": list(OPTIONAL)},
    "src": {"type": "path"},
    "src_sha256": {"type": "str"},
}

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Wanted(NamedTuple):
    """What is asked for.

    Attributes:
        version: The exact version of an installed interpreter; '' when ``src`` is given.
        root: The folder that holds ``versions/``; absolute.
        dest: The folder for the archive; absolute.
        without: What is left out, sorted.
        optional_modules: Modules whose libraries a host may lack, sorted.
        src: An ``install_only`` archive to describe, or ''.
        src_sha256: The digest that it must have, or ''.
    """

    version: str
    root: str
    dest: str
    without: tuple[str, ...]
    optional_modules: tuple[str, ...]
    src: str
    src_sha256: str


def wanted(params: Mapping[str, Any]) -> Wanted:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    problems: list[Problem] = []
    src = params["src"] or ""
    version = _tried(problems, _version, params["version"] or "", params["version_file"] or "", src)
    root = _tried(problems, _folder, "root", params["root"] or "")
    dest = _tried(problems, _folder, "dest", params["dest"] or "")
    sha256 = _tried(problems, _sha256, params["src_sha256"] or "", src)
    if src and not is_archive_name(os.path.basename(src)):
        problems.append(Problem("src", f"expected the path of a .tar.gz archive, found {src!r}.", "Name that file."))
    bad = [name for name in params["optional_modules"] if not _MODULE.fullmatch(name)]
    problems += [Problem("optional_modules", f"expected names of modules, found {name!r}.") for name in bad]
    refuse_all(problems)
    left_out, optional = set(params["without"]), set(params["optional_modules"])
    return Wanted(version, root, dest, tuple(sorted(left_out)), tuple(sorted(optional)), src, sha256)


def _tried(problems: list[Problem], check: Callable[..., str], *values: str) -> str:
    try:
        return check(*values)
    except Refused as error:
        problems.extend(error.problems)
        return ""


def _version(version: str, version_file: str, src: str) -> str:
    given = [name for name, value in (("version", version), ("version_file", version_file), ("src", src)) if value]
    if len(given) != 1:
        refuse(
            "version, version_file, src",
            f"expected one of them, found {' and '.join(given) or 'none'}.",
            "Name an exact version, the file that pins it, or an archive.",
        )
    if src:
        return ""
    return parse_version(version, "version") if version else read_pin(version_file)


def _folder(name: str, value: str) -> str:
    path = os.path.normpath(value) if value else ""
    if not os.path.isabs(path) or (name == "root" and not is_prefix(path)):
        refuse(name, f"expected the absolute path of a folder, found {value!r}.", "Write it in full.")
    return path


def _sha256(digest: str, src: str) -> str:
    lower = digest.lower()
    if lower and not _SHA256.fullmatch(lower):
        refuse("src_sha256", f"expected 64 hex digits, found {digest!r}.", "Take it from the release's page.")
    if lower and not src:
        refuse("src_sha256", "is the digest of `src`, which is not given.", "Name `src` too.")
    return lower
