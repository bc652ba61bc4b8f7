#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put pyenv itself on a host, pinned and offline."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_checkout
short_description: Put pyenv itself on a host, pinned and offline
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Makes sure that one exact pyenv is below O(root), from an archive with a pinned SHA-256 or from a git mirror with a pinned commit.
  - It goes to C(.pyenv.checkouts/<checkout>) below O(root). C(.pyenv) is a link to the checkout that is used, and C(bin), C(libexec),
    C(plugins) and the like are links into that one. So one rename switches to another pyenv, and the one before is kept.
  - Before the switch, the new pyenv is started in its place, and its C(python-build) has to know versions of CPython.
  - Every file of the checkout that is used is compared with its receipt. One that was changed, added or removed is a change, and the checkout
    is put there again.
  - What somebody put there by hand, such as an ordinary clone, is never overwritten. It is refused by name, or moved aside with O(takeover).
  - A run that fails or is killed leaves the pyenv that was there, or the new one.
options:
  root:
    description:
      - The folder through which pyenv is used; what C(pyenv) calls C(PYENV_ROOT). It is created when it is missing.
      - Neither it nor a folder or link on the way to it may belong to another user than root and the user that the task runs as.
    type: path
    default: /opt/pyenv
  state:
    description:
      - Whether pyenv is there.
      - With V(absent), its checkouts and the links to them are removed. C(versions) and all that is not of this module stay.
    type: str
    choices: [present, absent]
    default: present
  archive:
    description:
      - A tar of pyenv, plain or compressed, with its files at the top or in one folder, as GitHub's archives of a tag have them.
      - It is on the controller, and is only delivered to a host that lacks this pyenv. It is on the host with O(remote_src=true).
      - What a pyenv gathers in use (history, C(versions), C(shims), the C(version) file, caches, compiled extensions) is left out.
      - Exactly one of O(archive) and O(git) is needed.
    type: path
  sha256:
    description: The SHA-256 of O(archive). It is checked before the archive is looked at.
    type: str
  remote_src:
    description: Whether O(archive) is a path on the host.
    type: bool
    default: false
  git:
    description:
      - The URL or path of a repository of pyenv that the host reaches, such as a mirror inside the network.
      - The URL must hold no password. Git asks for none, and reads nobody's configuration.
      - A repository by path must belong to root or to the user that the task runs as, as git itself wants it.
    type: str
  commit:
    description: The commit, 40 hex digits. A branch or a tag can be moved, and is not taken.
    type: str
  takeover:
    description:
      - Whether a pyenv that somebody put there by hand is moved to C(.pyenv.kept-<time>) below O(root).
      - Its C(versions) stay where they are, and are used on.
    type: bool
    default: false
  owner:
    description: The user that the files of pyenv belong to. The one that the task runs as when it is not given.
    type: str
  group:
    description: The group that the files of pyenv belong to. The owner's when it is not given.
    type: str
  timeout:
    description: How many seconds each program may take, and how many to wait for another run.
    type: int
    default: 300
  ask:
    description: Not for playbooks. Whether to say only what has to be delivered.
    type: bool
    default: false
  delivery:
    description: Not for playbooks. Where the archive was delivered to.
    type: path
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing. It says what it would do, or why it could not.
    support: full
  diff_mode:
    description: Returns what is different between before and after.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
  - bash
  - git, when O(git) is given
notes:
  - A person who runs pyenv during a switch goes on with the checkout that is kept.
  - All files get the permissions 0644 or 0755, whatever the archive and the umask say.
seealso:
  - module: netdevops.python.pyenv_install
  - module: netdevops.python.pyenv_users
"""

EXAMPLES = r"""
- name: Put pyenv on the hosts, from an archive beside the playbook
  netdevops.python.pyenv_checkout:
    archive: pyenv-2.6.30.tar.gz
    sha256: 5e1f1b5d5ac0ee4e5f0a7b4c6b5a9f4f5a0a7e5ad1b6e6f2f4e4a1d3c2b1a098

- name: Put pyenv on the hosts, from a mirror inside the network
  netdevops.python.pyenv_checkout:
    git: https://git.example.net/mirrors/pyenv.git
    commit: f6a5b405b9f37a2ac32d9ac2a3a7e7f0a2a3b1c4

- name: Replace the pyenv that somebody put there by hand, and keep its interpreters
  netdevops.python.pyenv_checkout:
    root: /opt/pyenv
    archive: /srv/transfer/pyenv-2.6.30.tar.gz
    sha256: 5e1f1b5d5ac0ee4e5f0a7b4c6b5a9f4f5a0a7e5ad1b6e6f2f4e4a1d3c2b1a098
    remote_src: true
    takeover: true

- name: Take pyenv away, and leave the interpreters
  netdevops.python.pyenv_checkout:
    state: absent
"""

RETURN = r"""
root:
  description: The folder through which pyenv is used.
  returned: success
  type: str
  sample: /opt/pyenv
checkout:
  description: The name of the checkout, the first 16 digits of the archive's SHA-256 or of the commit. Empty with O(state=absent).
  returned: success
  type: str
  sample: 5e1f1b5d5ac0ee4e
previous:
  description: The checkout that was used before. Empty when there was none.
  returned: success
  type: str
  sample: 0c9b3b1a27d1f6aa
version:
  description: The version that pyenv says it is. In check mode that of the one that is there.
  returned: success
  type: str
  sample: 2.6.30
origin:
  description: What it came from.
  returned: success
  type: dict
  contains:
    kind:
      description: V(archive) or V(git).
      type: str
    place:
      description: The name of the archive, or the URL or path of the repository.
      type: str
    sha256:
      description: The digest of the archive.
      type: str
    commit:
      description: The commit.
      type: str
executable:
  description: The program C(pyenv). Empty with O(state=absent).
  returned: success
  type: str
  sample: /opt/pyenv/bin/pyenv
python_build:
  description: The program C(python-build). Empty with O(state=absent).
  returned: success
  type: str
  sample: /opt/pyenv/plugins/python-build/bin/python-build
kept:
  description: The folder that somebody's own files were moved to. Empty when nothing was moved.
  returned: success
  type: str
  sample: /opt/pyenv/.pyenv.kept-20261120T101500
delivered:
  description: The size in bytes of the archive that was delivered to the host.
  returned: when one was delivered
  type: int
  sample: 1500000
before:
  description: What was there, and with C(reason) why it did not do.
  returned: success
  type: dict
  sample: {"state": "absent"}
after:
  description: What is there now, or would be in check mode.
  returned: success
  type: dict
  sample: {"state": "present", "checkout": "5e1f1b5d5ac0ee4e"}
actions:
  description: The steps that were taken, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"verb": "switch", "subject": "/opt/pyenv/.pyenv", "reason": "from nothing to 5e1f1b5d5ac0ee4e"}]
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 1.2
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.checkout.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.checkout.options import ARGUMENTS, HANDOVER, asked
from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec={**ARGUMENTS, **HANDOVER}, supports_check_mode=True)
    try:
        result = ensure(asked(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
