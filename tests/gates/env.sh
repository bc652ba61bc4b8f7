# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by bootstrap.sh, the lab and every gate: one place that says in which environment the project's own tools run.
# A gate is:   . "$(dirname "$0")/env.sh"; gate NAME; need TOOL...; commands
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
VENV=$ROOT/.venv
LAB_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/netdevops-python
LAB_COLLECTIONS=$LAB_CACHE/collections
COLLECTION=ansible_collections/netdevops/python
# The system tests that are a gate of their own, since some compile for minutes.
# shellcheck disable=SC2034  # two gates use it
INTERPRETER_TESTS=(tests/system/test_real_interpreter.py tests/system/test_interpreter_faults.py tests/system/test_interpreter_disk_full.py)
# The same for those that break what they test, hundreds of times.
# shellcheck disable=SC2034
FAULT_TESTS=(tests/system/test_faults_killed.py tests/system/test_faults_disk.py tests/system/test_faults_corrupted.py)
# shellcheck disable=SC2034
RELEASE_TESTS=("${FAULT_TESTS[@]}" tests/system/test_concurrency.py tests/system/test_switching_under_load.py tests/system/test_drift_catalogue.py)
# And for those of people, their interpreters and their projects: a lane of its own, since all of them together are longer than the rest.
# shellcheck disable=SC2034
PEOPLE_TESTS=(
  tests/system/test_jump_host.py tests/system/test_shared_host.py tests/system/test_pip_guard.py tests/system/test_scaffold*.py
  tests/system/test_private_index.py tests/system/test_poetry_*.py tests/system/test_pyenv_*.py tests/system/test_interpreter_care.py
  tests/system/test_interpreter_archive.py tests/system/test_interpreter_outage.py tests/system/test_interpreter_progress.py
  tests/system/test_bundle_with_interpreter.py
)

say() { printf '==> %s\n' "$*"; }
die() { printf 'ERROR: %s\n' "$*" >&2; exit 1; }

# A user's settings must not decide what a gate says. What names the way to the network stays: certificates, index, proxy, time limit.
forget_settings() {
  local name
  for name in $(compgen -e); do
    case $name in
      PIP_CERT | PIP_CLIENT_CERT | PIP_INDEX_URL | PIP_PROXY | PIP_DEFAULT_TIMEOUT | POETRY_PYPI_MIRROR_URL) ;;
      PYENV_ROOT | PYTHON_BUILD_* | PYTHONUNBUFFERED) ;;
      ANSIBLE_* | MOLECULE_* | GALAXY_* | PIP_* | PYENV_* | PYTEST_* | PYTHON* | POETRY_* | UV_* | COVERAGE_* | MYPY* | RUFF_*) unset "$name" ;;
      CONTAINERS_* | VIRTUAL_ENV | CDPATH | GIT_DIR | GIT_WORK_TREE | GIT_INDEX_FILE) unset "$name" ;;
    esac
  done
  export LC_ALL=C.UTF-8 PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
  [ -t 1 ] || export NO_COLOR=1
}

# The real bin folder of each minor Python under pyenv, newest patch of each. A shim of a version that is not selected exits 127.
pyenv_bins() {
  local root=${PYENV_ROOT:-$HOME/.pyenv} minor newest
  for minor in 3.14 3.13 3.12 3.11 3.10 3.9; do
    newest=$(printf '%s\n' "$root/versions/$minor".*/bin | grep -E '/3\.[0-9]+\.[0-9]+/bin$' | sort -V | tail -n 1) || continue
    [ -x "$newest/python" ] && printf '%s:' "$newest"
  done
}

without_shims() { tr ':' '\n' <<<"$PATH" | grep -v '/shims$' | paste -sd: -; }

use_tools() {
  PATH=$VENV/bin:$(pyenv_bins)$(without_shims)
  export PATH
  export ANSIBLE_HOME=$ROOT/.cache/ansible ANSIBLE_CONFIG=$ROOT/tests/gates/ansible.cfg
  export ANSIBLE_COLLECTIONS_PATH=$ROOT/.collections:$LAB_COLLECTIONS
  export CONTAINERS_CONF=$ROOT/tests/lab/containers.conf
  mkdir -p "$ANSIBLE_HOME"
}

# A missing tool is a failure: a gate that skips says nothing.
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    case $tool in python3.*) die "$tool is not here: install one, with pyenv for example" ;; esac
    die "$tool is not installed: run ./bootstrap.sh --lab"
  done
}

gate() {
  GATE=$1
  SECONDS=0
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/netdevops-$GATE.XXXXXX")
  trap end_gate EXIT
  trap 'exit 130' INT TERM
  [ -x "$VENV/bin/python" ] || die "$VENV is not there: run ./bootstrap.sh"
  cd "$ROOT"
}

end_gate() {
  local status=$? word=ok
  [ "$status" -eq 0 ] || word=FAILED
  rm -rf "$WORK"
  printf '==> %s: %s, %d s\n' "$GATE" "$word" "$SECONDS"
  exit "$status"
}

# ansible-test and the builder want a real folder at .../ansible_collections/netdevops/python; a link is refused or falsely green.
copy_tree() {
  local target=$1/$COLLECTION
  mkdir -p "$target"
  git -C "$ROOT" ls-files -z --cached --others --exclude-standard --deduplicate |
    (cd "$ROOT" && while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done) |
    tar -C "$ROOT" --null --files-from=- -cf - | tar -C "$target" -xf -
}

forget_settings
use_tools
