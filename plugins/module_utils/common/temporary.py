# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a file begins while it is written: who finds one later knows that nobody finished it."""

from __future__ import annotations

TEMPORARY_PREFIX = ".tmp-"
