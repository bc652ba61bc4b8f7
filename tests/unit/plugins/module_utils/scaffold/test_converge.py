# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a repository: ours, edited and somebody else's."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import files as common_files
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.scaffold import work
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.converge import Edges, ensure
from ansible_collections.netdevops.python.plugins.module_utils.scaffold.options import asked

SCRIPT = {"file": "tools/run.sh", "content": "#!/bin/sh\n", "executable": True}
PIN = {"file": ".python-version", "content": "3.11.7\n", "once": True}
MAKE = ("Makefile", "all:\n")


def verbs(result: dict[str, Any]) -> list[str]:
    return [f"{action['verb']} {action['subject']}" for action in result["actions"]]


def test_files_are_written_with_their_modes_whatever_the_umask(repository: Any) -> None:
    before = os.umask(0o077)
    try:
        result = repository.ensure(MAKE, SCRIPT, PIN)
    finally:
        os.umask(before)
    assert verbs(result) == ["create .python-version", "create Makefile", "create tools/run.sh"]
    assert repository.files() == {".python-version": "3.11.7\n", "Makefile": "all:\n", "tools/run.sh": "#!/bin/sh\n"}
    modes = [repository.mode(path) for path in ("Makefile", "tools/run.sh", "tools", ".scaffold.json")]
    assert modes == ["0o644", "0o755", "0o755", "0o644"]
    assert result["files"] == ["Makefile", "tools/run.sh"] and result["kept"] == []


def test_the_state_holds_digests_and_nothing_of_this_run(repository: Any) -> None:
    repository.ensure(MAKE)
    state = json.loads((repository.folder / ".scaffold.json").read_text())
    assert state == {"schema": 1, "files": {"Makefile": digest_bytes(b"all:\n")}}


def test_a_second_run_changes_nothing(repository: Any) -> None:
    repository.ensure(MAKE, SCRIPT)
    stamps = {path: path.stat().st_mtime_ns for path in repository.folder.rglob("*")}
    result = repository.ensure(MAKE, SCRIPT)
    assert (result["changed"], result["actions"], result["diff"]) == (False, [], [])
    assert {path: path.stat().st_mtime_ns for path in repository.folder.rglob("*")} == stamps


def test_check_mode_writes_nothing_and_names_each_file(repository: Any) -> None:
    result = repository.ensure(MAKE, SCRIPT, check_mode=True)
    assert result["changed"] and list(repository.folder.iterdir()) == []
    assert [one["prepared"].split(":")[0] for one in result["diff"]] == ["create Makefile", "create tools/run.sh"]
    assert "+all:\n" in result["diff"][0]["prepared"]


def test_what_nobody_edited_is_updated(repository: Any) -> None:
    repository.ensure(MAKE)
    result = repository.ensure(("Makefile", "all: it\n"))
    assert verbs(result) == ["update Makefile"] and repository.files() == {"Makefile": "all: it\n"}
    assert "-all:\n+all: it\n" in result["diff"][0]["prepared"]


@pytest.mark.parametrize("is_ours", [True, False], ids=["edited", "foreign"])
def test_what_somebody_wrote_is_left_alone_with_a_diff_and_a_warning(repository: Any, is_ours: bool) -> None:
    if is_ours:
        repository.ensure(MAKE)
    repository.write("Makefile", "mine:\n")
    result = repository.ensure(("Makefile", "all: it\n"))
    assert not result["changed"] and repository.files() == {"Makefile": "mine:\n"}
    kept = result["kept"][0]
    assert (kept["file"], kept["reason"]) == ("Makefile", "edited" if is_ours else "foreign")
    assert "-mine:\n+all: it\n" in kept["diff"] and "Makefile" in result["warnings"][0]


@pytest.mark.parametrize("overwrite", ["Makefile", "all"])
def test_it_is_taken_over_on_request_and_a_copy_is_kept(repository: Any, overwrite: str) -> None:
    repository.write("Makefile", "mine:\n")
    result = repository.ensure(("Makefile", "all: it\n"), overwrite=[overwrite])
    assert verbs(result) == ["overwrite Makefile"] and repository.files()["Makefile"] == "all: it\n"
    assert (repository.folder / result["saved"][0]).read_text() == "mine:\n"
    assert (repository.folder / ".scaffold.kept/.gitignore").read_text() == "*\n"
    assert not repository.ensure(("Makefile", "all: it\n"), overwrite=[overwrite])["changed"]


