#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mypy, strict, on the knowledge; its exceptions stand in pyproject.toml.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate types
need mypy
packages=()
for folder in module_utils plugin_utils; do
  # Git keeps no empty folder, so plugin_utils is there once it holds something.
  [ ! -d "plugins/$folder" ] || packages+=(--package "ansible_collections.netdevops.python.plugins.$folder")
done
MYPYPATH=.collections mypy --strict --namespace-packages --explicit-package-bases "${packages[@]}"
