#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What may happen to a release while somebody works on it: kills, full disks, damage, load. tests/gates/releases.sh [TEST]...
# NETDEVOPS_FULL=1 tries each step and 200 moments; NETDEVOPS_SEED says which moments. The trials are counted at the end.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate releases
need strace ssh-keygen
[ "$#" -gt 0 ] || set -- "${RELEASE_TESTS[@]}"
export NETDEVOPS_TRIALS=$WORK/trials
status=0
# -rP: its figures are in the log.
python -m pytest "$@" -m system -q -rP --durations=10 || status=$?
if [ -s "$NETDEVOPS_TRIALS" ]; then
  echo
  PYTHONPATH=.collections python -m ansible_collections.netdevops.python.tests.system.faults "$NETDEVOPS_TRIALS" || status=1
fi
exit "$status"
