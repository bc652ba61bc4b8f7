# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import Manifest, Wheel
from ansible_collections.netdevops.python.plugins.module_utils.common.tags import fits
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target
from ansible_collections.netdevops.python.plugins.module_utils.host.options import Options, parse_options
from ansible_collections.netdevops.python.plugins.module_utils.host.plan import survey
from ansible_collections.netdevops.python.plugins.module_utils.host.stages import Stages
from ansible_collections.netdevops.python.plugins.module_utils.host.tree import Tree
from ansible_collections.netdevops.python.plugins.module_utils.poetry.offline import (
    OfflineContent,
    _rank,
    check_build,
    find_wheels,
    is_bundle,
)
from ansible_collections.netdevops.python.tests.unit.support.hosts import HOST_TARGET, Host
from ansible_collections.netdevops.python.tests.unit.support.wheels import flip_byte, make_manifest, make_wheel, pack

LOCK = "/srv/app/poetry.lock"
HERE = Interpreter(
    "/opt/python", "3.11.7", "cpython", parse_target(HOST_TARGET), "/opt", "/opt", "cpython-311", {}, (), ""
)
DIRECT = '\n[package.source]\ntype = "git"\nurl = "https://git.example.com/x.git"\n'


def entry(name: str, files: Sequence[tuple[str, str]] = (), version: str = "1.0", more: str = "") -> str:
    listed = "".join(f'    {{file = "{file}", hash = "sha256:{digest}"}},\n' for file, digest in files)
    body = f"files = [\n{listed}]\n" if files else "files = []\n"
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{body}{more}\n'


def lock_of(*entries: str) -> bytes:
    return ("".join(entries) + '[metadata]\nlock-version = "2.1"\n').encode()


def listed(wheel: Wheel) -> tuple[str, str]:
    return wheel.file, wheel.sha256


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "wheels"
    path.mkdir()
    return path


def find(path: object, lock: bytes, *planned: tuple[str, str]) -> Any:
    return find_wheels(str(path), planned, HERE, lock, LOCK)


# A folder


def test_wheels_of_a_folder_are_those_that_the_lock_names(folder: pathlib.Path) -> None:
    spam = make_wheel(folder, "spam")
    make_wheel(folder, "spam", "2.0")
    make_wheel(folder, "stray")
    lock = lock_of(entry("Spam", [listed(spam), ("spam-1.0.tar.gz", "0" * 64)]), entry("other"))
    found = find(folder, lock, ("spam", "1.0"))
    assert found.selection.target == HOST_TARGET
    assert found.selection.packages() == [["spam", "1.0", spam.sha256]]
    assert (found.path, found.bundle) == (str(folder), "")


def test_the_best_wheel_that_is_there(folder: pathlib.Path) -> None:
    tags = ("cp311-cp311-manylinux_2_17_x86_64", "cp39-abi3-manylinux_2_17_x86_64", "py3-none-any")
    wheels = [make_wheel(folder, "spam", tag=tag) for tag in tags]
    strange = [("spam-1.0-cp311-cp311-win_amd64.whl", "0" * 64), ("spam-1.0-py2-none-any.whl", "0" * 64)]
    lock = lock_of(entry("spam", [*strange, *map(listed, reversed(wheels))]))
    for wheel in wheels:
        assert find(folder, lock, ("spam", "1.0")).selection.wheels[0].file == wheel.file
        (folder / wheel.file).unlink()
    with pytest.raises(Refused, match=f"spam 1.0: expected {wheels[0].file} or {wheels[1].file} or .* found none"):
        find(folder, lock, ("spam", "1.0"))


def test_everything_that_a_folder_cannot_give_is_named(folder: pathlib.Path) -> None:
    win = ("win-1.0-cp311-cp311-win_amd64.whl", "0" * 64)
    lock = lock_of(
        entry("gone", [("gone-1.0-py3-none-any.whl", "0" * 64)]),
        entry("source", [("source-1.0.tar.gz", "0" * 64)]),
        entry("win", [win]),
        entry("direct", more=DIRECT),
        entry("twice", [("twice-1.0-py3-none-any.whl", "0" * 64)]),
        entry("twice", [("twice-1.0-py3-none-any.whl", "1" * 64)]),
        entry("old", [("old-1.0-py3-none-any.whl", "0" * 64)]),
    ).replace(b'"sha256:' + b"0" * 64 + b'"},\n]\n\n[metadata]', b'"md5:0"},\n]\n\n[metadata]')
    names = ("gone", "source", "win", "direct", "twice", "old", "unknown")
    with pytest.raises(Refused) as refused:
        find(folder, lock, *((name, "1.0") for name in names))
    said = {problem.subject: f"{problem.message} {problem.next_step}" for problem in refused.value.problems}
    for name, words in {
        "gone": f"expected gone-1.0-py3-none-any.whl in {folder}, found none. Copy the wheel",
        "source": "in the lock, found source-1.0.tar.gz. Build a bundle",
        "win": f"expected a wheel for this host, {HOST_TARGET}, in the lock, found {win[0]}. Lock a version",
        "direct": "comes from a git repository, and the lock names no wheel of it. Publish it",
        "twice": f"expected once in {LOCK}, found 2 times",
        "old": "old-1.0-py3-none-any.whl has no SHA-256 in the lock",
        "unknown": f"expected once in {LOCK}, found 0 times",
    }.items():
        assert words in said.pop(f"{name} 1.0")
    assert not said


