#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which interpreters a host has, as their receipts say."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_facts
short_description: Tell which interpreters a host has, from what, and since when
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Reads the receipts that M(netdevops.python.pyenv_install) leaves in each version's folder, below every one of O(roots),
    and writes what they say into a static fact file.
  - From then on, M(ansible.builtin.setup) finds it as C(ansible_local.netdevops_python), and so does every other play. This task returns the
    same data as facts, beside the other local facts that are known of the host.
  - It never starts an interpreter. It tells what the receipts say; whether that is still true is what M(netdevops.python.pyenv_install) proves.
  - The file holds no time of its own. The same receipts give the same bytes, and nothing is changed then.
  - A version's folder whose receipt is missing or cannot be believed is named with the reason, and is no error.
options:
  roots:
    description:
      - The folders that hold C(versions/). One that is not there has no interpreters.
    type: list
    elements: path
    default: [/opt/pyenv]
  path:
    description:
      - The fact file. Its name must end in C(.fact); M(ansible.builtin.setup) calls the fact after the name.
      - Folders that are missing on the way are created, with mode 0755. The file's mode is 0644.
      - With V('') none is written, and the facts are only returned.
    type: path
    default: /etc/ansible/facts.d/netdevops_python.fact
  state:
    description: With V(absent) the file is removed. The facts are returned all the same.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing. It returns the facts as they are.
    support: full
  diff_mode:
    description: Returns the file before and after.
    support: full
  facts:
    description: Returns an C(ansible_facts) dictionary.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
seealso:
  - module: netdevops.python.pyenv_install
  - module: ansible.builtin.setup
"""

EXAMPLES = r"""
- name: Write down which interpreters there are
  netdevops.python.pyenv_facts:

- name: Only look, in two roots
  netdevops.python.pyenv_facts:
    roots: [/opt/pyenv, /srv/pyenv]
    path: ''
  register: interpreters

- name: Find the hosts that still have an old one, from the fact file
  ansible.builtin.debug:
    msg: "{{ old | map(attribute='executable') | join(', ') }}"
  when: old | length > 0
  vars:
    old: >-
      {{ ansible_local.netdevops_python.interpreters | default([]) | selectattr('version', 'version', '3.11', '<') }}
"""

RETURN = r"""
interpreters:
  description: What each receipt says, by version and root.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: The exact version.
      type: str
    root:
      description: The folder that holds C(versions/).
      type: str
    executable:
      description: The interpreter.
      type: str
    target:
      description: The kind of host that it was made for.
      type: str
    origin:
      description:
        - What it was made from. C(kind) is V(archive) for a prebuilt one, V(cache), V(mirror) or V(internet) for the place of the sources
          of a build, V(adopted) for one that was there before. C(place) and C(sha256) name the file.
      type: dict
    configure_opts:
      description: The options for C(configure) that it was built with, as far as they are known.
      type: list
      elements: str
    patches:
      description: SHA-256 of each patch that went into it.
      type: list
      elements: str
    installed_at:
      description: When it was put there, in UTC.
      type: str
  sample:
    - version: 3.11.2
      root: /opt/pyenv
      executable: /opt/pyenv/versions/3.11.2/bin/python
      target: cp311-manylinux_2_36_x86_64
      origin:
        kind: archive
        place: cpython-3.11.2-cp311-manylinux_2_34_x86_64.tar.gz
        sha256: 9b3c4a1f2d5e60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9
      configure_opts: []
      patches: []
      installed_at: "2026-03-01T09:30:00Z"
without_receipt:
  description: Folders of versions whose receipt is missing or cannot be believed, each with C(path) and C(reason).
  returned: success
  type: list
  elements: dict
  sample: [{"path": /opt/pyenv/versions/3.9.18, "reason": holds no receipt}]
fact_file:
  description: The fact file, or an empty text where none is written.
  returned: success
  type: str
  sample: /etc/ansible/facts.d/netdevops_python.fact
actions:
  description: The steps that were taken, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"verb": write, "subject": /etc/ansible/facts.d/netdevops_python.fact, "reason": ""}]
ansible_facts:
  description: The same data, where M(ansible.builtin.setup) puts it.
  returned: success
  type: dict
  contains:
    ansible_local:
      description: The local facts. C(netdevops_python) in it has C(interpreters) and C(without_receipt).
      type: dict
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.facts import tell

ARGUMENTS = {
    "roots": {"type": "list", "elements": "path", "default": ["/opt/pyenv"]},
    "path": {"type": "path", "default": "/etc/ansible/facts.d/netdevops_python.fact"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Read the receipts, write the file, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    options = module.params
    try:
        result = tell(options["roots"], options["path"], options["state"], module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
