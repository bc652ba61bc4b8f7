# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poetry, as a program that is asked: what it would install, and that it does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Runner, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.poetry.finding import find_poetry
from ansible_collections.netdevops.python.plugins.module_utils.poetry.planned import Planned, parse_planned
from ansible_collections.netdevops.python.plugins.module_utils.poetry.says import Asked, problems, warnings
from ansible_collections.netdevops.python.plugins.module_utils.poetry.selection import Selection
from ansible_collections.netdevops.python.plugins.module_utils.poetry.sources import (
    Scrubber,
    Source,
    collisions,
    environment,
    misdirected,
)

__all__ = ["Place", "Planned", "Poetry", "find_poetry"]

OLDEST, NEWEST_MAJOR = (1, 8), 2
VERSION_SECONDS = 60
FILES, SETTINGS = ("pyproject.toml", "poetry.lock"), "poetry.toml"
_VERSION = re.compile(r"Poetry \(version (\d+)\.(\d+)(?:\.(\d+))?")
_SOURCE = re.compile(r"(?m)^ *(name|url) +: (.*?) *$")
_REQUIRES_PLUGINS = re.compile(rb"(?m)^\s*\[\s*tool\s*\.\s*poetry\s*\.\s*requires-plugins\s*\]")
# Beside the common ones. virtualenv makes the folders in which Poetry builds, and has settings of its own.
_FOREIGN = ("VIRTUALENV_", "XDG_")
# A variable beats poetry.toml. What that file may say of certificates, of users and of how git is run stays: it decides
# who is asked, and how, but not what is installed: what is fetched is compared with the lock (originals.py). What it says of
# wheels and builds (installer.only-binary, no-binary, build-config-settings) stays too: that may be meant as protection.
_SETTINGS = {
    "POETRY_NO_INTERACTION": "1",
    "POETRY_KEYRING_ENABLED": "false",
    "POETRY_VIRTUALENVS_CREATE": "true",
    "POETRY_VIRTUALENVS_IN_PROJECT": "false",
    "POETRY_VIRTUALENVS_USE_POETRY_PYTHON": "false",
    "POETRY_INSTALLER_MODERN_INSTALLATION": "true",
    "POETRY_INSTALLER_RE_RESOLVE": "false",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# Its cache of answers holds what an answer's Vary names of the request: the header with the password, once a server says so.
_QUIET = ("--no-ansi", "--no-interaction", "--no-plugins", "--no-cache")
# Nothing answers there. 1.8 has pip fetch what a build script of the project needs, from pypi.org.
_NOWHERE, _NO_INDEX = "http://127.0.0.1:9", "No matching distribution found for"
_CLOSED = {
    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), _NOWHERE),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
    "PIP_NO_INDEX": "1",
}
# A password would go to whoever answers.
_UNCHECKED = re.compile(rb"""(?m)\b(?:cert|verify)["']?\s*=\s*false\b""")


class Place(NamedTuple):
    """Where a Poetry works; absolute paths.

    Attributes:
        project: The project's folder.
        private: A folder of this run that is this user's alone, for whatever Poetry likes to keep.
    """

    project: str
    private: str