def test_an_equal_file_of_somebody_stays_theirs(repository: Any) -> None:
    repository.write("Makefile", "all:\n")
    assert not repository.ensure(MAKE)["changed"]
    assert repository.ensure(state="absent")["changed"] is False and repository.files() == {"Makefile": "all:\n"}
    assert verbs(repository.ensure(MAKE, overwrite=["Makefile"])) == ["adopt Makefile"]


def test_a_file_that_is_made_once_is_the_repositorys_own_afterwards(repository: Any) -> None:
    repository.ensure(PIN)
    repository.write(".python-version", "3.12.1\n")
    result = repository.ensure(PIN)
    assert not result["changed"] and result["kept"] == [] and repository.files() == {".python-version": "3.12.1\n"}


@pytest.mark.parametrize("options", [{"state": "absent"}, {}], ids=["absent", "not asked for"])
def test_what_is_made_once_is_never_removed(repository: Any, options: dict[str, Any]) -> None:
    repository.ensure(PIN, MAKE)
    result = repository.ensure(**options)
    assert verbs(result) == ["remove Makefile"] and repository.files() == {".python-version": "3.11.7\n"}
    assert result["kept"] == []


def test_a_state_that_named_what_is_made_once_lets_it_go(repository: Any) -> None:
    repository.ensure((".python-version", "3.11.7\n"))
    assert verbs(repository.ensure(PIN)) == ["forget .python-version"]
    assert not repository.ensure(PIN)["changed"]
    assert repository.ensure(state="absent")["changed"] is False and ".python-version" in repository.files()


def test_a_lost_mode_is_corrected(repository: Any) -> None:
    repository.ensure(SCRIPT)
    os.chmod(repository.folder / "tools/run.sh", 0o644)
    assert verbs(repository.ensure(SCRIPT)) == ["chmod tools/run.sh"] and repository.mode("tools/run.sh") == "0o755"


def test_what_is_not_asked_for_any_more_goes_unless_it_was_edited(repository: Any) -> None:
    repository.ensure(MAKE, SCRIPT, ("a/b/c", "one\n"))
    repository.write("Makefile", "mine:\n")
    result = repository.ensure(SCRIPT)
    assert verbs(result) == ["forget Makefile", "remove a/b/c"]
    assert set(repository.files()) == {"Makefile", "tools/run.sh"} and not (repository.folder / "a").exists()
    assert "not of the scaffold any more" in result["warnings"][0]
    assert not repository.ensure(SCRIPT)["changed"]


def test_absent_removes_ours_and_nothing_else(repository: Any) -> None:
    repository.write("tools/mine.sh", "mine\n")
    repository.ensure(MAKE, SCRIPT, ("pip.conf", "[global]\n"))
    repository.write("pip.conf", "mine\n")
    result = repository.ensure(state="absent")
    assert verbs(result) == ["remove Makefile", "forget pip.conf", "remove tools/run.sh"]
    assert sorted(path.name for path in repository.folder.iterdir()) == [".scaffold.kept", "pip.conf", "tools"]
    assert not repository.ensure(state="absent")["changed"]


def test_absent_removes_an_edited_file_that_is_named_and_keeps_a_copy(repository: Any) -> None:
    repository.ensure(MAKE)
    repository.write("Makefile", "mine:\n")
    result = repository.ensure(state="absent", overwrite=["Makefile"])
    assert verbs(result) == ["remove Makefile"] and repository.files() == {}
    assert (repository.folder / result["saved"][0]).read_text() == "mine:\n"


def state_of(repository: Any, **files: str) -> None:
    """Write the state that somebody who can change the repository would."""
    digests = {path.replace("__", "/"): digest_bytes(text.encode()) for path, text in files.items()}
    repository.write(".scaffold.json", json.dumps({"schema": 1, "files": digests}))


def test_a_state_that_names_code_removes_none(repository: Any) -> None:
    repository.write("src/main", "code\n")
    repository.ensure(MAKE)
    state_of(repository, src__main="code\n", Makefile="all:\n", gone="x")
    result = repository.ensure(state="absent", overwrite=["all"], known=["Makefile"])
    assert verbs(result) == ["remove Makefile", "forget gone", "forget src/main"]
    assert repository.files() == {"src/main": "code\n"}
    assert [(one["file"], one["reason"]) for one in result["kept"]] == [("src/main", "foreign")]
    assert "not rendered by this module, so it stays" in result["warnings"][0]


