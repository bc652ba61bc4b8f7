# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain form: a hash-pinned requirements.txt and a folder of wheels, compiled for the host that gets them."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import here, install_task, play, succeeded
from ansible_collections.netdevops.python.tests.system.receipts import mismatches

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_and_nothing_changes(case: Case, outcomes: dict[str, Outcome]) -> None:
    check(case, outcomes[case.name])


def line(wheel: pathlib.Path, marker: str = "") -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version}{' ; ' + marker if marker else ''} \\\n    --hash=sha256:{bundles.digest(wheel)}\n"


def plain(folder: pathlib.Path, *lines: str) -> dict[str, Any]:
    """Return the options for requirements and the wheels that lie in the folder."""
    file = folder / "requirements.txt"
    file.write_text("".join(lines), encoding="utf-8")
    return {"requirements": str(file), "wheelhouse": str(folder / "wheels")}


def good(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    made = bundles.small(folder)
    made.file.unlink()
    return made.wheel("alpha"), made.wheel("beta")


def test_is_installed_and_stays(tmp_path: pathlib.Path) -> None:
    """Stray wheels are no matter: another version, another build with better tags, a broken file, a foreign one."""
    alpha, beta = good(tmp_path)
    wheels = tmp_path / "wheels"
    bundles.wheel(wheels, "alpha", "9.0", {"alpha/__init__.py": "raise SystemExit('the stray one')\n"})
    abi = bundles.TARGET.split("-", maxsplit=1)[0]
    bundles.wheel(
        wheels, "alpha", "1.0", {"alpha/__init__.py": "raise SystemExit('better tags')\n"}, tag=f"{abi}-none-any"
    )
    (wheels / "beta-3.0-py3-none-any.whl").write_bytes(b"no zip")
    (wheels / "README.txt").write_text("by hand\n", encoding="utf-8")
    venv = tmp_path / "opt/app/.venv"
    task = install_task(
        venv, **plain(tmp_path, "# by pip-compile\n--index-url https://192.0.2.1/simple\n", line(alpha), line(beta))
    )
    foretold, first, second = here([{**task, "check_mode": True}, task, task])
    assert succeeded(foretold)["changed"] and foretold["packages"]["added"] == {"alpha": "1.0", "beta": "2.0"}
    assert succeeded(first)["changed"] and first["delivered"]["wheels"] == 2
    assert not succeeded(second)["changed"]
    assert bundles.says(venv) == "alpha 1.0 beta 2.0\n"
    assert not mismatches(venv.resolve())


def test_a_new_version_is_an_upgrade(tmp_path: pathlib.Path) -> None:
    alpha, beta = good(tmp_path)
    venv = tmp_path / "opt/app/.venv"
    [first] = here([install_task(venv, **plain(tmp_path, line(alpha), line(beta)))])
    newer = bundles.wheel(tmp_path / "wheels", "beta", "2.1")
    task = install_task(venv, **plain(tmp_path, line(alpha), line(newer)))
    second, third = here([task, task])
    assert succeeded(first)["changed"] and succeeded(second)["changed"] and not succeeded(third)["changed"]
    assert second["packages"]["changed"] == {"beta": ["2.0", "2.1"]}
    assert second["delivered"]["wheels"] == 1
    assert not mismatches(venv.resolve())


def test_markers_are_those_of_the_host(tmp_path: pathlib.Path, debian: Host) -> None:
    """Two hosts of one play with different Pythons get different wheels from the same file."""
    alpha, beta = good(tmp_path)
    gamma = bundles.wheel(tmp_path / "wheels", "gamma", "1.0")
    delta = bundles.wheel(tmp_path / "wheels", "delta", "1.0")
    options = plain(
        tmp_path,
        line(alpha),
        line(beta),
        line(gamma, "python_full_version == '3.11.2'"),
        line(delta, f"python_full_version == '{bundles.PIN}' and platform_system == 'Linux'"),
        line(delta, "sys_platform == 'win32'"),
        "absent==1.0 ; python_version < '3' --hash=sha256:" + "0" * 64 + "\n",
    )
    task = install_task(tmp_path / "opt/app/.venv", **options)
    task[next(iter(task))]["python"] = "{{ python }}"
    hosts = {
        "debian": {**debian.variables, "python": PYTHON},
        "here": {"python": task_python()},
    }
    results = play([task, task], hosts=hosts)
    for name, own in (("debian", "gamma"), ("here", "delta")):
        first, second = results[name]
        assert set(succeeded(first)["packages"]["added"]) == {"alpha", "beta", own}
        assert not succeeded(second)["changed"]


def task_python() -> str:
    [arguments] = install_task("/nowhere/at/all").values()
    return str(arguments["python"])


# What makes no release


def bad(*wrong: str) -> Any:
    """Return a case: good requirements, and lines that are not."""

    def prepare(place: Place) -> dict[str, Any]:
        alpha, beta = good(place.folder)
        return plain(place.folder, line(alpha), line(beta), *wrong)

    return prepare


HASH = "--hash=sha256:" + "0" * 64
WHERE = r"requirements\.txt, line 5: "
case("without hashes", WHERE + r"gamma==1\.0 has no hash", "Regenerate it with hashes")(bad("gamma==1.0\n"))
case("with a weak hash", WHERE + r"gamma==1\.0 has none of SHA-256", "Regenerate it with hashes")(
    bad("gamma==1.0 --hash=md5:" + "0" * 32 + "\n")
)
case("with a range", WHERE + r"expected gamma==VERSION, found 'gamma>=1'", "Regenerate it")(bad(f"gamma>=1 {HASH}\n"))
case("with a URL", WHERE + "is a URL; only files of the wheelhouse", "Put its wheel into the wheelhouse")(
    bad(f"gamma @ https://192.0.2.1/gamma-1.0-py3-none-any.whl {HASH}\n")
)
case("with a bare URL", WHERE + "is a URL", "Put its wheel into the wheelhouse")(
    bad(f"https://192.0.2.1/gamma-1.0.tar.gz {HASH}\n")
)
case("with git", WHERE + "is a URL", "Put its wheel into the wheelhouse")(
    bad("gamma @ git+https://192.0.2.1/gamma.git@main\n")
)
case("with a path", WHERE + "is a path; only files of the wheelhouse", "Pin name==version")(
    bad(f"./wheels/gamma-1.0-py3-none-any.whl {HASH}\n")
)
case("with an editable", WHERE + "is an editable requirement", "Build it into a wheel")(bad("-e ../gamma\n"))
case("with another file", WHERE + r"includes another file \(-r\)", "Write one complete file")(bad("-r more.txt\n"))
case("with an option that builds", WHERE + "has the option --no-binary", "Remove it")(bad("--no-binary :all:\n"))
case(
    "with several of these",
    "3 problems",
    "line 5: gamma==1.0 has no hash",
    "line 6: is an editable",
    "line 7: is a URL",
)(bad("gamma==1.0\n", "-e .\n", "https://192.0.2.1/x.whl\n"))
case(
    "with a wheel that is not there", WHERE + r"gamma==1\.0: found no wheel in /.*/wheels", "Add it to the wheelhouse"
)(bad(f"gamma==1.0 {HASH}\n"))


@case(
    "with an sdist",
    WHERE + r"gamma==1\.0: found only the sdist gamma-1\.0\.tar\.gz; hosts take wheels only",
    "pip wheel --no-deps",
)
def sdist(place: Place) -> dict[str, Any]:
    asked = bad(f"gamma==1.0 {HASH}\n")(place)
    (place.folder / "wheels" / "gamma-1.0.tar.gz").write_bytes(b"an archive")
    return dict(asked)


@case(
    "with a wheel of another digest",
    r"line 3: beta==2\.0: expected a file with one of its hashes, found beta-2\.0-\S+ with [0-9a-f]{64}",
    "Copy the wheel again",
)
def flipped(place: Place) -> dict[str, Any]:
    asked = bad()(place)
    wheel = next((place.folder / "wheels").glob("beta-*.whl"))
    data = bytearray(wheel.read_bytes())
    data[len(data) // 2] ^= 1
    wheel.write_bytes(data)
    return dict(asked)


@case(
    "with a wheel for another kind of host",
    WHERE + r"gamma==1\.0: no wheel fits cp3\S+: found gamma-1\.0-cp39-cp39-win_amd64\.whl",
    "Add the wheel for",
)
def other_host(place: Place) -> dict[str, Any]:
    asked = bad(f"gamma==1.0 {HASH}\n")(place)
    bundles.wheel(place.folder / "wheels", "gamma", "1.0", tag="cp39-cp39-win_amd64")
    return dict(asked)


@case("with one project twice", r"line 5: names beta again, after line 3", "Keep one line")
def twice(place: Place) -> dict[str, Any]:
    asked = bad()(place)
    newer = bundles.wheel(place.folder / "wheels", "beta", "2.1")
    with (place.folder / "requirements.txt").open("a", encoding="utf-8") as stream:
        stream.write(line(newer))
    return dict(asked)


@case(
    "with no such wheelhouse", r"/nowhere: expected a folder of wheels: No such file", "Name the folder in `wheelhouse`"
)
def no_wheelhouse(place: Place) -> dict[str, Any]:
    return {**bad()(place), "wheelhouse": "/nowhere"}


@case("with no such file", r"/nowhere\.txt: cannot be read: .*No such file", "Name a hash-pinned requirements")
def no_requirements(place: Place) -> dict[str, Any]:
    return {**bad()(place), "requirements": "/nowhere.txt"}


@case("with a group that does not exist", r"group 'nosuch': the bundle was compiled for: main", "Name one of these")
def no_group(place: Place) -> dict[str, Any]:
    return {**bad()(place), "groups": ["nosuch"]}