class Poetry:
    """Poetry for one project.

    Without plugins, those that the project requires among them: 2.x would fetch them without a lock, and keep them in the
    project's folder.

    Args:
        run: Starts it.
        executable: Its absolute path.
        place: Where it works.
        environ: What its environment is made from: proxies and certificate authorities stay.
        sources: Who asks private indexes.
        timeout: Seconds that one command may take.
        version: Its version, where it is known.
    """

    def __init__(
        self,
        run: Runner,
        executable: str,
        place: Place,
        *,
        environ: Mapping[str, str],
        sources: tuple[Source, ...] = (),
        timeout: float = 900,
        version: tuple[int, ...] = (),
    ) -> None:
        self._run = run
        self._executable = executable
        self._project = place.project
        self._private = place.private
        self._sources = sources
        self._timeout = timeout
        self._scrubber = Scrubber(sources)
        self._environ = environ
        self._environment = _environment(environ, place)
        self._version = version

    def at(self, private: str) -> Poetry:
        """Return the same Poetry with another private folder, as :class:`Place` has it."""
        return Poetry(
            self._run,
            self._executable,
            Place(self._project, private),
            environ=self._environ,
            sources=self._sources,
            timeout=self._timeout,
            version=self._version,
        )

    @property
    def artifacts(self) -> str:
        """Where it keeps what it downloads."""
        return f"{self._environment['POETRY_CACHE_DIR']}/artifacts"

    @property
    def version(self) -> tuple[int, ...]:
        """Its version, such as (2, 5, 1); it is asked once.

        Raises:
            Unheard: when it could not be asked, which says nothing of it.
            Refused: when it does not run, or is one that this collection does not know.
        """
        if not self._version:
            self._version = self._ask_version()
        return self._version

    def plan(self, selection: Selection, venv: str) -> Planned:
        """Return what it would install into the empty environment ``venv``; nothing is written, no source is asked.

        Raises:
            Refused: when it will not, or says what is not understood.
        """
        said = (*self._look(), *self._check_sources())
        done = self._in(venv, "install", "--dry-run", *selection.arguments(self.version))
        try:  # As it is: no password was handed over, and one may be the same as a part of a name or version.
            planned = parse_planned(done.stdout, f"{self._asked.poetry} in {self._project}")
        except Refused as refused:
            raise self._scrubber.refused(refused) from None
        unwatched = map(self._scrubber.text, planned.unwatched())
        return planned._replace(warnings=(*said, *unwatched, *self._warnings(done)))

    def install(self, selection: Selection, venv: str) -> tuple[str, ...]:
        """Install the selection into the empty environment ``venv``; return what there is to say beside.

        Where there are passwords, the project itself comes after, without them: its build is code of its own.

        Raises:
            Refused: when it fails.
        """
        self._look()
        apart = bool(self._sources) and selection.root
        wanted = selection._replace(root=False) if apart else selection
        # Only with -v does 2.x say why it could not connect.
        done = self._in(venv, "-v", "install", *wanted.arguments(self.version), secret=True)
        self._check_root(done)
        return (*self._warnings(done), *(self.install_root(venv) if apart else ()))

    def install_root(self, venv: str, closed: bool = False) -> tuple[str, ...]:
        """Install the project itself and nothing else into the environment ``venv``; return what there is to say beside.

        Args:
            venv: The environment.
            closed: Leave it no way to a network.

        Raises:
            Refused: when it fails.
        """
        self._look()
        done = self._in(venv, "-v", "install", "--only-root", closed=closed)
        self._check_root(done)
        return self._warnings(done)

    @property
    def _asked(self) -> Asked:
        users = {source.name.lower(): source.user for source in self._sources}
        return Asked(self._project, self.version, users)

    def _check_root(self, done: Completed) -> None:
        """1.8 warns that the project itself could not be installed, and ends with 0."""
        if "The current project could not be installed" in done.stderr:
            raise self._failure(done)

    def _warnings(self, done: Completed) -> tuple[str, ...]:
        return warnings(self._clean(done), self._asked)

    def _failure(self, done: Completed) -> Refused:
        return Refused(problems(self._clean(done), self._asked))

    def _out_of_reach(self, done: Completed) -> Refused:
        """Return the failure of a Poetry that had no way to a network: what it looked for there is no fault of the host."""
        failure = self._failure(done)
        nowhere = f"proxy {_NOWHERE.partition('//')[2]}"
        if not any(one.subject == nowhere or _NO_INDEX in one.message for one in failure.problems):
            return failure
        step = "Leave `wheelhouse` out, or set root: false where the dependencies are all that is wanted."
        message = "cannot be built without a network: Poetry would fetch what that needs, and without digests."
        return Refused([Problem(f"{self._project}/{FILES[0]}", message, step)])

    def _clean(self, done: Completed) -> Completed:
        # First, since messages are cut: of a password that is cut in two, a half would be left.
        return done._replace(stdout=self._scrubber.text(done.stdout), stderr=self._scrubber.text(done.stderr))

    def _look(self) -> tuple[str, ...]:
        """Look at the project once more: without a lock Poetry would make one, without the other file look above.

        Returns:
            What there is to say of it.
        """
        read = {name: _read(f"{self._project}/{name}") for name in FILES}
        for name, data in read.items():
            left = re.search(rb"(?m)^(?:<{7}|>{7}) ", data)
            if left:
                line = data.count(b"\n", 0, left.start()) + 1
                message = f"expected TOML, found what a merge left in line {line}."
                refuse(f"{self._project}/{name}", message, "Resolve the conflict where the project is developed.")
        if _REQUIRES_PLUGINS.search(read[FILES[0]]):
            text = "requires plugins of Poetry. None is loaded here: what they change is left out."
            return (f"{self._project}/{FILES[0]} {text}",)
        return ()

    def _check_sources(self) -> tuple[str, ...]:
        """Check that each password has a source, and that it is sent to that source alone, and as was meant."""
        if not self._sources:
            return ()
        if os.path.exists(f"{self._project}/{SETTINGS}") and _UNCHECKED.search(_read(f"{self._project}/{SETTINGS}")):
            message = "turns the check of a certificate off: a password would go to whoever answers."
            refuse(f"{self._project}/{SETTINGS}", message, "Name the authority's file there instead.")
        done = self._command("source", "show", env=self._environment)
        if done.rc:
            raise self._failure(done)
        there = _addresses(done.stdout)
        known = {name.lower(): url for name, url in there.items()}
        problems = []
        for source in self._sources:
            if source.name.lower() not in known:
                found = ", ".join(repr(name) for name in there) or "none"
                message = f"expected a source of pyproject.toml, found that it has: {found}."
                refuse(f"sources {source.name!r}", message, "Correct the name, or leave it out.")
            problems += misdirected(source, known[source.name.lower()])
        problems = problems or collisions([*there, *(one.name for one in self._sources if one.name not in there)])
        if problems:
            raise self._scrubber.refused(Refused(problems))
        return ()

    def _in(self, venv: str, *words: str, secret: bool = False, closed: bool = False) -> Completed:
        # Where it takes the environment for broken, it makes another one in a place of its own choice.
        if not os.access(f"{venv}/bin/python", os.X_OK):
            refuse(venv, "expected an environment, found none that starts.", "Run it again.")
        more = {**(environment(self._sources) if secret else {}), **(_CLOSED if closed else {})}
        done = self._command(*words, env={**self._environment, **more, "VIRTUAL_ENV": venv})
        if done.rc:
            raise self._out_of_reach(done) if closed else self._failure(done)
        return done

    def _command(self, *words: str, env: Mapping[str, str]) -> Completed:
        for name in ("temporary", "config"):
            os.makedirs(f"{self._private}/{name}", mode=0o700, exist_ok=True)
        argv = [self._executable, *_QUIET, *words]
        try:
            return self._run(argv, env=env, cwd=self._project, timeout=self._timeout)
        except Unheard as unheard:
            message = self._scrubber.text(unheard.problems[0].message)
            step = "Run it again; see which source does not answer, or raise `timeout`."
            raise Unheard([Problem(self._executable, message, step)]) from None
        except Refused as refused:
            raise self._scrubber.refused(refused) from None

    def _ask_version(self) -> tuple[int, ...]:
        done = self._start([self._executable, *_QUIET, "--version"])
        found = _VERSION.search(done.stdout)
        if done.rc or not found:
            said = (done.tail() or "it said nothing").rstrip(".")
            refuse(self._executable, f"expected Poetry, found what ends with {done.rc}: {said}.", _OTHER)
        version = tuple(int(number or 0) for number in found.groups())
        name = ".".join(str(number) for number in version)
        if version < OLDEST:
            refuse(self._executable, f"expected Poetry 1.8 to 2, found {name}, which is too old.", _OTHER)
        if version[0] > NEWEST_MAJOR:
            refuse(self._executable, f"expected Poetry 1.8 to 2, found {name}, which is not known here.", _OTHER)
        return version

    def _start(self, argv: list[str]) -> Completed:
        try:
            return self._run(
                argv, env=self._environment, cwd=self._private, timeout=min(VERSION_SECONDS, self._timeout)
            )
        except Unheard:
            raise
        except Refused as refused:
            # A script whose interpreter is gone is not found either (execve(2)).
            reason = refused.problems[0].message
            refuse(self._executable, f"is there and does not work (its interpreter may be gone): it {reason}", _OTHER)


