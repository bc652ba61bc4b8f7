# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read every file of a release as a rollback does, and say what that alone took, without the start of Python."""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.netdevops.python.plugins.module_utils.host import comparison, walk
from ansible_collections.netdevops.python.plugins.module_utils.host.drift import examine
from ansible_collections.netdevops.python.plugins.module_utils.host.receipt import read_receipt

assert comparison, walk  # Loaded before the clock starts.
release = sys.argv[1]
wall, cpu = time.monotonic(), time.process_time()
receipt = read_receipt(release)
if receipt is None or examine(release, receipt, "content").drift:
    sys.exit(f"{release} is not what its receipt says")
print(json.dumps({"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}))
