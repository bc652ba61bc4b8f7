# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller offers to a host, and the one package in which it travels."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_inputs import inputs_digest
from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    SIGNATURE_FILE,
    check_bundle_id,
    interpreter_files,
    open_bundle,
    read_description,
    read_manifest_bytes,
    read_signature,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    DESCRIPTION_SUFFIX,
    INTERPRETERS_FOLDER,
    MANIFEST_FILE,
    REBUILD,
    WHEELS_FOLDER,
    Carried,
    Manifest,
    Wheel,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.target import best_target, parse_target

CONTAINER_MARKS = ("/run/.containerenv", "/.dockerenv")


class Package(NamedTuple):
    """A tar on the controller: its path, how many wheels it holds, and their size in bytes.

    An interpreter is part of the tar and of neither number: the host says what it installed.
    """

    path: str
    wheels: int
    size: int


class Stock(NamedTuple):
    """What there is for one kind of host: the manifest, and where its wheels lie on the controller."""

    manifest: Manifest
    wheel_path: Callable[[str], str]


class Offer:
    """What the controller has for the hosts of one task.

    Args:
        source: How receipts name it.
        groups: The groups that are asked for; None for all.
    """

    def __init__(self, source: str, groups: Sequence[str] | None) -> None:
        self.source = source
        self._groups = groups

    @property
    def pin(self) -> str:
        """The one version of Python that it is for; '' where each host's own will do."""
        raise NotImplementedError

    def manifest(self, needs: Mapping[str, Any]) -> Manifest:
        """Return the manifest for a host that answered ``needs``."""
        raise NotImplementedError

    def description(self, carried: Carried) -> bytes:
        """Return the description of an interpreter that the manifest names."""
        raise NotImplementedError

    def archive(self, carried: Carried, folder: str) -> str:
        """Return the path of an interpreter that the manifest names; ``folder`` is free for what must be unpacked."""
        raise NotImplementedError

    def signature(self) -> bytes:
        """Return the signature of the manifest, where the host is to look at one; none where there is none."""
        return b""

    def stock(self, needs: Mapping[str, Any], folder: str) -> Stock:
        """Return manifest and wheels; ``folder`` is free for what must be unpacked."""
        raise NotImplementedError

    @contextlib.contextmanager
    def pack(self, needs: Mapping[str, Any], wheels: bool) -> Iterator[Package]:
        """Make the package for a host, and take it away afterwards.

        Args:
            needs: The host's answer: ``target``, ``python_version``, the digests that it can do without (``have``), and
                why the bundle must bring the ``interpreter``, where it must.
            wheels: Whether wheels and the interpreter travel, or what is said of them alone (in check mode).
        """
        with tempfile.TemporaryDirectory(prefix="delivery-") as folder:
            path = os.path.join(folder, "delivery.tar")
            if not wheels:
                manifest = self.manifest(needs)
                _write_tar(path, self._said(manifest, needs), {})
                yield Package(path, 0, 0)
                return
            stock = self.stock(needs, os.path.join(folder, "unpacked"))
            missing = self._missing(stock, needs)
            files = {f"{WHEELS_FOLDER}/{wheel.file}": stock.wheel_path(wheel.file) for wheel in missing}
            files.update(self._interpreters(stock.manifest, needs, os.path.join(folder, "interpreter")))
            _write_tar(path, self._said(stock.manifest, needs), files)
            yield Package(path, len(missing), sum(wheel.size for wheel in missing))

    def _said(self, manifest: Manifest, needs: Mapping[str, Any]) -> dict[str, bytes]:
        signature = self.signature()
        return {
            MANIFEST_FILE: manifest.encode(),
            **({SIGNATURE_FILE: signature} if signature else {}),
            **self._descriptions(manifest, needs),
        }

    def _missing(self, stock: Stock, needs: Mapping[str, Any]) -> list[Wheel]:
        target = best_target(stock.manifest.targets, parse_target(needs["target"]))
        have = set(needs["have"])
        missing = [wheel for wheel in stock.manifest.wheels(target, self._groups) if wheel.sha256 not in have]
        refuse_all(
            [
                problem
                for wheel in missing
                for problem in _look(stock.wheel_path(wheel.file), wheel.size, "a wheel of the bundle")
            ]
        )
        return missing

    def _descriptions(self, manifest: Manifest, needs: Mapping[str, Any]) -> dict[str, bytes]:
        return {
            f"{INTERPRETERS_FOLDER}/{carried.file}{DESCRIPTION_SUFFIX}": self.description(carried)
            for carried in _needed(manifest, needs)
        }

    def _interpreters(self, manifest: Manifest, needs: Mapping[str, Any], folder: str) -> dict[str, str]:
        paths = {carried: self.archive(carried, folder) for carried in _needed(manifest, needs)}
        what = "the interpreter of the bundle"
        refuse_all([problem for carried, path in paths.items() for problem in _look(path, carried.size, what)])
        return {f"{INTERPRETERS_FOLDER}/{carried.file}": path for carried, path in paths.items()}


