#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A CPython, compiled for real where none of this machine is kept, and what becomes of installations that are killed.
# NETDEVOPS_FULL=1 compiles it in each way and kills all the 30 times; NETDEVOPS_SEED says at which moments.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate interpreter
need podman
# -rP: its figures are in the log.
python -m pytest "${INTERPRETER_TESTS[@]}" -m system -q -rP --durations=10
