# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a project to a bundle: plan first, then do what the plan says."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ansible_collections.netdevops.python.plugins.module_utils.build import _packaging, provenance
from ansible_collections.netdevops.python.plugins.module_utils.build.built import Built, described
from ansible_collections.netdevops.python.plugins.module_utils.build.bundle_folder import (
    Found,
    check_destination,
    derived_wrong,
    look,
)
from ansible_collections.netdevops.python.plugins.module_utils.build.cache import Cache
from ansible_collections.netdevops.python.plugins.module_utils.build.clock import Clock
from ansible_collections.netdevops.python.plugins.module_utils.build.constraints import build_tools
from ansible_collections.netdevops.python.plugins.module_utils.build.contents import (
    Contents,
    Shelf,
    check_fit,
    known_built,
    manifest_of,
)
from ansible_collections.netdevops.python.plugins.module_utils.build.credentials import Credentials, check_url
from ansible_collections.netdevops.python.plugins.module_utils.build.derived import derived_files
from ansible_collections.netdevops.python.plugins.module_utils.build.fetch import Fetched, fetch_all
from ansible_collections.netdevops.python.plugins.module_utils.build.inputs import Inputs, Request, read_inputs
from ansible_collections.netdevops.python.plugins.module_utils.build.interpreters import take_interpreters
from ansible_collections.netdevops.python.plugins.module_utils.build.planning import SIGN, make_plan
from ansible_collections.netdevops.python.plugins.module_utils.build.project_wheel import build_project
from ansible_collections.netdevops.python.plugins.module_utils.build.requirements_file import parse_requirements
from ansible_collections.netdevops.python.plugins.module_utils.build.sdist import BuiltWheels, Tools, build_sdist
from ansible_collections.netdevops.python.plugins.module_utils.build.selection import Choice, select
from ansible_collections.netdevops.python.plugins.module_utils.build.signing import Signer, find_signer
from ansible_collections.netdevops.python.plugins.module_utils.build.tls import trusting
from ansible_collections.netdevops.python.plugins.module_utils.build.toml_file import read_bytes
from ansible_collections.netdevops.python.plugins.module_utils.build.transport import Opener
from ansible_collections.netdevops.python.plugins.module_utils.build.writer import (
    copy_checked,
    replace_folder,
    write_file,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.bundle import SIGNATURE_FILE
from ansible_collections.netdevops.python.plugins.module_utils.common.canonical import digest_bytes
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.common.manifest import (
    DESCRIPTION_SUFFIX,
    INTERPRETERS_FOLDER,
    MANIFEST_FILE,
    WHEELS_FOLDER,
    Manifest,
)
from ansible_collections.netdevops.python.plugins.module_utils.common.plan import Plan
from ansible_collections.netdevops.python.plugins.module_utils.common.runner import Runner
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt

ANSWER_SECONDS = 60.0
# Poetry's name for the default index: POETRY_HTTP_BASIC_PYPI_USERNAME is for `index_url`.
DEFAULT_SOURCE = "pypi"


class Prepared(NamedTuple):
    """All that is known before anything is written.

    Attributes:
        inputs: What was asked.
        contents: What the bundle is to hold.
        found: What is at the destination.
        shelf: Where files already are.
        own: The project's own wheel, or None.
        fetch: The files that are nowhere on this machine.
        manifest: The manifest to be, or None while it cannot be known.
        tools_text: The text of ``build_constraints``, or ''.
        plan: The steps.
        signer: Who signs the manifest, or None.
    """

    inputs: Inputs
    contents: Contents
    found: Found
    shelf: Shelf
    own: Built | None
    fetch: tuple[Choice, ...]
    manifest: Manifest | None
    tools_text: str
    plan: Plan
    signer: Signer | None = None

    @property
    def is_only_unsigned(self) -> bool:
        """Whether the bundle is what it is to be, but for its signature."""
        return {action.verb for action in self.plan.actions} == {SIGN}


class Build:
    """One build: :meth:`prepare` writes nothing, :meth:`apply` does the steps of its plan.

    Args:
        request: The options.
        run: Starts programs.
        environ: The environment of the module.
    """

    def __init__(self, request: Request, run: Runner, environ: Mapping[str, str]) -> None:
        _packaging.need_packaging("the build box")
        self._request = request
        self._run = run
        self._environ = environ
        self._cache = Cache(request.cache)
        self._built = BuiltWheels(request.cache, self._cache)
        self.clock = Clock()
        self.fetched = Fetched(0, 0)

    def prepare(self) -> Prepared:
        """Return the plan and what it rests on.

        Raises:
            Refused: when there can be no such bundle.
        """
        dest = check_destination(self._request.dest)
        check_url(self._request.index_url, "index_url")
        signer = find_signer(self._run, self._request.sign_key)
        with tempfile.TemporaryDirectory(prefix="netdevops-build-") as private:
            inputs = read_inputs(self._request, self._run, self._environ, private, self.clock)
            with self.clock("select"):
                chosen = select(inputs.lock.pylock, inputs.lock.file, inputs.targets, inputs.wanted)
            root = self._root(inputs, private)
        text = self._tools_text()
        with self.clock("look"):
            found = look(dest)
            shelf = Shelf(self._cache, self._built, found)
            digest = digest_bytes(text.encode("utf-8")) if text else ""
            pin = inputs.wanted.python
            interpreters = take_interpreters(self._request.interpreters, pin, inputs.targets)
            contents = Contents(chosen, root, known_built(chosen, inputs, shelf, digest), digest, interpreters)
            check_fit(contents, inputs)
            return self._prepared(inputs, contents, found, shelf, text, signer)

    def _prepared(
        self, inputs: Inputs, contents: Contents, found: Found, shelf: Shelf, text: str, signer: Signer | None
    ) -> Prepared:
        own = described(*contents.root) if contents.root else None
        fetch = tuple(contents.to_fetch(shelf))
        manifest = manifest_of(contents, inputs, shelf, own)
        wrong = dict(found.wrong)
        if manifest and manifest == found.manifest:
            kept = frozenset([provenance.FILE, SIGNATURE_FILE, INTERPRETERS_FOLDER])
            wrong.update(derived_wrong(found.path, derived_files(manifest, inputs.lock.pylock), kept))
        unsigned = signer.why(found.path, manifest) if signer else ""
        plan = make_plan(inputs, contents, found, fetch, manifest, wrong, unsigned)
        return Prepared(inputs, contents, found, shelf, own, fetch, manifest, text, plan, signer)

    def _root(self, inputs: Inputs, private: str) -> tuple[str, bytes] | None:
        if not inputs.with_root or inputs.poetry is None or inputs.project is None:
            return None
        with self.clock("project"):
            return build_project(inputs.poetry, self._run, inputs.project, inputs.python, private)

    def _tools_text(self) -> str:
        path = self._request.build_constraints
        if not path:
            return ""
        text = read_bytes(path, "Name a requirements file with hashes in `build_constraints`.").decode(
            "utf-8", "replace"
        )
        parse_requirements(text, path)
        return text

    def apply(self, prepared: Prepared) -> Manifest:
        """Fetch, build and write what the plan says, and return the manifest.

        Raises:
            Refused: when a file cannot be had or built; the destination is then what it was.
        """
        if prepared.manifest and prepared.is_only_unsigned:
            self._sign(prepared.found.path, prepared, prepared.manifest)
            return prepared.manifest
        with contextlib.closing(self._opener(prepared.inputs)) as opener:
            with self.clock("fetch"):
                self.fetched = self._fetch(opener, prepared.fetch)
            with self.clock("build"):
                contents = self._build_sdists(prepared, opener)
                check_fit(contents, prepared.inputs)
        manifest = manifest_of(contents, prepared.inputs, prepared.shelf, prepared.own)
        if manifest is None:
            refuse(self._request.cache, "files that were just stored are gone.", "See what empties it, and run again.")
        with self.clock("write"):
            replace_folder(prepared.found.path, lambda folder: self._fill(folder, prepared, manifest))
        return manifest

    def _opener(self, inputs: Inputs) -> Opener:
        declared = inputs.project.sources if inputs.project else {}
        for name, url in inputs.lock.sources.items():
            check_url(url, f"{inputs.lock.file}, source {name}")
        indexes = {**declared, **inputs.lock.sources}
        indexes.setdefault(DEFAULT_SOURCE, self._index)
        self._credentials = Credentials(self._environ, indexes)
        return Opener(self._credentials, trusting(self._environ), ANSWER_SECONDS)

    @property
    def _index(self) -> str:
        return check_url(self._request.index_url, "index_url")

    def _fetch(self, opener: Opener, choices: tuple[Choice, ...]) -> Fetched:
        return fetch_all(opener, self._cache, choices, self._index, self._request.jobs) if choices else Fetched(0, 0)

    def _build_sdists(self, prepared: Prepared, opener: Opener) -> Contents:
        """Return the contents with a wheel for every sdist, building those that were not there."""
        sdists = prepared.contents.sdists()
        if not sdists:
            return prepared.contents
        tools = self._tools(prepared, opener)
        with ThreadPoolExecutor(max_workers=min(self._request.jobs, os.cpu_count() or 1)) as pool:
            outcomes = list(pool.map(lambda choice: self._build_sdist(choice, prepared.shelf, tools), sdists))
        refuse_all([problem for outcome in outcomes if not isinstance(outcome, Built) for problem in outcome])
        built = {choice.sha256: outcome for choice, outcome in zip(sdists, outcomes) if isinstance(outcome, Built)}
        new = {(target.name, digest): wheel for target in prepared.inputs.targets for digest, wheel in built.items()}
        return prepared.contents._replace(built={**new, **prepared.contents.built})

    def _build_sdist(self, choice: Choice, shelf: Shelf, tools: Tools) -> Built | Sequence[Problem]:
        try:
            wheel, data = build_sdist(self._run, choice, shelf.path(choice.sha256), tools, self._environ)
        except Refused as refused:
            return refused.problems
        self._built.keep(choice.sha256, tools.python, tools.constraints, wheel, data)
        return wheel

    def _tools(self, prepared: Prepared, opener: Opener) -> Tools:
        python, contents = prepared.inputs.python, prepared.contents
        if python is None:
            raise AssertionError("check_fit has refused this")
        wheels: dict[str, str] = {}
        if prepared.tools_text:
            choices = build_tools(opener, self._index, prepared.tools_text, self._request.build_constraints, python)
            missing = tuple(choice for choice in choices if not prepared.shelf.path(choice.sha256))
            fetched = self._fetch(opener, missing)
            self.fetched = Fetched(self.fetched.files + fetched.files, self.fetched.bytes + fetched.bytes)
            wheels = {choice.file: prepared.shelf.path(choice.sha256) for choice in choices}
        login = self._credentials.login(self._index)
        return Tools(python, self._index, login, wheels, contents.constraints, self._request.timeout)

    def _fill(self, folder: str, prepared: Prepared, manifest: Manifest) -> None:
        """Write the bundle into ``folder``; the manifest comes last: without it, a folder is no bundle."""
        self._fill_wheels(folder, prepared, manifest)
        _fill_interpreters(folder, prepared.contents.interpreters)
        for name, data in derived_files(manifest, prepared.inputs.lock.pylock).items():
            write_file(folder, name, data)
        tools = {"poetry": self._poetry_version(prepared.inputs), "module_python": sys.executable}
        taken = {archive.description.file: archive.path for archive in prepared.contents.interpreters.values()}
        account = provenance.provenance_text(self._run, manifest.id, prepared.inputs.folder, tools, taken)
        write_file(folder, provenance.FILE, account.encode("utf-8"))
        _carry_over(prepared.found, folder, manifest)
        self._sign(folder, prepared, manifest)
        write_file(folder, MANIFEST_FILE, manifest.encode())

    def _sign(self, folder: str, prepared: Prepared, manifest: Manifest) -> None:
        if prepared.signer and prepared.signer.why(folder, manifest):
            with self.clock("sign"):
                write_file(folder, SIGNATURE_FILE, prepared.signer.sign(manifest))

    def _fill_wheels(self, folder: str, prepared: Prepared, manifest: Manifest) -> None:
        wheels = {wheel.file: wheel for listed in manifest.targets.values() for wheel in listed}
        for file, wheel in wheels.items():
            name = f"{WHEELS_FOLDER}/{file}"
            if prepared.own and wheel.sha256 == prepared.own.sha256 and prepared.contents.root:
                write_file(folder, name, prepared.contents.root[1])
            else:
                copy_checked(prepared.shelf.path(wheel.sha256), folder, name, wheel.sha256)

    def _poetry_version(self, inputs: Inputs) -> str:
        if inputs.poetry is None:
            return ""
        return inputs.poetry("--version").stdout.strip()


def _fill_interpreters(folder: str, interpreters: Mapping[str, Prebuilt]) -> None:
    for path, description in set(interpreters.values()):
        name = f"{INTERPRETERS_FOLDER}/{description.file}"
        # A copy: a hard link would change with the archive, and would have its mode.
        copy_checked(path, folder, name, description.sha256)
        write_file(folder, name + DESCRIPTION_SUFFIX, description.encode())


def _carry_over(found: Found, folder: str, manifest: Manifest) -> None:
    """Keep what others added to the old bundle and what is still true: a signature of the same manifest."""
    signature = os.path.join(found.path, SIGNATURE_FILE)
    if found.manifest == manifest and os.path.isfile(signature):
        shutil.copyfile(signature, os.path.join(folder, SIGNATURE_FILE))


def outcome(build: Build, prepared: Prepared, manifest: Manifest | None, done: bool) -> dict[str, Any]:
    """Return the module's result: an id, counts and times; the lists stay in the bundle.

    Args:
        build: The build.
        prepared: Its plan.
        manifest: The manifest, or None while it cannot be known.
        done: Whether the plan was carried out; if not, the numbers say what it would take.
    """
    fetched = (
        build.fetched._asdict() if done else {"files": len(prepared.fetch), "bytes": None if prepared.fetch else 0}
    )
    return {
        "bundle_id": manifest.id if manifest else None,
        "bundle": prepared.found.path,
        "targets": _counts(prepared, manifest),
        "interpreters": _interpreters(prepared),
        "fetched": fetched,
        "built": _built(manifest),
        "signed_by": prepared.signer.fingerprint if prepared.signer else "",
        "actions": prepared.plan.summary(),
        "seconds": build.clock.seconds(),
    }


def _counts(prepared: Prepared, manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        own = 1 if prepared.own else 0
        return {
            name: {"wheels": len(choices) + own, "bytes": None} for name, choices in prepared.contents.chosen.items()
        }
    return {
        name: {"wheels": len(wheels), "bytes": sum(wheel.size for wheel in wheels)}
        for name, wheels in manifest.targets.items()
    }


def _interpreters(prepared: Prepared) -> dict[str, str]:
    return {name: archive.description.file for name, archive in prepared.contents.interpreters.items()}


def _built(manifest: Manifest | None) -> list[dict[str, Any]]:
    wheels = {wheel for listed in manifest.targets.values() for wheel in listed if wheel.origin} if manifest else set()
    return [
        {"name": wheel.name, "version": wheel.version, "file": wheel.file, "origin": dict(wheel.origin)}
        for wheel in sorted(wheels)
    ]
