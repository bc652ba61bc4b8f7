#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell how far the build of an interpreter is."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_progress
short_description: Tell how far the build of a CPython is
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Tells what stage a build by M(netdevops.python.pyenv_install) is in, and how much of it is compiled.
  - It reads what the build leaves lying about, and neither waits nor writes. C(pyenv_install) shows the same while it builds;
    this module is for a second terminal.
options:
  version:
    description:
      - The exact version that is built, such as V(3.11.7).
    type: str
    required: true
  root:
    description:
      - The folder that holds C(versions/), as in M(netdevops.python.pyenv_install).
    type: path
    default: /opt/pyenv
  renew:
    description:
      - Says that somebody still waits for the build. The action plugin of C(pyenv_install) does; a build that nobody waits for any more ends.
        Not for playbooks.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode, and changes nothing in either mode.
    support: full
  diff_mode:
    description: Returns what is different between before and after.
    support: none
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
notes:
  - It has to run as the user that builds; the files of a build are private. Use C(become) where the build does.
  - RV(total) is an estimate. C(setup.py) of CPython 3.11 and older finds out only while it compiles which extension modules there are.
seealso:
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: See how far the build is
  netdevops.python.pyenv_progress:
    version: 3.11.7
  become: true
  register: build

# The same by hand, from a second terminal:
#   ansible bastions --become -m netdevops.python.pyenv_progress -a version=3.11.7

- name: Wait until no build is under way
  netdevops.python.pyenv_progress:
    version: 3.11.7
  become: true
  register: build
  until: build.state in ['none', 'interrupted']
  retries: 60
  delay: 10
"""

RETURN = r"""
state:
  description:
    - V(building) while a build is under way.
    - V(busy) while a run works on the version, or waits for another one, and does not build.
    - V(interrupted) when a build was begun and nobody works on it. The next run of C(pyenv_install) begins anew.
    - V(none) when nothing of a build is there.
  returned: success
  type: str
  sample: building
stage:
  description:
    - What the build does, V(fetch), V(unpack), V(configure), V(compile), V(train), V(install) or V(prove).
    - With V(train), a build with C(--enable-optimizations) runs a part of CPython's test suite, to compile everything once more after it.
    - Empty when nothing of a build is there.
  returned: success
  type: str
  sample: compile
done:
  description: How many objects are compiled.
  returned: success
  type: int
  sample: 134
total:
  description: How many objects there are, about; V(0) before C(configure) is done. It is never less than RV(done).
  returned: success
  type: int
  sample: 266
text:
  description: The same for people.
  returned: success
  type: str
  sample: compile 134 of 266
seconds:
  description: How many seconds ago the build began.
  returned: success
  type: int
  sample: 65
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.progress import report

ARGUMENTS = {
    "version": {"type": "str", "required": True},
    "root": {"type": "path", "default": "/opt/pyenv"},
    "renew": {"type": "bool", "default": False},
}


def main() -> None:
    """Read the options, look, and tell."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = report(module.params["version"], module.params["root"], module.params["renew"])
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
