#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: poetry_survey
short_description: Tell whether a project's environment is all that its lock says
version_added: 0.1.0
description:
  - Not for playbooks. M(netdevops.python.poetry_venv) runs it with O(netdevops.python.poetry_venv#module:state=present), before anything else.
  - It is a module of its own, because nothing is to be done on most days, and to see that takes a fraction of what an installation
    takes to the host. It writes nothing, starts nothing, and judges no drift itself.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  asked:
    description:
      - The arguments of M(netdevops.python.poetry_venv), as the task says them. Those of sources do not come along, as nothing is fetched.
    type: dict
    required: true
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
  - module: netdevops.python.poetry_venv
"""

EXAMPLES = r"""
- name: What poetry_venv asks of a host first
  netdevops.python.poetry_survey:
    asked:
      project: /home/ada/netcheck
      only: [main]
"""

RETURN = r"""
settled:
  description: Whether certainly nothing is to be done. All else is returned only then, as M(netdevops.python.poetry_venv) returns it.
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

from ansible_collections.netdevops.python.plugins.module_utils.poetry.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.poetry.glance import glance


def main() -> None:
    """Run the module."""
    module = AnsibleModule({"asked": {"type": "dict", "required": True}}, supports_check_mode=True)
    asked = ArgumentSpecValidator(ARGUMENTS).validate(module.params["asked"])
    found = None
    if not asked.error_messages:  # poetry_venv meets them again, and says them.
        found = glance(asked.validated_parameters)
    module.exit_json(**(found or {"changed": False}), settled=found is not None)


if __name__ == "__main__":
    main()