def test_a_copy_stays_of_what_is_removed_as_ours(repository: Any) -> None:
    repository.write("src/main", "code\n")
    state_of(repository, src__main="code\n")
    result = repository.ensure(state="absent")
    assert [(repository.folder / path).read_text() for path in result["saved"]] == ["code\n"]


def test_ends_of_lines_that_git_changed_are_no_edit(repository: Any) -> None:
    repository.ensure(SCRIPT, MAKE)
    for path in ("tools/run.sh", "Makefile"):
        full = repository.folder / path
        full.write_bytes(full.read_bytes().replace(b"\n", b"\r\n"))
    result = repository.ensure(SCRIPT)
    assert verbs(result) == ["remove Makefile", "update tools/run.sh"] and result["kept"] == []
    assert (repository.folder / "tools/run.sh").read_bytes() == b"#!/bin/sh\n"


LOGIN = "[global]\nindex-url = https://ann:pa@ss@pypi.example.net/simple\npassword = hunter2\n"


def test_a_password_of_somebody_is_not_told(repository: Any) -> None:
    repository.write("pip.conf", LOGIN)
    new = ("pip.conf", "[global]\nindex-url = https://new:pa@pypi.example.net/simple\ntoken = ${{ secrets.T }}\n")
    told = [
        repository.ensure(new),
        repository.ensure(new, overwrite=["all"], check_mode=True),
        repository.ensure(new, overwrite=["all"]),
    ]
    repository.write("pip.conf", LOGIN)
    told.append(repository.ensure(state="absent"))
    assert not any(word in str(told) for word in ("pa@", "ss@", "hunter2")), told
    assert "-index-url = https://***@pypi.example.net/simple\n-password = ***\n" in told[0]["kept"][0]["diff"]
    assert (
        "+index-url = https://***@pypi.example.net/simple\n+token = ${{ secrets.T }}\n"
        in told[2]["diff"][0]["prepared"]
    )


def test_nobody_else_can_read_what_was_private(repository: Any) -> None:
    repository.write("pip.conf", LOGIN).chmod(0o600)
    repository.write("tools/run.sh", "mine\n").chmod(0o600)
    result = repository.ensure(("pip.conf", "[global]\n"), SCRIPT, overwrite=["all"])
    assert [repository.mode(path) for path in ("pip.conf", "tools/run.sh")] == ["0o600", "0o700"]
    assert [repository.mode(path) for path in (".scaffold.kept", *result["saved"])] == ["0o700", "0o600", "0o600"]
    assert not repository.ensure(("pip.conf", "[global]\n"), SCRIPT)["changed"]


@pytest.mark.parametrize(("folder", "mode"), [(0o775, "0o664"), (0o755, "0o644")])
def test_a_group_that_shares_the_folder_goes_on_writing(repository: Any, folder: int, mode: str) -> None:
    repository.ensure(MAKE)
    repository.folder.chmod(folder)
    (repository.folder / "Makefile").chmod(0o666)
    repository.ensure(("Makefile", "all: it\n"))
    assert repository.mode("Makefile") == mode


def blocked_by_link(folder: pathlib.Path) -> None:
    (folder / "Makefile").symlink_to("elsewhere")


def blocked_by_folder(folder: pathlib.Path) -> None:
    (folder / "Makefile").mkdir()


def blocked_by_pipe(folder: pathlib.Path) -> None:
    os.mkfifo(folder / "Makefile")


def blocked_by_linked_folder(folder: pathlib.Path) -> None:
    (folder / "tools").symlink_to(folder.parent)


def blocked_by_file(folder: pathlib.Path) -> None:
    (folder / "tools").write_text("a file\n")


BLOCKS = [
    (blocked_by_link, "found a link"),
    (blocked_by_folder, "found a folder"),
    (blocked_by_pipe, "found a pipe"),
    (blocked_by_linked_folder, "expected a folder or nothing, found a link"),
    (blocked_by_file, "expected a folder or nothing, found a file"),
]


@pytest.mark.parametrize(("block", "said"), BLOCKS)
def test_what_is_in_the_way_is_refused_before_anything_is_written(
    repository: Any, block: Callable[[pathlib.Path], None], said: str
) -> None:
    block(repository.folder)
    before = sorted(path.name for path in repository.folder.iterdir())
    with pytest.raises(Refused, match=said):
        repository.ensure(MAKE, SCRIPT, overwrite=["all"])
    assert sorted(path.name for path in repository.folder.iterdir()) == before


