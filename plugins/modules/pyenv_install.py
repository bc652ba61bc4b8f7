#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install one exact CPython with pyenv's python-build."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_install
short_description: Install an exact CPython with pyenv's python-build, offline
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Makes sure that one exact version of CPython is at RV(executable), below O(root)C(/versions/), as C(pyenv) lays it out.
  - The version is present when the interpreter itself says so. It is started, and has to report that version, to live in
    that folder, and to import O(modules). A folder that C(pyenv versions) lists and that fails this is called broken, and is built again.
  - A build uses C(python-build) of a pyenv on the host. The source archive comes from O(cache) or O(mirror).
    Its SHA-256 is checked by this module before C(python-build) sees the file.
  - C(python-build) itself never gets to a network. Programs that download are replaced by ones that refuse.
  - A build that fails or is killed never passes for an installed version. What was there before a failed build is put back.
    What a killed run left is removed by the next one.
options:
  version:
    description:
      - The exact version, such as V(3.11.7).
      - Exactly one of O(version) and O(version_file) is needed.
    type: str
  version_file:
    description:
      - A C(.python-version) file on the host, or the folder that holds one. It must hold one exact version and nothing else.
    type: path
  state:
    description:
      - Whether the version is installed.
      - With V(absent) its folder is removed. A symbolic link in its place is removed, and what it points to is left alone.
    type: str
    choices: [present, absent]
    default: present
  root:
    description:
      - The folder that holds C(versions/); what C(pyenv) calls C(PYENV_ROOT). It is created when it is missing.
      - It must belong to root or to the user that the task runs as.
    type: path
    default: /opt/pyenv
  pyenv:
    description:
      - The folder of the pyenv whose C(python-build) is used. It is only needed to build.
      - Without it, the first of O(root), C(/opt/pyenv), C(/usr/share/pyenv) and C(~/.pyenv) that knows the version is taken.
    type: path
  cache:
    description:
      - A folder on the host with source archives, such as C(Python-3.11.7.tar.xz) or C(Python-3.11.7.tgz).
      - It is asked first. It is only read. A file with a wrong digest is an error, and nothing else is tried then.
    type: path
  mirror:
    description:
      - The URL of an internal mirror. It is asked for the archive by its SHA-256, as C(pyenv) does, then by its file name.
      - The URL must hold no password.
    type: str
  sha256:
    description:
      - The SHA-256 that the source archive must have.
      - Without it, the digest in the definition of C(python-build) counts.
    type: str
  offline:
    description:
      - Whether the internet is refused. Then the archive has to be in O(cache) or at O(mirror), and the mirror must
        not send the request on to another server.
      - With V(false), an archive that neither has is fetched from where the definition of C(python-build) says.
    type: bool
    default: true
  jobs:
    description:
      - How many compilers run at once. Without it, as many as the host has processors.
    type: int
  configure_opts:
    description:
      - More options for C(configure), one word each. They count for a build; an installed version is not built again when they change.
    type: list
    elements: str
    default: []
  make_opts:
    description:
      - More options for C(make), one word each.
    type: list
    elements: str
    default: []
  modules:
    description:
      - Modules of the standard library that must import. A build needs the C headers for them.
    type: list
    elements: str
    default: [bz2, ctypes, curses, ensurepip, hashlib, lzma, readline, sqlite3, ssl, uuid, venv, zlib]
  timeout:
    description:
      - How many seconds a build may take, and how many to wait for another run that builds the same version.
      - At the limit, everything that the build started is ended.
    type: int
    default: 3600
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
  - pyenv 2.3 or newer, bash, make, a C compiler and the headers for O(modules), for a build
notes:
  - Environment variables that change a build (C(MAKEFLAGS), C(PYTHON_CONFIGURE_OPTS), C(PYTHON_BUILD_*), C(GET_PIP) and others)
    do not reach it. C(CC), C(CFLAGS), C(CPPFLAGS), C(LDFLAGS), C(CCACHE_DIR) and C(PKG_CONFIG_PATH) do; set them with C(environment) of the task.
  - The log of a failed build is kept in O(root)C(/.logs/).
seealso:
  - module: netdevops.python.wheelhouse_install
"""

EXAMPLES = r"""
- name: Install the interpreter that the project pins, from source archives on the host
  netdevops.python.pyenv_install:
    version_file: /srv/projects/bgp-linter
    root: /opt/pyenv
    cache: /srv/python-sources

- name: Install an exact version from a mirror inside the network
  netdevops.python.pyenv_install:
    version: 3.11.7
    mirror: https://mirror.example.net/pythons

- name: Build with optimizations, and allow the internet
  netdevops.python.pyenv_install:
    version: 3.13.5
    offline: false
    configure_opts: [--enable-optimizations, --with-lto]
    timeout: 7200

- name: Remove a version
  netdevops.python.pyenv_install:
    version: 3.9.18
    state: absent
"""

RETURN = r"""
version:
  description: The exact version.
  returned: success
  type: str
  sample: 3.11.7
executable:
  description: The interpreter. Empty with O(state=absent).
  returned: success
  type: str
  sample: /opt/pyenv/versions/3.11.7/bin/python
source:
  description: Where it came from, V(present), V(cache), V(mirror) or V(internet). Empty with O(state=absent).
  returned: success
  type: str
  sample: cache
archive:
  description: The source archive that a build uses.
  returned: when it is built
  type: dict
  contains:
    place:
      description: Its path or URL.
      type: str
    file:
      description: The name that C(python-build) knows it by.
      type: str
    sha256:
      description: Its digest.
      type: str
before:
  description: What was there, with C(state) being V(absent), V(present) or V(broken), and C(reason) for the last.
  returned: success
  type: dict
  sample:
    version: 3.11.7
    state: broken
    executable: /opt/pyenv/versions/3.11.7/bin/python
    reason: its build was interrupted, or is under way
after:
  description: What is there now, or would be in check mode.
  returned: success
  type: dict
  sample: {"version": "3.11.7", "state": "present", "executable": "/opt/pyenv/versions/3.11.7/bin/python"}
actions:
  description: The steps that were taken, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"verb": "build", "subject": "/opt/pyenv/versions/3.11.7", "reason": "from cache /srv/python-sources/Python-3.11.7.tar.xz"}]
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 154.2
problems:
  description: Everything that is in the way, each with C(subject), C(message) and C(next_step).
  returned: failure
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import Refused
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import MODULES, wanted

ARGUMENTS = {
    "version": {"type": "str"},
    "version_file": {"type": "path"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "root": {"type": "path", "default": "/opt/pyenv"},
    "pyenv": {"type": "path"},
    "cache": {"type": "path"},
    "mirror": {"type": "str"},
    "sha256": {"type": "str"},
    "offline": {"type": "bool", "default": True},
    "jobs": {"type": "int"},
    "configure_opts": {"type": "list", "elements": "str", "default": []},
    "make_opts": {"type": "list", "elements": "str", "default": []},
    "modules": {"type": "list", "elements": "str", "default": list(MODULES)},
    "timeout": {"type": "int", "default": 3600},
}


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = ensure(wanted(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
