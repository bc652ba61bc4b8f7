# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that sign bundles, and the file that says whose signatures count."""

from __future__ import annotations

import pathlib
import subprocess

NAMESPACE = "netdevops-bundle"
PRINCIPAL = "release@example.com"


def make_key(path: pathlib.Path, passphrase: str = "") -> pathlib.Path:
    """Write a new key, and its public part beside it."""
    keygen("-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", str(path))
    return path


def allow(path: pathlib.Path, key: pathlib.Path, options: str = f'namespaces="{NAMESPACE}"') -> pathlib.Path:
    """Write a file of one allowed signer."""
    public = key.with_name(key.name + ".pub").read_text(encoding="ascii")
    path.write_text(f"{PRINCIPAL} {options} {public}", encoding="ascii")
    path.chmod(0o644)
    return path


def sign(bundle: pathlib.Path, key: pathlib.Path, namespace: str = NAMESPACE) -> pathlib.Path:
    """Sign a bundle's manifest, as a person does it."""
    file = bundle / "bundle.json.sig"
    if file.exists():
        file.unlink()
    keygen("-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(bundle / "bundle.json"))
    return file


def keygen(*words: str) -> str:
    """Run ssh-keygen and return what it said."""
    done = subprocess.run(["ssh-keygen", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
