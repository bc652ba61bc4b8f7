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

from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import (
    check_bundle_id,
    read_manifest_bytes,
    refuse_strays,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    MANIFEST_FILE,
    REBUILD,
    WHEELS_FOLDER,
    Manifest,
    Wheel,
    parse_manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.target import best_target, parse_target

CONTAINER_MARKS = ("/run/.containerenv", "/.dockerenv")


class Package(NamedTuple):
    """A tar on the controller: its path, how many wheels it holds, and their size in bytes."""

    path: str
    wheels: int
    size: int


class Offer:
    """What the controller has for the hosts of one task.

    Args:
        source: How receipts name it.
        manifest_for: Returns the manifest for a target name and an exact Python version.
        wheel_path: Returns the path of a wheel on the controller.
        groups: The groups that are asked for; None for all.
    """

    def __init__(
        self,
        source: str,
        manifest_for: Callable[[str, str], Manifest],
        wheel_path: Callable[[str], str],
        groups: Sequence[str] | None,
    ) -> None:
        self.source = source
        self._manifest_for = manifest_for
        self._wheel_path = wheel_path
        self._groups = groups

    @contextlib.contextmanager
    def pack(self, needs: Mapping[str, Any], wheels: bool) -> Iterator[Package]:
        """Make the package for a host, and take it away afterwards.

        Args:
            needs: The host's answer: ``target``, ``python_version`` and the digests that it can do without (``have``).
            wheels: Whether wheels travel, or the manifest alone (in check mode).
        """
        manifest = self._manifest_for(needs["target"], needs["python_version"])
        missing = self._missing(manifest, needs) if wheels else []
        descriptor, path = tempfile.mkstemp(prefix="delivery-", suffix=".tar")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                _write_tar(stream, manifest.encode(), [(wheel.file, self._wheel_path(wheel.file)) for wheel in missing])
            yield Package(path, len(missing), sum(wheel.size for wheel in missing))
        finally:
            os.unlink(path)

    def _missing(self, manifest: Manifest, needs: Mapping[str, Any]) -> list[Wheel]:
        target = best_target(manifest.targets, parse_target(needs["target"]))
        have = set(needs["have"])
        missing = [wheel for wheel in manifest.wheels(target, self._groups) if wheel.sha256 not in have]
        refuse_all([problem for wheel in missing for problem in self._look(wheel)])
        return missing

    def _look(self, wheel: Wheel) -> Iterator[Problem]:
        path = self._wheel_path(wheel.file)
        try:
            size = os.stat(path).st_size
        except OSError:
            yield Problem(path, "expected a wheel of the bundle, found nothing.", REBUILD)
            return
        if size != wheel.size:
            yield Problem(path, f"expected {wheel.size} bytes, found {size}: it was cut short or changed.", REBUILD)


def _write_tar(stream: io.BufferedWriter, manifest: bytes, wheels: Sequence[tuple[str, str]]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        head = tarfile.TarInfo(MANIFEST_FILE)
        head.size = len(manifest)
        archive.addfile(head, io.BytesIO(manifest))
        for file, path in wheels:
            archive.add(path, f"{WHEELS_FOLDER}/{file}", recursive=False, filter=_plain)


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
    if arguments["bundle"]:
        return _bundle_offer(local_path(arguments["bundle"]), arguments)
    return _plain_offer(local_path(arguments["requirements"]), local_path(arguments["wheelhouse"]), arguments)


def _bundle_offer(path: str, arguments: Mapping[str, Any]) -> Offer:
    data = read_manifest_bytes(path)
    identity = digest_bytes(data)
    check_bundle_id(path, identity, arguments["bundle_id"])

    def manifest_for(target: str, version: str) -> Manifest:
        manifest = parse_manifest(data, path)
        refuse_strays(path, manifest)
        return manifest

    return Offer(
        f"bundle:{identity}", manifest_for, lambda file: os.path.join(path, WHEELS_FOLDER, file), arguments["groups"]
    )


def _plain_offer(requirements: str, wheelhouse: str, arguments: Mapping[str, Any]) -> Offer:
    # Imported here: it needs packaging, which a controller that only delivers bundles can do without.
    from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_lock import (
        compile_requirements,
        inputs_digest,
    )

    try:
        with open(requirements, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        refuse(requirements, f"cannot be read: {error}.", "Name a hash-pinned requirements.txt on the controller.")

    def manifest_for(target: str, version: str) -> Manifest:
        return compile_requirements(text, requirements, wheelhouse, parse_target(target), version)

    source = f"requirements:{inputs_digest(text, wheelhouse)}"
    return Offer(source, manifest_for, lambda file: os.path.join(wheelhouse, file), arguments["groups"])


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
