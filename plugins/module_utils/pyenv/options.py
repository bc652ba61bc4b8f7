# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an interpreter: the module's options, checked together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.pin import EXACT_VERSION, parse_version, read_pin
from ansible_collections.netdevops.python.plugins.module_utils.common.url import split_url
from ansible_collections.netdevops.python.plugins.module_utils.host.owner import find_owner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import SEARCH, with_defaults

LISTS = ("configure_opts", "make_opts", "modules", "patches", "search", "keep", "going")
AS_GIVEN = (
    "state",
    "source",
    "offline",
    "remote_src",
    "adopt",
    "force",
    "timeout",
    "rehash",
    "prune",
    "ask",
)
PLACES = ("/opt/pyenv", "/usr/share/pyenv", "~/.pyenv")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_URL = re.compile(r"[!-~]*")
_MODE = re.compile(r"0?[0-7]{3}")
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
        jobs: How many compilers run at once; 0 for as many as there are processors and memory for.
        configure_opts: More words for configure.
        make_opts: More words for make.
        modules: Modules that must import.
        timeout: Seconds for a build, and for waiting for another run's build.
        source: ``auto``, ``archive`` (never build) or ``build`` (no archive).
        archive: A prebuilt archive or a folder of them, or ''.
        remote_src: Whether ``archive`` is on this host.
        archive_sha256: The digest expected of the prebuilt archive, or '' for its description's own.
        patches: Patch files on the host, applied to the source in this order.
        owner: User and group id of every file, or None for "as it is".
        mode: Permission bits of folders and programs; other files have them without the bits to execute.
        adopt: Whether a good interpreter without a receipt gets one.
        force: Whether it is removed or replaced although something stands on it.
        search: Folders in which environments are looked for.
        going: Environments and pins that are taken away as well, so that they are no reason to refuse.
        pin_global: Whether the root's ``version`` file names it.
        local: The project folder whose ``.python-version`` names it, or ''.
        rehash: Whether the shims are kept up to date.
        prune: Whether other versions that nothing stands on are removed.
        keep: Versions that ``prune`` spares.
        offered: The descriptions of the archives that the controller has; None when nobody said.
        delivery: Where the controller put the archive that was asked for, or ''.
        ask: Whether to answer what is needed instead of building, or installing what the controller has.
        lease: Seconds after which a build ends when nobody looks after it any more; 0 for never.
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
    source: str = "auto"
    archive: str = ""
    remote_src: bool = False
    archive_sha256: str = ""
    patches: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None
    mode: int = 0o755
    adopt: bool = False
    force: bool = False
    search: tuple[str, ...] = SEARCH
    going: tuple[str, ...] = ()
    pin_global: bool = False
    local: str = ""
    rehash: bool = False
    prune: bool = False
    keep: tuple[str, ...] = ()
    offered: tuple[Mapping[str, Any], ...] | None = None
    delivery: str = ""
    ask: bool = False
    lease: int = 0


