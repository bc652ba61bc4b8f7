# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by the gates that run ansible-test, after env.sh.

KNOWN_WARNINGS='^$'

# A home of its own keeps the user's out of it, and its virtual environments from run to run.
prepare_ansible_test() {
  local version
  TEST_HOME=$LAB_CACHE/home
  mkdir -p "$TEST_HOME/.ansible/test/cache"
  version=$(python -c 'from types import SimpleNamespace; from ansible_test._internal import python_requirements as r
print(r.get_venv_packages(SimpleNamespace(version="3.13"))["pip"].replace(".", "_"))')
  # Otherwise it fetches get-pip from a host of its own, which a closed network does not reach.
  cp "$ROOT/tests/gates/lib/get_pip.py" "$TEST_HOME/.ansible/test/cache/get_pip_$version.py"
  copy_tree "$WORK"
}

ansible_test() {
  (cd "$WORK/$COLLECTION" && HOME=$TEST_HOME XDG_CACHE_HOME=$(dirname "$LAB_CACHE") ansible-test "$@")
}

refuse_warnings() {
  local unknown
  unknown=$(grep -E '^(WARNING|ERROR)' "$1" | grep -vE "$KNOWN_WARNINGS") || return 0
  die "not known: $unknown"
}