def _needed(manifest: Manifest, needs: Mapping[str, Any]) -> list[Carried]:
    """Return the interpreter that the host lacks, if it does."""
    if not needs.get("interpreter"):
        return []
    target = best_target(manifest.targets, parse_target(needs["target"]))
    return [manifest.interpreter(target, str(needs["interpreter"]))]


class BundleOffer(Offer):
    """A bundle on the controller, a folder or a tar; ``signed`` says whether its signature has to travel with it."""

    def __init__(self, path: str, data: bytes, groups: Sequence[str] | None, signed: bool) -> None:
        super().__init__(f"bundle:{digest_bytes(data)}", groups)
        self._path = path
        self._data = data
        self._signed = signed

    def signature(self) -> bytes:
        """Return the bundle's signature. The controller judges it as little as the manifest: the host does."""
        return read_signature(self._path) if self._signed else b""

    @property
    def pin(self) -> str:
        """The bundle's."""
        return self.manifest({}).pin

    def description(self, carried: Carried) -> bytes:
        """Return the description, once it proves to be the one that the manifest names."""
        return read_description(self._path, carried)

    def archive(self, carried: Carried, folder: str) -> str:
        """Return the path of the archive."""
        return interpreter_files(self._path, carried, folder)

    def manifest(self, needs: Mapping[str, Any]) -> Manifest:
        """Return the bundle's one manifest."""
        return parse_manifest(self._data, self._path)

    def stock(self, needs: Mapping[str, Any], folder: str) -> Stock:
        """Return manifest and wheels of the bundle."""
        bundle = open_bundle(self._path, folder)
        return Stock(bundle.manifest, bundle.wheel_path)


class PlainOffer(Offer):
    """Requirements and a folder of wheels, compiled for each kind of host."""

    def __init__(self, requirements: str, wheelhouse: str, groups: Sequence[str] | None) -> None:
        self._text = _read_text(requirements)
        super().__init__(f"requirements:{inputs_digest(self._text, wheelhouse)}", groups)
        self._requirements = requirements
        self._wheelhouse = wheelhouse

    @property
    def pin(self) -> str:
        """None: it is compiled for whatever Python a host has."""
        return ""

    def manifest(self, needs: Mapping[str, Any]) -> Manifest:
        """Return the manifest that the requirements give on this host."""
        # Imported here: it needs packaging, which a controller that only delivers bundles can do without.
        from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_lock import (
            compile_requirements,
        )

        target = parse_target(needs["target"])
        return compile_requirements(self._text, self._requirements, self._wheelhouse, target, needs["python_version"])

    def stock(self, needs: Mapping[str, Any], folder: str) -> Stock:
        """Return that manifest, and the folder of wheels."""
        return Stock(self.manifest(needs), lambda file: os.path.join(self._wheelhouse, file))


def _look(path: str, expected: int, what: str) -> Iterator[Problem]:
    try:
        size = os.stat(path).st_size
    except OSError:
        yield Problem(path, f"expected {what}, found nothing.", REBUILD)
        return
    if size != expected:
        yield Problem(path, f"expected {expected} bytes, found {size}: it was cut short or changed.", REBUILD)


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        refuse(path, f"cannot be read: {error}.", "Name a hash-pinned requirements.txt on the controller.")


def _write_tar(path: str, texts: Mapping[str, bytes], files: Mapping[str, str]) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in texts.items():
            head = tarfile.TarInfo(name)
            head.size = len(data)
            archive.addfile(head, io.BytesIO(data))
        for name, source in files.items():
            archive.add(source, name, recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def open_offer(arguments: Mapping[str, Any], local_path: Callable[[str], str]) -> Offer:
    """Return what a task's arguments offer: a bundle, or requirements and a folder of wheels.

    Args:
        arguments: The checked arguments of the task.
        local_path: Finds a relative path where Ansible looks for files.

    Raises:
        Refused: when there is none, or it is not the bundle that was asked for.
    """
    groups = [group for group in arguments["groups"] or () if group] or None  # '' is a question nobody answered.
    if not arguments["bundle"]:
        return PlainOffer(local_path(arguments["requirements"]), local_path(arguments["wheelhouse"]), groups)
    path = local_path(arguments["bundle"])
    data = read_manifest_bytes(path)
    check_bundle_id(path, digest_bytes(data), arguments["bundle_id"])
    return BundleOffer(path, data, groups, bool(arguments.get("allowed_signers")))


def refuse_lost_work(transport: str, allowed: bool, exists: Callable[[str], bool]) -> None:
    """Refuse to build inside a container that is gone when the job ends, as AWX's jobs run in one.

    Args:
        transport: The name of the connection.
        allowed: Whether the user said that this container stays.
        exists: Whether a path exists on the controller.
    """
    mark = next((mark for mark in CONTAINER_MARKS if exists(mark)), None)
    if transport == "local" and mark and not allowed:
        refuse(
            "connection local",
            f"this controller is a container ({mark}): what is built in it is gone when the job ends.",
            "Name the host and a connection to it; set allow_container where this container is the host.",
        )
