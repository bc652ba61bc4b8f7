# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a project to a bundle, with an index on this machine."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build import build as build_module
from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import parse_manifest

TARGET = "cp311-manylinux_2_28_x86_64"


def manifest_in(folder: pathlib.Path) -> Any:
    return parse_manifest((folder / "bundle.json").read_bytes(), "bundle.json")


def test_a_bundle_holds_what_the_target_needs(world: Any) -> None:
    changed, result = world.build()
    assert changed
    manifest = manifest_in(world.dest)
    wheels = {wheel.name: wheel for wheel in manifest.targets[TARGET]}
    assert list(wheels) == ["eznc", "fast", "net-check", "only-source", "pure"]
    assert (wheels["pure"].groups, wheels["eznc"].groups) == (("junos", "main"), ("junos",))
    assert manifest.groups == ("junos", "main")
    assert (manifest.project, manifest.pin) == ({"name": "net-check", "version": "1.4.0"}, "3.11.7")
    assert result["bundle_id"] == manifest.id
    assert result["fetched"]["files"] == 4
    assert result["targets"] == {TARGET: {"wheels": 5, "bytes": sum(wheel.size for wheel in wheels.values())}}
    assert sorted(os.listdir(world.dest / "wheels")) == sorted(wheel.file for wheel in wheels.values())


def test_what_was_built_says_where_it_came_from(world: Any, make: Any) -> None:
    _changed, result = world.build()
    digest = make.sha256(world.index.files["only-source"]["only-source-0.7.tar.gz"])
    origin = {"kind": "sdist", "file": "only-source-0.7.tar.gz", "sha256": digest}
    assert [(built["name"], built["origin"]) for built in result["built"]] == [
        ("net-check", {"kind": "project"}),
        ("only-source", origin),
    ]
    assert dict(next(w.origin for w in manifest_in(world.dest).targets[TARGET] if w.name == "only-source")) == origin


def test_the_second_build_changes_nothing_and_asks_no_index(world: Any) -> None:
    _changed, first = world.build()
    before = world.tree()
    world.index.shutdown()
    world.index.seen.clear()
    changed, second = world.build()
    assert (changed, second["actions"], world.index.seen) == (False, [], [])
    assert second["bundle_id"] == first["bundle_id"]
    assert second["fetched"] == {"files": 0, "bytes": 0}
    assert world.tree() == before


def test_the_same_lock_gives_the_same_id_anywhere(world: Any, tmp_path: pathlib.Path) -> None:
    _changed, first = world.build()
    _changed, second = world.build(dest=str(tmp_path / "elsewhere"), cache=str(tmp_path / "empty"))
    assert first["bundle_id"] == second["bundle_id"]
    assert second["fetched"]["files"] == 4
    one, other = world.tree(world.dest), world.tree(tmp_path / "elsewhere")
    assert {k: v for k, v in one.items() if k != "provenance.json"} == {
        k: v for k, v in other.items() if k != "provenance.json"
    }


def test_an_emptied_cache_is_no_reason_to_fetch(world: Any, tmp_path: pathlib.Path) -> None:
    world.build()
    changed, result = world.build(cache=str(tmp_path / "empty"))
    assert (changed, result["fetched"]["files"]) == (False, 0)


def test_check_mode_says_what_would_come_and_writes_nothing(world: Any) -> None:
    before = world.tree()
    changed, result = world.build(check_mode=True)
    assert changed
    assert world.tree() == before
    assert (result["bundle_id"], result["fetched"]) == (None, {"files": 4, "bytes": None})
    verbs = [action["verb"] for action in result["actions"]]
    assert verbs == ["fetch"] * 4 + ["build", "write"]
    assert world.index.seen == []


def test_check_mode_after_a_build_is_not_changed(world: Any) -> None:
    _changed, first = world.build()
    changed, result = world.build(check_mode=True)
    assert (changed, result["bundle_id"]) == (False, first["bundle_id"])


def test_the_project_folder_stays_as_it_is(world: Any) -> None:
    before = world.tree(world.project)
    world.build()
    assert world.tree(world.project) == before


def test_poetry_runs_clean(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        world,
        "environ",
        lambda: {
            "PATH": os.environ["PATH"],
            "HOME": "/nowhere",
            "PIP_INDEX_URL": "x",
            "POETRY_HTTP_BASIC_A_PASSWORD": "s",
        },
    )
    world.build()
    environments = [env for argv, env in world.calls if argv[0].endswith("poetry")]
    assert environments
    for env in environments:
        assert "PIP_INDEX_URL" not in env and "POETRY_HTTP_BASIC_A_PASSWORD" not in env
        assert env["POETRY_VIRTUALENVS_CREATE"] == "false"
        assert env["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Asked(with_=["dev"]), ["eznc", "fast", "net-check", "only-source", "pure", "pytest"]),
        (Asked(without=["junos"]), ["fast", "net-check", "only-source", "pure"]),
        (Asked(only=["junos"]), ["eznc", "pure"]),
        (Asked(without=["junos"], extras=["GNMI"]), ["fast", "gnmi", "net-check", "only-source", "pure"]),
    ],
)
def test_groups_and_extras(world: Any, asked: Asked, names: list[str]) -> None:
    world.build(asked=asked)
    assert [wheel.name for wheel in manifest_in(world.dest).targets[TARGET]] == names


