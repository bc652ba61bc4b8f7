# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Poetry that failed said, told as problems with a next step. It is handed in without passwords.

Poetry has no output for programs: these are the sentences of 1.8 and 2.x, each as it was heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import TAIL_LINES, TAIL_WIDTH, Completed

MOST_WARNINGS, MOST_OF_A_WARNING = 10, 400
_ELSEWHERE = "where the project is developed, commit poetry.lock, and bring it here"
_READS_ON = (
    "The lock file might not be compatible with the current version of Poetry.\n"
    "Upgrade Poetry to ensure the lock file is read properly or, alternatively, "
    "regenerate the lock file with the `poetry lock` command.\n"
)
# Lines that Poetry says to everybody.
_USUAL = re.compile(r"Using virtualenv: .*|Checking keyring availability.*")
# Where in Poetry's own code something went wrong: a place, and the lines around it.
_TRACE = re.compile(r"(?m)^ +at [~/].* in \S+\n(?: +(?:→ *)?\d+│.*\n| *\n)*")

# What a trace says of an error beside its message.
_FRAME = re.compile(
    r"[A-Z]\w*(?:Error|Exception|Timeout)|The following error occurred when trying to handle .*"
    r"|(?:Installing dependencies from lock|Finding the necessary packages|Package operations:|- Installing ).*"
)

# The reason within the many words of a connection that failed.
_REASON = re.compile(r"(?:\[Errno -?\d+\]|\[SSL: \w+\]) [^\"'()]*|\w* ?timed out")


class Asked(NamedTuple):
    """What Poetry was asked about.

    Attributes:
        project: The project's folder.
        version: Poetry's version, such as (2, 5, 1).
        users: The users of private sources, by the name of the source in lower case.
    """

    project: str
    version: tuple[int, ...]
    users: Mapping[str, str] = {}

    @property
    def poetry(self) -> str:
        """Its name, for messages."""
        return f"Poetry {'.'.join(str(number) for number in self.version)}"

    @property
    def lock(self) -> str:
        """The lock, as messages name it."""
        return f"{self.project}/poetry.lock"

    @property
    def pyproject(self) -> str:
        """The other file."""
        return f"{self.project}/pyproject.toml"

    @property
    def relock(self) -> str:
        """The next step after which the lock fits."""
        command = "poetry lock --no-update" if self.version < (2,) else "poetry lock"
        return f"Run `{command}` {_ELSEWHERE}."


def problems(done: Completed, asked: Asked) -> list[Problem]:
    """Return why a Poetry failed: all of the first kind that is found, or its last words."""
    # A trace shows Poetry's own code, where its sentences stand as well.
    text = _TRACE.sub("", f"{done.stdout}\n{done.stderr}\n")
    for tell in _KINDS:
        found = list(dict.fromkeys(tell(text, asked)))
        if found:
            return found
    return [_unknown(done, asked)]


def warnings(done: Completed, asked: Asked) -> tuple[str, ...]:
    """Return what a Poetry that succeeded said beside, a text for each thing."""
    said = _without_usual(done.stderr)
    told = [_newer(asked)] if _READS_ON in said else []
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", said.replace(_READS_ON, "")))
    told += [f"{asked.poetry}: {part}" for part in parts if part]
    return tuple(text[:MOST_OF_A_WARNING] for text in dict.fromkeys(told))[:MOST_WARNINGS]


def _newer(asked: Asked) -> str:
    return f"{asked.lock} was made by a newer Poetry; {asked.poetry} reads it all the same."


def _disk(text: str, asked: Asked) -> Iterable[Problem]:
    for found in re.finditer(r"\[Errno (?:28|122)\] ([^\n:]*)", text):
        step = "Make room on the file system of the project and of TMPDIR, and run it again."
        yield Problem(asked.project, f"Poetry could not write: {found.group(1).lower()}.", step)


