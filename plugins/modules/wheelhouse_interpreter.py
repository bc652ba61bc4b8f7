#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_interpreter
short_description: Install the interpreter that a bundle carries
version_added: 0.1.0
description:
  - Not for playbooks. M(netdevops.python.wheelhouse_install) runs it with O(netdevops.python.wheelhouse_install#module:interpreter_root),
    on a host that lacks the interpreter, before it installs the environment.
  - It is a module of its own, so that the hosts that have their interpreter, which is all of them on most days, do not pay for it.
  - The bundle's archive for this host is installed as M(netdevops.python.pyenv_install) does it, once the manifest proves to be the one of
    O(bundle_id), the description the one that the manifest names, and the archive the one that the description names.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  bundle:
    description: The bundle on the host, a folder or a tar, whole or only what was delivered of it.
    type: path
    required: true
  bundle_id:
    description: The id that the bundle must have (64 hexadecimal digits).
    type: str
    required: true
  root:
    description: The folder that holds C(versions/).
    type: path
    required: true
  reason:
    description: Why the interpreter is lacking, for messages.
    type: str
    default: it is lacking
  allowed_signers:
    description: As O(netdevops.python.wheelhouse_install#module:allowed_signers) has it.
    type: path
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
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: What wheelhouse_install does on a host that lacks the interpreter
  netdevops.python.wheelhouse_interpreter:
    bundle: /srv/bundles/netcheck.tar
    bundle_id: 5d1f0a4c0c1e8f8b2f3c0f4e8c1d9f4a5b6c7d8e9f00112233445566778899aa
    root: /opt/pyenv
"""

RETURN = r"""
interpreter:
  description: The interpreter, its archive, and the size of that in bytes.
  returned: success
  type: dict
  sample:
    version: 3.11.7
    executable: /opt/pyenv/versions/3.11.7/bin/python
    file: cpython-3.11.7-cp311-manylinux_2_28_x86_64.tar.gz
    size: 25182736
actions:
  description: The steps of the plan. There are none when nothing changes.
  returned: success
  type: list
  elements: dict
seconds:
  description: Seconds per stage.
  returned: success
  type: dict
  sample: {interpreter: 2.4}
problems:
  description: Each problem with its subject, message and next step.
  returned: failure
  type: list
  elements: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Problem, Refused
from ansible_collections.netdevops.python.plugins.module_utils.host.interpreter import Order, bring

ARGUMENTS = {
    "bundle": {"type": "path", "required": True},
    "bundle_id": {"type": "str", "required": True},
    "root": {"type": "path", "required": True},
    "reason": {"type": "str", "default": "it is lacking"},
    "allowed_signers": {"type": "path"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    order = Order(**{name: module.params[name] or "" for name in ARGUMENTS})
    # The module's own folder, which Ansible takes away with whatever is in it.
    aside = "" if module.check_mode else os.path.join(module.tmpdir, "interpreter")
    try:
        result = bring(order, aside, module.check_mode)
    except Refused as refused:
        module.fail_json(**refused.result())
    except OSError as error:
        subject = str(error.filename or module.params["root"])
        message = f"{error.strerror or error}. The interpreter is not installed."
        step = "Free space, or correct the permissions; then run it again."
        module.fail_json(**Refused([Problem(subject, message, step)]).result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
