#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./bootstrap.sh                        .venv with the hash-pinned tools, and the link that makes the tree importable
# ./bootstrap.sh --lab                  the same, then what only the tests need (tests/lab/setup.sh)
# ./bootstrap.sh --interpreter X.Y.Z    print the path of that interpreter, installed first where it is missing
. "$(dirname -- "${BASH_SOURCE[0]}")/tests/gates/env.sh"

REQUIREMENTS=$ROOT/tests/requirements/dev.txt
STAMP=$VENV/.bootstrap

# "There" is what a probe says: a killed build leaves a folder that looks like an interpreter.
probe() { [ -x "$1" ] && [ "$("$1" -c 'import platform, ssl, venv, zlib; print(platform.python_version())' 2>/dev/null)" = "$2" ]; }

pyenv_python() { printf '%s/versions/%s/bin/python\n' "${PYENV_ROOT:-$HOME/.pyenv}" "$1"; }

install_with_pyenv() {
  command -v pyenv >/dev/null || return 1
  say "Building Python $1 with pyenv: a few minutes" >&2
  pyenv install --force "$1" >&2 && probe "$(pyenv_python "$1")" "$1" && pyenv_python "$1"
}

install_with_uv() {
  local found
  command -v uv >/dev/null || return 1
  found=$(uv --no-config python find --managed-python --no-python-downloads "$1" 2>/dev/null) || {
    say "Installing Python $1 with uv" >&2
    uv --no-config python install "$1" >&2 || return 1
    found=$(uv --no-config python find --managed-python --no-python-downloads "$1") || return 1
  }
  probe "$found" "$1" && printf '%s\n' "$found"
}

interpreter() {
  probe "$(pyenv_python "$1")" "$1" && pyenv_python "$1" && return
  install_with_pyenv "$1" || install_with_uv "$1" ||
    die "Python $1 is not here and neither pyenv nor uv could install it: install pyenv (https://github.com/pyenv/pyenv) with Python's build dependencies, or uv (https://docs.astral.sh/uv/), and run this again."
}

wanted_stamp() { { printf '%s\n' "$1" "$VENV"; cat "$REQUIREMENTS"; } | sha256sum | cut -d' ' -f1; }

# From empty each time the list changes, so that nothing stays that the list does not name. Wheels alone: an sdist would run unhashed build tools.
make_venv() {
  say "Making .venv with $1"
  rm -rf "$VENV"
  "$1" -m venv "$VENV"
  say "Installing $(grep -c '^[a-z0-9]' "$REQUIREMENTS") packages, each checked against its hash"
  "$VENV/bin/python" -m pip install --quiet --no-compile --require-hashes --only-binary :all: --requirement "$REQUIREMENTS"
  wanted_stamp "$1" >"$STAMP"
}

link_collection() {
  mkdir -p "$ROOT/.collections/ansible_collections/netdevops"
  [ "$(readlink "$ROOT/.collections/$COLLECTION")" = ../../.. ] || ln -sfn ../../.. "$ROOT/.collections/$COLLECTION"
}

bootstrap() {
  local pin python
  [ -s "$REQUIREMENTS" ] || die "$REQUIREMENTS is not there"
  pin=$(<"$ROOT/.python-version")
  python=$(interpreter "$pin")
  link_collection
  mkdir -p "$ROOT/.cache"
  exec 9>"$ROOT/.cache/bootstrap.lock"
  flock 9
  if [ -x "$VENV/bin/python" ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$(wanted_stamp "$python")" ]; then
    say ".venv is up to date (Python $pin)"
  else
    make_venv "$python"
  fi
  exec 9>&-
}

case ${1-} in
  '') bootstrap ;;
  --lab) bootstrap; exec "$ROOT/tests/lab/setup.sh" ;;
  --interpreter) interpreter "${2:?which version, as in --interpreter 3.11.7}" ;;
  *) die "unknown option $1; see the first lines of $0" ;;
esac
