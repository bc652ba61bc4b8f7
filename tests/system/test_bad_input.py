# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad bundles, wheels, interpreters and paths: a clear error, and nothing lost."""

from __future__ import annotations

import json
import os
import pathlib
import tarfile
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system import bundles
from ansible_collections.netdevops.python.tests.system.cases import Case, Cases, Outcome, Place, check

pytestmark = pytest.mark.system

CASES = Cases()
case = CASES.case
AGAIN = "Build the bundle again, or copy it again"
NOBODY = 65534
OTHER_PYTHON = "cp39" if bundles.TARGET.startswith("cp313") else "cp313"
OTHER_ARCH = "aarch64" if bundles.TARGET.endswith("x86_64") else "x86_64"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_and_nothing_changes(case: Case, outcomes: dict[str, Outcome]) -> None:
    check(case, outcomes[case.name])


def truncate(path: pathlib.Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip(path: pathlib.Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(made: bundles.Made, **changes: Any) -> None:
    """Change the manifest as somebody would who knows how it is written."""
    plain = json.loads(made.file.read_bytes())
    plain["targets"][bundles.TARGET]["wheels"][0].update(changes)
    made.file.write_bytes(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")


def wheel_anew(place: Place, **keywords: Any) -> dict[str, Any]:
    """Return arguments for a bundle whose manifest is right, and whose ``alpha`` is a wheel made as told."""
    made = place.bundle()
    made.wheel("alpha").unlink()
    bundles.wheel(made.wheels, "alpha", "2.0", **keywords)
    return {"bundle": made.seal()}


# The bundle


@case("no bundle there", r"/nothing: expected a bundle with bundle\.json, found none", "Build it first", seeded=False)
def no_bundle(place: Place) -> dict[str, Any]:
    return {"bundle": str(place.folder / "nothing")}


@case("manifest truncated", r"bundle\.json: is not a bundle's manifest: it is cut short or was edited", AGAIN)
def manifest_truncated(place: Place) -> dict[str, Any]:
    made = place.bundle()
    truncate(made.file, 0.5)
    return {"bundle": made}


@case("tar truncated", r"bundle\.tar", "is cut short or damaged|cannot be read as a bundle", AGAIN)
def tar_truncated(place: Place) -> dict[str, Any]:
    tar = place.bundle().tar()
    truncate(tar, 0.5)
    return {"bundle": str(tar)}


@case("tar truncated, on the host", r"bundle\.tar", "is cut short or damaged|cannot be read as a bundle", AGAIN)
def tar_truncated_on_host(place: Place) -> dict[str, Any]:
    return {**tar_truncated(place), "remote_src": True}


@case(
    "tar cut inside a wheel, on the host",
    r"bundle\.tar: (is cut short|cannot be read as a bundle)",
    AGAIN,
    seeded=False,
)
def tar_cut_inside(place: Place) -> dict[str, Any]:
    tar = place.bundle().tar()
    with tarfile.open(tar) as archive:
        last = archive.getmembers()[-1]
    os.truncate(tar, last.offset_data + last.size // 2)
    return {"bundle": str(tar), "remote_src": True}


@case("manifest edited by hand", r"bundle\.json: is not in canonical form: it was edited", AGAIN)
def manifest_edited(place: Place) -> dict[str, Any]:
    made = place.bundle()
    made.file.write_text(json.dumps(json.loads(made.file.read_bytes()), indent=2), encoding="utf-8")
    return {"bundle": made}


@case(
    "manifest edited, with another id than the approved one",
    r"expected the bundle [0-9a-f]{64}, found [0-9a-f]{64}",
    "that was approved",
)
def manifest_other_id(place: Place) -> dict[str, Any]:
    made = place.bundle()
    approved = made.id
    edit(made, version="2.1")
    return {"bundle": made, "bundle_id": approved}


@case("manifest edited, digest of a wheel", r"alpha-2\.0-.*whl: expected SHA-256 0{64}, found [0-9a-f]{64}", AGAIN)
def manifest_other_digest(place: Place) -> dict[str, Any]:
    made = place.bundle()
    edit(made, sha256="0" * 64)
    return {"bundle": made}


@case(
    "manifest edited, a path as a wheel",
    r"is not a valid manifest: .*'\.\./alpha\.whl' is not the name of a wheel",
    AGAIN,
)
def manifest_path(place: Place) -> dict[str, Any]:
    made = place.bundle()
    edit(made, file="../alpha.whl")
    return {"bundle": made}


@case("wheel with one byte flipped", r"alpha-2\.0-.*whl: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}", AGAIN)
def flipped(place: Place) -> dict[str, Any]:
    made = place.bundle()
    flip(made.wheel())
    return {"bundle": made}


@case(
    "wheels with one byte flipped, on the host",
    r"2 problems:",
    r"alpha-2\.0.*expected SHA-256",
    r"beta-2\.0.*expected SHA-256",
    AGAIN,
    seeded=False,
)
def flipped_on_host(place: Place) -> dict[str, Any]:
    made = place.bundle()
    flip(made.wheel("alpha"))
    flip(made.wheel("beta"))
    return {"bundle": made, "remote_src": True}


@case("wheel truncated", r"alpha-2\.0-.*whl: expected \d+ bytes, found \d+: it was cut short or changed", AGAIN)
def wheel_truncated(place: Place) -> dict[str, Any]:
    made = place.bundle()
    truncate(made.wheel(), 0.5)
    return {"bundle": made}


@case("wheel missing", r"alpha-2\.0-.*whl: expected a wheel of the bundle, found nothing", AGAIN)
def missing(place: Place) -> dict[str, Any]:
    made = place.bundle()
    made.wheel().unlink()
    return {"bundle": made}


@case("wheel missing, on the host", r"alpha-2\.0-.*whl: expected at /.*whl, found nothing", AGAIN)
def missing_on_host(place: Place) -> dict[str, Any]:
    return {**missing(place), "remote_src": True}


@case("stray wheel", r"wheels/stray-9-.*whl: is in the bundle, and its manifest does not name it", AGAIN)
def stray(place: Place) -> dict[str, Any]:
    made = place.bundle()
    bundles.wheel(made.wheels, "stray", "9")
    return {"bundle": made}


@case("stray wheel, on the host", r"wheels/stray-9-.*whl: is in the bundle, and its manifest does not name it", AGAIN)
def stray_on_host(place: Place) -> dict[str, Any]:
    return {**stray(place), "remote_src": True}


@case("group that does not exist", r"group 'nosuch': the bundle was compiled for: cisco, main", "Name one of these")
def no_group(place: Place) -> dict[str, Any]:
    made = place.bundle().seal(groups={"beta": ["cisco", "main"]})
    return {"bundle": made, "groups": ["main", "nosuch"]}


# Wheels


@case(
    "RECORD with another digest",
    r"alpha-2\.0-.*whl: alpha/__init__\.py does not match the wheel's RECORD: expected SHA-256",
    AGAIN,
)
def record_digest(place: Place) -> dict[str, Any]:
    return wheel_anew(place, record={"alpha/__init__.py": "something else"})


@case("RECORD without a file", r"alpha-2\.0-.*whl: its RECORD has no digest for alpha/hidden\.py", AGAIN)
def record_unlisted(place: Place) -> dict[str, Any]:
    return wheel_anew(place, unrecorded={"alpha/hidden.py": "import os\n"})


@case(
    "RECORD with a file too many",
    r"alpha-2\.0-.*whl: its RECORD lists files that it does not hold: alpha/gone\.py",
    AGAIN,
)
def record_gone(place: Place) -> dict[str, Any]:
    return wheel_anew(place, record={"alpha/gone.py": "never there"})


def other_tag(tag: str) -> Any:
    return lambda place: wheel_anew(place, tag=tag)


NOT_MADE = r"alpha-2\.0-.*whl: is not made for this host, which is cp3"
case("wheel for another Python", NOT_MADE, AGAIN)(
    other_tag(f"{OTHER_PYTHON}-{OTHER_PYTHON}-{bundles.TARGET.split('-')[1]}")
)
case("wheel for another architecture", NOT_MADE, AGAIN)(other_tag(f"py3-none-manylinux_2_17_{OTHER_ARCH}"))
case("wheel for a newer C library", NOT_MADE, AGAIN)(
    other_tag(f"py3-none-manylinux_2_99_{bundles.TARGET.split('17_')[1]}")
)
case("wheel for another C library", NOT_MADE, AGAIN)(
    other_tag(f"py3-none-musllinux_1_1_{bundles.TARGET.split('17_')[1]}")
)


def other_target(target: str) -> Any:
    return lambda place: {"bundle": place.bundle().seal(target=target)}


def no_target(name: str) -> str:
    return rf"host cp3\S+: the bundle has no target that runs here; it has {name}"


for what, target in {
    "Python": f"{OTHER_PYTHON}-{bundles.TARGET.split('-')[1]}",
    "architecture": bundles.TARGET.rsplit("17_")[0] + f"17_{OTHER_ARCH}",
    "C library": bundles.TARGET.replace("manylinux_2_17", "musllinux_1_2"),
    "version of the C library": bundles.TARGET.replace("2_17", "2_99"),
}.items():
    case(f"bundle for another {what}", no_target(target), "Build it with targets: ")(other_target(target))


# Members that would leave their place

SUSPECT = "Do not use this wheel"


@case(
    "wheel with a member above its root",
    r"alpha-2\.0-.*whl: a member would leave the environment: \.\./\.\./evil\.py",
    SUSPECT,
)
def member_above(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "../../evil.py": "import os\n"})


@case("wheel with an absolute member", r"a member would leave the environment: /.*/evil\.py", SUSPECT)
def member_absolute(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", f"{place.folder}/evil.py": "import os\n"})


@case("wheel with a link", r"alpha-2\.0-.*whl: a member is a link: alpha/passwd", SUSPECT)
def member_link(place: Place) -> dict[str, Any]:
    return wheel_anew(place, links={"alpha/passwd": "/etc/passwd"})


@case(
    "wheel whose data leaves through a scheme",
    r"a member would leave the environment: alpha-2\.0\.data/scripts/\.\./",
    SUSPECT,
)
def member_data(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/scripts/../../../../evil": "#!python\n"})


@case(
    "wheel whose command is a path",
    r"alpha-2\.0-.*whl: declares \.\./\.\./evil = alpha:main, which is no command",
    "Build the wheel again",
)
def command_path(place: Place) -> dict[str, Any]:
    return wheel_anew(place, commands={"../../evil": "alpha:main"})


@case(
    "wheel that overwrites the interpreter",
    r"bin/python: wheel [0-9a-f]{16} would overwrite the file of the environment itself",
    "drop one of them",
)
def overwrites_python(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/scripts/python": "#!python\n"})


@case(
    "wheel that brings a receipt",
    r"alpha-2\.0-.*whl: .*data/receipt\.json would overwrite the receipt",
    SUSPECT,
    seeded=False,
)
def brings_receipt(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/data/receipt.json": "{}"})


@case(
    "wheel that writes through a link",
    r"lib64: is a folder of one wheel, and a file of another or of the environment itself",
    "Drop one of them",
    seeded=False,
)
def through_link(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "alpha-2.0.data/data/lib64/table.txt": "a b c\n"})


@case(
    "wheels that share a file",
    r"beta/__init__\.py: wheel [0-9a-f]{16} would overwrite the file of",
    "drop one of them from the lock",
)
def shared_file(place: Place) -> dict[str, Any]:
    return wheel_anew(place, files={"alpha/__init__.py": "", "beta/__init__.py": "VERSION = 'of alpha'\n"})


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


for what, member, says in (
    ("above its root", tar_member("wheels/../../evil.py"), "wheels/../../evil.py would leave the folder"),
    ("with an absolute path", tar_member("/etc/evil.py"), "/etc/evil.py would leave the folder"),
    (
        "that is a link",
        tar_member("wheels/l.whl", tarfile.SYMTYPE, "/etc/passwd"),
        "wheels/l.whl is neither a file nor a folder",
    ),
    (
        "that is a hard link",
        tar_member("wheels/h.whl", tarfile.LNKTYPE, "bundle.json"),
        "wheels/h.whl is neither a file nor a folder",
    ),
    ("that is a device", tar_member("wheels/d.whl", tarfile.CHRTYPE), "wheels/d.whl is neither a file nor a folder"),
    ("that no manifest names", tar_member("wheels/s/stray.whl"), "wheels/s/stray.whl: is in the bundle"),
):
    for where, far in (("controller", False), ("host", True)):
        case(f"tar with a member {what}, on the {where}", says.replace(".", r"\."), AGAIN, seeded=False)(
            lambda place, member=member, far=far: {"bundle": str(place.bundle().tar([member])), "remote_src": far}
        )


# The host


@case("interpreter absent", r"/python3\.99: expected an interpreter, found nothing", "Install it first .*pyenv_install")
def interpreter_absent(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": str(place.folder / "python3.99")}


def script(path: pathlib.Path, text: str, mode: int = 0o755) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


@case(
    "interpreter broken",
    r"broken-python: is there and does not work \(exit 127\): libpython is gone",
    "Install the interpreter again",
)
def interpreter_broken(place: Place) -> dict[str, Any]:
    text = "#!/bin/sh\necho libpython is gone >&2\nexit 127\n"
    return {"bundle": place.bundle(), "python": script(place.folder / "broken-python", text)}


@case("interpreter not to be run", r"plain-python: cannot be started: Permission denied", "Check the path")
def interpreter_plain(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": script(place.folder / "plain-python", "no program\n", 0o644)}


@case("interpreter that is a folder", r"/opt: cannot be started: Permission denied", "Check the path")
def interpreter_folder(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": str(place.app.parent)}


@case(
    "interpreter of another patch",
    rf"/python\S*: expected Python 3\.13\.99, the pin of the bundle, found {bundles.PIN}",
    "pyenv_install",
)
def interpreter_patch(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle().seal(pin="3.13.99")}


@case("interpreter by its name alone", r"python 'python3': expected an absolute path", "may be a shim")
def interpreter_name(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "python": "python3"}


# The environment's path


@case("venv is a file", r"/\.venv: expected an environment or nothing, found a file", "Move it away", seeded=False)
def venv_file(place: Place) -> dict[str, Any]:
    place.app.mkdir()
    place.venv.write_text("notes\n", encoding="utf-8")
    return {"bundle": place.bundle()}


def venv_link(target: str) -> Any:
    def prepare(place: Place) -> dict[str, Any]:
        place.app.mkdir()
        place.venv.symlink_to(target)
        return {"bundle": place.bundle()}

    return prepare


case(
    "venv is a dangling link",
    r"/\.venv: expected a link to one of its releases, found a dangling link to /nowhere/venv",
    "Remove the link",
    seeded=False,
)(venv_link("/nowhere/venv"))
case(
    "venv is a link to a folder",
    r"/\.venv: expected a link to one of its releases, found a link to /usr/lib",
    "Remove the link",
    seeded=False,
)(venv_link("/usr/lib"))


@case(
    "venv is a folder of somebody else",
    r"/\.venv: is a folder of \S+, and the environment is to be root's",
    "Name its owner in `owner`",
    seeded=False,
)
def venv_foreign(place: Place) -> dict[str, Any]:
    place.venv.mkdir(parents=True)
    (place.venv / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    os.chown(place.venv, NOBODY, NOBODY)
    return {"bundle": place.bundle()}


@case(
    "venv is a folder of other things",
    r"/\.venv: is a folder with content and no virtual environment",
    "Move it away",
    seeded=False,
)
def venv_folder(place: Place) -> dict[str, Any]:
    place.venv.mkdir(parents=True)
    (place.venv / "thesis.tex").write_text("\\section{One}\n", encoding="utf-8")
    return {"bundle": place.bundle()}


@case(
    "folder of releases is a link",
    r"/\.venv\.releases: expected a folder of releases, found a file or a link",
    "Move it away",
    seeded=False,
)
def releases_link(place: Place) -> dict[str, Any]:
    place.app.mkdir()
    (place.folder / "elsewhere").mkdir()
    (place.app / ".venv.releases").symlink_to(place.folder / "elsewhere")
    return {"bundle": place.bundle()}


def venv_path(path: str) -> Any:
    return lambda place: {"bundle": place.bundle(), "venv": path}


case("venv is relative", r"venv 'opt/app/\.venv': expected an absolute path", "Name the folder in full", seeded=False)(
    venv_path("opt/app/.venv")
)
case(
    "venv has two dots",
    r"venv '/opt/\.\./etc': expected an absolute path without",
    "Name the folder in full",
    seeded=False,
)(venv_path("/opt/../etc"))
case(
    "venv is the root", r"venv '/': expected a path below some folder, found the root", "Name for example", seeded=False
)(venv_path("/"))
case(
    "venv is a folder of the system",
    r"venv '/usr': expected a path below some folder",
    "Name for example",
    seeded=False,
)(venv_path("/usr"))


# Proofs


@case(
    "proof that does not import",
    r"import nosuch_module: failed in the new release: ModuleNotFoundError",
    "The environment still is what it was",
)
def proof_import(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "prove": {"imports": ["alpha", "nosuch_module"]}}


@case(
    "proofs that fail",
    "3 problems",
    r"/bin/sh -c 'echo no licence; exit 3': failed in the new release \(exit 3\): no licence\.",
    "nosuch: the new release has no such command",
    r"failed in the new release \(signal 9\): it said nothing\.",
)
def proof_commands(place: Place) -> dict[str, Any]:
    commands = ["alpha", ["/bin/sh", "-c", "echo no licence; exit 3"], ["nosuch"], ["/bin/sh", "-c", "kill -9 $$"]]
    return {"bundle": place.bundle(), "prove": {"commands": commands}}


@case("proof that never ends", r"/bin/sleep: did not end within 1 seconds and was stopped", "Raise the time limit")
def proof_timeout(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "prove": {"commands": [["/bin/sleep", "86399"]]}, "prove_timeout": 1}


# Who and how


@case("owner unknown", r"owner 'nosuchuser': this host knows no such user", "Create the account")
def owner_unknown(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "owner": "nosuchuser"}


@case("mode that others can write", r"mode '0777': would let others than the owner write", "Write for example")
def mode_open(place: Place) -> dict[str, Any]:
    return {"bundle": place.bundle(), "mode": "0777"}
