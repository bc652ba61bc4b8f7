#!/usr/bin/python
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install one exact CPython: from a prebuilt archive, or with pyenv's python-build."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pyenv_install
short_description: Install an exact CPython, from a prebuilt archive or with pyenv's python-build, offline
version_added: "0.1.0"
author:
  - netdevops.python contributors (@netdevops)
description:
  - Makes sure that one exact version of CPython is at RV(executable), below O(root)C(/versions/), as C(pyenv) lays it out.
  - The version is present when two things say so. The first is the receipt that this module wrote as its last step. The second is
    the interpreter itself. It is started, and has to report that version, to live in that folder, to run with its own C(libpython),
    and to import O(modules). Its binaries must have the digests of the receipt.
  - A folder that C(pyenv versions) lists and that fails this is called broken, and is installed again. One that works and has
    no receipt is called foreign, and is refused without O(adopt). One that is not as it is asked for is called different.
  - An interpreter comes from a prebuilt archive that fits the host, which takes seconds and needs no compiler, or from a build.
    Archives are checked on the host before a byte is unpacked.
  - A build uses C(python-build) of a pyenv on the host. The source archive comes from O(cache) or O(mirror).
    Its SHA-256 is checked by this module before C(python-build) sees the file.
  - C(python-build) itself never gets to a network. Programs that download are replaced by ones that refuse.
  - An installation that fails or is killed never passes for an installed version. What was there before a failed one is put back.
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
      - With V(absent) its folder is removed. It is refused while an environment, a running process or C(pyenv global) stands on the
        version. All of them are named. O(force) removes it anyway.
      - A symbolic link in its place is removed, and what it points to is left alone.
    type: str
    choices: [present, absent]
    default: present
  root:
    description:
      - The folder that holds C(versions/); what C(pyenv) calls C(PYENV_ROOT). It is created when it is missing.
      - It must belong to root or to the user that the task runs as, and so must every folder and link above it. Nobody else may be
        able to write to them. A group may, when nobody is in it but these two, as C(staff) on a new Debian, or a user's private
        group. So may everybody in a folder with the sticky bit, such as C(/tmp).
      - The same is looked at in an installed version, and the owner that is asked for may write there as well. Looked at are its folder,
        C(bin), C(bin/python), C(bin/pythonX.Y), C(lib) and C(lib/pythonX.Y). One that others can write to is not started.
    type: path
    default: /opt/pyenv
  source:
    description:
      - Where an interpreter that is not present comes from.
      - With V(auto), from O(archive) when it is given and fits the host, else from a build. RV(actions) says then why no archive fits.
      - With V(archive) it is never built. With V(build) no archive is looked at.
    type: str
    choices: [auto, archive, build]
    default: auto
  archive:
    description:
      - A prebuilt archive, or a folder of them, on the controller. With O(remote_src=true) it is on the host.
      - Of a folder, the archive is taken that fits the version, the architecture, the C library and the libraries of the host.
        Each archive has a description beside it; M(netdevops.python.pyenv_archive) makes both.
      - An C(install_only) archive of python-build-standalone is taken without a description, when O(archive_sha256) is given.
    type: path
  archive_sha256:
    description:
      - The SHA-256 that the prebuilt archive must have. Without it, the digest in its description counts.
    type: str
  remote_src:
    description:
      - Whether O(archive) is on the host already.
    type: bool
    default: false
  pyenv:
    description:
      - The folder of the pyenv whose C(python-build) is used. It is only needed to build, and for O(rehash).
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
      - Whether the internet is refused. Then the source archive has to be in O(cache) or at O(mirror), and the mirror must
        not send the request on to another server.
      - With V(false), an archive that neither has is fetched from where the definition of C(python-build) says.
    type: bool
    default: true
  jobs:
    description:
      - How many compilers run at once. Without it, as many as the host has processors, and fewer where there is too little memory
        for so many. A number for which there is too little memory is refused.
    type: int
  configure_opts:
    description:
      - More options for C(configure), one word each.
      - When it is given, an installed version whose receipt has other options is different, and is installed again. That is refused
        while something stands on it, unless O(force) is set. Without it, an installed version is taken with the options it has.
    type: list
    elements: str
    default: []
  make_opts:
    description:
      - More options for C(make), one word each. They count for a build alone.
    type: list
    elements: str
    default: []
  patches:
    description:
      - Patch files on the host, applied to the source of CPython in this order, after those that C(python-build) has itself.
      - All of them name their files in one way, with C(a/) and C(b/) as C(git diff) does, or without.
      - Their digests are kept in the receipt. A version that was built with other patches is different, as with O(configure_opts).
    type: list
    elements: path
    default: []
  modules:
    description:
      - Modules of the standard library that must import. A build needs the C headers for them.
      - For V(hashlib), SHA-256 has to work too; for V(uuid), its part in C has to import.
      - An installed version that lacks one of them is installed again. One that it had when it was installed is damage, and is repaired.
        One that is newly asked for makes it different, and that is refused while something stands on it, unless O(force) is set.
    type: list
    elements: str
    default: [bz2, ctypes, curses, ensurepip, hashlib, lzma, readline, sqlite3, ssl, uuid, venv, zlib]
  owner:
    description:
      - The user that the interpreter's files belong to. Without it, they belong to whoever installed them.
    type: str
  group:
    description:
      - The group of the interpreter's files. Without it, the primary group of O(owner).
    type: str
  mode:
    description:
      - The permissions of the interpreter's folders and programs, in octal. Other files have them without the bits to execute.
      - Nobody but the owner may have the right to write.
    type: str
    default: "0755"
  adopt:
    description:
      - Whether an interpreter that somebody else installed here gets a receipt, when it proves itself.
    type: bool
    default: false
  force:
    description:
      - Whether the version is removed, or replaced by a different build of it, although something stands on it.
    type: bool
    default: false
  search:
    description:
      - Folders in which environments are looked for, before a version is removed or replaced. O(root) is always one of them.
      - File systems of other machines that are mounted in them are left out; name such a folder itself to have it searched. Looking
        takes about a second per 100,000 folders. Folders that the task's user cannot read are not looked at.
    type: list
    elements: path
    default: [/opt, /srv, /home, /root, /usr/local, /var/lib]
  going:
    description:
      - Environments, and C(version) files of pyenv, that are taken away as well, so that they are no reason to refuse to remove a version.
        An environment counts with all its releases. Everything else that stands on the version is refused as ever.
    type: list
    elements: path
    default: []
  global:
    description:
      - Whether C(pyenv global) is the version. This writes C(version) in O(root).
    type: bool
    default: false
  local:
    description:
      - The folder of a project whose C(.python-version) is to name the version, as C(pyenv local) does.
      - It must belong to root or to the user that the task runs as, and nobody else may be able to replace it.
    type: path
  rehash:
    description:
      - Whether pyenv's shims are kept up to date, for login shells of people that have them on PATH.
        C(pyenv rehash) is run when they are not what they should be.
    type: bool
    default: false
  prune:
    description:
      - Whether other versions below O(root) are removed when they have a receipt and nothing stands on them.
      - Versions that others installed, links, and what links in O(root)C(/versions) point to are left alone.
      - It comes last, and looks again. What came into use meanwhile, or what another run works on, stays, with a warning.
      - What a killed removal of any version left is deleted as well.
      - Folders in O(search) that the task's user may not look into, and processes of others, can stand on what goes. A warning says that there
        are such; root sees all.
    type: bool
    default: false
  keep:
    description:
      - Versions that O(prune) leaves alone, beside O(version).
    type: list
    elements: str
    default: []
  timeout:
    description:
      - How many seconds a build may take, and how many to wait for another run that installs the same version.
      - At the limit, everything that the build started is ended.
    type: int
    default: 3600
  allow_container:
    description:
      - Whether C(connection=local) is allowed inside a container. An AWX job runs in one that is thrown away when the job ends,
        and the interpreter with it.
    type: bool
    default: false
  offered:
    description:
      - Not for playbooks. The descriptions of the archives that the controller has. The action plugin gives them.
    type: list
    elements: dict
  delivery:
    description:
      - Not for playbooks. Where the action plugin put the archive that the host asked for.
    type: path
  ask:
    description:
      - Not for playbooks. Whether to answer in RV(needs) what is needed, instead of building or waiting for an archive.
    type: bool
    default: false
  lease:
    description:
      - Not for playbooks. After how many seconds a build ends when the action plugin does not ask about it any more.
        The plugin says V(300). Without it, the build ends with the connection that started it.
    type: int
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
  - A build runs apart from the connection that starts it. What stage it is in, and how much is compiled, is shown while it goes on.
    When the connection drops, it is tried again for 300 seconds, and the build goes on as long. One that nobody asked about for that time
    ends and leaves nothing. So does that of a job that was cancelled. M(netdevops.python.pyenv_progress) tells the same from a second terminal.
  - Into a pipe, C(ansible-playbook) writes in blocks; with C(PYTHONUNBUFFERED=1) in its environment, progress is seen there at once.
  - A task with C(async) of its own goes straight to the host. No archive of the controller travels then, and nothing is shown.
  - The log of a failed build is kept in O(root)C(/.logs/).
  - The receipt is C(receipt.json) in the folder of the version.