def _build(text: str, _asked: Asked) -> Iterable[Problem]:
    pattern = r"(?s)This error originates from the build backend.*?(?:with|issues with) (\S+) \(([^)\n]*)\)"
    for found in re.finditer(pattern, text):
        step = "Lock a version that has a wheel for this host, or install what its build needs (compiler, headers)."
        said = _last(text[: found.start()].rpartition("Note:")[0], 2).rstrip(".")
        version = found.group(2).partition(" ")[0]
        yield Problem(f"{found.group(1)} {version}", f"has no wheel here and cannot be built: {said}.", step)
    for found in re.finditer(r"Cannot (?:install|resolve) build-system\.requires for (\S+?)\.?$", text, re.MULTILINE):
        step = "Lock a version that has a wheel for this host, or let a source have what its build needs."
        said = _last(text[: found.start()], 1).rstrip(".")
        yield Problem(found.group(1), f"has no wheel here, and what its build needs cannot be had: {said}.", step)


def _password(text: str, asked: Asked) -> Iterable[Problem]:
    for found in re.finditer(r"Source \(([^)\n]*)\): Authorization error accessing", text):
        name = found.group(1)
        user = asked.users.get(name.lower())
        if user is None:
            step = f"Give user and password of {name!r} in `sources`."
            yield Problem(f"source {name!r}", "asks for a password (401 or 403), found none.", step)
        else:
            message = f"expected a password that it takes, found that it turns {user!r} away (401 or 403)."
            yield Problem(f"source {name!r}", message, "Correct user or password in `sources`, or its rights there.")
    for found in re.finditer(r"(401|403) Client Error: [^\n]*? for url: \w+://([^/\s]+)", text):
        step = "Give user and password of the source in `sources`: Poetry sends them to the host of its URL alone."
        yield Problem(found.group(2), f"refuses the download of a file ({found.group(1)}).", step)
    if re.search(r"407 Client Error|407 Proxy Authentication", text):
        yield Problem("proxy", "asks for a password (407).", "Give it in the proxy's variable of the host.")


def _connection(text: str, asked: Asked) -> Iterable[Problem]:
    pattern = r"HTTPS?ConnectionPool\(host='([^']*)', port=(\d+)\): ([^\n]*)"
    found = {f"{match.group(1)}:{match.group(2)}": match.group(3) for match in re.finditer(pattern, text)}
    if not found:
        pattern = r"All attempts to connect to (\S+) failed\.(?:[\s|]*Exception:[\s|]*([^\n]*))?"
        found = {match.group(1): match.group(2) or "" for match in re.finditer(pattern, text)}
    for host, said in found.items():
        yield _unreached(host, said)
    for match in re.finditer(r"((?:429|5\d\d) [^\n]*?) for url: \w+://([^/\s]+)", text):
        yield Problem(match.group(2), f"cannot serve: {match.group(1)}.", "Run it again when it does.")
    if not found and re.search(r"Connection aborted|RemoteDisconnected|ConnectionResetError", text):
        message = "a connection to a source was ended by the other side."
        yield Problem(asked.project, message, "Run it again; look at the source and at proxies on the way.")


def _unreached(host: str, said: str) -> Problem:
    if "ProxyError" in said or "proxy" in said.lower():
        subject, message, step = f"proxy {host}", "cannot be connected to", "Correct HTTP_PROXY, HTTPS_PROXY, NO_PROXY."
    elif "SSL" in said or "CERTIFICATE" in said.upper():
        subject, message = f"source {host}", "has no TLS that this host trusts"
        step = "Name the authority's file in REQUESTS_CA_BUNDLE, or correct the URL of the source."
    elif "resolve" in said.lower() or "Name or service" in said:
        subject, message, step = f"source {host}", "has a name that is not known here", "Correct the URL, or the DNS."
    elif "timed out" in said.lower():
        subject, message, step = (
            f"source {host}",
            "does not answer in time",
            "Run it again; look at ways and firewalls.",
        )
    else:
        subject, message = f"source {host}", "cannot be connected to"
        step = "Run it again when it is up; with `wheelhouse` no source is asked."
    reason = _REASON.search(said)
    said = reason.group().strip() if reason else said[:TAIL_WIDTH]
    return Problem(subject, f"{message}{f': {said}' if said else ''}.", step)


