# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact commands that fetch a commit, and what is said when they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.checkout.git import Repository, fetch
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed

COMMIT = "a1" * 20
REPOSITORY = Repository("https://git.example/pyenv.git", "/scratch", "/usr/bin:/bin", 7.0)
QUIET = ("git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "credential.helper=")
BARE = (*QUIET, "--git-dir=/scratch/repository")


class Git:
    """Stands in for git; ``fails`` holds the words of commands that end with 1."""

    def __init__(self, *fails: str, commit: str = COMMIT) -> None:
        self.fails, self.commit, self.calls = fails, commit, []  # type: ignore[var-annotated]

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], **options: Any) -> Completed:
        self.calls.append((tuple(argv), env, options))
        if any(word in argv for word in self.fails):
            return Completed(tuple(argv), 1, "", "fatal: it would not")
        return Completed(tuple(argv), 0, f"{self.commit}\n" if "rev-parse" in argv else "", "")


def test_the_commands() -> None:
    git = Git()
    assert fetch(git, REPOSITORY, COMMIT) == "/scratch/pyenv.tar"
    assert [argv for argv, _env, _options in git.calls] == [
        (*QUIET, "init", "--quiet", "--bare", "--template=", "/scratch/repository"),
        (*BARE, "fetch", "--quiet", "--no-tags", "--depth=1", REPOSITORY.url, COMMIT),
        (*BARE, "rev-parse", "--quiet", "--verify", COMMIT + "^{commit}"),
        (*BARE, "archive", "--format=tar", "--prefix=pyenv/", "--output=/scratch/pyenv.tar", COMMIT),
    ]
    for _argv, env, options in git.calls:
        assert options == {"cwd": "/scratch", "timeout": 7.0}
        assert env["GIT_CONFIG_NOSYSTEM"] == "1" and env["GIT_CONFIG_GLOBAL"] == "/dev/null"
        assert env["HOME"] == "/scratch" and env["GIT_TERMINAL_PROMPT"] == "0"
        assert env["GIT_ALLOW_PROTOCOL"] == "https:http:git:ssh:file"


def test_a_server_that_hands_out_no_single_commit_gives_everything() -> None:
    git = Git("--depth=1")
    fetch(git, REPOSITORY, COMMIT)
    words = [argv for argv, _env, _options in git.calls if "fetch" in argv][1]
    assert words[-2:] == ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


def test_a_server_that_is_not_reached() -> None:
    with pytest.raises(Refused, match=r"https://git\.example/pyenv\.git: git fetch failed: fatal: it would not"):
        fetch(Git("fetch"), REPOSITORY, COMMIT)


def test_a_commit_that_is_not_there() -> None:
    with pytest.raises(Refused, match=f"commit {COMMIT}: it has no such commit"):
        fetch(Git("rev-parse", commit=""), REPOSITORY, COMMIT)


def test_a_tag_is_no_commit() -> None:
    with pytest.raises(Refused, match="it is a tag of b2b2"):
        fetch(Git(commit="b2" * 20), REPOSITORY, COMMIT)


def test_what_else_fails() -> None:
    with pytest.raises(Refused, match="git archive failed"):
        fetch(Git("archive"), REPOSITORY, COMMIT)
