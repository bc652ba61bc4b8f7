# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as present, and everything that does not."""

from __future__ import annotations

import errno
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, Unheard
from ansible_collections.netdevops.python.plugins.module_utils.people import ground
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import state
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.state import Found, describe, inspect
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree, check_root

VERSION = "3.11.2"


def look(host: Any, run: Any = None, **options: Any) -> Found:
    return inspect(run or host.run, Tree(str(host.root), VERSION), host.wanted(modules=["ssl"], **options))


def test_nothing_is_absent(host: Any) -> None:
    assert look(host) == Found("absent")


def test_a_proven_one_with_a_receipt_is_present(host: Any) -> None:
    host.lay()
    receipt = host.sign()
    found = look(host)
    assert (found.state, found.reason, found.receipt) == ("present", "", receipt)
    assert host.calls[0][0][-1] == "ssl"


def test_a_proven_one_without_a_receipt_is_foreign(host: Any) -> None:
    host.lay()
    assert (look(host).state, look(host).reason) == ("foreign", "works, and somebody else installed it")


def test_a_receipt_that_cannot_be_believed_is_none(host: Any) -> None:
    host.install_version()
    (host.version / "receipt.json").write_text('{"schema":1}')
    assert look(host).state == "foreign"


def test_a_receipt_of_another_version_breaks_it(host: Any) -> None:
    host.install_version(version="3.11.2")
    host.sign(version="3.11.2")
    receipt = host.version / "receipt.json"
    receipt.write_bytes(receipt.read_bytes().replace(b'"version":"3.11.2"', b'"version":"3.11.9"'))
    found = look(host)
    assert (found.state, found.reason) == ("broken", "its receipt is of 3.11.9")
    assert not host.calls, "it is not even run"


def test_a_binary_that_is_another_one_is_not_run(host: Any) -> None:
    host.install_version()
    (host.version / "bin/python3.11").write_text("another one")
    found = look(host)
    assert (found.state, found.reason) == ("broken", "bin/python3.11 is not the file that was installed")
    assert not host.calls
    (host.version / "bin/python3.11").unlink()
    assert look(host).reason == "bin/python3.11 cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("asked", "has", "reason"),
    [
        ([], ["--with-lto"], ""),
        (["--with-lto"], ["--with-lto"], ""),
        (["--b", "--a", "--enable-shared"], ["--a", "--b", "--prefix=/x"], ""),
        (["--with-lto"], [], "was configured with no options, asked for is --with-lto"),
        (["--a"], ["--a", "--b"], "was configured with --a --b, asked for is --a"),
    ],
)
def test_other_configure_options_are_different(host: Any, asked: list[str], has: list[str], reason: str) -> None:
    host.install_version(configure_opts=tuple(has))
    found = look(host, configure_opts=asked)
    assert (found.state, found.stale) == ("different" if reason else "present", reason)


def test_other_patches_are_different(host: Any, tmp_path: pathlib.Path) -> None:
    patch = tmp_path / "one.patch"
    patch.write_bytes(b"--- a\n")
    host.install_version()
    assert look(host, patches=[str(patch)]).stale == "was built without the patches"
    host.sign(patches=(digest_bytes(b"--- a\n"),))
    assert look(host, patches=[str(patch)]).state == look(host).state == "present"
    patch.write_bytes(b"--- b\n")
    assert look(host, patches=[str(patch)]).stale == "was built with other patches"
    patch.unlink()
    with pytest.raises(Refused, match=r"one\.patch: cannot be read"):
        look(host, patches=[str(patch)])


def test_a_receipt_counts_more_than_a_work_folder(host: Any) -> None:
    host.install_version()
    work = host.root / ".builds" / VERSION
    work.mkdir(parents=True)
    found = look(host)
    assert (found.state, found.unfinished, found.leftovers) == ("present", False, (str(work),))


