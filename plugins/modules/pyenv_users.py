#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give people pyenv trees of their own that link to shared interpreters."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_users
short_description: Give people pyenv trees of their own that link to shared interpreters
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Each person gets a folder C(~/.pyenv) whose C(versions) are links to the interpreters of O(shared). So C(pyenv versions), C(pyenv local) and C(python)
    in a project with a C(.python-version) work for everybody, at no disk cost, and nobody can change what another one runs.
  - What people have of their own is never touched. Their own version in the place of a shared one is left there, and told in RV(users).
    A link of ours whose version is gone from O(shared) is removed.
  - Running as root, it works in each home with the rights of that person alone, in a process that has given up root's. A link that somebody
    plants in a home gains nothing. One that leads out of the home is refused.
  - What is wrong with the options, the accounts or the shared tree is refused before anything is written.
    What is wrong in one home (it is not there, is somebody else's, its disk is full) fails the task after everybody else was served.
options:
  users:
    description:
      - The names of the people. Root is refused. With O(state=present) so are names without an account, and accounts without a login shell.
      - With O(state=absent), a name without an account is passed over, as there is nothing of it.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether the links are there.
      - With V(absent), the links into O(shared), the shims that no version is left for, a global version that names only what goes, and then empty
        folders are removed. All else stays. With O(versions), only their links go.
    type: str
    choices: [present, absent]
    default: present
  shared:
    description:
      - The tree that holds the interpreters and pyenv.
      - Neither it, nor a folder or link on the way to it, may belong to another user than root and the user that the task runs as.
    type: path
    default: /opt/pyenv
  folder:
    description: The folder of a personal tree, below each home.
    type: str
    default: .pyenv
  versions:
    description: The exact versions to link to. All that have a receipt in O(shared) when it is not given.
    type: list
    elements: str
  global:
    description: The version that C(python) is outside of projects. It is written when the person has chosen none.
    type: str
  replace_global:
    description: Whether O(global) also replaces what the person has chosen.
    type: bool
    default: false
  rehash:
    description: Whether C(pyenv rehash) of O(shared) makes shims, as the person. Login shells that have them on PATH need them.
    type: bool
    default: true
  timeout:
    description: How many seconds each person's tree may take.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing. A version that is not there yet is a warning then.
    support: full
  diff_mode:
    description: Returns what is different between before and after, for each person.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
  - bash, with O(rehash=true)
seealso:
  - module: netdevops.python.pyenv_checkout
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: Give three people the interpreters of the host
  become: true
  netdevops.python.pyenv_users:
    users: [ada, grace, linus]

- name: Give one person two of them, and one as the default
  become: true
  netdevops.python.pyenv_users:
    users: [ada]
    versions: [3.11.7, 3.12.1]
    global: 3.12.1

- name: Link to them in the home of whoever runs the task
  netdevops.python.pyenv_users:
    users: ["{{ ansible_user }}"]

- name: Take the links away again
  become: true
  netdevops.python.pyenv_users:
    users: [ada]
    state: absent
"""

RETURN = r"""
users:
  description: By name, what was done in each home, or would be. People with a problem are not in it.
  returned: when the homes were looked at
  type: dict
  contains:
    changed:
      description: Whether there was anything to do.
      type: bool
    root:
      description: The personal tree.
      type: str
    steps:
      description: How many steps that took, or would take. Only where there was anything to do, as all that follows.
      type: int
    before:
      description:
        - What was there. The versions that are C(linked), the person's C(own), the C(global) version and the state of the C(shims).
        - Of each, 20 names are told, and with C(linked_more), C(own_more) and C(global_more) how many more there are.
        - This, C(after) and C(actions) are told of as many people as fit into 200 kB, since a controller loses a result that is too large.
      type: dict
    after:
      description: The same now, or as it would be in check mode.
      type: dict
    actions:
      description: The steps that were taken, or would be; the first 60 of them.
      type: list
      elements: dict
  sample:
    ada:
      changed: true
      root: /home/ada/.pyenv
      steps: 1
      before: {"linked": [], "own": ["3.13.0"], "global": null, "shims": "there is none for 2to3, idle, pip and 12 more"}
      after: {"linked": ["3.11.7", "3.12.1"], "own": ["3.13.0"], "global": ["3.12.1"], "shims": "current"}
      actions:
        - {"verb": "link", "subject": "/home/ada/.pyenv/versions/3.11.7", "reason": "to /opt/pyenv/versions/3.11.7"}
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.people.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.people.options import ARGUMENTS, asked


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = ensure(asked(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
