# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirements file of a target: a bundle is usable with plain pip."""

from __future__ import annotations

from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest

FOLDER = "requirements"


def requirements_text(manifest: Manifest, target: str) -> str:
    """Return the wheels of ``target`` as pip's hash-checking mode takes them."""
    lines = [
        f"# {target}: all groups of the bundle ({', '.join(manifest.groups)}).",
        f"# pip install --no-index --find-links wheels --require-hashes -r {FOLDER}/{target}.txt",
    ]
    lines += [f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}" for wheel in manifest.targets[target]]
    return "\n".join(lines) + "\n"
