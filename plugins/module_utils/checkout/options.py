# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a pyenv on a host: the options of ``pyenv_checkout``, checked together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.checkout.places import ID_LENGTH
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse_all

ARGUMENTS: dict[str, dict[str, Any]] = {
    "root": {"type": "path", "default": "/opt/pyenv"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "archive": {"type": "path"},
    "sha256": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
    "git": {"type": "str"},
    "commit": {"type": "str"},
    "takeover": {"type": "bool", "default": False},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "timeout": {"type": "int", "default": 300},
}
# What the action plugin and the module say to each other.
HANDOVER: dict[str, dict[str, Any]] = {"ask": {"type": "bool", "default": False}, "delivery": {"type": "path"}}

ARCHIVE, GIT = "archive", "git"
SCHEMES = ("https", "http", "git", "ssh", "file")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        root: The folder that pyenv is reached through.
        state: ``present`` or ``absent``.
        kind: ``archive`` or ``git``; '' when it is to be absent.
        place: The archive as the user names it, or the URL or path of the repository.
        digest: The archive's SHA-256, or the commit.
        path: Where the archive is on this host; '' when it would have to be delivered first.
        takeover: Whether a pyenv that somebody put there by hand is moved aside.
        owner: Name of the user that gets the files, or ''.
        group: Name of the group that gets the files, or ''.
        timeout: Seconds for each program, and for waiting for another run.
        ask: Whether to say only what has to be delivered.
    """

    root: str
    state: str
    kind: str
    place: str
    digest: str
    path: str
    takeover: bool
    owner: str
    group: str
    timeout: int
    ask: bool

    @property
    def checkout(self) -> str:
        """The name of the checkout that is asked for."""
        return self.digest[:ID_LENGTH]

    @property
    def origin(self) -> dict[str, str]:
        """What its receipt says it came from."""
        if self.kind == ARCHIVE:
            return {"kind": ARCHIVE, "place": os.path.basename(self.place), "sha256": self.digest}
        return {"kind": GIT, "place": self.place, "commit": self.digest}


def asked(params: Mapping[str, Any]) -> Asked:
    """Return what the module's ``params`` ask for; an empty text counts as not given.

    Raises:
        Refused: with everything that is wrong with them.
    """
    given = {name: params[name] or "" for name in ("archive", "sha256", "git", "commit", "delivery", "owner", "group")}
    present = params["state"] == "present"
    problems = _bad_root(params["root"])
    if present:
        problems += _bad_source(given) + _bad_archive(given, params["remote_src"]) + _bad_git(given)
    if params["timeout"] < 1:
        problems.append(Problem("timeout", f"expected 1 or more, found {params['timeout']}."))
    refuse_all(problems)
    kind = (ARCHIVE if given["archive"] else GIT) if present else ""
    return Asked(
        root=os.path.normpath(params["root"]),
        state=params["state"],
        kind=kind,
        place=given[kind] if kind else "",
        digest=(given["sha256"] if kind == ARCHIVE else given["commit"]).lower(),
        path=given["archive"] if params["remote_src"] else given["delivery"],
        takeover=params["takeover"],
        owner=given["owner"],
        group=given["group"],
        timeout=params["timeout"],
        ask=params["ask"],
    )


def _bad_root(root: str) -> list[Problem]:
    if os.path.isabs(root) and root.strip("/") and not re.search(r"[\s:'\"$`\\]", root):
        return []
    return [
        Problem(
            "root",
            f"expected an absolute path to a folder of its own, without blanks and quotes, found {root!r}.",
            "Name one, such as /opt/pyenv.",
        )
    ]


def _bad_source(given: Mapping[str, str]) -> list[Problem]:
    if bool(given["archive"]) != bool(given["git"]):
        return []
    found = "both" if given["archive"] else "neither"
    return [
        Problem(
            "archive, git",
            f"expected one of them, found {found}.",
            "Name an archive of pyenv, or a mirror of its repository.",
        )
    ]


def _bad_archive(given: Mapping[str, str], on_host: bool) -> list[Problem]:
    problems = []
    if given["archive"] and not _SHA256.fullmatch(given["sha256"].lower()):
        found = repr(given["sha256"]) if given["sha256"] else "none"
        problems.append(
            Problem("sha256", f"expected the archive's 64 hex digits, found {found}.", "Take it from sha256sum.")
        )
    if given["archive"] and on_host and not os.path.isabs(given["archive"]):
        problems.append(Problem("archive", f"expected an absolute path on the host, found {given['archive']!r}."))
    return problems


def _bad_git(given: Mapping[str, str]) -> list[Problem]:
    if not given["git"]:
        return []
    problems = []
    if not _COMMIT.fullmatch(given["commit"].lower()):
        found = repr(given["commit"]) if given["commit"] else "none"
        next_step = "Take it from git rev-parse; a branch or a tag can be moved."
        problems.append(Problem("commit", f"expected a whole commit of 40 hex digits, found {found}.", next_step))
    return problems + _bad_url(given["git"])


def _bad_url(url: str) -> list[Problem]:
    if os.path.isabs(url):
        return []
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not (parts.netloc or parts.scheme == "file"):
        next_step = "Write it as https://git.example.net/mirrors/pyenv.git, ssh://... or /srv/mirrors/pyenv.git."
        return [Problem("git", f"expected a path or a URL of {', '.join(SCHEMES)}.", next_step)]
    # An ssh user is no secret; a password is, and so is a token that stands where a user does.
    if ":" in parts.netloc.rpartition("@")[0] or ("@" in parts.netloc and parts.scheme != "ssh"):
        return [
            Problem(
                "git",
                "the URL holds a user or a password, which would be logged.",
                "Use a mirror that needs none, or `archive`.",
            )
        ]
    return []
