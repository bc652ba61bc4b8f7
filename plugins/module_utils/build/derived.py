# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a bundle that follow from its manifest and its lock."""

from __future__ import annotations

from typing import Any

from ansible_collections.netdevops.python.plugins.module_utils.build.pylock_out import FILE as PYLOCK_FILE
from ansible_collections.netdevops.python.plugins.module_utils.build.pylock_out import pylock_text
from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_out import FOLDER, requirements_text
from ansible_collections.netdevops.python.plugins.module_utils.build.sbom import FILE as SBOM_FILE
from ansible_collections.netdevops.python.plugins.module_utils.build.sbom import sbom_text
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest


def derived_files(manifest: Manifest, lock: Any) -> dict[str, bytes]:
    """Return file name below the bundle to content; the same manifest and ``Pylock`` give the same bytes."""
    texts = {f"{FOLDER}/{target}.txt": requirements_text(manifest, target) for target in manifest.targets}
    texts[PYLOCK_FILE] = pylock_text(manifest, lock)
    texts[SBOM_FILE] = sbom_text(manifest)
    return {name: text.encode("utf-8") for name, text in texts.items()}