def test_a_lock_alone_takes_main_and_no_project(world: Any) -> None:
    (world.project / "pyproject.toml").unlink()
    world.build(project="", lock=str(world.project / "poetry.lock"))
    manifest = manifest_in(world.dest)
    assert [wheel.name for wheel in manifest.targets[TARGET]] == ["fast", "only-source", "pure"]
    assert manifest.project == {"name": "project", "version": ""}
    assert not [argv for argv, _env in world.calls if argv[0].endswith("poetry")]


def test_a_project_that_is_no_package_has_no_wheel(world: Any) -> None:
    text = (world.project / "pyproject.toml").read_text()
    (world.project / "pyproject.toml").write_text(text + "\n[tool.poetry]\npackage-mode = false\n")
    world.build()
    assert "net-check" not in [wheel.name for wheel in manifest_in(world.dest).targets[TARGET]]


@pytest.mark.parametrize("damage", ["flipped", "missing", "stray", "requirements", "manifest", "extra file"])
def test_a_damaged_bundle_is_repaired(world: Any, damage: str) -> None:
    _changed, first = world.build()
    whole = world.tree(world.dest)
    wheel = world.dest / "wheels" / "pure-1.0-py3-none-any.whl"
    if damage == "flipped":
        data = bytearray(wheel.read_bytes())
        data[40] ^= 1
        wheel.write_bytes(bytes(data))
    elif damage == "missing":
        wheel.unlink()
    elif damage == "stray":
        (world.dest / "wheels" / "pure-9.9-py3-none-any.whl").write_bytes(b"x")
    elif damage == "requirements":
        (world.dest / "requirements" / f"{TARGET}.txt").write_text("pure\n")
    elif damage == "manifest":
        file = world.dest / "bundle.json"
        file.write_bytes(file.read_bytes().replace(b"3.11.7", b"3.11.8"))
    else:
        (world.dest / "notes.txt").write_text("mine")
    changed, checked = world.build(check_mode=True)
    assert changed
    changed, result = world.build()
    assert (changed, result["bundle_id"], result["fetched"]["files"]) == (True, first["bundle_id"], 0)
    assert checked["actions"] == result["actions"]
    repaired = world.tree(world.dest)
    assert repaired.keys() == whole.keys()
    assert {k: v for k, v in repaired.items() if k != "provenance.json"} == {
        k: v for k, v in whole.items() if k != "provenance.json"
    }
    assert world.build()[0] is False


def test_a_signature_stays_with_its_manifest(world: Any) -> None:
    world.build()
    (world.dest / "bundle.json.sig").write_text("signed")
    assert world.build()[0] is False
    (world.dest / "sbom.cdx.json").unlink()
    assert world.build()[0] is True
    assert (world.dest / "bundle.json.sig").read_text() == "signed"
    world.build(asked=Asked(with_=["dev"]))
    assert not (world.dest / "bundle.json.sig").exists()


def test_a_changed_lock_fetches_the_delta(world: Any, make: Any) -> None:
    world.build()
    file = "pure-1.1-py3-none-any.whl"
    digest = world.index.add("pure", file, make.wheel("pure", "1.1"))
    world.write_lock([make.entry("pure", "1.1", {file: digest}, ["main", "junos"]), *world.entries()[1:]])
    changed, result = world.build()
    assert (changed, result["fetched"]["files"]) == (True, 1)
    assert [action["verb"] for action in result["actions"]] == ["fetch", "replace"]


def test_a_wheel_on_two_targets_lies_there_once(world: Any) -> None:
    other = "cp311-manylinux_2_36_x86_64"
    world.build(targets=(TARGET, other))
    manifest = manifest_in(world.dest)
    assert manifest.targets[TARGET] == manifest.targets[other]
    assert len(os.listdir(world.dest / "wheels")) == 5
    assert sorted(os.listdir(world.dest / "requirements")) == [f"{TARGET}.txt", f"{other}.txt"]


