# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an sdist to a wheel, with the interpreter of the pin, in isolation, always the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ansible_collections.netdevops.python.plugins.module_utils.build.built import EPOCH, Built, described, only_wheel
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache
from ansible_collections.netdevops.python.plugins.module_utils.build.credentials import Login
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice
from ansible_collections.netdevops.python.plugins.module_utils.build.tls import named_bundle
from ansible_collections.netdevops.python.plugins.module_utils.build.wheel_bytes import FORM
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_value
from ansible_collections.netdevops.python.plugins.module_utils.common.environ import clean_environment
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused, refuse
from ansible_collections.netdevops.python.plugins.module_utils.common.files import write_atomic
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner

NO_PIP = "Install pip for it: PYTHON -m ensurepip."


class Tools(NamedTuple):
    """What builds.

    Attributes:
        python: The interpreter of the pin.
        index_url: Where build backends come from when ``wheels`` names none.
        login: For that index, or None.
        wheels: File name to path of the pinned build backends; then no index is asked.
        constraints: The digest of the file that pins them, or ''.
        timeout: Seconds that one build may take.
    """

    python: Interpreter
    index_url: str
    login: Login | None
    wheels: Mapping[str, str]
    constraints: str
    timeout: float


class BuiltWheels:
    """Wheels that were built before, by what they were built from and with.

    Args:
        folder: The cache's folder.
        cache: Where the wheels themselves are.
    """

    def __init__(self, folder: str, cache: Cache) -> None:
        self._folder = os.path.join(folder, "built")
        self._cache = cache

    def find(self, sdist: str, python: Interpreter | None, constraints: str) -> Built | None:
        """Return the wheel that was built from the sdist of this digest, when it is still there and whole."""
        if python is None:
            return None
        try:
            with open(self._path(sdist, python, constraints), encoding="utf-8") as stream:
                built = Built(**json.load(stream))
        except (OSError, ValueError, TypeError):
            return None
        return built if self._cache.find(built.sha256) else None

    def keep(self, sdist: str, python: Interpreter, constraints: str, built: Built, data: bytes) -> None:
        """Keep the wheel; raises OSError when the cache cannot be written."""
        self._cache.store([data], built.sha256)
        os.makedirs(self._folder, exist_ok=True)
        write_atomic(self._path(sdist, python, constraints), json.dumps(built._asdict()).encode("utf-8"))

    def _path(self, sdist: str, python: Interpreter, constraints: str) -> str:
        key = digest_value({"sdist": sdist, "builder": python.target.name, "constraints": constraints, "form": FORM})
        return os.path.join(self._folder, key + ".json")


def build_sdist(
    run: Runner, choice: Choice, archive: str, tools: Tools, environ: Mapping[str, str]
) -> tuple[Built, bytes]:
    """Return the wheel that the sdist ``choice``, which lies at ``archive``, builds into.

    Raises:
        Refused: when the build fails, naming the package and the last lines of its output.
    """
    subject = f"{choice.name} {choice.version}"
    with tempfile.TemporaryDirectory(prefix="netdevops-sdist-") as private:
        # pip reads the name and the kind of an archive from its file name; the cache's name is a digest.
        source = os.path.join(private, choice.file)
        shutil.copyfile(archive, source)
        output = os.path.join(private, "out")
        command = [
            *_pip(run, tools.python),
            "wheel",
            "--no-deps",
            "--no-cache-dir",
            "--use-pep517",
            "--wheel-dir",
            output,
            source,
        ]
        done = run(command, env=_environment(environ, tools, private), cwd=private, timeout=tools.timeout)
        if done.rc != 0:
            refuse(subject, f"its sdist {choice.file} does not build: {done.tail()}.", _next_step(tools))
        file, data = only_wheel(output, choice.name, choice.version, subject)
    return described(file, data), data


def _pip(run: Runner, python: Interpreter) -> Sequence[str]:
    """Return how to call pip for ``python``: ours, which can work for another interpreter, else its own.

    The one that came with an interpreter is as old as that: it asks for more build tools than the sdist names.
    """
    environment = clean_environment(os.environ)
    for command in ([sys.executable, "-I", "-m", "pip", "--python", python.path], [python.path, "-I", "-m", "pip"]):
        try:
            if run([*command, "--version"], env=environment, timeout=60).rc == 0:
                return command
        except Refused:
            continue
    refuse(python.path, "has no pip, which builds sdists into wheels.", NO_PIP.replace("PYTHON", python.path))


def _environment(environ: Mapping[str, str], tools: Tools, private: str) -> dict[str, str]:
    extra = {"SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0", "TMPDIR": private, "PIP_NO_COLOR": "1"}
    authorities = named_bundle(environ)
    if authorities:
        extra["PIP_CERT"] = authorities
    if tools.wheels:
        return clean_environment(environ, **extra, PIP_NO_INDEX="1", PIP_FIND_LINKS=_wheelhouse(tools.wheels, private))
    extra["PIP_INDEX_URL"] = tools.index_url
    if tools.login:
        # pip hands the index URL on to a second pip as an argument, which any user may read: no password in it.
        extra["NETRC"] = _netrc(tools.login, private)
    return clean_environment(environ, **extra)


def _wheelhouse(wheels: Mapping[str, str], private: str) -> str:
    folder = os.path.join(private, "tools")
    os.mkdir(folder)
    for file, path in wheels.items():
        shutil.copyfile(path, os.path.join(folder, file))
    return folder


def _netrc(login: Login, private: str) -> str:
    path = os.path.join(private, "netrc")
    host = urlsplit(login.url).hostname
    line = f"machine {host} login {_quoted(login.user)} password {_quoted(login.password)}\n"
    write_atomic(path, line.encode("utf-8"), 0o600)
    return path


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _next_step(tools: Tools) -> str:
    if tools.wheels:
        return "Add what it needs to build to `build_constraints`, or lock a version that has a wheel."
    return "Install what it needs to compile, or lock a version that has a wheel."
