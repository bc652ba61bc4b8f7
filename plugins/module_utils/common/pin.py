# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pin: the exact interpreter version that ``.python-version`` names."""

from __future__ import annotations

import os
import re

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

PIN_FILE = ".python-version"
# PEP 440's final and pre-releases of CPython, in pyenv's spelling; a prefix such as 3.11 is no pin.
EXACT_VERSION = re.compile(r"3\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)((?:a|b|rc)[0-9]+)?")


def parse_version(text: str, subject: str) -> str:
    """Return ``text`` when it is an exact CPython version, such as ``3.11.7``.

    Raises:
        Refused: for anything else, naming ``subject``.
    """
    if EXACT_VERSION.fullmatch(text):
        return text
    refuse(subject, f"expected an exact CPython version such as 3.11.7, found {text!r}.", "Write the three numbers.")


def parse_pin(text: str, subject: str) -> str:
    """Return the version in the text of a ``.python-version`` file.

    pyenv takes several versions and ignores comments; a pin is one line that holds one exact version,
    because every other reader (uv, CI images, people) takes the file differently.

    Raises:
        Refused: when the file is empty, has a comment, several versions or no exact one.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        refuse(subject, "expected one exact version, found nothing.", "Write for example 3.11.7 into it.")
    if any("#" in line for line in lines):
        refuse(subject, "expected one exact version and nothing else, found a comment.", "Remove the comment.")
    if len(lines) > 1 or len(lines[0].split()) > 1:
        found = ", ".join(" ".join(lines).split())
        refuse(
            subject, f"expected one exact version, found several: {found}.", "Keep the one that the project runs on."
        )
    return parse_version(lines[0], subject)


def read_pin(path: str) -> str:
    """Return the pin in the file at ``path``, or in its ``.python-version`` when ``path`` is a folder.

    Raises:
        Refused: when the file is missing, unreadable or holds no pin.
    """
    if os.path.isdir(path):
        path = os.path.join(path, PIN_FILE)
    try:
        with open(path, encoding="utf-8") as stream:
            return parse_pin(stream.read(), path)
    except FileNotFoundError:
        refuse(path, "expected a pin file, found none.", "Create it with one exact version, for example 3.11.7.")
    except (OSError, UnicodeDecodeError) as error:
        refuse(path, f"cannot be read: {error}.", "Check its encoding and permissions.")
