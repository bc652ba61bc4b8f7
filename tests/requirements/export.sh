#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes what the locks say as hash-pinned lists for pip: export.sh [ROOT], from empty files, below ROOT. It needs no network.
#   tests/requirements/dev.txt                     what bootstrap.sh installs
#   docs/examples/netcheck/build-constraints.txt   what builds the example and its sdists
. "$(dirname -- "${BASH_SOURCE[0]}")/../gates/env.sh"
need poetry
TARGET=$(cd -- "${1:-$ROOT}" && pwd -P)
export POETRY_VIRTUALENVS_CREATE=false PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring

# Without URLs: from which index the files come is for the reader's own pip to say; what they are, the hashes say.
export_group() {
  mkdir -p "$(dirname -- "$TARGET/$3")"
  poetry --no-interaction --no-ansi --directory "$ROOT/$1" export --quiet --only "$2" --without-urls --output "$TARGET/$3"
}

export_group . dev tests/requirements/dev.txt
export_group docs/examples/netcheck build docs/examples/netcheck/build-constraints.txt
