#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-test sanity on a copy. With a tool or a Python missing it prints a warning and passes, so every warning that is not known is red.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
. "$ROOT/tests/gates/lib/ansible-test.sh"
gate sanity
need ansible-test shellcheck python3.9 python3.13
prepare_ansible_test
ansible_test sanity --local --requirements --color no 2>&1 | tee "$WORK/log"
refuse_warnings "$WORK/log"
