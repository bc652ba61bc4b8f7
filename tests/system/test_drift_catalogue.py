# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift catalogue: each drift is named by an audit and repaired by the next site.yml; and what other tools say to it.

The table of ``docs/drift.md`` is made here. Where it is out of date, the test fails; with DRIFT_TABLE=write it writes it.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.common.interpreter import Interpreter
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.prebuilt import Prebuilt, find
from ansible_collections.netdevops.python.tests.system import bundles, drifts, peers
from ansible_collections.netdevops.python.tests.system.hosts import PYTHON, Host, podman
from ansible_collections.netdevops.python.tests.system.playing import (
    CACHE,
    REPOSITORY,
    Result,
    environment,
    here,
    read_results,
    succeeded,
)

pytestmark = pytest.mark.system

DOCUMENT = REPOSITORY / "docs/drift.md"
MARKS = "<!-- table: from the test -->\n", "<!-- end of table -->\n"
TITLES = ("drift", "`audit` says", "next `site.yml`", *(f"`{tool}`" for tool in peers.TOOLS))
# The code of the finding, and what its evidence says; PACKAGES, PYTHON and ELSEWHERE stand for what differs from run to run.
NAMED = {
    "edited file, same size and mtime": ("environment-drifted", "edited: PACKAGES/alpha/__init__.py"),
    "deleted file": ("environment-drifted", "deleted: PACKAGES/alpha/shows.py"),
    "added file": ("environment-drifted", "added: PACKAGES/beta/extra.py"),
    "added package": ("environment-drifted", "added: PACKAGES/gamma/__init__.py"),
    "replaced interpreter": ("environment-drifted", "replaced: PYTHON"),
    "changed mode": ("environment-drifted", "mode: PACKAGES/beta/__init__.py"),
    "changed owner": ("environment-drifted", "owner: PACKAGES/beta/__init__.py"),
    "edited receipt": ("receipt-damaged", "the current release"),
    "extra `.pth` file": ("environment-drifted", "added: PACKAGES/zz-extra.pth"),
    "link pointing elsewhere": ("environment-elsewhere", "a link to ELSEWHERE"),
}
ROOT = "/opt/pyenv"


def venv_of(drift: str) -> str:
    return f"/opt/{drift.partition(',')[0].replace(' ', '-').replace('`', '').replace('.', '')}/.venv"


