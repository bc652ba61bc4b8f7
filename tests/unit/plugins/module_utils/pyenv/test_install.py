# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options and a state to commands and a result."""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure

VERSION = "3.11.2"


def run(host: Any, check: bool = False, **options: Any) -> dict[str, Any]:
    return ensure(host.wanted(**options), check, host.edges())


def refused(host: Any, check: bool = False, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        run(host, check, **options)
    return str(caught.value)


@pytest.fixture(autouse=True)
def archives(host: Any) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")


def test_builds_what_is_absent(host: Any) -> None:
    seen: dict[str, Any] = {}

    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> None:
        seen["cache"] = os.listdir(env["PYTHON_BUILD_CACHE_PATH"])
        seen["bin"] = sorted(os.listdir(env["PATH"].split(":")[0]))
        seen["tmp"] = env["TMPDIR"]

    host.build = build
    result = run(host, configure_opts=["--with-lto", "--x=y"], make_opts=["V=1"])
    [(argv, env)] = host.builds()
    share = host.pyenv / "plugins/python-build"
    assert argv == (str(share / "bin/python-build"), str(share / "share/python-build" / VERSION), str(host.version))
    assert seen["cache"] == ["Python-3.11.2.tar.gz"]
    assert seen["bin"] == ["aria2c", "curl", "git", "hg", "svn", "wget", "xz"]
    assert seen["tmp"] == str(host.root / ".builds" / VERSION / "tmp")
    assert env["PATH"].split(":")[1:] == [str(host.bin)], "no shims, nothing relative"
    assert (env["PYTHON_CONFIGURE_OPTS"], env["MAKE_OPTS"], env["PYTHON_MAKE_OPTS"]) == (
        "--with-lto --x=y",
        "-j 3",
        "V=1",
    )
    assert (env["_PYTHON_BUILD_FORCE_SKIP_XZ"], env["PYTHON_BUILD_MIRROR_URL"]) == ("1", "http://127.0.0.1:9")
    assert env["GET_PIP_URL"].startswith("http://127.0.0.1:9")
    assert "MAKEFLAGS" not in env

    assert (result["changed"], result["source"], result["before"]["state"]) == (True, "cache", "absent")
    assert result["executable"] == str(host.version / "bin/python")
    assert [action["verb"] for action in result["actions"]] == ["build"]
    assert host.names("versions") == [VERSION]
    assert host.names(".builds") == []


def test_an_xz_archive_needs_no_tricks(host: Any) -> None:
    (host.cache / "Python-3.11.2.tar.xz").write_bytes(b"xz archive")
    assert run(host)["source_archive"]["file"] == "Python-3.11.2.tar.xz"
    assert "_PYTHON_BUILD_FORCE_SKIP_XZ" not in host.builds()[0][1]


def test_check_mode_writes_nothing_and_tells_the_same(host: Any) -> None:
    planned = run(host, check=True)
    assert not host.root.exists()
    assert not host.builds()
    done = run(host)
    assert [planned[key] for key in ("diff", "actions", "changed")] == [
        done[key] for key in ("diff", "actions", "changed")
    ]


def test_a_present_one_costs_one_probe(host: Any) -> None:
    host.install_version()
    before = sorted(host.root.rglob("*"))
    result = run(host, pyenv="/nowhere", cache="/nowhere")
    assert (result["changed"], result["source"], len(host.calls)) == (False, "present", 1)
    assert result["diff"]["before"] == result["diff"]["after"]
    assert sorted(host.root.rglob("*")) == before


def test_what_a_host_says_of_installing_is_no_drift_and_goes_with_the_interpreter(host: Any) -> None:
    """The marker of PEP 668, as pip_guard writes it."""
    host.install_version()
    marker = host.version / "lib/python3.11/EXTERNALLY-MANAGED"
    marker.parent.mkdir(parents=True)
    for folder in (marker.parent.parent, marker.parent):
        folder.chmod(0o755)
    marker.write_text("[externally-managed]\n")
    assert run(host)["source"] == "present" and marker.exists()
    (host.version / "bin/python3.11").write_text("damaged")
    assert [action["verb"] for action in run(host)["actions"]] == ["set aside", "build"]
    assert host.names("versions") == [VERSION] and not marker.exists()
    assert run(host)["source"] == "present"


def test_a_broken_one_is_rebuilt_and_removed_only_then(host: Any) -> None:
    host.lay("bin/old")

    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> None:
        assert not prefix.exists(), "the final path is free"
        assert host.names("versions") == [], "pyenv lists dot names as well"
        assert (host.root / ".builds" / f".aside-{VERSION}-1/bin/old").exists()

    host.build = build
    result = run(host)
    assert [action["verb"] for action in result["actions"]] == ["set aside", "build"]
    assert result["before"]["reason"] == "expected an interpreter, found nothing"
    assert host.names("versions") == [VERSION]
    assert not (host.version / "bin/old").exists()


def test_a_failed_build_puts_back_what_was_there(host: Any) -> None:
    host.lay("bin/old")

    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> Completed:
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin/python").touch()
        log = pathlib.Path(env["TMPDIR"], "python-build.2026.log")
        log.write_text("".join(f"line {number}\n" for number in range(40)) + "ld: no space\n")
        return Completed(("python-build",), 1, "", "ERROR: The Python ssl extension was not compiled.\nnoise\n")

    host.build = build
    told = refused(host)
    log = host.root / ".logs/3.11.2.log"
    assert "python-build failed (exit 1):\nERROR: The Python ssl extension was not compiled.\nline 26\n" in told
    assert "ld: no space" in told
    assert f"The whole log is {log}." in told
    assert log.read_text().startswith("line 0\n")
    assert os.listdir(host.version / "bin") == ["old"]
    assert host.names("versions") == [VERSION]
    assert host.names(".builds") == []


def test_a_build_that_does_not_prove_itself_is_gone(host: Any) -> None:
    host.build = lambda prefix, env: host.lay()
    host.said = {"broken": {"lzma": "ModuleNotFoundError: _lzma"}}
    told = refused(host)
    assert "was built and does not prove itself: these modules do not import: lzma" in told
    assert "Install liblzma-dev" in told
    assert host.names("versions") == []


def test_a_build_that_is_stopped_leaves_nothing(host: Any) -> None:
    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> Completed:
        host.lay("bin/python")
        pathlib.Path(env["TMPDIR"], "python-build.1.log").write_text("checking for gcc\n")
        raise Refused([Problem("python-build", "did not end within 5 seconds and was stopped.")])

    host.build = build
    told = refused(host)
    assert "did not end within 5 seconds" in told
    assert "checking for gcc" in told
    assert host.names("versions") == []


def test_the_rest_of_a_killed_build_never_comes_back(host: Any) -> None:
    host.lay("bin/python")
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    (host.root / "versions" / f".aside-{VERSION}-1/bin").mkdir(parents=True)
    host.build = lambda prefix, env: Completed(("python-build",), 1, "", "no")
    assert "python-build failed" in refused(host)
    assert host.names("versions") == [VERSION]
    assert os.listdir(host.version) == ["bin"], "what was there before the killed build is back"
    assert os.listdir(host.version / "bin") == []
    assert host.names(".builds") == []


def test_the_next_run_converges_after_a_killed_one(host: Any) -> None:
    host.lay("bin/python3.11")
    (host.root / ".builds" / VERSION / "tmp").mkdir(parents=True)
    (host.root / "versions" / f".gone-{VERSION}-1").mkdir()
    result = run(host)
    assert result["before"]["state"] == "broken"
    assert host.names("versions") == [VERSION]
    assert host.names(".builds") == []
    assert run(host)["changed"] is False


def test_leftovers_alone_are_a_change_and_then_gone(host: Any) -> None:
    host.install_version()
    (host.root / "versions" / f".aside-{VERSION}-1").mkdir()
    planned = run(host, check=True)
    assert planned["changed"]
    assert planned["diff"]["before"] != planned["diff"]["after"]
    assert run(host)["actions"][0]["reason"] == "left by an interrupted run"
    assert host.names("versions") == [VERSION]
    assert run(host)["changed"] is False


def test_a_disk_that_is_full_is_no_traceback(host: Any) -> None:
    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> Completed:
        raise OSError(28, "No space left on device", str(prefix))

    host.build = build
    assert "No space left on device" in refused(host)
    assert host.names("versions") == []
    assert host.names(".builds") == []


def test_needs_are_told_before_anything_is_written(host: Any) -> None:
    (host.bin / "make").unlink()
    host.missing_headers = {"sqlite3.h"}
    told = refused(host, check=True)
    assert told.startswith("2 problems:")
    assert "make: expected this program" in told
    assert "libsqlite3-dev" in told
    assert not host.root.exists()


def test_why_it_must_be_built_is_told_where_it_cannot_be(host: Any) -> None:
    host.lay("bin/old")
    (host.bin / "make").unlink()
    told = refused(host)
    assert told.startswith("2 problems:")
    assert f"{host.version}: is there and is not accepted: expected an interpreter, found nothing." in told
    assert (host.version / "bin/old").exists()


def test_another_openssl_needs_no_header_of_the_host(host: Any) -> None:
    host.missing_headers = {"readline/readline.h", "openssl/ssl.h"}
    assert "openssl/ssl.h" in refused(host, modules=["venv"]), "python-build always wants it"
    assert run(host, modules=["ssl"], configure_opts=["--with-openssl=/opt/ssl"])["changed"]


def test_patches_need_patch(host: Any) -> None:
    share = host.define(host.pyenv.joinpath("plugins/python-build/share/python-build", VERSION).read_text())
    (share / "patches" / VERSION).mkdir(parents=True)
    (host.bin / "patch").unlink()
    assert "patch: expected this program" in refused(host)


def test_a_digest_of_the_user_goes_into_a_private_definition(host: Any) -> None:
    share = host.define(f'install_package "Python-3.11.2" "https://x/Python-3.11.2.tgz#{"0" * 64}" standard\n')
    (share / "patches" / VERSION).mkdir(parents=True)
    text: list[str] = []

    def build(prefix: pathlib.Path, env: Mapping[str, str]) -> None:
        folder = host.root / ".builds" / VERSION / "definitions"
        text.append((folder / VERSION).read_text())
        assert (folder / "patches" / VERSION).is_dir()

    host.build = build
    digest = digest_bytes(b"gz archive")
    assert run(host, sha256=digest)["source_archive"]["sha256"] == digest
    assert f'Python-3.11.2.tgz#{digest}" standard' in text[0]


def test_a_definition_without_a_digest_needs_one(host: Any) -> None:
    host.define('install_package "Python-3.11.2" "https://x/Python-3.11.2.tgz" standard\n')
    assert "names no digest for Python-3.11.2.tar.gz. Name the archive's `sha256`." in refused(host)


def test_a_digest_that_is_the_definitions_chooses_the_archive(host: Any) -> None:
    (host.cache / "Python-3.11.2.tar.xz").write_bytes(b"xz archive")
    digest = digest_bytes(b"gz archive")
    assert run(host, sha256=digest)["source_archive"]["file"] == "Python-3.11.2.tar.gz"
    assert host.builds()[0][0][1].startswith(str(host.pyenv))


def test_absent_removes_everything_of_the_version(host: Any) -> None:
    host.lay()
    (host.root / "versions/3.12.1").mkdir()
    (host.root / ".builds" / VERSION).mkdir(parents=True)
    (host.root / "versions" / f".aside-{VERSION}-1").mkdir()
    planned = run(host, check=True, state="absent")
    assert (planned["before"]["state"], planned["after"]["state"]) == ("broken", "absent")
    result = run(host, state="absent")
    assert result["changed"]
    assert (result["executable"], result["source"]) == ("", "")
    assert host.names("versions") == ["3.12.1"]
    assert host.names(".builds") == []
    assert run(host, state="absent")["changed"] is False


def test_absent_unlinks_and_does_not_follow(host: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "shared").mkdir()
    host.version.parent.mkdir(parents=True)
    host.version.symlink_to(tmp_path / "shared")
    assert run(host, state="absent")["changed"]
    assert not host.version.is_symlink()
    assert (tmp_path / "shared").is_dir()


def test_absent_where_nothing_is_writes_nothing(host: Any) -> None:
    assert run(host, state="absent")["changed"] is False
    assert not host.root.exists()


def test_modes_do_not_depend_on_the_umask(host: Any) -> None:
    inherited = os.umask(0o077)
    try:
        run(host)
        assert os.umask(0o077) == 0o077, "the umask is given back"
    finally:
        os.umask(inherited)
    assert (host.root / "versions").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("state", ["present", "absent"])
def test_does_not_saw_off_the_branch_that_it_sits_on(host: Any, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    host.lay()
    host.said = {"broken": {"lzma": "no"}}
    monkeypatch.setattr(sys, "base_prefix", str(host.version))
    assert "is the interpreter that Ansible itself runs with" in refused(host, state=state)
    host.said = {}
    host.sign()
    assert run(host)["changed"] is False