seealso:
  - module: netdevops.python.pyenv_progress
  - module: netdevops.python.wheelhouse_install
"""

EXAMPLES = r"""
- name: Install the interpreter that the project pins, from source archives on the host
  netdevops.python.pyenv_install:
    version_file: /srv/projects/bgp-linter
    root: /opt/pyenv
    cache: /srv/python-sources

- name: Install it from the prebuilt archives in a folder of the controller, or build it where none of them fits
  netdevops.python.pyenv_install:
    version: 3.11.7
    archive: files/interpreters
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

- name: Take over a version that somebody built by hand
  netdevops.python.pyenv_install:
    version: 3.12.4
    adopt: true

- name: Pin it for a project and for everybody, and remove what nothing stands on any more
  netdevops.python.pyenv_install:
    version: 3.11.7
    archive: files/interpreters
    global: true
    local: /srv/projects/bgp-linter
    prune: true
    keep: [3.9.18]

- name: Remove a version that no environment stands on
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
  description:
    - Where it comes from in this run, V(present), V(adopted), V(archive), V(cache), V(mirror) or V(internet). Empty with O(state=absent).
  returned: success
  type: str
  sample: cache
archive:
  description: The prebuilt archive.
  returned: when it is installed from one, or would be
  type: dict
  contains:
    place:
      description: Its path, or that of the folder it was found in.
      type: str
    file:
      description: Its name.
      type: str
    sha256:
      description: Its digest.
      type: str