@pytest.mark.parametrize("receipt", [True, False])
def test_a_link_is_judged_by_what_is_behind_it(host: Any, tmp_path: pathlib.Path, receipt: bool) -> None:
    host.install_version() if receipt else host.lay()
    shared = tmp_path / "shared/versions" / VERSION
    shared.parent.mkdir(parents=True)
    host.version.rename(shared)
    host.version.symlink_to(shared)
    assert look(host).state == ("present" if receipt else "foreign")
    (tmp_path / "shared/.builds" / VERSION).mkdir(parents=True)
    assert look(host).state == ("present" if receipt else "broken")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"version": "3.11.9"}, "it says that it is 3.11.9"),
        ({"base_prefix": "/usr"}, "it lives in /usr, not in "),
        ({"broken": {"ssl": "ImportError: no"}}, "these modules do not import: ssl (ImportError: no)"),
        (
            {"libpython": ["/usr/lib/libpython3.11.so.1.0"]},
            "it runs with /usr/lib/libpython3.11.so.1.0, which is another interpreter's library",
        ),
        ({"implementation": "pypy"}, "expected a 64-bit CPython, found 64-bit pypy"),
    ],
)
def test_what_an_interpreter_says_can_break_it(host: Any, said: dict[str, Any], reason: str) -> None:
    host.lay()
    host.said = said
    found = look(host)
    assert found.state == "broken"
    assert reason in found.reason


def test_its_own_libpython_is_its_own(host: Any) -> None:
    host.install_version()
    host.said = {"libpython": [str(host.version / "lib/libpython3.11.so.1.0")]}
    assert look(host).state == "present"


def test_what_a_killed_install_leaves_is_broken(host: Any) -> None:
    host.lay("bin/python3.11")
    found = look(host)
    assert (found.state, found.reason) == ("broken", "expected an interpreter, found nothing")


def test_one_that_crashes_is_broken(host: Any) -> None:
    host.lay()
    found = look(host, lambda argv, **_: Completed(tuple(argv), -11, "", ""))
    assert (found.state, found.reason) == ("broken", "is there and does not work (exit -11): it said nothing")


def test_one_that_could_not_be_asked_is_not_broken(host: Any) -> None:
    def hangs(argv: Any, **_options: Any) -> Completed:
        raise Unheard([Problem(argv[0], "did not end within 30 seconds and was stopped.")])

    for sign in (host.lay, host.sign):
        sign()
        with pytest.raises(Unheard, match=r"bin/python: could not be asked what it is: .*Run it again"):
            look(host, hangs)
        found = look(host, hangs, state="absent")
        assert found.state == "broken", "what hangs can be removed"
        assert "could not be asked" in found.reason


def test_a_binary_that_cannot_be_read_for_now_is_not_broken(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str) -> str:
        raise OSError(errno.EIO, "Input/output error", path)

    host.install_version()
    monkeypatch.setattr(state, "digest_binary", fails)
    with pytest.raises(Unheard, match=r"bin/python3\.11: cannot be read: Input/output error\. Run it again"):
        look(host)
    assert look(host, state="absent").state == "broken"


def test_a_receipt_that_cannot_be_read_for_now_is_not_none(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: str) -> None:
        raise OSError(errno.EMFILE, "Too many open files", folder)

    host.install_version()
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    monkeypatch.setattr(state, "load_receipt", fails)
    with pytest.raises(Unheard, match=r"receipt\.json: cannot be read: Too many open files\. Run it again"):
        look(host)
    assert look(host, state="absent").state == "broken"


@pytest.mark.parametrize("name", ["receipt.json", "bin/python3.11"])
def test_what_would_never_end_is_not_read(host: Any, name: str) -> None:
    host.install_version()
    (host.version / name).unlink()
    os.mkfifo(host.version / name, 0o755)
    assert look(host).state == ("foreign" if name == "receipt.json" else "broken")


