# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that is signed by the build, with a real key, and without anybody being asked for anything."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.build.groups import Asked
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.signature import check_signature
from ansible_collections.netdevops.python.tests.unit.support.keys import (
    NAMESPACE,
    PRINCIPAL,
    allow,
    keygen,
    make_key,
    sign,
)


@pytest.fixture
def key(tmp_path: pathlib.Path) -> pathlib.Path:
    return make_key(tmp_path / "key")


@pytest.fixture(autouse=True)
def _no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


@pytest.fixture
def agent(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An ssh-agent without keys. The path of a socket must be short."""
    folder = pathlib.Path(os.path.realpath(subprocess.check_output(["mktemp", "-d"], text=True).strip()))
    socket = folder / "s"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    for _attempt in range(500):
        if socket.exists():
            break
        time.sleep(0.01)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield str(socket)
    process.terminate()
    process.wait()
    if socket.exists():
        socket.unlink()
    folder.rmdir()


def is_good(world: Any, key: pathlib.Path) -> bool:
    manifest = (world.dest / "bundle.json").read_bytes()
    signers = allow(world.folder / "signers", key)
    return check_signature(run_process, str(signers), str(world.dest), manifest) == PRINCIPAL


def verbs(result: dict[str, Any]) -> list[str]:
    return [action["verb"] for action in result["actions"]]


def test_the_build_signs(world: Any, key: pathlib.Path) -> None:
    changed, result = world.build(sign_key=str(key))
    assert changed and verbs(result)[-1] == "sign"
    assert is_good(world, key)
    assert (world.dest / "bundle.json.sig").stat().st_mode & 0o777 == 0o644
    assert result["signed_by"] == keygen("-l", "-f", str(key)).split()[1]
    assert key.read_text().splitlines()[1] not in str(result)


def test_a_signature_is_no_part_of_the_id(world: Any, key: pathlib.Path) -> None:
    _changed, plain = world.build()
    _changed, signed = world.build(sign_key=str(key))
    assert plain["bundle_id"] == signed["bundle_id"]


def test_the_second_build_keeps_it(world: Any, key: pathlib.Path) -> None:
    world.build(sign_key=str(key))
    before = world.tree(world.dest)
    changed, result = world.build(sign_key=str(key))
    assert (changed, result["actions"]) == (False, [])
    assert world.tree(world.dest) == before


def test_one_that_was_made_by_hand_is_kept(world: Any, key: pathlib.Path) -> None:
    world.build()
    made = sign(world.dest, key).read_bytes()
    assert world.build(sign_key=str(key))[0] is False
    (world.dest / "sbom.cdx.json").unlink()
    changed, result = world.build(sign_key=str(key))
    assert changed and "sign" not in verbs(result)
    assert (world.dest / "bundle.json.sig").read_bytes() == made


@pytest.mark.parametrize("spoil", ["nothing there", "garbled", "another key", "another purpose"])
def test_only_what_is_lacking_is_done(world: Any, key: pathlib.Path, spoil: str) -> None:
    world.build()
    before = world.tree(world.dest)
    if spoil == "garbled":
        (world.dest / "bundle.json.sig").write_text("signed")
    elif spoil == "another key":
        sign(world.dest, make_key(world.folder / "other"))
    elif spoil == "another purpose":
        sign(world.dest, key, "file")
    world.index.shutdown()
    changed, result = world.build(sign_key=str(key))
    assert (changed, verbs(result)) == (True, ["sign"])
    assert result["fetched"] == {"files": 0, "bytes": 0}
    assert {name: what for name, what in world.tree(world.dest).items() if name != "bundle.json.sig"} == before
    assert is_good(world, key)


def test_a_changed_manifest_is_signed_anew(world: Any, key: pathlib.Path) -> None:
    world.build(sign_key=str(key))
    _changed, result = world.build(sign_key=str(key), asked=Asked(with_=["dev"]))
    assert verbs(result)[-1] == "sign"
    assert is_good(world, key)


def test_check_mode_says_it_and_writes_nothing(world: Any, key: pathlib.Path) -> None:
    world.build()
    before = world.tree(world.dest)
    changed, result = world.build(check_mode=True, sign_key=str(key))
    assert (changed, verbs(result)) == (True, ["sign"])
    assert world.tree(world.dest) == before


@pytest.mark.parametrize("named", ["key", "key.pub", "only.pub"])
def test_an_agent_signs(world: Any, agent: str, named: str) -> None:
    key = make_key(world.folder / "key")
    subprocess.run(["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL)
    (world.folder / "only.pub").write_text((world.folder / "key.pub").read_text())
    keygen("-q", "-p", "-P", "", "-N", "secret", "-f", str(key))  # The agent can do what the file alone no longer can.
    changed, _result = world.build(sign_key=str(world.folder / named))
    assert changed
    assert is_good(world, key)


def test_a_protected_key_without_an_agent_does_not_hang(world: Any) -> None:
    key = make_key(world.folder / "key", "secret")
    begun = time.monotonic()
    with pytest.raises(Refused, match=r"sign_key .*/key: is protected by a passphrase, and nobody is asked .*ssh-add"):
        world.build(sign_key=str(key))
    assert time.monotonic() - begun < 20
    assert not world.dest.exists(), "what cannot be signed is not there either"


def test_an_agent_that_does_not_have_it(world: Any, agent: str, key: pathlib.Path) -> None:
    key.unlink()
    with pytest.raises(Refused, match=r"is a public key, and no ssh-agent has its private part"):
        world.build(sign_key=f"{key}.pub")


def test_the_old_bundle_stays_when_the_new_one_cannot_be_signed(world: Any, key: pathlib.Path) -> None:
    world.build(sign_key=str(key))
    before = world.tree(world.dest)
    protected = make_key(world.folder / "protected", "secret")
    with pytest.raises(Refused, match="passphrase"):
        world.build(sign_key=str(protected), asked=Asked(with_=["dev"]))
    assert world.tree(world.dest) == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("nothing", None, "expected a key, found nothing"),
        ("text", "no key\n", "is no key"),
        ("empty", "", "is no key"),
    ],
)
def test_what_is_no_key(world: Any, name: str, text: str | None, said: str) -> None:
    if text is not None:
        (world.folder / name).write_text(text)
    with pytest.raises(Refused, match=said):
        world.build(sign_key=str(world.folder / name))
    with pytest.raises(Refused, match="expected an absolute path"):
        world.build(sign_key=name)


def test_a_key_in_the_place_of_its_path_is_not_repeated(world: Any, key: pathlib.Path) -> None:
    secret = key.read_text()
    with pytest.raises(Refused) as caught:
        world.build(sign_key=secret)
    assert secret.splitlines()[1] not in str(caught.value)


def test_the_namespace_is_that_of_bundles(world: Any, key: pathlib.Path) -> None:
    world.build(sign_key=str(key))
    file = str(world.dest / "bundle.json.sig")
    with open(world.dest / "bundle.json", "rb") as manifest:
        words = ["ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE, "-s", file]
        assert subprocess.run(words, stdin=manifest, check=True, stdout=subprocess.DEVNULL).returncode == 0
