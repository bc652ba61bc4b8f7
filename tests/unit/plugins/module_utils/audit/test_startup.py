# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs at the start of a Python."""

from __future__ import annotations

import pathlib
from collections.abc import Collection
from typing import Callable

import pytest

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
        (PRECEDENCE, []),
        (PRECEDENCE + "import evil\n", ["path-file-code"]),
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
    secrets = put("/root/.history", "/usr/bin/tool -us3cr3t\nimport os; password='s3cr3t'\n")
    put(f"{SITE}/other.py")
    (secrets.parent.parent / SITE.lstrip("/") / "one.pth").symlink_to(secrets)
    found = said(reader)
    assert [one.evidence for one in found] == [("line 2 runs code",), ("line 1 leads elsewhere",)]
    assert "s3cr3t" not in str(found)


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


def test_the_standard_library_is_a_place_as_well(reader: Reader, put: Put) -> None:
    put("/usr/lib/python3.11/sitecustomize.py")
    sites = library_sites(reader, "/usr", "system")
    [finding] = check_startup(reader, sites, lambda paths: ())
    assert (finding.subject, finding.venv) == ("/usr/lib/python3.11/sitecustomize.py", "")
