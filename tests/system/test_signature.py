# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that is signed where it is built, and looked at on a host before anything of it is used."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.tests.system.bundles import Made
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host
from ansible_collections.netdevops.python.tests.system.playing import install_task, play, succeeded
from ansible_collections.netdevops.python.tests.system.test_owner import debian_bundle

pytestmark = pytest.mark.system

FOLDER = "/opt/signed"
VENV = f"{FOLDER}/app/.venv"
SIGNERS = "/etc/netdevops/allowed_signers"
NAMESPACE = "netdevops-bundle"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with a key that hosts know, and one that they do not."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("release", "stranger"):
        keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
    return folder


@pytest.fixture
def host(debian: Host, keys: pathlib.Path) -> Iterator[Host]:
    public = (keys / "release.pub").read_text(encoding="ascii")
    debian.write(SIGNERS, f'release@example.com namespaces="{NAMESPACE}" {public}')
    yield debian
    debian.run("rm", "-rf", FOLDER, "/etc/netdevops")


@pytest.fixture
def made(tmp_path: pathlib.Path) -> Made:
    return Made(pathlib.Path(debian_bundle(tmp_path)))


def keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def sign(made: Made, key: pathlib.Path, namespace: str = NAMESPACE) -> None:
    made.file.with_suffix(".json.sig").unlink(missing_ok=True)
    keygen("-Y", "sign", "-n", namespace, "-f", str(key), str(made.file))


def run(host: Host, bundle: object, *, check: bool = False, **options: Any) -> dict[str, Any]:
    asked = {"bundle": str(bundle), "python": PYTHON, "allowed_signers": SIGNERS, "allow_container": None, **options}
    task = {**install_task(VENV, **asked), "check_mode": check}
    return play([task], hosts={"debian": host.variables})["debian"][0]


def test_only_what_is_signed_by_whom_the_host_knows(host: Host, keys: pathlib.Path, made: Made) -> None:
    def refused(said: str) -> None:
        for check in (True, False):
            result = run(host, made, check=check)
            assert result.get("failed") and said in result["msg"], result
            assert result["changed"] is False
            assert result["problems"][0]["next_step"]
        host.fails("test", "-e", FOLDER)

    refused("is not signed: it holds no bundle.json.sig")
    sign(made, keys / "stranger")
    refused("which is no key of")
    sign(made, keys / "release", "file")
    refused("was made for another purpose")
    sign(made, keys / "release")
    assert succeeded(run(host, made, check=True))["changed"]
    host.fails("test", "-e", FOLDER)
    assert succeeded(run(host, made))["changed"]
    assert not succeeded(run(host, made))["changed"]
    assert host.run(f"{VENV}/bin/alpha").startswith("alpha ")
    # What stands there stands for itself: a rule that changes later changes nothing that runs.
    host.write(SIGNERS, "")
    assert not succeeded(run(host, made))["changed"]


def test_a_manifest_that_was_changed_on_the_way(host: Host, keys: pathlib.Path, made: Made) -> None:
    """Every digest in it is right; what is wrong is that nobody signed it."""
    sign(made, keys / "release")
    made.file.write_bytes(made.file.read_bytes().replace(b'"version":"1.0"', b'"version":"1.1"', 1))
    result = run(host, made)
    assert result.get("failed") and "one of the two was changed after it was signed" in result["msg"], result


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_a_bundle_that_lies_on_the_host(host: Host, keys: pathlib.Path, made: Made, form: str) -> None:
    for signed in (False, True):
        if signed:
            sign(made, keys / "release")
        host.run("rm", "-rf", f"{FOLDER}/bundle", f"{FOLDER}/bundle.tar")
        send(made.folder, host, f"{FOLDER}/bundle", form)
        bundle = f"{FOLDER}/bundle" + (".tar" if form == "tar" else "")
        result = run(host, bundle, remote_src=True)
        assert bool(result.get("failed")) is not signed, result
    assert host.run(f"{VENV}/bin/alpha").startswith("alpha ")


def send(folder: pathlib.Path, host: Host, to: str, form: str) -> None:
    packed = subprocess.run(["tar", "-C", str(folder), "-cf", "-", "."], check=True, capture_output=True).stdout
    script = f"mkdir -p {to} && tar -C {to} --no-same-owner -xf -" if form == "folder" else f"cat >{to}.tar"
    words = ["podman", "exec", "-i", host.name, "sh", "-c", f"mkdir -p {FOLDER} && {script}"]
    subprocess.run(words, check=True, input=packed)


def test_who_may_sign_is_said_by_nobody_else(host: Host, keys: pathlib.Path, made: Made) -> None:
    sign(made, keys / "release")
    host.run("chown", "netops", SIGNERS)
    result = run(host, made)
    assert result.get("failed") and f"{SIGNERS}: belongs to user id" in result["msg"], result
    host.run("chown", "root", SIGNERS)
    host.run("chmod", "666", SIGNERS)
    result = run(host, made)
    assert result.get("failed") and f"{SIGNERS}: can be written by everybody" in result["msg"], result


def test_a_host_without_ssh_keygen(host: Host, keys: pathlib.Path, made: Made) -> None:
    sign(made, keys / "release")
    host.run("mv", "/usr/bin/ssh-keygen", "/usr/bin/ssh-keygen.away")
    try:
        result = run(host, made)
    finally:
        host.run("mv", "/usr/bin/ssh-keygen.away", "/usr/bin/ssh-keygen")
    assert result.get("failed") and "ssh-keygen: is not on this machine" in result["msg"], result
    assert "openssh-client" in result["msg"]
