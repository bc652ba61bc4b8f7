#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# make bench: what a host costs, ours beside its peers, on the wheels of the example. About ten minutes on 2 cores.
#   BENCH_QUICK=1           one host, few repetitions: a minute or two
#   BENCH_BUNDLE=/folder    a bundle to take, instead of building the example's
#   BENCH_WORK=/folder      where to work: a disk adds the CPU of its driver to everything; the default is memory, if there is room
. "$(dirname -- "${BASH_SOURCE[0]}")/../gates/env.sh"

CACHE=$ROOT/.cache/bench
ROOM_KIB=$((8 << 20))
PROJECT=$ROOT/docs/examples/netcheck

work_folder() {
  local free options
  free=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)
  options=$(findmnt --noheadings --output OPTIONS --target /dev/shm 2>/dev/null || echo noexec)
  if [ -w /dev/shm ] && [ "${free:-0}" -ge "$ROOM_KIB" ] && [[ ,$options, != *,noexec,* ]]; then
    echo /dev/shm
  else
    echo "$CACHE"
  fi
}

build_bundle() {
  say "Building the bundle of the example (nothing is fetched twice)" >&2
  ansible localhost -c local -i localhost, -e "ansible_python_interpreter=$VENV/bin/python" \
    -m netdevops.python.wheelhouse_build \
    -a "project=$PROJECT dest=$CACHE/bundle python=$1 build_constraints=$PROJECT/build-constraints.txt" >"$CACHE/build.log" 2>&1 || {
    cat "$CACHE/build.log" >&2
    die "the bundle of the example could not be built"
  }
}

main() {
  local python work
  need ansible ansible-playbook pip uv
  mkdir -p "$CACHE" "$ROOT/tests/output"
  python=$("$ROOT/bootstrap.sh" --interpreter "$(<"$PROJECT/.python-version")")
  [ -n "${BENCH_BUNDLE-}" ] || build_bundle "$python"
  work=${BENCH_WORK:-$(work_folder)}
  PYTHONPATH=$ROOT/.collections exec "$VENV/bin/python" "$ROOT/tests/bench" --root "$ROOT" --work "$work" --python "$python" \
    --bundle "${BENCH_BUNDLE:-$CACHE/bundle}" --output "$ROOT/tests/output" ${BENCH_QUICK:+--quick} "$@"
}

main "$@"
