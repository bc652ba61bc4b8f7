# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interpreter that has to be installed is made from: a prebuilt archive, else a build."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused, refuse, refuse_all
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.build import Job
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.closed import host_environment
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.configured import difference
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.definition import (
    Archive,
    Definition,
    choose_script,
    read_definition,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.description import SUFFIX, description_from
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.edges import Edges
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.needs import (
    ALWAYS,
    disk_problems,
    fitting_jobs,
    memory_problems,
    missing_needs,
    usable,
)
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import Wanted
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.patches import patch_problems
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.placing import Parcel
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, choose, find
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.source import Source, locate
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.standalone import describe_archive
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.tree import Tree


def choose_origin(wanted: Wanted, tree: Tree, edges: Edges) -> Job | Parcel:
    """Return what the interpreter is going to be made from; writes nothing.

    Raises:
        Refused: when there is nothing; says why each archive does not fit, and all that is in the way of a build. When
            the archives that are named cannot be looked at: minutes of building are not what was meant.
    """
    if wanted.source == "build" or not (wanted.archive or wanted.offered is not None):
        return _job(wanted, tree, edges)
    candidates = _candidates(wanted)
    try:
        return _parcel(wanted, tree, candidates, edges)
    except Refused as unfit:
        if wanted.source == "archive":
            raise
        try:
            return _job(wanted, tree, edges)._replace(instead=str(unfit.problems[0]))
        except Refused as refused:
            raise Refused([*unfit.problems, *refused.problems]) from None


def _parcel(wanted: Wanted, tree: Tree, candidates: Sequence[Prebuilt], edges: Edges) -> Parcel:
    unasked = [problem for one in candidates for problem in _unasked(wanted, one)]
    fitting = [one for one in candidates if not _unasked(wanted, one)]
    if unasked and not fitting:
        raise Refused(unasked)
    chosen = choose(fitting, wanted.version, edges.machine(edges.run))
    refuse_all(disk_problems(tree.versions, chosen.description.unpacked))
    return Parcel(wanted, tree, chosen)


def _candidates(wanted: Wanted) -> list[Prebuilt]:
    if wanted.offered is not None:
        described = (description_from(one, "offered") for one in wanted.offered)
        return [Prebuilt(wanted.delivery, one) for one in described]
    if not wanted.remote_src:
        refuse(
            wanted.archive,
            "is on the controller, and nothing was offered from there.",
            "Let the action plugin of this module run, or set `remote_src: true`.",
        )
    is_file = os.path.isfile(wanted.archive)
    if is_file and wanted.archive_sha256 and not os.path.exists(wanted.archive + SUFFIX):
        return [Prebuilt(wanted.archive, describe_archive(wanted.archive, wanted.archive_sha256))]
    return find(wanted.archive, wanted.version)


def _unasked(wanted: Wanted, one: Prebuilt) -> list[Problem]:
    """Return in what an archive is not what the task asks for."""
    said = one.description
    if wanted.archive_sha256 and said.sha256 != wanted.archive_sha256:
        message = f"expected SHA-256 {wanted.archive_sha256}, its description says {said.sha256}."
        return [Problem(said.file, message, "Correct `archive_sha256`, or copy the archive again.")]
    reason = difference(wanted, said.configure_opts, said.patches)
    return [Problem(said.file, f"{reason}.", "Make one that is configured as asked.")] if reason else []


def _job(wanted: Wanted, tree: Tree, edges: Edges) -> Job:
    """Return the build.

    Raises:
        Refused: with everything that is in its way: definition, source, patches, programs, headers, memory and disk.
    """
    jobs = wanted.jobs or fitting_jobs(len(os.sched_getaffinity(0)), edges.memory())
    problems: list[Problem] = []
    definition, source = _source(wanted, edges, problems)
    problems += _needs(wanted, tree, edges, definition, source) + memory_problems(jobs, edges.memory())
    if problems or definition is None or source is None:
        raise Refused(problems)
    return Job(wanted._replace(jobs=jobs), tree, definition, source)


def _source(wanted: Wanted, edges: Edges, problems: list[Problem]) -> tuple[Definition | None, Source | None]:
    definition = None
    try:
        definition = read_definition(choose_script(wanted.pyenv, wanted.version), wanted.version)
        archives = usable(_expected(wanted, definition), host_environment(edges.environ))
        return definition, locate(archives, wanted.cache, wanted.mirror, wanted.offline, edges.open_url)
    except Refused as refused:
        problems += refused.problems
        return definition, None


def _needs(
    wanted: Wanted, tree: Tree, edges: Edges, definition: Definition | None, source: Source | None
) -> list[Problem]:
    tools = ["bash", "make", "tar", *([source.archive.tool] if source else [])]
    own = definition.patches if definition else ""
    if own or wanted.patches:
        tools.append("patch")
    package = definition.archives[0].package if definition else ""
    patches = patch_problems(wanted.patches, own, package)
    environ = host_environment(edges.environ)
    return patches + missing_needs(edges.run, environ, tools, _compiled(wanted), tree.root)


def _compiled(wanted: Wanted) -> frozenset[str]:
    """Return the modules whose headers the host must have; another OpenSSL brings its own."""
    brought = any(word.startswith("--with-openssl=") for word in wanted.configure_opts)
    return (ALWAYS | frozenset(wanted.modules)) - ({"ssl"} if brought else frozenset())


def _expected(wanted: Wanted, definition: Definition) -> Sequence[Archive]:
    """Return the definition's archives; with a digest of the user's, it counts unless the definition has the same."""
    if not wanted.sha256:
        refuse_all(
            [
                Problem(definition.path, f"names no digest for {archive.file}.", "Name the archive's `sha256`.")
                for archive in definition.archives
                if not archive.sha256
            ]
        )
        return definition.archives
    same = [archive for archive in definition.archives if archive.sha256 == wanted.sha256]
    return same or [archive._replace(sha256=wanted.sha256) for archive in definition.archives]
