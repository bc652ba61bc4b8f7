#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests that need real hosts, real wheels or a real kernel. None collected is exit 5, so red.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate system
need podman strace chromium chromedriver
elsewhere=("${INTERPRETER_TESTS[@]}" "${RELEASE_TESTS[@]}" "${PEOPLE_TESTS[@]}")
python -m pytest tests/system "${elsewhere[@]/#/--ignore=}" -m system -q --durations=10
