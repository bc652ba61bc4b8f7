#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The documentation of plugins and roles, as docs.ansible.com would render it.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate docs
need antsibull-docs
copy_tree "$WORK"
export ANSIBLE_COLLECTIONS_PATH=$WORK
antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck "$WORK/$COLLECTION"