def _lock(text: str, asked: Asked) -> Iterable[Problem]:
    if "changed significantly since poetry.lock was last" in text:
        yield Problem(
            asked.lock, "is not the lock of the pyproject.toml beside it, which was changed since.", asked.relock
        )
    elif "The lock file is not compatible with the current version" in text:
        step = f"Name the Poetry that made it in `poetry` (role poetry installs one), or lock with this one. {asked.relock}"
        yield Problem(asked.lock, f"expected a lock that {asked.poetry} reads, found one of a newer Poetry.", step)
    elif "does not have a metadata entry" in text:
        yield Problem(asked.lock, "is not whole: it has no metadata.", asked.relock)
    elif re.search(r"(?m)^Updating dependencies$", text):
        yield Problem(asked.lock, "is gone: Poetry began to make a new one.", asked.relock)


def _toml(text: str, asked: Asked) -> Iterable[Problem]:
    found = re.search(r"Unable to read the lock file \((.*)\)\.", text)
    step = "Look for what a merge left in it (<<<<<<<), or check it out again."
    if found:
        yield Problem(asked.lock, f"is no TOML: {found.group(1)}.", step)
        return
    found = re.search(r"Invalid TOML file \S+: ([^\n]*)", text)
    if found:
        yield Problem(asked.pyproject, f"is no TOML: {found.group(1)}.", step)
        return
    found = re.search(r"(?m)^([^\n]*\(at (?:line \d+, column \d+|end of document)\))$", text)
    if found:
        # The words are the parser's alone. Of the two files it reads pyproject.toml before it says anything.
        read = "Installing dependencies from lock file" in text
        yield Problem(asked.lock if read else asked.pyproject, f"is no TOML: {found.group(1)}.", step)


def _names(text: str, _asked: Asked) -> Iterable[Problem]:
    found = re.search(r"Group\(s\) not found: ([^\n]*)", text)
    for name, options in re.findall(r"(\S+) \(via ([^)]*)\)", found.group(1)) if found else ():
        step = "Correct its name, or add it to pyproject.toml and lock again."
        message = f"expected a group of the project, found no group {name!r} in its pyproject.toml."
        yield Problem(options.replace("--", ""), message, step)
    for name in re.findall(r"Extra \[([^\]\n]*)\] is not specified", text):
        step = "Correct its name, or add it to pyproject.toml and lock again."
        yield Problem("extras", f"expected an extra of the project, found no extra {name!r} in its lock.", step)


def _content(text: str, asked: Asked) -> Iterable[Problem]:
    step = "Find out who changed the file before you lock again: the index, a cache or a proxy on the way."
    pattern = (
        r"Downloaded distributions for (\S+) \(([^)\n]*)\) did not match|Hash for (\S+) \(([^)\n]*)\) from archive"
    )
    for match in re.finditer(pattern, text):
        name, version = match.group(1) or match.group(3), match.group(2) or match.group(4)
        yield _other_file(f"{name} {version}", step)
    for match in re.finditer(r"Retrieved digests for links ([^\s(]+)", text):
        yield _other_file(match.group(1), step)
    for match in re.finditer(r"Downloaded archive (\S+) for (\S+) \([^\n]*?\) is not listed in the lock file", text):
        message = f"expected a file that poetry.lock lists for {match.group(2)}, found one that it does not."
        yield Problem(match.group(1), message, asked.relock)
    for match in re.finditer(r"Unable to find installation candidates for (\S+) \(([^)\n]*)\)", text):
        message = "its source has no file of it that this host and interpreter can use."
        step = "See what the source has of it; lock a version that it has for this host, or name another interpreter."
        yield Problem(f"{match.group(1)} {match.group(2)}", message, step)
    for name in re.findall(r'Repository "([^"\n]*)" does not exist', text):
        message = f"names a source {name!r} that pyproject.toml does not have."
        yield Problem(asked.lock, message, asked.relock)
    for match in re.finditer(r"404 Client Error: [^\n]*? for url: (\S+)", text):
        yield Problem(match.group(1).partition("#")[0], "is not there (404).", "Let its source have it, or lock again.")


def _other_file(subject: str, step: str) -> Problem:
    return Problem(subject, "expected a file of one of the digests in poetry.lock, found another.", step)


