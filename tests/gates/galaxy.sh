#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tarball as a user gets it: what is in it, what Galaxy's importer says, and whether it works by its full names once installed.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate galaxy
need ansible-galaxy ansible-doc ansible-playbook tar

SHIPPED='MANIFEST.json FILES.json README.md LICENSE CHANGELOG.md CHANGELOG.rst changelogs docs meta playbooks plugins roles'

# What lies about in a working tree; galaxy.yml alone keeps it out, for the builder ignores .gitignore.
litter() {
  local name
  for name in .venv/x .cache/x .collections/x .mypy_cache/x .pytest_cache/x .ruff_cache/x .ansible/x tests/output/x build/x dist/x .coverage \
    plugins/modules/__pycache__/x.pyc docs/examples/netcheck/.venv/x docs/examples/netcheck/.venv.releases/x docs/examples/netcheck/dist/x \
    docs/examples/netcheck/src/netcheck/__pycache__/x.pyc netdevops-python-0.0.1.tar.gz; do
    mkdir -p "$(dirname "$name")" && echo stray >"$name"
  done
}

build() {
  copy_tree "$WORK/tree"
  cd "$WORK/tree/$COLLECTION"
  find README.md LICENSE meta playbooks plugins roles -type f | sort >"$WORK/product"
  litter
  ansible-galaxy collection build --output-path "$WORK/built"
  TARBALL=$(printf '%s\n' "$WORK"/built/netdevops-python-*.tar.gz)
}

check_contents() {
  local names stray missing
  names=$(tar -tzf "$TARBALL")
  missing=$(sort <<<"$names" | comm -23 "$WORK/product" -)
  [ -z "$missing" ] || die "the tarball lacks:"$'\n'"$missing"
  stray=$({ grep -vxE "(${SHIPPED// /|})(/.*)?" <<<"$names"; grep -E '(^|/)(__pycache__|\.venv[^/]*|dist)/|stray' <<<"$names"; } || true)
  [ -z "$stray" ] || die "the tarball holds what is not the product:"$'\n'"$stray"
}

# It reports findings as warnings and ends with 0.
import_it() {
  local known='^$' found
  mkdir "$WORK/import"
  (cd "$WORK/import" && GALAXY_IMPORTER_TMP_ROOT_DIR=$WORK/import python -m galaxy_importer.main "$TARBALL") | tee "$WORK/import.log"
  grep -q 'completed successfully' "$WORK/import.log" || die "the importer did not finish"
  found=$(grep -E '^(WARNING|ERROR)' "$WORK/import.log" | grep -vE "$known") || return 0
  die "the importer found:"$'\n'"$found"
}

use_it() {
  local file
  export ANSIBLE_COLLECTIONS_PATH=$WORK/installed
  ansible-galaxy collection install --offline --collections-path "$WORK/installed" "$TARBALL"
  cd "$WORK"
  for file in "$ROOT"/plugins/modules/[a-z]*.py; do ansible-doc --type module "netdevops.python.$(basename "$file" .py)" >/dev/null; done
  for file in "$ROOT"/roles/*/; do ansible-doc --type role "netdevops.python.$(basename "$file")" | grep -q '[a-z]'; done
  for file in "$ROOT"/playbooks/*.yml; do
    ansible-playbook "netdevops.python.$(basename "$file" .yml)" -i localhost, --syntax-check
    ansible-playbook "netdevops.python.$(basename "$file" .yml)" -i localhost, --list-tasks
  done
}

build
check_contents
import_it
use_it
