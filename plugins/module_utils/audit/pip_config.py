# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of pip and uv: which hosts it sends them to."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Sequence
from typing import Callable

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.indexes import (
    strange_hosts,
    strange_names,
    strange_proxies,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

# https://pip.pypa.io/en/stable/topics/configuration/ and https://docs.astral.sh/uv/concepts/configuration-files/
PIP_FILES = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf")
UV_FILES = ("/etc/uv/uv.toml", "/etc/xdg/uv/uv.toml")
PIP_OF_HOME = (".config/pip/pip.conf", ".pip/pip.conf")
UV_OF_HOME = (".config/uv/uv.toml",)
# pip also reads <prefix>/pip.conf of the Python that runs it.
SYSTEM_PREFIXES = ("/usr", "/usr/local")
_INDEXES, _HOSTS = ("index-url", "pypi-url", "extra-index-url", "find-links", "index"), "trusted-host"
_INSECURE = re.compile(r"allow-insecure-host\s*=\s*\[(.*?)\]", re.DOTALL)


def check_pip_configuration(reader: Reader, homes: Sequence[str], approved: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding per file, for everybody or of one home, that names a host that is not approved.

    Args:
        reader: Reads the host.
        homes: The homes of people.
        approved: Hosts of approved indexes.
    """
    system = [f"{prefix}/pip.conf" for prefix in SYSTEM_PREFIXES]
    for path in (*PIP_FILES, *system, *(f"{home}/{name}" for home in homes for name in PIP_OF_HOME)):
        yield from _judge(reader, path, "", pip_trouble, approved)
    for path in (*UV_FILES, *(f"{home}/{name}" for home in homes for name in UV_OF_HOME)):
        yield from _judge(reader, path, "", uv_trouble, approved)


def check_pip_of(reader: Reader, prefixes: Sequence[tuple[str, str]], approved: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding per file of an interpreter or an environment that names a host that is not approved.

    Args:
        reader: Reads the host.
        prefixes: Their folders, each with the environment that it is, or '' for an interpreter.
        approved: Hosts of approved indexes.
    """
    for prefix, venv in prefixes:
        yield from _judge(reader, f"{prefix}/pip.conf", venv, pip_trouble, approved)
        if venv:
            yield from _judge(reader, f"{venv.rpartition('/')[0]}/uv.toml", venv, uv_trouble, approved)


def _judge(
    reader: Reader, path: str, venv: str, judge: Callable[[str, Sequence[str]], list[str]], approved: Sequence[str]
) -> Iterator[Finding]:
    text = reader.text(path)
    lines = judge(text, approved) if text else []
    if lines:
        yield Finding("index-not-approved", path, tuple(lines), venv)


def pip_trouble(text: str, approved: Sequence[str]) -> list[str]:
    """Return a line per setting and host of a ``pip.conf``; of a URL nothing but its host."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        # pip refuses it as well. What it was meant to say is told all the same.
        return [f"it cannot be read as a configuration; it names {host}" for host in strange_hosts(text, approved)]
    lines = []
    for section in parser.sections():
        for option, value in parser.items(section):
            name = option.replace("_", "-")
            if name in _INDEXES and not _is_off(parser, section, name):
                lines += [f"[{section}] {name}: {host}" for host in strange_hosts(value, approved)]
            elif name == "proxy" and not _is_off(parser, section, name):
                lines += [f"[{section}] proxy: {host}" for host in strange_proxies(value, approved)]
            elif name == _HOSTS:
                lines += [f"[{section}] {name}: {host}" for host in strange_names(value, approved)]
    return lines


def _is_off(parser: configparser.RawConfigParser, section: str, name: str) -> bool:
    """Whether no index is asked at all. Links are followed even then."""
    if name == "find-links":
        return False
    said = [parser.get(one, key, fallback="") for one in (section, "global") for key in ("no-index", "no_index")]
    return any(value.lower() in ("1", "true", "yes", "on") for value in said)


def uv_trouble(text: str, approved: Sequence[str]) -> list[str]:
    """Return a line per host of a ``uv.toml``: every URL in it is a place that uv gets something from."""
    # Python 3.9 reads no TOML. A # within a URL is a fragment.
    code = "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines())
    lines = [f"names {host}" for host in strange_hosts(code, approved)]
    for hosts in _INSECURE.findall(code):
        words = " ".join(re.findall(r"[\"']([^\"']*)[\"']", hosts))
        lines += [f"allow-insecure-host: {host}" for host in strange_names(words, approved)]
    return lines
