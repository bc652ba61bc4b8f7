# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by the gates that run ansible-test, after env.sh.

# A home of its own keeps the user's out of it, and its virtual environments from run to run.
prepare_ansible_test() {
  local version
  TEST_HOME=$LAB_CACHE/home
  mkdir -p "$TEST_HOME/.ansible/test/cache" "$TEST_HOME/.config/pip"
  version=$(python -c 'from types import SimpleNamespace; from ansible_test._internal import python_requirements as r
print(r.get_venv_packages(SimpleNamespace(version="3.13"))["pip"].replace(".", "_"))')
  # Otherwise it fetches get-pip from a host of its own, which a closed network does not reach.
  cp "$ROOT/tests/gates/lib/get_pip.py" "$TEST_HOME/.ansible/test/cache/get_pip_$version.py"
  pip_settings >"$TEST_HOME/.config/pip/pip.conf"
  copy_tree "$WORK"
}

# ansible-test hands on HOME and PATH alone, so the machine's pip.conf is met; an empty value here takes its place.
pip_settings() {
  printf '%s\n' '[global]' 'quiet = 1' 'find-links =' 'extra-index-url =' 'no-index =' "index-url = ${PIP_INDEX_URL-}" "cert = ${PIP_CERT:-${REQUESTS_CA_BUNDLE-}}"
}

ansible_test() {
  (cd "$WORK/$COLLECTION" && HOME=$TEST_HOME ansible-test "$@")
}

# Known: the locale, and a Python between the oldest and the newest, or above, that the machine does not have at all.
known_warnings() {
  local version
  printf '^WARNING: Using locale "C.UTF-8" instead of "en_US.UTF-8"|^WARNING: Reviewing previous'
  for version in 3.10 3.11 3.12 3.14; do
    command -v "python$version" >/dev/null || printf '|^WARNING: Skipping sanity test "(compile|import)" on Python %s because it could not be found' "$version"
  done
}

refuse_warnings() {
  local unknown
  unknown=$(grep -E '^(WARNING|ERROR|FATAL)' "$1" | grep -vE "$(known_warnings)") || return 0
  die "not known: $unknown"
}
