# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.environment import (
    ABSENT,
    CURRENT,
    DANGLING,
    ELSEWHERE,
    FOLDER,
    Environment,
    Found,
    check_path,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import Receipt, release_id

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize("venv", ["/opt/app/.venv", "/opt/app", "/opt/my app/.venv", "/opt/ü/.venv", "/opt/app/.venv/"])
def test_a_path_below_some_folder_is_one(venv: str) -> None:
    assert check_path(venv).venv == venv.rstrip("/")


@pytest.mark.parametrize(
    "venv",
    [
        "",
        ".",
        ".venv",
        "opt/app",
        "~/x",
        "/",
        "//",
        "///",
        "/opt",
        "/opt/",
        "//opt",
        "//opt/app",
        "/opt//app",
        "/opt/./app",
        "/opt/../app",
        "/opt/app/..",
        "/opt/a\nb",
        "/opt/a\tb",
        "/opt/a$b/c",
        "/opt/a`b`/c",
        '/opt/a"b',
        "/opt/a\\b",
    ],
)
def test_any_other_path_is_refused(venv: str) -> None:
    with pytest.raises(Refused) as caught:
        check_path(venv)
    assert caught.value.problems[0].subject == f"venv {venv!r}"
    assert caught.value.problems[0].next_step


def test_the_paths_of_an_environment() -> None:
    environment = Environment("/opt/app/.venv")
    assert environment.releases == "/opt/app/.venv.releases"
    assert environment.release("r1") == "/opt/app/.venv.releases/r1"
    assert environment.link_target("r1") == ".venv.releases/r1"


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    return Environment(str(tmp_path / ".venv"))


def put_release(environment: Environment, name: str, when: float = 0) -> Receipt:
    asked = {"source": "bundle:x", "mode": "0755"}
    interpreter = {
        "path": "/usr/bin/python3",
        "version": "3.11.7",
        "target": "cp311-manylinux_2_17_x86_64",
        "sha256": "0" * 64,
    }
    identity = release_id(asked, interpreter["version"], interpreter["target"], [])
    receipt = Receipt(identity, asked, "x", interpreter, [], [0, 0], "0" * 64)
    os.makedirs(environment.release(name))
    path = os.path.join(environment.release(name), "receipt.json")
    pathlib.Path(path).write_bytes(receipt.encode())
    os.utime(path, (when, when))
    return receipt


def test_nothing_is_absent(environment: Environment) -> None:
    assert look(environment) == Found(ABSENT)


def test_a_link_to_a_release_is_current(environment: Environment) -> None:
    receipt = put_release(environment, "r1")
    os.symlink(".venv.releases/r1", environment.venv)
    assert look(environment) == Found(CURRENT, "r1", receipt)


@pytest.mark.parametrize("what", ["gone", "empty", "unfinished", "damaged"])
def test_a_link_of_ours_without_a_receipt_dangles(environment: Environment, what: str) -> None:
    os.symlink(".venv.releases/r1", environment.venv)
    if what != "gone":
        os.makedirs(environment.release("r1"))
    if what == "unfinished":
        pathlib.Path(environment.release("r1"), "receipt.files").write_text("")
    if what == "damaged":
        pathlib.Path(environment.release("r1"), "receipt.json").write_text("{")
    assert look(environment) == Found(DANGLING, "r1")


