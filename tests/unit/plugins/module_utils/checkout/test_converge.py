# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pyenv as it is asked for: what is there before, in between and after."""

from __future__ import annotations

import errno
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.checkout import work
from ansible_collections.netdevops.python.plugins.module_utils.checkout.receipt import read_receipt
from ansible_collections.netdevops.python.plugins.module_utils.common import known_file
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import find_script

COMMIT = "f6a5b409" * 5


def verbs(result: dict[str, Any]) -> list[str]:
    return [action["verb"] for action in result["actions"]]


def test_an_archive_becomes_a_checkout_with_links_to_it(host: Any) -> None:
    options = host.archive()
    result = host.ensure(**options)
    name = options["sha256"][:16]
    assert (result["changed"], result["version"], result["checkout"]) == (True, "2.6.30", name)
    tree = host.tree()
    assert tree[".pyenv"] == f"-> .pyenv.checkouts/{name}"
    for part in ("bin", "libexec", "plugins", "pyenv.d"):
        assert tree[part] == f"-> .pyenv/{part}"
    assert "completions" not in tree and "README.md" not in tree
    assert (host.root / "bin/pyenv").read_text() == "#!/bin/sh\n"
    assert find_script(str(host.root)).endswith(f"{name}/plugins/python-build/bin/python-build")
    receipt = read_receipt(str(host.root / ".pyenv"))
    assert receipt and receipt.origin == {
        "kind": "archive",
        "place": "pyenv-2.6.30.tar.gz",
        "sha256": options["sha256"],
    }


def test_a_second_run_starts_nothing_and_changes_nothing(host: Any) -> None:
    options = host.archive()
    host.ensure(**options)
    before, host.calls = host.tree(), []
    result = host.ensure(**options)
    assert (result["changed"], result["actions"], host.calls) == (False, [], [])
    assert host.tree() == before and result["version"] == "2.6.30"


def test_check_mode_writes_nothing(host: Any) -> None:
    result = host.ensure(check_mode=True, **host.archive())
    assert result["changed"] and verbs(result)[:2] == ["unpack", "switch"]
    assert not host.root.parent.exists()
    assert '"state": "absent"' in result["diff"]["before"] and result["checkout"] in result["diff"]["after"]


def test_check_mode_says_why_it_could_not(host: Any) -> None:
    with pytest.raises(Refused, match="expected SHA-256 0000"):
        host.ensure(check_mode=True, **{**host.archive(), "sha256": "0" * 64})
    (host.bin / "bash").unlink()
    with pytest.raises(Refused, match="bash: is not installed"):
        host.ensure(check_mode=True, **host.archive())


def test_modes_are_declared_whatever_the_umask_and_the_archive_say(host: Any) -> None:
    inherited = os.umask(0o077)
    try:
        host.ensure(**host.archive())
    finally:
        os.umask(inherited)
    modes = {path.stat().st_mode & 0o7777 for path in host.root.rglob("*") if ".locks" not in path.parts}
    assert modes == {0o755, 0o644}


def test_an_upgrade_keeps_the_one_before_and_no_other(host: Any) -> None:
    one, two, three = (host.archive(version) for version in ("2.6.1", "2.6.2", "2.6.3"))
    for options in (one, two, three):
        result = host.ensure(**options)
    kept = [options["sha256"][:16] for options in (two, three)]
    assert sorted(os.listdir(host.root / ".pyenv.checkouts")) == sorted(kept)
    assert result["previous"] == kept[0] and "remove" in verbs(result)
    back = host.ensure(**{**two, "archive": "/nowhere", "remote_src": False, "ask": True})
    assert verbs(back) == ["switch"] and back["version"] == "2.6.2"


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda checkout: (checkout / "libexec/pyenv").write_text("evil"), "libexec/pyenv was changed"),
        (lambda checkout: (checkout / "libexec/pyenv").chmod(0o777), "libexec/pyenv was changed"),
        (lambda checkout: (checkout / "README.md").unlink(), "README.md is missing"),
        (lambda checkout: (checkout / "libexec/pyenv-evil").write_text(""), "libexec/pyenv-evil was added"),
        (lambda checkout: (checkout / "receipt.json").write_text("{}"), "has no receipt"),
    ],
)
def test_what_was_changed_by_hand_is_put_there_again(host: Any, damage: Any, word: str) -> None:
    options = host.archive()
    host.ensure(**options)
    good = {path: text for path, text in host.tree().items() if not path.endswith("receipt.json")}
    damage(host.root / ".pyenv.checkouts" / options["sha256"][:16])
    result = host.ensure(**options)
    assert verbs(result) == ["unpack"] and word in result["actions"][0]["reason"]
    assert {path: text for path, text in host.tree().items() if not path.endswith("receipt.json")} == good
    assert not host.ensure(**options)["changed"]