def playbook(name: str, host: Host, variables: Mapping[str, Any]) -> list[Result]:
    """Run a playbook of the collection, as people do, and return what each task said."""
    inventory = {"all": {"children": {"bastions": {"hosts": {host.name: {**host.variables, **variables}}}}}}
    with tempfile.TemporaryDirectory(prefix="play-") as folder:
        pathlib.Path(folder, "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", f"{folder}/inventory.json", f"netdevops.python.{name}"],
            env=environment(ANSIBLE_HOME=f"{folder}/ansible", SYSTEM_TEST_RESULTS=f"{folder}/results"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return read_results(folder)[host.name]


@pytest.fixture(scope="module")
def archive(pinned: Interpreter) -> Prebuilt:
    """The interpreter that the example pins, packed on this machine; made once, and again when it changes."""
    dest = CACHE / "system" / "interpreters"
    without = ["caches", "optimized_caches", "packages", "static_library", "tests"]
    root = pathlib.Path(pinned.base_prefix).parents[1]
    asked = {"version": pinned.version, "root": str(root), "dest": str(dest), "without": without}
    [result] = here([{"netdevops.python.pyenv_archive": asked}])
    [found] = find(str(succeeded(result)["archive"]), pinned.version)
    return found


class Catalogue:
    """A host with an environment per drift, of which one has an interpreter for itself."""

    def __init__(self, host: Host, folder: pathlib.Path, pinned: Interpreter, archive: Prebuilt) -> None:
        self.host, self.version, self.shown = host, pinned.version, pinned.base_prefix + "/"
        made = bundles.small(folder / "bundle").seal(pin=pinned.version, target=archive.description.target)
        own = f"{ROOT}/versions/{pinned.version}/bin/python"
        projects = [
            {
                "name": drift,
                "bundle": str(made),
                "venv": venv_of(drift),
                "python": own if drift == "replaced interpreter" else pinned.path,
                "compile": False,
            }
            for drift in drifts.DRIFTS
        ]
        self.site_variables = {
            "wheelhouse_projects": projects,
            "wheelhouse_keep": 1,
            "wheelhouse_allow_container": True,
            "pyenv_interpreters": [pinned.version],
            "pyenv_source": "archive",
            "pyenv_archive": os.path.dirname(archive.path),
        }

    def site(self) -> dict[str, Result]:
        """Run site.yml, and return what became of each environment."""
        said = playbook("site", self.host, self.site_variables)
        [looped] = [one["results"] for one in said if "wheelhouse_project" in (one.get("results") or [{}])[0]]
        return {one["wheelhouse_project"]["name"]: one for one in looped if "release" in one}

    def audit(self) -> dict[str, list[dict[str, Any]]]:
        """Run audit.yml, and return the findings by environment."""
        variables = {"audit_search": ["/opt"], "audit_eol_warning_days": 0}
        [said] = [one["audit"] for one in playbook("audit", self.host, variables) if "audit" in one]
        assert len(said["environments"]) == len(drifts.DRIFTS)
        found: dict[str, list[dict[str, Any]]] = {}
        for finding in said["findings"]:
            # What somebody added to the interpreter of this machine, which the host sees, is nobody's business.
            if not finding["subject"].startswith(self.shown):
                found.setdefault(finding["venv"] or finding["subject"], []).append(finding)
        return found

    def damage(self) -> None:
        """Let each environment drift in its own way."""
        podman("cp", str(pathlib.Path(drifts.__file__)), f"{self.host.name}:/srv/drifts.py")
        for drift in drifts.DRIFTS:
            self.host.run(PYTHON, "-B", "/srv/drifts.py", drift, venv_of(drift), self.elsewhere(drift))

    def elsewhere(self, drift: str) -> str:
        return f"/srv{os.path.dirname(venv_of(drift))}"

    def evidence(self, drift: str) -> str:
        feature = ".".join(self.version.split(".")[:2])
        words = {
            "PACKAGES": f"lib/python{feature}/site-packages",
            "PYTHON": f"{ROOT}/versions/{self.version}/bin/python",
            "ELSEWHERE": self.elsewhere(drift),
        }
        text = NAMED[drift][1]
        for word, value in words.items():
            text = text.replace(word, value)
        return text


@pytest.fixture(scope="module")
def catalogue(pinned: Interpreter, archive: Prebuilt, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    host = Host(f"netdevops-drift-{os.getpid()}", [pathlib.Path(pinned.base_prefix)])
    try:
        yield Catalogue(host, tmp_path_factory.mktemp("drift"), pinned, archive)
    finally:
        host.close()


def judged(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """Return what audit and site.yml say of each drift, as the table has it, and assert that it is right."""
    assert all(succeeded(one)["changed"] for one in catalogue.site().values())
    assert catalogue.audit() == {}
    catalogue.damage()
    found = catalogue.audit()
    # The interpreter that was replaced is named by itself as well.
    [altered] = [found.pop(one) for one in list(found) if "/versions/" in one]
    assert [one["code"] for one in altered] == ["interpreter-altered"]
    assert set(found) == {venv_of(drift) for drift in drifts.DRIFTS}, found
    repaired = catalogue.site()
    after, third = catalogue.audit(), catalogue.site()
    cells = {}
    for drift, (code, _evidence) in NAMED.items():
        findings = {one["code"]: one["evidence"] for one in found[venv_of(drift)]}
        assert any(catalogue.evidence(drift) in line for line in findings[code]), (drift, findings)
        assert catalogue.host.run(f"{venv_of(drift)}/bin/alpha") == "alpha 1.0 beta 2.0\n"
        assert not third[drift]["changed"], (drift, third[drift])
        clean = venv_of(drift) not in after
        cells[drift] = (f"`{code}`: {NAMED[drift][1].replace('PACKAGES/', '').replace('PYTHON', 'bin/python')}", clean)
    assert after == {}
    assert {drift for drift, one in repaired.items() if not one["changed"]} <= {"replaced interpreter"}
    return {drift: (said, "repaired" if clean else "not repaired") for drift, (said, clean) in cells.items()}


def others(folder: pathlib.Path) -> dict[str, dict[str, peers.Said]]:
    """Return what each tool says to each drift."""
    places = peers.Places(folder, bundles.small(folder / "bundle"))
    places.prepare()
    return {tool: places.ask(tool) for tool in peers.TOOLS}


def table(ours: Mapping[str, tuple[str, str]], theirs: Mapping[str, Mapping[str, peers.Said]]) -> str:
    lines = [TITLES, ("---",) * len(TITLES)]
    for drift, cells in ours.items():
        said = [theirs[tool][drift] for tool in peers.TOOLS]
        words = ["not seen" if not one.seen else "repaired" if one.repaired else "seen" for one in said]
        lines.append((drift, cells[0].replace("ELSEWHERE", "…"), cells[1], *words))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def test_each_drift_is_named_and_repaired_and_the_document_says_so(
    catalogue: Catalogue, tmp_path: pathlib.Path
) -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        theirs = pool.submit(others, tmp_path)
        ours = judged(catalogue)
        made = table(ours, theirs.result())
    print(made)
    before, _mark, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])
    written, mark, after = rest.partition(MARKS[1])
    if os.environ.get("DRIFT_TABLE") == "write":
        DOCUMENT.write_text(before + MARKS[0] + "\n" + made + "\n" + MARKS[1] + after, encoding="utf-8")
    else:
        assert mark and written.strip("\n") == made.strip("\n"), "docs/drift.md is out of date: DRIFT_TABLE=write"