def test_a_state_that_leads_out_is_refused(repository: Any) -> None:
    outside = repository.folder.parent / "outside"
    outside.write_text("all:\n")
    repository.write(".scaffold.json", json.dumps({"schema": 1, "files": {"../outside": digest_bytes(b"all:\n")}}))
    with pytest.raises(Refused, match="expected the digests that a run wrote"):
        repository.ensure(state="absent")
    assert outside.read_text() == "all:\n"


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", "[]", '{"schema": 2}', '{"schema": 1, "files": {"a": 1}}'])
def test_a_state_that_is_none_is_refused(repository: Any, text: str) -> None:
    repository.write(".scaffold.json", text)
    with pytest.raises(Refused, match="expected the digests that a run wrote"):
        repository.ensure(MAKE)


def test_a_killed_run_knows_its_files_again(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ensure(MAKE)
    real = common_files.write_atomic

    def dies_after_the_makefile(path: str, *arguments: Any, **keywords: Any) -> None:
        if path.endswith("run.sh"):
            raise KeyboardInterrupt
        real(path, *arguments, **keywords)

    monkeypatch.setattr(work, "write_atomic", dies_after_the_makefile)
    with pytest.raises(KeyboardInterrupt):
        repository.ensure(("Makefile", "all: it\n"), SCRIPT)
    monkeypatch.undo()
    result = repository.ensure(("Makefile", "all: again\n"), SCRIPT)
    assert verbs(result) == ["update Makefile", "create tools/run.sh"] and result["kept"] == []
    assert "writing" not in (repository.folder / ".scaffold.json").read_text()


def test_a_killed_run_that_was_done_is_written_down(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = work._write_state

    def dies_at_the_end(*arguments: Any) -> None:
        calls.append("")
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(work, "_write_state", dies_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        repository.ensure(MAKE, PIN)
    monkeypatch.undo()
    assert verbs(repository.ensure(MAKE, PIN)) == ["record Makefile"]
    assert not repository.ensure(MAKE, PIN)["changed"]


def test_what_somebody_changes_meanwhile_is_not_overwritten(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ensure(MAKE)
    real = work._write_state

    def somebody_saves(*arguments: Any) -> None:
        real(*arguments)
        repository.write("Makefile", "mine:\n")

    monkeypatch.setattr(work, "_write_state", somebody_saves)
    with pytest.raises(Refused, match="was changed while this run was looking"):
        repository.ensure(("Makefile", "all: it\n"))
    assert repository.files() == {"Makefile": "mine:\n"}


def test_another_run_is_waited_for(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_PAUSE", 0.05)
    monkeypatch.setattr("time.monotonic", iter(range(100)).__next__)
    with work.alone(str(repository.folder), 1), pytest.raises(Refused, match="another run has been at work"):
        repository.ensure(MAKE, timeout=1)
    assert repository.files() == {}


def test_no_folder_is_refused(repository: Any) -> None:
    with pytest.raises(Refused, match="expected the folder of a repository, found nothing"):
        repository.ensure(MAKE, repository=str(repository.folder / "none"))
    with pytest.raises(Refused, match="found something else"):
        repository.ensure(MAKE, repository=str(repository.write("file", "")))


def test_somebody_elses_folder_is_refused(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(Refused, match=r"is someone else's: it belongs to user id \d+, and this run is of 4711"):
        repository.ensure(MAKE)


def test_a_folder_that_everybody_can_write_is_refused(repository: Any) -> None:
    repository.folder.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        repository.ensure(MAKE)


def test_the_work_is_done_with_the_rights_of_the_owner(repository: Any) -> None:
    owners = []

    def rights(owner: str, done: Callable[[], Any], timeout: float) -> Any:
        owners.append((owner, timeout))
        return done()

    given: dict[str, Any] = {"repository": str(repository.folder), "state": "absent", "files": None, "overwrite": []}
    ensure(asked({**given, "owner": "ada", "timeout": 7}), check_mode=False, edges=Edges(rights))
    assert owners == [("ada", 7)]


def test_a_very_long_diff_is_cut(repository: Any) -> None:
    result = repository.ensure(("list.txt", "line\n" * 5000))
    assert result["diff"][0]["prepared"].endswith("more lines\n") and len(result["diff"][0]["prepared"]) < 1000
