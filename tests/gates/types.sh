#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mypy, strict, on the knowledge; which packages and which exceptions stands in pyproject.toml.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate types
need mypy
PACKAGES=ansible_collections.netdevops.python.plugins
MYPYPATH=.collections mypy --strict --namespace-packages --explicit-package-bases -p "$PACKAGES.module_utils" -p "$PACKAGES.plugin_utils"
