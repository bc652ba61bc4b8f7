#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# People on shared hosts: their interpreters, their projects, and what keeps them apart.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate people
need podman git
python -m pytest "${PEOPLE_TESTS[@]}" -m system -q --durations=10
