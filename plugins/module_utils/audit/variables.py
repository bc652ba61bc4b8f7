# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that change what Python runs, or where pip and uv get packages, in the files of settings of a host."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.indexes import (
    strange_hosts,
    strange_names,
    strange_proxies,
)
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

# Those that add code, or decide which is imported. PYTHONUTF8, PYTHONUNBUFFERED and their like harm nobody.
CHANGE_WHAT_RUNS = frozenset(
    (
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE"),
        # A category of warnings, the debugger and the cache are looked for by import, or executed.
        *("PYTHONWARNINGS", "PYTHONBREAKPOINT", "PYTHONINSPECT", "PYTHONPYCACHEPREFIX", "PYTHON_PRESITE"),
    )
)
SETTINGS_OF_INDEXES = re.compile(
    r"PIP_(INDEX_URL|PYPI_URL|EXTRA_INDEX_URL|FIND_LINKS|CONFIG_FILE|PROXY)"
    r"|UV_(INDEX|DEFAULT_INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|CONFIG_FILE|PYTHON_INSTALL_MIRROR|INDEX_[A-Z0-9_]+)"
)
NAMES_OF_HOSTS = frozenset(("PIP_TRUSTED_HOST", "UV_INSECURE_HOST"))

FILES = (
    *("/etc/environment", "/etc/security/pam_env.conf", "/etc/profile", "/etc/bash.bashrc", "/etc/bashrc"),
    *("/etc/zshenv", "/etc/zsh/zshenv", "/etc/zprofile", "/etc/zsh/zprofile", "/etc/zshrc", "/etc/zsh/zshrc"),
    *(
        "/etc/csh.cshrc",
        "/etc/csh.login",
        "/etc/fish/config.fish",
        "/etc/systemd/system.conf",
        "/etc/systemd/user.conf",
    ),
    *("/etc/crontab", "/etc/anacrontab"),
)
_SYSTEMD = ("/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd")
FOLDERS = (
    *("/etc/profile.d", "/etc/environment.d", "/etc/fish/conf.d", "/etc/cron.d"),
    # Of Red Hat, Debian and SUSE.
    *("/var/spool/cron", "/var/spool/cron/crontabs", "/var/spool/cron/tabs"),
    *(f"{place}/{name}.conf.d" for place in _SYSTEMD for name in ("system", "user")),
)
OF_HOME = (
    *(".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".zshenv", ".zprofile", ".zshrc"),
    *(".zlogin", ".kshrc", ".cshrc", ".tcshrc", ".login", ".xprofile", ".xsessionrc", ".ssh/environment"),
    *(".pam_environment", ".config/fish/config.fish"),
)
FOLDERS_OF_HOME = (".config/environment.d",)
# The last of each pair of units of one name counts, and what a distribution ships counts as well.
UNITS = tuple(f"{place}/{kind}" for kind in ("system", "user") for place in _SYSTEMD)
# Where /lib is /usr/lib, links of before lead there.
_SHORT = ("/lib/systemd/system", "/lib/systemd/user")
UNITS_OF_HOME = ".config/systemd/user"
_SETS = re.compile(
    # sh, systemd, /etc/environment: NAME=value, "NAME"=value, NAME+=value, ${NAME:=value}; csh: setenv NAME value;
    # fish: set -gx NAME value; pam_env: NAME DEFAULT=value; cron: NAME = value. $NAME and a pattern *NAME= set nothing.
    r"(?<![A-Za-z0-9_$*])(?P<name>(?:PYTHON|PIP|UV)_?[A-Z][A-Z0-9_]*)[\"']?"
    r"(?:(?P<equals>[+:]?=)|[ \t]+(?:(?:DEFAULT|OVERRIDE)=)?(?=\S))(?P<value>.*)"
)
_SETTING_WORDS = re.compile(r"^\s*(setenv|set)\b")
_OF_CRON = re.compile(r"^[\"']?[A-Z_0-9]+[\"']?[ \t]+=[ \t]*")
_FILE_OF_UNIT = re.compile(r"\s*EnvironmentFile\s*=\s*-?(/\S+)")


class Setting(NamedTuple):
    """A variable that something sets; ``where`` says on which line. The value is for judging, never for telling."""

    name: str
    value: str
    where: str


def check_variables(reader: Reader, homes: Sequence[str], approved: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding per file and kind of variable.

    Args:
        reader: Reads the host.
        homes: The homes of people.
        approved: Hosts of approved indexes.
    """
    for path in settings_files(reader, homes):
        text = reader.text(path)
        if text:
            yield from judge(path, settings_in(text, comments="/systemd/" not in path), approved)


def judge(path: str, settings: Iterable[Setting], approved: Sequence[str]) -> Iterator[Finding]:
    """Yield what is to be said of the settings of one file."""
    settings = list(settings)
    harmful = [one for one in settings if changes_what_runs(one.name, one.value)]
    if harmful:
        yield Finding("python-variable", path, tuple(f"{one.where} sets {one.name}" for one in harmful))
    lines = [line for one in settings for line in index_trouble(one.name, one.value, one.where, approved)]
    if lines:
        yield Finding("index-variable", path, tuple(lines))


def changes_what_runs(name: str, value: str) -> bool:
    """Whether a variable with a value adds code or decides which is imported."""
    if name != "PYTHONWARNINGS":
        return name in CHANGE_WHAT_RUNS
    # A category of warnings with a dot is imported: action:message:category:module:line.
    categories = [(*filtered.split(":"), "", "", "")[2] for filtered in value.split(",")]
    return "$" in value or any("." in category for category in categories)


def index_trouble(name: str, value: str, where: str, approved: Sequence[str]) -> list[str]:
    """Return a line for each host in a setting of pip or uv that is not approved, and nothing else of its value."""
    if name in NAMES_OF_HOSTS:
        return [f"{where} sets {name}: {host}" for host in strange_names(value.strip("\"' "), approved)]
    if not SETTINGS_OF_INDEXES.fullmatch(name):
        return []
    if name.endswith("_CONFIG_FILE") and value.strip("\"' \n;") != "/dev/null":
        return [f"{where} sets {name}: another file of settings counts"]
    strange = strange_proxies if name == "PIP_PROXY" else strange_hosts
    lines = [f"{where} sets {name}: {host}" for host in strange(value.strip("\"' "), approved)]
    # What a shell makes of $INDEX is known when it runs.
    unknown = "$" in value and "://" not in value
    return [*lines, f"{where} sets {name}: from another variable, which cannot be told"] if unknown else lines


def settings_in(text: str, comments: bool = True) -> Iterator[Setting]:
    """Yield each variable that a file of settings sets to something; a comment and an empty value set nothing.

    Args:
        text: What is in the file.
        comments: Whether a comment may follow on what sets something; systemd knows none such.
    """
    for number, line in enumerate(text.replace("\\\n", " \n").splitlines(), 1):
        code = line.lstrip()
        if code.startswith(("#", ";")):
            continue
        for name, value in _in_line(_without_comment(code) if comments and "#" in code else code):
            if value.strip("\"' ;"):
                yield Setting(name, value, f"line {number}")


def _without_comment(code: str) -> str:
    """Return a line up to where a shell takes it for a comment: at a ``#`` that begins a word and is in no quotes."""
    quote = before = ""
    for index, char in enumerate(code):
        if quote:
            quote = "" if char == quote and before != "\\" else quote
        elif char in "\"'" and before != "\\":
            quote = char
        elif char == "#" and before in " \t;":
            return code[:index]
        before = char
    return code


def _in_line(code: str) -> Iterator[tuple[str, str]]:
    cron = _OF_CRON.match(code)
    if cron:
        code = cron.group().partition("=")[0].strip("\"' \t") + "=" + code[cron.end() :]
    while True:
        match = _SETS.search(code)
        if not match:
            return
        spoken = match.group("equals") or _SETTING_WORDS.match(code) or "DEFAULT=" in code or "OVERRIDE=" in code
        value = match.group("value")
        if spoken:
            yield match.group("name"), _first_word(value)
        code = value


def _first_word(value: str) -> str:
    """Return the value up to where the shell ends it; one in quotes goes to the next quote."""
    quoted = re.match(r"""\s*(["'])(.*?)\1""", value)
    return quoted.group(2) if quoted else re.split(r"[\s;&|]", value, maxsplit=1)[0]


def settings_files(reader: Reader, homes: Sequence[str]) -> list[str]:
    """Return the files in which a host sets variables: of shells, of pam, of systemd, and those that units name."""
    found = [*FILES, *(f"{home}/{name}" for home in homes for name in OF_HOME)]
    folders = [*FOLDERS, *(f"{home}/{name}" for home in homes for name in FOLDERS_OF_HOME)]
    found += [f"{folder}/{name}" for folder in folders for name in reader.names(folder)]
    units = [
        path for folder in (*UNITS, *(f"{home}/{UNITS_OF_HOME}" for home in homes)) for path in _units(reader, folder)
    ]
    named = {match for path in units for match in _FILE_OF_UNIT.findall(reader.text(path) or "")}
    return list(dict.fromkeys([*found, *units, *sorted(path for path in named if "%" not in path)]))


def _units(reader: Reader, folder: str) -> Iterator[str]:
    """Yield the units in a folder and their drop-ins; a link into a folder of units leads to one that is found there."""
    for name in reader.names(folder):
        path = f"{folder}/{name}"
        if name.endswith(".d"):
            yield from (f"{path}/{one}" for one in reader.names(path) if one.endswith(".conf"))
        elif name.endswith((".service", ".socket", ".timer", ".mount", ".swap")):
            place = os.path.dirname(reader.target(path))
            if not reader.is_link(path) or place not in (*UNITS, *_SHORT, folder):
                yield path


def harmful_in(environ: Mapping[str, str], approved: Sequence[str]) -> list[str]:
    """Return a line for each variable of a process that changes what it runs, or where its pip looks."""
    lines = [f"sets {name}" for name in sorted(environ) if environ[name] and changes_what_runs(name, environ[name])]
    for name in sorted(environ):
        lines += [line.strip() for line in index_trouble(name, environ[name], "", approved)]
    return lines
