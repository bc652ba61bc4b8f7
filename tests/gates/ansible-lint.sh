#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-lint in the production profile, offline: it may fetch nothing and mock nothing.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate ansible-lint
need ansible-lint
ansible-lint --offline --strict --profile production
