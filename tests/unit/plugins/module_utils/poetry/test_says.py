# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Poetry 1.8 and 2.5 were heard saying when something was wrong, and what people are told of it."""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed
from ansible_collections.netdevops.python.plugins.module_utils.poetry.says import Asked, problems, warnings

PROJECT = "/srv/small-tool"
LOCK, PYPROJECT = f"{PROJECT}/poetry.lock", f"{PROJECT}/pyproject.toml"
VERSIONS = {"1.8": (1, 8, 5), "2.5": (2, 5, 1)}
OTHER_FILE = "expected a file of one of the digests in poetry.lock, found another."


def heard(version: str) -> dict[str, Completed]:
    """Return what a version said, by the name of the case."""
    text = pathlib.Path(__file__).with_name(f"said-{version}.txt").read_text(encoding="utf-8")
    cases = re.findall(r"(?ms)^@@@ (\w+) (\d+)\n(.*?)^@@@ stderr\n(.*?)(?=^@@@|\Z)", text)
    return {name: Completed(("poetry",), int(rc), said, err) for name, rc, said, err in cases}


def asked(version: str, **users: str) -> Asked:
    return Asked(PROJECT, VERSIONS[version], users)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("case", "subject", "words"),
    [
        ("stale", LOCK, "is not the lock of the pyproject.toml beside it, which was changed since"),
        ("newer_lock", LOCK, "found one of a newer Poetry"),
        ("lock_no_toml", LOCK, "is no TOML: Invalid value (at line"),
        ("pyproject_no_toml", PYPROJECT, "is no TOML: "),
        ("no_extra", "extras", "found no extra 'nope' in its lock"),
        ("python", "python", "expected a Python that pyproject.toml allows (^3.12), found 3.11.7"),
        ("other_file", "iniconfig", OTHER_FILE),
        ("no_file", "iniconfig 2.3.2", "its source has no file of it that this host and interpreter can use"),
        ("readme", PROJECT, "cannot be installed itself: "),
        ("no_package_folder", PROJECT, "cannot be installed itself: /srv/small-tool/src/myproj does not contain"),
        ("refused", "source 127.0.0.1:9", "cannot be connected to: [Errno 111] Connection refused."),
        ("name_unknown", "source nowhere.invalid:80", "has a name that is not known here: [Errno -2] Name or service"),
        ("tls", "source 127.0.0.1:18181", "has no TLS that this host trusts: [SSL: WRONG_VERSION_NUMBER]"),
        ("no_answer", "source 127.0.0.1:18182", "does not answer in time: Read timed out."),
        ("proxy", "proxy 127.0.0.1:", "cannot be connected to: [Errno 111] Connection refused."),
        ("unavailable", "127.0.0.1:18182", "cannot serve: 503 Server Error: Service Unavailable."),
        ("file_forbidden", "127.0.0.1:18182", "refuses the download of a file (401)"),
        ("no_compiler", "brokenbuild 1.0", "cannot be built: "),
        ("no_such_source", LOCK, "names a source 'internal' that pyproject.toml does not have"),
    ],
)
def test_what_is_wrong_is_named(version: str, case: str, subject: str, words: str) -> None:
    done = heard(version)[case]
    found = problems(done, asked(version, internal="ann"))
    assert found[0].subject.startswith(subject), found
    assert words in found[0].message
    assert found[0].next_step
    assert len(found) == 1, "the same thing is told twice"


@pytest.mark.parametrize("version", VERSIONS)
def test_all_groups_that_are_not_there_are_named(version: str) -> None:
    found = problems(heard(version)["no_group"], asked(version))
    assert sorted(problem.subject for problem in found) == ["with", "without"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ["wrong_password", "forbidden", "build_needs"])
def test_who_is_turned_away_is_told_so_and_not_that_a_file_is_missing(version: str, case: str) -> None:
    found = problems(heard(version)[case], asked(version, internal="ann"))
    assert [problem.subject for problem in found] == ["source 'internal'"]
    assert "turns 'ann' away" in found[0].message


@pytest.mark.parametrize("version", VERSIONS)
def test_who_gave_no_password_is_asked_for_one(version: str) -> None:
    found = problems(heard(version)["wrong_password"], asked(version))
    assert "asks for a password (401 or 403), found none" in found[0].message
    assert "`sources`" in found[0].next_step


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_build_needs_and_no_source_has_is_told(version: str) -> None:
    done = heard(version)["build_needs"]
    heeded = done._replace(stderr=re.sub(r"Source .*: Authorization error .*\n", "", done.stderr))
    found = problems(heeded, asked(version))
    assert found[0].subject == "gitdep"
    assert "what its build needs cannot be had: Because -root- depends on poetry-core" in found[0].message


