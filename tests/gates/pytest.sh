#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The unit tests on the interpreter of development, with branch coverage unless NETDEVOPS_QUICK is set.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate pytest
# Measured by `make test` alone: `make check` is to stay under a minute.
measure=(--cov=plugins --cov-branch --cov-report=term:skip-covered --cov-fail-under="${COVERAGE_MINIMUM:-85}")
[ -z "${NETDEVOPS_QUICK-}" ] || measure=()
COVERAGE_FILE=$WORK/coverage python -m pytest tests/unit -q -n 2 "${measure[@]}"
