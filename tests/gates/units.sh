#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The unit tests under Pythons that a host may have, each in an environment of its own; under 3.13 the gate pytest runs them.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
. "$ROOT/tests/gates/lib/ansible-test.sh"
gate units
need ansible-test python3.9
# The oldest that a host may have; the gate `pytest` takes 3.13, and Debian 12, so most system tests, has 3.11.
# NETDEVOPS_FULL=1 takes those between as well.
versions=(3.9)
[ -z "${NETDEVOPS_FULL-}" ] || versions=(3.9 3.10 3.11 3.12)
prepare_ansible_test
for version in "${versions[@]}"; do
  if ! command -v "python$version" >/dev/null; then
    say "NOT TESTED: Python $version is not on this machine"
    continue
  fi
  say "Python $version"
  ansible_test units --venv --requirements --python "$version" --color no 2>&1 | tee "$WORK/log-$version"
  grep -qE '^=+ .*[0-9]+ passed' "$WORK/log-$version" || die "Python $version ran no test"
  refuse_warnings "$WORK/log-$version"
done
