# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clean environment for every Python tool that is started."""

from __future__ import annotations

from collections.abc import Mapping

# pip reads PIP_FIND_LINKS and its configuration files even with --no-index; uv, Poetry and Python
# have their own. What a person exported on a jump host must not decide what is installed there.
FOREIGN_PREFIXES = ("PIP_", "UV_", "PYTHON", "POETRY_", "PYENV_", "VIRTUAL_ENV", "CONDA", "__PYVENV", "LD_")

ISOLATED = {
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "UV_NO_CONFIG": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "LC_ALL": "C.UTF-8",
}


def clean_environment(base: Mapping[str, str], **extra: str) -> dict[str, str]:
    """Return ``base`` without foreign Python settings, with isolation switched on and ``extra`` added."""
    kept = {name: value for name, value in base.items() if not name.startswith(FOREIGN_PREFIXES)}
    return {**kept, **ISOLATED, **extra}
