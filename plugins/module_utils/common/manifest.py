# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of a bundle (``bundle.json``): per target, an exact list of wheels with their hashes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import canonical_json, digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.target import parse_target

SCHEMA = 1
MANIFEST_FILE = "bundle.json"
WHEELS_FOLDER = "wheels"
INTERPRETERS_FOLDER = "interpreters"
DESCRIPTION_SUFFIX = ".json"
REBUILD = "Build the bundle again, or copy it again from the build box."

_SHA256 = re.compile(r"[0-9a-f]{64}")
# A wheel's file name may hold no separator: it becomes a path below wheels/ (binary distribution format, PEP 427).
WHEEL_FILE = re.compile(
    r"[A-Za-z0-9_.!+]+-[A-Za-z0-9_.!+]+(-[0-9][A-Za-z0-9_.]*)?-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+\.whl"
)
# The name of an interpreter's archive becomes a path below interpreters/, with its description beside it.
_ARCHIVE_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,200}\.tar\.gz")


class Wheel(NamedTuple):
    """One wheel of a target.

    Attributes:
        name: Normalized project name (PEP 503).
        version: Its version as the lock writes it.
        file: File name below ``wheels/``.
        sha256: Digest of the file, lower-case hex.
        size: Size of the file in bytes.
        groups: The dependency groups that want it, sorted; ``main`` for the project's own dependencies.
        origin: What it was built from, for a wheel that was no wheel in the lock: ``kind``
            (``sdist``, ``project``, ``git``, ``path``) and, for archives, ``file`` and ``sha256``.
    """

    name: str
    version: str
    file: str
    sha256: str
    size: int
    groups: tuple[str, ...] = ("main",)
    origin: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the form that the manifest holds."""
        plain: dict[str, Any] = {**self._asdict(), "groups": list(self.groups)}
        plain["origin"] = dict(self.origin)
        if not self.origin:
            del plain["origin"]
        return plain


class Carried(NamedTuple):
    """The prebuilt interpreter that a bundle carries for a target.

    Attributes:
        file: File name of the archive below ``interpreters/``.
        sha256: Digest of the archive, lower-case hex.
        size: Size of the archive in bytes.
        description: Digest of its description, which lies beside it.
    """

    file: str
    sha256: str
    size: int
    description: str

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 by name, below ``interpreters/``, of the archive and of its description."""
        return {self.file: self.sha256, self.file + DESCRIPTION_SUFFIX: self.description}


NO_INTERPRETERS: Mapping[str, Carried] = MappingProxyType({})


class Manifest(NamedTuple):
    """What a bundle holds; its canonical JSON is ``bundle.json`` and the digest of that is the bundle's id.

    Attributes:
        project: ``name`` and ``version`` of the project; the version is '' for a bare lock.
        pin: The exact interpreter version, or '' where any patch of the target's version will do.
        lock: ``format`` (``poetry.lock``, ``requirements.txt``) and ``sha256`` of the lock.
        groups: The groups that it was compiled for, sorted.
        extras: The extras of the project that it was compiled with, sorted.
        targets: Per target name, its wheels sorted by name.
        interpreters: Per target name, the prebuilt interpreter of the pin, for the targets that have one.
    """

    project: Mapping[str, str]
    pin: str
    lock: Mapping[str, str]
    groups: tuple[str, ...]
    extras: tuple[str, ...]
    targets: Mapping[str, tuple[Wheel, ...]]
    interpreters: Mapping[str, Carried] = NO_INTERPRETERS

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as the file holds it."""
        plain: dict[str, Any] = {
            "schema": SCHEMA,
            "project": dict(self.project),
            "pin": self.pin,
            "lock": dict(self.lock),
            "groups": list(self.groups),
            "extras": list(self.extras),
            "targets": {name: {"wheels": [w.as_dict() for w in wheels]} for name, wheels in self.targets.items()},
        }
        if self.interpreters:  # A bundle without any has the id that it always had.
            plain["interpreters"] = {name: carried._asdict() for name, carried in self.interpreters.items()}
        return plain

    def encode(self) -> bytes:
        """Return the bytes of ``bundle.json``."""
        return canonical_json(self.as_dict())

    @property
    def id(self) -> str:
        """The bundle's id: the SHA-256 of its manifest."""
        return digest_bytes(self.encode())

    def wheels(self, target: str, groups: Sequence[str] | None = None) -> tuple[Wheel, ...]:
        """Return the wheels of ``target`` that ``groups`` want; all of them when ``groups`` is None.

        Raises:
            Refused: for a group that the bundle was not compiled for.
        """
        if groups is None:
            return self.targets[target]
        known = ", ".join(self.groups)
        refuse_all(
            [
                Problem(
                    f"group {group!r}",
                    f"the bundle was compiled for: {known}.",
                    "Name one of these, or build the bundle with it.",
                )
                for group in groups
                if group not in self.groups
            ]
        )
        return tuple(wheel for wheel in self.targets[target] if set(wheel.groups) & set(groups))

    def interpreter(self, target: str, reason: str) -> Carried:
        """Return the interpreter that the bundle carries for ``target``.

        Raises:
            Refused: when it carries none; ``reason`` says why one is needed.
        """
        if target not in self.interpreters:
            there = ", ".join(sorted(self.interpreters)) or "none"
            refuse(
                f"Python {self.pin}",
                f"{reason}; the bundle carries no interpreter for target {target}, it has {there}.",
                "Build the bundle with `interpreters`, or install Python first (netdevops.python.pyenv_install).",
            )
        return self.interpreters[target]


