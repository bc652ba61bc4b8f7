# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for get-pip: runs the pip wheel that every Python carries, which then installs what ansible-test asks for."""

from __future__ import annotations

import ensurepip
import pathlib
import runpy
import sys

wheel = next(pathlib.Path(ensurepip.__file__).parent.joinpath("_bundled").glob("pip-*.whl"))
sys.path.insert(0, str(wheel))
sys.argv[1:] = ["install", *(word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel"))]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
