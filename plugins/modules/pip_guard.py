#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have pip refuse installations outside of environments, and keep its sources inside."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pip_guard
short_description: Have pip refuse installations outside of environments on a shared host
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Puts a marker C(EXTERNALLY-MANAGED) (PEP 668) with a sentence of yours into the standard library of each interpreter of O(roots) and O(interpreters).
    pip from 23.0 on, and uv, then refuse C(pip install) and C(pip uninstall) in that interpreter and show that sentence. Environments made from it are free.
  - The marker of the distribution, or any other that is not ours, is left as it is.
  - With an index, or with O(no_index), O(cert), O(timeout) or O(require_virtualenv), it writes C(/etc/pip.conf), and on request the same for uv.
  - Each of its files says in its first line that it is ours, with the digest of the rest. What somebody edited since is refused, and undone with O(replace).
  - C(python3 -m venv), pip in environments, and the modules of this collection do not notice. Nor do C(pip list), C(show), C(freeze), C(check), C(config),
    C(download) and C(wheel). Root gets by with C(--break-system-packages), and, with O(require_virtualenv), with C(PIP_REQUIRE_VIRTUALENV=0).
    In a marked interpreter itself C(python -m ensurepip) needs C(--root /), as C(make install) of CPython gives it.
  - It reminds people, and is no wall. Whoever may write to an interpreter can pass the option, and a configuration in somebody's home
    beats the one for everybody. Nobody but its owner should be able to write to a shared interpreter in the first place.
  - Nothing is started to find this out. All that is in the way is refused at once, before anything is written.
options:
  state:
    description:
      - Whether the guard is there.
      - With V(absent), what is ours goes, and the folders that were made for it. A file that O(replace) kept comes back as it was.
        Give the same paths as before. What of them cannot be looked at is named in a warning, for it may have a marker still.
    type: str
    choices: [present, absent]
    default: present
  roots:
    description:
      - Trees with shared interpreters in C(versions), as pyenv and M(netdevops.python.pyenv_install) lay them out. All that are there get a marker;
        one that is installed later gets its own with the next run.
      - A version that is a link out of its tree is passed over with a warning.
      - An interpreter that has to be written to, and the folders on the way to it, must belong to root or to the user that the task runs as,
        and nobody else may be able to write there. For one of another owner, become that one.
    type: list
    elements: path
    default: [/opt/pyenv]
  interpreters:
    description:
      - Further interpreters, each by its program, such as C(/usr/local/bin/python3.12).
      - One of an environment is refused, and so is a link that leads into one.
    type: list
    elements: path
    default: []
  notice:
    description:
      - What pip shows instead of installing. By default it says how to use the environment of a project, and how to make one.
      - pip takes the blanks off the beginning of each line.
    type: str
    default: ''
  contact:
    description: Whom to ask for a tool or an interpreter that everybody needs. It is added to O(notice).
    type: str
    default: ''
  require_virtualenv:
    description:
      - Whether pip's configuration asks for an environment too. That reaches each pip on the host, older than 23.0 as well.
      - pip checks it before the marker, and says nothing but C(Could not find an activated virtualenv (required).). So O(notice) is never seen then,
        also not that of the distribution. C(--target), C(--prefix), C(--root) and C(--break-system-packages) do not pass it either, and outside of
        environments pip cannot build wheels from sources any more.
      - It is written for C(install) and C(uninstall) alone; in C([global]) it would stop C(download) and C(wheel) too, and up to pip 23 C(check) and C(freeze).
    type: bool
    default: false
  index_url:
    description:
      - The internal index that pip asks instead of PyPI. C(https), C(file), or C(http) on the host itself.
      - A URL with a user or a password is refused, since everybody can read the file.
    type: str
    default: ''
  extra_index_urls:
    description: Further indexes. To pip they are all equal and the newest version wins, wherever it is; uv asks them before O(index_url).
    type: list
    elements: str
    default: []
  no_index:
    description: Whether pip asks no index at all, also in environments.
    type: bool
    default: false
  cert:
    description: A file of certificates that pip trusts instead of its own. uv takes C(SSL_CERT_FILE) from its environment only.
    type: path
    default: ''
  timeout:
    description: Seconds that pip waits for an index. pip's own default when it is not given.
    type: int
  config:
    description: The configuration of pip for everybody.
    type: path
    default: /etc/pip.conf
  uv:
    description: Whether O(uv_config) says O(index_url), O(extra_index_urls) and O(no_index) to uv.
    type: bool
    default: false
  uv_config:
    description: The configuration of uv for everybody.
    type: path
    default: /etc/uv/uv.toml
  replace:
    description:
      - Whether a configuration of somebody else's gives way. It is kept beside, as C(pip.conf.before-pip-guard), until there is nothing of ours to be there.
      - Also undoes what somebody edited in files of ours.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode, and then writes nothing. An interpreter that is not there yet is a warning then.
    support: full
  diff_mode:
    description: Returns the lines of each file before and after. Of what others wrote nothing is shown.
    support: full
  platform:
    description: The operating systems that it runs on.
    support: full
    platforms: posix
requirements:
  - Linux
seealso:
  - module: netdevops.python.pyenv_install
  - module: netdevops.python.environment_audit
  - name: Externally managed environments
    description: The specification of the marker, once PEP 668.
    link: https://packaging.python.org/en/latest/specifications/externally-managed-environments/
"""

EXAMPLES = r"""
- name: Have pip refuse to install into the shared interpreters
  become: true
  netdevops.python.pip_guard:
    contact: netops@example.net

- name: The same, and pip and uv ask the internal index alone
  become: true
  netdevops.python.pip_guard:
    contact: netops@example.net
    index_url: https://pypi.example.net/simple
    cert: /etc/ssl/certs/example.pem
    uv: true

- name: Ask no index, and guard an interpreter that somebody built into /usr/local
  become: true
  netdevops.python.pip_guard:
    interpreters: [/usr/local/bin/python3.12]
    no_index: true
    notice: |
      Nothing is installed into this Python.
      Ask in the channel #netops for a tool.

- name: Leave the host as it was
  become: true
  netdevops.python.pip_guard:
    interpreters: [/usr/local/bin/python3.12]
    state: absent
"""

RETURN = r"""
interpreters:
  description: Each standard library that was looked at.
  returned: success
  type: list
  elements: dict
  contains:
    library:
      description: The folder.
      type: str
    marker:
      description: Whose the marker in it is now, or would be. V(ours), V(foreign) or V(absent).
      type: str
    pip:
      description: The version of the oldest pip beside it; empty where there is none.
      type: str
  sample:
    - {"library": "/opt/pyenv/versions/3.12.1/lib/python3.12", "marker": "ours", "pip": "23.2.1"}
pip_config:
  description: Whose O(config) is now, or would be. V(ours), V(foreign) or V(absent).
  returned: success
  type: str
  sample: ours
uv_config:
  description: The same of O(uv_config).
  returned: success
  type: str
  sample: absent
actions:
  description: The steps that were taken, or would be.
  returned: changed
  type: list
  elements: dict
  sample:
    - {"verb": "write", "subject": "/etc/pip.conf", "reason": "it is not there"}
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.guard.converge import ensure
from ansible_collections.netdevops.python.plugins.module_utils.guard.options import ARGUMENTS, asked, secrets


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = ensure(asked(module.params), check_mode=module.check_mode)
    except Refused as error:
        # A result repeats the arguments.
        module.no_log_values.update(secrets(module.params))
        module.fail_json(**error.result())
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
