# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``poetry.lock``, read into PEP 751, from where one path leads to the targets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging
from ansible_collections.netdevops.python.plugins.module_utils.build.project import normalized
from ansible_collections.netdevops.python.plugins.module_utils.build.python_range import specifiers
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import MAIN
from ansible_collections.netdevops.python.plugins.module_utils.build.toml_file import parse_toml, read_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all

LOCK_FILE = "poetry.lock"
FORMAT = "poetry.lock"
RELOCK = "Run `poetry lock` with Poetry 2.0 or newer."
RESTORE = "Restore it from version control, or run: poetry lock."

# Poetry writes PEP 508's scalar `extra`; PEP 751 has the set `extras`.
_EXTRA = re.compile(r"""\bextra\s*(==|!=)\s*(["'])([^"']+)\2""")


class Lock(NamedTuple):
    """A lock in the form that selection reads.

    Attributes:
        file: Its path, as messages name it.
        format: The name of its format, as the manifest holds it.
        sha256: The digest of the file.
        pylock: The lock as a valid ``packaging.pylock.Pylock``.
        python: The range of interpreters that it was made for, in Poetry's notation.
        groups: The dependency groups that its packages are in.
        extras: The extras of the project that it knows.
        sources: Name to URL of the indexes that its packages come from.
    """

    file: str
    format: str
    sha256: str
    pylock: Any
    python: str
    groups: frozenset[str]
    extras: frozenset[str]
    sources: Mapping[str, str]


def read_poetry_lock(path: str) -> Lock:
    """Return the lock in the file at ``path``.

    Raises:
        Refused: when it is missing, is no lock of Poetry 2, or holds files without a SHA-256.
    """
    data = read_bytes(path, "Run `poetry lock` in the project's folder.")
    plain = parse_toml(data, path)
    _check_version(plain, path)
    try:
        return _lock(path, digest_bytes(data), plain)
    except (KeyError, TypeError, AttributeError) as error:
        refuse(path, f"is no valid lock: {type(error).__name__} {error}.", RESTORE)


def _check_version(plain: Mapping[str, Any], path: str) -> None:
    found = str(plain.get("metadata", {}).get("lock-version", ""))
    if not re.fullmatch(r"2\.[0-9]+", found):
        refuse(path, f"expected a lock of version 2.1, found {found or 'none'}.", RELOCK)
    if any("groups" not in package for package in plain.get("package", [])):
        refuse(path, f"is a lock of version {found} that does not name the groups of its packages.", RELOCK)


def _lock(path: str, sha256: str, plain: Mapping[str, Any]) -> Lock:
    entries = plain.get("package", [])
    groups = frozenset(normalized(group) for entry in entries for group in entry["groups"]) | {MAIN}
    extras = frozenset(normalized(extra) for extra in plain.get("extras", {}))
    return Lock(
        file=path,
        format=FORMAT,
        sha256=sha256,
        pylock=_pylock(entries, groups, extras, path),
        python=plain["metadata"]["python-versions"],
        groups=groups,
        extras=extras,
        sources=dict(found for found in map(_index, entries) if found[1]),
    )


def _pylock(entries: Sequence[Mapping[str, Any]], groups: frozenset[str], extras: frozenset[str], path: str) -> Any:
    problems: list[Problem] = []
    packages = []
    for entry in entries:
        try:
            packages.append(_package(entry))
        except Refused as refused:
            problems.extend(refused.problems)
    refuse_all(problems)
    plain = {
        "lock-version": "1.0",
        "created-by": "netdevops.python",
        "extras": sorted(extras),
        "dependency-groups": sorted(groups),
        "default-groups": [MAIN],
        "packages": packages,
    }
    try:
        return _packaging.pylock.Pylock.from_dict(plain)
    except _packaging.pylock.PylockValidationError as error:
        refuse(path, f"is no valid lock: {error}.", RESTORE)


def _package(entry: Mapping[str, Any]) -> dict[str, Any]:
    name, version = normalized(entry["name"]), entry["version"]
    package = {"name": name, "version": version, "marker": _marker(entry), **_python(entry)}
    direct = _direct(entry.get("source", {}))
    if direct:
        return {**package, **direct}
    return {**package, **_files(entry, name, version), **_index_entry(entry)}


