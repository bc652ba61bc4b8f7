# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody who may do so vouches for a bundle: its manifest names the digest of all else."""

from __future__ import annotations

import os
import re
import tempfile

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import SIGNATURE_FILE, read_signature
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import MANIFEST_FILE, REBUILD
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.common.ssh_keygen import NAMESPACE, keygen
from ansible_collections.netdevops.python.plugins.module_utils.people.ground import check_ground

SIGN = "Build it with `sign_key` (netdevops.python.wheelhouse_build)."
SUSPECT = "Find out who changed it; deliver the bundle as it was built."
_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]+")
_TIME = re.compile(r"key has expired.*|key is not yet valid.*")


def check_signature(run: Runner, signers: str, path: str, manifest: bytes) -> str:
    """Check the signature of the bundle at ``path`` and return the principal who made it.

    Args:
        run: Starts ssh-keygen.
        signers: Absolute path of the file that says whose signatures count (ALLOWED SIGNERS in ssh-keygen(1)).
        path: The bundle, a folder or a tar.
        manifest: Its manifest, as it was read and will be used.

    Raises:
        Refused: when there is no good signature by one of them, or others may write to what says who they are.
    """
    _check_signers(signers)
    try:
        text = manifest.decode("utf-8")
    except UnicodeDecodeError:
        refuse(f"{path}, {MANIFEST_FILE}", "is no text.", REBUILD)
    signature = read_signature(path)
    if not signature:
        refuse(path, f"is not signed: it holds no {SIGNATURE_FILE}, and allowed_signers asks for one.", SIGN)
    with tempfile.TemporaryDirectory(prefix="signature-") as folder:
        file = os.path.join(folder, SIGNATURE_FILE)
        with open(file, "wb") as stream:
            stream.write(signature)
        try:
            return _signer(run, signers, file, text)
        except Refused as refused:
            raise Refused(
                [
                    problem._replace(subject=problem.subject.replace(file, f"{path}, {SIGNATURE_FILE}"))
                    for problem in refused.problems
                ]
            ) from None


def _check_signers(signers: str) -> None:
    if not os.path.isabs(signers):
        refuse(f"allowed_signers {signers!r}", "expected an absolute path on the host.", "Write it in full.")
    # Who may write there says himself whose signatures count.
    check_ground(signers)
    if not os.path.isfile(signers):
        refuse(
            signers,
            "expected the file of allowed signers, found none.",
            'Put it there; a line is: release@example.com namespaces="netdevops-bundle" ssh-ed25519 AAAA...',
        )


def _signer(run: Runner, signers: str, file: str, text: str) -> str:
    # First what it is, then whose it is, then whether he may: each has a sentence of its own.
    whole = keygen(run, ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", file], text)
    if whole.rc:
        _refuse_damaged(file, whole.tail())
    key = _KEY.search(whole.stdout)
    found = keygen(run, ["-Y", "find-principals", "-s", file, "-f", signers])
    if found.rc:
        _refuse_stranger(file, signers, key.group() if key else "unknown", found.stderr)
    said = ""
    for principal in found.stdout.split("\n"):
        if not principal:
            continue
        done = keygen(run, ["-Y", "verify", "-n", NAMESPACE, "-s", file, "-f", signers, "-I", principal], text)
        if not done.rc:
            return principal
        said = done.tail()
    refuse(
        file,
        f"is by {found.stdout.strip()}, who may not sign bundles: {_last(said)}.",
        f'Correct {signers}: the line wants namespaces="{NAMESPACE}", or none.',
    )


def _refuse_damaged(file: str, said: str) -> None:
    if "namespace" in said:
        refuse(file, f"was made for another purpose: {_last(said)}.", f"Sign it with -n {NAMESPACE}. {SIGN}")
    if "incorrect signature" in said:
        refuse(file, f"is not of this {MANIFEST_FILE}: one of the two was changed after it was signed.", SUSPECT)
    refuse(file, f"is no signature that can be read: {_last(said)}.", SUSPECT)


def _refuse_stranger(file: str, signers: str, key: str, said: str) -> None:
    time = _TIME.search(said)
    if time:
        refuse(file, f"is by a key that does not count today: {time.group()}.", f"Sign it again; see {signers}.")
    refuse(
        file,
        f"is by {key}, which is no key of {signers}.",
        "Find out who signed it; add the key there if it is to count.",
    )


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if not line.startswith("Could not verify")]
    return lines[-1].rstrip(".") if lines else "it says nothing"
