#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Style of Python, shell and YAML: seconds, so that it runs before every commit.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate lint
need ruff shellcheck yamllint git

shell_files() {
  # A template is no script yet; what is rendered is looked at in tests/system/test_scaffold.py.
  git ls-files --cached --others --exclude-standard --deduplicate -- ':!*.j2' | while IFS= read -r file; do
    [ -f "$file" ] && head -c 64 "$file" | grep -aqE '^#!.*\b(ba)?sh\b' && printf '%s\n' "$file"
    case $file in tests/gates/env.sh) printf '%s\n' "$file" ;; esac
  done
}

ruff check --quiet
ruff format --check --quiet
mapfile -t scripts < <(shell_files)
[ "${#scripts[@]}" -gt 0 ] || die "no shell script found"
shellcheck "${scripts[@]}"
yamllint --strict .
