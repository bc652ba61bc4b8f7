#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The unit tests on the interpreter of development, with branch coverage.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate pytest
COVERAGE_FILE=$WORK/coverage python -m pytest tests/unit -q -n 2 --cov=plugins --cov-branch --cov-report=term:skip-covered --cov-fail-under="${COVERAGE_MINIMUM:-85}"