def wanted(given: Mapping[str, Any]) -> Wanted:
    """Return what the module's parameters ask for; an empty text counts as not given, and so does a missing one.

    Raises:
        Refused: with everything that is wrong with them.
    """
    params = with_defaults(given)
    problems: list[Problem] = []
    version = _tried(problems, _version, params["version"] or "", params["version_file"] or "")
    root = _tried(problems, _root, params["root"])
    mirror = _tried(problems, _mirror, params["mirror"] or "")
    digests = {name: _tried(problems, _sha256, name, params[name] or "") for name in ("sha256", "archive_sha256")}
    mode = _tried(problems, _mode, params["mode"])
    problems += _bad_lists(params) + _bad_folders(params) + _bad_numbers(params) + _bad_company(params)
    owner = _owner(problems, params["owner"] or "", params["group"] or "")
    refuse_all(problems)
    return Wanted(
        version=version,
        root=root,
        pyenv=(params["pyenv"],) if params["pyenv"] else (root, *map(os.path.expanduser, PLACES)),
        mirror=mirror,
        sha256=digests["sha256"],
        archive_sha256=digests["archive_sha256"],
        jobs=params["jobs"] or 0,
        owner=owner,
        mode=int(mode, 8),
        pin_global=params["global"],
        offered=None if params["offered"] is None else tuple(params["offered"]),
        lease=params["lease"] or 0,
        **_plain(params),
    )


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields that are their parameters, with '' and () for what is not given."""
    texts = {name: params[name] or "" for name in ("cache", "archive", "local", "delivery")}
    lists = {name: tuple(params[name] or ()) for name in LISTS}
    return {**texts, **lists, **{name: params[name] for name in AS_GIVEN}}


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
    parts = split_url(url)
    if parts and "@" in parts.netloc:
        refuse(
            "mirror",
            "the URL holds a password or a user, which would be logged.",
            "Use a mirror that needs none, or `cache`.",
        )
    if url and (not parts or parts.scheme not in ("http", "https") or not parts.netloc):
        found = f", found {url!r}" if parts and "@" not in url else ""
        refuse("mirror", f"expected an http or https URL{found}.", "Write it as https://mirror.example/pythons.")
    if not _URL.fullmatch(url):
        refuse(
            "mirror",
            f"expected ASCII without blanks, found {url!r}.",
            "Write such a letter as it is sent: %20 for ' '.",
        )
    return url.rstrip("/")


def _sha256(option: str, digest: str) -> str:
    lower = digest.lower()
    if lower and not _SHA256.fullmatch(lower):
        refuse(
            option,
            f"expected 64 hex digits, found {digest!r}.",
            "Take it from sha256sum, or from the release's page.",
        )
    return lower


def _mode(text: str) -> str:
    if not _MODE.fullmatch(text) or int(text, 8) & 0o500 != 0o500 or int(text, 8) & 0o022:
        refuse(
            "mode",
            f"expected permissions in octal that let the owner in and nobody else write, found {text!r}.",
            "Write for example '0755', with quotes.",
        )
    return text


def _owner(problems: list[Problem], owner: str, group: str) -> tuple[int, int] | None:
    if not owner and not group:
        return None
    try:
        return find_owner(owner, group)
    except Refused as error:
        problems.extend(error.problems)
        return None


def _bad_lists(params: Mapping[str, Any]) -> list[Problem]:
    # python-build splits its two lists at blanks, and has no way to quote.
    words = [(option, word) for option in ("configure_opts", "make_opts") for word in params[option] or ()]
    bad = [
        Problem(option, f"expected words without blanks, found {word!r}.", "Write one word per list entry.")
        for option, word in words
        if not word or re.search(r"\s", word)
    ]
    bad += [
        Problem("modules", f"expected names of modules, found {name!r}.", "Write them as in an import.")
        for name in params["modules"] or ()
        if not _MODULE.fullmatch(name)
    ]
    return bad + [
        Problem("keep", f"expected exact versions such as 3.11.7, found {name!r}.", "Write the three numbers.")
        for name in params["keep"] or ()
        if not EXACT_VERSION.fullmatch(name)
    ]


def _bad_folders(params: Mapping[str, Any]) -> list[Problem]:
    named = [(name, params[name]) for name in ("pyenv", "cache", "local", "delivery") if params[name]]
    named += [(name, path) for name in ("patches", "search", "going") for path in params[name] or ()]
    # The controller resolves its own paths, relative ones too.
    named += [("archive", params["archive"])] if params["archive"] and params["remote_src"] else []
    return [
        Problem(name, f"expected an absolute path on the host, found {path!r}.", "Write the whole path.")
        for name, path in named
        if not os.path.isabs(path)
    ]


def _bad_numbers(params: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(name, f"expected 1 or more, found {params[name]}.")
        for name in ("timeout", "jobs", "lease")
        if params[name] is not None and params[name] < 1
    ]


def _bad_company(params: Mapping[str, Any]) -> list[Problem]:
    """Return which options contradict each other."""
    problems = []
    if params["source"] == "archive" and not (params["archive"] or params["delivery"]):
        problems.append(Problem("archive", "expected an archive with `source: archive`, found none.", "Name one."))
    if params["state"] == "absent":
        problems += [
            Problem(name, "cannot pin a version that is to be absent.", "Leave it out, or use `state: present`.")
            for name in ("global", "local")
            if params[name]
        ]
    return problems