@pytest.mark.parametrize(
    "target", ["/usr/lib/python3", "elsewhere", ".venv.releases/../x", ".venv.releases/a/b", "other.releases/r1", "."]
)
def test_a_link_of_somebody_else_is_refused(environment: Environment, tmp_path: pathlib.Path, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    os.symlink(target, environment.venv)
    state = "a link" if os.path.exists(environment.venv) else "a dangling link"
    with pytest.raises(Refused, match=f"found {state} to {target}"):
        look(environment)


def test_a_dangling_link_of_somebody_else_is_called_so(environment: Environment) -> None:
    os.symlink("/nowhere", environment.venv)
    with pytest.raises(Refused, match="found a dangling link to /nowhere"):
        look(environment)


@pytest.mark.parametrize("target", ["/usr/lib/python3", "elsewhere", "/nowhere", ".", "../x/.venv.releases/r1"])
@pytest.mark.usefixtures("short_names")
def test_a_link_beside_releases_of_ours_points_elsewhere(environment: Environment, target: str) -> None:
    put_release(environment, "r1")
    os.symlink(target, environment.venv)
    assert look(environment) == Found(ELSEWHERE, target=target)


@pytest.mark.usefixtures("short_names")
def test_an_absolute_link_to_a_release_points_elsewhere(environment: Environment) -> None:
    """It breaks where the tree is mounted at another place."""
    put_release(environment, "r1")
    os.symlink(environment.release("r1"), environment.venv)
    assert look(environment) == Found(ELSEWHERE, target=environment.release("r1"))


def test_a_receipt_that_cannot_be_believed_does_not_make_a_link_ours(environment: Environment) -> None:
    os.makedirs(environment.release("r1"))
    pathlib.Path(environment.release("r1"), "receipt.json").write_text("{}")
    os.symlink("/usr/lib", environment.venv)
    with pytest.raises(Refused, match="expected a link to one of its releases"):
        look(environment)


def test_a_file_is_refused(environment: Environment) -> None:
    pathlib.Path(environment.venv).write_text("")
    with pytest.raises(Refused, match="expected an environment or nothing, found a file"):
        look(environment)


def test_a_fifo_is_refused_and_not_opened(environment: Environment) -> None:
    os.mkfifo(environment.venv)
    with pytest.raises(Refused, match="found a file"):
        look(environment)


def test_a_folder_is_a_folder(environment: Environment) -> None:
    os.mkdir(environment.venv)
    assert look(environment) == Found(FOLDER)


def test_a_file_above_is_a_sentence(tmp_path: pathlib.Path) -> None:
    (tmp_path / "app").write_text("")
    with pytest.raises(Refused, match="cannot be looked at: Not a directory"):
        look(Environment(str(tmp_path / "app" / ".venv")))


@pytest.mark.usefixtures("short_names")
def test_names_are_those_with_a_receipt_the_newest_first(environment: Environment) -> None:
    assert environment.names() == []
    for name, when in (("b", 20), ("c", 30), ("a", 10)):
        put_release(environment, name, when)
    os.mkdir(environment.release("unfinished"))
    put_release(environment, "Somebody's", 40)
    pathlib.Path(environment.releases, ".lock").write_text("")
    assert environment.names() == ["c", "b", "a"]


def test_a_free_name_is_the_start_of_the_id_or_stands_beside_it(environment: Environment) -> None:
    assert environment.free_name(ID) == "0123456789abcdef"
    put_release(environment, "0123456789abcdef")
    assert environment.free_name(ID) == "0123456789abcdef-2"
    os.symlink("nowhere", environment.release("0123456789abcdef-2"))
    assert environment.free_name(ID) == "0123456789abcdef-3"


def test_what_the_link_names_is_no_leftover(environment: Environment) -> None:
    """Its receipt was deleted, and people still run it."""
    first, second = "0" * 16, "1" * 16
    os.makedirs(environment.release(first))
    os.makedirs(environment.release(second))
    os.symlink(f".venv.releases/{first}", environment.venv)
    assert environment.leftovers() == [second]


def test_what_is_not_ours_is_no_leftover(environment: Environment) -> None:
    """A folder of that name may have been somebody's before."""
    for name in ("data", ".cache", "2026-11", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef-2"):
        os.makedirs(environment.release(name))
    assert environment.leftovers() == ["0123456789abcdef-2"]
    assert environment.strangers() == [".cache", "0123456789ABCDEF", "0123456789abcde", "2026-11", "data"]
