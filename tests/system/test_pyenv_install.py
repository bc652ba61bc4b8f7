# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real python-build, driven by the module, with a source archive that "compiles" in a second."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.pyenv_lab import (
    DEFINITION,
    FEATURE,
    PACKAGE,
    REPOSITORY,
    VERSION,
    Lab,
    Mirror,
    result_of,
    sha256,
    sleeps,
    wait_until_gone,
)

pytestmark = pytest.mark.system


@pytest.fixture
def mirror(tmp_path: pathlib.Path) -> Iterator[Mirror]:
    folder = tmp_path / "mirror"
    folder.mkdir()
    mirror = Mirror(folder)
    yield mirror
    mirror.close()


@pytest.fixture
def lab(tmp_path: pathlib.Path, mirror: Mirror) -> Iterator[Lab]:
    lab = Lab(tmp_path, mirror)
    yield lab
    if sleeps(lab):  # only after a failed test; by its recorded id, since others may run the same test
        os.kill(int((lab.switches / "pid").read_text()), signal.SIGKILL)


def test_builds_from_the_cache_once(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    planned = lab.run(check=True, cache=str(lab.cache))
    assert planned["changed"]
    assert planned["after"]["state"] == "present"
    assert planned["source"] == "cache"
    assert lab.tree() == []

    built = lab.run(cache=str(lab.cache))
    assert (built["changed"], built["source"], built["diff"]) == (True, "cache", planned["diff"])
    assert built["source_archive"]["file"] == f"{PACKAGE}.tar.gz", "python-build never looks for a .tgz"
    said = subprocess.run(
        [built["executable"], "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(lab.version)
    assert not (lab.root / ".builds" / VERSION).exists(), "the work folder is gone"
    assert not lab.mirror.asked, "a hostile PYTHON_BUILD_MIRROR_URL is not asked"

    before = lab.tree()
    again = lab.run(cache=str(lab.cache))
    assert (again["changed"], again["source"], again["actions"]) == (False, "present", [])
    assert lab.tree() == before


def test_prefers_xz_as_python_build_does(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    shutil.copy(lab.xz, lab.cache)
    assert lab.run(cache=str(lab.cache))["source_archive"]["file"] == f"{PACKAGE}.tar.xz"


def test_builds_without_any_network(lab: Lab) -> None:
    shutil.copy(lab.xz, lab.cache)
    shutil.copy(shutil.which("xz") or "xz", lab.bin)
    namespace = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    assert lab.run(*namespace, cache=str(lab.cache))["changed"] is True


@pytest.mark.parametrize("named", ["digest", "file"])
def test_builds_from_a_mirror(lab: Lab, named: str) -> None:
    name = sha256(lab.gz) if named == "digest" else f"{PACKAGE}.tgz"
    shutil.copy(lab.gz, lab.mirror.folder / name)
    built = lab.run(mirror=lab.mirror.url + "/")
    assert (built["source"], built["source_archive"]["place"]) == ("mirror", f"{lab.mirror.url}/{name}")
    assert set(lab.mirror.asked) <= {
        f"/{sha256(lab.xz)}",
        f"/{PACKAGE}.tar.xz",
        f"/{sha256(lab.gz)}",
        f"/{PACKAGE}.tar.gz",
        f"/{PACKAGE}.tgz",
    }


def test_a_digest_of_the_user_replaces_the_definitions(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    lab.define(DEFINITION.replace("{gz}", "0" * 64).replace("{xz}", "1" * 64))
    refused = lab.run(cache=str(lab.cache))
    assert "expected SHA-256 " + "0" * 64 in refused["msg"]
    assert lab.run(cache=str(lab.cache), sha256=sha256(lab.gz).upper())["changed"] is True


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
@pytest.mark.parametrize("place", ["cache", "mirror"])
def test_refuses_a_wrong_archive(lab: Lab, damage: str, place: str) -> None:
    data = bytearray(lab.xz.read_bytes())
    data[40] ^= 1
    folder, options = (
        (lab.cache, {"cache": str(lab.cache)}) if place == "cache" else (lab.mirror.folder, {"mirror": lab.mirror.url})
    )
    (folder / f"{PACKAGE}.tar.xz").write_bytes(data if damage == "flipped" else data[:-7])
    refused = lab.run(**options)
    assert refused["failed"]
    assert f"expected SHA-256 {sha256(lab.xz)}, found " in refused["msg"]
    assert not lab.version.exists()
    assert bool(lab.mirror.asked) == (place == "mirror")
    assert not list(lab.root.glob(".builds/*")), "nothing is left to be built from"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("missing", "the mirror answers 404"),
        ("login", "the mirror answers with a web page instead of an archive"),
        ("elsewhere", "sends us to another server, pyenv.example"),
        ("down", "the mirror cannot be used: [Errno 111] Connection refused"),
    ],
)
def test_refuses_a_bad_mirror_already_in_check_mode(lab: Lab, fault: str, message: str) -> None:
    url = lab.mirror.url
    lab.mirror.page, lab.mirror.redirect = fault == "login", "http://pyenv.example/x" if fault == "elsewhere" else ""
    if fault == "down":
        url = "http://127.0.0.1:9"
    for check in (True, False):
        refused = lab.run(check=check, mirror=url)
        assert refused["failed"] and message in refused["msg"], refused["msg"]
        assert not lab.version.exists()


def test_refuses_the_internet_when_offline(lab: Lab) -> None:
    refused = lab.run()
    assert "no source for it is named. Name a `cache` folder or a `mirror`, or set `offline: false`." in refused["msg"]
    empty = lab.run(cache=str(lab.cache))
    assert f"expected one of {PACKAGE}.tar.xz" in empty["msg"]
    assert lab.tree() == []


def test_a_build_that_downloads_is_refused(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    (lab.switches / "network").touch()
    refused = lab.run(cache=str(lab.cache), offline=False)
    assert "refused: a build may not use the network, and it started curl" in refused["msg"], refused["msg"]
    assert not lab.mirror.asked
    assert not lab.version.exists()


def test_fetches_from_the_definitions_url_only_when_allowed(lab: Lab) -> None:
    shutil.copy(lab.xz, lab.mirror.folder / f"{PACKAGE}.tar.xz")
    lab.define(DEFINITION.replace("https://www.python.org/ftp/python", lab.mirror.url))
    assert lab.run()["failed"]
    assert not lab.mirror.asked
    assert lab.run(offline=False)["source"] == "internet"


def test_a_failed_build_leaves_its_log_and_puts_back_what_was_there(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    (lab.version / "bin").mkdir(parents=True)
    (lab.version / "bin/python").write_text("precious")
    (lab.switches / "fail").touch()
    refused = lab.run(cache=str(lab.cache))
    log = lab.root / ".logs" / f"{VERSION}.log"
    assert "the compiler is out of paper" in refused["msg"]
    assert str(log) in refused["msg"]
    assert "the compiler is out of paper" in log.read_text()
    assert (lab.version / "bin/python").read_text() == "precious"
    assert list(os.listdir(lab.root / "versions")) == [VERSION]

    (lab.switches / "fail").unlink()
    rebuilt = lab.run(cache=str(lab.cache))
    assert rebuilt["before"]["state"] == "broken"
    assert rebuilt["changed"]
    assert os.listdir(lab.root / "versions") == [VERSION]
    assert not log.exists()


def test_a_build_without_a_declared_module_is_refused(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    refused = lab.run(cache=str(lab.cache), modules=["ssl", "no_such_module"])
    assert "does not prove itself: these modules do not import: no_such_module (ModuleNotFoundError" in refused["msg"]
    assert not lab.version.exists()


def wait_until_asleep(lab: Lab) -> None:
    """Wait for the moment between a build's word that it pauses and its pause."""
    give_up = time.monotonic() + 10
    while not sleeps(lab):
        assert time.monotonic() < give_up, "the paused build is not there"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_run_leaves_no_orphan_and_the_next_one_converges(lab: Lab, how: signal.Signals) -> None:
    shutil.copy(lab.gz, lab.cache)
    (lab.switches / "pause").touch()
    process = lab.start(cache=str(lab.cache))
    lab.wait_for("paused")
    wait_until_asleep(lab)
    process.send_signal(how)
    process.communicate(timeout=30)
    wait_until_gone(lab)
    assert (lab.version / "bin").is_dir(), "this is what pyenv install -s takes for installed"

    (lab.switches / "pause").unlink()
    assert lab.run(check=True, cache=str(lab.cache))["before"]["reason"].startswith("its build was interrupted")
    converged = lab.run(cache=str(lab.cache))
    assert (converged["before"]["state"], converged["after"]["state"]) == ("broken", "present")
    assert os.listdir(lab.root / "versions") == [VERSION]
    assert not os.listdir(lab.root / ".builds")
    assert lab.run(cache=str(lab.cache))["changed"] is False


def test_an_interrupted_build_is_not_trusted_even_if_it_runs(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    lab.run(cache=str(lab.cache))
    (lab.root / ".builds" / VERSION).mkdir()
    (lab.version / "receipt.json").unlink()
    assert lab.run(check=True, cache=str(lab.cache))["before"]["state"] == "broken"
    assert lab.run(cache=str(lab.cache))["changed"] is True


def test_the_time_limit_ends_everything(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    (lab.switches / "pause").touch()
    refused = lab.run(cache=str(lab.cache), timeout=3)
    assert "did not end within 3 seconds" in refused["msg"]
    wait_until_gone(lab)
    assert not lab.version.exists()
    assert not os.listdir(lab.root / ".builds")


def test_of_five_runs_at_once_one_builds(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    results = [result_of(process) for process in [lab.start(cache=str(lab.cache)) for run in range(5)]]
    assert not any(result.get("failed") for result in results), results
    assert sorted(result["changed"] for result in results) == [False] * 4 + [True]
    assert os.listdir(lab.root / "versions") == [VERSION]


def test_absent_removes_the_folder_and_nothing_else(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    lab.run(cache=str(lab.cache))
    assert lab.run(state="absent", check=True)["changed"]
    assert lab.version.exists()
    assert lab.run(state="absent")["after"] == {"version": VERSION, "state": "absent"}
    assert os.listdir(lab.root / "versions") == []
    assert pathlib.Path(sys.base_prefix, f"lib/python{FEATURE}/os.py").exists(), "links inside are not followed"
    assert lab.run(state="absent")["changed"] is False


def test_absent_unlinks_a_link(lab: Lab, tmp_path: pathlib.Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "kept").touch()
    lab.version.parent.mkdir(parents=True)
    lab.version.symlink_to(shared)
    assert lab.run(state="absent")["changed"] is True
    assert not lab.version.is_symlink()
    assert (shared / "kept").exists()


# Its controller may be a container, and its own facts are none of a test's business.
OF_THIS_MACHINE = {"pyenv_allow_container": True, "pyenv_facts_path": ""}


def play(lab: Lab, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run the role as AWX does: every input is an extra variable from a file."""
    playbook, inputs = lab.root.parent / "play.json", lab.root.parent / "inputs.json"
    role = [{"role": "netdevops.python.pyenv"}]
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "roles": role}]))
    inputs.write_text(json.dumps({"ansible_python_interpreter": sys.executable, **OF_THIS_MACHINE, **variables}))
    environ = {"PATH": f"{lab.bin}:/usr/bin:/bin", "HOME": str(lab.root.parent), "CC": "cc"}
    environ["ANSIBLE_COLLECTIONS_PATH"] = f"{REPOSITORY}/.collections"
    program = pathlib.Path(sys.executable).parent / "ansible-playbook"
    argv = [str(program), "-i", "localhost,", "-c", "local", "-e", f"@{inputs}", *arguments, str(playbook)]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=120)


def test_the_role_takes_what_a_survey_gives(lab: Lab) -> None:
    shutil.copy(lab.gz, lab.cache)
    inputs = {"pyenv_interpreters": f" {VERSION},", "pyenv_root": str(lab.root), "pyenv_checkout": str(lab.pyenv)}
    inputs |= {
        "pyenv_cache": str(lab.cache),
        "pyenv_mirror": "",
        "pyenv_offline": "",
        "pyenv_jobs": "",
        "pyenv_timeout": "60",
    }
    first = play(lab, **inputs)
    assert "changed=1 " in first.stdout, first.stdout + first.stderr
    assert (
        f"Python {VERSION} was absent, is present as {lab.version}/bin/python, built from {lab.cache}/" in first.stdout
    )
    again = play(lab, "--check", **{**inputs, "pyenv_interpreters": [{"version": VERSION, "modules": ["ssl"]}]})
    assert "changed=0 " in again.stdout
    gone = play(lab, **{**inputs, "pyenv_state": "absent"})
    assert f"Python {VERSION} was present, is absent, " in gone.stdout, gone.stdout + gone.stderr


def test_the_roles_text_false_is_false(lab: Lab) -> None:
    lab.define(DEFINITION.replace("https://www.python.org/ftp/python", lab.mirror.url))
    inputs = {"pyenv_interpreters": VERSION, "pyenv_root": str(lab.root), "pyenv_checkout": str(lab.pyenv)}
    for offline in ("", "true", "True"):
        assert "no source for it is named" in play(lab, pyenv_offline=offline, **inputs).stdout.replace("\n", " ")
        assert not lab.mirror.asked
    play(lab, "--check", pyenv_offline="false", **inputs)
    assert lab.mirror.asked


def test_the_role_refuses_a_misspelt_option(lab: Lab) -> None:
    told = play(lab, pyenv_interpreters=[{"version": VERSION, "module": ["ssl"]}])
    assert "found module." in told.stdout
    assert told.returncode
