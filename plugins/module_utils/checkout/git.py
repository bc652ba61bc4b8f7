# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One exact commit out of a repository, as a tar. No branch, no prompt, and no setting of anybody's has a say."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import SCHEMES
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner

TAR = "pyenv.tar"
_REPOSITORY = "repository"
_ALL = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


class Repository(NamedTuple):
    """A repository to fetch from.

    Attributes:
        url: Its URL or path.
        work: A private folder for what is fetched; it is there and empty.
        path: ``PATH`` of the programs.
        timeout: Seconds for each program.
    """

    url: str
    work: str
    path: str
    timeout: float


def missing_git(path: str) -> list[Problem]:
    """Return the problem that ``path`` (a PATH) has no git; none when it has."""
    if shutil.which("git", path=path):
        return []
    return [
        Problem("git", "is not installed on this host.", "Install the package git, or deliver pyenv with `archive`.")
    ]


def fetch(run: Runner, repository: Repository, commit: str) -> str:
    """Fetch ``commit`` alone where the server allows it, else all branches and tags; return the path of a tar of it.

    Raises:
        Refused: when the repository cannot be reached or does not have the commit.
    """
    _do(run, repository, ["init", "--quiet", "--bare", "--template=", _folder(repository)])
    alone = _git(run, repository, ["fetch", "--quiet", "--no-tags", "--depth=1", repository.url, commit])
    if alone.rc:
        everything = _git(run, repository, ["fetch", "--quiet", "--no-tags", repository.url, *_ALL])
        if everything.rc:
            refuse(
                repository.url,
                f"git fetch failed: {everything.tail()}",
                "Check that the host reaches it, and may read it.",
            )
    _check(run, repository, commit)
    tar = os.path.join(repository.work, TAR)
    _do(run, repository, ["archive", "--format=tar", "--prefix=pyenv/", f"--output={tar}", commit])
    return tar


def _check(run: Runner, repository: Repository, commit: str) -> None:
    said = _git(run, repository, ["rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}"])
    found = said.stdout.strip()
    if said.rc or found != commit:
        what = f"it is a tag of {found}" if found else "it has no such commit"
        refuse(f"{repository.url}, commit {commit}", f"{what}.", "Update the mirror, or name a commit that it has.")


def _do(run: Runner, repository: Repository, words: list[str]) -> None:
    done = _git(run, repository, words)
    if done.rc:
        refuse(repository.url, f"git {words[0]} failed: {done.tail()}", "Read what git says; `archive` needs no git.")


def _git(run: Runner, repository: Repository, words: list[str]) -> Completed:
    where = [] if words[0] == "init" else [f"--git-dir={_folder(repository)}"]
    argv = ["git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "credential.helper=", *where, *words]
    return run(argv, env=_environment(repository), cwd=repository.work, timeout=repository.timeout)


def _folder(repository: Repository) -> str:
    return os.path.join(repository.work, _REPOSITORY)


def _environment(repository: Repository) -> Mapping[str, str]:
    return {
        "PATH": repository.path,
        "HOME": repository.work,
        "XDG_CONFIG_HOME": repository.work,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS": "false",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        # ext:: and the like would run programs.
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "LC_ALL": "C.UTF-8",
    }
