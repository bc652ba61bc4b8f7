# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With whose rights a project is worked on: it is its owner's, and so is everything that Poetry runs of it."""

from __future__ import annotations

import os
import pwd
import tempfile
from typing import Any, Callable

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.people.accounts import Person
from ansible_collections.netdevops.python.plugins.module_utils.people.rights import with_rights

# How this host reaches others, and whom it believes there, is the same for everybody; their environments do not travel.
_CARRIED = (
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"),
)


def as_owner(name: str, work: Callable[[], Any], timeout: float, subject: str = "") -> Any:
    """Return what ``work`` returns, done with the rights of a project's owner.

    Args:
        name: Name of the owner; '' for the user that this runs as, and the work is then done in this process.
        work: What is done; its result must be plain data.
        timeout: Seconds after which it is ended in any case.
        subject: What is worked on, for a problem that names nothing else.

    Raises:
        Refused: what the work refused; when nobody has that name, or this user has not the right.
    """
    person = _find(name) if name else None
    if person is None or person.uid == os.geteuid():
        return work()
    carried = {key: os.environ[key] for key in _CARRIED if key in os.environ}

    def inside() -> Any:
        os.environ.update(carried)
        tempfile.tempdir = None  # It was looked for with the environment of before.
        return work()

    return with_rights(person, inside, timeout, subject)


def _find(name: str) -> Person:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        refuse(f"owner {name!r}", "this host knows no such user.", "Create the account first, or correct the name.")
    if os.geteuid() not in (0, found.pw_uid):
        refuse(
            f"owner {name!r}",
            f"the module runs as user id {os.geteuid()}, which has no right to work for others.",
            "Use become, or leave owner out.",
        )
    return Person(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir)