def test_files_say_what_pip_and_scanners_read(world: Any) -> None:
    world.build()
    requirements = (world.dest / "requirements" / f"{TARGET}.txt").read_text()
    pylock = (world.dest / "pylock.toml").read_text()
    bill = json.loads((world.dest / "sbom.cdx.json").read_text())
    for wheel in manifest_in(world.dest).targets[TARGET]:
        assert f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" in requirements
        assert f'path = "wheels/{wheel.file}"' in pylock
        assert wheel.sha256 in [component["hashes"][0]["content"] for component in bill["components"]]
    assert "url" not in pylock
    assert json.loads((world.dest / "provenance.json").read_text())["bundle"] == manifest_in(world.dest).id


def test_the_bundle_is_readable_whatever_the_umask(world: Any) -> None:
    old = os.umask(0o077)
    try:
        world.build()
    finally:
        os.umask(old)
    for path in [world.dest, *world.dest.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(world: Any, **options: Any) -> str:
    """Return what a build says no with; nothing may change."""
    before = world.tree()
    with pytest.raises(Refused) as caught:
        world.build(**options)
    after = world.tree()
    assert {k: v for k, v in after.items() if not k.startswith("cache/")} == before
    return str(caught.value)


def test_a_stale_lock(world: Any) -> None:
    world.stale = True
    said = refused(world)
    assert "poetry.lock: is older than pyproject.toml" in said
    assert f"Run: poetry lock --project {world.project}" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "expected a pin file, found none"),
        ("3.11.7 # ours\n", "found a comment"),
        ("3.11.7\n3.12.1\n", "found several"),
        ("3.11\n", "found '3.11'"),
        ("3.10.13\n", "pin 3.10.13"),
    ],
)
def test_a_bad_pin(world: Any, text: str | None, said: str) -> None:
    file = world.project / ".python-version"
    file.unlink() if text is None else file.write_text(text)
    assert said in refused(world)


def test_a_pin_that_is_not_allowed_names_both_ranges(world: Any) -> None:
    said = refused(world, pin="3.14.0", targets=())
    assert "poetry.lock allows >=3.11,<3.14" in said
    assert "pyproject.toml allows >=3.11,<3.14" in said


def test_groups_and_extras_that_do_not_exist_come_together(world: Any) -> None:
    said = refused(world, asked=Asked(with_=["juno", "cisc"], extras=["gnm"]))
    assert "group 'juno'" in said and "group 'cisc'" in said and "extra 'gnm'" in said
    assert "it has: main, dev, junos" in said and "it has: gnmi" in said


def test_packages_without_a_fitting_file_come_together(world: Any, make: Any) -> None:
    entries = [
        make.entry("winonly", "1.0", {"winonly-1.0-cp311-cp311-win_amd64.whl": "a" * 64}),
        make.entry("newpy", "2.0", {"newpy-2.0-cp312-cp312-manylinux_2_17_x86_64.whl": "a" * 64}),
        make.entry("newlibc", "3.0", {"newlibc-3.0-cp311-cp311-manylinux_2_34_x86_64.whl": "b" * 64}),
    ]
    world.write_lock(entries)
    said = refused(world, targets=(TARGET, "cp311-manylinux_2_36_aarch64"))
    assert said.startswith("6 problems:")
    assert f"newpy 2.0: nothing fits target {TARGET}: the lock has newpy-2.0-cp312" in said
    assert f"newlibc 3.0: nothing fits target {TARGET}" in said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"type": "git", "url": "https://git.example.com/x.git", "resolved_reference": "abc"},
            "a git repository (https://git",
        ),
        ({"type": "url", "url": "https://example.com/x-1.0.tar.gz"}, "a URL or file (https://example.com"),
        ({"type": "directory", "url": "../x"}, "a folder (../x)"),
        ({"type": "file", "url": "../x-1.0.tar.gz"}, "a URL or file (../x"),
    ],
)
def test_what_comes_from_no_index(world: Any, make: Any, source: dict[str, str], said: str) -> None:
    world.write_lock([make.entry("x", "1.0", {}, source=source)])
    assert f"x 1.0: comes from {said}" in refused(world)


def test_a_direct_dependency_that_is_not_wanted_is_no_problem(world: Any, make: Any) -> None:
    source = {"type": "directory", "url": "../x"}
    world.write_lock([*world.entries(), make.entry("x", "1.0", {}, ["dev"], source=source)])
    assert world.build()[0]


def test_a_tampered_file_on_the_index(world: Any) -> None:
    world.index.files["pure"]["pure-1.0-py3-none-any.whl"] = b"something else"
    said = refused(world)
    assert "pure-1.0-py3-none-any.whl: the lock says SHA-256" in said and "announces" in said
    assert not world.dest.exists()


def test_sdists_that_do_not_build_come_together(world: Any, make: Any) -> None:
    digest = world.index.add("second", "second-1.0.tar.gz", make.sdist("second", "1.0"))
    world.write_lock([*world.entries(), make.entry("second", "1.0", {"second-1.0.tar.gz": digest})])
    world.broken = {"only-source", "second"}
    said = refused(world)
    assert said.startswith("2 problems:") and "only-source 0.7: its sdist" in said and "no compiler" in said


