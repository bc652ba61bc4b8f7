# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad interpreters, paths, proofs and owners: a clear error, and nothing lost."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import CONTAINER_MARKS, refuse_lost_work
from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case
NOBODY = 65534


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_and_nothing_changes(case: Case, outcomes: dict[str, Outcome]) -> None:
    check(case, outcomes[case.name])


# The host


@case("interpreter absent", r"/python3\.99: expected an interpreter, found nothing", "Install it first .*pyenv_install")
def interpreter_absent(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": str(place.folder / "python3.99")}


def script(path: pathlib.Path, text: str, mode: int = 0o755) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


@case(
    "interpreter broken",
    r"broken-python: is there and does not work \(exit 127\): libpython is gone",
    "Install the interpreter again",
)
def interpreter_broken(place: Place) -> dict[str, Any]:
    text = "#!/bin/sh\necho libpython is gone >&2\nexit 127\n"
    return {"bundle": place.bundle(), "python": script(place.folder / "broken-python", text)}


@case("interpreter not to be run", r"plain-python: cannot be started: Permission denied", "Check the path")
def interpreter_plain(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": script(place.folder / "plain-python", "no program\n", 0o644)}


@case("interpreter that is a folder", r"/opt: cannot be started: Permission denied", "Check the path")
def interpreter_folder(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": str(place.app.parent)}


@case(
    "interpreter of another patch",
    rf"/python\S*: expected Python 3\.13\.99, the pin of the bundle, found {bundles.PIN}",
    "pyenv_install",
)
def interpreter_patch(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle().seal(pin="3.13.99")}


@case("interpreter by its name alone", r"python 'python3': expected an absolute path", "may be a shim")
def interpreter_name(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": "python3"}


# The environment's path


@case("venv is a file", r"/\.venv: expected an environment or nothing, found a file", "Move it away", seeded=False)
def venv_file(place: Place) -> dict[str, Any]:
    place.app.mkdir()
    place.venv.write_text("notes\n", encoding="utf-8")
    return {"bundle": place.bundle()}


def venv_link(target: str) -> Any:
    def prepare(place: Place) -> dict[str, Any]:
        place.app.mkdir()
        place.venv.symlink_to(target)
        return {"bundle": place.bundle()}

    return prepare


case(
    "venv is a dangling link",
    r"/\.venv: expected a link to one of its releases, found a dangling link to /nowhere/venv",
    "Remove the link",
    seeded=False,
)(venv_link("/nowhere/venv"))
case(
    "venv is a link to a folder",
    r"/\.venv: expected a link to one of its releases, found a link to /usr/lib",
    "Remove the link",
    seeded=False,
)(venv_link("/usr/lib"))


@case(
    "venv is a folder of somebody else",
    r"/\.venv: is a folder of \S+, and the environment is to be root's",
    "Name its owner in `owner`",
    seeded=False,
)
def venv_foreign(place: Place) -> dict[str, Any]:
    place.venv.mkdir(parents=True)
    (place.venv / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    os.chown(place.venv, NOBODY, NOBODY)
    return {"bundle": place.bundle()}


@case(
    "venv is a project as well",
    r"/\.venv: expected what a virtual environment consists of and nothing else, found also data, src\.",
    "Move that to a place of its own",
    seeded=False,
)
def venv_project(place: Place) -> dict[str, Any]:
    for name in ("data", "src"):
        (place.venv / name).mkdir(parents=True)
    (place.venv / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    return {"bundle": place.bundle()}


@case(
    "venv is a folder of other things",
    r"/\.venv: is a folder with content and no virtual environment",
    "Move it away",
    seeded=False,
)
def venv_folder(place: Place) -> dict[str, Any]:
    place.venv.mkdir(parents=True)
    (place.venv / "thesis.tex").write_text("\\section{One}\n", encoding="utf-8")
    return {"bundle": place.bundle()}


@case(
    "folder of releases is a link",
    r"/\.venv\.releases: expected a folder of releases, found a file or a link",
    "Move it away",
    seeded=False,
)
def releases_link(place: Place) -> dict[str, Any]:
    place.app.mkdir()
    (place.folder / "elsewhere").mkdir()
    (place.app / ".venv.releases").symlink_to(place.folder / "elsewhere")
    return {"bundle": place.bundle()}


def venv_path(path: str) -> Any:
    return lambda place: {"bundle": place.bundle(), "venv": path}


case("venv is relative", r"venv 'opt/app/\.venv': expected an absolute path", "Name the folder in full", seeded=False)(
    venv_path("opt/app/.venv")
)
case(
    "venv has two dots",
    r"venv '/opt/\.\./etc': expected an absolute path without",
    "Name the folder in full",
    seeded=False,
)(venv_path("/opt/../etc"))
case(
    "venv is the root", r"venv '/': expected a path below some folder, found the root", "Name for example", seeded=False
)(venv_path("/"))
case(
    "venv is a folder of the system",
    r"venv '/usr': expected a path below some folder",
    "Name for example",
    seeded=False,
)(venv_path("/usr"))


# Proofs


@case(
    "proof that does not import",
    r"import nosuch_module: failed in the new release: ModuleNotFoundError",
    "The environment still is what it was",
)
def proof_import(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "prove": {"imports": ["alpha", "nosuch_module"]}}


@case(
    "proofs that fail",
    "3 problems",
    r"/bin/sh -c 'echo no licence; exit 3': failed in the new release \(exit 3\): no licence\.",
    "nosuch: the new release has no such command",
    r"failed in the new release \(signal 9\): it said nothing\.",
)
def proof_commands(place: Place) -> dict[str, Any]:
    commands = ["alpha", ["/bin/sh", "-c", "echo no licence; exit 3"], ["nosuch"], ["/bin/sh", "-c", "kill -9 $$"]]
    return {"bundle": place.bundle(), "prove": {"commands": commands}}


@case("proof that never ends", r"/bin/sleep: did not end within 1 seconds and was stopped", "Raise the time limit")
def proof_timeout(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "prove": {"commands": [["/bin/sleep", "86399"]]}, "prove_timeout": 1}


@case(
    "proof that changes what it proves",
    r"its proofs changed it: .*edited: lib/python\S+/alpha/__init__\.py",
    r"added: lib/python\S+/alpha/cache\.pickle",
    "A release never changes",
)
def proof_writes(place: Place) -> dict[str, Any]:
    script = "cd $VIRTUAL_ENV/lib/python3*/site-packages/alpha && echo >> __init__.py && touch cache.pickle"
    return {"bundle": place.bundle(), "prove": {"commands": [["/bin/sh", "-c", script]]}}


# Rule 17: an AWX job runs in a container that is gone when it ends


if any(map(os.path.exists, CONTAINER_MARKS)):

    @case(
        "connection local in a container",
        r"connection local: this controller is a container \(/\S+\): what is built in it is gone",
        "set allow_container",
    )
    def lost_work(place: Place) -> dict[str, Any]:
        return {"bundle": place.bundle(), "allow_container": False}


@pytest.mark.parametrize("mark", CONTAINER_MARKS)
def test_work_in_a_container_would_be_lost(mark: str) -> None:
    """Where this machine is no container, too: by the marks alone."""
    with pytest.raises(Refused, match=f"this controller is a container \\({mark}\\)"):
        refuse_lost_work("local", False, lambda path: path == mark)
    refuse_lost_work("local", True, lambda path: path == mark)
    refuse_lost_work("ssh", False, lambda path: path == mark)
    refuse_lost_work("local", False, lambda path: False)


# Who and how


@case("owner unknown", r"owner 'nosuchuser': this host knows no such user", "Create the account")
def owner_unknown(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "owner": "nosuchuser"}


@case("mode that others can write", r"mode '0777': would let others than the owner write", "Write for example")
def mode_open(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "mode": "0777"}