@pytest.mark.parametrize(
    "file", ["../spam-1.0-py3-none-any.whl", "spam-1.0-py3-none-any.whl/x", "spam-2.0-py3-none-any.whl"]
)
def test_a_lock_leads_to_no_other_file(folder: pathlib.Path, file: str) -> None:
    wheel = make_wheel(folder.parent, "spam")
    with pytest.raises(Refused, match=r"spam 1\.0: expected a wheel for this host"):
        find(folder, lock_of(entry("spam", [(file, wheel.sha256)])), ("spam", "1.0"))


@pytest.mark.parametrize("version", ["1.0.0-RC1", "1.0.0rc1", "v1.0.0.rc.1", "1.0.0_c01"])
def test_a_version_has_many_spellings(folder: pathlib.Path, version: str) -> None:
    wheel = make_wheel(folder, "spam", "1.0.0rc1")
    assert find(folder, lock_of(entry("spam", [listed(wheel)], "1.0.0rc1")), ("spam", version)).selection.wheels


def test_of_two_versions_in_an_old_lock_the_one_that_is_planned(folder: pathlib.Path) -> None:
    one, two = make_wheel(folder, "spam"), make_wheel(folder, "spam", "2.0")
    packages = "".join(f'[[package]]\nname = "spam"\nversion = "{version}"\n\n' for version in ("1.0", "2.0"))
    files = "".join(f'    {{file = "{file}", hash = "sha256:{sha}"}},\n' for file, sha in map(listed, (two, one)))
    lock = f'{packages}[metadata]\nlock-version = "1.1"\n\n[metadata.files]\nspam = [\n{files}]\n'
    assert find(folder, lock.encode(), ("spam", "1.0")).selection.wheels[0].sha256 == one.sha256


def test_no_wheelhouse(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Refused, match=r"wheelhouse .*: cannot be read: No such file"):
        is_bundle(str(tmp_path / "none"))


# The order of wheels, as pip has it


def test_wheels_are_ranked_as_packaging_ranks_them() -> None:
    packaging = pytest.importorskip("packaging.tags", reason="runs where the build side's tools are")
    target = parse_target("cp311-manylinux_2_31_x86_64")
    platforms = target.platforms()
    order = [
        *packaging.cpython_tags((3, 11), ["cp311"], platforms),
        *packaging.compatible_tags((3, 11), "cp311", platforms),
    ]
    place = {str(tag): number for number, tag in enumerate(order)}
    files = [f"spam-1.0-{tag}.whl" for tag in place if fits(f"spam-1.0-{tag}.whl", target)]
    # Wheels of one project that differ only so: for this Python, for any by the stable ABI, for none.
    groups = [[file for file in files if kind in file] for kind in ("-cp311-cp311-", "-abi3-", "py3-none-")]
    for group in groups:
        assert len(group) > 1
        assert sorted(group, key=lambda file: _rank(file, target)) == group
    for better, worse in itertools.combinations(groups, 2):
        assert max(_rank(file, target) for file in better) < min(_rank(file, target) for file in worse)


# A bundle


def bundle(folder: pathlib.Path, lock: bytes, *wheels: Wheel, pin: str = "") -> Manifest:
    made = make_manifest(wheels, pin=pin)
    manifest = made._replace(lock={"format": "poetry.lock", "sha256": digest_bytes(lock)}, extras=("fast",))
    (folder / "bundle.json").write_bytes(manifest.encode())
    return manifest


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_wheels_of_a_bundle(tmp_path: pathlib.Path, form: str) -> None:
    lock = lock_of(entry("spam", more=DIRECT))  # It was built into a wheel, whose digest the manifest has.
    wheels = [make_wheel(tmp_path / "b/wheels", "spam"), make_wheel(tmp_path / "b/wheels", "ham", groups=["dev"])]
    manifest = bundle(tmp_path / "b", lock, *wheels)
    path = tmp_path / "b" if form == "folder" else pack(tmp_path / "b", tmp_path / "b.tar")
    found = find(path, lock, ("spam", "1.0"))
    assert found.selection.packages() == [["spam", "1.0", wheels[0].sha256]]
    assert (found.path, found.bundle) == (str(path), manifest.id)


def test_a_bundle_of_another_lock(tmp_path: pathlib.Path) -> None:
    wheel = make_wheel(tmp_path / "wheels")
    bundle(tmp_path, b"another", wheel)
    wanted, found = digest_bytes(lock_of())[:16], digest_bytes(b"another")[:16]
    with pytest.raises(Refused, match=rf"expected a bundle of the lock {wanted} \({LOCK}\), found one of {found}"):
        find(tmp_path, lock_of(), ("spam", "1.0"))