def test_the_command_that_makes_a_lock_fit_is_the_one_of_the_version() -> None:
    step = {version: problems(heard(version)["stale"], asked(version))[0].next_step for version in VERSIONS}
    assert "Run `poetry lock --no-update` where the project is developed" in step["1.8"]
    assert "Run `poetry lock` where the project is developed" in step["2.5"]


def test_what_1_8_cannot_read_is_told_to_be_for_2() -> None:
    for case in ("for_poetry_2", "requires_poetry"):
        found = problems(heard("1.8")[case], asked("1.8"))
        assert found[0].subject == PYPROJECT
        assert "is not valid for Poetry 1.8.5" in found[0].message
        assert "Name a Poetry 2 in `poetry`" in found[0].next_step
    found = problems(heard("2.5")["requires_poetry"], asked("2.5"))
    assert found[0].message == "expected Poetry >=9, found Poetry 2.5.1."


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lock_without_its_end_is_to_be_made_again(version: str) -> None:
    found = problems(heard(version)["no_metadata"], asked(version))
    assert (found[0].subject, "poetry lock" in found[0].next_step) == (LOCK, True)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_known_is_told_in_poetrys_last_words(version: str) -> None:
    found = problems(heard(version)["bad_pyproject"], asked(version))
    assert "ended with 1: " in found[0].message
    assert "int" in found[0].message
    assert "might not be compatible" not in found[0].message


def test_a_program_that_was_killed_is_told_to_be() -> None:
    found = problems(Completed(("poetry",), -9, "", ""), asked("2.5"))
    assert "was killed by signal 9: it said nothing" in found[0].message


@pytest.mark.parametrize(
    ("said", "subject", "words"),
    [
        ("  OSError\n\n  [Errno 28] No space left on device\n", PROJECT, "no space left on device"),
        ("[Errno 122] Disk quota exceeded: '/srv/x'", PROJECT, "disk quota exceeded."),
        ("Hash for alpha (1.0) from archive alpha-1.0.whl not found in known hashes", "alpha 1.0", OTHER_FILE),
        ("Failed to clone https://git.invalid/x at 'abc', verify ref exists on remote.", LOCK, "'abc', verify ref"),
        (
            "Downloaded archive x.whl for gamma (1.0 /srv/x) is not listed in the lock file, so",
            *("x.whl", "a file that poetry.lock lists for gamma"),
        ),
        ("Path /srv/lib for lib does not exist", "/srv/lib", "expected lib"),
        ("407 Client Error: Proxy Authentication Required for url: http://x/", "proxy", "asks for a password"),
        ("404 Client Error: Not Found for url: http://x/a.whl#sha256=1", "http://x/a.whl", "is not there"),
        ("ConnectionError\n\n('Connection aborted.', RemoteDisconnected('x'))", PROJECT, "ended by the other side"),
        ("Updating dependencies\nResolving dependencies...", LOCK, "is gone"),
        ("Because a depends on b (1)\nand c, version solving failed.", LOCK, "Because a depends on b (1)"),
        ("Poetry could not find a pyproject.toml file in /srv or its parents", PYPROJECT, "found none"),
    ],
)
def test_what_was_not_recorded_is_known_by_its_words(said: str, subject: str, words: str) -> None:
    found = problems(Completed(("poetry",), 1, said, ""), asked("2.5"))
    assert (found[0].subject, len(found)) == (subject, 1)
    assert words in found[0].message


def test_a_lock_of_a_newer_poetry_that_can_be_read_is_a_warning() -> None:
    assert warnings(heard("1.8")["install"], asked("1.8")) == (
        f"{LOCK} was made by a newer Poetry; Poetry 1.8.5 reads it all the same.",
    )
    assert warnings(heard("2.5")["install"], asked("2.5")) == ()


def test_whatever_else_it_says_beside_is_passed_on_within_bounds() -> None:
    done = Completed(("poetry",), 0, "", "Using virtualenv: /srv/x\nWarning: alpha is\nyanked.\n\n" + "b" * 999)
    assert warnings(done, asked("2.5"))[0] == "Poetry 2.5.1: Warning: alpha is yanked."
    assert [len(text) for text in warnings(done, asked("2.5"))[1:]] == [400]
