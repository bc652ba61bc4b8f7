# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed room that a build runs in: no network, no settings of other people, nothing left in /tmp."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import Archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted

# Everything else that python-build, make or the shell read could point the build elsewhere (DESTDIR, MAKEFLAGS,
# GET_PIP_URL, PYTHON_BUILD_MIRROR_URL, BASH_ENV ...). Which compiler is used may be said by the task's environment.
PASSED_ON = (
    "PATH",
    "CC",
    "CXX",
    "CFLAGS",
    "CPPFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "PKG_CONFIG_PATH",
    "CCACHE_DIR",
    "SOURCE_DATE_EPOCH",
    "TZ",
)
FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLIENTS = ("aria2c", "curl", "wget", "git", "hg", "svn")
# Port 9 discards: what asks a name in spite of everything ends on this machine, at once.
NOWHERE = "http://127.0.0.1:9"

_STUB = """#!/bin/sh
echo "refused: a build may not use the network, and it started {name} $*" >&2
exit 7
"""
_FOLDERS = ("bin", "cache", "home", "tmp", "definitions")


class Room:
    """The private folder of one build, below ``work``."""

    def __init__(self, work: str) -> None:
        self.work = work
        self.bin, self.cache, self.home, self.tmp, self.definitions = (os.path.join(work, name) for name in _FOLDERS)

    def furnish(self, archive: Archive) -> None:
        """Create its folders and the programs that refuse; ``archive`` decides whether xz is one of them.

        Raises:
            OSError: when they cannot be written.
        """
        os.mkdir(self.work, 0o700)
        for folder in (self.bin, self.cache, self.home, self.tmp, self.definitions):
            os.mkdir(folder, 0o755)
        # Every python-build prefers tar.xz as soon as tar can read it, and only newer ones know a variable against that.
        for name in CLIENTS if archive.tool == "xz" else (*CLIENTS, "xz"):
            self._write_stub(name)

    def environment(self, base: Mapping[str, str], wanted: Wanted, archive: Archive) -> dict[str, str]:
        """Return the environment of python-build, of which ``base`` decides PATH and the compiler only."""
        skip = {} if archive.tool == "xz" else {"_PYTHON_BUILD_FORCE_SKIP_XZ": "1"}
        return clean_environment(
            host_environment(base),
            **skip,
            PATH=f"{self.bin}:{host_environment(base)['PATH']}",
            HOME=self.home,
            TMPDIR=self.tmp,
            PYTHON_BUILD_CACHE_PATH=self.cache,
            PYTHON_BUILD_HTTP_CLIENT="curl",
            PYTHON_BUILD_MIRROR_URL=NOWHERE,
            GET_PIP_URL=f"{NOWHERE}/get-pip.py",
            EZ_SETUP_URL=f"{NOWHERE}/ez_setup.py",
            http_proxy=NOWHERE,
            https_proxy=NOWHERE,
            PYTHON_CONFIGURE_OPTS=" ".join(wanted.configure_opts),
            MAKE_OPTS=f"-j {wanted.jobs}",
            PYTHON_MAKE_OPTS=" ".join(wanted.make_opts),
        )

    def _write_stub(self, name: str) -> None:
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(_STUB.format(name=name))
        os.chmod(path, 0o700)


def host_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return what of ``base`` a build may see; pyenv's shims and relative entries are taken off PATH."""
    kept = {name: value for name, value in base.items() if name in PASSED_ON}
    entries = [
        entry
        for entry in kept.get("PATH", "").split(":")
        if entry.startswith("/") and not entry.rstrip("/").endswith("/shims")
    ]
    return {**kept, "PATH": ":".join(entries) or FALLBACK_PATH}
