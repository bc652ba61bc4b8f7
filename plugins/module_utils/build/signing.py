# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature of a bundle's manifest: it stands beside it and never changes the id."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import SIGNATURE_FILE
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.common.ssh_keygen import NAMESPACE, keygen

NAME_ONE = "Name the file of a private key, or of a public one whose private part an ssh-agent holds."
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]+")


class Signer(NamedTuple):
    """A key that signs bundles.

    Attributes:
        run: Starts ssh-keygen.
        key: Path of the key.
        fingerprint: What identifies it, such as ``SHA256:aDsZ...``.
    """

    run: Runner
    key: str
    fingerprint: str

    def why(self, folder: str, manifest: Manifest | None) -> str:
        """Return why the manifest that is to be in ``folder`` must be signed; '' where a good signature by this key is there."""
        file = os.path.join(folder, SIGNATURE_FILE)
        if not os.path.lexists(file):
            return "it is not signed"
        if manifest is None:
            return "the manifest changes"
        words = ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", file]
        done = keygen(self.run, words, manifest.encode().decode("utf-8"))
        if done.rc:
            return "its signature is not one of this manifest"
        return "" if _fingerprint(done.stdout) == self.fingerprint else "it is signed by another key"

    def sign(self, manifest: Manifest) -> bytes:
        """Return a signature of the manifest.

        Raises:
            Refused: when the key cannot be used without asking somebody.
        """
        words = ["-Y", "sign", "-n", NAMESPACE, "-f", self.key]
        done = keygen(self.run, words, manifest.encode().decode("utf-8"))
        said = done.stderr
        if "passphrase" in said:
            refuse(self._subject, "is protected by a passphrase, and nobody is asked for one.", f"{_AGENT} first.")
        if "No private key found" in said:
            refuse(self._subject, "is a public key, and no ssh-agent has its private part.", f"{_AGENT}.")
        if done.rc or not done.stdout.startswith("-----BEGIN SSH SIGNATURE-----"):
            refuse(self._subject, f"cannot sign: {done.tail() or 'ssh-keygen said nothing'}.", NAME_ONE)
        return done.stdout.encode("ascii")

    @property
    def _subject(self) -> str:
        return f"sign_key {self.key}"


_AGENT = "Start an ssh-agent, load it there (ssh-add), and run with its SSH_AUTH_SOCK"


def find_signer(run: Runner, key: str) -> Signer | None:
    """Return who signs; None where ``key`` is '', so nobody.

    Raises:
        Refused: when there is no such key.
    """
    if not key:
        return None
    if "\n" in key:  # Not repeated: it is the key itself.
        refuse("sign_key", "expected the path of a key, found several lines.", NAME_ONE)
    if not os.path.isabs(key):
        refuse(f"sign_key {key!r}", "expected an absolute path.", NAME_ONE)
    if not os.path.isfile(key):
        refuse(f"sign_key {key}", "expected a key, found nothing.", NAME_ONE)
    done = keygen(run, ["-l", "-f", key])
    fingerprint = _fingerprint(done.stdout)
    if done.rc or not fingerprint:
        refuse(f"sign_key {key}", f"is no key: {done.tail() or 'ssh-keygen said nothing'}.", NAME_ONE)
    return Signer(run, key, fingerprint)


def _fingerprint(said: str) -> str:
    found = _FINGERPRINT.search(said)
    return found.group() if found else ""
