# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh-keygen, which makes and checks signatures. It never asks anybody for anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner

# What a signature is for is part of it: one that was made for git or a file is none of a bundle.
NAMESPACE = "netdevops-bundle"
SECONDS = 60
_FOLDERS = "/usr/bin:/bin:/usr/local/bin"
# Without a terminal it would read a passphrase from its standard input, so from what is to be signed.
_MUTE = {"SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": "none:0"}


def keygen(run: Runner, words: Sequence[str], text: str | None = None) -> Completed:
    """Run ssh-keygen.

    Args:
        run: Starts it.
        words: Its arguments.
        text: Its standard input.

    Raises:
        Refused: when this machine has none, or one that does not know signatures.
        Unheard: when it does not end in time.
    """
    found = shutil.which("ssh-keygen", path=f"{_FOLDERS}:{os.environ.get('PATH', '')}")
    if not found:
        refuse(
            "ssh-keygen",
            "is not on this machine, and nothing else makes or checks signatures.",
            "Install OpenSSH's client (openssh-client on Debian, openssh on Red Hat).",
        )
    done = run([found, *words], env=clean_environment(os.environ, **_MUTE), timeout=SECONDS, stdin=text)
    if done.rc and ("usage:" in done.stderr or "nsupported operation" in done.stderr):
        refuse(found, "knows no signatures (-Y).", "Install OpenSSH 8.1 or newer.")
    return done
