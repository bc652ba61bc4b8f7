# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an interpreter: the module's options, checked together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import parse_version, read_pin

# What people's programs fail without, and what a build leaves out silently when a header is missing.
MODULES = (
    "bz2",
    "ctypes",
    "curses",
    "ensurepip",
    "hashlib",
    "lzma",
    "readline",
    "sqlite3",
    "ssl",
    "uuid",
    "venv",
    "zlib",
)
PLACES = ("/opt/pyenv", "/usr/share/pyenv", "~/.pyenv")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class Wanted(NamedTuple):
    """What is asked of one interpreter.

    Attributes:
        version: The exact version.
        state: ``present`` or ``absent``.
        root: The folder that holds ``versions/``; absolute.
        pyenv: The folders in which python-build is looked for, in order.
        cache: A folder of source archives on the host, or ''.
        mirror: The URL of an internal mirror without its final slash, or ''.
        sha256: The digest expected of the archive, or '' for the definition's own.
        offline: Whether the internet is refused.
        jobs: How many compilers run at once.
        configure_opts: More words for configure.
        make_opts: More words for make.
        modules: Modules that must import.
        timeout: Seconds for a build, and for waiting for another run's build.
    """

    version: str
    state: str
    root: str
    pyenv: tuple[str, ...]
    cache: str
    mirror: str
    sha256: str
    offline: bool
    jobs: int
    configure_opts: tuple[str, ...]
    make_opts: tuple[str, ...]
    modules: tuple[str, ...]
    timeout: int


def wanted(params: Mapping[str, Any]) -> Wanted:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    problems: list[Problem] = []
    version = _tried(problems, _version, params["version"] or "", params["version_file"] or "")
    root = _tried(problems, _root, params["root"])
    mirror = _tried(problems, _mirror, params["mirror"] or "")
    sha256 = _tried(problems, _sha256, params["sha256"] or "")
    problems += _bad_words("configure_opts", params["configure_opts"]) + _bad_words("make_opts", params["make_opts"])
    problems += _bad_modules(params["modules"])
    problems += _bad_folders({name: params[name] or "" for name in ("pyenv", "cache")})
    problems += [
        Problem(name, f"expected 1 or more, found {params[name]}.")
        for name in ("timeout", "jobs")
        if (params[name] or 1) < 1
    ]
    refuse_all(problems)
    return Wanted(
        version=version,
        state=params["state"],
        root=root,
        pyenv=(params["pyenv"],) if params["pyenv"] else (root, *map(os.path.expanduser, PLACES)),
        cache=params["cache"] or "",
        mirror=mirror,
        sha256=sha256,
        offline=params["offline"],
        jobs=params["jobs"] or len(os.sched_getaffinity(0)),
        configure_opts=tuple(params["configure_opts"]),
        make_opts=tuple(params["make_opts"]),
        modules=tuple(params["modules"]),
        timeout=params["timeout"],
    )


def _tried(problems: list[Problem], check: Callable[..., str], *values: str) -> str:
    try:
        return check(*values)
    except Refused as error:
        problems.extend(error.problems)
        return ""


def _version(version: str, version_file: str) -> str:
    if bool(version) == bool(version_file):
        found = "both" if version else "neither"
        refuse(
            "version, version_file",
            f"expected one of them, found {found}.",
            "Name an exact version, or the file that pins it.",
        )
    return parse_version(version, "version") if version else read_pin(version_file)


def _root(root: str) -> str:
    path = os.path.normpath(root) if root else ""
    if not os.path.isabs(path) or path.strip("/") == "":
        refuse(
            "root",
            f"expected an absolute path to a folder of its own, found {root!r}.",
            "Name one, such as /opt/pyenv.",
        )
    if re.search(r"[\s:'\"$`\\]", path):
        refuse(
            "root", f"{root!r} has a character that CPython's build cannot take.", "Use letters, digits and ._-/ only."
        )
    return path


def _mirror(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        refuse(
            "mirror",
            "the URL holds a password or a user, which would be logged.",
            "Use a mirror that needs none, or `cache`.",
        )
    if url and (parts.scheme not in ("http", "https") or not parts.netloc):
        refuse(
            "mirror", f"expected an http or https URL, found {url!r}.", "Write it as https://mirror.example/pythons."
        )
    return url.rstrip("/")


def _sha256(digest: str) -> str:
    lower = digest.lower()
    if lower and not _SHA256.fullmatch(lower):
        refuse(
            "sha256",
            f"expected 64 hex digits, found {digest!r}.",
            "Take it from sha256sum, or from the release's page.",
        )
    return lower


def _bad_words(option: str, words: Sequence[str]) -> list[Problem]:
    # python-build splits both lists at blanks, and has no way to quote.
    bad = [word for word in words if not word or re.search(r"\s", word)]
    return [
        Problem(option, f"expected words without blanks, found {word!r}.", "Write one word per list entry.")
        for word in bad
    ]


def _bad_modules(names: Sequence[str]) -> list[Problem]:
    bad = [name for name in names if not _MODULE.fullmatch(name)]
    return [
        Problem("modules", f"expected names of modules, found {name!r}.", "Write them as in an import.") for name in bad
    ]


def _bad_folders(folders: Mapping[str, str]) -> list[Problem]:
    bad = {name: path for name, path in folders.items() if path and not os.path.isabs(path)}
    return [
        Problem(name, f"expected an absolute path on the host, found {path!r}.", "Write the whole path.")
        for name, path in bad.items()
    ]
