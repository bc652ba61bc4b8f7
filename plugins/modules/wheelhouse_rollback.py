#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_rollback
short_description: Point an environment at an earlier release
version_added: 0.1.0
description:
  - Not for playbooks. M(netdevops.python.wheelhouse_install) runs it with O(netdevops.python.wheelhouse_install#module:state=rolled_back).
  - It is a module of its own, because a rollback is to be quick, and needs little of what an installation does.
  - Each file of the release is read and compared with its receipt, and its interpreter is started in it, before one atomic rename
    points the environment there. It needs no bundle and no network, and deletes nothing.
  - The next run of M(netdevops.python.wheelhouse_install) with O(netdevops.python.wheelhouse_install#module:state=present)
    brings the bundle that it is given, whatever was rolled back before.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  venv:
    description: Absolute path of the environment.
    type: path
    required: true
  release:
    description:
      - The name of the release to go to, or its first characters. It may be older or newer than the current one.
      - The one that was current before, when it is not given; each run then goes back by one more.
    type: str
  leaving:
    description:
      - The release or the bundle that is to be left, the name or the id or its first characters. Where it is not the current one (any more),
        nothing is done, and the message says so.
    type: str
  reason:
    description: Why this is done, a sentence for the history of the host.
    type: str
  prove_again:
    description:
      - Whether what was declared to work in that release, when it was installed, must work in it again before the switch.
      - Its interpreter is started in any case. Check mode starts nothing else.
    type: bool
    default: false
  prove_timeout:
    description: Seconds that each proof may take.
    type: int
    default: 120
  lock_timeout:
    description: Seconds to wait for another run on the same environment.
    type: int
    default: 60
  history:
    description: Absolute path of the file to which this is added. See O(netdevops.python.wheelhouse_install#module:history).
    type: path
  by:
    description: Who runs this, for the history.
    type: dict
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: With neither O(release) nor O(leaving), each run goes back by one more.
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
seealso:
  - module: netdevops.python.wheelhouse_install
"""

EXAMPLES = r"""
- name: What wheelhouse_install does with state=rolled_back
  netdevops.python.wheelhouse_rollback:
    venv: /opt/netops/netcheck/.venv
    reason: netmiko 4.6 drops sessions to the old switches
"""

RETURN = r"""
release:
  description: Name of the release that the environment points to, or would point to.
  returned: success
  type: str
  sample: 91b8c2f40a7de355
previous:
  description: Name of the release that it pointed to before; empty when it pointed to none.
  returned: success
  type: str
  sample: 3f9c0d6a51b2c7e4
bundle_id:
  description: Id of the bundle that the release was made from.
  returned: success
  type: str
packages:
  description: Count of packages, and those that are added, removed and changed with their versions.
  returned: success
  type: dict
  sample: {count: 106, added: {}, removed: {}, changed: {netmiko: [4.6.0, 4.5.0]}}
msg:
  description: Where the environment is now, and what the next installation does about it.
  returned: always
  type: str
actions:
  description: The steps of the plan. There are none when nothing changes.
  returned: success
  type: list
  elements: dict
seconds:
  description: Seconds per stage.
  returned: success
  type: dict
  sample: {look: 0.0, lock: 0.0, verify: 0.4, prove: 0.0, switch: 0.0}
problems:
  description: Each problem with its subject, message and next step.
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.rollback import roll_back

ARGUMENTS = {
    "venv": {"type": "path", "required": True},
    "release": {"type": "str"},
    "leaving": {"type": "str"},
    "reason": {"type": "str"},
    "prove_again": {"type": "bool", "default": False},
    "prove_timeout": {"type": "int", "default": 120},
    "lock_timeout": {"type": "int", "default": 60},
    "history": {"type": "path"},
    "by": {"type": "dict"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    try:
        result = roll_back(module.params, module.check_mode)
    except Refused as refused:
        module.fail_json(**refused.result())
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
