# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter from a prebuilt archive: which one, from where, and moved into place whole."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pathlib
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv import origin, placing
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.receipt import read_receipt
from ansible_collections.netdevops.python.tests.unit.support.interpreters import make_archive

VERSION = "3.11.2"
TARGET = "cp311-manylinux_2_34_x86_64"
PROGRAM = b"an interpreter"


def packed(program: bytes = PROGRAM) -> bytes:
    """Return an archive of an interpreter as small as it can be."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("python/bin/python", "python/bin/python3.11"):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(program), 0o755
            archive.addfile(member, io.BytesIO(program))
    return stream.getvalue()


@pytest.fixture
def shelf(host: Any) -> pathlib.Path:
    """Return a folder of archives with one that fits."""
    folder: pathlib.Path = host.folder / "shelf"
    add(folder)
    return folder


def add(folder: pathlib.Path, target: str = TARGET, version: str = VERSION, **changes: Any) -> Prebuilt:
    return make_archive(folder, version, target, packed(), **{"unpacked": 2 * len(PROGRAM), **changes})


def run(host: Any, check: bool = False, **options: Any) -> dict[str, Any]:
    return ensure(host.wanted(**options), check, host.edges())


def here(shelf: pathlib.Path, **more: Any) -> dict[str, Any]:
    return {"archive": str(shelf), "remote_src": True, "cache": None, **more}


def refused(host: Any, check: bool = False, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        run(host, check, **options)
    return str(caught.value)


def test_an_archive_on_the_host_is_installed(host: Any, shelf: pathlib.Path) -> None:
    planned = run(host, check=True, **here(shelf))
    assert not host.root.exists()
    result = run(host, **here(shelf))
    assert [planned[key] for key in ("actions", "diff", "source", "archive")] == [
        result[key] for key in ("actions", "diff", "source", "archive")
    ]
    file = f"cpython-{VERSION}-{TARGET}.tar.gz"
    assert (result["source"], result["archive"]["file"]) == ("archive", file)
    assert "source_archive" not in result
    assert result["actions"] == [{"verb": "unpack", "subject": str(host.version), "reason": f"from archive {file}"}]
    receipt = read_receipt(str(host.version))
    assert receipt
    assert receipt.origin == {"kind": "archive", "place": file, "sha256": result["archive"]["sha256"]}
    assert host.names("versions") == [VERSION]
    assert host.names(".builds") == []
    assert run(host, **here(shelf))["changed"] is run(host)["changed"] is False
    assert not host.builds()


def test_modes_are_declared_for_archives_too(host: Any, shelf: pathlib.Path) -> None:
    inherited = os.umask(0o077)
    try:
        run(host, **here(shelf, mode="0750"))
    finally:
        os.umask(inherited)
    for name in ("", "bin", "bin/python3.11"):
        assert (host.version / name).stat().st_mode & 0o777 == 0o750


def test_the_newest_libc_that_fits_is_taken(host: Any, shelf: pathlib.Path) -> None:
    add(shelf, "cp311-manylinux_2_28_x86_64")
    add(shelf, "cp311-manylinux_2_39_x86_64")
    add(shelf, "cp311-manylinux_2_36_aarch64")
    assert TARGET in run(host, check=True, **here(shelf))["archive"]["file"]


def test_what_fits_not_and_cannot_be_built_is_told_together(host: Any, shelf: pathlib.Path) -> None:
    host.missing_libraries = {"libffi.so.8"}
    add(shelf, "cp311-manylinux_2_39_x86_64")
    add(shelf, libraries=("libffi.so.8",))
    (host.bin / "gcc").unlink()
    told = refused(host, **here(shelf))
    assert told.startswith("4 problems:")
    for words in (
        "needs shared libraries that this host does not have: libffi.so.8",
        "needs glibc 2.39 or newer, this host has 2.36",
        "no source for it is named",
        "C compiler: ",
    ):
        assert words in told
    only = refused(host, **here(shelf, source="archive"))
    assert only.startswith("2 problems:")
    assert "compiler" not in only


def test_where_no_archive_fits_it_is_built(host: Any, shelf: pathlib.Path) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    host.missing_libraries = {"libffi.so.8"}
    add(shelf, libraries=("libffi.so.8",))
    result = run(host, archive=str(shelf), remote_src=True)
    assert result["source"] == "cache"
    assert "; no archive fits: cpython-3.11.2" in result["actions"][0]["reason"]


def test_source_decides(host: Any, shelf: pathlib.Path) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    assert run(host, check=True, archive=str(shelf), remote_src=True, source="build")["source"] == "cache"
    assert run(host, check=True, archive=str(shelf), remote_src=True, source="archive")["source"] == "archive"
    assert run(host, check=True, archive=str(shelf), remote_src=True)["source"] == "archive"


def test_an_archive_is_what_is_asked_for(host: Any, shelf: pathlib.Path) -> None:
    assert "expected SHA-256 aaaa" in refused(host, **here(shelf, archive_sha256="a" * 64))
    told = refused(host, **here(shelf, configure_opts=["--with-lto"]))
    assert "was configured with no options, asked for is --with-lto." in told
    add(shelf, configure_opts=("--enable-shared", "--with-lto"))
    assert run(host, **here(shelf, configure_opts=["--with-lto"]))["changed"]
    assert run(host, **here(shelf, configure_opts=["--with-lto"]))["changed"] is False


def test_an_archive_without_a_description_needs_a_digest(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = add(shelf)
    os.unlink(one.path + ".json")
    digest = hashlib.sha256(pathlib.Path(one.path).read_bytes()).hexdigest()
    monkeypatch.setattr(origin, "describe_archive", lambda path, sha256: one.description)
    assert "expected its description" in refused(host, **here(pathlib.Path(one.path)))
    assert run(host, **here(pathlib.Path(one.path), archive_sha256=digest))["source"] == "archive"


def test_a_damaged_archive_leaves_what_was_there(host: Any, shelf: pathlib.Path) -> None:
    host.install_version()
    (host.version / "bin/python3.11").write_text("damaged")
    [path] = shelf.glob("*.tar.gz")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "expected SHA-256" in refused(host, **here(shelf))
    assert (host.version / "bin/python3.11").read_text() == "damaged"
    assert host.names("versions") == [VERSION]
    assert host.names(".builds") == []


def test_what_does_not_prove_itself_never_gets_there(host: Any, shelf: pathlib.Path) -> None:
    host.said = {"broken": {"ssl": "ImportError: libssl.so.3"}}
    told = refused(host, **here(shelf))
    assert (
        "was unpacked and does not prove itself: these modules do not import: ssl (ImportError: libssl.so.3)." in told
    )
    assert host.names("versions") == host.names(".builds") == []
    probed = [argv[0] for argv, env in host.calls]
    assert probed == [str(host.root / ".builds" / f".gone-{VERSION}-1/bin/python")]


@pytest.mark.parametrize("exchange", [True, False])
def test_it_takes_the_place_of_what_is_there(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    host.lay("bin/old")
    if not exchange:
        monkeypatch.setattr(placing, "rename_exchange", lambda one, other: False)
    result = run(host, **here(shelf))
    assert [action["verb"] for action in result["actions"]] == ["set aside", "unpack"]
    assert sorted(os.listdir(host.version)) == ["bin", "receipt.json"]
    assert not (host.version / "bin/old").exists()
    assert (host.names("versions"), host.names(".builds")) == ([VERSION], [])


def test_a_link_is_replaced_and_not_followed(host: Any, shelf: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "shared/bin").mkdir(parents=True)
    host.version.parent.mkdir(parents=True)
    host.version.symlink_to(tmp_path / "shared")
    assert run(host, **here(shelf))["changed"]
    assert not host.version.is_symlink()
    assert os.listdir(tmp_path / "shared") == ["bin"]


@pytest.mark.parametrize("name", ["unpack", "prove", "settle", "write_receipt", "_move_in"])
def test_an_end_in_any_step_leaves_the_old_one(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    host.install_version()
    (host.version / "bin/python3.11").write_text("damaged")

    def end(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(placing, name, end)
    with pytest.raises(KeyboardInterrupt):
        run(host, **here(shelf))
    assert (host.version / "bin/python3.11").read_text() == "damaged"
    assert (host.names("versions"), host.names(".builds")) == ([VERSION], [])


@pytest.mark.parametrize("name", ["unpack", "prove", "settle", "write_receipt", "sync_folder"])
def test_killed_in_any_step_the_next_run_converges(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    host.install_version()
    (host.version / "bin/python3.11").write_text("damaged")

    class Killed(BaseException):
        pass

    def kill(*_arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(placing, name, kill)
        # Nothing is tidied up by a process that is killed.
        for helper in ("end_work", "put_back"):
            patched.setattr(placing.trees, helper, lambda tree: None)
        patched.setattr(placing, "sweep", lambda tree: None)
        with pytest.raises(Killed):
            run(host, **here(shelf))
    there = (host.version / "bin/python3.11").read_text()
    assert there == ("an interpreter" if name == "sync_folder" else "damaged")
    assert bool(host.names(".builds")) is (name != "unpack")
    assert VERSION not in host.names(".builds"), "no folder of a build marks the old one as unfinished"
    result = run(host, **here(shelf))
    assert result["after"]["state"] == "present"
    assert (host.names("versions"), host.names(".builds")) == ([VERSION], [])
    assert run(host, **here(shelf))["changed"] is False


def test_killed_the_next_run_that_fails_keeps_the_old_one_too(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.lay("bin/old")

    class Killed(BaseException):
        pass

    def kill(*_arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(placing, "write_receipt", kill)
        patched.setattr(placing, "sweep", lambda tree: None)
        with pytest.raises(Killed):
            run(host, **here(shelf))
    assert run(host, check=True, **here(shelf))["before"]["reason"] == "expected an interpreter, found nothing"
    host.said = {"broken": {"ssl": "ImportError: libssl.so.3"}}
    assert "was unpacked and does not prove itself" in refused(host, **here(shelf))
    assert (host.names("versions"), host.names(f"versions/{VERSION}/bin")) == ([VERSION], ["old"])
    assert host.names(".builds") == []


@pytest.mark.parametrize("old", [True, False])
def test_versions_can_be_a_file_system_of_their_own(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    rename = os.rename

    def mounted(source: str, target: str) -> None:
        if ("/versions/" in source) is not ("/versions/" in target):
            raise OSError(errno.EXDEV, "Invalid cross-device link", source, None, target)
        rename(source, target)

    if old:
        host.lay("bin/old")
    monkeypatch.setattr(os, "rename", mounted)
    host.said = {"version": VERSION}
    assert run(host, **here(shelf))["changed"]
    assert (host.names("versions"), host.names(".builds")) == ([VERSION], [])
    assert sorted(os.listdir(host.version)) == ["bin", "receipt.json"]


def test_the_rest_of_a_killed_build_gives_way(host: Any, shelf: pathlib.Path) -> None:
    host.lay("bin/python3.11")
    (host.root / ".builds" / VERSION / "tmp").mkdir(parents=True)
    (host.root / "versions" / f".aside-{VERSION}-1").mkdir()
    assert run(host, **here(shelf))["before"]["state"] == "broken"
    assert (host.names("versions"), host.names(".builds")) == ([VERSION], [])


@pytest.mark.parametrize("aside", [True, False])
def test_the_rest_of_a_killed_build_is_not_what_comes_back(host: Any, shelf: pathlib.Path, aside: bool) -> None:
    host.lay("bin/python", "bin/python3.11")
    (host.root / ".builds" / VERSION / "tmp").mkdir(parents=True)
    if aside:
        (host.root / "versions" / f".aside-{VERSION}-1/bin").mkdir(parents=True)
    host.said = {"broken": {"ssl": "no"}}
    assert "does not prove itself" in refused(host, **here(shelf))
    assert host.names("versions") == ([VERSION] if aside else []), "without its work folder it would pass for foreign"
    assert host.names(f"versions/{VERSION}/bin") == []
    assert host.names(".builds") == []


def test_without_an_exchange_the_old_one_comes_back(
    host: Any, shelf: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.lay("bin/old")
    rename = os.rename

    def fail(source: str, target: str) -> None:
        if target == str(host.version) and "/.gone-" in source:
            raise OSError(5, "Input/output error", target)
        rename(source, target)

    monkeypatch.setattr(placing, "rename_exchange", lambda one, other: False)
    monkeypatch.setattr(os, "rename", fail)
    assert "Input/output error" in refused(host, **here(shelf))
    assert (host.names("versions"), host.names(f"versions/{VERSION}/bin")) == ([VERSION], ["old"])


def offer(*archives: Prebuilt) -> list[dict[str, Any]]:
    return [one.description.as_dict() for one in archives]


def controller(*archives: Prebuilt, **more: Any) -> dict[str, Any]:
    return {"archive": "files/interpreters", "offered": offer(*archives), "cache": None, **more}


def test_who_asks_is_told_which_archive_is_needed(host: Any, shelf: pathlib.Path) -> None:
    fitting, other = add(shelf), add(shelf, "cp311-manylinux_2_39_x86_64")
    answer = run(host, ask=True, **controller(fitting, other))
    assert (answer["changed"], answer["needs"]) == (False, {"archive": fitting.description.file})
    assert answer["actions"][0]["verb"] == "unpack"
    assert answer["before"]["state"] == "absent"
    assert not host.root.exists(), "asking writes nothing"
    delivery = host.folder / "delivered"
    delivery.write_bytes(pathlib.Path(fitting.path).read_bytes())
    result = run(host, delivery=str(delivery), **controller(fitting, other))
    assert (result["changed"], result["source"], "needs" in result) == (True, "archive", False)
    again = run(host, ask=True, **controller(fitting, other))
    assert (again["changed"], again["source"], "needs" in again) == (False, "present", False)


def test_who_asks_is_told_that_a_build_is_needed(host: Any) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    answer = run(host, ask=True)
    assert (answer["changed"], answer["needs"]) == (False, {"build": str(host.root / ".builds" / VERSION)})
    assert (answer["before"]["state"], answer["after"]["state"]) == ("absent", "present")
    assert answer["actions"][0]["verb"] == "build"
    assert not host.root.exists()
    assert "needs" not in run(host, check=True, ask=True)
    assert run(host, check=True, ask=True)["changed"] is True
    assert run(host, ask=True, archive="x", offered=[], source="auto")["needs"] == answer["needs"]


def test_an_archive_that_is_not_there_is_no_reason_to_build(host: Any, shelf: pathlib.Path) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    assert "/nowhere: expected an interpreter's archive" in refused(host, archive="/nowhere", remote_src=True)
    [described] = shelf.glob("*.json")
    described.write_text("{}")
    assert f"{described}: " in refused(host, archive=str(shelf), remote_src=True)


def test_who_asks_gets_what_is_cheap_at_once(host: Any, shelf: pathlib.Path) -> None:
    host.lay()
    result = run(host, ask=True, adopt=True, **{"global": True})
    assert ("needs" in result, [action["verb"] for action in result["actions"]]) == (False, ["adopt", "pin"])
    assert (host.root / "version").exists()
    assert run(host, ask=True, state="absent", force=True)["changed"]
    assert "needs" not in run(host, ask=True, **here(shelf)), "an archive that is here already takes seconds"


def test_an_archive_of_the_controller_has_to_be_delivered(host: Any, shelf: pathlib.Path) -> None:
    assert "is on the controller, and was not delivered" in refused(host, **controller(add(shelf)))
    assert run(host, check=True, **controller(add(shelf)))["changed"] is True
    told = refused(host, archive="files/interpreters", cache=None)
    assert "is on the controller, and nothing was offered from there" in told
    assert host.names("versions") == []


def test_what_is_offered_is_not_trusted(host: Any, shelf: pathlib.Path) -> None:
    one = add(shelf)
    [plain] = offer(one)
    told = refused(host, archive="x", offered=[{**plain, "file": "../../etc/shadow"}], source="archive")
    assert "offered: file cannot be '../../etc/shadow'" in told
    delivery = host.folder / "delivered"
    delivery.write_bytes(b"something else")
    told = refused(host, delivery=str(delivery), **controller(one))
    assert f"{delivery}: expected {one.description.size} bytes, found 14" in told
    assert host.names("versions") == []


def test_a_disk_that_is_too_small_is_told_before(host: Any, shelf: pathlib.Path) -> None:
    add(shelf, unpacked=1 << 39)
    told = refused(host, check=True, **here(shelf, source="archive"))
    assert "expected 549755 MB of disk" in told


def test_the_first_problem_of_an_archive_is_told_where_it_is_built(host: Any) -> None:
    (host.cache / "Python-3.11.2.tgz").write_bytes(b"gz archive")
    result = run(host, check=True, archive="x", offered=[])
    assert "no archive fits: archive of Python 3.11.2: found none." in result["actions"][0]["reason"]
