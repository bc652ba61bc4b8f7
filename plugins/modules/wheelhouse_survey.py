#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_survey
short_description: Tell whether an environment is all that is asked
version_added: 0.1.0
description:
  - Not for playbooks. M(netdevops.python.wheelhouse_install) runs it with O(netdevops.python.wheelhouse_install#module:state=present),
    before anything else.
  - It is a module of its own, because nothing is to be done on most days, and to see that takes a fifth of what an installation
    takes to the host. It writes nothing, and judges no drift itself.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  asked:
    description: The arguments of M(netdevops.python.wheelhouse_install), as the task says them.
    type: dict
    required: true
  source:
    description: What is to be in the environment, as its receipt says it.
    type: str
    required: true
  pin:
    description: The version of Python that the bundle is for, where that names the interpreter.
    type: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
seealso:
  - module: netdevops.python.wheelhouse_install
"""

EXAMPLES = r"""
- name: What wheelhouse_install asks of a host first
  netdevops.python.wheelhouse_survey:
    asked:
      venv: /opt/netops/netcheck/.venv
      bundle: /srv/bundles/netcheck
      python: /usr/bin/python3
    source: bundle:5d1f0a4c0c1e8f8b2f3c0f4e8c1d9f4a5b6c7d8e9f00112233445566778899aa
"""

RETURN = r"""
settled:
  description: Whether certainly nothing is to be done. All else is returned only then, as M(netdevops.python.wheelhouse_install) returns it.
  returned: always
  type: bool
release:
  description: Name of the release that the environment points to.
  returned: when settled
  type: str
  sample: 3f9c0d6a51b2c7e4
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.netdevops.python.plugins.module_utils.common.install_arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.host.glance import glance

OF_ITS_OWN = {
    "asked": {"type": "dict", "required": True},
    "source": {"type": "str", "required": True},
    "pin": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(OF_ITS_OWN, supports_check_mode=True)
    asked = ArgumentSpecValidator(ARGUMENTS).validate(module.params["asked"])
    found = None
    if not asked.error_messages:  # wheelhouse_install meets them again, and says them.
        found = glance(asked.validated_parameters, module.params["source"], module.params["pin"] or "")
    module.exit_json(**(found or {"changed": False}), settled=found is not None)


if __name__ == "__main__":
    main()
