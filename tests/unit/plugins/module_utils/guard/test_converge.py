# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does to markers and configurations, and what it leaves."""

from __future__ import annotations

import configparser
import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.guard import work
from ansible_collections.netdevops.python.plugins.module_utils.guard.plan import KEPT
from ansible_collections.netdevops.python.tests.unit.plugins.module_utils.guard.conftest import Place
from ansible_collections.netdevops.python.tests.unit.support.wheels import snapshot

MARKER = "EXTERNALLY-MANAGED"
INDEX = "https://pypi.example.net/simple"


def changes(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return verb and name of each step."""
    return [(one["verb"], os.path.basename(one["subject"])) for one in result.get("actions", ())]


def entries(place: Place) -> dict[str, Any]:
    """Return all that there is; of folders not their times, which writing a file into them changes."""
    found = snapshot(place.folder)
    return {name: (*one[:3], one[3] if one[4] is not None else 0, one[4]) for name, one in found.items()}


def refused(place: Place, **options: Any) -> list[str]:
    """Return the problems of a run that must be refused; nothing may have changed."""
    before = snapshot(place.folder)
    with pytest.raises(Refused) as caught:
        place.ensure(**options)
    assert snapshot(place.folder) == before
    return [f"{os.path.basename(problem.subject)}: {problem.message}" for problem in caught.value.problems]


def test_each_interpreter_gets_its_marker_once(place: Place) -> None:
    one, other = place.install("3.12.1"), place.install("3.9.18")
    before = entries(place)
    checked = place.ensure(check_mode=True, contact="netops")
    assert entries(place) == before
    done = place.ensure(contact="netops")
    assert {key: done[key] for key in ("changed", "actions", "diff", "interpreters")} == {
        key: checked[key] for key in ("changed", "actions", "diff", "interpreters")
    }
    assert changes(done) == [("write", MARKER)] * 2 and done["warnings"] == []
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(str(one / MARKER), encoding="utf-8")
    assert parser["externally-managed"]["error"].endswith(
        "\n\nAsk netops for a tool or an interpreter that everybody needs."
    )
    assert (other / MARKER).stat().st_mode & 0o777 == 0o644
    again = place.ensure(contact="netops")
    assert not again["changed"] and "diff" not in again
    assert [one["marker"] for one in again["interpreters"]] == ["ours", "ours"]
    place.install("3.13.0")
    assert changes(place.ensure(contact="netops")) == [("write", MARKER)]
    assert changes(place.ensure(contact="others")) == [("write", MARKER)] * 3


def test_the_diff_shows_the_lines_and_nothing_of_others(place: Place) -> None:
    place.install()
    place.config.write_text("[global]\nindex-url = https://ada:hunter2@example.net\n")
    done = place.ensure(notice="Not here", no_index=True, replace=True)
    assert "hunter2" not in json.dumps(done)
    after, before = json.loads(done["diff"]["after"]), json.loads(done["diff"]["before"])
    assert after[str(place.config)] == ["[global]", "no-index = true"]
    assert before[str(place.config)] == "somebody else's" and before[str(place.config) + KEPT] == "absent"
    marker = str(place.root / "versions/3.12.1/lib/python3.12" / MARKER)
    assert (before[marker], after[marker]) == ("absent", ["[externally-managed]", "Error=Not here"])


def test_what_somebody_else_marked_is_left(place: Place) -> None:
    library = place.install()
    (library / MARKER).write_text("[externally-managed]\nError=of the distribution\n")
    before = entries(place)
    for state in ("present", "absent"):
        done = place.ensure(state=state, replace=True)
        assert not done["changed"] and done["interpreters"][0]["marker"] == "foreign"
    assert entries(place) == before


def test_all_is_undone_also_folders(place: Place) -> None:
    place.install()
    before = entries(place)
    done = place.ensure(index_url=INDEX, uv=True)
    assert changes(done) == [("write", MARKER), ("write", "pip.conf"), ("make folder", "uv"), ("write", "uv.toml")]
    # It is remembered, also when the file is written again.
    assert changes(place.ensure(index_url=INDEX + "/2", uv=True)) == [("write", "pip.conf"), ("write", "uv.toml")]
    undone = place.ensure(state="absent")
    assert changes(undone)[-2:] == [("remove", "uv.toml"), ("remove folder", "uv")] and entries(place) == before
    assert (undone["pip_config"], undone["uv_config"]) == ("absent", "absent")
    assert not place.ensure(state="absent")["changed"]


def test_a_folder_that_was_there_or_is_in_use_stays(place: Place) -> None:
    place.uv.parent.mkdir()
    before = entries(place)
    place.ensure(no_index=True, uv=True, roots=[])
    place.ensure(state="absent", roots=[])
    assert entries(place) == before
    place.uv.parent.rmdir()
    place.ensure(no_index=True, uv=True, roots=[])
    (place.uv.parent / "mine").touch()
    place.ensure(state="absent", roots=[])
    assert [path.name for path in place.uv.parent.iterdir()] == ["mine"]


def test_a_configuration_goes_when_nothing_is_asked_of_it(place: Place) -> None:
    place.ensure(no_index=True, uv=True, roots=[])
    assert changes(place.ensure(no_index=True, roots=[])) == [("remove", "uv.toml"), ("remove folder", "uv")]
    assert changes(place.ensure(roots=[])) == [("remove", "pip.conf")]
    place.config.write_text("mine\n")
    assert place.ensure(roots=[])["pip_config"] == "foreign"


@pytest.mark.parametrize("is_link", [False, True])
def test_what_gave_way_comes_back_as_it_was(place: Place, is_link: bool) -> None:
    if is_link:
        place.config.symlink_to("elsewhere.conf")
    else:
        place.config.write_text("mine\n")
        place.config.chmod(0o640)
        os.utime(place.config, (1, 1))
    before = entries(place)
    assert refused(place, no_index=True, roots=[]) == ["pip.conf: is somebody else's, and is not overwritten."]
    assert changes(place.ensure(no_index=True, roots=[], replace=True)) == [
        ("keep", "pip.conf" + KEPT),
        ("write", "pip.conf"),
    ]
    assert not place.config.is_symlink() and not place.ensure(no_index=True, roots=[])["changed"]
    assert changes(place.ensure(state="absent", roots=[])) == [("put back", "pip.conf")]
    assert entries(place) == before


def test_a_run_that_ended_between_keeping_and_writing_is_gone_on_with(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.config.write_text("mine\n")
    before = entries(place)

    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device", str(place.config))

    with monkeypatch.context() as patched:
        patched.setattr(work, "write_atomic", full)
        with pytest.raises(Refused, match=r"pip.conf: No space left on device\. Correct"):
            place.ensure(no_index=True, roots=[], replace=True)
    assert place.config.read_text() == "mine\n"
    again = place.ensure(no_index=True, roots=[], replace=True, check_mode=True)
    assert changes(again) == [("write", "pip.conf")]
    place.ensure(state="absent", roots=[])
    assert entries(place) == before
    place.ensure(no_index=True, roots=[], replace=True)
    place.config.unlink()
    assert changes(place.ensure(state="absent", roots=[])) == [("put back", "pip.conf")]
    assert entries(place) == before


def test_two_originals_are_one_too_many(place: Place) -> None:
    place.config.write_text("mine\n")
    place.ensure(no_index=True, roots=[], replace=True)
    place.config.unlink()
    place.config.write_text("mine too\n")
    assert refused(place, no_index=True, roots=[], replace=True) == [
        f"pip.conf{KEPT}: is kept already, from an earlier file at that place."
    ]
    left = place.ensure(state="absent", roots=[])
    assert not left["changed"] and left["warnings"][0].endswith(f"pip.conf{KEPT} is what it once was.")


def test_what_somebody_edited_is_named_and_undone_on_request(place: Place) -> None:
    library = place.install()
    place.ensure(no_index=True)
    for path in (library / MARKER, place.config):
        path.write_bytes(path.read_bytes() + b"# mine\n")
    for state in ("present", "absent"):
        assert refused(place, no_index=True, state=state) == [
            f"{MARKER}: is ours, and somebody edited it since.",
            "pip.conf: is ours, and somebody edited it since.",
        ]
    done = place.ensure(no_index=True, replace=True)
    assert changes(done) == [("write", MARKER), ("write", "pip.conf")]
    assert not place.ensure(no_index=True)["changed"]
    (library / MARKER).write_bytes((library / MARKER).read_bytes() + b"\n")
    assert ("remove", MARKER) in changes(place.ensure(state="absent", replace=True))


def test_what_nobody_may_read_is_made_readable(place: Place) -> None:
    library = place.install()
    place.ensure()
    (library / MARKER).chmod(0o600)
    done = place.ensure()
    assert done["actions"][0]["reason"] == "its mode is 0600, expected 0644"
    assert json.loads(done["diff"]["before"]) != json.loads(done["diff"]["after"])
    assert not place.ensure()["changed"]


def test_modes_are_declared(place: Place) -> None:
    old = os.umask(0o077)
    try:
        place.ensure(no_index=True, uv=True, roots=[])
    finally:
        os.umask(old)
    modes = [path.stat().st_mode & 0o777 for path in (place.config, place.uv, place.uv.parent)]
    assert modes == [0o644, 0o644, 0o755]


def test_all_that_is_in_the_way_is_said_at_once(place: Place) -> None:
    library = place.install()
    library.chmod(0o777)
    place.config.mkdir()
    place.uv.parent.mkdir()
    place.uv.write_text("mine = 1\n")
    asked = {"index_url": INDEX, "uv": True, "interpreters": ["/nowhere/python3"], "cert": "/nowhere.pem"}
    assert refused(place, **asked) == [
        "python3: expected an interpreter, found nothing.",
        "nowhere.pem: expected a file of certificates, found none.",
        "pip.conf: expected a file, found something else.",
        "uv.toml: is somebody else's, and is not overwritten.",
        "python3.12: can be written by everybody.",
    ]


def test_check_mode_lets_things_come_later(place: Place) -> None:
    said = place.ensure(check_mode=True, interpreters=["/nowhere/python3"], cert="/nowhere.pem")
    assert said["warnings"] == [
        f"{place.root}/versions is not there: no interpreter of it was looked at.",
        "/nowhere/python3: expected an interpreter, found nothing. Install it, or leave it out.",
    ]


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_was_not_looked_at_may_be_marked_still_and_is_named(place: Place, check_mode: bool) -> None:
    library = place.install(prefix="usr")
    (library.parent.parent / "pyvenv.cfg").touch()
    named = ["/nowhere/python3", str(library.parent.parent / "bin/python")]
    assert place.ensure(check_mode=check_mode, state="absent", interpreters=named)["warnings"] == [
        "/nowhere/python3: expected an interpreter, found nothing. Install it, or leave it out.",
        f"{named[1]}: is of an environment, in which people may install. Name the interpreter that it is made of.",
    ]


def test_a_root_that_is_gone_took_its_markers_along(place: Place) -> None:
    assert place.ensure(state="absent")["warnings"] == []


def test_an_old_pip_is_named_unless_it_is_covered(place: Place) -> None:
    library = place.install("3.8.18", "22.3.1")
    place.install("3.12.1", "23.0")
    [warning] = place.ensure()["warnings"]
    assert f"{library} (pip 22.3.1): set require_virtualenv" in warning and "python3.12" not in warning
    assert place.ensure(require_virtualenv=True)["warnings"] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_who_may_not_write_is_told_so(place: Place) -> None:
    library = place.install()
    library.chmod(0o555)
    place.etc.chmod(0o555)
    expected = "cannot be written by the user that the task runs as."
    assert refused(place, no_index=True, uv=True) == [f"python3.12: {expected}", f"etc: {expected}"]


def test_a_planted_link_is_not_followed(place: Place, tmp_path: pathlib.Path) -> None:
    library = place.install()
    victim = tmp_path / "victim"
    victim.write_text("precious\n")
    (library / MARKER).symlink_to(victim)
    place.config.symlink_to(victim)
    place.ensure(no_index=True, replace=True)
    place.ensure(state="absent")
    assert victim.read_text() == "precious\n" and place.config.is_symlink() and (library / MARKER).is_symlink()