def _index(entry: Mapping[str, Any]) -> tuple[str, str]:
    source = entry.get("source", {})
    return (source.get("reference", ""), source["url"]) if source.get("type") == "legacy" else ("", "")


def _index_entry(entry: Mapping[str, Any]) -> dict[str, str]:
    url = _index(entry)[1]
    return {"index": url} if url else {}


def _python(entry: Mapping[str, Any]) -> dict[str, str]:
    alternatives = specifiers(entry.get("python-versions", "*"), f"{entry['name']} {entry['version']}")
    # PEP 751 has one set and no "or"; Poetry's own resolution has looked at the others.
    text = str(alternatives[0]) if len(alternatives) == 1 else ""
    return {"requires-python": text} if text else {}


def _marker(entry: Mapping[str, Any]) -> str:
    """Return when the package is wanted: in any of its groups, where that group's own marker is true."""
    given = entry.get("markers", "")
    own = {group: given if isinstance(given, str) else given.get(group, "") for group in entry["groups"]}
    return " or ".join(_group_marker(group, marker, entry) for group, marker in sorted(own.items()))


def _group_marker(group: str, marker: str, entry: Mapping[str, Any]) -> str:
    wanted = f'"{normalized(group)}" in dependency_groups'
    if not marker:
        return wanted
    text = _EXTRA.sub(lambda m: f'"{normalized(m.group(3))}" {"in" if m.group(1) == "==" else "not in"} extras', marker)
    try:
        return f"({wanted} and ({_packaging.markers.Marker(text)}))"
    except _packaging.markers.InvalidMarker:
        refuse(f"{entry['name']} {entry['version']}", f"has a marker that cannot be read: {marker}.", RELOCK)


def _direct(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the PEP 751 form of what comes from no index; selection refuses it where it is wanted."""
    kind = source.get("type", "legacy")
    if kind == "legacy":
        return {}
    url = str(source.get("url", ""))
    if kind == "git":
        return {"vcs": {"type": "git", "url": url, "commit-id": source.get("resolved_reference", "")}}
    if kind == "directory":
        return {"directory": {"path": url}}
    return {"archive": {("url" if kind == "url" else "path"): url, "hashes": {"sha256": "unknown"}}}


def _files(entry: Mapping[str, Any], name: str, version: str) -> dict[str, Any]:
    """Return the wheels and the sdist; eggs, installers and what is misnamed cannot be chosen by any tool."""
    subject = f"{entry['name']} {version}"
    files = [(file["file"], _sha256(file, subject)) for file in entry.get("files", [])]
    wheels = [_file(file, sha256) for file, sha256 in files if file.endswith(".whl") and _wheel_of(file, name, version)]
    sdists = [found for found in files if found[0].endswith((".tar.gz", ".zip"))]
    found: dict[str, Any] = {"wheels": wheels} if wheels else {}
    if sdists:
        # The name that PEP 751 asks for; old sdists have others, which the path keeps.
        best = min(sdists, key=lambda sdist: not sdist[0].endswith(".tar.gz"))
        found["sdist"] = (
            _file(*best) if _sdist_of(best[0], name, version) else {**_file(*best), "name": f"{name}-{version}.tar.gz"}
        )
    if not found:
        refuse(subject, "the lock names no wheel and no sdist for it.", RELOCK)
    return found


def _file(file: str, sha256: str) -> dict[str, Any]:
    return {"path": file, "hashes": {"sha256": sha256}}


def _sha256(file: Mapping[str, Any], subject: str) -> str:
    kind, _colon, digest = str(file.get("hash", "")).partition(":")
    if kind != "sha256" or not re.fullmatch(r"[0-9a-f]{64}", digest):
        refuse(
            subject,
            f"{file['file']} has no SHA-256 in the lock.",
            "Ask the index for SHA-256 digests, then run: poetry lock --regenerate.",
        )
    return digest


def _wheel_of(file: str, name: str, version: str) -> bool:
    try:
        return bool(_packaging.utils.parse_wheel_filename(file)[:2] == (name, _packaging.version.Version(version)))
    except _packaging.utils.InvalidWheelFilename:
        return False


def _sdist_of(file: str, name: str, version: str) -> bool:
    try:
        return bool(_packaging.utils.parse_sdist_filename(file) == (name, _packaging.version.Version(version)))
    except _packaging.utils.InvalidSdistFilename:
        return False