def test_everything_that_a_bundle_lacks_is_named(tmp_path: pathlib.Path) -> None:
    bundle(tmp_path, lock_of(), make_wheel(tmp_path / "wheels"))
    with pytest.raises(Refused) as refused:
        find(tmp_path, lock_of(), ("spam", "2.0"), ("ham", "1.0"))
    assert [str(problem) for problem in refused.value.problems] == [
        "spam 2.0: expected it in the bundle, found 1.0. Build the bundle for this host.",
        (
            "ham 1.0: expected it in the bundle for cp311-manylinux_2_28_x86_64, found none: it was built for groups main and "
            "extras fast. Build it with the groups and extras that are asked for, or ask for fewer."
        ),
    ]


def test_a_bundle_of_another_interpreter(tmp_path: pathlib.Path) -> None:
    bundle(tmp_path, lock_of(), make_wheel(tmp_path / "wheels"), pin="3.11.8")
    with pytest.raises(Refused, match=r"expected Python 3\.11\.8, the pin of the bundle, found 3\.11\.7"):
        find(tmp_path, lock_of(), ("spam", "1.0"))


# The content of a release


def filled(host: Host, found: Any, **changes: Any) -> Tree:
    options: Options = parse_options(host.params(**changes), "poetry:0")
    host.releases.mkdir(exist_ok=True)
    finished: list[tuple[Tree, str]] = []
    incoming = str(host.releases / ".incoming-1")
    content = OfflineContent(options, HERE, found, lambda tree, folder: finished.append((tree, folder)))
    content.collect(survey(options), incoming, Stages())
    root = host.releases / "new"
    root.mkdir()
    tree = Tree(str(root), "lib/python3.11", 0o755)
    content.fill(tree)
    assert finished == [(tree, incoming)]
    return tree


def test_a_release_of_a_folder(tmp_path: pathlib.Path) -> None:
    host = Host(tmp_path)
    wheel = make_wheel(tmp_path / "wheels")
    tree = filled(host, find(tmp_path / "wheels", lock_of(entry("spam", [listed(wheel)])), ("spam", "1.0")))
    assert pathlib.Path(tree.root, tree.site_packages, "spam/__init__.py").is_file()
    assert {file.wheel for file in tree.files.values()} == {wheel.sha256}


@pytest.mark.parametrize(
    "text",
    [
        '[tool.poetry]\nbuild = "build.py"',
        '[tool.poetry]\nbuild = {script = "build.py"}',
        '[tool.poetry]\nbuild = {generate-setup-file = true, script = "build.py"}',
        '[tool.poetry]\n"build".script = "build.py"',
        '[ tool . poetry . build ] # how\nscript = "build.py"',
        '[tool]\npoetry.build = "build.py"',
        'tool.poetry.build.script = "build.py"',
        '[tool]\npoetry = {build = "build.py"}',
    ],
)
def test_a_project_that_has_a_build_script_is_found_out(text: str) -> None:
    with pytest.raises(Refused, match="has a build script of its own"):
        check_build(f"{text}\n[tool.other]\nx = 1\n".encode(), "pyproject.toml")


@pytest.mark.parametrize(
    "text",
    [
        '[tool.poe.tasks]\nbuild = "make"',
        "[tool.poetry.build]\ngenerate-setup-file = true",
        '[tool.poetry]\n# build = "build.py"\nbuilder = "x"',
        '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"',
    ],
)
def test_a_project_that_has_none_is_left_in_peace(text: str) -> None:
    check_build(text.encode(), "pyproject.toml")


def test_a_wheel_that_an_earlier_release_has_is_shared_and_not_opened(tmp_path: pathlib.Path) -> None:
    host = Host(tmp_path)
    wheel = host.wheel()
    host.seal(wheel)
    host.converge()
    found = find(host.folder / "wheels", lock_of(entry("spam", [listed(wheel)])), ("spam", "1.0"))
    flip_byte(host.folder / "wheels" / wheel.file)
    options: Options = parse_options(host.params(), "poetry:0")
    content = OfflineContent(options, HERE, found)
    content.collect(survey(options), "", Stages())
    tree = Tree(str(host.releases / "new"), "lib/python3.11", 0o755)
    os.mkdir(tree.root)
    content.fill(tree)
    path = f"{tree.site_packages}/spam/__init__.py"
    assert os.path.samefile(f"{tree.root}/{path}", host.release / path)
    assert content.count == 0


def test_wheels_that_are_not_what_the_lock_says_are_all_named(tmp_path: pathlib.Path) -> None:
    wheels = [make_wheel(tmp_path / "wheels", name) for name in ("spam", "ham")]
    for wheel in wheels:
        flip_byte(tmp_path / "wheels" / wheel.file)
    lock = lock_of(*(entry(wheel.name, [listed(wheel)]) for wheel in wheels))
    with pytest.raises(Refused) as refused:
        filled(Host(tmp_path), find(tmp_path / "wheels", lock, ("spam", "1.0"), ("ham", "1.0")))
    assert len(refused.value.problems) == 2
    for problem in refused.value.problems:
        assert "expected SHA-256" in problem.message
        assert problem.next_step.startswith("Copy the wheel that the lock names")
