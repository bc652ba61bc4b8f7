# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's knowledge in a fresh process, without Ansible: python converge_once.py PARAMETERS_AS_JSON."""

from __future__ import annotations

import json
import sys

from ansible_collections.netdevops.python.plugins.module_utils.host.converge import converge

DEFAULTS = {
    "state": "present",
    "bundle_id": None,
    "remote_src": True,
    "groups": None,
    "prove": None,
    "prove_timeout": 120,
    "keep": 3,
    "owner": None,
    "group": None,
    "mode": "0755",
    "compile": True,
    "verify": "stat",
    "lock_timeout": 60,
}

result = converge({**DEFAULTS, **json.loads(sys.argv[1])}, False)
if not result["changed"]:
    sys.exit("nothing was done")
print(json.dumps({name: result[name] for name in ("changed", "seconds", "delivered")}))