_OTHER = "Install Poetry there again (role poetry), or name another one in `poetry`."


def _environment(environ: Mapping[str, str], place: Place) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.startswith(_FOREIGN)}
    folders = [folder for folder in kept.get("PATH", os.defpath).split(":") if os.path.basename(folder) != "shims"]
    private = place.private
    places = {
        "PATH": ":".join(folders),
        "TMPDIR": f"{private}/temporary",
        "POETRY_CONFIG_DIR": f"{private}/config",
        "POETRY_CACHE_DIR": f"{private}/cache",
        # Beside the cache would be somebody's `poetry env use`, which beats VIRTUAL_ENV.
        "POETRY_VIRTUALENVS_PATH": f"{private}/virtualenvs",
        "XDG_CONFIG_HOME": f"{private}/config",
        "XDG_DATA_HOME": f"{private}/data",
        "XDG_CACHE_HOME": f"{private}/cache",
    }
    return clean_environment(kept, **_SETTINGS, **places)


def _addresses(said: str) -> dict[str, str]:
    """Return the URL of each source by its name; PyPI has none."""
    found: dict[str, str] = {}
    name = ""
    for key, value in _SOURCE.findall(said):
        name = value if key == "name" else name
        found[name] = "" if key == "name" else value
    return found


def _read(path: str) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            return stream.read()
    except OSError as error:
        refuse(
            path,
            f"expected a file of the project, found that it cannot be read: {error.strerror}.",
            "Check it out again.",
        )