source_archive:
  description: The source archive of CPython that a build uses.
  returned: when it is built, or would be
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
origin:
  description: What the receipt says of where it came from, with C(kind), C(place), C(sha256) and C(installed_at).
  returned: when it has a receipt
  type: dict
  sample:
    kind: cache
    place: Python-3.11.7.tar.xz
    sha256: 18e1aa7e66ff3a58423d59ed22815a6954e53342122c45df20c96877c062b9b7
    installed_at: "2026-01-05T10:11:12Z"
before:
  description:
    - What was there, with C(state) being V(absent), V(present), V(broken), V(foreign) or V(different), and C(reason) for the last three.
      Also the pins that are to change, and what is left to be removed.
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
  description:
    - The steps that were taken, or would be. The verbs are V(build), V(unpack), V(adopt), V(own), V(mode), V(set aside), V(remove),
      V(pin) and V(rehash).
  returned: success
  type: list
  elements: dict
  sample: [{"verb": "build", "subject": "/opt/pyenv/versions/3.11.7", "reason": "from cache /srv/python-sources/Python-3.11.7.tar.xz"}]
pruned:
  description: The versions that O(prune) removed, or would remove.
  returned: success
  type: list
  elements: str
  sample: [3.10.4]
needs:
  description: What the action plugin has to do next, V(archive) with a file name, or V(build) with the folder of the build.
  returned: with O(ask=true), when something is needed
  type: dict
  sample: {"build": "/opt/pyenv/.builds/3.11.7"}
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
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.arguments import ARGUMENTS
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.install import ensure
from ansible_collections.netdevops.python.plugins.module_utils.pyenv.options import wanted


def main() -> None:
    """Read the options, make it so, and tell the result."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = ensure(wanted(module.params), check_mode=module.check_mode)
    except Refused as error:
        module.fail_json(**error.result())
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