def test_an_sdist_compiled_here_for_an_older_libc(world: Any) -> None:
    world.built_tag = "cp311-cp311-linux_x86_64"
    said = refused(world)
    assert "only-source 0.7: it was compiled on cp311-manylinux_2_36_x86_64, which target" in said
    assert world.build(targets=("cp311-manylinux_2_36_x86_64",))[0]


def test_what_would_compile_for_the_wrong_machine_is_not_even_fetched(world: Any, make: Any) -> None:
    files = {"native-1.0-cp311-cp311-win_amd64.whl": "a" * 64, "native-1.0.tar.gz": "b" * 64}
    world.write_lock([world.entries()[0], make.entry("native", "1.0", files)])
    said = refused(world, targets=("cp311-manylinux_2_36_aarch64", TARGET))
    assert said.startswith("2 problems:")
    assert "native 1.0: no wheel fits target cp311-manylinux_2_36_aarch64, and what its sdist compiles to on" in said
    assert world.index.seen == []


def test_a_built_wheel_for_another_python(world: Any) -> None:
    world.built_tag = "cp312-cp312-linux_x86_64"
    assert "which does not fit target" in refused(world)


def test_an_own_wheel_for_another_python(world: Any) -> None:
    world.own_tag = "cp313-cp313-linux_x86_64"
    assert "net-check: its build gave net_check-1.4.0-cp313" in refused(world)


def test_an_sdist_without_the_interpreter_of_the_pin(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "read_inputs", without_python(build_module.read_inputs))
    assert "Python 3.11.7, which builds it, was not found" in refused(world)


def without_python(read: Any) -> Any:
    return lambda *arguments: read(*arguments)._replace(python=None)


@pytest.mark.parametrize(
    ("dest", "said"),
    [
        ("relative/bundle", "expected an absolute path"),
        ("/", "root of the file system"),
        ("//", "root of the file system"),
    ],
)
def test_a_destination_that_is_none(world: Any, dest: str, said: str) -> None:
    assert said in refused(world, dest=dest)


def test_a_destination_with_other_content(world: Any) -> None:
    world.dest.mkdir(parents=True)
    (world.dest / "thesis.txt").write_text("years of work")
    assert "holds 1 entries and is no bundle" in refused(world)
    (world.dest / "thesis.txt").unlink()
    assert world.build()[0]


def test_a_destination_that_is_a_file(world: Any) -> None:
    world.dest.parent.mkdir(parents=True)
    world.dest.write_text("")
    assert "found a file" in refused(world)


def test_a_destination_through_a_link(world: Any, tmp_path: pathlib.Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    _changed, result = world.build(dest=str(tmp_path / "link"))
    assert result["bundle"] == str(real) and (tmp_path / "link").is_symlink()
    assert (real / "bundle.json").exists()


def test_targets_of_another_python_come_together(world: Any) -> None:
    said = refused(world, targets=("cp312-manylinux_2_28_x86_64", "cp311-win32", "cp39-musllinux_1_2_x86_64"))
    assert said.startswith("3 problems:")


def test_options_that_exclude_each_other(world: Any) -> None:
    said = refused(world, lock="/x/poetry.lock", asked=Asked(with_=["dev"], only=["main"]), jobs=0)
    assert said.startswith("3 problems:")


@pytest.mark.parametrize(
    "url", ["https://user:secret@pypi.example.com/simple/", "ftp://example.com/", "pypi.org/simple"]
)
def test_an_index_url_that_is_none(world: Any, url: str) -> None:
    assert "secret" not in refused(world, index_url=url)


def test_no_poetry(world: Any) -> None:
    assert "poetry: expected 'no-such-poetry'" in refused(world, poetry="no-such-poetry")


def test_a_project_that_is_not_there(world: Any) -> None:
    assert "expected the folder of a project" in refused(world, project=str(world.folder / "nowhere"))
    assert "expected an absolute path" in refused(world, project="here")


# --- interruptions ---------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a test ends a run with; no code of ours catches it."""


STAGES = ["fetch_all", "build_sdist", "copy_checked", "derived_files", "replace_folder", "write_file"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("old", [False, True])
def test_a_killed_build_leaves_the_old_bundle_or_none(
    world: Any, monkeypatch: pytest.MonkeyPatch, stage: str, old: bool
) -> None:
    if old:
        world.build(asked=Asked(only=["junos"]))
    before = world.tree(world.folder / "bundles") if old else {}

    def killed(*arguments: Any, **named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(build_module, stage, killed)
        with pytest.raises(Killed):
            world.build()
    assert (world.tree(world.folder / "bundles") if world.dest.parent.exists() else {}) == before
    assert world.build()[0]
    assert os.listdir(world.dest.parent) == ["netcheck"]