def _python(text: str, _asked: Asked) -> Iterable[Problem]:
    found = re.search(r"Current Python version \(([^)\n]*)\) is not allowed by the project \(([^\n]*)\)", text)
    if found:
        message = f"expected a Python that pyproject.toml allows ({found.group(2)}), found {found.group(1)}."
        yield Problem("python", message, "Name another interpreter in `python` or in .python-version.")


def _root(text: str, asked: Asked) -> Iterable[Problem]:
    found = re.search(r"The current project could not be installed: ([^\n]*)", text)
    found = found or re.search(r"(?m)^\s*(\S+ does not contain any element)$", text)
    if found:
        step = "Bring it into the checkout, or set root: false where only the dependencies are wanted."
        yield Problem(asked.project, f"cannot be installed itself: {found.group(1).rstrip('.')}.", step)


def _origins(text: str, asked: Asked) -> Iterable[Problem]:
    for match in re.finditer(r"Failed to clone ([^\n]*?)(?:\.?</error>)?$", text, re.MULTILINE):
        step = (
            "See that the repository and the commit of the lock are there, and that its owner may read them from here."
        )
        yield Problem(asked.lock, f"a git repository cannot be had: {match.group(1)}", step)
    for match in re.finditer(r"Path (\S+) for (\S+) does not exist", text):
        message = f"expected {match.group(2)}, which the project takes from a path, found nothing."
        yield Problem(match.group(1), message, "Bring it there, or leave it out of the groups.")


def _project(text: str, asked: Asked) -> Iterable[Problem]:
    found = re.search(r"This project requires Poetry ([^\n]*?), but you are using", text)
    if found:
        message = f"expected Poetry {found.group(1)}, found {asked.poetry}."
        yield Problem(asked.pyproject, message, "Name such a Poetry in `poetry`; role poetry installs one.")
    found = re.search(r"The Poetry configuration is invalid:\n((?:\s+- [^\n]*\n?)+)", text)
    if found:
        said = "; ".join(line.strip(" -.") for line in found.group(1).splitlines())
        old = asked.version < (2,) and re.search(r"required in package mode|was unexpected", said)
        step = "Name a Poetry 2 in `poetry`: it may be written for that." if old else "Correct it."
        yield Problem(asked.pyproject, f"is not valid for {asked.poetry}: {said}.", step)
    found = re.search(r"Poetry could not find a pyproject\.toml", text)
    if found:
        yield Problem(asked.pyproject, "expected it, found none.", "Name the folder that holds it.")
    found = re.search(r"(?s)(Because [^\n]*).*version solving failed", text)
    if found:
        message = f"does not hold what is selected for this interpreter: {found.group(1)[:TAIL_WIDTH]}"
        yield Problem(asked.lock, message, asked.relock)


def _unknown(done: Completed, asked: Asked) -> Problem:
    ended = f"was killed by signal {-done.rc}" if done.rc < 0 else f"ended with {done.rc}"
    said = _last(_without_usual(done.stderr).replace(_READS_ON, ""), TAIL_LINES) or _last(done.stdout, TAIL_LINES)
    step = "Read what it says; run the same where the project is developed to see more."
    return Problem(f"{asked.poetry} in {asked.project}", f"{ended}: {said.rstrip('.') or 'it said nothing'}.", step)


def _without_usual(text: str) -> str:
    return "".join(f"{line}\n" for line in text.splitlines() if not _USUAL.fullmatch(line))


def _last(text: str, lines: int) -> str:
    clean = _TRACE.sub("", f"{text}\n")
    kept = list(dict.fromkeys(line.strip(" |")[:TAIL_WIDTH] for line in clean.splitlines()))
    return "\n".join([line for line in kept if line and not _FRAME.fullmatch(line)][-lines:])


# What stands behind something else comes first: who is turned away finds no file either, nor what a build needs.
_KINDS: tuple[Callable[[str, Asked], Iterable[Problem]], ...] = (
    *(_disk, _password, _build, _connection, _lock, _toml, _names, _python, _root, _content, _origins, _project),
)