@pytest.mark.parametrize("receipt", [True, False])
def test_one_that_lacks_a_module_works_for_what_stands_on_it(host: Any, receipt: bool) -> None:
    host.install_version() if receipt else host.lay()
    host.said = {"broken": {"ssl": "ImportError: no"}}
    found = look(host)
    why = "these modules do not import: ssl (ImportError: no)"
    assert (found.state, found.stale, found.reason) == ("different" if receipt else "broken", why, why)


def test_one_that_lost_a_module_that_it_had_was_damaged(host: Any) -> None:
    host.install_version(modules=("ssl", "zlib"))
    host.said = {"broken": {"ssl": "ImportError: no"}}
    found = look(host)
    assert (found.state, found.stale, found.said) == ("broken", "", None)
    assert found.reason == "these modules do not import: ssl (ImportError: no)"
    host.said = {"broken": {"tkinter": "ImportError: no"}}
    assert look(host).state == "different", "it never had that one"


def test_an_unfinished_build_is_broken_whatever_it_says(host: Any) -> None:
    host.lay()
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    assert look(host) == Found("broken", "its build was interrupted, or is under way", True)
    assert not host.calls, "it is not even run"


def test_leftovers_are_seen_and_described(host: Any) -> None:
    host.install_version()
    left = [f".builds/.gone-{VERSION}-1", f"versions/.gone-{VERSION}-2"]
    left += [f".builds/.aside-{VERSION}-9", f"versions/.aside-{VERSION}-10"]
    for name in (*left, "versions/.gone-3.11.20-1", f"versions/.gone-{VERSION}-x", f".builds/.gone-{VERSION}-1-2"):
        (host.root / name).mkdir(parents=True)
    found = look(host)
    assert found.leftovers == tuple(str(host.root / name) for name in left)
    assert describe(Tree(str(host.root), VERSION), found)["leftovers"] == list(found.leftovers)


def test_a_dangling_link_is_broken(host: Any) -> None:
    host.version.parent.mkdir(parents=True)
    host.version.symlink_to("/nowhere")
    assert look(host).state == "broken"


def test_an_interpreter_of_another_user_is_not_run(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    if os.geteuid() == 0:
        os.chown(host.version, 4343, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match=r"belongs to user .*, the task runs as user 4242"):
        look(host)
    assert not host.calls


def test_a_root_that_is_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "root").write_text("")
    with pytest.raises(Refused, match="expected a folder, found something else"):
        check_root(str(tmp_path / "root"), must_write=False)


def test_a_root_of_another_user(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    if os.geteuid() == 0:
        os.chown(host.root, 4343, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refused, match="Become its owner"):
        check_root(str(host.root), must_write=False)


def test_a_root_that_everybody_writes(host: Any) -> None:
    host.lay()
    host.root.chmod(0o777)
    with pytest.raises(Refused, match="can be written by everybody"):
        check_root(str(host.root), must_write=False)


def test_a_root_that_is_read_only(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    check_root(str(host.root), must_write=False)
    with pytest.raises(Refused, match="cannot be written"):
        check_root(str(host.root), must_write=True)


def test_a_root_that_a_group_writes(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.lay()
    if os.geteuid():
        pytest.skip("only root can give a folder to a group that it is not in")
    os.chown(host.root, 0, 4343)
    host.root.chmod(0o775)
    with pytest.raises(Refused, match=r"root: can be written by group 4343\..*chmod g-w"):
        check_root(str(host.root), must_write=False)
    monkeypatch.setattr(ground, "_is_empty", lambda gid, trusted: True)
    check_root(str(host.root), must_write=False)


def test_a_path_that_somebody_else_controls(host: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Refused, match="open: can be written by everybody"):
        check_root(str(tmp_path / "open/root"), must_write=False)
    (tmp_path / "link").symlink_to(tmp_path / "open")
    with pytest.raises(Refused, match="open: can be written by everybody"):
        check_root(str(tmp_path / "link/root"), must_write=False)
