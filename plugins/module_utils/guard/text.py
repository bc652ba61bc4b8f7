# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files say: the sentence that pip shows, and where pip and uv get packages from."""

from __future__ import annotations

import json
from typing import NamedTuple

DEFAULT_NOTICE = """\
This Python belongs to everybody on this host, so pip installs nothing into it.

In a project, use the environment of the project: .venv/bin/python, .venv/bin/pip.
Where it is missing or not up to date, bring it to its lock with the play of the
project, or with netdevops.python.poetry_venv.

For something of your own, make an environment of your own:
python3 -m venv ~/venvs/NAME
~/venvs/NAME/bin/pip install PACKAGE
"""
NOBODY = "whoever looks after this host"


class Sources(NamedTuple):
    """Where packages come from.

    Attributes:
        index_url: The index, or '' for pip's own.
        extra_index_urls: Further indexes.
        no_index: Whether no index is asked at all.
        cert: A file of certificates, or ''.
        timeout: Seconds to wait for an index; 0 for pip's own.
    """

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    no_index: bool = False
    cert: str = ""
    timeout: int = 0


def marker_text(notice: str, contact: str) -> str:
    """Return what a marker says (PEP 668, https://packaging.python.org/en/latest/specifications/externally-managed-environments/)."""
    whole = notice or DEFAULT_NOTICE
    if contact or not notice:
        whole = f"{whole.rstrip()}\n\nAsk {contact or NOBODY} for a tool or an interpreter that everybody needs.\n"
    # Each line but the first has to be indented: that is how configparser knows that the value goes on.
    lines = [f" {line}".rstrip() for line in whole.strip().splitlines()]
    return "[externally-managed]\nError=" + "\n".join(lines).lstrip() + "\n"


def pip_text(sources: Sources, require_virtualenv: bool) -> str:
    """Return what ``pip.conf`` says; '' when there is nothing to say.

    ``require-virtualenv`` stands in the sections of the two commands that change an environment. In ``[global]`` it would
    stop ``download``, ``wheel``, and up to pip 23 ``check`` and ``freeze`` as well.
    """
    lines = [f"index-url = {sources.index_url}"] if sources.index_url else []
    if sources.extra_index_urls:
        lines += ["extra-index-url =", *(f"    {url}" for url in sources.extra_index_urls)]
    lines += ["no-index = true"] if sources.no_index else []
    lines += [f"cert = {sources.cert}"] if sources.cert else []
    lines += [f"timeout = {sources.timeout}"] if sources.timeout else []
    blocks = [["[global]", *lines]] if lines else []
    blocks += [[f"[{name}]", "require-virtualenv = true"] for name in ("install", "uninstall") if require_virtualenv]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def uv_text(sources: Sources) -> str:
    """Return what ``uv.toml`` says; '' when there is nothing to say. uv knows no file of certificates there."""
    lines = ["no-index = true\n"] if sources.no_index else []
    lines += [_index(sources.index_url, True)] if sources.index_url else []
    return "\n".join([*lines, *(_index(url, False) for url in sources.extra_index_urls)])


def _index(url: str, is_default: bool) -> str:
    # A text of printable ASCII is the same in JSON and in TOML.
    return f"[[index]]\nurl = {json.dumps(url)}\n" + ("default = true\n" if is_default else "")
