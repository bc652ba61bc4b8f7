#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse_prune
short_description: Remove releases and interpreters that nothing needs
version_added: 0.1.0
description:
  - Removes the releases of environments that M(netdevops.python.wheelhouse_install) made, beyond those that retention keeps,
    and what interrupted runs left. It needs no bundle and no network, and never touches the current release.
  - Whatever O(keep) says, these stay too - the release that a rollback goes back to, those that are held, and those that a process uses
    by its executable, its mapped files, its working folder, its command line, an open file or its virtual environment.
    They are named in RV(spared), and are no change.
  - A release that another environment was made from stays as well, since that would break. Up to Python 3.10, C(venv) writes as its C(home) the
    environment that it was run from. Such environments are looked for in O(search); with O(venv), beside it and in the folders that
    M(netdevops.python.pyenv_install) looks through.
  - Of processes of other users, everybody but root sees the command line alone. Releases that go then do so with a warning.
  - With O(interpreter_root), it then removes interpreters that no environment, no process and no pin stands on. A release of any age
    counts as an environment, so that a wheel and an interpreter go with the last release that needs them, and never by date.
author:
  - netdevops.python contributors (@netdevops-python)
options:
  venv:
    description:
      - Absolute path of one environment.
      - All environments in O(search), when it is not given.
    type: path
  search:
    description:
      - Folders in which environments are looked for. File systems of other machines that are mounted in them are left out.
      - The folders that M(netdevops.python.pyenv_install) looks through, when it is not given. None at all, when it is empty.
    type: list
    elements: path
  leave:
    description: Environments in O(search) that are not touched, for example since each of them has a retention of its own.
    type: list
    elements: path
  keep:
    description: How many releases of each environment stay, the current one included.
    type: int
    default: 3
  keep_days:
    description: Releases that were current within so many days stay, also beyond O(keep).
    type: int
    default: 0
  hold:
    description:
      - Names of releases of O(venv), or their first characters, that stay until they are no longer named. An empty list lets all of them go.
      - What was named last, here or in M(netdevops.python.wheelhouse_install), holds on when it is not given.
    type: list
    elements: str
  orphans:
    description:
      - Whether the releases of environments whose link is gone are removed. Those that are held or in use stay.
      - A folder counts as such only where one of its releases has a receipt that can be believed, and is passed over where
        anything lies in it that this collection did not put there.
    type: bool
    default: false
  interpreter_root:
    description:
      - The folder on the host in which interpreters live, such as V(/opt/pyenv). Those that have a receipt and that nothing
        stands on are removed, as M(netdevops.python.pyenv_install) does it with O(netdevops.python.pyenv_install#module:prune).
      - Where the task's user may not look into one of the folders, or does not see what processes of others run, all of them stay, with a
        warning. Root sees all.
      - What stands on them is looked for in the folders that M(netdevops.python.pyenv_install) looks through, in O(search), and beside
        O(venv) and the environments in O(leave).
      - No interpreter is removed when it is not given.
    type: path
  keep_interpreters:
    description: Versions that stay, whether anything stands on them or not.
    type: list
    elements: str
  reason:
    description: Why this is done, a sentence for the history of the host.
    type: str
  history:
    description: As O(netdevops.python.wheelhouse_install#module:history).
    type: path
  lock_timeout:
    description:
      - Seconds to wait for another run on the same environment.
      - One that is still busy then is passed over, with a warning; with O(venv) that is an error.
    type: int
    default: 60
  by:
    description: The action plugin says here who runs this, for the history. Not for playbooks.
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
    support: full
seealso:
  - module: netdevops.python.wheelhouse_install
  - module: netdevops.python.pyenv_install
"""

EXAMPLES = r"""
- name: Two releases, and all of the last month
  netdevops.python.wheelhouse_prune:
    venv: /opt/netops/netcheck/.venv
    keep: 2
    keep_days: 30

- name: All environments of a host, and then the interpreters that nothing stands on any more
  netdevops.python.wheelhouse_prune:
    interpreter_root: /opt/pyenv
    keep_interpreters: [3.11.7]

- name: What is left of environments whose link somebody removed
  netdevops.python.wheelhouse_prune:
    search: [/opt/netops]
    orphans: true
"""

RETURN = r"""
pruned:
  description: The releases that were removed, or would be, with their paths.
  returned: success
  type: list
  elements: str
  sample: [/opt/netops/netcheck/.venv.releases/91b8c2f40a7de355]
spared:
  description: The releases beyond O(keep) that stay all the same, by their paths, and why.
  returned: success
  type: dict
  sample:
    /opt/netops/netcheck/.venv.releases/3f9c0d6a51b2c7e4: a rollback goes back to it
    /opt/netops/netcheck/.venv.releases/77aa01b2c3d4e5f6: "in use by process 4711 (mapped: /opt/netops/netcheck/.venv.releases/77aa01b2c3d4e5f6/lib/x.so)"
freed_bytes:
  description: Bytes of the disk that this freed, or would free. A file that another release has as well frees nothing.
  returned: success
  type: int
  sample: 48234496
environments:
  description:
    - The environments that something was removed from, or spared in - C(venv), C(release) (the current one), C(pruned), C(swept)
      (left by interrupted runs), C(spared) and C(freed_bytes).
  returned: success
  type: list
  elements: dict
looked_at:
  description: How many environments were looked at.
  returned: success
  type: int
passed_over:
  description: What was not worked on, by its path, and why.
  returned: success
  type: dict
  sample: {/opt/netops/tools/.venv: "is busy: another run is at work on it"}
interpreters:
  description: The versions that were removed, or would be.
  returned: when O(interpreter_root) is given
  type: list
  elements: str
  sample: [3.11.2]
actions:
  description: The steps of the plan.
  returned: success
  type: list
  elements: dict
problems:
  description: Each problem with its subject, message and next step.
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.common.legible import legible
from ansible_collections.netdevops.python.plugins.module_utils.common.prune_arguments import ARGUMENTS, CONSTRAINTS
from ansible_collections.netdevops.python.plugins.module_utils.host.prune import prune


def main() -> None:
    """Run the module."""
    module = AnsibleModule({**ARGUMENTS, "by": {"type": "dict"}}, supports_check_mode=True, **CONSTRAINTS)
    try:
        result = legible(prune(module.params, module.check_mode))
    except Refused as refused:
        module.fail_json(**legible(refused.result()))
    for warning in result.pop("warnings", []):
        module.warn(warning)
    # What went wrong with one environment does not take away what is to be said of the others.
    if result.get("problems"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
