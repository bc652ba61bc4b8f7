# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs at the start of a Python."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Collection
from typing import Callable

import pytest

from ansible_collections.netdevops.python.plugins.module_utils.audit import well_known
from ansible_collections.netdevops.python.plugins.module_utils.audit.finding import Finding
from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader
from ansible_collections.netdevops.python.plugins.module_utils.audit.site_folders import SiteFolder
from ansible_collections.netdevops.python.plugins.module_utils.audit.startup import check_startup, library_sites

Put = Callable[..., pathlib.Path]
VENV = "/opt/app/.venv"
SITE = f"{VENV}/lib/python3.11/site-packages"
PRECEDENCE = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local';"
    " enabled and __import__('_distutils_hack').add_shim(); \n"
)
VIRTUALENV, MODULE, HACK = "import _virtualenv", "patch()\n", "def add_shim(): ...\n"


def said(reader: Reader, *trusted: str) -> list[Finding]:
    def fine(paths: Collection[str]) -> Collection[str]:
        return set(trusted).intersection(paths)

    return list(check_startup(reader, [SiteFolder(SITE, "environment", VENV)], fine))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("import os\n", ["path-file-code"]),
        ("import\tos\n", ["path-file-code"]),
        ("\ufeffimport os\n", ["path-file-code"]),
        ("# import os\n\nimportant\n./more\nlib\n", []),
        ("/srv/elsewhere\n", ["path-file-foreign"]),
        ("../../../../elsewhere\n", ["path-file-foreign"]),
        ("/srv/elsewhere\nimport os\n", ["path-file-code", "path-file-foreign"]),
        (f"{SITE}/inside\n", []),
        ("", []),
    ],
)
def test_path_files(reader: Reader, put: Put, text: str, codes: list[str]) -> None:
    put(f"{SITE}/one.pth", text)
    found = said(reader)
    assert [one.code for one in found] == codes
    assert {one.subject for one in found} <= {f"{SITE}/one.pth"}
    assert {one.venv for one in found} <= {VENV}


def test_nothing_that_is_in_a_file_is_told(reader: Reader, put: Put) -> None:
    """It may be a link that an account laid to a file that only root reads."""
    secrets = put("/base/.history", "/usr/bin/tool -us3cr3t\nimport os; password='s3cr3t'\n")
    put(f"{SITE}/other.py")
    (secrets.parent.parent / SITE.lstrip("/") / "one.pth").symlink_to(secrets)
    found = said(reader)
    assert [one.evidence for one in found] == [("line 2 runs code",), ("line 1 leads elsewhere",)]
    assert "s3cr3t" not in str(found)


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that the file of virtualenv imports, as a release has it."""
    known = {hashlib.sha256(text.encode()).hexdigest() for text in (MODULE, HACK)}
    monkeypatch.setattr(well_known, "_DIGESTS", frozenset(known))


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    "files",
    [
        {"_virtualenv.pth": VIRTUALENV, "_virtualenv.py": MODULE},
        {
            "distutils-precedence.pth": PRECEDENCE,
            "_distutils_hack/__init__.py": HACK,
            "_distutils_hack/override.py": "",
        },
    ],
)
def test_what_every_environment_has(reader: Reader, put: Put, files: dict[str, str]) -> None:
    for name, text in files.items():
        put(f"{SITE}/{name}", text)
    assert said(reader) == []
    [in_the_system] = check_startup(reader, [SiteFolder(SITE, "system", "/usr")], lambda paths: ())
    assert in_the_system.code == "path-file-code"


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    "files",
    [
        {"zz.pth": VIRTUALENV, "_virtualenv.py": MODULE},
        {"_virtualenv.pth": VIRTUALENV, "_virtualenv.py": MODULE + "evil()\n"},
        {"_virtualenv.pth": VIRTUALENV},
        {"_virtualenv.pth": VIRTUALENV, "_virtualenv.py": MODULE, "_virtualenv/__init__.py": "evil()\n"},
        {"_virtualenv.pth": VIRTUALENV, "_virtualenv.py": MODULE, "_virtualenv.abi3.so": ""},
        {"_virtualenv.pth": PRECEDENCE, "_virtualenv.py": MODULE},
        {"distutils-precedence.pth": PRECEDENCE, "_distutils_hack/__init__.py": ""},
        {"distutils-precedence.pth": PRECEDENCE + "import evil\n", "_distutils_hack/__init__.py": HACK},
        {
            "distutils-precedence.pth": PRECEDENCE,
            "_distutils_hack/__init__.py": HACK,
            "_distutils_hack/__init__.abi3.so": "",
        },
    ],
)
def test_what_only_looks_like_it(reader: Reader, put: Put, files: dict[str, str]) -> None:
    for name, text in files.items():
        put(f"{SITE}/{name}", text)
    assert {one.code for one in said(reader)} == {"path-file-code"}


@pytest.mark.parametrize(
    "name",
    [
        "sitecustomize.py",
        "usercustomize.py",
        "sitecustomize",
        "sitecustomize.pyc",
        "usercustomize.cpython-311-x86_64-linux-gnu.so",
    ],
)
def test_modules(reader: Reader, put: Put, name: str) -> None:
    put(f"{SITE}/{name}")
    put(f"{SITE}/sitecustomizer.py")
    assert [(one.code, one.subject) for one in said(reader)] == [("startup-module", f"{SITE}/{name}")]


def test_what_is_trusted(reader: Reader, put: Put) -> None:
    put(f"{SITE}/one.pth", "import os\n")
    put(f"{SITE}/two.pth", "import os\n")
    assert [one.subject for one in said(reader, f"{SITE}/one.pth")] == [f"{SITE}/two.pth"]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3.11/sitecustomize.py",
        "/usr/lib/python3.11/lib-dynload/sitecustomize.py",
        "/usr/lib/python3.11/lib-dynload/usercustomize.cpython-311-x86_64-linux-gnu.so",
        "/usr/lib/python311.zip",
    ],
)
def test_the_standard_library_is_a_place_as_well(reader: Reader, put: Put, path: str) -> None:
    put("/usr/lib/python3.11/os.py")
    put(path, "PK")
    [finding] = check_startup(reader, library_sites(reader, "/usr", "system"), lambda paths: ())
    assert (finding.code, finding.subject, finding.venv) == ("startup-module", path, "")
    assert "a Python of the system in /usr" in finding.evidence[0]


def test_a_folder_in_the_place_of_the_archive(reader: Reader, put: Put) -> None:
    put("/usr/lib/python3.11/os.py")
    put("/usr/lib/python311.zip/os.py")
    [finding] = check_startup(reader, library_sites(reader, "/usr", "system"), lambda paths: ())
    assert finding.subject == "/usr/lib/python311.zip"
    assert not list(check_startup(reader, library_sites(reader, "/usr", "system"), set))
