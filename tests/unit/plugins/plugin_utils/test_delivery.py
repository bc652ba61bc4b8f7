# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import os
import pathlib
import tarfile
import tempfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import open_bundle
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    Carried,
    Manifest,
    Wheel,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt
from ansible_collections.netdevops.python.plugins.plugin_utils.delivery import Offer, open_offer, refuse_lost_work
from ansible_collections.netdevops.python.tests.unit.support.interpreters import carried, make_archive
from ansible_collections.netdevops.python.tests.unit.support.wheels import TARGET, make_wheel, pack, seal, snapshot

NEEDS = {"target": "cp311-manylinux_2_36_x86_64", "python_version": "3.11.7", "have": []}


class Controller:
    """A controller with a bundle, a folder for temporary files, and nothing else."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.folder = root / "bundle"
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.wheels: list[Wheel] = [make_wheel(self.folder / "wheels", name) for name in ("eggs", "spam")]
        self.wheels.append(make_wheel(self.folder / "wheels", "junos", groups=["junos"]))
        self.manifest: Manifest = seal(self.folder, self.wheels)

    def offer(self, **changes: Any) -> Offer:
        arguments: dict[str, Any] = {
            "bundle": "bundle",
            "bundle_id": None,
            "groups": None,
            "requirements": None,
            "wheelhouse": None,
        }
        return open_offer({**arguments, **changes}, lambda path: os.path.join(str(self.root), path))


@pytest.fixture
def controller(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Controller:
    found = Controller(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(found.temporary))
    return found


def packed(offer: Offer, needs: Any = None, wheels: bool = True) -> tuple[list[str], int, int]:
    """Return the members of a package, its count of wheels and their size."""
    with offer.pack(needs or NEEDS, wheels) as package:
        with tarfile.open(package.path) as archive:
            return archive.getnames(), package.wheels, package.size


def test_the_source_is_the_bundle_by_its_id(controller: Controller) -> None:
    assert controller.offer().source == f"bundle:{controller.manifest.id}"


def test_a_package_is_a_bundle_of_what_the_host_lacks(controller: Controller) -> None:
    spam = controller.wheels[1]
    have = [wheel.sha256 for wheel in controller.wheels if wheel is not spam] + ["0" * 64]
    with controller.offer().pack({**NEEDS, "have": have}, wheels=True) as package:
        assert (package.wheels, package.size) == (1, spam.size)
        bundle = open_bundle(package.path, str(controller.root / "unpacked"))
        assert bundle.manifest == controller.manifest
        assert os.listdir(controller.root / "unpacked" / "wheels") == [spam.file]
        assert hashlib.sha256(pathlib.Path(bundle.wheel_path(spam.file)).read_bytes()).hexdigest() == spam.sha256


def test_nothing_says_whose_files_they_were(controller: Controller) -> None:
    with controller.offer().pack(NEEDS, wheels=True) as package, tarfile.open(package.path) as archive:
        assert {(member.uid, member.gid, member.uname, member.gname) for member in archive} == {(0, 0, "", "")}


def test_the_package_is_gone_afterwards_also_after_a_failure(controller: Controller) -> None:
    with controller.offer().pack(NEEDS, wheels=True) as package:
        assert os.stat(package.path).st_mode & 0o077 == 0 or os.stat(os.path.dirname(package.path)).st_mode & 0o077 == 0
    with pytest.raises(ZeroDivisionError), controller.offer().pack(NEEDS, wheels=True):
        raise ZeroDivisionError
    assert os.listdir(controller.temporary) == []


def test_in_check_mode_no_wheel_travels_and_none_is_looked_at(controller: Controller) -> None:
    for wheel in controller.wheels:
        (controller.folder / "wheels" / wheel.file).unlink()
    assert packed(controller.offer(), wheels=False) == (["bundle.json"], 0, 0)


def test_a_signature_travels_where_the_host_looks_at_it(controller: Controller) -> None:
    asked = {"allowed_signers": "/etc/netdevops/signers"}
    # Without one, it is the host that says no.
    assert packed(controller.offer(**asked), wheels=False) == (["bundle.json"], 0, 0)
    (controller.folder / "bundle.json.sig").write_bytes(b"signed")
    assert packed(controller.offer(), wheels=False)[0] == ["bundle.json"]
    for wheels in (True, False):
        with controller.offer(**asked).pack(NEEDS, wheels) as package, tarfile.open(package.path) as archive:
            assert archive.getnames()[:2] == ["bundle.json", "bundle.json.sig"]
            member = archive.extractfile("bundle.json.sig")
            assert member and member.read() == b"signed"
    with tarfile.open(controller.root / "bundle.tar", "w") as archive:
        archive.add(controller.folder, ".")
    names = packed(controller.offer(bundle="bundle.tar", **asked), wheels=False)[0]
    assert names == ["bundle.json", "bundle.json.sig"]


def test_only_the_wheels_of_the_groups_travel(controller: Controller) -> None:
    assert packed(controller.offer(groups=["junos"]))[0] == ["bundle.json", "wheels/junos-1.0-py3-none-any.whl"]
    assert packed(controller.offer(groups=[]))[1] == 3
    with pytest.raises(Refused, match="group 'cisco'"):
        packed(controller.offer(groups=["cisco"]))


@pytest.mark.parametrize(("groups", "count"), [([""], 3), (["", "junos"], 1)])
def test_an_unanswered_question_is_no_group(controller: Controller, groups: list[str], count: int) -> None:
    assert packed(controller.offer(groups=groups))[1] == count


def test_every_wheel_that_is_missing_or_cut_short_is_named(controller: Controller) -> None:
    paths = [controller.folder / "wheels" / wheel.file for wheel in controller.wheels]
    paths[0].unlink()
    os.truncate(paths[1], 7)
    before = snapshot(controller.root)
    with pytest.raises(Refused) as caught:
        packed(controller.offer())
    assert [problem.subject for problem in caught.value.problems] == [str(paths[0]), str(paths[1])]
    assert caught.value.problems[0].message == "expected a wheel of the bundle, found nothing."
    assert (
        caught.value.problems[1].message
        == f"expected {controller.wheels[1].size} bytes, found 7: it was cut short or changed."
    )
    assert set(snapshot(controller.root)) == set(before)


def test_a_wheel_that_the_host_has_need_not_be_there(controller: Controller) -> None:
    eggs = controller.wheels[0]
    (controller.folder / "wheels" / eggs.file).unlink()
    assert packed(controller.offer(), {**NEEDS, "have": [eggs.sha256]})[1] == 2


def test_a_stray_wheel_is_refused(controller: Controller) -> None:
    make_wheel(controller.folder / "wheels", "stray")
    with pytest.raises(Refused, match=r"wheels/stray-1\.0-py3-none-any\.whl: is in the bundle"):
        packed(controller.offer())


def test_a_tar_is_as_good_as_a_folder(controller: Controller) -> None:
    pack(controller.folder, controller.root / "bundle.tar")
    assert packed(controller.offer(bundle="bundle.tar"))[1:] == packed(controller.offer())[1:]
    assert os.listdir(controller.temporary) == []


def test_a_host_that_the_bundle_was_not_built_for_is_refused_before_anything_travels(controller: Controller) -> None:
    with pytest.raises(Refused, match="has no target that runs here"):
        packed(controller.offer(), {**NEEDS, "target": "cp312-manylinux_2_36_x86_64"})
    with pytest.raises(Refused, match=r"target 'cp311-manylinux_2_36_ppc64le'"):
        packed(controller.offer(), {**NEEDS, "target": "cp311-manylinux_2_36_ppc64le"})


def test_a_bundle_that_was_not_approved_is_refused(controller: Controller) -> None:
    with pytest.raises(Refused, match="expected the bundle 0000"):
        controller.offer(bundle_id="0" * 64)
    assert controller.offer(bundle_id=controller.manifest.id)


@pytest.mark.parametrize("data", [b"", b"{}", b"x"])
def test_a_manifest_that_is_none_is_refused(controller: Controller, data: bytes) -> None:
    (controller.folder / "bundle.json").write_bytes(data)
    with pytest.raises(Refused, match="not a bundle's manifest"):
        packed(controller.offer())


def test_no_bundle_at_all_is_refused(controller: Controller) -> None:
    with pytest.raises(Refused, match="expected a bundle with"):
        controller.offer(bundle="nothing")


class TestPlain:
    """Requirements and a folder of wheels."""

    @pytest.fixture(autouse=True)
    def _needs_packaging(self) -> None:
        pytest.importorskip("packaging.pylock", reason="requirements are compiled with packaging 26.1 or newer")

    def offer(self, controller: Controller, text: str, **changes: Any) -> Offer:
        (controller.root / "requirements.txt").write_text(text)
        return controller.offer(bundle=None, requirements="requirements.txt", wheelhouse="bundle/wheels", **changes)

    def line(self, wheel: Wheel, marker: str = "") -> str:
        return f"{wheel.name}=={wheel.version}{marker} --hash=sha256:{wheel.sha256}\n"

    def test_they_become_a_bundle_for_the_host(self, controller: Controller) -> None:
        eggs, spam, _unused = controller.wheels
        offer = self.offer(controller, self.line(eggs) + self.line(spam, ' ; python_version < "3.11"'))
        with offer.pack(NEEDS, wheels=True) as package:
            bundle = open_bundle(package.path, str(controller.root / "unpacked"))
        assert [wheel.name for wheel in bundle.manifest.targets[NEEDS["target"]]] == ["eggs"]
        assert bundle.manifest.pin == ""
        older = {**NEEDS, "target": "cp310-manylinux_2_36_x86_64", "python_version": "3.10.2"}
        assert packed(offer, older)[1] == 2

    def test_in_check_mode_the_manifest_alone_travels(self, controller: Controller) -> None:
        offer = self.offer(controller, self.line(controller.wheels[0]))
        with offer.pack(NEEDS, wheels=False) as package, tarfile.open(package.path) as archive:
            member = archive.extractfile("bundle.json")
            assert member and parse_manifest(member.read(), "x").targets[NEEDS["target"]][0].name == "eggs"
            assert archive.getnames() == ["bundle.json"]

    def test_the_source_follows_from_text_and_wheels(self, controller: Controller) -> None:
        eggs, spam, _unused = controller.wheels
        first = self.offer(controller, self.line(eggs)).source
        assert first.startswith("requirements:")
        assert self.offer(controller, self.line(eggs)).source == first
        assert self.offer(controller, self.line(spam)).source != first

    def test_requirements_without_hashes_are_refused(self, controller: Controller) -> None:
        with pytest.raises(Refused, match="hash"):
            packed(self.offer(controller, "eggs==1.0\n"))

    @pytest.mark.parametrize("data", [None, b"\xff\xfe"])
    def test_a_file_that_cannot_be_read_is_refused(self, controller: Controller, data: Any) -> None:
        offer = self.offer(controller, "")
        assert offer
        path = controller.root / "requirements.txt"
        path.unlink() if data is None else path.write_bytes(data)
        with pytest.raises(Refused, match=r"requirements.txt: cannot be read"):
            controller.offer(bundle=None, requirements="requirements.txt", wheelhouse="bundle/wheels")


@pytest.mark.parametrize(
    ("transport", "marks", "allowed", "refused"),
    [
        ("local", ["/run/.containerenv"], False, True),
        ("local", ["/.dockerenv"], False, True),
        ("local", ["/run/.containerenv"], True, False),
        ("local", [], False, False),
        ("ssh", ["/run/.containerenv", "/.dockerenv"], False, False),
        ("containers.podman.podman", ["/run/.containerenv"], False, False),
    ],
)
def test_work_that_would_be_lost_is_refused(transport: str, marks: list[str], allowed: bool, refused: bool) -> None:
    def run() -> None:
        refuse_lost_work(transport, allowed, marks.__contains__)

    if not refused:
        run()
        return
    with pytest.raises(Refused, match=rf"connection local: this controller is a container \({marks[0]}\)"):
        run()


# ---- interpreters

LACKING = {**NEEDS, "interpreter": "it is not in /opt/pyenv"}


@pytest.fixture
def archive(controller: Controller) -> Prebuilt:
    """The interpreter that the bundle carries."""
    found = make_archive(controller.folder / "interpreters")
    controller.manifest = controller.manifest._replace(pin="3.11.7", interpreters={TARGET: carried(found)})
    (controller.folder / "bundle.json").write_bytes(controller.manifest.encode())
    return found


def tar_of(controller: Controller) -> str:
    with tarfile.open(controller.root / "bundle.tar", "w") as written:
        written.add(controller.folder, ".")
    return "bundle.tar"


def names_of(archive: Prebuilt) -> list[str]:
    return [f"interpreters/{archive.description.file}.json", f"interpreters/{archive.description.file}"]


def test_the_offer_tells_the_pin(controller: Controller, archive: Prebuilt) -> None:
    assert controller.offer().pin == "3.11.7"
    (controller.root / "requirements.txt").write_text("")
    assert controller.offer(bundle=None, requirements="requirements.txt", wheelhouse="bundle/wheels").pin == ""


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_the_interpreter_travels_with_the_wheels_where_it_is_lacking(
    controller: Controller, archive: Prebuilt, form: str
) -> None:
    offer = controller.offer(bundle=tar_of(controller) if form == "tar" else "bundle")
    names, count, _size = packed(offer, LACKING)
    description, file = names_of(archive)
    assert names == ["bundle.json", description, *(f"wheels/{wheel.file}" for wheel in sorted(controller.wheels)), file]
    assert count == 3
    with offer.pack(LACKING, wheels=True) as package, tarfile.open(package.path) as tar:
        for name, path in ((file, archive.path), (description, f"{archive.path}.json")):
            member = tar.extractfile(name)
            assert member is not None and member.read() == pathlib.Path(path).read_bytes()
    assert os.listdir(controller.temporary) == []


def test_a_host_that_has_one_gets_none(controller: Controller, archive: Prebuilt) -> None:
    os.unlink(archive.path)
    assert not set(packed(controller.offer())[0]) & set(names_of(archive))


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_in_check_mode_its_description_travels_alone(controller: Controller, archive: Prebuilt, form: str) -> None:
    os.unlink(archive.path)
    offer = controller.offer(bundle=tar_of(controller) if form == "tar" else "bundle")
    assert packed(offer, LACKING, wheels=False)[0] == ["bundle.json", names_of(archive)[0]]


@pytest.mark.parametrize("wheels", [True, False])
def test_a_bundle_without_one_for_the_host_is_refused(controller: Controller, wheels: bool) -> None:
    says = f"it is not in /opt/pyenv; the bundle carries no interpreter for target {TARGET}, it has none"
    with pytest.raises(Refused, match=says):
        packed(controller.offer(), LACKING, wheels)


@pytest.mark.parametrize("form", ["folder", "tar"])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("missing", "expected the interpreter of the bundle, found nothing"),
        ("cut", "expected 14 bytes, found 5: it was cut short or changed"),
        ("edited", r"expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}: it was edited"),
        ("alone", "expected it in the bundle, found nothing"),
    ],
)
def test_a_damaged_one_is_refused_before_anything_travels(
    controller: Controller, archive: Prebuilt, form: str, damage: str, says: str
) -> None:
    if damage == "missing":
        os.unlink(archive.path)
    elif damage == "cut":
        os.truncate(archive.path, 5)
    elif damage == "edited":
        pathlib.Path(f"{archive.path}.json").write_bytes(b"{}\n")
    else:
        os.unlink(f"{archive.path}.json")
    offer = controller.offer(bundle=tar_of(controller) if form == "tar" else "bundle")
    with pytest.raises(Refused, match=says):
        packed(offer, LACKING)
    assert os.listdir(controller.temporary) == []


def test_an_offer_alone_offers_nothing(tmp_path: pathlib.Path) -> None:
    offer = Offer("x", None)
    with pytest.raises(NotImplementedError):
        offer.manifest(NEEDS)
    with pytest.raises(NotImplementedError):
        offer.stock(NEEDS, str(tmp_path))
    with pytest.raises(NotImplementedError):
        offer.description(Carried("", "", 0, ""))
    with pytest.raises(NotImplementedError):
        offer.archive(Carried("", "", 0, ""), str(tmp_path))
    with pytest.raises(NotImplementedError):
        _unused = offer.pin
