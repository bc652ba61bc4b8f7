#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fragments and configuration of the changelog.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate changelog
need antsibull-changelog
copy_tree "$WORK"
cd "$WORK/$COLLECTION"
antsibull-changelog lint