def parse_manifest(data: bytes, subject: str) -> Manifest:
    """Return the manifest that ``data`` holds.

    Raises:
        Refused: when it is no canonical manifest of a schema that this version knows.
    """
    try:
        plain = json.loads(data.decode("utf-8"))
        schema = plain["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        refuse(subject, "is not a bundle's manifest: it is cut short or was edited.", REBUILD)
    if schema != SCHEMA:
        refuse(
            subject,
            f"has schema {schema!r}, this version reads {SCHEMA}.",
            "Use the version of the collection that built it.",
        )
    try:
        manifest = _from_plain(plain, subject)
        is_canonical = manifest.encode() == data
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        refuse(subject, f"is not a valid manifest: {type(error).__name__} {error}.", REBUILD)
    if not is_canonical:
        refuse(subject, "is not in canonical form: it was edited.", REBUILD)
    return manifest


def _from_plain(plain: Mapping[str, Any], subject: str) -> Manifest:
    targets = {parse_target(name).name: _wheels(entry["wheels"], subject) for name, entry in plain["targets"].items()}
    return Manifest(
        project=_texts(plain["project"]),
        pin=_text(plain["pin"]),
        lock=_texts(plain["lock"]),
        groups=tuple(_text(group) for group in plain["groups"]),
        extras=tuple(_text(extra) for extra in plain["extras"]),
        targets=targets,
        interpreters=_interpreters(plain.get("interpreters", {}), targets),
    )


def _interpreters(plain: Mapping[str, Mapping[str, Any]], targets: Mapping[str, Any]) -> dict[str, Carried]:
    strange = sorted(set(plain) - set(targets))
    if strange:
        raise ValueError(f"interpreters: {strange[0]!r} is no target of the bundle")
    found = {name: _carried(entry) for name, entry in plain.items()}
    if len(set(found.values())) != len({carried.file for carried in found.values()}):
        raise ValueError("interpreters: one file stands for two archives")
    return found


def _carried(entry: Mapping[str, Any]) -> Carried:
    if not _ARCHIVE_FILE.fullmatch(entry["file"]):
        raise ValueError(f"{entry['file']!r} is not the name of an interpreter's archive")
    return Carried(entry["file"], _sha256(entry["sha256"]), _size(entry["size"]), _sha256(entry["description"]))


def _wheels(entries: Sequence[Mapping[str, Any]], subject: str) -> tuple[Wheel, ...]:
    wheels = tuple(_wheel(entry) for entry in entries)
    names = [wheel.name for wheel in wheels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused([Problem(subject, f"lists {name} twice for one target.", REBUILD) for name in twice])
    return wheels


def _wheel(entry: Mapping[str, Any]) -> Wheel:
    if not WHEEL_FILE.fullmatch(entry["file"]):
        raise ValueError(f"{entry['file']!r} is not the name of a wheel")
    origin = tuple(sorted(_texts(entry.get("origin", {})).items()))
    groups = tuple(_text(group) for group in entry["groups"])
    return Wheel(
        _text(entry["name"]),
        _text(entry["version"]),
        entry["file"],
        _sha256(entry["sha256"]),
        _size(entry["size"]),
        groups,
        origin,
    )


def _sha256(value: Any) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError(f"{value!r} is not a SHA-256")
    return str(value)


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"expected a size in bytes, found {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return value


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    return {_text(key): _text(item) for key, item in value.items()}
