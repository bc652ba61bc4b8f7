# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What configure was told, and whether that is what is asked for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.patches import patch_digests

# python-build gives these by itself: where an interpreter lives, and that it has a shared library.
BY_ITSELF = ("--prefix", "--libdir", "--enable-shared")


def own_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return those ``words`` of a configure command that somebody chose, in their order."""
    return tuple(word for word in words if word.startswith("-") and word.partition("=")[0] not in BY_ITSELF)


def words_of(config_args: str) -> tuple[str, ...]:
    """Return what an interpreter's ``CONFIG_ARGS`` say that somebody chose."""
    try:
        return own_words(shlex.split(config_args))
    except ValueError:  # no closing quotation
        return ()


def difference(wanted: Wanted, configured: Sequence[str], patches: Sequence[str]) -> str:
    """Return in what a build differs from what is asked for; '' when it does not, or when nothing is asked for.

    Raises:
        Refused: when a patch that is asked for cannot be read.
    """
    asked, has = own_words(wanted.configure_opts), own_words(configured)
    if wanted.configure_opts and set(asked) != set(has):
        return f"was configured with {' '.join(has) or 'no options'}, asked for is {' '.join(asked) or 'none'}"
    if wanted.patches and patch_digests(wanted.patches) != tuple(patches):
        return "was built with other patches" if patches else "was built without the patches"
    return ""
