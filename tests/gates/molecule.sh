#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every scenario, or those named: tests/gates/molecule.sh [SCENARIO]...
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate molecule
need molecule podman ssh
[ -d "$LAB_COLLECTIONS" ] || die "the lab is not set up: run ./bootstrap.sh --lab"

scenarios=("$@")
[ "$#" -gt 0 ] || mapfile -t scenarios < <(printf '%s\n' extensions/molecule/*/molecule.yml | sed -nE 's#^extensions/molecule/([^/*]+)/molecule.yml$#\1#p')
[ "${#scenarios[@]}" -gt 0 ] || die "extensions/molecule holds no scenario"

# The hosts have fixed names and addresses, so one run at a time on one machine.
exec 8>"${TMPDIR:-/tmp}/netdevops-python-molecule.lock"
flock 8

failed=()
for scenario in "${scenarios[@]}"; do
  begun=$SECONDS
  # Without one, Molecule only warns.
  [ -f "extensions/molecule/$scenario/verify.yml" ] || die "scenario $scenario verifies nothing: it has no verify.yml"
  molecule test --scenario-name "$scenario" || failed+=("$scenario")
  say "scenario $scenario: $((SECONDS - begun)) s"
done
[ "${#failed[@]}" -eq 0 ] || die "failed: ${failed[*]}"
