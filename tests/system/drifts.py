# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten ways in which an environment becomes another one than was installed, for an environment of ours and for an ordinary one.

Run by any Python: drifts.py KIND VENV ELSEWHERE. KIND is a key of DRIFTS; VENV holds the packages of ``bundles.small``;
ELSEWHERE is a folder that is not there yet. What is edited keeps its size and gets its times back.
"""

from __future__ import annotations

import glob
import os
import shutil
import sys
from typing import Callable

NOBODY = 65534


def _packages(venv: str) -> str:
    (found,) = glob.glob(f"{venv}/lib/python3.*/site-packages")
    return found


def _flip(path: str, at: int = -2) -> None:
    """Change one byte, and put the times back."""
    before = os.stat(path)
    with open(path, "r+b") as stream:
        data = bytearray(stream.read())
        data[at] ^= 1
        stream.seek(0)
        stream.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _edited_file(venv: str, elsewhere: str) -> None:
    _flip(f"{_packages(venv)}/alpha/__init__.py")


def _deleted_file(venv: str, elsewhere: str) -> None:
    os.unlink(f"{_packages(venv)}/alpha/shows.py")


def _added_file(venv: str, elsewhere: str) -> None:
    with open(f"{_packages(venv)}/beta/extra.py", "w", encoding="utf-8") as stream:
        stream.write("EXTRA = True\n")


def _added_package(venv: str, elsewhere: str) -> None:
    for path, text in (
        ("gamma/__init__.py", "VERSION = '3.0'\n"),
        ("gamma-3.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: gamma\nVersion: 3.0\n"),
        (
            "gamma-3.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        ("gamma-3.0.dist-info/INSTALLER", "pip\n"),
        (
            "gamma-3.0.dist-info/RECORD",
            "".join(
                f"{name},,\n"
                for name in (
                    "gamma/__init__.py",
                    *(f"gamma-3.0.dist-info/{n}" for n in ("INSTALLER", "METADATA", "RECORD", "WHEEL")),
                )
            ),
        ),
    ):
        full = os.path.join(_packages(venv), path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as stream:
            stream.write(text)


def _replaced_interpreter(venv: str, elsewhere: str) -> None:
    """Another file under the same name, which works as well."""
    path = os.path.realpath(f"{venv}/bin/python")
    shutil.copy2(path, f"{path}.new")
    with open(f"{path}.new", "ab") as stream:
        stream.write(b"\0")
    os.replace(f"{path}.new", path)


def _changed_mode(venv: str, elsewhere: str) -> None:
    os.chmod(f"{_packages(venv)}/beta/__init__.py", 0o666)


def _changed_owner(venv: str, elsewhere: str) -> None:
    os.chown(f"{_packages(venv)}/beta/__init__.py", NOBODY, NOBODY)


def _edited_receipt(venv: str, elsewhere: str) -> None:
    """Ours has a receipt; an ordinary environment has what its installer wrote down of a package."""
    receipt = f"{venv}/receipt.json"
    if not os.path.exists(receipt):
        (receipt,) = glob.glob(f"{_packages(venv)}/beta-*.dist-info/RECORD")
    _flip(receipt, 20)


def _extra_path_file(venv: str, elsewhere: str) -> None:
    with open(f"{_packages(venv)}/zz-extra.pth", "w", encoding="utf-8") as stream:
        stream.write("import os\n")


def _link_elsewhere(venv: str, elsewhere: str) -> None:
    """To somebody's own copy."""
    shutil.copytree(os.path.realpath(venv), elsewhere, symlinks=True)
    os.unlink(venv)
    os.symlink(elsewhere, venv)


DRIFTS: dict[str, Callable[[str, str], None]] = {
    "edited file, same size and mtime": _edited_file,
    "deleted file": _deleted_file,
    "added file": _added_file,
    "added package": _added_package,
    "replaced interpreter": _replaced_interpreter,
    "changed mode": _changed_mode,
    "changed owner": _changed_owner,
    "edited receipt": _edited_receipt,
    "extra `.pth` file": _extra_path_file,
    "link pointing elsewhere": _link_elsewhere,
}

if __name__ == "__main__":
    DRIFTS[sys.argv[1]](*sys.argv[2:])
