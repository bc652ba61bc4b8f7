# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose bundles are taken: each way in which a signature can be wrong has its own sentence, and changes nothing."""

from __future__ import annotations

import os
import pathlib
import tarfile
from typing import Any, Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common import ssh_keygen
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Completed, run_process
from ansible_collections.netdevops.python.plugins.module_utils.host.signature import check_signature
from ansible_collections.netdevops.python.tests.unit.support.hosts import Host
from ansible_collections.netdevops.python.tests.unit.support.keys import PRINCIPAL, allow, make_key, sign
from ansible_collections.netdevops.python.tests.unit.support.wheels import pack, snapshot


class Signed:
    """A host, a bundle that is signed, and the file of those who may sign."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.key = make_key(host.root / "key")
        host.seal(host.wheel())
        self.file = sign(host.folder, self.key)
        self.signers = allow(host.root / "signers", self.key)

    def check(self, path: pathlib.Path | None = None) -> str:
        manifest = (self.host.folder / "bundle.json").read_bytes()
        return check_signature(run_process, str(self.signers), str(path or self.host.folder), manifest)

    def refused(self) -> Any:
        with pytest.raises(Refused) as caught:
            self.check()
        [problem] = caught.value.problems
        assert problem.next_step
        return problem


@pytest.fixture
def signed(host: Host) -> Signed:
    return Signed(host)


def test_a_good_signature_says_who_made_it(signed: Signed) -> None:
    assert signed.check() == PRINCIPAL


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_holds_its_signature(signed: Signed, mode: str) -> None:
    path = signed.host.root / "bundle.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        archive.add(signed.host.folder, ".")
    assert signed.check(path) == PRINCIPAL
    with pytest.raises(Refused, match=r"bundle\.tar: is not signed"):
        signed.check(pack(signed.host.folder, path))


def test_one_of_several_principals_of_a_key(signed: Signed) -> None:
    public = (signed.host.root / "key.pub").read_text()
    signed.signers.write_text(f'# people\n\nanna@example.com,*@example.org namespaces="netdevops-bundle" {public}')
    assert signed.check() == "anna@example.com"


def unsigned(signed: Signed) -> None:
    signed.file.unlink()


def empty(signed: Signed) -> None:
    signed.file.write_bytes(b"")


def garbled(signed: Signed) -> None:
    signed.file.write_bytes(b"signed, honestly\n")


def binary(signed: Signed) -> None:
    signed.file.write_bytes(os.urandom(300))


def cut_short(signed: Signed) -> None:
    signed.file.write_bytes(signed.file.read_bytes()[:120])


def one_letter(signed: Signed) -> None:
    lines = signed.file.read_text().splitlines()
    lines[4] = lines[4][:20] + ("A" if lines[4][20] != "A" else "B") + lines[4][21:]
    signed.file.write_text("\n".join(lines) + "\n")


def of_another_manifest(signed: Signed) -> None:
    signed.host.seal(signed.host.wheel(version="2.0"))


def by_a_stranger(signed: Signed) -> None:
    sign(signed.host.folder, make_key(signed.host.root / "stranger"))


def expired(signed: Signed) -> None:
    allow(signed.signers, signed.key, 'valid-before="20200101"')


def not_yet(signed: Signed) -> None:
    allow(signed.signers, signed.key, 'valid-after="29990101"')


def for_files(signed: Signed) -> None:
    sign(signed.host.folder, signed.key, "file")


def who_signs_commits(signed: Signed) -> None:
    allow(signed.signers, signed.key, 'namespaces="git"')


def no_signers(signed: Signed) -> None:
    signed.signers.unlink()


def a_folder_of_signers(signed: Signed) -> None:
    signed.signers.unlink()
    signed.signers.mkdir()


def nobody(signed: Signed) -> None:
    signed.signers.write_text("")


def senseless(signed: Signed) -> None:
    signed.signers.write_text("ask Anna\n")


def anybodys_signers(signed: Signed) -> None:
    signed.signers.chmod(0o666)


def in_anybodys_folder(signed: Signed) -> None:
    folder = signed.host.root / "etc"
    folder.mkdir()
    folder.chmod(0o777)
    signed.signers = allow(folder / "signers", signed.key)


def relative(signed: Signed) -> None:
    signed.signers = pathlib.Path("signers")


@pytest.mark.parametrize(
    ("spoil", "subject", "said"),
    [
        (unsigned, "bundle", "is not signed: it holds no bundle.json.sig"),
        (empty, "bundle", "is not signed"),
        (garbled, "bundle, bundle.json.sig", "is no signature that can be read"),
        (binary, "bundle, bundle.json.sig", "is no signature that can be read"),
        (cut_short, "bundle, bundle.json.sig", "is no signature that can be read"),
        (one_letter, "bundle, bundle.json.sig", "one of the two was changed after it was signed"),
        (of_another_manifest, "bundle, bundle.json.sig", "is not of this bundle.json"),
        (by_a_stranger, "bundle, bundle.json.sig", "which is no key of "),
        (expired, "bundle, bundle.json.sig", "is by a key that does not count today: key has expired"),
        (not_yet, "bundle, bundle.json.sig", "is by a key that does not count today: key is not yet valid"),
        (for_files, "bundle, bundle.json.sig", "was made for another purpose"),
        (who_signs_commits, "bundle, bundle.json.sig", "is by release@example.com, who may not sign bundles"),
        (no_signers, "signers", "expected the file of allowed signers, found none"),
        (a_folder_of_signers, "signers", "expected the file of allowed signers, found none"),
        (nobody, "bundle, bundle.json.sig", "which is no key of "),
        (senseless, "bundle, bundle.json.sig", "which is no key of "),
        (anybodys_signers, "signers", "can be written by everybody"),
        (in_anybodys_folder, "etc", "can be written by everybody"),
        (relative, "allowed_signers 'signers'", "expected an absolute path"),
    ],
)
def test_each_way_to_be_wrong(signed: Signed, spoil: Callable[[Signed], None], subject: str, said: str) -> None:
    spoil(signed)
    problem = signed.refused()
    assert problem.subject.endswith(subject)
    assert said in problem.message


def test_a_manifest_that_is_no_text(signed: Signed) -> None:
    with pytest.raises(Refused, match=r"bundle\.json: is no text"):
        check_signature(run_process, str(signed.signers), str(signed.host.folder), b"\xff{}")


def test_a_host_without_ssh_keygen(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_keygen, "_FOLDERS", str(signed.host.root))
    monkeypatch.setenv("PATH", str(signed.host.root))
    problem = signed.refused()
    assert (problem.subject, "openssh-client" in problem.next_step) == ("ssh-keygen", True)


def test_an_ssh_keygen_that_is_too_old(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    old = signed.host.root / "bin/ssh-keygen"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'unknown option -- Y' >&2\necho 'usage: ssh-keygen [-q]' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setattr(ssh_keygen, "_FOLDERS", str(old.parent))
    problem = signed.refused()
    assert (problem.subject, problem.message) == (str(old), "knows no signatures (-Y).")


def test_an_installation_asks_for_it_before_anything_is_unpacked(signed: Signed) -> None:
    asked = {"allowed_signers": str(signed.signers)}
    before = snapshot(signed.host.app)
    unsigned(signed)
    for check in (True, False):
        with pytest.raises(Refused, match="is not signed"):
            signed.host.converge(check, **asked)
    assert signed.host.run.calls == []
    assert snapshot(signed.host.app) == before
    sign(signed.host.folder, signed.key)
    assert signed.host.converge(**asked)["changed"]


def test_a_converged_run_needs_no_signature(signed: Signed) -> None:
    asked = {"allowed_signers": str(signed.signers)}
    signed.host.converge(**asked)
    unsigned(signed)
    signed.host.run.calls.clear()
    assert not signed.host.converge(**asked)["changed"]
    assert signed.host.run.calls == []


def test_what_is_told_does_not_depend_on_the_language(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/true")
    seen: list[dict[str, str]] = []

    def run(argv: Any, *, env: Any, **options: Any) -> Completed:
        seen.append(dict(env))
        return run_process(argv, env=env, **options)

    manifest = (signed.host.folder / "bundle.json").read_bytes()
    check_signature(run, str(signed.signers), str(signed.host.folder), manifest)
    assert {(env["LC_ALL"], env["SSH_ASKPASS"]) for env in seen} == {("C.UTF-8", "/bin/false")}