def test_a_link_that_was_lost_comes_back(host: Any) -> None:
    options = host.archive()
    host.ensure(**options)
    (host.root / "plugins").unlink()
    (host.root / ".pyenv").unlink()
    assert verbs(host.ensure(**options)) == ["switch", "link"]
    assert (host.root / "plugins/python-build").is_dir()


@pytest.mark.parametrize("step", ["unpack", "prove", "write_receipt", "_publish", "_switch", "_discard", "_link"])
@pytest.mark.parametrize("exchange", [True, False])
def test_cut_short_anywhere_the_old_one_or_the_new_one_is_there(
    host: Any, monkeypatch: pytest.MonkeyPatch, step: str, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(work, "rename_exchange", lambda one, other: False)
    host.ensure(**host.archive("2.6.1"))
    host.ensure(**host.archive("2.6.2"))
    new = host.archive("2.6.3")

    class Killed(BaseException):
        pass

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(work, step, killed)
        patched.setattr(work, "remove", lambda path: None)  # a killed run tidies nothing
        with pytest.raises(Killed):
            host.ensure(**new)
    version = (host.root / "libexec/pyenv---version").read_text()
    assert version == ("2.6.3" if step == "_discard" else "2.6.2")
    assert host.ensure(**new)["version"] == "2.6.3"
    assert not host.ensure(**new)["changed"]
    assert len(os.listdir(host.root / ".pyenv.checkouts")) == 2


def test_somebodys_own_pyenv_is_refused_by_name(host: Any) -> None:
    for name in ("bin", "plugins", ".git", "versions"):
        (host.root / name).mkdir(parents=True)
    before = host.tree()
    with pytest.raises(Refused, match=r"did not put there: bin, plugins, \.git\. .*takeover: true"):
        host.ensure(**host.archive())
    assert host.tree() == before


@pytest.mark.parametrize("exchange", [True, False])
def test_takeover_keeps_it_aside(host: Any, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    if not exchange:
        monkeypatch.setattr(work, "rename_exchange", lambda one, other: False)
    (host.root / "versions/3.9.9").mkdir(parents=True)
    for name in ("bin", ".git", "src", ".pyenv"):
        (host.root / name).mkdir()
        (host.root / name / "mine").write_text(name)
    options = {**host.archive(), "takeover": True}
    result = host.ensure(**options)
    kept = pathlib.Path(result["kept"])
    assert {name: (kept / name / "mine").read_text() for name in os.listdir(kept)} == {
        name: name for name in ("bin", ".git", "src", ".pyenv")
    }
    assert (host.root / "versions/3.9.9").is_dir() and not (host.root / ".git").exists()
    assert (host.root / "bin/pyenv").exists()
    assert not host.ensure(**options)["changed"]


def test_one_that_does_not_start_never_gets_its_name(host: Any) -> None:
    host.ensure(**host.archive("2.6.1"))
    before = host.tree()
    host.fails = lambda argv: "syntax error" if argv[-1] == "--version" else ""
    with pytest.raises(Refused, match="bin/pyenv: --version ended with 1: syntax error"):
        host.ensure(**host.archive("2.6.2"))
    host.fails, host.definitions = lambda argv: "", "pypy3.9-7.3.8\n"
    with pytest.raises(Refused, match="knows no version of CPython"):
        host.ensure(**host.archive("2.6.2"))
    assert host.tree() == before


def test_an_archive_that_is_rewritten_when_its_digest_is_known_is_refused(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.ensure(**host.archive("2.6.1"))
    before, options = host.tree(), host.archive("2.6.2")
    host.archive("2.6.3")
    real = known_file._check

    def checked(*words: Any) -> int:
        size = real(*words)
        pathlib.Path(options["archive"]).write_bytes((host.folder / "pyenv-2.6.3.tar.gz").read_bytes())
        return size

    monkeypatch.setattr(known_file, "_check", checked)
    with pytest.raises(Refused, match="was changed while it was read"):
        host.ensure(**options)
    assert host.tree() == before


def test_a_full_disk_leaves_what_was_there(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.ensure(**host.archive("2.6.1"))
    before = host.tree()

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", f"{host.root}/.pyenv.checkouts/x")

    monkeypatch.setattr(work, "write_receipt", full)
    with pytest.raises(Refused, match=r"/x: No space left on device\. Free space"):
        host.ensure(**host.archive("2.6.2"))
    assert host.tree() == before


def test_programs_get_a_clean_environment(host: Any) -> None:
    host.ensure(**host.archive())
    for _argv, env in host.calls:
        assert env["PATH"] == str(host.bin) and env["HOME"] == env["PYENV_ROOT"]
        assert env["GIT_CEILING_DIRECTORIES"] == str(host.root / ".pyenv.checkouts")


def test_asking_tells_what_has_to_be_delivered(host: Any) -> None:
    options = host.archive()
    asking = {**options, "remote_src": False, "archive": "files/pyenv.tar.gz", "ask": True}
    assert host.ensure(**asking) == {"changed": False, "needs": {"archive": "pyenv.tar.gz"}}
    assert not host.root.exists()
    checked = host.ensure(check_mode=True, **asking)
    assert checked["changed"] and checked["needs"] == {"archive": "pyenv.tar.gz"}
    host.ensure(**{**asking, "ask": False, "delivery": options["archive"]})
    again = host.ensure(**asking)
    assert not again["changed"] and "needs" not in again
    with pytest.raises(Refused, match="did not come to this host"):
        host.ensure(**{**asking, "ask": False, "sha256": "1" * 64})


def test_a_commit_is_fetched_alone(host: Any) -> None:
    result = host.ensure(git="https://git.example/pyenv.git", commit=COMMIT.upper())
    assert result["checkout"] == COMMIT[:16] and result["origin"]["commit"] == COMMIT
    fetches = [argv for argv, _env in host.calls if "fetch" in argv]
    assert len(fetches) == 1 and fetches[0][-3:] == ("--depth=1", "https://git.example/pyenv.git", COMMIT)
    assert not [name for name in os.listdir(host.root / ".pyenv.checkouts") if name.startswith(".")]
    assert not host.ensure(git="https://git.example/pyenv.git", commit=COMMIT)["changed"]


def test_a_host_without_git_is_told_so(host: Any) -> None:
    (host.bin / "git").unlink()
    with pytest.raises(Refused, match="git: is not installed on this host"):
        host.ensure(git="/srv/pyenv.git", commit=COMMIT)


def test_absent_leaves_what_is_not_ours(host: Any) -> None:
    options = host.archive()
    (host.root / "versions/3.9.9").mkdir(parents=True)
    assert not host.ensure(state="absent")["changed"]
    host.ensure(**options)
    (host.root / "mine").symlink_to("bin")
    assert set(verbs(host.ensure(check_mode=True, state="absent"))) == {"unlink", "remove"}
    result = host.ensure(state="absent")
    assert result["changed"] and result["checkout"] == "" and result["version"] == ""
    assert host.tree() == {"versions": "", "versions/3.9.9": "", "mine": "-> bin"}
    assert not host.ensure(state="absent")["changed"]


def test_a_root_that_others_decide_about_is_refused(host: Any) -> None:
    host.root.mkdir(parents=True)
    host.root.parent.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        host.ensure(**host.archive())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_files_are_the_owners(host: Any) -> None:
    options = host.archive()
    host.ensure(**options)
    result = host.ensure(**{**options, "owner": "nobody", "group": "nogroup"})
    assert "belongs to another user or group" in result["actions"][0]["reason"]
    owners = {path.lstat().st_uid for path in (host.root / ".pyenv.checkouts").rglob("*")}
    assert owners == {65534}
    assert not host.ensure(**{**options, "owner": "nobody", "group": "nogroup"})["changed"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_is_given_away_after_all_that_is_in_it(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner could put a link to root's files where root is about to give something away."""
    checked = []

    def watched(real: Any) -> Any:
        def chown(*words: Any, **more: Any) -> None:
            check()
            real(*words, **more)
            check()

        return chown

    def check() -> None:
        for above, folders, files in os.walk(host.root):
            if os.stat(above).st_uid:
                assert {name for name in folders + files if not os.lstat(f"{above}/{name}").st_uid} == set()
                checked.append(above)

    for name in ("chown", "lchown"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    host.ensure(**host.archive(), owner="nobody", group="nogroup")
    assert checked


def test_the_checkouts_folder_must_be_one(host: Any) -> None:
    host.root.mkdir(parents=True)
    (host.root / ".pyenv.checkouts").symlink_to("/tmp")
    with pytest.raises(Refused, match="expected a folder of checkouts"):
        host.ensure(**host.archive())
